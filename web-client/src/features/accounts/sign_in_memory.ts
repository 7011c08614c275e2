/**
 * Keeps a started sign-in in the device's storage and in the address: a page opened again from
 * the history finds it in either.
 */

import type { SignInMemory, Started } from './sign_in.ts';

const KEY = 'lianxin.challenge';

interface Places {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState' | 'state'>;
}

export function signInMemory(places: Places): SignInMemory {
  return {
    load: () => fragment(places) ?? stored(places),
    keep(started) {
      guarded(() => places.storage.setItem(KEY, JSON.stringify(started)));
      address(places, `#${new URLSearchParams(entriesOf(started))}`);
    },
    clear() {
      guarded(() => places.storage.removeItem(KEY));
      if (places.location.hash) address(places, '');
    },
  };
}

function entriesOf(started: Started): Record<string, string> {
  return {
    challenge: started.challenge,
    masked: started.masked,
    by: started.by,
    expires: String(started.expiresAt),
    resend: String(started.resendAt),
  };
}

function fragment({ location }: Places): Started | null {
  const entries = new URLSearchParams(location.hash.slice(1));
  return startedFrom({
    challenge: entries.get('challenge'),
    masked: entries.get('masked'),
    by: entries.get('by'),
    expiresAt: Number(entries.get('expires')),
    resendAt: Number(entries.get('resend')),
  });
}

function stored({ storage }: Places): Started | null {
  const record = guarded(() => storage.getItem(KEY));
  return startedFrom(guarded(() => JSON.parse(record ?? 'null')) ?? {});
}

function startedFrom(record: Partial<Record<keyof Started, unknown>>): Started | null {
  const { challenge, masked, by, expiresAt, resendAt } = record;
  if (typeof challenge !== 'string' || typeof masked !== 'string') return null;
  if (typeof expiresAt !== 'number' || typeof resendAt !== 'number') return null;
  if (!Number.isFinite(expiresAt) || !Number.isFinite(resendAt)) return null;
  return { challenge, masked, by: by === 'call' ? 'call' : 'sms', expiresAt, resendAt };
}

function address({ history, location }: Places, hash: string): void {
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
}

/** Storage may be switched off; then nothing is kept there. */
function guarded<T>(use: () => T): T | null {
  try {
    return use();
  } catch {
    return null;
  }
}
