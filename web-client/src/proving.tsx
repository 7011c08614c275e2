/** A proof of who one is, for a signature. */

import { Reauth } from './features/accounts/Reauth.tsx';
import type { Again } from './features/meetings/SignMinutes.tsx';
import { session } from './state.ts';

export const again: Again = (need, onProven) => (
  <Reauth
    need={need}
    onProven={(me) => {
      if (me) session.signedIn(me);
      return onProven();
    }}
  />
);
