/** Entering a call: the one place that brings the media library. */

import { LivekitSession } from '../../media/livekit_session.ts';
import { systemClock } from '../../platform/clock.ts';
import { farewells } from '../../platform/farewell.ts';
import { thrifty } from '../../platform/network.ts';
import type { CallTicket, RoomId } from '../../wire/types.ts';
import { active, forget } from './active.ts';
import { callTicket, guestTicket } from './api.ts';
import { Call, type Wanted } from './call.ts';

farewells.add(() => {
  void active.peek()?.leave();
  forget();
});

export function enter(room: RoomId, wanted: Wanted): void {
  begin(room, () => callTicket(room), wanted);
}

/** As a guest, with the link that a leader gave away. */
export function enterByLink(link: string, wanted: Wanted): void {
  begin(link, () => guestTicket(link), wanted);
}

function begin(room: RoomId, ticket: () => Promise<CallTicket>, wanted: Wanted): void {
  void active.peek()?.leave();
  const session = () => new LivekitSession();
  active.value = new Call(
    { room, ticket, session, clock: systemClock, thrifty: thrifty() },
    wanted,
  );
}
