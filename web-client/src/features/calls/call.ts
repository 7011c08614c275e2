/**
 * A member's part in a call: on the way in, in it, in again after the line or the media server was
 * gone. Lives as long as the page, so that the chat can be read meanwhile.
 */

import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Attendee, Device, EndReason, MediaSession } from '../../media/media_session.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Failure, failureFrom } from '../../wire/http.ts';
import type { CallTicket, RoomId } from '../../wire/types.ts';
import type { Layout } from './layout.ts';

/** Waits between tries to come in again; the last one repeats. */
const AGAIN_MS = [0, 1_000, 2_000, 4_000, 8_000];
/** A link that is weak for so long carries sound alone from then on. */
const WEAK_MS = 8_000;
/** When a state that lasts is worth a word. */
const SLOW_MS: Partial<Record<CallStage['at'], number>> = { joining: 5_000, resuming: 2_000 };

/**
 * `waiting` – a leader is asked to open the door. `rejoining` – the connection is gone, the `n`th new
 * one is sought. `over` – it ended for a reason
 * that the person is told; `refused` says what the hub answered instead of a ticket.
 */
export type CallStage =
  | { at: 'joining' | 'waiting' | 'live' | 'resuming' }
  | { at: 'rejoining'; n: number }
  | { at: 'over'; why: Exclude<EndReason, 'lost'> }
  | { at: 'refused'; failure: Failure };

export interface CallParts {
  /** The room, or of a guest the link. */
  room: RoomId;
  ticket(): Promise<CallTicket>;
  session(): MediaSession;
  clock: Clock;
  /** The owner of the device wants to save data: no pictures until asked for. */
  thrifty?: boolean;
}

export interface Wanted {
  mic: boolean;
  camera: boolean;
  /** Chosen devices by their ids; the browser's choice without. */
  ids: Partial<Record<Device, string>>;
}

export class Call {
  readonly stage: ReadonlySignal<CallStage>;
  readonly people: ReadonlySignal<readonly Attendee[]>;
  readonly silent: ReadonlySignal<boolean>;
  /** The joining or resuming takes longer than usual. */
  readonly slow = signal(false);
  /** The link carries sound alone; the pictures come back when the person asks for them. */
  readonly saver: ReadonlySignal<boolean>;
  readonly layout = signal<Layout>('speaker');
  /** The microphone is held by a telephone call or another application. */
  readonly interrupted: ReadonlySignal<boolean>;
  readonly deaf: ReadonlySignal<boolean>;
  readonly swaps: ReadonlySignal<number>;
  /** Why a device did not come, as the browser names it. */
  readonly trouble = signal<{ device: Device | 'page'; name: string } | null>(null);
  private readonly at = signal<CallStage>({ at: 'joining' });
  private readonly seen = signal<readonly Attendee[]>([]);
  private readonly quiet = signal(false);
  private readonly current = signal<MediaSession | null>(null);
  private readonly saving: Signal<boolean>;
  /** The camera was on when the link became too weak for it. */
  private cameraBefore = false;
  private cancelWeak: (() => void) | null = null;
  private cancelSlow: () => void = () => {};
  private readonly stopStages: () => void;
  private follow: () => void = () => {};
  private cancel: () => void = () => {};
  private left = false;

  constructor(
    private readonly parts: CallParts,
    private readonly wanted: Wanted,
  ) {
    this.stage = this.at;
    this.people = this.seen;
    this.silent = this.quiet;
    this.saving = signal(parts.thrifty ?? false);
    this.saver = this.saving;
    const of = <T>(read: (session: MediaSession) => T, none: T) =>
      computed(() => (this.current.value ? read(this.current.value) : none));
    this.interrupted = of((session) => session.interrupted.value, false);
    this.deaf = of((session) => session.deaf.value, false);
    this.swaps = of((session) => session.swaps.value, 0);
    const kind = computed(() => this.at.value.at);
    this.stopStages = effect(() => this.entered(kind.value));
    void this.enter(0);
  }

  get room(): RoomId {
    return this.parts.room;
  }

  async leave(): Promise<void> {
    this.left = true;
    this.cancel();
    this.strong();
    this.stopStages();
    this.cancelSlow();
    this.at.value = { at: 'over', why: 'left' };
    await this.session?.leave().catch(() => {});
    this.follow();
  }

  async set(device: Device, on: boolean): Promise<void> {
    this.wanted[device] = on;
    this.trouble.value = null;
    try {
      await this.session?.set(device, on, this.wanted.ids[device]);
    } catch (error) {
      this.wanted[device] = false;
      this.fail(device, error);
    }
  }

  async unsilence(): Promise<void> {
    await this.session?.unsilence().catch(() => {});
  }

  /** After a tap: the microphone anew, once the other application let go of it. */
  async restore(): Promise<void> {
    await this.session?.restore().catch((error: unknown) => this.fail('mic', error));
  }

  async share(on: boolean): Promise<void> {
    await this.session?.share(on).catch((error: unknown) => {
      // Closing the browser's own question is no failure.
      if ((error as Error).name !== 'NotAllowedError') this.fail('page', error);
    });
  }

  /** The person wants pictures although the link was too weak for them. */
  tryPictures(): void {
    this.saving.value = false;
    if (this.cameraBefore) void this.set('camera', true);
    this.cameraBefore = false;
    this.judge(this.seen.peek());
  }

  private get session(): MediaSession | null {
    return this.current.peek();
  }

  private fail(device: Device | 'page', error: unknown): void {
    this.trouble.value = { device, name: error instanceof Error ? error.name : '' };
  }

  private entered(kind: CallStage['at']): void {
    this.cancelSlow();
    this.slow.value = false;
    const wait = SLOW_MS[kind];
    if (wait === undefined) return;
    this.cancelSlow = this.parts.clock.after(wait, () => {
      this.slow.value = true;
    });
  }

  /** A link that stays weak gives up its pictures, the caller's first of all. */
  private judge(people: readonly Attendee[]): void {
    if (!people[0]?.weak || this.saving.peek()) {
      this.strong();
      return;
    }
    this.cancelWeak ??= this.parts.clock.after(WEAK_MS, () => {
      this.cancelWeak = null;
      this.saving.value = true;
      this.cameraBefore = this.wanted.camera;
      if (this.cameraBefore) void this.set('camera', false);
    });
  }

  private strong(): void {
    this.cancelWeak?.();
    this.cancelWeak = null;
  }

  /** One way in: a ticket of the hub, then the media server. `n` counts the tries. */
  private async enter(n: number): Promise<void> {
    let ticket: CallTicket;
    try {
      ticket = await this.parts.ticket();
    } catch (error) {
      const failure = failureFrom(error);
      if (this.left) return;
      const later = failure.kind === 'lost' || failure.code === 'unavailable';
      if (later) this.again(n);
      else if (failure.code === 'call_waiting') this.wait(failure.retryAfterS);
      else this.at.value = { at: 'refused', failure };
      return;
    }
    if (this.left) return;
    const session = this.parts.session();
    this.follow();
    this.current.value = session;
    let entered = false;
    this.follow = effect(() => {
      this.seen.value = session.people.value;
      if (!this.left && session === this.session) this.judge(session.people.value);
      this.quiet.value = session.silent.value;
      const state = session.state.value;
      if (this.left || session !== this.session) return;
      if (state.at === 'live' || state.at === 'resuming') {
        entered = true;
        this.at.value = { at: state.at };
      }
      if (state.at !== 'over') return;
      if (state.why === 'lost') this.again(entered ? 0 : n);
      else this.at.value = { at: 'over', why: state.why };
    });
    await session.join(ticket.url, ticket.token).catch(() => {});
    if (session.state.peek().at !== 'live') return;
    for (const device of ['mic', 'camera'] as const) {
      if (this.wanted[device]) await this.set(device, true);
    }
  }

  /** A leader decides; the question keeps the place before the door. */
  private wait(seconds: number): void {
    this.at.value = { at: 'waiting' };
    this.cancel();
    this.cancel = this.parts.clock.after(Math.max(seconds, 1) * 1_000, () => void this.enter(0));
  }

  private again(n: number): void {
    if (this.left) return;
    this.at.value = { at: 'rejoining', n: n + 1 };
    const wait = AGAIN_MS[Math.min(n, AGAIN_MS.length - 1)] ?? 0;
    this.cancel();
    this.cancel = this.parts.clock.after(wait, () => void this.enter(n + 1));
  }
}
