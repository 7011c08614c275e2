/**
 * Being at a meeting with this device: the hub hears of it again and again, whatever page is shown,
 * until the person signs out, signs in elsewhere, or the meeting is over.
 */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import { failureFrom } from '../../wire/http.ts';
import type { MeetingBeat } from '../../wire/types.ts';

/**
 * `here` – the hub heard of this device. `unheard` – it does not answer, it is told again soon.
 * `elsewhere` – this device is not the one at which the person is signed in, or nobody is any more.
 */
export type Attendance = 'here' | 'unheard' | 'elsewhere';

/** An unheard beat is tried again after so long, if the usual time is not shorter. */
const AGAIN_MS = 3_000;

interface Parts {
  beat(): Promise<MeetingBeat>;
  everyS: number;
  clock: Clock;
}

export class Attending {
  readonly state: ReadonlySignal<Attendance>;
  private readonly at = signal<Attendance>('here');
  private cancel: () => void = () => {};
  private over = false;

  constructor(private readonly parts: Parts) {
    this.state = this.at;
    void this.tell();
  }

  stop(): void {
    this.over = true;
    this.cancel();
  }

  private async tell(): Promise<void> {
    const { everyS, clock } = this.parts;
    let wait = everyS * 1_000;
    try {
      await this.parts.beat();
      this.move('here');
    } catch (error) {
      const failure = failureFrom(error);
      if (failure.kind === 'refused' && failure.code === 'step_not_allowed') {
        this.move('elsewhere');
        return;
      }
      this.move('unheard');
      wait = Math.min(wait, AGAIN_MS);
    }
    if (!this.over) this.cancel = clock.after(wait, () => void this.tell());
  }

  private move(to: Attendance): void {
    if (!this.over) this.at.value = to;
  }
}
