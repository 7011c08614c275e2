import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import { deleteDatabase, openDatabase, type RoomRecord } from '../../store/database.ts';
import { KEPT_ROOMS_MAX } from './chat.ts';
import { databaseStores } from './chat_stores.ts';

const PERSON = 'p1';

function record(n: number): RoomRecord {
  return {
    room: `r${n}`,
    position: { offset: n, epoch: 'e' },
    lines: [],
    people: {},
    visible_from: 1,
    older: false,
    read_seq: 0,
    saved_at: n,
  };
}

function message(cid: string) {
  return { cid, room: 'r1', text: cid, reply_to: null, mentions: [], made_at: 0, failed: null };
}

describe('the copies on the device', () => {
  afterEach(async () => {
    await deleteDatabase(PERSON);
    await deleteDatabase('p2');
  });

  it('keep the outbox in the order of writing across visits', async () => {
    const first = await openDatabase(PERSON);
    const { outbox } = databaseStores(first);
    const [a] = await Promise.all(['a', 'b', 'c'].map((cid) => outbox.add(message(cid))));
    await outbox.remove(a?.n ?? 0);
    first.close();
    const second = databaseStores(await openDatabase(PERSON)).outbox;
    expect((await second.all()).map((one) => one.cid)).toEqual(['b', 'c']);
    expect((await second.add(message('d'))).n).toBeGreaterThan(3);
  });

  it('keep the rooms seen last, and no more than that', async () => {
    const { rooms } = databaseStores(await openDatabase(PERSON));
    for (let n = 1; n <= KEPT_ROOMS_MAX + 2; n += 1) await rooms.put(record(n));
    expect(await rooms.get('r2')).toBeUndefined();
    expect(await rooms.get('r3')).toMatchObject({ position: { offset: 3 } });
  });

  it('keep two people on one phone apart', async () => {
    const mine = databaseStores(await openDatabase(PERSON));
    const hers = databaseStores(await openDatabase('p2'));
    await mine.drafts.put('r1', 'private');
    await mine.outbox.add(message('a'));
    expect(await hers.drafts.get('r1')).toBe('');
    expect(await hers.outbox.all()).toEqual([]);
  });

  it('are gone after sign-out, though another tab still has them open', async () => {
    const { drafts } = databaseStores(await openDatabase(PERSON));
    await drafts.put('r1', 'private');
    await deleteDatabase(PERSON);
    const again = databaseStores(await openDatabase(PERSON));
    expect(await again.drafts.get('r1')).toBe('');
  });
});
