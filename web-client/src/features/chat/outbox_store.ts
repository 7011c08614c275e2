/** The outbox on the device. */

import { commitNow, type Database, type OutboxRecord } from '../../store/database.ts';
import type { OutboxStore } from './outbox.ts';

/** In the person's IndexedDB; a write is on disk before it is answered, where browsers offer it. */
export function databaseOutboxStore(db: Database): OutboxStore {
  return {
    all: () => db.getAll('outbox'),
    async add(record) {
      const tx = db.transaction('outbox', 'readwrite', { durability: 'strict' });
      // The key generator fills `n`; the type of the store asks for it.
      const added = tx.store.add(record as OutboxRecord);
      commitNow(tx);
      const n = await added;
      await tx.done;
      return { ...record, n };
    },
    async put(record) {
      await db.put('outbox', record);
    },
    remove: (n) => db.delete('outbox', n),
  };
}

/** In memory, for a browser that refuses IndexedDB: lives as long as the tab. */
export function memoryOutboxStore(): OutboxStore {
  const records = new Map<number, OutboxRecord>();
  let last = 0;
  return {
    all: async () => Array.from(records.values()),
    async add(record) {
      last += 1;
      const stored = { ...record, n: last };
      records.set(last, stored);
      return stored;
    },
    async put(record) {
      records.set(record.n, record);
    },
    async remove(n) {
      records.delete(n);
    },
  };
}
