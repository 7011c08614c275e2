/**
 * Signing in by telephone number and one-time code. A started sign-in survives the page being
 * closed: many members read the code in another program and come back to a new page.
 */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import { type Failure, failureFrom } from '../../wire/http.ts';
import type { Challenge, CodeBy, Me } from '../../wire/types.ts';

export const CODE_DIGITS = 6;
const PHONE = /^1\d{10}$/;

/** A started sign-in as the device keeps it. The number itself is never kept. */
export interface Started {
  challenge: string;
  masked: string;
  by: CodeBy;
  /** Milliseconds since 1970-01-01 UTC. */
  expiresAt: number;
  resendAt: number;
}

export interface SignInMemory {
  load(): Started | null;
  keep(started: Started): void;
  clear(): void;
}

export interface SignInParts {
  start(phone: string, by: CodeBy): Promise<Challenge>;
  /** `name` for a number that has no account yet. */
  finish(challenge: string, code: string, name?: string): Promise<Me>;
  signedIn(me: Me): void;
  memory: SignInMemory;
  clock: Clock;
}

export type Busy = 'asking' | 'submitting' | null;

export class SignIn {
  readonly started: ReadonlySignal<Started | null>;
  readonly busy = signal<Busy>(null);
  readonly failure = signal<Failure | null>(null);
  /** Whether the number must be typed again before another code can be sent. */
  readonly numberNeeded = signal(false);
  /** Counts codes that were refused, so that the field can be cleared. */
  readonly refused = signal(0);
  /** The number is new here: the code was right, a name is needed with it. */
  readonly nameNeeded = signal(false);
  private readonly at = signal<Started | null>(null);
  private phone: string | null = null;

  constructor(private readonly parts: SignInParts) {
    this.started = this.at;
    const kept = parts.memory.load();
    if (kept && kept.expiresAt > parts.clock.now()) this.at.value = kept;
    else parts.memory.clear();
  }

  /** Ask for a code for this number. */
  async ask(typed: string, by: CodeBy): Promise<void> {
    if (this.busy.peek()) return;
    const phone = phoneOf(typed);
    if (!phone) {
      this.failure.value = {
        kind: 'refused',
        code: 'phone_invalid',
        retryAfterS: 0,
        incident: null,
      };
      return;
    }
    this.busy.value = 'asking';
    this.failure.value = null;
    try {
      const challenge = await this.parts.start(phone, by);
      this.phone = phone;
      this.numberNeeded.value = false;
      const started: Started = {
        challenge: challenge.challenge,
        masked: challenge.phone_masked,
        by,
        expiresAt: Date.parse(challenge.expires_at),
        resendAt: this.parts.clock.now() + challenge.resend_after_s * 1_000,
      };
      this.at.value = started;
      this.parts.memory.keep(started);
    } catch (error) {
      this.failure.value = failureFrom(error);
    } finally {
      this.busy.value = null;
    }
  }

  /** Ask for another code for the same number; after a new page the number is not known. */
  again(by: CodeBy): Promise<void> | undefined {
    if (this.phone) return this.ask(this.phone, by);
    this.other();
    this.numberNeeded.value = true;
    return undefined;
  }

  /** Go back to the number. */
  other(): void {
    this.nameNeeded.value = false;
    this.at.value = null;
    this.failure.value = null;
    this.parts.memory.clear();
  }

  async submit(typed: string, name?: string): Promise<void> {
    const started = this.at.peek();
    if (!started || this.busy.peek()) return;
    const code = digitsOf(typed);
    if (code.length !== CODE_DIGITS) {
      this.failure.value = { kind: 'refused', code: 'code_wrong', retryAfterS: 0, incident: null };
      return;
    }
    this.busy.value = 'submitting';
    this.failure.value = null;
    try {
      const me = await this.parts.finish(started.challenge, code, name);
      this.parts.memory.clear();
      this.at.value = null;
      this.parts.signedIn(me);
    } catch (error) {
      const failure = failureFrom(error);
      if (failure.kind === 'refused' && failure.code === 'name_required') {
        // Asked for once with a quiet field; only a try without a name is a failure.
        if (this.nameNeeded.peek()) this.failure.value = failure;
        this.nameNeeded.value = true;
        return;
      }
      this.failure.value = failure;
      if (failure.kind === 'refused') this.refused.value += 1;
    } finally {
      this.busy.value = null;
    }
  }
}

/** The 11 digits of a mainland number, or `null`. Full-width digits count. */
export function phoneOf(typed: string): string | null {
  const digits = digitsOf(typed.replace(/^\s*(\+|00)86/, ''));
  return PHONE.test(digits) ? digits : null;
}

/** The digits in what was typed, full-width ones as ordinary ones. */
export function digitsOf(typed: string): string {
  return typed
    .replace(/[\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10))
    .replace(/\D/g, '');
}
