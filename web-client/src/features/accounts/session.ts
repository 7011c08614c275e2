/** Who is signed in on this device. */

import { type ReadonlySignal, signal } from '@preact/signals';
import { failureFrom } from '../../wire/http.ts';
import type { Me } from '../../wire/types.ts';

/**
 * `checking` – not known yet. `in` – signed in; `sure` when the hub said so during this visit.
 * `out` – signed out; `ended` says how a sign-in of this device ended by itself: it `expired`, or
 * was `revoked` from another device.
 */
export type SessionState =
  | { at: 'checking' }
  | { at: 'in'; me: Me; sure: boolean }
  | { at: 'out'; ended: 'expired' | 'revoked' | null };

export interface SessionMemory {
  load(): Me | null;
  keep(me: Me): void;
  clear(): void;
  /** A sign-out that the hub was not told yet. */
  owesSignOut(): boolean;
  oweSignOut(owed: boolean): void;
}

export interface SessionParts {
  me(): Promise<Me | null>;
  signOut(): Promise<void>;
  /** Forget everything of the person on this device. */
  wipe(me: Me): Promise<void>;
  memory: SessionMemory;
}

export class Session {
  readonly state: ReadonlySignal<SessionState>;
  private readonly at = signal<SessionState>({ at: 'checking' });

  constructor(private readonly parts: SessionParts) {
    this.state = this.at;
    const me = parts.memory.load();
    // The person's own copy opens without the hub; the hub is asked in `check`.
    if (me) this.at.value = { at: 'in', me, sure: false };
  }

  /** Ask the hub who is signed in. Without an answer the device's own memory stands. */
  async check(): Promise<void> {
    try {
      if (this.parts.memory.owesSignOut()) {
        await this.parts.signOut();
        this.parts.memory.oweSignOut(false);
      }
      const me = await this.parts.me();
      // Somebody signed out while the hub was asked.
      if (this.parts.memory.owesSignOut()) return;
      if (me) this.signedIn(me);
      else this.expire();
    } catch {
      if (this.at.peek().at === 'checking') this.at.value = { at: 'out', ended: null };
    }
  }

  signedIn(me: Me): void {
    this.parts.memory.keep(me);
    // Whoever was here before ended with this sign-in; what is owed would end the new one.
    this.parts.memory.oweSignOut(false);
    this.at.value = { at: 'in', me, sure: true };
  }

  /** Another page of this device signed somebody in or out: so does this one. */
  follow(): void {
    const me = this.parts.memory.load();
    const before = this.at.peek();
    if (!me) this.at.value = { at: 'out', ended: null };
    else if (before.at !== 'in' || before.me.person !== me.person) {
      this.at.value = { at: 'in', me, sure: false };
    }
  }

  /** The hub does not know the session any more. What the device keeps stays for its owner. */
  expire(): void {
    const before = this.at.peek();
    this.parts.memory.clear();
    this.at.value = { at: 'out', ended: before.at === 'in' ? 'expired' : null };
  }

  /** The person signed this device out from another one: nothing of theirs stays on it. */
  async revoked(): Promise<void> {
    const before = this.at.peek();
    this.parts.memory.clear();
    this.at.value = { at: 'out', ended: 'revoked' };
    if (before.at === 'in') await this.parts.wipe(before.me);
  }

  /** Sign out and wipe the device. Offline the hub is told at the next chance. */
  async signOut(): Promise<void> {
    const before = this.at.peek();
    this.parts.memory.clear();
    this.parts.memory.oweSignOut(true);
    this.at.value = { at: 'out', ended: null };
    if (before.at === 'in') await this.parts.wipe(before.me);
    try {
      await this.parts.signOut();
      this.parts.memory.oweSignOut(false);
    } catch (error) {
      if (failureFrom(error).kind === 'refused') this.parts.memory.oweSignOut(false);
    }
  }
}
