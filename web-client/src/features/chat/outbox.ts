/**
 * Messages on their way. A message gets its client id once, is stored with it before it is first
 * sent, and is removed only when the hub has said that it is durable. So a closed tab, a lost
 * answer or a second try never loses or doubles it: the hub makes one message of one client id.
 *
 * Messages of one room are sent one after the other in the order of writing.
 */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';
import type { Bell, Lock } from '../../platform/tabs.ts';
import type { OutboxRecord } from '../../store/database.ts';
import { CallFailed, mayRetry } from '../../wire/chat_socket.ts';
import type { MessageSent, PersonId, RoomId } from '../../wire/types.ts';

/** A message not sent within this time is kept as not sent. */
export const OUTBOX_AGE_MS_MAX = 7 * 24 * 3_600_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

/** The hub answers, and can not store messages now. */
const UNAVAILABLE = 100;

/** Why a message is not sent by itself any more, beside the hub's own refusals. */
export const EXPIRED = 'expired';
export const NOT_STORED = 'not_stored';

type EntryState = 'queued' | 'sending' | 'sent' | 'failed';

/** A message as the list shows it until its line of the log stands there. */
export interface Entry {
  cid: string;
  room: RoomId;
  text: string;
  replyTo: number | null;
  mentions: readonly PersonId[];
  madeAt: number;
  state: EntryState;
  /** Stable word of the hub's refusal, or one of the words above. */
  failed: string | null;
}

export interface OutboxStore {
  /** Every record in the order of writing. */
  all(): Promise<OutboxRecord[]>;
  /** Store durably; answers the record with its number. */
  add(record: Omit<OutboxRecord, 'n'>): Promise<OutboxRecord>;
  put(record: OutboxRecord): Promise<void>;
  remove(n: number): Promise<void>;
}

export interface OutboxParts {
  store: OutboxStore;
  /** Bring one message to the hub. */
  send(record: OutboxRecord): Promise<MessageSent>;
  clock: Clock;
  newCid(): string;
  lock: Lock;
  /** Name of the lock: one per person. */
  lockName: string;
  bell: Bell;
}

export interface Draft {
  room: RoomId;
  text: string;
  replyTo: number | null;
  mentions: readonly PersonId[];
}

export class Outbox {
  readonly entries: ReadonlySignal<readonly Entry[]>;
  /** The hub can be reached and says that it can not store messages at the moment. */
  readonly unavailable = signal(false);
  private readonly list = signal<readonly Entry[]>([]);
  private readonly numbers = new Map<string, number>();
  /** Client ids that this tab has removed; a store read begun before must not bring them back. */
  private readonly gone = new Set<string>();
  private sending = false;
  private draining = false;
  private again = false;
  private failures = 0;
  private cancelRetry: () => void = () => {};

  constructor(private readonly parts: OutboxParts) {
    this.entries = this.list;
  }

  /** Read what earlier visits left. */
  async start(): Promise<void> {
    this.parts.bell.onRing(() => {
      void this.reload().then(() => this.drain());
    });
    await this.reload();
  }

  /** Tell whether the hub can be reached. */
  reachable(now: boolean): void {
    this.sending = now;
    this.unavailable.value = false;
    this.failures = 0;
    this.cancelRetry();
    if (now) this.drain();
  }

  /** Write a message. It stands in `entries` when this returns, before anything is awaited. */
  add(draft: Draft): Promise<void> {
    const entry: Entry = {
      ...draft,
      cid: this.parts.newCid(),
      madeAt: this.parts.clock.now(),
      state: 'queued',
      failed: null,
    };
    this.list.value = [...this.list.peek(), entry];
    return this.store(entry);
  }

  /** Send a message that was not sent once more, under the same client id. */
  async retry(cid: string): Promise<void> {
    const record = await this.recordOf(cid);
    if (!record) {
      const entry = this.list.peek().find((other) => other.cid === cid);
      return entry ? this.store(entry) : undefined;
    }
    await this.parts.store.put({ ...record, failed: null, made_at: this.parts.clock.now() });
    this.change(cid, { state: 'queued', failed: null });
    this.parts.bell.ring();
    this.drain();
  }

  /** Give up a message that was not sent. */
  async discard(cid: string): Promise<void> {
    await this.forget(cid);
    this.parts.bell.ring();
  }

  /** The message of this client id stands in the log: it is durable and shown from there. */
  async confirm(cid: string): Promise<void> {
    if (this.list.peek().some((entry) => entry.cid === cid)) await this.forget(cid);
  }

  private async store(entry: Entry): Promise<void> {
    try {
      const record = await this.parts.store.add({
        cid: entry.cid,
        room: entry.room,
        text: entry.text,
        reply_to: entry.replyTo,
        mentions: [...entry.mentions],
        made_at: entry.madeAt,
        failed: null,
      });
      this.numbers.set(record.cid, record.n);
    } catch {
      // Sending what is not stored could double it later, so it is not sent.
      this.change(entry.cid, { state: 'failed', failed: NOT_STORED });
      return;
    }
    this.change(entry.cid, { state: 'queued', failed: null });
    this.parts.bell.ring();
    this.drain();
  }

  private async forget(cid: string): Promise<void> {
    this.gone.add(cid);
    this.list.value = this.list.peek().filter((entry) => entry.cid !== cid);
    const n = this.numbers.get(cid);
    if (n !== undefined) await this.parts.store.remove(n);
  }

  private async recordOf(cid: string): Promise<OutboxRecord | undefined> {
    return (await this.parts.store.all()).find((record) => record.cid === cid);
  }

  private change(cid: string, change: Partial<Entry>): void {
    this.list.value = this.list
      .peek()
      .map((entry) => (entry.cid === cid ? { ...entry, ...change } : entry));
  }

  /** Take the store's word for what waits; keep what this tab alone knows. */
  private async reload(): Promise<void> {
    const storedBefore = new Set(this.numbers.keys());
    const records = (await this.parts.store.all()).filter((record) => !this.gone.has(record.cid));
    const known = new Map(this.list.peek().map((entry) => [entry.cid, entry]));
    const cids = new Set(records.map((record) => record.cid));
    for (const record of records) this.numbers.set(record.cid, record.n);
    const sent = this.list.peek().filter(isSent);
    // Not in the store and never was: being written at this moment, or could not be.
    const alone = this.list
      .peek()
      .filter((e) => !isSent(e) && !cids.has(e.cid) && !storedBefore.has(e.cid));
    const stored = records.map((record) => entryOf(record, known.get(record.cid)));
    this.list.value = [...sent, ...stored, ...alone];
  }

  private drain(): void {
    if (!this.sending) return;
    if (this.draining) {
      this.again = true;
      return;
    }
    this.draining = true;
    this.again = false;
    void this.parts
      .lock(this.parts.lockName, () => this.pass())
      .catch(() => this.retryLater())
      .then(() => {
        this.draining = false;
        if (this.again) this.drain();
      });
  }

  private async pass(): Promise<void> {
    const lanes = new Map<RoomId, OutboxRecord[]>();
    for (const record of await this.parts.store.all()) {
      if (record.failed !== null) continue;
      const lane = lanes.get(record.room);
      if (lane) lane.push(record);
      else lanes.set(record.room, [record]);
    }
    const through = await Promise.all(Array.from(lanes.values(), (lane) => this.lane(lane)));
    if (through.every(Boolean)) this.failures = 0;
    else this.retryLater();
  }

  /** Send the messages of one room. Answers whether the lane is through. */
  private async lane(records: OutboxRecord[]): Promise<boolean> {
    for (const record of records) {
      if (!this.sending) return true;
      if (this.parts.clock.now() - record.made_at > OUTBOX_AGE_MS_MAX) {
        await this.fail(record, EXPIRED);
        continue;
      }
      if (!(await this.sendOne(record))) return false;
    }
    return true;
  }

  private async sendOne(record: OutboxRecord): Promise<boolean> {
    this.change(record.cid, { state: 'sending' });
    try {
      await this.parts.send(record);
      this.unavailable.value = false;
    } catch (error) {
      this.unavailable.value = error instanceof CallFailed && error.code === UNAVAILABLE;
      if (mayRetry(error)) {
        this.change(record.cid, { state: 'queued' });
        return false;
      }
      await this.fail(record, error instanceof CallFailed ? error.word : '');
      return true;
    }
    this.gone.add(record.cid);
    this.change(record.cid, { state: 'sent', failed: null });
    await this.parts.store.remove(record.n);
    this.parts.bell.ring();
    return true;
  }

  private async fail(record: OutboxRecord, failed: string): Promise<void> {
    await this.parts.store.put({ ...record, failed });
    this.change(record.cid, { state: 'failed', failed });
    this.parts.bell.ring();
  }

  private retryLater(): void {
    const wait = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.failures);
    this.failures += 1;
    this.cancelRetry();
    this.cancelRetry = this.parts.clock.after(wait, () => this.drain());
  }
}

function isSent(entry: Entry): boolean {
  return entry.state === 'sent';
}

function entryOf(record: OutboxRecord, known: Entry | undefined): Entry {
  const waiting = known?.state === 'sending' ? 'sending' : 'queued';
  return {
    cid: record.cid,
    room: record.room,
    text: record.text,
    replyTo: record.reply_to,
    mentions: record.mentions,
    madeAt: record.made_at,
    state: record.failed === null ? waiting : 'failed',
    failed: record.failed,
  };
}
