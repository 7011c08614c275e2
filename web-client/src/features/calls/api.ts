/** The calls of the hub about the call of a room. */

import { answered, http } from '../../wire/http.ts';
import type {
  CallState,
  CallTicket,
  GuestLink,
  MediaSource,
  PersonId,
  RoomId,
} from '../../wire/types.ts';

const at = (room: RoomId) => ({ params: { path: { room } } });

export function readCall(room: RoomId): Promise<CallState> {
  return answered(http.GET('/api/rooms/{room}/call', at(room)));
}

/** A ticket to the room's call, which begins with the first. */
export function callTicket(room: RoomId): Promise<CallTicket> {
  return answered(http.POST('/api/rooms/{room}/call', at(room)));
}

/** A ticket to try the way to the media server; no call begins. */
export function checkTicket(): Promise<CallTicket> {
  return answered(http.POST('/api/call-check'));
}

export function raiseHand(room: RoomId, up: boolean): Promise<CallState> {
  return answered(http.PUT('/api/rooms/{room}/call/hand', { ...at(room), body: { up } }));
}

export function answerHand(room: RoomId, person: PersonId, floor: boolean): Promise<CallState> {
  const asked = { params: { path: { room, person } }, body: { floor } };
  return answered(http.PUT('/api/rooms/{room}/call/hands/{person}', asked));
}

export async function endCall(room: RoomId): Promise<void> {
  await answered(http.DELETE('/api/rooms/{room}/call', at(room)));
}

export function lockCall(room: RoomId, locked: boolean): Promise<CallState> {
  return answered(http.PUT('/api/rooms/{room}/call/lock', { ...at(room), body: { locked } }));
}

export function answerWaiting(room: RoomId, person: PersonId, admit: boolean): Promise<CallState> {
  const asked = { params: { path: { room, person } }, body: { admit } };
  return answered(http.PUT('/api/rooms/{room}/call/waiting/{person}', asked));
}

export async function mute(room: RoomId, person: PersonId, source: MediaSource): Promise<void> {
  const asked = { params: { path: { room, person } }, body: { source } };
  await answered(http.POST('/api/rooms/{room}/call/people/{person}/mute', asked));
}

export async function takeOut(room: RoomId, person: PersonId): Promise<void> {
  const asked = { params: { path: { room, person } } };
  await answered(http.DELETE('/api/rooms/{room}/call/people/{person}', asked));
}

export function guestLink(room: RoomId): Promise<GuestLink> {
  return answered(http.GET('/api/rooms/{room}/call/guest-link', at(room)));
}

/** A ticket to the call whose leader gave the link away. */
export function guestTicket(link: string): Promise<CallTicket> {
  return answered(http.POST('/api/guest-calls/{link}', { params: { path: { link } } }));
}
