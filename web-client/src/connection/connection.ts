/** What the strip under the top bar says about the connection. It never says more than is known. */

import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../platform/clock.ts';
import type { SocketState } from '../wire/chat_socket.ts';

/** A connection sought for less than this is not worth a word. */
const CONNECTING_MS_MIN = 2_000;
/** Data older than this are called old. */
const STALE_MS_MIN = 60_000;

export type Strip =
  | { name: 'online' }
  | { name: 'connecting' }
  | { name: 'offline' }
  | { name: 'stale'; since: number }
  | { name: 'readonly' }
  | { name: 'ended' };

interface Seen {
  socket: SocketState;
  /** Whether the device says that it has a network. */
  network: boolean;
  /** Whether the hub said that it can not store messages now. */
  unavailable: boolean;
  now: number;
  /** When the connection began to be sought. */
  seekingSince: number;
  /** When data were last known to be true; `null` before the first connection. */
  freshAt: number | null;
}

/** The strip's state, and the time from now at which it may change by itself. */
function stripOf(seen: Seen): { strip: Strip; again: number | null } {
  const { socket, now } = seen;
  if (socket.at === 'ended') {
    return {
      strip: { name: 'ended' },
      again: null,
    };
  }
  if (socket.at === 'online' && seen.unavailable)
    return { strip: { name: 'readonly' }, again: null };
  if (socket.at === 'online' || socket.at === 'idle')
    return { strip: { name: 'online' }, again: null };
  if (!seen.network) return { strip: { name: 'offline' }, again: null };
  const sought = now - seen.seekingSince;
  if (sought < CONNECTING_MS_MIN) {
    return { strip: { name: 'online' }, again: CONNECTING_MS_MIN - sought };
  }
  if (seen.freshAt === null) return { strip: { name: 'connecting' }, again: null };
  const age = now - seen.freshAt;
  if (age < STALE_MS_MIN) return { strip: { name: 'connecting' }, again: STALE_MS_MIN - age };
  return { strip: { name: 'stale', since: seen.freshAt }, again: null };
}

export interface ConnectionParts {
  socket: ReadonlySignal<SocketState>;
  network: ReadonlySignal<boolean>;
  unavailable: ReadonlySignal<boolean>;
  clock: Clock;
}

/** Follows socket, network and time. */
export class Connection {
  readonly strip: ReadonlySignal<Strip>;
  private readonly shown = signal<Strip>({ name: 'online' });
  private seekingSince = 0;
  private freshAt: number | null = null;
  private wasOnline = false;
  private wasSeeking = false;
  private cancel: () => void = () => {};
  private readonly end: () => void;

  constructor(private readonly parts: ConnectionParts) {
    this.strip = this.shown;
    this.end = effect(() => {
      const socket = parts.socket.value;
      const network = parts.network.value;
      const unavailable = parts.unavailable.value;
      this.note(socket);
      this.show({ socket, network, unavailable });
    });
  }

  stop(): void {
    this.cancel();
    this.end();
  }

  private note(socket: SocketState): void {
    const now = this.parts.clock.now();
    const online = socket.at === 'online';
    if (online || this.wasOnline) this.freshAt = now;
    const seeking = socket.at === 'connecting';
    if (seeking && !this.wasSeeking) this.seekingSince = now;
    this.wasOnline = online;
    this.wasSeeking = seeking;
  }

  private show(heard: Pick<Seen, 'socket' | 'network' | 'unavailable'>): void {
    this.cancel();
    const { strip, again } = stripOf({
      ...heard,
      now: this.parts.clock.now(),
      seekingSince: this.seekingSince,
      freshAt: this.freshAt,
    });
    this.shown.value = strip;
    if (again === null) this.cancel = () => {};
    else this.cancel = this.parts.clock.after(again, () => this.show(heard));
  }
}
