/** One room as a member has it open: its log, what is being loaded, what was read. */

import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import type { RoomRecord } from '../../store/database.ts';
import {
  CallFailed,
  type ChatSocket,
  type Follower,
  type Following,
  type Position,
  roomChannel,
} from '../../wire/chat_socket.ts';
import type {
  Item,
  LogEvent,
  MessagePage,
  PersonId,
  RoomId,
  RoomMember,
  RoomSummary,
} from '../../wire/types.ts';
import { type PageAsked, RoomLog } from './room_log.ts';

const FIRST_PAGE_LINES = 30;
const PAGE_LINES = 40;
/** Lines of one room kept on the device. */
const KEPT_LINES_MAX = 200;
const MARK_DELAY_MS = 1_000;
const SAVE_DELAY_MS = 800;
const NOT_ALLOWED = 103;

/** `loading` – nothing to show yet. `denied` – the caller may not read the room. */
export type RoomFace = 'loading' | 'ready' | 'error' | 'denied';

export interface RoomStore {
  get(room: RoomId): Promise<RoomRecord | undefined>;
  put(record: RoomRecord): Promise<void>;
  remove(room: RoomId): Promise<void>;
}

export interface RoomParts {
  id: RoomId;
  me: PersonId;
  socket: ChatSocket;
  store: RoomStore;
  clock: Clock;
  /** The room's line of the list, once the list is known; `null` when it is not in it. */
  summary(): Promise<RoomSummary | null>;
  /** A line of the caller's own stands in the log. */
  confirm(cid: string): void;
  /** An event was taken in. */
  changed(room: Room, event: LogEvent, seq: number): void;
  /** The hub says how much is unread. */
  marked(seq: number, unread: number): void;
  /** The caller is no member any more. */
  gone(code: number): void;
}

export class Room implements Follower {
  readonly log: RoomLog;
  readonly face = signal<RoomFace>('loading');
  /** Counts changes of `log`; read it where the log is drawn. */
  readonly revision = signal(0);
  readonly followed = signal(false);
  /** What is being loaded: `older`, `gap<seq>`, `jump`. */
  readonly loading = signal<ReadonlySet<string>>(new Set());
  /** Last sequence number read before this visit; above it stands the unread line. */
  readonly readBefore = signal<number | null>(null);
  /** Highest sequence number that stood on the screen. */
  readonly seen = signal(0);
  /** The line that is to come on the screen; the list takes it. */
  readonly sought = signal<number | null>(null);
  /** Counts loads from the hub: the list finds its place anew after one. */
  readonly loads = signal(0);
  /** The roster, leaders first; `null` while unknown. */
  readonly members = signal<readonly RoomMember[] | null>(null);
  /** Pinned messages, last pinned first. */
  readonly pins = signal<readonly Item[]>([]);
  /** Members who let it be seen and are there now; `null` while unknown. */
  readonly online = signal<number | null>(null);
  /** Counts what the log told of the room's calls, and of its meeting. */
  readonly news = signal(0);
  /** The roster could not be read. */
  readonly membersFailed = signal(false);
  /** Who leads the room, as far as known. */
  readonly leaders = computed(
    () =>
      new Set(this.members.value?.flatMap((one) => (one.role === 'leader' ? [one.person] : []))),
  );
  /** Messages of others that came while the room was followed, for announcing them. */
  readonly arrived = signal<{ count: number; from: PersonId; text: string }>({
    count: 0,
    from: '',
    text: '',
  });
  /** When the copy on the device was made, while only that is shown. */
  readonly savedAt = signal<number | null>(null);
  /** Messages of others below what stood on the screen. */
  readonly below: ReadonlySignal<number>;
  private following: Following | null = null;
  private marked = 0;
  private visited = false;
  private cancelMark: (() => void) | null = null;
  private cancelSave: (() => void) | null = null;
  private readySettled: () => void = () => {};
  /** Settles when the room shows something of the hub's, or can not. */
  readonly settled = new Promise<void>((resolve) => {
    this.readySettled = resolve;
  });

  constructor(private readonly parts: RoomParts) {
    this.log = new RoomLog(parts.me);
    this.below = computed(() => {
      void this.revision.value;
      return this.log.countAfter(this.seen.value);
    });
  }

  get id(): RoomId {
    return this.parts.id;
  }

  /** Show the copy on the device, then follow the hub. */
  async open(): Promise<void> {
    const record = await this.parts.store.get(this.id).catch(() => undefined);
    if (record) this.restore(record);
    this.following = this.parts.socket.follow(roomChannel(this.id), this.log.position(), this);
  }

  /** Try again after an error. */
  reopen(): void {
    this.face.value = this.log.position() ? 'ready' : 'loading';
    this.following?.stop();
    this.following = this.parts.socket.follow(roomChannel(this.id), this.log.position(), this);
  }

  close(): void {
    this.following?.stop();
    this.following = null;
    this.cancelMark?.();
    this.save();
  }

  /** The member opened the room: what is unread now stands below the line. */
  visit(): void {
    this.readBefore.value = this.seen.peek() > 0 ? this.seen.peek() : null;
    this.visited = true;
    if (!this.followed.peek()) return;
    void this.readMembers();
    void this.readPins();
  }

  async load(): Promise<Position> {
    try {
      const [page, summary] = await Promise.all([
        this.page({ limit: FIRST_PAGE_LINES }),
        this.parts.summary(),
      ]);
      const read = Math.max(this.marked, summary?.read_seq ?? 0);
      const missed = await this.missed(page, read);
      this.log.clear();
      this.log.merge(page, { newest: true });
      if (missed) this.log.merge(missed, { after: read });
      this.startReadingFrom(read);
      this.took([page, ...(missed ? [missed] : [])]);
      this.loads.value += 1;
      this.save();
      this.face.value = 'ready';
      this.readySettled();
      return { offset: page.top, epoch: page.epoch };
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  event(seq: number, event: LogEvent): void {
    if (!this.log.apply(seq, event)) return;
    if (event.from === this.parts.me && event.cid) this.parts.confirm(event.cid);
    if (event.t === 'msg' && event.from !== this.parts.me) {
      const { count } = this.arrived.peek();
      this.arrived.value = { count: count + 1, from: event.from, text: event.b?.text ?? '' };
    }
    if (/^(call|meeting|vote)_/.test(event.t)) this.news.value += 1;
    if (event.t === 'joined' || event.t === 'left') void this.readMembers();
    if (touchesPins(event, this.pins.peek())) void this.readPins();
    this.parts.changed(this, event, seq);
    this.touch();
  }

  live(now: boolean): void {
    this.followed.value = now;
    if (!now) return;
    this.savedAt.value = null;
    this.readySettled();
    if (this.visited) {
      void this.readMembers();
      void this.readPins();
    }
    if (this.seen.peek() > this.marked) this.markSoon();
  }

  ended(code: number): void {
    this.face.value = 'denied';
    this.log.clear();
    this.cancelSave?.();
    this.cancelSave = null;
    void this.parts.store.remove(this.id);
    this.readySettled();
    this.parts.gone(code);
  }

  /** Load the page before the oldest line. */
  older(): Promise<void> {
    const before = this.log.olderThan();
    if (before === null) return Promise.resolve();
    return this.fetch('older', { before });
  }

  /** Load the next page of a gap. */
  gap(after: number): Promise<void> {
    return this.fetch(`gap${after}`, { after });
  }

  /** Bring the line `seq` on the screen, with what stands around it. */
  async jump(seq: number): Promise<void> {
    if (!this.log.line(seq)) {
      await this.fetch('jump', { before: seq + 1 });
      await this.fetch('jump', { after: seq });
    }
    this.sought.value = seq;
  }

  /** The line `seq` stood on the screen. */
  saw(seq: number): void {
    if (seq <= this.seen.peek()) return;
    this.seen.value = seq;
    this.markSoon();
  }

  /** Write what is known to the device now. */
  save(): void {
    this.cancelSave?.();
    this.cancelSave = null;
    const snapshot = this.log.snapshot(KEPT_LINES_MAX);
    if (!snapshot) return;
    const record: RoomRecord = {
      room: this.id,
      position: snapshot.position,
      lines: snapshot.lines,
      people: snapshot.people,
      visible_from: snapshot.visibleFrom,
      older: snapshot.older,
      read_seq: this.seen.peek(),
      saved_at: this.parts.clock.now(),
    };
    // A full disk costs the copy for reading offline, nothing else.
    this.parts.store.put(record).catch(() => {});
  }

  private restore(record: RoomRecord): void {
    this.log.restore({
      lines: record.lines,
      position: record.position,
      people: record.people,
      visibleFrom: record.visible_from,
      older: record.older,
    });
    this.startReadingFrom(record.read_seq);
    this.savedAt.value = record.saved_at;
    this.face.value = 'ready';
    this.revision.value += 1;
  }

  private startReadingFrom(read: number): void {
    if (read > this.seen.peek()) this.seen.value = read;
    if (this.readBefore.peek() === null && read > 0) this.readBefore.value = read;
  }

  /** The page after the last line read, when the newest page does not reach back to it. */
  private missed(newest: MessagePage, read: number): Promise<MessagePage> | null {
    const first = newest.items[0];
    if (!first || !newest.older || read < newest.visible_from || first.seq <= read + 1) return null;
    return this.page({ after: read, limit: PAGE_LINES });
  }

  private page(asked: { before?: number; after?: number; limit: number }): Promise<MessagePage> {
    return this.parts.socket.call('messages.page', { room: this.id, ...asked });
  }

  private async fetch(name: string, asked: PageAsked & object): Promise<void> {
    if (this.loading.peek().has(name)) return;
    this.loading.value = new Set(this.loading.peek()).add(name);
    try {
      const page = await this.page({ ...asked, limit: PAGE_LINES });
      this.log.merge(page, asked);
      this.took([page]);
    } finally {
      const left = new Set(this.loading.peek());
      left.delete(name);
      this.loading.value = left;
    }
  }

  private took(pages: MessagePage[]): void {
    for (const item of pages.flatMap((page) => page.items)) {
      if (item.from === this.parts.me && item.cid) this.parts.confirm(item.cid);
    }
    this.touch();
  }

  private touch(): void {
    this.revision.value += 1;
    this.cancelSave ??= this.parts.clock.after(SAVE_DELAY_MS, () => this.save());
  }

  private failed(error: unknown): void {
    if (error instanceof CallFailed && error.code === NOT_ALLOWED) {
      this.ended(error.code);
      return;
    }
    if (this.face.peek() === 'loading') this.face.value = 'error';
    this.readySettled();
  }

  /** Read the roster; a failure leaves what is known. */
  async readMembers(): Promise<void> {
    this.membersFailed.value = false;
    try {
      const { members } = await this.parts.socket.call('room.members', { room: this.id });
      for (const member of members) this.log.people.set(member.person, member.name);
      this.members.value = members;
      this.revision.value += 1;
    } catch {
      this.membersFailed.value = true;
    }
  }

  /** Read the pinned messages; a failure leaves what is known. */
  private async readPins(): Promise<void> {
    if (!this.visited) return;
    try {
      const { items, people } = await this.parts.socket.call('pin.list', { room: this.id });
      for (const [person, name] of Object.entries(people)) this.log.people.set(person, name);
      this.pins.value = items;
    } catch {
      // Read again with the next change, or when the room is followed the next time.
    }
  }

  private markSoon(): void {
    this.cancelMark ??= this.parts.clock.after(MARK_DELAY_MS, () => {
      this.cancelMark = null;
      void this.mark();
    });
  }

  private async mark(): Promise<void> {
    const seq = this.seen.peek();
    if (seq <= this.marked || !this.followed.peek()) return;
    try {
      const result = await this.parts.socket.call('read.mark', { room: this.id, seq });
      this.marked = Math.max(this.marked, result.seq);
      this.parts.marked(result.seq, result.unread);
    } catch {
      // Told again when the room is followed the next time, or with the next line read.
    }
    this.save();
  }
}

/** Whether the pinned messages look different after this event. */
function touchesPins(event: LogEvent, pins: readonly Item[]): boolean {
  return event.t === 'pin' || (event.t !== 'msg' && pins.some((item) => item.seq === event.ref));
}
