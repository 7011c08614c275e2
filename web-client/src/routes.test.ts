import { describe, expect, it } from 'vitest';
import { invitationIn, returnPath, urls } from './routes.ts';

describe('the way back after sign-in', () => {
  it('leads to the page that was asked for', () => {
    const url = urls.signInFor('/r/abc?x=1');
    expect(returnPath(url.slice(url.indexOf('?')))).toBe('/r/abc?x=1');
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:x', ''])(
    'never leaves the site for %j',
    (to) => {
      expect(returnPath(`?to=${encodeURIComponent(to)}`)).toBe('/inbox');
    },
  );
});

describe('the address to come back to', () => {
  it('names an invitation or none', () => {
    expect(invitationIn('/join/Ab-1_c')).toBe('Ab-1_c');
    expect(invitationIn('/r/1')).toBe(null);
    expect(invitationIn('/join/a/b')).toBe(null);
  });
});
