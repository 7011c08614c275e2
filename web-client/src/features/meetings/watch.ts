/** Something of the hub that changes while it is looked at: read at once, on every sign, and anyway. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import type { Following } from '../../wire/chat_socket.ts';
import { type Failure, failureFrom } from '../../wire/http.ts';

/** Signs may be dropped: so often the hub is asked anyway. */
export const LOOK_MS = 5_000;

export interface WatchParts<T> {
  read(): Promise<T>;
  /** How long until it is read anyway; `LOOK_MS` without. */
  everyMs?(value: T | null): number;
  /** Hear the signs of a change. */
  hear?(listener: () => void): Following;
  clock: Clock;
}

export class Watch<T> {
  /** What was last read; stays while it is read anew and while it cannot be read. */
  readonly value: ReadonlySignal<T | null>;
  /** Why it is not known how things stand now. */
  readonly failure: ReadonlySignal<Failure | null>;
  private readonly seen = signal<T | null>(null);
  private readonly failed = signal<Failure | null>(null);
  private readonly hearing: Following | null;
  private cancel: () => void = () => {};
  private over = false;
  /** Answers of an earlier question never replace those of a later one. */
  private asked = 0;

  constructor(private readonly parts: WatchParts<T>) {
    this.value = this.seen;
    this.failure = this.failed;
    this.hearing = parts.hear?.(() => void this.look()) ?? null;
    void this.look();
  }

  stop(): void {
    this.over = true;
    this.cancel();
    this.hearing?.stop();
  }

  /** Take what another answer brought. */
  put(value: T): void {
    this.asked += 1;
    this.seen.value = value;
    this.failed.value = null;
  }

  async look(): Promise<void> {
    this.cancel();
    this.asked += 1;
    const mine = this.asked;
    const last = () => !this.over && mine === this.asked;
    try {
      const value = await this.parts.read();
      if (last()) this.put(value);
    } catch (error) {
      if (last()) this.failed.value = failureFrom(error);
    }
    this.cancel();
    if (this.over) return;
    const wait = this.parts.everyMs?.(this.seen.peek()) ?? LOOK_MS;
    this.cancel = this.parts.clock.after(wait, () => void this.look());
  }
}
