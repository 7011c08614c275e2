/**
 * What a person's device keeps, one IndexedDB per person, so that two people on one phone never
 * see each other's. Sign-out deletes it.
 */

import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import type { Position } from '../wire/chat_socket.ts';
import type { Item, PersonId, RoomId, RoomSummary } from '../wire/types.ts';

/** A message on its way. Stored before it is first sent, removed when the hub has it. */
export interface OutboxRecord {
  /** Order of writing; given by the store. */
  n: number;
  cid: string;
  room: RoomId;
  text: string;
  reply_to: number | null;
  /** Members called by name. */
  mentions: PersonId[];
  /** Milliseconds since 1970-01-01 UTC on this device. */
  made_at: number;
  /** `null` while it waits; else why it will not be sent by itself. */
  failed: string | null;
}

/** What is known of one room. Lines and position are written together. */
export interface RoomRecord {
  room: RoomId;
  /** Everything up to here is in `lines`, as far as they reach back. */
  position: Position;
  /** Newest lines without a hole, oldest first. */
  lines: Item[];
  people: Record<PersonId, string>;
  visible_from: number;
  /** Whether older lines exist on the hub. */
  older: boolean;
  /** Read on this device; may be ahead of what the hub was told. */
  read_seq: number;
  saved_at: number;
}

/** The inbox as last seen. */
export interface InboxRecord {
  id: 'inbox';
  rooms: RoomSummary[];
  saved_at: number;
}

interface Schema extends DBSchema {
  outbox: { key: number; value: OutboxRecord };
  rooms: { key: string; value: RoomRecord; indexes: { saved_at: number } };
  inbox: { key: string; value: InboxRecord };
  drafts: { key: string; value: { field: string; text: string } };
}

export type Database = IDBPDatabase<Schema>;

const VERSION = 1;

function nameOf(person: PersonId): string {
  return `lianxin-${person}`;
}

/** Open the person's database, making it when it is new. */
export function openDatabase(person: PersonId): Promise<Database> {
  return openDB<Schema>(nameOf(person), VERSION, {
    upgrade(db) {
      db.createObjectStore('outbox', { keyPath: 'n', autoIncrement: true });
      db.createObjectStore('rooms', { keyPath: 'room' }).createIndex('saved_at', 'saved_at');
      db.createObjectStore('inbox', { keyPath: 'id' });
      db.createObjectStore('drafts', { keyPath: 'field' });
    },
    // Another tab wants to delete or upgrade: let go, so that sign-out never hangs.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
    },
  });
}

/**
 * Commit without waiting for the answers of the requests, so that a page which goes the next
 * moment has written. Browsers without it commit by themselves a little later.
 */
export function commitNow(tx: { commit?: () => void }): void {
  tx.commit?.();
}

/** Forget everything of the person on this device. */
export function deleteDatabase(person: PersonId): Promise<void> {
  return deleteDB(nameOf(person));
}
