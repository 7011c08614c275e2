/** Everything of one signed-in person's chat: the list of rooms, the open ones, the outbox. */

import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import type { Bell, Lock } from '../../platform/tabs.ts';
import type { InboxRecord } from '../../store/database.ts';
import type { ChatSocket } from '../../wire/chat_socket.ts';
import type {
  LastLine,
  LogEvent,
  PersonId,
  ReaderList,
  RoomId,
  RoomSummary,
  TextVersion,
} from '../../wire/types.ts';
import { Changes } from './changes.ts';
import { Outbox, type OutboxStore } from './outbox.ts';
import { Room, type RoomStore } from './room.ts';

/** Rooms kept up to date, and readable offline, without being opened. */
export const KEPT_ROOMS_MAX = 20;
const PREVIEW_CHARS_MAX = 80;

export interface InboxStore {
  get(): Promise<InboxRecord | undefined>;
  put(rooms: RoomSummary[], savedAt: number): Promise<void>;
}

export interface ChatParts {
  me: PersonId;
  socket: ChatSocket;
  clock: Clock;
  rooms: RoomStore;
  inbox: InboxStore;
  outbox: OutboxStore;
  newCid(): string;
  lock: Lock;
  bell: Bell;
  /** Whether rooms that are not open may be loaded as well. */
  mayPrefetch(): boolean;
}

export type ListFace = 'loading' | 'ready' | 'error';

export class Chat {
  /** The caller's rooms, last activity first; `null` while unknown. */
  readonly list: ReadonlySignal<readonly RoomSummary[] | null>;
  readonly listFace = signal<ListFace>('loading');
  /** When the list was last true, while the socket is down. */
  readonly savedAt = signal<number | null>(null);
  readonly outbox: Outbox;
  readonly changes: Changes;
  readonly socket: ChatSocket;
  private readonly rooms = signal<readonly RoomSummary[] | null>(null);
  private readonly open = new Map<RoomId, Room>();
  private listKnown: () => void = () => {};
  private listed = new Promise<void>((resolve) => {
    this.listKnown = resolve;
  });
  private restored: Promise<void> | null = null;
  private stops: (() => void)[] = [];

  constructor(private readonly parts: ChatParts) {
    this.socket = parts.socket;
    this.list = this.rooms;
    this.changes = new Changes(parts);
    this.outbox = new Outbox({
      store: parts.outbox,
      clock: parts.clock,
      newCid: parts.newCid,
      lock: parts.lock,
      lockName: `outbox-${parts.me}`,
      bell: parts.bell,
      send: (record) =>
        parts.socket.call('msg.send', {
          room: record.room,
          cid: record.cid,
          text: record.text,
          ...(record.reply_to === null ? {} : { reply_to: record.reply_to }),
          ...(record.mentions.length > 0 ? { mentions: record.mentions } : {}),
        }),
    });
  }

  /** Show the list of rooms that the device keeps. */
  restore(): Promise<void> {
    this.restored ??= this.parts.inbox.get().then(
      (record) => {
        if (!record || this.rooms.peek()) return;
        this.rooms.value = record.rooms;
        this.savedAt.value = record.saved_at;
        this.listFace.value = 'ready';
      },
      () => {},
    );
    return this.restored;
  }

  async start(): Promise<void> {
    await this.restore();
    await this.outbox.start().catch(() => {});
    this.stops = [
      this.parts.socket.onInbox(({ event }) => this.inboxEvent(event)),
      effect(() => {
        const online = this.parts.socket.state.value.at === 'online';
        untracked(() => {
          this.outbox.reachable(online);
          if (online) void this.refresh();
        });
      }),
    ];
  }

  stop(): void {
    for (const stop of this.stops) stop();
    for (const room of this.open.values()) room.close();
    this.parts.bell.close();
  }

  /** Write what is known to the device, before the page goes. */
  save(): void {
    for (const room of this.open.values()) room.save();
  }

  /** Ask the hub for the list of rooms. */
  async refresh(): Promise<void> {
    try {
      const { rooms } = await this.parts.socket.call('room.list', {});
      this.setRooms(rooms);
      this.savedAt.value = null;
      this.listFace.value = 'ready';
      this.listKnown();
      void this.follow();
    } catch {
      if (!this.rooms.peek()) this.listFace.value = 'error';
    }
  }

  /** The room, open and followed. */
  room(id: RoomId): Room {
    const known = this.open.get(id);
    if (known) return known;
    const room = new Room({
      id,
      me: this.parts.me,
      socket: this.parts.socket,
      store: this.parts.rooms,
      clock: this.parts.clock,
      summary: () => this.summaryOf(id),
      confirm: (cid) => void this.outbox.confirm(cid),
      changed: (_room, event, seq) => this.roomEvent(id, event, seq),
      marked: (seq, unread) => this.change(id, (line) => markedLine(line, seq, unread)),
      gone: () => this.remove(id),
    });
    this.open.set(id, room);
    void room.open();
    return room;
  }

  /** The room, as a member opens it: what is unread now stands below the line. */
  visit(id: RoomId): Room {
    const room = this.room(id);
    room.visit();
    return room;
  }

  /** Who has read up to a message. */
  readers(room: RoomId, seq: number): Promise<ReaderList> {
    return this.parts.socket.call('read.by', { room, seq });
  }

  /** What a message said before, oldest first. */
  async versions(room: RoomId, seq: number): Promise<readonly TextVersion[]> {
    return (await this.parts.socket.call('msg.edits', { room, seq })).versions;
  }

  private async summaryOf(id: RoomId): Promise<RoomSummary | null> {
    await this.listed;
    return this.rooms.peek()?.find((line) => line.room === id) ?? null;
  }

  /** Follow the most recent rooms one after the other, so that an open one is never kept waiting. */
  private async follow(): Promise<void> {
    if (!this.parts.mayPrefetch()) return;
    for (const line of (this.rooms.peek() ?? []).slice(0, KEPT_ROOMS_MAX)) {
      await this.room(line.room).settled;
    }
  }

  private setRooms(rooms: readonly RoomSummary[]): void {
    const sorted = [...rooms].sort((a, b) => (b.last?.ts ?? 0) - (a.last?.ts ?? 0));
    this.rooms.value = sorted;
    this.parts.inbox.put(sorted, this.parts.clock.now()).catch(() => {});
  }

  private change(id: RoomId, to: (line: RoomSummary) => RoomSummary): void {
    const rooms = this.rooms.peek();
    if (rooms) this.setRooms(rooms.map((line) => (line.room === id ? to(line) : line)));
  }

  private remove(id: RoomId): void {
    this.setRooms((this.rooms.peek() ?? []).filter((line) => line.room !== id));
  }

  private inboxEvent(event: LogEvent): void {
    if (event.t === 'room_removed' && event.b) this.open.get(event.b.room)?.ended(0);
    if (event.t === 'room_added' || event.t === 'room_removed') void this.refresh();
  }

  private roomEvent(id: RoomId, event: LogEvent, seq: number): void {
    const name = this.open.get(id)?.log.people.get(event.from) ?? '';
    this.change(id, (line) => lineAfter(line, event, seq, { me: this.parts.me, name }));
  }
}

function markedLine(line: RoomSummary, seq: number, unread: number): RoomSummary {
  return {
    ...line,
    read_seq: Math.max(line.read_seq, seq),
    unread,
    mentions: unread ? line.mentions : 0,
  };
}

/** A line of the list after an event of its room. */
function lineAfter(
  line: RoomSummary,
  event: LogEvent,
  seq: number,
  who: { me: PersonId; name: string },
): RoomSummary {
  // The list was made when the event was counted already.
  const counted = seq <= line.top;
  const next = { ...line, top: Math.max(line.top, seq) };
  switch (event.t) {
    case 'msg': {
      const { text, mentions } = event.b ?? { text: '' };
      if (!line.last || seq > line.last.seq) {
        next.last = { seq, from: event.from, name: who.name, text: preview(text), ts: event.ts };
      }
      if (counted || event.from === who.me) return next;
      next.unread += 1;
      next.mentions += mentions?.includes(who.me) ? 1 : 0;
      return next;
    }
    case 'call_started':
      if (!counted && event.from !== who.me) next.unread += 1;
      return next;
    case 'edit':
      return withLast(next, event.ref, (last) => ({ ...last, text: preview(event.b?.text ?? '') }));
    case 'withdrawn':
    case 'hidden':
      return withLast(next, event.ref, (last) => ({ ...last, text: '' }));
    case 'room':
      return { ...next, title: event.b?.title ?? next.title };
    default:
      return next;
  }
}

function withLast(
  line: RoomSummary,
  ref: number | null | undefined,
  to: (last: LastLine) => LastLine,
): RoomSummary {
  return line.last && line.last.seq === ref ? { ...line, last: to(line.last) } : line;
}

function preview(text: string): string {
  return text.slice(0, PREVIEW_CHARS_MAX);
}
