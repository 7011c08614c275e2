import { describe, expect, it } from 'vitest';
import type { InboxRecord, RoomRecord } from './database.ts';
import { takeKept } from './kept.ts';

const inbox: InboxRecord = { id: 'inbox', rooms: [], saved_at: 1 };
const record = { room: 'r1' } as RoomRecord;

function page(person: string, read: Promise<[InboxRecord | undefined, RoomRecord | undefined]>) {
  return { lianxinKept: { person, read } };
}

describe('what was read while the program loaded', () => {
  it('is given once; later the store is asked', async () => {
    const kept = takeKept('p1', page('p1', Promise.resolve([inbox, record])));
    expect(await kept?.inbox()).toBe(inbox);
    expect(await kept?.inbox()).toBeUndefined();
    expect(await kept?.room('r2')).toBeUndefined();
    expect(await kept?.room('r1')).toBe(record);
    expect(await kept?.room('r1')).toBeUndefined();
  });

  it('is nothing for another person who signs in on the same page', () => {
    const read = page('p1', Promise.resolve([inbox, record]));
    expect(takeKept('p2', read)).toBeNull();
    expect(takeKept('p1', read)).toBeNull();
  });

  it('is nothing where the store could not be read', async () => {
    const kept = takeKept('p1', page('p1', Promise.reject(new Error('no store'))));
    expect(await kept?.inbox()).toBeUndefined();
    expect(await kept?.room('r1')).toBeUndefined();
  });
});
