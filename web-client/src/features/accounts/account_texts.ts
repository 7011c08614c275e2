/** The texts of consent and password, which are loaded on their own. */

import { inLanguage } from '../../i18n/texts.ts';
import type { Document } from '../../wire/types.ts';

const documents: Record<Document, string> = { privacy: '隐私说明', rules: '使用规则' };

const zh = {
  documents,
  consentTitle: '使用前请阅读',
  consentText: '请阅读下面的说明。同意后才能继续使用；您可以随时在“我的”里再次查看。',
  version: (version: string) => `${version} 版`,
  agree: '同意并继续',
  agreeing: '正在保存…',
  disagree: '不同意，退出登录',
  passwordTitle: '用密码登录',
  phone: '手机号',
  password: '密码',
  signIn: '登录',
  signingIn: '正在登录…',
  byCode: '用验证码登录',
  card: '登录密码',
  cardHelp: '设置密码后，收不到短信时也能登录。',
  set: '设置或修改密码',
  present: '现在的密码（没有设置过可以不填）',
  fresh: '新密码',
  freshHint: '10至128个字符，不要使用生日、电话等容易猜到的内容',
  others: '保存后，其他设备会退出登录。',
  save: '保存密码',
  saved: '密码已保存，其他设备已退出登录。',
};

const en: typeof zh = {
  documents: { privacy: 'Privacy', rules: 'Rules of use' },
  consentTitle: 'Please read before you begin',
  consentText: 'You can go on once you agree. Both stand under Me at any time.',
  version: (version) => `Version ${version}`,
  agree: 'Agree and go on',
  agreeing: 'Saving…',
  disagree: 'I do not agree: sign out',
  passwordTitle: 'Sign in with a password',
  phone: 'Phone number',
  password: 'Password',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  byCode: 'Sign in with a code',
  card: 'Password',
  cardHelp: 'With a password you can sign in when no text message arrives.',
  set: 'Set or change the password',
  present: 'Present password (empty if there is none)',
  fresh: 'New password',
  freshHint: '10 to 128 characters; nothing that is easy to guess',
  others: 'Your other devices are signed out when it is saved.',
  save: 'Save the password',
  saved: 'The password is saved and the other devices are signed out.',
};

export function accountTexts(): typeof zh {
  return inLanguage(zh, en);
}
