import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  cookieOf,
  type Device,
  LANGUAGES,
  languageOf,
  lookFrom,
  SIZES,
  THEMES,
  themeOf,
} from './look.ts';

const early = readFileSync(new URL('../../public/early.js', import.meta.url), 'utf8');

/** What `early.js` writes on the document. */
function earlyLook(stored: string | null, device: Device): Record<string, string> {
  const set: Record<string, string> = {};
  const window = {
    matchMedia: (query: string) => ({
      matches: query.includes('dark') ? device.dark : device.contrast,
    }),
  };
  runInNewContext(early, {
    window,
    document: {
      documentElement: { setAttribute: (name: string, value: string) => (set[name] = value) },
      addEventListener() {},
      createElement: () => ({ noModule: false }),
    },
    localStorage: { getItem: () => stored },
    navigator: { languages: device.languages },
    location: { pathname: '/inbox', hash: '' },
  });
  return set;
}

const devices: Device[] = [];
for (const dark of [false, true]) {
  for (const contrast of [false, true]) {
    for (const languages of [['zh-CN'], ['en-US', 'zh'], ['fr', 'zh-TW', 'en'], ['de'], []]) {
      devices.push({ dark, contrast, languages });
    }
  }
}

describe('look', () => {
  it('is the same before the first paint and after', () => {
    const records = [null, '', '{', 'null', '{"size":"huge","theme":1}'];
    for (const size of SIZES) {
      for (const theme of THEMES) {
        for (const language of LANGUAGES) records.push(JSON.stringify({ size, theme, language }));
      }
    }
    for (const record of records) {
      const look = lookFrom(record);
      for (const device of devices) {
        expect(earlyLook(record, device), `${record} ${JSON.stringify(device)}`).toEqual({
          'data-size': look.size,
          'data-theme': themeOf(look.theme, device),
          lang: languageOf(look.language, device),
        });
      }
    }
  });

  it('speaks Chinese unless English is wanted first', () => {
    const device = { dark: false, contrast: false, languages: ['fr-FR', 'en-GB', 'zh-CN'] };
    expect(languageOf('auto', device)).toBe('en');
    expect(languageOf('zh-CN', device)).toBe('zh-CN');
    expect(languageOf('auto', { ...device, languages: ['ja'] })).toBe('zh-CN');
  });
});

describe('the look of the pages that the hub draws', () => {
  it('is told as they read it', () => {
    const device = { dark: true, contrast: false, languages: ['en-GB', 'zh-CN'] };
    const cookie = cookieOf({ size: 'xxl', theme: 'auto', language: 'auto' }, device);
    expect(cookie).toMatch(/^lianxin-look=en\.xxl\.dark; Path=\/; /);
  });
});
