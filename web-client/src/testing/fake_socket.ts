/** A chat socket to the hub in memory. The line is cut and mended by the test. */

import { type ReadonlySignal, signal } from '@preact/signals';
import {
  CALL_LOST,
  CallFailed,
  type ChatSocket,
  type Follower,
  type Following,
  type InboxEvent,
  type Position,
  type SocketState,
} from '../wire/chat_socket.ts';
import type { LogEvent, Method, Params, PersonId, Result } from '../wire/types.ts';
import type { FakeHub } from './fake_hub.ts';

/** Missed events that the hub still delivers one by one. */
const RECOVERY_EVENTS_MAX = 50;

interface Follow {
  room: string;
  at: Position | null;
  follower: Follower;
  live: boolean;
}

export class FakeSocket implements ChatSocket {
  readonly state: ReadonlySignal<SocketState>;
  private readonly at = signal<SocketState>({ at: 'idle' });
  private readonly follows = new Set<Follow>();
  private readonly inbox = new Set<(event: InboxEvent) => void>();

  constructor(
    private readonly hub: FakeHub,
    private readonly me: PersonId,
  ) {
    this.state = this.at;
    hub.onEvent((room, seq, event) => this.deliver(room, seq, event));
  }

  connect(): void {
    this.at.value = { at: 'connecting' };
  }

  close(): void {
    this.at.value = { at: 'idle' };
    this.drop();
  }

  retry(): void {
    this.connect();
  }

  /** The line is up. */
  async up(): Promise<void> {
    this.at.value = { at: 'online' };
    for (const follow of this.follows) await this.resume(follow);
  }

  /** The line is cut. */
  cut(): void {
    this.at.value = { at: 'connecting' };
    this.drop();
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    await Promise.resolve();
    if (this.at.peek().at !== 'online') throw new CallFailed(CALL_LOST, 'lost', true);
    return this.hub.call(this.me, method, params);
  }

  follow(channel: string, since: Position | null, follower: Follower): Following {
    const follow: Follow = { room: channel.replace('room:', ''), at: since, follower, live: false };
    this.follows.add(follow);
    if (this.at.peek().at === 'online') void this.resume(follow);
    return { stop: () => void this.follows.delete(follow) };
  }

  /** What was told, and who listens to what passes: for tests. */
  readonly told: object[] = [];
  readonly hearers = new Map<string, (data: unknown) => void>();
  onlineCount = 1;

  hear(channel: string, listener: (data: unknown) => void): Following {
    this.hearers.set(channel, listener);
    return { stop: () => void this.hearers.delete(channel) };
  }

  tell(data: object): void {
    this.told.push(data);
  }

  async online(): Promise<number> {
    return this.onlineCount;
  }

  onInbox(listener: (event: InboxEvent) => void): () => void {
    this.inbox.add(listener);
    return () => this.inbox.delete(listener);
  }

  onPush(): () => void {
    return () => {};
  }

  private drop(): void {
    for (const follow of this.follows) {
      follow.live = false;
      follow.follower.live(false);
    }
  }

  private async resume(follow: Follow): Promise<void> {
    const room = this.hub.rooms.get(follow.room);
    if (!room?.members.has(this.me)) return follow.follower.ended(103);
    const lost =
      follow.at === null ||
      follow.at.epoch !== room.epoch ||
      room.events.length - follow.at.offset > RECOVERY_EVENTS_MAX;
    try {
      if (lost) follow.at = await follow.follower.load();
    } catch {
      return;
    }
    follow.live = true;
    follow.follower.live(true);
    this.catchUp(follow, room.events);
  }

  private catchUp(follow: Follow, events: LogEvent[]): void {
    if (!follow.at) return;
    for (let seq = follow.at.offset + 1; seq <= events.length; seq += 1) {
      const event = events[seq - 1];
      follow.at = { offset: seq, epoch: follow.at.epoch };
      if (event) follow.follower.event(seq, event);
    }
  }

  private deliver(room: string, seq: number, event: LogEvent): void {
    for (const follow of this.follows) {
      if (!follow.live || follow.room !== room || !follow.at) continue;
      follow.at = { offset: seq, epoch: follow.at.epoch };
      follow.follower.event(seq, event);
    }
  }
}
