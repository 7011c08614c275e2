/** What the pages ask of a meeting's state. */

import type { MeetingState } from '../../wire/types.ts';

/** People come and go: the sign-in is open, or the meeting itself. */
export function isLive(state: MeetingState): boolean {
  return state === 'sign_in' || state === 'open';
}
