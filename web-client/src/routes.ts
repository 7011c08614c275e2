/** Every address of the client: patterns for the router, and the one place that makes URLs. */

import type { RoomId } from './wire/types.ts';

export const patterns = {
  home: '/',
  signIn: '/signin',
  inbox: '/inbox',
  room: '/r/:room',
  roomInfo: '/r/:room/info',
  desk: '/desk',
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
  desk: '/desk',
  admin: '/admin',
  adminOrganisations: '/admin/organisations',
  adminOrganisation: (organisation: string) =>
    `/admin/organisations/${encodeURIComponent(organisation)}`,
  adminPolicies: '/admin/policies',
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
