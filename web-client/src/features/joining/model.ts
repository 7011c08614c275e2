/** Where somebody with an invitation stands, and what comes next. */

import type { InvitationCard, JoinCase } from '../../wire/types.ts';

export type JoinStep =
  /** The invitation is no longer good. */
  | { at: 'over'; why: Exclude<InvitationCard['state'], 'open'> }
  | { at: 'sign_in' }
  /** Signed in, not asked yet. */
  | { at: 'confirm' }
  /** The leader was asked. */
  | { at: 'asked'; joining: JoinCase }
  | { at: 'inside'; joining: JoinCase }
  /** Refused, withdrawn or ended; may ask again while the invitation is good. */
  | { at: 'outside'; joining: JoinCase; again: boolean };

/** The next step; a case of one's own counts more than the state of the invitation. */
export function stepOf(
  card: InvitationCard,
  signedIn: boolean,
  joining: JoinCase | null,
): JoinStep {
  if (joining) {
    if (joining.state === 'submitted') return { at: 'asked', joining };
    if (isInside(joining)) return { at: 'inside', joining };
    return { at: 'outside', joining, again: card.state === 'open' };
  }
  if (card.state !== 'open') return { at: 'over', why: card.state };
  return signedIn ? { at: 'confirm' } : { at: 'sign_in' };
}

function isInside({ state }: JoinCase): boolean {
  return state === 'provisional' || state === 'participating' || state === 'home';
}
