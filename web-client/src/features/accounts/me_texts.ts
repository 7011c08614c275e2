/** The texts of the pages about oneself, loaded with them. */

import { inLanguage } from '../../i18n/texts.ts';

const zh = {
  identity: '身份',
  phone: '手机号',
  look: '显示',
  theme: '颜色',
  themes: { auto: '跟随手机', light: '浅色', dark: '深色', contrast: '高对比' },
  language: '语言',
  languages: { auto: '跟随手机', 'zh-CN': '中文', en: 'English' },
  devices: '已登录的设备',
  thisDevice: '本机',
  unnamedDevice: '未命名的设备',
  lastSeen: (when: string) => `最近使用 ${when}`,
  revoke: '退出该设备',
  revokeTitle: '退出该设备？',
  revokeText: (name: string) => `“${name}”将立即退出登录，需要重新验证才能再次使用。`,
  presence: '在线状态',
  presenceShown: '让同组同志看到我在线',
  presenceNames: { shown: '可以看到', hidden: '不让看到' },
  presenceHelp: '关闭后，群里的在线人数不再包括您。谁已读不受影响。',
  presenceFailed: '没有成功，请检查网络后再试。',
  about: '帮助与说明',
  signOut: '退出登录',
  signOutTitle: '退出登录？',
  signOutText: '退出后，本机保存的消息会被清除，再次登录后可重新查看。',
  signOutWaiting: (count: number) => `还有${count}条消息没有发出，退出后将不再发送。`,
};

const en: typeof zh = {
  identity: 'Identity',
  phone: 'Phone number',
  look: 'Display',
  theme: 'Colours',
  themes: { auto: 'As the phone', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
  language: 'Language',
  languages: { auto: 'As the phone', 'zh-CN': '中文', en: 'English' },
  devices: 'Signed-in devices',
  thisDevice: 'This device',
  unnamedDevice: 'Unnamed device',
  lastSeen: (when) => `Last used ${when}`,
  revoke: 'Sign it out',
  revokeTitle: 'Sign this device out?',
  revokeText: (name) => `“${name}” is signed out at once and needs a new code to be used again.`,
  presence: 'Being seen',
  presenceShown: 'Members of my groups see that I am online',
  presenceNames: { shown: 'Yes', hidden: 'No' },
  presenceHelp: 'Without it the count of members online leaves you out. Who has read is unchanged.',
  presenceFailed: 'That did not work. Check the network and try again.',
  about: 'Help and information',
  signOut: 'Sign out',
  signOutTitle: 'Sign out?',
  signOutText:
    'Messages saved on this device are deleted. You can read them again after signing in.',
  signOutWaiting: (count) =>
    `Messages not sent yet: ${count}. They will not be sent after you sign out.`,
};

export const meTexts = () => inLanguage(zh, en);
