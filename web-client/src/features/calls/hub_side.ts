/** The hub's side of a call: raised hands, the lock, who waits before the door. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import type { Following } from '../../wire/chat_socket.ts';
import type { CallState, Hand, OpenCall, PersonId } from '../../wire/types.ts';

/** Signs may be dropped: so often the hub is asked anyway. */
const LOOK_MS = 5_000;

export interface HubParts {
  read(): Promise<CallState>;
  raise(up: boolean): Promise<CallState>;
  /** A leader gives the floor, or lowers the hand. */
  answer(person: PersonId, floor: boolean): Promise<CallState>;
  lock(locked: boolean): Promise<CallState>;
  /** A leader lets somebody in who waits, or does not. */
  admit(person: PersonId, admit: boolean): Promise<CallState>;
  /** Hear what passes in the room. */
  hear(listener: (data: unknown) => void): Following;
  clock: Clock;
}

export class HubSide {
  /** First the hand that was raised first; `null` while unknown. */
  readonly hands: ReadonlySignal<readonly Hand[] | null>;
  /** `null` while unknown. */
  readonly open: ReadonlySignal<OpenCall | null>;
  private readonly seen = signal<OpenCall | null>(null);
  private readonly queue = signal<readonly Hand[] | null>(null);
  private readonly hearing: Following;
  private cancel: () => void = () => {};
  private over = false;
  /** Answers of an earlier question never replace those of a later one. */
  private asked = 0;

  constructor(private readonly parts: HubParts) {
    this.open = this.seen;
    this.hands = this.queue;
    this.hearing = parts.hear((data) => {
      if ((data as { t?: string } | null)?.t === 'call') void this.look();
    });
    void this.look();
  }

  stop(): void {
    this.over = true;
    this.cancel();
    this.hearing.stop();
  }

  async raise(up: boolean): Promise<void> {
    await this.take(this.parts.raise(up));
  }

  async answer(person: PersonId, floor: boolean): Promise<void> {
    await this.take(this.parts.answer(person, floor));
  }

  async lock(locked: boolean): Promise<void> {
    await this.take(this.parts.lock(locked));
  }

  async admit(person: PersonId, admit: boolean): Promise<void> {
    await this.take(this.parts.admit(person, admit));
  }

  private async look(): Promise<void> {
    this.cancel();
    await this.take(this.parts.read()).catch(() => this.put(null, null));
    this.cancel();
    if (!this.over) this.cancel = this.parts.clock.after(LOOK_MS, () => void this.look());
  }

  private async take(answer: Promise<CallState>): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const { open } = await answer;
    if (!this.over && mine === this.asked) this.put(open ?? null, open?.hands ?? []);
  }

  private put(open: OpenCall | null, hands: readonly Hand[] | null): void {
    this.seen.value = open;
    this.queue.value = hands;
  }
}
