import { describe, expect, it } from 'vitest';
import type { RoomMember } from '../../wire/types.ts';
import { mentionsIn, offered, withName } from './mentions.ts';

const members: RoomMember[] = [
  { person: 'li', name: '李春梅', role: 'leader' },
  { person: 'wang', name: '王德', role: 'member' },
  { person: 'wangming', name: '王德明', role: 'member' },
  { person: 'me', name: '陈建国', role: 'member' },
];

describe('members called by name', () => {
  it.each([
    ['请@李春梅 看一下', ['li']],
    ['@王德明 收到', ['wangming']],
    ['@王德 和 @王德明 都来', ['wang', 'wangming']],
    ['李春梅 没有被提到', []],
    ['邮箱 a@b.cn', []],
  ])('are found in %j', (text, people) => {
    expect(mentionsIn(text, members)).toEqual(people);
  });

  it('are offered while a name is typed, without oneself', () => {
    expect(offered('请@', members, 'me')?.map((m) => m.person)).toEqual(['li', 'wang', 'wangming']);
    expect(offered('请@王', members, 'me')?.map((m) => m.person)).toEqual(['wang', 'wangming']);
    expect(offered('请@赵', members, 'me')).toEqual([]);
    expect(offered('请@李春梅 看', members, 'me')).toBeNull();
    expect(offered('没有', members, 'me')).toBeNull();
  });

  it('stand in place of what was typed', () => {
    expect(withName('请@王', '看', '王德明')).toBe('请@王德明 看');
  });
});
