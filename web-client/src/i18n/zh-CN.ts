/** The texts of the product in Chinese: the catalogue that every other language must match. */

import type { RefusalCode, RoomKind } from '../wire/types.ts';
import { calendarTime, dayOf } from './days.ts';

const WEEKDAYS = '日一二三四五六';

/** `今天`, `昨天`, `11月30日（周一）`, `2025年11月30日`. */
function day(ms: number, now: number): string {
  const then = calendarTime(ms);
  const ago = dayOf(now) - dayOf(ms);
  if (ago === 0) return '今天';
  if (ago === 1) return '昨天';
  const date = `${then.month}月${then.day}日`;
  if (then.year !== calendarTime(now).year) return `${then.year}年${date}`;
  return `${date}（周${WEEKDAYS.charAt(then.weekday)}）`;
}

const refusals: Record<RefusalCode, string> = {
  invalid_input: '填写的内容有误，请检查后再试。',
  sign_in_required: '登录已过期，请重新登录。',
  not_allowed: '您没有进行此操作的权限。如有疑问，请联系党小组组长。',
  not_found: '没有找到这项内容，可能已被移走。',
  conflict: '内容刚刚有变动，请刷新后再试。',
  too_large: '内容太大，请缩短后再试。',
  too_many_requests: '操作过于频繁，请稍等片刻再试。',
  unavailable: '服务暂时不可用，请稍后再试。',
  unknown_method: '页面版本过旧，请刷新页面后再试。',
  not_offered: '本系统没有开通此项功能。',
  code_wrong: '验证码不正确或已过期，请核对后重新输入。',
  phone_invalid: '手机号不正确，请输入11位手机号。',
  second_factor_required: '需要再验证一次身份。',
  account_disabled: '账号已停用，请联系您所在党支部。',
  text_empty: '请先输入内容。',
  text_too_long: '内容超过4000字，请分几次发送。',
  too_late: '已超过可以更改的时间。',
  message_gone: '这条消息已被撤回。',
  invitation_invalid: '邀请已失效，请向邀请人索取新的链接。',
};

const kinds: Record<RoomKind, string> = {
  party_group: '党小组',
  branch: '党支部',
  joint_branch: '联合党支部',
  inbox: '通知',
};

const kindMarks: Record<RoomKind, string> = {
  party_group: '组',
  branch: '支',
  joint_branch: '联',
  inbox: '知',
};

export const zhCN = {
  locale: 'zh-CN',
  product: '连心',
  tagline: '流动党员线上党小组',
  day,
  clock: (ms: number) => calendarTime(ms).clock,
  /** Day and clock time of a line of a list, as short as it can be said. */
  moment: (ms: number, now: number) =>
    dayOf(ms) === dayOf(now) ? calendarTime(ms).clock : day(ms, now).replace(/（.*）/, ''),
  common: {
    back: '返回',
    menu: '菜单',
    close: '关闭',
    cancel: '取消',
    retry: '重试',
    refresh: '刷新',
    loading: '正在加载…',
    unknown: '—',
    lost: '没有连上服务器，请检查网络后再试。',
    skip: '跳到正文',
    errorTitle: '没有加载成功',
    errorHelp: '请检查网络后重试。仍不成功时，请把下面的代码告诉党小组组长。',
    code: (code: string) => `代码 ${code}`,
    savedAt: (when: string) => `离线内容 · 保存于 ${when}`,
  },
  tabs: { label: '主导航', inbox: '消息', me: '我的' },
  strip: {
    connecting: '正在连接…',
    offline: (waiting: number) =>
      waiting > 0
        ? `已离线 · 可阅读，发出的内容会在联网后自动发送（${waiting}条待发）`
        : '已离线 · 可阅读，发出的内容会在联网后自动发送',
    stale: (when: string) => `数据更新于 ${when}`,
    readonly: '系统维护中，暂不能发送',
    ended: '与服务器的连接已断开',
    reconnect: '重新连接',
  },
  home: {
    title: '首页',
    doors: '入口',
    member: '党员登录',
    memberHint: '用手机号和验证码登录，进入所在党小组',
    help: '使用帮助',
    helpHint: '怎样登录、怎样看消息、怎样调大字体',
    privacy: '隐私说明',
    rules: '使用规则',
  },
  signIn: {
    title: '党员登录',
    phone: '手机号',
    phoneHint: '请输入组织登记的11位手机号',
    ask: '获取验证码',
    asking: '正在发送…',
    note: '手机号有变动或尚未登记，请联系党小组组长或党支部书记。',
    code: '验证码',
    sentSms: (masked: string) => `如果 ${masked} 已登记，验证码短信会发到这个号码。`,
    sentCall: (masked: string) => `如果 ${masked} 已登记，您会接到电话，电话里会读出验证码。`,
    codeHint: '6位数字，5分钟内有效',
    submit: '登录',
    submitting: '正在登录…',
    resend: '重新发送验证码',
    resendIn: (seconds: number) => `重新发送（${seconds}秒后）`,
    call: '收不到？打电话告诉我',
    callIn: (seconds: number) => `打电话告诉我（${seconds}秒后）`,
    other: '换一个手机号',
    again: '请再输入一次手机号，以便重新发送。',
    ended: {
      expired: '登录已过期，请重新登录。未发出的消息还在，登录后会继续发送。',
      revoked: '您已在另一台设备上退出了本机的登录，本机保存的内容已清除。',
    },
    agree: '登录即表示您已阅读',
    and: '和',
  },
  inbox: {
    title: '消息',
    empty: '您还没有加入党小组',
    emptyHelp: '请联系党小组组长，请他把您加入名册。',
    unread: (count: number) => `${count}条未读`,
    many: '99+',
    noMessage: '还没有消息',
    withdrawn: '消息已撤回',
    lastLine: (name: string, text: string) => `${name}：${text}`,
    mentioned: '有人提到您',
    pick: '请在左侧选择一个党小组',
    you: '我',
    members: (count: number) => `${count}人`,
    kinds,
    kindMarks,
  },
  room: {
    log: '消息记录',
    empty: '还没有消息，先打个招呼',
    older: '更早的消息',
    start: '以上没有更早的消息',
    unreadLine: '以下是新消息',
    gap: (missing: number | null) =>
      missing === null ? '中间有未读取的消息 点此加载' : `中间有${missing}条未读取 点此加载`,
    below: (count: number) => `${count}条新消息`,
    latest: '回到最新',
    announce: (count: number) => `新消息${count}条`,
    announceOne: (name: string, text: string) => `${name}：${text}`,
    leader: '组长',
    chair: '书记',
    edited: '已修改',
    withdrawn: '消息已撤回',
    hidden: '消息已被隐藏',
    joined: (name: string) => `${name} 加入了本群`,
    left: (name: string) => `${name} 离开了本群`,
    retitled: (title: string) => `群名称改为“${title}”`,
    quoteElsewhere: '查看被回复的消息',
    quoteGone: '被回复的消息已撤回',
    someone: '成员',
    write: '输入消息',
    send: '发送',
    replyTo: (name: string) => `回复 ${name}`,
    cancelReply: '不再回复',
    states: { queued: '待发送', sending: '发送中', sent: '', failed: '未发出' },
    resend: '点此重发',
    discard: '删除',
    mention: (name: string) => `提到 ${name}`,
    offered: '可以提到的成员',
    failedExpired: '超过7天没有联网，未发出',
    failedNotStored: '本机存储空间不足，未发出',
    actions: '消息操作',
    copy: '复制',
    copied: '已复制',
    copyFailed: '没有复制成功，请长按文字复制。',
    reply: '回复',
    edit: '修改',
    editing: '修改消息',
    cancelEdit: '不修改了',
    save: '保存修改',
    withdraw: '撤回',
    changeFailed: '没有成功，请检查网络后再试。',
    denied: '您不在这个群里',
    deniedHelp: '只有本群成员可以查看。如需加入，请联系党小组组长。',
    toInbox: '回到消息',
    longerThan: (max: number) => `内容超过${max}字，请分几次发送。`,
  },
  info: {
    title: '群成员',
    members: (count: number) => `群成员（${count}人）`,
    you: '（我）',
  },
  me: {
    title: '我的',
    identity: '身份',
    phone: '手机号',
    look: '显示',
    size: '字体大小',
    sizes: { std: '标准', lg: '大', xl: '特大', xxl: '超大' },
    bigger: '大字',
    biggerLabel: '长辈版大字',
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
    about: '帮助与说明',
    signOut: '退出登录',
    signOutTitle: '退出登录？',
    signOutText: '退出后，本机保存的消息会被清除，再次登录后可重新查看。',
    signOutWaiting: (count: number) => `还有${count}条消息没有发出，退出后将不再发送。`,
  },
  pages: {
    help: '使用帮助',
    privacy: '隐私说明',
    rules: '使用规则',
    notFound: '没有这个页面',
    notFoundHelp: '网址可能不完整，或页面已移走。',
    toHome: '回到首页',
  },
  refusals,
};

export type Texts = typeof zhCN;
