/** A clock for tests: time moves only when told. */

import type { Clock } from './clock.ts';

interface Timer {
  at: number;
  task: () => void;
}

export class ManualClock implements Clock {
  private timers: Timer[] = [];

  constructor(private ms = 1_800_000_000_000) {}

  now(): number {
    return this.ms;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.ms + ms, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Let `ms` pass, running due timers in order, and let started promises settle. */
  async pass(ms: number): Promise<void> {
    const end = this.ms + ms;
    await settled();
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.ms = Math.max(this.ms, due.at);
      due.task();
      await settled();
    }
    this.ms = end;
  }
}

/** Wait until promises that need no timer have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
