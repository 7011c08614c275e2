/** The texts of the menu of a message, which is loaded when it is first opened. */

import { inLanguage } from '../../i18n/texts.ts';

const zh = {
  react: '表态',
  faces: [
    ['👍', '赞'],
    ['👏', '鼓掌'],
    ['🌹', '感谢'],
    ['✅', '收到'],
  ],
  pin: '置顶',
  unpin: '取消置顶',
  readers: '谁已读',
  readBy: (read: number, of: number) => `${of}人中有${read}人已读`,
  more: (count: number) => `还有${count}人`,
  nobody: '还没有人读到这条消息',
  openly: '所有群成员都能看到谁已读。',
  versions: '修改记录',
  now: '现在的内容',
  back: '返回',
};

const en: typeof zh = {
  react: 'React',
  faces: [
    ['👍', 'Like'],
    ['👏', 'Applause'],
    ['🌹', 'Thanks'],
    ['✅', 'Received'],
  ],
  pin: 'Pin',
  unpin: 'Unpin',
  readers: 'Who has read it',
  readBy: (read, of) => `${read} of ${of} have read it`,
  more: (count) => `and ${count} more`,
  nobody: 'Nobody has read this message yet',
  openly: 'Every member can see who has read it.',
  versions: 'Earlier versions',
  now: 'As it is now',
  back: 'Back',
};

export function menuTexts(): typeof zh {
  return inLanguage(zh, en);
}
