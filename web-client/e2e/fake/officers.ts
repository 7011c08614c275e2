/** What the hub tells an administrator at an open desk, and an officer at a closed one. */

import type {
  Desk,
  Health,
  MemberRow,
  OrganisationList,
  OrganisationPage,
  OrganisationRow,
  Policy,
} from '../../src/wire/types.ts';
import { joining } from './leading.ts';
import type { FakeSite } from './site.ts';

export const BRANCH_ID = '0199c000-0000-7000-8000-000000000002';
const COMMITTEE = {
  organisation: '0199c000-0000-7000-8000-000000000001',
  kind: 'grassroots_committee',
  name: '中共云禾县听澜镇委员会',
} as const;

const BRANCH: OrganisationRow = {
  organisation: BRANCH_ID,
  kind: 'branch',
  name: '中共云禾县听澜镇落霞村第一支部委员会',
  code: '999001002003',
  parent: COMMITTEE.organisation,
  children: 2,
  members: 23,
  participating: 1,
  head: '林禾川',
};

function desk(open: boolean): Desk {
  const soon = new Date(Date.now() + 1_800_000).toISOString();
  return {
    needed: true,
    has_second_factor: true,
    administrator: true,
    ...(open ? { open_until: soon, proven_until: soon } : {}),
  };
}

/** The officer's second factor is asked for. */
export function atClosedDesk(site: FakeSite): void {
  Object.assign(site.me, { has_desk: true, administrator: true });
  site.answers.set('GET /api/desk', desk(false));
}

/** The officer has no second factor yet. */
export function withoutFactor(site: FakeSite): void {
  site.answers.set('GET /api/desk', { ...desk(false), has_second_factor: false });
  site.answers.set('POST /api/desk/second-factor', {
    secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    uri: 'otpauth://totp/x',
    qr_svg:
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3"><path d="M0 0h1v1h1v1h1v1H0z"/></svg>',
  });
}

/** An administrator with an open desk. */
export function atDesk(site: FakeSite): void {
  Object.assign(site.me, { has_desk: true, administrator: true });
  for (const [path, body] of Object.entries({
    '/api/desk': desk(true),
    '/api/desk/meetings': { meetings: [], places: [] },
    '/api/desk/joins': { joins: [joining('provisional')] },
    '/api/admin/organisations': organisations(),
    [`/api/admin/organisations/${BRANCH_ID}`]: page(),
    [`/api/admin/organisations/${BRANCH_ID}/members`]: { members: members(), more: true },
    '/api/admin/policies': { policies: policies() },
    '/api/admin/health': health(),
  })) {
    site.answers.set(`GET ${path}`, body);
  }
}

function organisations(): OrganisationList {
  const group: OrganisationRow = {
    ...BRANCH,
    organisation: '0199c000-0000-7000-8000-000000000003',
    kind: 'party_group',
    name: '第一党小组',
    children: 0,
    members: 8,
    participating: 0,
  };
  return { path: [], organisations: [BRANCH, group], more: false };
}

function page(): OrganisationPage {
  return {
    row: BRANCH,
    path: [COMMITTEE],
    founded_on: '2011-07-01',
    posts: [
      {
        post: '0199c100-0000-7000-8000-000000000001',
        kind: 'secretary',
        organisation: { organisation: BRANCH_ID, kind: 'branch', name: BRANCH.name },
        person: '0199b000-0000-7000-8000-000000000011',
        name: '林禾川',
        from: '2024-03-12',
        term_ends_on: '2029-03-11',
      },
    ],
    history: [
      {
        name: '中共听澜镇落霞村支部委员会',
        parent: COMMITTEE,
        from: '2011-07-01T00:00:00Z',
        until: '2019-05-01T00:00:00Z',
        reason: '成立',
      },
      { name: BRANCH.name, parent: COMMITTEE, from: '2019-05-01T00:00:00Z', reason: '分设支部' },
    ],
    warnings: ['term_over'],
  };
}

function members(): MemberRow[] {
  const one: MemberRow = {
    person: '0199b000-0000-7000-8000-000000000011',
    name: '林禾川',
    standing: 'full',
    affiliation: 'home',
    mobile: false,
    home: BRANCH.name,
    phone_masked: '100****0011',
    posts: ['secretary'],
  };
  const other = { ...one, person: '0199b000-0000-7000-8000-000000000012', name: '司徒溪舟' };
  return [
    one,
    { ...other, mobile: true, posts: [], affiliation: 'participating', home: '杏汀村支部' },
  ];
}

function health(): Health {
  return {
    version: '0.1.0',
    now: '2026-11-24T01:00:00Z',
    current: true,
    database: '15.18',
    database_bytes: 48_234_496,
    sends_waiting: 0,
    people: 1_000,
    organisations: 165,
    rooms: 24,
    events: 338,
    devices_today: 63,
    joins_overdue: 2,
    calendar_years: [2026, 2027],
  };
}

function policies(): Policy[] {
  const one: Policy = {
    key: 'join.home_answer_days',
    effective_from: '2000-01-01',
    value: 10,
    unit: 'working_days',
    source: '流动党员管理意见',
    least: 1,
    most: 60,
    in_force: true,
  };
  return [
    one,
    { ...one, value: 15, effective_from: '2027-01-01', source: '县委组织部通知', in_force: false },
    { ...one, key: 'branch.members_max', value: 50, unit: 'members', source: '支部工作条例' },
  ];
}
