/** What goes on in an open room at this moment: who is typing, how many are there. */

import { effect, signal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import { type ChatSocket, type Following, roomChannel } from '../../wire/chat_socket.ts';
import type { PersonId, RoomId } from '../../wire/types.ts';

/** The hub passes it on no more often. */
const TELL_MS_MIN = 3_000;
/** Without another word from them they have stopped. */
const TYPING_MS = 6_000;
const COUNT_MS = 60_000;

export interface LiveParts {
  room: RoomId;
  me: PersonId;
  socket: ChatSocket;
  clock: Clock;
}

interface Passing {
  t?: string;
  from?: PersonId;
}

export class RoomLive {
  readonly typing = signal<readonly PersonId[]>([]);
  /** `null` while unknown. */
  readonly online = signal<number | null>(null);
  private readonly forget = new Map<PersonId, () => void>();
  private readonly hearing: Following;
  private readonly stopCounting: () => void;
  private toldAt = Number.NEGATIVE_INFINITY;
  private cancelCount: () => void = () => {};
  private over = false;

  constructor(private readonly parts: LiveParts) {
    this.hearing = parts.socket.hear(`live:${parts.room}`, (data) => this.passed(data as Passing));
    this.stopCounting = effect(() => {
      if (parts.socket.state.value.at === 'online') void this.count();
      else this.online.value = null;
    });
  }

  /** The member types. */
  typed(): void {
    const { clock, socket, room } = this.parts;
    if (clock.now() - this.toldAt < TELL_MS_MIN) return;
    this.toldAt = clock.now();
    socket.tell({ t: 'typing', room });
  }

  stop(): void {
    this.over = true;
    this.hearing.stop();
    this.stopCounting();
    this.cancelCount();
    for (const cancel of this.forget.values()) cancel();
  }

  private passed({ t, from }: Passing): void {
    if (t !== 'typing' || !from || from === this.parts.me) return;
    this.forget.get(from)?.();
    this.forget.set(
      from,
      this.parts.clock.after(TYPING_MS, () => this.stopped(from)),
    );
    if (!this.typing.peek().includes(from)) this.typing.value = [...this.typing.peek(), from];
  }

  /** A message of theirs came, or no word for long. */
  stopped(person: PersonId): void {
    this.forget.get(person)?.();
    this.forget.delete(person);
    if (!this.typing.peek().includes(person)) return;
    this.typing.value = this.typing.peek().filter((one) => one !== person);
  }

  private async count(): Promise<void> {
    this.cancelCount();
    const { socket, room, clock } = this.parts;
    const count = await socket.online(roomChannel(room)).catch(() => null);
    if (this.over) return;
    this.online.value = count;
    this.cancelCount = clock.after(COUNT_MS, () => void this.count());
  }
}
