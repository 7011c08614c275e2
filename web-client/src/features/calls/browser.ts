/** Which browser this is, as far as the way to its settings differs. */

export type BrowserName = 'wechat' | 'iphone' | 'huawei' | 'xiaomi' | 'oppo' | 'vivo' | 'other';

const MARKS: readonly [RegExp, BrowserName][] = [
  [/MicroMessenger/i, 'wechat'],
  [/HuaweiBrowser/i, 'huawei'],
  [/MiuiBrowser/i, 'xiaomi'],
  [/HeyTapBrowser|OppoBrowser/i, 'oppo'],
  [/VivoBrowser/i, 'vivo'],
  [/iPhone|iPad/, 'iphone'],
];

export function browserOf(userAgent: string): BrowserName {
  return MARKS.find(([mark]) => mark.test(userAgent))?.[1] ?? 'other';
}
