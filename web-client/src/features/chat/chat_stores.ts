/** Where the chat keeps its copies: the person's IndexedDB, or nothing where there is none. */

import { commitNow, type Database } from '../../store/database.ts';
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

/** For a browser that refuses IndexedDB. */
export function memoryStores(): ChatStores {
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
