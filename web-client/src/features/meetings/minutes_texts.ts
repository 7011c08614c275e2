/** The words of the minutes. */

import { inLanguage } from '../../i18n/texts.ts';

const zh = {
  title: '会议记录',
  notYet: '还没有会议记录',
  notYetHelp: '会议结束后，记录人整理会议记录，签字后可以在这里查看。',
  draft: '系统根据会议过程生成的初稿，还没有人整理。',
  version: (number: number, name: string, when: string) => `第${number}版 · ${name} · ${when}`,
  edit: '整理会议记录',
  text: '会议记录正文',
  textHint: '可以修改和补充。保存后，之前的签字作废，需要重新签字。请勿填写涉密内容。',
  save: '保存为新版本',
  cancel: '不改了',
  conflict: '别人刚刚保存了新的版本。您写的内容还在输入框里，请先看看最新版本再保存。',
  latest: '查看最新版本',
  sign: '签字',
  signTitle: '在会议记录上签字？',
  signText: (version: number) =>
    `您确认第${version}版会议记录与会议实际一致。签字后不能撤回；正文改动后需要重新签字。`,
  code: '内容校验码',
  signatures: '签字',
  roles: { chair: '主持人', recorder: '记录人' },
  unsigned: '未签字',
  signedAt: (name: string, when: string) => `${name} · ${when}`,
  returned: (reason: string) => `上级已退回，原因：${reason}`,
  log: '会议过程',
  audit: '存证码',
  print: '打印会议记录',
  signLine: '签名：',
  takeNote: '归档',
  takeNoteText: '归档后会议记录不能再改动。',
  giveBack: '退回修改',
  giveBackText: '退回后，主持人和记录人会收到原因，原签字作废。',
  reason: '原因',
  archived: '已归档，只能查看，不能改动。',
};

const en: typeof zh = {
  title: 'Minutes',
  notYet: 'There are no minutes yet',
  notYetHelp: 'After the meeting the recorder writes them; once signed they stand here.',
  draft: 'A first draft made from the course of the meeting; nobody has edited it yet.',
  version: (number, name, when) => `Version ${number} · ${name} · ${when}`,
  edit: 'Edit the minutes',
  text: 'Text of the minutes',
  textHint:
    'Change and add what is needed. Saving voids earlier signatures. Nothing secret belongs here.',
  save: 'Save as a new version',
  cancel: 'Leave it',
  conflict:
    'Somebody saved a newer version meanwhile. Your text is still in the field; look at the newest version first.',
  latest: 'See the newest version',
  sign: 'Sign',
  signTitle: 'Sign the minutes?',
  signText: (version) =>
    `You confirm that version ${version} says what happened. A signature cannot be taken back; a changed text must be signed anew.`,
  code: 'Check code of the text',
  signatures: 'Signatures',
  roles: { chair: 'Chair', recorder: 'Recorder' },
  unsigned: 'not signed yet',
  signedAt: (name, when) => `${name} · ${when}`,
  returned: (reason) => `Sent back by the superior: ${reason}`,
  log: 'Course of the meeting',
  audit: 'Audit code',
  print: 'Print the minutes',
  signLine: 'Signature:',
  takeNote: 'Archive',
  takeNoteText: 'Afterwards nothing can be changed any more.',
  giveBack: 'Send back',
  giveBackText: 'Chair and recorder are told why; their signatures are void.',
  reason: 'Reason',
  archived: 'Archived: to be read only.',
};

export function minutesTexts(): typeof zh {
  return inLanguage(zh, en);
}
