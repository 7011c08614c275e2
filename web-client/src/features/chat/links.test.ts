import { describe, expect, it } from 'vitest';
import { partsOf } from './links.ts';

describe('addresses in a message', () => {
  it('are found between Chinese characters and full-width signs', () => {
    expect(partsOf('见 https://example.cn/a?b=1,谢谢')).toEqual([
      { text: '见 ' },
      { link: 'https://example.cn/a?b=1' },
      { text: ',谢谢' },
    ]);
  });

  it('end before the full stop', () => {
    expect(partsOf('http://example.cn/x.')).toEqual([
      { link: 'http://example.cn/x' },
      { text: '.' },
    ]);
  });

  it('are only those of the web', () => {
    expect(partsOf('javascript:alert(1) ftp://x')).toEqual([
      { text: 'javascript:alert(1) ftp://x' },
    ]);
  });

  it('leave a text without any as it is', () => {
    expect(partsOf('收到')).toEqual([{ text: '收到' }]);
    expect(partsOf('')).toEqual([]);
  });

  it('come apart from called names', () => {
    expect(partsOf('请@李春梅 看 http://a.cn', ['李春梅'])).toEqual([
      { text: '请' },
      { name: '@李春梅' },
      { text: ' 看 ' },
      { link: 'http://a.cn' },
    ]);
  });
});
