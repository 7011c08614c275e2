/** A hub in memory, for tests of models and of screens: rooms, members, pages, calls. */

import { CallFailed } from '../wire/chat_socket.ts';
import type {
  Item,
  LogEvent,
  MessagePage,
  Method,
  Params,
  PersonId,
  Result,
  RoomId,
  RoomSummary,
} from '../wire/types.ts';
import { mark, versionsOf } from './fake_marks.ts';

const NOT_ALLOWED = 103;
const METHOD_NOT_FOUND = 104;
const PREVIEW_CHARS_MAX = 80;

export interface FakeRoom {
  id: RoomId;
  title: string;
  kind: RoomSummary['kind'];
  epoch: string;
  members: Set<PersonId>;
  leaders: Set<PersonId>;
  events: LogEvent[];
  read: Map<PersonId, number>;
}

type Listener = (room: RoomId, seq: number, event: LogEvent) => void;

export class FakeHub {
  readonly rooms = new Map<RoomId, FakeRoom>();
  readonly names = new Map<PersonId, string>();
  readonly calls: string[] = [];
  now = 1_800_000_000_000;
  private readonly listeners = new Set<Listener>();

  addRoom(id: RoomId, title: string, members: PersonId[], more: Partial<FakeRoom> = {}): FakeRoom {
    const room: FakeRoom = {
      id,
      title,
      kind: 'party_group',
      epoch: 'e1',
      members: new Set(members),
      leaders: new Set(members.slice(0, 1)),
      events: [],
      read: new Map(),
      ...more,
    };
    this.rooms.set(id, room);
    return room;
  }

  onEvent(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Append an event; answers its sequence number. */
  append(id: RoomId, event: Omit<LogEvent, 'v' | 'ts'> & { ts?: number }): number {
    const room = this.roomOf(id);
    this.now += 1_000;
    const stored = { v: 1, ts: this.now, ...event } as LogEvent;
    room.events.push(stored);
    for (const listener of this.listeners) listener(id, room.events.length, stored);
    return room.events.length;
  }

  say(id: RoomId, from: PersonId, text: string, more: object = {}): number {
    return this.append(id, { t: 'msg', from, b: { text }, ...more } as LogEvent);
  }

  member(id: RoomId, person: PersonId): FakeRoom {
    const room = this.rooms.get(id);
    if (!room?.members.has(person)) throw new CallFailed(NOT_ALLOWED, 'not_allowed', false);
    return room;
  }

  call<M extends Method>(me: PersonId, method: M, params: Params<M>): Result<M> {
    this.calls.push(method);
    const answer = this.answer(me, method, params as never);
    if (!answer) throw new CallFailed(METHOD_NOT_FOUND, 'method not found', false);
    return answer as Result<M>;
  }

  private answer(me: PersonId, method: Method, params: never): object | undefined {
    switch (method) {
      case 'msg.send':
        return this.send(me, params);
      case 'msg.edit':
      case 'msg.withdraw':
        return this.alter(me, params);
      case 'messages.page':
        return this.page(me, params);
      case 'room.list':
        return { rooms: this.list(me) };
      case 'read.mark':
        return this.mark(me, params);
      case 'room.members':
        return this.members(params);
      case 'react.set':
        return this.set(me, params, 'react');
      case 'pin.set':
        return this.set(me, params, 'pin');
      case 'pin.list':
        return this.pins(me, params);
      case 'read.by':
        return this.readers(me, params);
      case 'msg.edits':
        return this.edits(me, params);
      default:
        return undefined;
    }
  }

  private send(me: PersonId, params: Params<'msg.send'>): Result<'msg.send'> {
    const room = this.member(params.room, me);
    const known = room.events.findIndex((e) => e.from === me && e.cid === params.cid);
    const stored = room.events[known];
    if (stored) return { seq: known + 1, ts: stored.ts, dup: true };
    const { text, reply_to, mentions } = params;
    const b = { text, ...(reply_to ? { reply_to } : {}), ...(mentions ? { mentions } : {}) };
    const seq = this.append(params.room, { t: 'msg', from: me, cid: params.cid, b } as LogEvent);
    return { seq, ts: this.now };
  }

  private alter(
    me: PersonId,
    params: Params<'msg.edit'> | Params<'msg.withdraw'>,
  ): Result<'msg.edit'> {
    this.member(params.room, me);
    const { room, seq: ref, cid } = params;
    const event =
      'text' in params
        ? { t: 'edit', from: me, cid, ref, b: { text: params.text } }
        : { t: 'withdrawn', from: me, cid, ref };
    return { seq: this.append(room, event as LogEvent), ts: this.now };
  }

  private set(
    me: PersonId,
    params: Params<'react.set'> | Params<'pin.set'>,
    t: 'react' | 'pin',
  ): Result<'react.set'> {
    this.member(params.room, me);
    const { room, seq: ref, cid, on } = params;
    const b = 'emoji' in params ? { emoji: params.emoji, on } : { on };
    return { seq: this.append(room, { t, from: me, cid, ref, b } as LogEvent), ts: this.now };
  }

  private pins(me: PersonId, { room: id }: Params<'pin.list'>): Result<'pin.list'> {
    const items = this.items(this.member(id, me), me).filter((item) => item.pinned);
    const people = items.map((item) => [item.from, this.names.get(item.from) ?? '']);
    return { items: items.reverse(), people: Object.fromEntries(people) };
  }

  private edits(me: PersonId, { room, seq }: Params<'msg.edits'>): Result<'msg.edits'> {
    return { versions: versionsOf(this.member(room, me), seq) };
  }

  private readers(me: PersonId, { room: id, seq }: Params<'read.by'>): Result<'read.by'> {
    const room = this.member(id, me);
    const author = room.events[seq - 1]?.from;
    const others = Array.from(room.members).filter((person) => person !== author);
    const readers = others
      .filter((person) => (room.read.get(person) ?? 0) >= seq)
      .map((person) => ({ person, name: this.names.get(person) ?? '' }));
    return { readers, read: readers.length, of: others.length };
  }

  private page(me: PersonId, asked: Params<'messages.page'>): MessagePage {
    const room = this.member(asked.room, me);
    const limit = asked.limit ?? 40;
    const all = this.items(room, me);
    const { after, before } = asked;
    let items: Item[];
    if (typeof after === 'number') items = all.filter((i) => i.seq > after).slice(0, limit);
    else items = all.filter((i) => typeof before !== 'number' || i.seq < before).slice(-limit);
    const first = items[0]?.seq ?? before ?? 1;
    const last = items[items.length - 1]?.seq ?? after ?? room.events.length;
    return {
      items,
      people: Object.fromEntries(items.map((i) => [i.from, this.names.get(i.from) ?? ''])),
      older: all.some((i) => i.seq < first),
      newer: all.some((i) => i.seq > last),
      top: room.events.length,
      epoch: room.epoch,
      visible_from: 1,
    };
  }

  private items(room: FakeRoom, me: PersonId): Item[] {
    const items = new Map<number, Item>();
    let nth = 0;
    room.events.forEach((event, index) => {
      const seq = index + 1;
      const target = items.get(event.ref ?? 0);
      if (event.t === 'msg') {
        nth += 1;
        items.set(seq, this.messageItem(event, seq, nth, items));
      } else if (event.t === 'joined' || event.t === 'left') {
        const text = event.b?.name ?? '';
        items.set(seq, {
          seq,
          nth,
          t: event.t,
          from: event.from,
          ts: event.ts,
          state: 'shown',
          text,
        });
      } else if (event.t === 'edit' && target) {
        target.text = event.b?.text ?? '';
        target.edited = true;
      } else if (event.t === 'withdrawn' && target) {
        target.state = 'withdrawn';
        target.text = null;
      } else if (target) mark(target, event, me);
    });
    return Array.from(items.values());
  }

  private messageItem(
    event: LogEvent & { t: 'msg' },
    seq: number,
    nth: number,
    items: Map<number, Item>,
  ): Item {
    const quoted = items.get(event.b?.reply_to ?? 0);
    return {
      seq,
      nth,
      t: 'msg',
      from: event.from,
      ts: event.ts,
      cid: event.cid ?? null,
      state: 'shown',
      text: event.b?.text ?? '',
      ...(quoted
        ? { reply_to: { seq: quoted.seq, from: quoted.from, text: quoted.text ?? null } }
        : {}),
    };
  }

  private list(me: PersonId): RoomSummary[] {
    return Array.from(this.rooms.values())
      .filter((room) => room.members.has(me))
      .map((room) => this.summary(room, me));
  }

  private summary(room: FakeRoom, me: PersonId): RoomSummary {
    const read = room.read.get(me) ?? 0;
    const messages = this.items(room, me).filter((item) => item.t === 'msg');
    const last = messages[messages.length - 1];
    return {
      room: room.id,
      title: room.title,
      kind: room.kind,
      role: room.leaders.has(me) ? 'leader' : 'member',
      members: room.members.size,
      top: room.events.length,
      unread: messages.filter((item) => item.seq > read && item.from !== me).length,
      mentions: 0,
      read_seq: read,
      ...(last
        ? {
            last: {
              seq: last.seq,
              from: last.from,
              name: this.names.get(last.from) ?? '',
              text: (last.text ?? '').slice(0, PREVIEW_CHARS_MAX),
              ts: last.ts,
            },
          }
        : {}),
    };
  }

  private mark(me: PersonId, { room: id, seq }: Params<'read.mark'>): Result<'read.mark'> {
    const room = this.member(id, me);
    const read = Math.max(room.read.get(me) ?? 0, seq);
    room.read.set(me, read);
    return { seq: read, unread: this.summary(room, me).unread };
  }

  private members({ room: id }: Params<'room.members'>): Result<'room.members'> {
    const room = this.roomOf(id);
    const members = Array.from(room.members, (person) => ({
      person,
      name: this.names.get(person) ?? '',
      role: room.leaders.has(person) ? ('leader' as const) : ('member' as const),
    }));
    return { members };
  }

  private roomOf(id: RoomId): FakeRoom {
    const room = this.rooms.get(id);
    if (!room) throw new Error(`no room ${id}`);
    return room;
  }
}
