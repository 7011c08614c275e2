/** A members' meeting as the hub tells of it, in each of its states. */

import type {
  Meeting,
  MeetingLamp,
  MeetingOrganiser,
  MeetingState,
  MeetingSummary,
  MeetingVote,
  Minutes,
  RollLine,
} from '../../src/wire/types.ts';
import { atDesk } from './officers.ts';
import { LEADER, LI, ME, YANG } from './people.ts';
import type { FakeSite } from './site.ts';

export const MEETING = '0199f100-0000-7000-8000-000000000001';
export const VOTE = '0199f200-0000-7000-8000-000000000001';
const CLOSED_VOTE = '0199f200-0000-7000-8000-000000000002';
const BRANCH = {
  organisation: '0199c000-0000-7000-8000-000000000002',
  kind: 'branch',
  name: '中共云禾县听澜镇落霞村第一支部委员会',
} as const;
const HOUR_MS = 3_600_000;

const later = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

const LAMP: MeetingLamp = {
  state: 'reached',
  expected: 23,
  present: 19,
  connected: 17,
  needed: 12,
  consulted: 3,
  consulted_present: 2,
  here: 22,
  may_vote: true,
};

function summary(state: MeetingState): MeetingSummary {
  const over = ['closed', 'minutes_draft', 'signed', 'archived'].includes(state);
  const live = state === 'sign_in' || state === 'open';
  return {
    meeting: MEETING,
    kind: 'members_meeting',
    state,
    title: '第四季度党员大会：讨论村级道路养护方案',
    organisation: BRANCH,
    starts_at: later(over ? -50 : live ? 0.3 : 26),
    place: '村委会二楼会议室',
    closed: false,
    mine: { part: 'entitled', place: live ? 'online' : 'away' },
  };
}

function roll(): RollLine[] {
  const line: Omit<RollLine, 'person' | 'name'> = {
    part: 'entitled',
    place: 'online',
    present: true,
    connected: true,
    signed_in_at: later(-0.2),
    late: false,
  };
  return [
    { ...line, person: ME, name: '陈建国' },
    { ...line, person: LEADER, name: '李春梅', place: 'on_site' },
    { ...line, person: LI, name: '王德明', connected: false, late: true },
    {
      ...line,
      person: YANG,
      name: '杨秀英',
      part: 'consulted',
      not_counted: 'home_elsewhere',
      place: 'away',
      present: false,
      connected: false,
      signed_in_at: null,
      answer: { attends: false, reason: '当天在厂里上夜班，下班后补看会议记录。' },
    },
  ];
}

export function openVote(more: Partial<MeetingVote> = {}): MeetingVote {
  return {
    vote: VOTE,
    number: 2,
    item: 2,
    motion: '是否同意2027年村级道路养护方案，并由支部委员会组织实施？',
    way: 'show_of_hands',
    case: 'ordinary',
    formal: true,
    opened_at: later(-0.01),
    expected: 23,
    present: 19,
    needed: 12,
    votes: { yes: 9, no: 1, abstain: 0 },
    opinions: { yes: 1, no: 0, abstain: 0 },
    cast: [
      { person: LEADER, name: '李春梅', part: 'entitled', choice: 'yes' },
      { person: YANG, name: '杨秀英', part: 'consulted', choice: 'yes', entered_by: '李春梅' },
    ],
    missing: [
      { person: ME, name: '陈建国' },
      { person: LI, name: '王德明' },
    ],
    ...more,
  };
}

function closedVote(): MeetingVote {
  return openVote({
    vote: CLOSED_VOTE,
    number: 1,
    motion: '通过本次会议议程',
    closed_at: later(-0.1),
    votes: { yes: 18, no: 0, abstain: 1 },
    outcome: 'passed',
    missing: [],
    mine: 'yes',
  });
}

export function meeting(state: MeetingState, more: Partial<Meeting> = {}): Meeting {
  const live = state === 'sign_in' || state === 'open';
  return {
    summary: summary(state),
    room: MEETING,
    chair: { person: LEADER, name: '李春梅' },
    recorder: { person: LI, name: '王德明' },
    agenda: [
      { title: '通报第三季度支部工作', minutes: 15 },
      { title: '讨论村级道路养护方案并表决', minutes: 30 },
      { title: '布置下月主题党日' },
    ],
    ...(state === 'open' ? { item: 2 } : {}),
    venues: [{ name: '上坪自然村活动室', head: { person: YANG, name: '杨秀英' } }],
    notified_at: later(-80),
    sign_in_at: later(live ? -0.2 : 25.5),
    ...(state === 'open' ? { opened_at: later(-0.2) } : {}),
    lamp: LAMP,
    roll: roll(),
    votes: state === 'open' ? [closedVote(), openVote()] : [],
    beat_s: 15,
    rights: live ? ['sign_out', ...(state === 'open' ? (['vote'] as const) : [])] : ['answer'],
    ...more,
  };
}

/** The person is called to one meeting that stands so. */
export function called(site: FakeSite, one: Meeting): void {
  const past = { ...summary('archived'), meeting: '0199f100-0000-7000-8000-000000000002' };
  site.answers.set('GET /api/meetings', {
    coming: [one.summary],
    over: [{ ...past, title: '十月主题党日：集中学习', kind: 'theme_day', place: null }],
  });
  site.answers.set(`GET /api/meetings/${MEETING}`, one);
  site.answers.set(`POST /api/meetings/${MEETING}/presence`, {
    state: one.summary.state,
    lamp: one.lamp,
  });
}

/** The person is in the room of the meeting. */
export function inside(site: FakeSite, one: Meeting): void {
  called(site, one);
  site.hub.addRoom(MEETING, one.summary.title, [LEADER, ME, LI]);
  site.answers.set(`GET /api/rooms/${MEETING}/call`, {});
}

/** The person was never called to one. */
export function calledToNone(site: FakeSite): void {
  site.answers.set('GET /api/meetings', { coming: [], over: [] });
}

const PLACE: MeetingOrganiser = {
  organisation: BRANCH,
  kinds: ['members_meeting', 'committee_meeting', 'theme_day', 'organisation_life'],
  chair: { person: LEADER, name: '李春梅' },
  people: [
    { person: ME, name: '陈建国' },
    { person: LEADER, name: '李春梅' },
    { person: LI, name: '王德明' },
  ],
  notice_days: 3,
};

/** An officer at an open desk prepares or runs the meeting. */
export function atMeetingDesk(site: FakeSite, one: Meeting): void {
  atDesk(site);
  called(site, one);
  site.answers.set('GET /api/desk/meetings', { meetings: [one.summary], places: [PLACE] });
  site.answers.set(`GET /api/desk/meetings/${MEETING}`, one);
}

export function minutes(more: Partial<Minutes> = {}): Minutes {
  return {
    meeting: MEETING,
    state: 'minutes_draft',
    version: 2,
    text: `时间：2026年11月24日19时30分
地点：村委会二楼会议室，线上同步
应到23人，实到19人，李春梅主持，王德明记录。

一、通报第三季度支部工作
二、讨论村级道路养护方案
经表决，赞成18票，反对0票，弃权1票，决议通过。`,
    hash: 'c0ffee5d1f3b9a7e4c2d8b6a0f1e3d5c7b9a8e6f4d2c0b1a3958677685940312',
    written_by: { person: LI, name: '王德明' },
    written_at: later(-20),
    signatures: [
      { role: 'chair', person: LEADER, name: '李春梅', at: later(-10), hash: 'c0ffee5d1f3b9a7e' },
    ],
    log: [
      { at: later(-50), text: '开始签到' },
      { at: later(-49), text: '李春梅宣布开会，应到23人，实到19人' },
      { at: later(-48), text: '李春梅宣布散会' },
    ],
    audit_code: '3f9a1c7e5b2d8046',
    rights: ['read_minutes', 'write_minutes', 'sign_minutes'],
    ...more,
  };
}

export function withMinutes(site: FakeSite, one: Minutes): void {
  called(site, meeting(one.state, { rights: ['read_minutes'] }));
  site.answers.set(`GET /api/meetings/${MEETING}/minutes`, one);
}
