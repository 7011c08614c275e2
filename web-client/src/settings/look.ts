/**
 * Text size, colours and language of this device. `public/early.js` reads the same record before
 * the first paint; a test keeps the two equal.
 */

import { effect, signal } from '@preact/signals';
import { type Language, speak } from '../i18n/texts.ts';

export const SIZES = ['std', 'lg', 'xl', 'xxl'] as const;
export const THEMES = ['auto', 'light', 'dark', 'contrast'] as const;
export const LANGUAGES = ['auto', 'zh-CN', 'en'] as const;

type Size = (typeof SIZES)[number];
export type Theme = (typeof THEMES)[number];
export type LanguageChoice = (typeof LANGUAGES)[number];

export interface Look {
  size: Size;
  theme: Theme;
  language: LanguageChoice;
}

/** What the device itself prefers. */
export interface Device {
  dark: boolean;
  contrast: boolean;
  languages: readonly string[];
}

const LOOK_KEY = 'lianxin.look';

export const look = signal<Look>({ size: 'std', theme: 'auto', language: 'auto' });

/** The record behind `stored`; anything unknown in it falls back. */
export function lookFrom(stored: string | null): Look {
  let record: Partial<Record<keyof Look, unknown>> = {};
  try {
    record = JSON.parse(stored ?? '{}') ?? {};
  } catch {
    // A broken record means the defaults.
  }
  return {
    size: SIZES.find((size) => size === record.size) ?? 'std',
    theme: THEMES.find((theme) => theme === record.theme) ?? 'auto',
    language: LANGUAGES.find((language) => language === record.language) ?? 'auto',
  };
}

export function themeOf(theme: Theme, device: Device): Exclude<Theme, 'auto'> {
  if (theme !== 'auto') return theme;
  if (device.contrast) return 'contrast';
  return device.dark ? 'dark' : 'light';
}

/** Chinese, unless English was chosen or stands before Chinese in the device's list. */
export function languageOf(choice: LanguageChoice, device: Device): Language {
  if (choice !== 'auto') return choice;
  const first = device.languages.find((language) => /^(zh|en)\b/i.test(language));
  return first && /^en/i.test(first) ? 'en' : 'zh-CN';
}

/** What the pages that the hub draws read: `hub/src/features/boards/pages/layout.rs`. */
export function cookieOf({ size, theme, language }: Look, device: Device): string {
  const word = languageOf(language, device) === 'en' ? 'en' : 'zh';
  const value = `${word}.${size}.${themeOf(theme, device)}`;
  return `lianxin-look=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
}

export function changeLook(change: Partial<Look>): void {
  look.value = { ...look.peek(), ...change };
}

/** The switch for older readers: two steps up, and back. */
export function toggleBigger(): void {
  changeLook({ size: look.peek().size === 'std' ? 'xl' : 'std' });
}

/** Apply the look to the document from now on and keep it on the device. */
export function startLook(): void {
  look.value = lookFrom(read());
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contrast = matchMedia('(prefers-contrast: more)');
  const device = signal<Device>(deviceNow(dark, contrast));
  const changed = () => {
    device.value = deviceNow(dark, contrast);
  };
  // Safari 13 has only the older form.
  for (const query of [dark, contrast]) query.addListener?.(changed);
  let chosen = false;
  effect(() => {
    const { size, theme, language } = look.value;
    const root = document.documentElement;
    root.dataset.size = size;
    root.dataset.theme = themeOf(theme, device.value);
    write(JSON.stringify(look.value));
    void speak(languageOf(language, device.value));
    // Somebody who has chosen nothing here may have done so on the board.
    // biome-ignore lint/suspicious/noDocumentCookie: old browsers have no other way
    if (chosen) document.cookie = cookieOf(look.value, device.value);
    chosen = true;
  });
}

function deviceNow(dark: MediaQueryList, contrast: MediaQueryList): Device {
  return {
    dark: dark.matches,
    contrast: contrast.matches,
    languages: navigator.languages ?? [navigator.language],
  };
}

function read(): string | null {
  try {
    return localStorage.getItem(LOOK_KEY);
  } catch {
    return null;
  }
}

function write(record: string): void {
  try {
    localStorage.setItem(LOOK_KEY, record);
  } catch {
    // Storage is off: the look lasts as long as the page.
  }
}
