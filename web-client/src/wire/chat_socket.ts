/**
 * The chat socket as the rest of the client sees it. One adapter speaks to the hub
 * (`centrifuge_socket.ts`), one stands in for it in tests (`fake_socket.ts`).
 */

import type { ReadonlySignal } from '@preact/signals';
import type { LogEvent, Method, Params, Result } from './types.ts';

/** A place in a room's log: everything up to `offset` is known. */
export interface Position {
  offset: number;
  epoch: string;
}

/**
 * `idle` – not asked to connect. `connecting` – no live connection at the moment, one is sought.
 * `online` – live. `ended` – the hub closed for good; `code` says why.
 */
export type SocketState =
  | { at: 'idle' }
  | { at: 'connecting' }
  | { at: 'online' }
  | { at: 'ended'; code: number };

export interface Follower {
  /**
   * Load the room's present state from the hub and answer its position. Asked for when there is
   * no position yet, and when the hub can not continue from the one given.
   */
  load(): Promise<Position>;
  /** The next event of the room. */
  event(seq: number, event: LogEvent): void;
  /** Whether the room is followed live at this moment. */
  live(now: boolean): void;
  /** The hub ended the subscription for good: the caller is no member (2100) or may not read. */
  ended(code: number): void;
}

/** A room being followed. */
export interface Following {
  stop(): void;
}

export interface InboxEvent {
  seq: number;
  event: LogEvent;
}

export interface ChatSocket {
  readonly state: ReadonlySignal<SocketState>;
  connect(): void;
  close(): void;
  /** Seek a connection now instead of after the waiting time. */
  retry(): void;
  /** Call a method. Rejects with `CallFailed`. */
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  /** Follow a room from `since`, or from what `follower.load` answers. */
  follow(channel: string, since: Position | null, follower: Follower): Following;
  /** Events of the caller's own inbox. Answers how to stop. */
  /** Hear what passes in a channel and is not kept. */
  hear(channel: string, listener: (data: unknown) => void): Following;
  /** Tell the hub something that is never answered. */
  tell(data: object): void;
  /** How many people who let it be seen follow a channel now. */
  online(channel: string): Promise<number>;
  onInbox(listener: (event: InboxEvent) => void): () => void;
  /** Messages to this connection without a channel. Answers how to stop. */
  onPush(listener: (data: unknown) => void): () => void;
}

/** Close code: this device was signed out from another one. */
export const SIGNED_OUT = 4500;

/** Code of a call whose outcome is unknown: no answer came. */
export const CALL_LOST = 1;

/** A call that brought no result. */
export class CallFailed extends Error {
  /**
   * @param code number of the refusal on the chat socket; below 100 nothing was answered
   * @param word stable word of the refusal (a `RefusalCode`), where the hub sent one
   * @param temporary the same call may succeed later
   */
  constructor(
    readonly code: number,
    readonly word: string,
    readonly temporary: boolean,
  ) {
    super(`${code} ${word}`);
    this.name = 'CallFailed';
  }
}

/** Whether a failed call may be tried again unchanged. */
export function mayRetry(error: unknown): boolean {
  return !(error instanceof CallFailed) || error.temporary || error.code < 100;
}

/** Channel of a room's log. */
export function roomChannel(room: string): string {
  return `room:${room}`;
}
