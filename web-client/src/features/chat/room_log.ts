/**
 * What is known of one room's log: lines as they stand now, and which stretches of the log they
 * cover. Two stretches with something between them make a gap that the list shows; nothing is
 * ever left out silently.
 */

import type { Position } from '../../wire/chat_socket.ts';
import type { Item, LogEvent, MessagePage, PersonId, Quote } from '../../wire/types.ts';
import { reacted } from './reactions.ts';

/** A stretch of the log without a hole, both ends included. */
interface Span {
  from: number;
  to: number;
}

interface Known {
  item: Item;
  /** The line stands as of this sequence number: earlier events are in it already. */
  asOf: number;
}

/** Which page was asked for. */
export type PageAsked = { newest: true } | { before: number } | { after: number };

export interface Gap {
  /** Last sequence number known before the gap. */
  after: number;
  /** Messages missing, where their running numbers tell. */
  missing: number | null;
}

/** Whether a line counts as unread. */
export function counts(t: Item['t']): boolean {
  return t === 'msg' || t === 'call_started';
}

export interface Snapshot {
  lines: Item[];
  position: Position;
  people: Record<PersonId, string>;
  visibleFrom: number;
  older: boolean;
}

const QUOTE_CHARS_MAX = 80;

export class RoomLog {
  readonly people = new Map<PersonId, string>();
  /** Title set by an event, newer than any list of rooms. */
  title: string | null = null;
  private readonly known = new Map<number, Known>();
  private spans: Span[] = [];
  private sorted: Item[] | null = [];
  private at: Position | null = null;
  private visibleFrom = 1;

  constructor(private readonly me: PersonId) {}

  /** Lines, oldest first. */
  lines(): readonly Item[] {
    this.sorted ??= Array.from(this.known.values(), (known) => known.item).sort(
      (a, b) => a.seq - b.seq,
    );
    return this.sorted;
  }

  line(seq: number): Item | undefined {
    return this.known.get(seq)?.item;
  }

  position(): Position | null {
    return this.at;
  }

  /** Oldest sequence number reached, or `null` when everything the caller may see is here. */
  olderThan(): number | null {
    const first = this.spans[0];
    if (!first) return null;
    return first.from > this.visibleFrom ? first.from : null;
  }

  /** The gaps between stretches, oldest first. */
  gaps(): Gap[] {
    return this.spans.slice(0, -1).map((span, index) => {
      const next = this.spans[index + 1] ?? span;
      const before = this.lastUpTo(span.to);
      const behind = this.firstFrom(next.from);
      const missing = before && behind ? Math.max(0, behind.nth - before.nth - 1) : null;
      return { after: span.to, missing };
    });
  }

  /** Messages of others after `seq`, those in gaps included. */
  countAfter(seq: number): number {
    const lines = this.lines();
    const last = lines[lines.length - 1];
    if (!last) return 0;
    const seen = this.lastUpTo(seq)?.nth ?? (lines[0]?.nth ?? 1) - 1;
    const own = lines.filter((l) => l.seq > seq && counts(l.t) && l.from === this.me).length;
    return Math.max(0, last.nth - seen - own);
  }

  /** Forget every line: the hub can not say what changed in them. */
  clear(): void {
    this.known.clear();
    this.spans = [];
    this.sorted = null;
    this.at = null;
  }

  restore(snapshot: Snapshot): void {
    this.clear();
    this.visibleFrom = snapshot.visibleFrom;
    for (const [person, name] of Object.entries(snapshot.people)) this.people.set(person, name);
    const { offset } = snapshot.position;
    for (const item of snapshot.lines) this.known.set(item.seq, { item, asOf: offset });
    const first = snapshot.lines[0]?.seq ?? offset;
    this.spans = [{ from: snapshot.older ? first : snapshot.visibleFrom, to: offset }];
    this.at = snapshot.position;
  }

  /** The newest `limit` lines without a hole, for the device's store. */
  snapshot(limit: number): Snapshot | null {
    const tail = this.spans[this.spans.length - 1];
    if (!this.at || !tail) return null;
    const lines = this.lines().filter((item) => item.seq >= tail.from);
    const kept = lines.slice(-limit);
    const people: Record<PersonId, string> = {};
    for (const item of kept) {
      for (const person of [item.from, item.reply_to?.from ?? item.from]) {
        const name = this.people.get(person);
        if (name !== undefined) people[person] = name;
      }
    }
    return {
      lines: kept,
      position: this.at,
      people,
      visibleFrom: this.visibleFrom,
      older: kept.length < lines.length || tail.from > this.visibleFrom,
    };
  }

  /** Take in a page. The newest page also sets the position to follow from. */
  merge(page: MessagePage, asked: PageAsked): void {
    this.visibleFrom = page.visible_from;
    for (const [person, name] of Object.entries(page.people)) this.people.set(person, name);
    for (const item of page.items) {
      const known = this.known.get(item.seq);
      if (!known || known.asOf <= page.top) this.known.set(item.seq, { item, asOf: page.top });
    }
    this.sorted = null;
    const span = spanOf(page, asked);
    if (span.to >= span.from) this.cover(span);
    if ('newest' in asked) this.at = { offset: page.top, epoch: page.epoch };
  }

  /** Take in the next event. One that is known already changes nothing. */
  apply(seq: number, event: LogEvent): boolean {
    if (!this.at || seq <= this.at.offset) return false;
    const tail = this.spans[this.spans.length - 1];
    // The hub delivers without holes over what the caller may see: a jump in the numbers is what
    // the caller may not.
    if (tail) tail.to = Math.max(tail.to, seq);
    this.at = { offset: seq, epoch: this.at.epoch };
    if (!this.change(seq, event)) this.insert(seq, event);
    return true;
  }

  /** Changes to an earlier line. Answers whether the event was one. */
  private change(seq: number, event: LogEvent): boolean {
    switch (event.t) {
      case 'edit':
        this.rewrite(event.ref, seq, (item) => ({
          ...item,
          text: event.b?.text ?? item.text ?? null,
          edited: true,
        }));
        this.requote(event.ref, event.b?.text ?? null);
        return true;
      case 'withdrawn':
      case 'hidden':
        this.rewrite(event.ref, seq, (item) => ({
          ...item,
          state: event.t === 'hidden' ? 'hidden' : 'withdrawn',
          text: null,
          reactions: [],
        }));
        this.requote(event.ref, null);
        return true;
      case 'react': {
        const { emoji, on } = event.b ?? { emoji: '', on: true };
        const mine = event.from === this.me;
        this.rewrite(event.ref, seq, (item) => reacted(item, emoji, on, mine));
        return true;
      }
      case 'pin':
        this.rewrite(event.ref, seq, (item) => ({ ...item, pinned: event.b?.on ?? true }));
        return true;
      default:
        return false;
    }
  }

  private insert(seq: number, event: LogEvent): void {
    if (this.known.has(seq)) return;
    const text = this.subjectOf(event);
    if (text === undefined) return;
    const nth = (this.lines()[this.lines().length - 1]?.nth ?? 0) + (counts(event.t) ? 1 : 0);
    const replyTo = event.t === 'msg' ? event.b?.reply_to : null;
    const item: Item = {
      seq,
      nth,
      t: event.t,
      from: event.from,
      ts: event.ts,
      cid: event.cid ?? null,
      state: 'shown',
      text,
      ...(typeof replyTo === 'number' ? { reply_to: this.quote(replyTo) } : {}),
      ...(event.t === 'msg' && event.b?.mentions ? { mentions: event.b.mentions } : {}),
      ...(event.t === 'call_ended' && event.b ? { call: event.b } : {}),
    };
    this.known.set(seq, { item, asOf: seq });
    this.sorted = null;
  }

  /** Text of a message, subject of a notice; `undefined` for an event that makes no line. */
  private subjectOf(event: LogEvent): string | undefined {
    switch (event.t) {
      case 'msg':
        return event.b?.text;
      case 'joined':
      case 'left':
        if (event.b) this.people.set(event.b.person, event.b.name);
        return event.b?.name;
      case 'room':
        this.title = event.b?.title ?? this.title;
        return event.b?.title;
      case 'call_started':
      case 'call_ended':
        return '';
      default:
        return undefined;
    }
  }

  private quote(seq: number): Quote {
    const line = this.line(seq);
    // The author of a line that is not here is unknown; the hub's page names them.
    if (!line) return { seq, from: '' };
    const text = line.state === 'shown' ? line.text?.slice(0, QUOTE_CHARS_MAX) : undefined;
    return text === undefined ? { seq, from: line.from } : { seq, from: line.from, text };
  }

  private rewrite(ref: number | null | undefined, seq: number, to: (item: Item) => Item): void {
    const known = typeof ref === 'number' ? this.known.get(ref) : undefined;
    if (!known || known.asOf >= seq) return;
    this.known.set(known.item.seq, { item: to(known.item), asOf: seq });
    this.sorted = null;
  }

  /** Answers quote a message as it stands now. */
  private requote(ref: number | null | undefined, text: string | null): void {
    for (const known of this.known.values()) {
      const { reply_to } = known.item;
      if (!reply_to || reply_to.seq !== ref) continue;
      const quote: Quote = { seq: reply_to.seq, from: reply_to.from };
      if (text !== null) quote.text = text.slice(0, QUOTE_CHARS_MAX);
      known.item = { ...known.item, reply_to: quote };
    }
    this.sorted = null;
  }

  private cover(span: Span): void {
    const merged: Span[] = [];
    for (const next of [...this.spans, span].sort((a, b) => a.from - b.from)) {
      const last = merged[merged.length - 1];
      if (last && next.from <= last.to + 1) last.to = Math.max(last.to, next.to);
      else merged.push({ ...next });
    }
    this.spans = merged;
  }

  private lastUpTo(seq: number): Item | undefined {
    const lines = this.lines();
    for (let index = lines.length - 1; index >= 0; index -= 1) {
      const item = lines[index];
      if (item && item.seq <= seq) return item;
    }
    return undefined;
  }

  private firstFrom(seq: number): Item | undefined {
    return this.lines().find((item) => item.seq >= seq);
  }
}

function spanOf(page: MessagePage, asked: PageAsked): Span {
  const first = page.items[0]?.seq;
  const last = page.items[page.items.length - 1]?.seq;
  if ('after' in asked) {
    const to = page.newer ? (last ?? asked.after) : page.top;
    return { from: asked.after + 1, to };
  }
  const from = page.older && first !== undefined ? first : page.visible_from;
  return { from, to: 'before' in asked ? asked.before - 1 : Math.max(page.top, from) };
}
