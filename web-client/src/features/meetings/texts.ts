/** The words of meetings that members and the desk share. */

import { calendarTime, dayOf } from '../../i18n/days.ts';
import { inLanguage, t } from '../../i18n/texts.ts';

const zh = {
  kinds: {
    members_meeting: '党员大会',
    committee_meeting: '支部委员会会议',
    group_meeting: '党小组会',
    organisation_life: '组织生活会',
    theme_day: '主题党日',
    party_lesson: '党课',
  },
  states: {
    draft: '草稿',
    notified: '已通知',
    sign_in: '正在签到',
    open: '正在开会',
    adjourned: '没有开成，改期再开',
    cancelled: '已取消',
    closed: '已结束',
    minutes_draft: '正在写会议记录',
    signed: '会议记录已签字',
    archived: '已归档',
  },
  tomorrow: '明天',
  date: (year: number, month: number, day: number) => `${year}年${month}月${day}日`,
  signHere: '签名',
  expected: '应到',
  present: '实到',
  needed: '需要',
  people: (count: number) => `${count}人`,
  lamp: '到会人数',
  lamps: {
    not_needed: '本次会议不作表决，不要求到会人数',
    missing: '未达到规定人数',
    reached: '已达到规定人数',
  },
  short: { not_needed: '', missing: '未达到', reached: '已达到' },
  shortUnknown: '暂时不知道',
  unknownLamp: '暂时不知道现在的到会人数',
  lampOf: (present: number, needed: number, expected: number) =>
    `应到${expected}人，实到${present}人，需要${needed}人`,
  cutOff: (count: number) => `其中${count}人断线`,
  consulted: (count: number, present: number) =>
    `征求意见的同志${count}人，到会${present}人（另行统计）`,
  here: (count: number) => `会场共${count}人`,
  howCounted: '怎样计算',
  counted:
    '应到：有表决权、这次应当到会的同志。实到：其中已经签到、没有长时间断线的同志。需要：按规定至少要到会的人数。预备党员、列席和组织关系不在本支部的同志不计入。人数由系统随时重新计算。',
  noFormal: {
    nothing_is_decided: '主题党日和党课不作表决。',
    too_few_home_members: '组织关系在本联合支部的正式党员太少，只能征求意见，不能正式表决。',
    temporary_branch: '临时党支部不作正式表决。',
    nobody_entitled: '没有可以表决的同志，不能正式表决。',
  },
  cases: {
    ordinary: '一般决议',
    committee: '支委会决议',
    admission: '接收、转正',
    election: '选举',
  },
  outcomes: {
    passed: '通过',
    not_passed: '没有通过',
    half_exactly: '赞成刚好一半，没有通过；继续讨论，另行表决',
    no_quorum: '参加表决的人数不够，表决无效',
  },
  choices: { yes: '赞成', no: '反对', abstain: '弃权' },
  agenda: '议程',
  minutes: (count: number) => `预计${count}分钟`,
  itemNow: '正在进行',
  online: '线上',
  places: { away: '未签到', online: '已线上签到', on_site: '已现场到会', venue: '已在分会场到会' },
  unanswered: '请答复',
  comes: '参加',
  staysAway: '请假',
  time: '时间',
  place: '地点',
  venue: '分会场',
  chair: '主持人',
  actingChair: '代为主持',
  recorder: '记录人',
  closedMeeting: '本次会议只有名单内的同志知道，请不要对外转告。',
  roll: (count: number) => `会议名单（${count}人）`,
  parts: { entitled: '有表决权', consulted: '征求意见', attends: '不参加表决' },
  notCounted: {
    observer: '列席',
    probationary: '预备党员',
    rights_suspended: '暂无表决权',
    home_elsewhere: '组织关系不在本支部',
    not_of_committee: '不是支委会成员',
    exempted: '本次免于到会',
    temporary_branch: '临时党支部成员',
    nothing_is_decided: '',
  },
  late: '迟到',
  cutOffNow: '断线',
  votes: '表决',
  voteOf: (number: number) => `第${number}项表决`,
  ways: { show_of_hands: '举手表决', roll_call: '逐一点名表决' },
  formal: '正式表决',
  opinion: '征求意见',
  going: '正在表决',
  cast: (count: number) => `已表决${count}人`,
  notYet: (count: number) => `还没有表决的同志（${count}人）`,
  castBy: '表决情况',
  castLine: (name: string, choice: string) => `${name}：${choice}`,
  names: (names: readonly string[]) => names.join('、'),
  enteredBy: (name: string) => `由${name}代为登记`,
  tallyOf: (expected: number, present: number, needed: number) =>
    `应到${expected}人，实到${present}人，需要${needed}人`,
};

const en: typeof zh = {
  kinds: {
    members_meeting: 'Members’ meeting',
    committee_meeting: 'Committee meeting',
    group_meeting: 'Group meeting',
    organisation_life: 'Organisation life meeting',
    theme_day: 'Theme day',
    party_lesson: 'Lesson',
  },
  states: {
    draft: 'Draft',
    notified: 'Announced',
    sign_in: 'Signing in',
    open: 'In session',
    adjourned: 'Adjourned to another day',
    cancelled: 'Cancelled',
    closed: 'Over',
    minutes_draft: 'Minutes are being written',
    signed: 'Minutes signed',
    archived: 'Archived',
  },
  tomorrow: 'Tomorrow',
  date: (year, month, day) =>
    `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`,
  signHere: 'Signature',
  expected: 'Expected',
  present: 'Present',
  needed: 'Needed',
  people: (count) => String(count),
  lamp: 'Who is here',
  lamps: {
    not_needed: 'Nothing is decided, so no number is required',
    missing: 'Fewer than required',
    reached: 'Enough are present',
  },
  short: { not_needed: '', missing: 'too few', reached: 'enough' },
  shortUnknown: 'not known now',
  unknownLamp: 'How many are here is not known at the moment',
  lampOf: (present, needed, expected) =>
    `${expected} expected, ${present} present, ${needed} needed`,
  cutOff: (count) => `${count} of them cut off`,
  consulted: (count, present) => `Asked for an opinion: ${count}, here ${present} (counted apart)`,
  here: (count) => `${count} here in all`,
  howCounted: 'How this is counted',
  counted:
    'Expected: members with a vote who should be here. Present: those of them who signed in and are not cut off for long. Needed: the least number that the rules ask for. Probationary members, observers and members whose home is elsewhere do not count. The system counts anew all the time.',
  noFormal: {
    nothing_is_decided: 'A theme day or lesson decides nothing.',
    too_few_home_members:
      'Too few full members have their home in this joint branch: it can ask for opinions, not vote.',
    temporary_branch: 'A temporary branch does not vote.',
    nobody_entitled: 'Nobody here has a vote.',
  },
  cases: {
    ordinary: 'Resolution',
    committee: 'Resolution of the committee',
    admission: 'Admission, confirmation',
    election: 'Election',
  },
  outcomes: {
    passed: 'Passed',
    not_passed: 'Not passed',
    half_exactly: 'Exactly half: not passed. Talk on and vote another time',
    no_quorum: 'Too few took part: the vote is void',
  },
  choices: { yes: 'For', no: 'Against', abstain: 'Abstain' },
  agenda: 'Agenda',
  minutes: (count) => `about ${count} min`,
  itemNow: 'now',
  online: 'Online',
  places: {
    away: 'Not signed in',
    online: 'Here, online',
    on_site: 'Here, in the room',
    venue: 'Here, at a venue',
  },
  unanswered: 'Please answer',
  comes: 'Coming',
  staysAway: 'Not coming',
  time: 'Time',
  place: 'Place',
  venue: 'Venue',
  chair: 'Chair',
  actingChair: 'Chairs now',
  recorder: 'Recorder',
  closedMeeting: 'Only those on the list know of this meeting. Please keep it so.',
  roll: (count) => `Roll (${count})`,
  parts: { entitled: 'votes', consulted: 'asked for an opinion', attends: 'no vote' },
  notCounted: {
    observer: 'observer',
    probationary: 'probationary member',
    rights_suspended: 'rights suspended',
    home_elsewhere: 'home is elsewhere',
    not_of_committee: 'not of the committee',
    exempted: 'exempted this time',
    temporary_branch: 'of a temporary branch',
    nothing_is_decided: '',
  },
  late: 'late',
  cutOffNow: 'cut off',
  votes: 'Votes',
  voteOf: (number) => `Vote ${number}`,
  ways: { show_of_hands: 'Show of hands', roll_call: 'Roll call' },
  formal: 'Formal vote',
  opinion: 'Opinions asked',
  going: 'Voting now',
  cast: (count) => `${count} have voted`,
  notYet: (count) => `Not yet (${count})`,
  castBy: 'Who voted how',
  castLine: (name, choice) => `${name}: ${choice}`,
  names: (names) => names.join(', '),
  enteredBy: (name) => `entered by ${name}`,
  tallyOf: (expected, present, needed) =>
    `${expected} expected, ${present} present, ${needed} needed`,
};

export function texts(): typeof zh {
  return inLanguage(zh, en);
}

/** `明天 19:30`, `11月30日（周一）19:30`. */
export function when(ms: number, now: number): string {
  const { day } = t();
  const name = dayOf(ms) - dayOf(now) === 1 ? texts().tomorrow : day(ms, now);
  const close = name.endsWith('）') ? '' : ' ';
  return `${name}${close}${calendarTime(ms).clock}`;
}

/** `2026年11月30日 19:30`: as it stands in a record, whenever it is read. */
export function dated(ms: number): string {
  const { year, month, day, clock } = calendarTime(ms);
  return `${texts().date(year, month, day)} ${clock}`;
}
