/**
 * Changes of messages that stand in the log: one's own text, reactions, pins. They need the hub's clock, so they are not kept for later: a
 * change that can not be told within a few tries fails, and says so.
 */

import type { Clock } from '../../platform/clock.ts';
import { type ChatSocket, mayRetry } from '../../wire/chat_socket.ts';
import type { Item, PersonId, RoomId } from '../../wire/types.ts';

/** The hub decides; past these ages the choice is not offered any more. */
const WITHDRAW_MS_MAX = 2 * 60_000;
const EDIT_MS_MAX = 24 * 3_600_000;
const TRIES = 3;
const RETRY_MS = 1_000;

export interface ChangesParts {
  socket: Pick<ChatSocket, 'call'>;
  clock: Clock;
  newCid(): string;
}

export class Changes {
  constructor(private readonly parts: ChangesParts) {}

  /** Give a message a new text. Rejects with `CallFailed`. */
  edit(room: RoomId, seq: number, text: string): Promise<void> {
    const cid = this.parts.newCid();
    return this.tried(() => this.parts.socket.call('msg.edit', { room, seq, cid, text }));
  }

  /** Take a message back. Rejects with `CallFailed`. */
  withdraw(room: RoomId, seq: number): Promise<void> {
    const cid = this.parts.newCid();
    return this.tried(() => this.parts.socket.call('msg.withdraw', { room, seq, cid }));
  }

  /** Set a reaction, or take it back. Rejects with `CallFailed`. */
  react(room: RoomId, seq: number, emoji: string, on: boolean): Promise<void> {
    const cid = this.parts.newCid();
    return this.tried(() => this.parts.socket.call('react.set', { room, seq, cid, emoji, on }));
  }

  /** Pin a message above the list, or unpin it; for leaders. Rejects with `CallFailed`. */
  pin(room: RoomId, seq: number, on: boolean): Promise<void> {
    const cid = this.parts.newCid();
    return this.tried(() => this.parts.socket.call('pin.set', { room, seq, cid, on }));
  }

  /** The same call under the same client id until it is answered, a few times. */
  private async tried(call: () => Promise<unknown>): Promise<void> {
    for (let left = TRIES; ; left -= 1) {
      try {
        await call();
        return;
      } catch (error) {
        if (left <= 1 || !mayRetry(error)) throw error;
      }
      await new Promise<void>((resolve) => this.parts.clock.after(RETRY_MS, resolve));
    }
  }
}

/** What the author may still do to a message. */
export function changesOf(
  item: Item,
  me: PersonId,
  now: number,
): { edit: boolean; withdraw: boolean } {
  const own = item.from === me && item.t === 'msg' && item.state === 'shown';
  const age = now - item.ts;
  return { edit: own && age < EDIT_MS_MAX, withdraw: own && age < WITHDRAW_MS_MAX };
}
