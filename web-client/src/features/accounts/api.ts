/** The account calls of the hub, and what the device remembers of who is signed in. */

import { answered, http } from '../../wire/http.ts';
import type { Challenge, ChatToken, CodeBy, Me } from '../../wire/types.ts';
import type { SessionMemory } from './session.ts';

const ME_KEY = 'lianxin.me';
const OWED_KEY = 'lianxin.sign_out_owed';

/** With an open invitation a number without an account gets a code too. */
export function startSignIn(
  phone: string,
  by: CodeBy,
  invitation: string | null,
): Promise<Challenge> {
  const body = { phone, by, ...(invitation ? { invitation } : {}) };
  return answered(http.POST('/api/sign-in/challenges', { body }));
}

export function finishSignIn(challenge: string, code: string, name?: string): Promise<Me> {
  const body = { challenge, code, ...(name ? { name } : {}) };
  return answered(http.POST('/api/sign-in', { body }));
}

/** Who is signed in on this device; `null` for nobody. */
export async function readMe(): Promise<Me | null> {
  return (await answered(http.GET('/api/session'))).me ?? null;
}

export async function signOut(): Promise<void> {
  await answered(http.POST('/api/sign-out'));
}

/** A token for the chat socket, and whose it is. */
export function chatToken(): Promise<ChatToken> {
  return answered(http.POST('/api/chat-token'));
}

/** Call `follow` when another page of this device signed somebody in or out. */
export function onOtherPage(follow: () => void): void {
  addEventListener('storage', ({ key }) => {
    if (key === ME_KEY) follow();
  });
}

/** In the browser's local storage; without it every visit asks the hub. */
export const sessionMemory: SessionMemory = {
  load() {
    try {
      const me = JSON.parse(localStorage.getItem(ME_KEY) ?? 'null') as Me | null;
      return typeof me?.person === 'string' && typeof me.name === 'string' ? me : null;
    } catch {
      return null;
    }
  },
  keep: (me) => write(ME_KEY, JSON.stringify(me)),
  clear: () => write(ME_KEY, null),
  owesSignOut() {
    try {
      return localStorage.getItem(OWED_KEY) !== null;
    } catch {
      return false;
    }
  },
  oweSignOut: (owed) => write(OWED_KEY, owed ? '1' : null),
};

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is off.
  }
}
