import { describe, expect, it } from 'vitest';
import type { Attendee } from '../../media/media_session.ts';
import { browserOf } from './browser.ts';
import { arranged } from './layout.ts';

const show = () => () => {};

function one(person: string, more: Partial<Attendee> = {}): Attendee {
  return {
    person,
    name: person,
    me: person === 'me',
    mic: true,
    camera: false,
    speaking: false,
    weak: false,
    show: null,
    page: null,
    ...more,
  };
}

function keys(people: Attendee[], layout: Parameters<typeof arranged>[1]) {
  const { main, rest } = arranged(people, layout);
  return [main?.key ?? null, rest.map((tile) => tile.key)];
}

describe('the layout', () => {
  it('puts whoever spoke last in the middle, oneself only when alone', () => {
    expect(keys([one('me'), one('a'), one('b')], 'speaker')).toEqual(['a', ['me', 'b']]);
    expect(keys([one('me')], 'speaker')).toEqual(['me', []]);
    expect(keys([], 'speaker')).toEqual([null, []]);
  });

  it('puts a shared page before every face, but not the page that one shares oneself', () => {
    const shared = [one('me'), one('a'), one('b', { page: show })];
    expect(keys(shared, 'speaker')).toEqual(['page b', ['me', 'a', 'b']]);
    expect(keys([one('me', { page: show }), one('a')], 'speaker')).toEqual([
      'a',
      ['page me', 'me'],
    ]);
  });

  it('shows all alike in the grid, and no page where sound alone is wanted', () => {
    const people = [one('me'), one('a', { page: show })];
    expect(keys(people, 'grid')).toEqual([null, ['page a', 'me', 'a']]);
    expect(keys(people, 'audio')).toEqual([null, ['me', 'a']]);
  });
});

describe('the browser', () => {
  it('is known by its mark, so that the way to its settings can be said', () => {
    const phone = 'Mozilla/5.0 (Linux; Android 10) Mobile Safari/537.36';
    expect(browserOf(`${phone} MicroMessenger/8.0`)).toBe('wechat');
    expect(browserOf(`${phone} HuaweiBrowser/12`)).toBe('huawei');
    expect(browserOf('Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Safari')).toBe(
      'iphone',
    );
    expect(browserOf(phone)).toBe('other');
  });
});
