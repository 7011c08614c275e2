/** The texts of the page behind an invitation. */

import { inLanguage } from '../../i18n/texts.ts';

const zh = {
  title: '加入党组织',
  invites: (name: string) => `${name} 邀请您加入`,
  until: (when: string) => `邀请有效期至 ${when}`,
  signIn: '登录后加入',
  signInHelp: '用您的手机号登录。手机号没有登记过也可以，登录时请填写姓名。',
  as: (name: string) => `您将以“${name}”的身份加入`,
  homeBranch: '您的组织关系所在党支部',
  homeBranchHint: '例如：云禾县听澜镇落霞村第一支部',
  note: '想对组长说的话（可以不填）',
  join: '加入',
  joining: '正在加入…',
  asked: '申请已发出',
  askedOf: (name: string) => `已发给${name}，请等待答复。`,
  answerBy: (when: string) => `最迟 ${when} 前答复。`,
  askedHelp: '答复后您会在“消息”里看到这个群，也可以再打开这个链接查看。',
  withdraw: '撤回申请',
  refresh: '查看最新情况',
  inside: '您已加入',
  provisional: '您的组织关系所在党支部正在确认。确认之前，您可以阅读和发言，暂不参加表决。',
  open: '进入群聊',
  states: {
    refused: '没有通过',
    withdrawn: '申请已撤回',
    ended: '您已不在这个党组织',
  },
  reason: (why: string) => `原因：${why}`,
  again: '重新申请',
  over: {
    expired: '邀请已过期',
    used_up: '邀请名额已用完',
    revoked: '邀请已被撤销',
  },
  ask: (name: string) => `请联系${name}，索取新的邀请。`,
  unknown: '没有这个邀请',
  unknownHelp: '链接可能不完整。请向邀请您的同志重新要一次链接或二维码。',
  toInbox: '回到消息',
};

const en: typeof zh = {
  title: 'Join',
  invites: (name) => `${name} invites you to join`,
  until: (when) => `This invitation is valid until ${when}`,
  signIn: 'Sign in to join',
  signInHelp:
    'Sign in with your phone number. A number that is not registered yet works too: you will be asked for your name.',
  as: (name) => `You will join as ${name}`,
  homeBranch: 'Your home branch',
  homeBranchHint: 'For example: First branch of Luoxia village, Tinglan town, Yunhe county',
  note: 'A word to the leader (optional)',
  join: 'Join',
  joining: 'Joining…',
  asked: 'Your request was sent',
  askedOf: (name) => `It was sent to ${name}. Please wait for the answer.`,
  answerBy: (when) => `You will have an answer by ${when}.`,
  askedHelp: 'The group then appears under Messages. You can also open this link again.',
  withdraw: 'Withdraw the request',
  refresh: 'See where it stands',
  inside: 'You have joined',
  provisional:
    'Your home branch is being asked. Until it agrees you can read and write, but not vote.',
  open: 'Open the chat',
  states: {
    refused: 'The request was refused',
    withdrawn: 'You withdrew the request',
    ended: 'You are no longer in this organisation',
  },
  reason: (why) => `Reason: ${why}`,
  again: 'Ask again',
  over: {
    expired: 'This invitation has expired',
    used_up: 'This invitation has been used up',
    revoked: 'This invitation was revoked',
  },
  ask: (name) => `Please ask ${name} for a new one.`,
  unknown: 'There is no such invitation',
  unknownHelp: 'The link may be incomplete. Please ask for the link or the QR code once more.',
  toInbox: 'Back to messages',
};

export function texts(): typeof zh {
  return inLanguage(zh, en);
}
