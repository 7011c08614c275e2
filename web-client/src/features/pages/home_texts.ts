/** The texts of the first page. */

import { inLanguage } from '../../i18n/texts.ts';

const zh = {
  title: '首页',
  doors: '入口',
  member: '党员登录',
  memberHint: '用手机号和验证码登录，进入所在党小组',
  board: '留言板',
  boardHint: '提问题、提建议，查看办理进度；不登录也能看',
  delegates: '找党代表',
  delegatesHint: '一件事写给一位代表，直到有结果；只有您和代表看得到',
  help: '使用帮助',
  helpHint: '怎样登录、怎样看消息、怎样调大字体',
};

const en: typeof zh = {
  title: 'Home',
  doors: 'Entrances',
  member: 'Member sign-in',
  memberHint: 'Sign in with your phone number and a code to enter your party group',
  board: 'Message board',
  boardHint: 'Ask, suggest and follow the answer; reading needs no sign-in',
  delegates: 'Delegates',
  delegatesHint: 'One matter with one delegate until it is settled; only the two of you read it',
  help: 'Help',
  helpHint: 'How to sign in, read messages and enlarge the text',
};

export const homeTexts = () => inLanguage(zh, en);
