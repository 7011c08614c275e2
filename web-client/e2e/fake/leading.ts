/** What the hub tells the leader of the village's party group, and whoever opens an invitation. */

import type {
  Candidate,
  Invitation,
  InvitationCard,
  JoinCase,
  Participation,
  RoomInfo,
  RosterLine,
} from '../../src/wire/types.ts';
import { LEADER, LI, ME, ROOM, YANG } from './people.ts';
import type { FakeSite } from './site.ts';

export const CODE = 'k3v9Qp2mXz';
const GROUP = {
  organisation: '0199c000-0000-7000-8000-000000000001',
  kind: 'party_group',
  name: '驻广东务工第三党小组',
} as const;
const DAY_MS = 24 * 3_600_000;

const later = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

export function card(state: InvitationCard['state'] = 'open'): InvitationCard {
  return {
    state,
    organisation: GROUP,
    of: '中共云禾县听澜镇落霞村第一支部委员会',
    invited_by: '李春梅',
    valid_until: later(14),
    ask: '李春梅',
  };
}

export function joining(state: JoinCase['state']): JoinCase {
  return {
    join: '0199e000-0000-7000-8000-000000000001',
    state,
    organisation: GROUP,
    person: '0199b000-0000-7000-8000-000000000009',
    name: '欧阳溪可',
    home_branch: '中共云禾县竹影街道杏汀村支部委员会',
    note: '我在东莞厚街的电子厂上班，想参加小组活动。',
    asked: '李春梅',
    submitted_at: later(-1),
    answer_by: later(7).slice(0, 10),
    inactive: false,
    ...(state === 'home' || state === 'provisional' ? { room: ROOM } : {}),
  };
}

/** The signed-in person leads the group. */
export function leads(site: FakeSite): void {
  site.hub.rooms.get(ROOM)?.leaders.add(ME);
  for (const [path, body] of Object.entries({
    [`/api/rooms/${ROOM}`]: info(),
    [`/api/rooms/${ROOM}/joins`]: { joins: [joining('submitted'), joining('provisional')] },
    [`/api/rooms/${ROOM}/invitations`]: { invitations: invitations() },
    [`/api/rooms/${ROOM}/candidates`]: { candidates: candidates() },
    [`/api/rooms/${ROOM}/participation`]: participation(),
  })) {
    site.answers.set(`GET ${path}`, body);
  }
}

export function invited(site: FakeSite, answer: InvitationCard, own?: JoinCase): void {
  site.answers.set(`GET /api/join/${CODE}`, answer);
  if (own) site.answers.set(`GET /api/join/${CODE}/case`, own);
}

function info(): RoomInfo {
  const line: Omit<RosterLine, 'person' | 'name'> = {
    role: 'member',
    state: 'home',
    posts: [],
    votes: true,
  };
  return {
    room: ROOM,
    organisation: GROUP,
    of: card().of,
    role: 'leader',
    leads: true,
    joins_waiting: 1,
    warnings: ['group_under_size'],
    members: [
      { ...line, person: ME, name: '陈建国', role: 'leader', posts: ['group_leader'] },
      { ...line, person: LEADER, name: '李春梅' },
      {
        ...line,
        person: LI,
        name: '王德明',
        state: 'provisional',
        votes: false,
        home: '杏汀村支部',
      },
      { ...line, person: YANG, name: '杨秀英' },
    ],
  };
}

function invitations(): Invitation[] {
  const one = { code: CODE, made_by: '陈建国', uses_max: 50 };
  return [
    {
      ...one,
      invitation: '0199f000-0000-7000-8000-000000000001',
      url: `https://lianxin.example.org/join/${CODE}`,
      state: 'open',
      made_at: later(-2),
      valid_until: later(12),
      uses: 3,
    },
    {
      ...one,
      invitation: '0199f000-0000-7000-8000-000000000002',
      url: 'https://lianxin.example.org/join/older',
      state: 'expired',
      made_at: later(-40),
      valid_until: later(-26),
      uses: 17,
    },
  ];
}

function candidates(): Candidate[] {
  return [
    { person: '0199b000-0000-7000-8000-000000000011', name: '司徒溪舟' },
    { person: '0199b000-0000-7000-8000-000000000012', name: '韩宁朗' },
  ];
}

function participation(): Participation {
  const on = later(-9).slice(0, 10);
  const noted_at = later(-9);
  return {
    month: later(0).slice(0, 7),
    members: [
      { person: LEADER, name: '李春梅', mobile: true, messages: 24, contacts: 0, silent: false },
      {
        person: LI,
        name: '王德明',
        mobile: true,
        messages: 3,
        contacts: 1,
        last_contact: { on, by: '陈建国', text: '电话问候，工作稳定。', noted_at },
        silent: false,
      },
      { person: YANG, name: '杨秀英', mobile: false, messages: 0, contacts: 0, silent: true },
    ],
  };
}
