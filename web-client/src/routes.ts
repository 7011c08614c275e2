/** Every address of the client: patterns for the router, and the one place that makes URLs. */

import type { RoomId } from './wire/types.ts';

export const patterns = {
  home: '/',
  signIn: '/signin',
  inbox: '/inbox',
  room: '/r/:room',
  roomPage: '/r/:room/:page',
  join: '/join/:code',
  guestCall: '/call/:link',
  meetings: '/meetings',
  meet: '/meet/*?',
  meeting: '/meet/:id',
  meetingCheck: '/meet/:id/check',
  meetingLive: '/meet/:id/live',
  meetingMinutes: '/meet/:id/minutes',
  meetingVote: '/meet/:id/vote/:vote',
  desk: '/desk/*?',
  deskMeeting: '/desk/meet/:id',
  deskMinutes: '/desk/meet/:id/minutes',
  admin: '/admin/*?',
  me: '/me',
  help: '/help',
  privacy: '/privacy',
  rules: '/rules',
} as const;

export const urls = {
  home: '/',
  signIn: '/signin',
  /** Sign in and come back to `path`. */
  signInFor: (path: string) =>
    path === '/' || path === '/inbox' ? '/signin' : `/signin?to=${encodeURIComponent(path)}`,
  inbox: '/inbox',
  room: (room: RoomId) => `/r/${encodeURIComponent(room)}`,
  roomInfo: (room: RoomId) => `/r/${encodeURIComponent(room)}/info`,
  roomCall: (room: RoomId) => `/r/${encodeURIComponent(room)}/call`,
  roomInvite: (room: RoomId) => `/r/${encodeURIComponent(room)}/invite`,
  roomJoins: (room: RoomId) => `/r/${encodeURIComponent(room)}/joins`,
  roomAdd: (room: RoomId) => `/r/${encodeURIComponent(room)}/add`,
  roomParticipation: (room: RoomId) => `/r/${encodeURIComponent(room)}/participation`,
  guestCall: (link: string) => `/call/${encodeURIComponent(link)}`,
  join: (code: string) => `/join/${encodeURIComponent(code)}`,
  meetings: '/meetings',
  meet: (meeting: string) => `/meet/${encodeURIComponent(meeting)}`,
  meetCheck: (meeting: string) => `/meet/${encodeURIComponent(meeting)}/check`,
  meetLive: (meeting: string) => `/meet/${encodeURIComponent(meeting)}/live`,
  meetMinutes: (meeting: string) => `/meet/${encodeURIComponent(meeting)}/minutes`,
  meetVote: (meeting: string, vote: string) =>
    `/meet/${encodeURIComponent(meeting)}/vote/${encodeURIComponent(vote)}`,
  desk: '/desk',
  deskNewMeeting: '/desk/meetings/new',
  deskMeet: (meeting: string) => `/desk/meet/${encodeURIComponent(meeting)}`,
  deskMinutes: (meeting: string) => `/desk/meet/${encodeURIComponent(meeting)}/minutes`,
  admin: '/admin',
  adminOrganisations: '/admin/organisations',
  adminOrganisation: (organisation: string) =>
    `/admin/organisations/${encodeURIComponent(organisation)}`,
  adminPolicies: '/admin/policies',
  adminHealth: '/admin/health',
  /** Drawn by the hub, outside the router: a plain link. */
  board: '/board',
  delegates: '/delegates',
  me: '/me',
  help: '/help',
  privacy: '/privacy',
  rules: '/rules',
};

/** Where to go after sign-in: only to a path of our own. */
export function returnPath(search: string): string {
  const to = new URLSearchParams(search).get('to') ?? '';
  return /^\/(?![/\\])/.test(to) ? to : urls.inbox;
}

/** Code of the invitation at an address; `null` for any other page. */
export function invitationIn(path: string): string | null {
  return /^\/join\/([^/?#]+)$/.exec(path)?.[1] ?? null;
}

/** Address of the chat socket beside this page. */
export function socketUrl(location: Location): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/connection/websocket`;
}
