/** The texts in the language of choice; components that call `t()` follow a change. */

import { signal } from '@preact/signals';
import { type Texts, zhCN } from './zh-CN.ts';

export type Language = 'zh-CN' | 'en';

const current = signal<Texts>(zhCN);

export function t(): Texts {
  return current.value;
}

/** Change the language; English comes as a part of its own. */
export async function speak(language: Language): Promise<void> {
  const texts = language === 'en' ? (await import('./en.ts')).en : zhCN;
  current.value = texts;
  document.documentElement.lang = texts.locale;
}

/** The texts of a part that is loaded on its own, in the language of choice. */
export function inLanguage<T>(zh: T, en: T): T {
  return t().locale === 'en' ? en : zh;
}
