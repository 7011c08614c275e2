/** The texts of the officers' desk. */

import { inLanguage } from '../../i18n/texts.ts';
import type { JoinState } from '../../wire/types.ts';

const states: Record<JoinState, string> = {
  submitted: '待组长答复',
  provisional: '待本支部确认',
  participating: '已确认',
  home: '组织关系在此',
  refused: '没有通过',
  withdrawn: '本人撤回',
  ended: '已结束',
};

const zh = {
  title: '工作台',
  lock: '打开工作台',
  lockHelp: '工作台涉及党员信息，需要再验证一次身份。30分钟不使用会自动关闭。',
  code: '动态验证码',
  codeHint: '打开手机上的验证器应用，输入显示的6位数字',
  open: '打开',
  opening: '正在验证…',
  setUp: '先绑定验证器',
  setUpHelp:
    '在手机上安装任意一个动态验证码应用，扫描二维码（或手动输入密钥），再输入它显示的6位数字。',
  begin: '开始绑定',
  qr: '绑定用的二维码',
  secret: '密钥',
  confirm: '完成绑定',
  fresh: '距离上次登录已超过10分钟，请退出后用短信验证码重新登录，再来绑定。',
  none: '您没有需要使用工作台的职务',
  openUntil: (when: string) => `${when} 前有效，继续使用会自动延长`,
  close: '关闭工作台',
  tasks: '待办',
  joins: '流动党员参加确认',
  noJoins: '没有待确认的事项',
  takesPart: (organisation: string) => `申请参加 ${organisation}`,
  answerBy: (when: string) => `请在 ${when} 前答复`,
  states,
  confirmJoin: '确认',
  refuseJoin: '不同意',
  refuseTitle: (name: string) => `不同意${name}参加？`,
  refuseText: '原因会告诉本人和对方组长，参加随即结束。',
  reason: '原因',
  admin: '系统管理',
};

const en: typeof zh = {
  title: 'Desk',
  lock: 'Open the desk',
  lockHelp:
    'The desk shows members’ data, so your identity is checked once more. It closes after 30 minutes without use.',
  code: 'Code of your authenticator',
  codeHint: 'Open the authenticator application on your phone and enter its 6 digits',
  open: 'Open',
  opening: 'Checking…',
  setUp: 'Set up an authenticator first',
  setUpHelp:
    'Install any authenticator application on your phone, scan the QR code (or type the key), then enter the 6 digits it shows.',
  begin: 'Set it up',
  qr: 'QR code for setting it up',
  secret: 'Key',
  confirm: 'Finish',
  fresh:
    'You signed in more than 10 minutes ago. Please sign out, sign in again by text message, and come back.',
  none: 'You hold no post that needs the desk',
  openUntil: (when) => `Open until ${when}; using it extends the time`,
  close: 'Close the desk',
  tasks: 'To do',
  joins: 'Members who take part elsewhere',
  noJoins: 'Nothing to confirm',
  takesPart: (organisation) => `wants to take part in ${organisation}`,
  answerBy: (when) => `Please answer by ${when}`,
  states: {
    submitted: 'The leader was asked',
    provisional: 'Waits for this branch',
    participating: 'Confirmed',
    home: 'Home is here',
    refused: 'Refused',
    withdrawn: 'Withdrawn',
    ended: 'Ended',
  },
  confirmJoin: 'Confirm',
  refuseJoin: 'Refuse',
  refuseTitle: (name) => `Refuse ${name}?`,
  refuseText: 'The member and the leader there are told the reason; the participation ends.',
  reason: 'Reason',
  admin: 'Administration',
};

export function texts(): typeof zh {
  return inLanguage(zh, en);
}
