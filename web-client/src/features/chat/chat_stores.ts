/** Where the chat keeps its copies: the person's IndexedDB, or nothing where there is none. */

import { commitNow, type Database } from '../../store/database.ts';
import type { Kept } from '../../store/kept.ts';
import { type InboxStore, KEPT_ROOMS_MAX } from './chat.ts';
import type { OutboxStore } from './outbox.ts';
import { databaseOutboxStore, memoryOutboxStore } from './outbox_store.ts';
import type { RoomStore } from './room.ts';

export interface ChatStores {
  rooms: RoomStore;
  inbox: InboxStore;
  outbox: OutboxStore;
  drafts: DraftStore;
}

/** Text typed and not sent, per field. */
export interface DraftStore {
  get(field: string): Promise<string>;
  put(field: string, text: string): Promise<void>;
}

export function databaseStores(db: Database): ChatStores {
  return {
    rooms: databaseRooms(db),
    inbox: {
      get: () => db.get('inbox', 'inbox'),
      async put(rooms, savedAt) {
        await db.put('inbox', { id: 'inbox', rooms, saved_at: savedAt });
      },
    },
    outbox: databaseOutboxStore(db),
    drafts: {
      get: async (field) => (await db.get('drafts', field))?.text ?? '',
      async put(field, text) {
        const tx = db.transaction('drafts', 'readwrite');
        const written = text ? tx.store.put({ field, text }) : tx.store.delete(field);
        commitNow(tx);
        await Promise.all([written, tx.done]);
      },
    },
  };
}

/**
 * The stores of a database that is still being opened: whatever is asked waits for it, except what
 * was read already. Where it can not be opened, everything lives as long as the tab.
 */
export function storesOf(opening: Promise<Database>, kept: Kept | null): ChatStores {
  const ready = opening.then(databaseStores, memoryStores);
  return {
    rooms: {
      get: async (room) => (await kept?.room(room)) ?? (await ready).rooms.get(room),
      put: async (record) => (await ready).rooms.put(record),
      remove: async (room) => (await ready).rooms.remove(room),
    },
    inbox: {
      get: async () => (await kept?.inbox()) ?? (await ready).inbox.get(),
      put: async (rooms, savedAt) => (await ready).inbox.put(rooms, savedAt),
    },
    outbox: {
      all: async () => (await ready).outbox.all(),
      add: async (record) => (await ready).outbox.add(record),
      put: async (record) => (await ready).outbox.put(record),
      remove: async (n) => (await ready).outbox.remove(n),
    },
    drafts: {
      get: async (field) => (await ready).drafts.get(field),
      put: async (field, text) => (await ready).drafts.put(field, text),
    },
  };
}

/** For a browser that refuses IndexedDB. */
function memoryStores(): ChatStores {
  const drafts = new Map<string, string>();
  return {
    rooms: { get: async () => undefined, put: async () => {}, remove: async () => {} },
    inbox: { get: async () => undefined, put: async () => {} },
    outbox: memoryOutboxStore(),
    drafts: {
      get: async (field) => drafts.get(field) ?? '',
      put: async (field, text) => void drafts.set(field, text),
    },
  };
}

function databaseRooms(db: Database): RoomStore {
  return {
    get: (room) => db.get('rooms', room),
    async put(record) {
      const tx = db.transaction('rooms', 'readwrite');
      await tx.store.put(record);
      const keys = await tx.store.index('saved_at').getAllKeys();
      for (const old of keys.slice(0, Math.max(0, keys.length - KEPT_ROOMS_MAX))) {
        await tx.store.delete(old);
      }
      await tx.done;
    },
    remove: (room) => db.delete('rooms', room),
  };
}
