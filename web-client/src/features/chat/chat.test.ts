import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../platform/manual_clock.ts';
import { silentBell } from '../../platform/tabs.ts';
import type { InboxRecord, RoomRecord } from '../../store/database.ts';
import { FakeHub } from '../../testing/fake_hub.ts';
import { FakeSocket } from '../../testing/fake_socket.ts';
import { Chat } from './chat.ts';
import { memoryOutboxStore } from './outbox_store.ts';
import { rowsOf } from './rows.ts';

const ROOM = 'r1';
const ME = 'me';
const HER = 'her';

/** What a device keeps between visits. */
function device() {
  const rooms = new Map<string, RoomRecord>();
  let inbox: InboxRecord | undefined;
  return {
    records: rooms,
    rooms: {
      get: async (id: string) => structuredClone(rooms.get(id)),
      put: async (record: RoomRecord) => void rooms.set(record.room, structuredClone(record)),
      remove: async (id: string) => void rooms.delete(id),
    },
    inbox: {
      get: async () => inbox,
      put: async (list: InboxRecord['rooms'], savedAt: number) => {
        inbox = { id: 'inbox' as const, rooms: list, saved_at: savedAt };
      },
    },
    outbox: memoryOutboxStore(),
  };
}

function hubWith(count: number): FakeHub {
  const hub = new FakeHub();
  hub.names.set(ME, '陈建国').set(HER, '李春梅');
  hub.addRoom(ROOM, '第三党小组', [HER, ME]);
  for (let n = 1; n <= count; n += 1) hub.say(ROOM, HER, `m${n}`);
  return hub;
}

let cids = 0;

async function visit(hub: FakeHub, kept = device()) {
  const clock = new ManualClock();
  const socket = new FakeSocket(hub, ME);
  const chat = new Chat({
    me: ME,
    socket,
    clock,
    rooms: kept.rooms,
    inbox: kept.inbox,
    outbox: kept.outbox,
    newCid: () => `cid${++cids}`,
    lock: (_name, task) => task(),
    bell: silentBell,
    mayPrefetch: () => false,
  });
  await chat.start();
  socket.connect();
  return { chat, socket, clock, kept };
}

function texts(chat: Chat): string[] {
  const { log } = chat.room(ROOM);
  const rows = rowsOf({ log, entries: chat.outbox.entries.value, readBefore: null, me: ME });
  return rows.flatMap((row) => {
    if (row.kind === 'line') return [row.item.text ?? '-'];
    if (row.kind === 'entry') return [`${row.entry.text}:${row.entry.state}`];
    return row.kind === 'gap' ? [`gap ${row.gap.missing}`] : [];
  });
}

describe('chat', () => {
  it('reads what was missed and hears what comes', async () => {
    const hub = hubWith(3);
    const { chat, socket } = await visit(hub);
    const room = chat.room(ROOM);
    await socket.up();
    await settled();
    expect(room.face.value).toBe('ready');
    hub.say(ROOM, HER, 'live');
    expect(texts(chat)).toEqual(['m1', 'm2', 'm3', 'live']);
  });

  it('puts the own message on the screen at once and shows it once', async () => {
    const hub = hubWith(1);
    const { chat, socket } = await visit(hub);
    chat.room(ROOM);
    await socket.up();
    await settled();
    void chat.outbox.add({ room: ROOM, text: 'mine', replyTo: null, mentions: [] });
    expect(texts(chat)).toEqual(['m1', 'mine:queued']);
    await settled();
    expect(texts(chat)).toEqual(['m1', 'mine']);
    expect(chat.outbox.entries.value).toEqual([]);
  });

  it('opens from the device without the hub and goes on where it stopped', async () => {
    const hub = hubWith(5);
    const first = await visit(hub);
    first.chat.room(ROOM);
    await first.socket.up();
    await first.clock.pass(5_000);
    first.chat.stop();

    hub.say(ROOM, HER, 'meanwhile');
    const second = await visit(hub, first.kept);
    const room = second.chat.room(ROOM);
    await settled();
    expect(texts(second.chat)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(room.savedAt.value).not.toBeNull();
    hub.calls.length = 0;
    await second.socket.up();
    await settled();
    expect(texts(second.chat)).toContain('meanwhile');
    expect(room.savedAt.value).toBeNull();
    expect(hub.calls).not.toContain('messages.page');
  });

  it('writes offline, closes, comes back: delivered once', async () => {
    const hub = hubWith(1);
    const first = await visit(hub);
    first.chat.room(ROOM);
    await first.socket.up();
    await settled();
    first.socket.cut();
    await first.chat.outbox.add({
      room: ROOM,
      text: 'from the train',
      replyTo: null,
      mentions: [],
    });
    first.chat.stop();

    const second = await visit(hub, first.kept);
    second.chat.room(ROOM);
    await settled();
    expect(texts(second.chat)).toEqual(['m1', 'from the train:queued']);
    await second.socket.up();
    await settled();
    expect(texts(second.chat)).toEqual(['m1', 'from the train']);
    expect(hub.rooms.get(ROOM)?.events).toHaveLength(2);
  });

  it('shows after a long absence where reading stopped, the newest page and the gap', async () => {
    const hub = hubWith(20);
    const first = await visit(hub);
    const room = first.chat.room(ROOM);
    await first.socket.up();
    room.saw(20);
    await first.clock.pass(5_000);
    first.chat.stop();

    for (let n = 21; n <= 300; n += 1) hub.say(ROOM, HER, `m${n}`);
    const second = await visit(hub, first.kept);
    const again = second.chat.room(ROOM);
    await settled();
    await second.socket.up();
    await settled();
    const shown = texts(second.chat);
    expect(shown[0]).toBe('m21');
    expect(shown).toContain('gap 210');
    expect(shown[shown.length - 1]).toBe('m300');
    expect(again.readBefore.value).toBe(20);
    await again.gap(60);
    expect(texts(second.chat)).toContain('gap 170');
    await again.older();
    expect(texts(second.chat)[0]).toBe('m1');
  });

  it('drops the copy when the hub was restored from a backup', async () => {
    const hub = hubWith(5);
    const first = await visit(hub);
    first.chat.room(ROOM);
    await first.socket.up();
    await first.clock.pass(5_000);
    first.chat.stop();

    const room = hub.rooms.get(ROOM);
    if (room) {
      room.epoch = 'e2';
      room.events.length = 3;
    }
    const second = await visit(hub, first.kept);
    second.chat.room(ROOM);
    await settled();
    await second.socket.up();
    await settled();
    expect(texts(second.chat)).toEqual(['m1', 'm2', 'm3']);
  });

  it('tells the hub once what was read, and counts the rest as unread', async () => {
    const hub = hubWith(4);
    const { chat, socket, clock } = await visit(hub);
    const room = chat.room(ROOM);
    await socket.up();
    await settled();
    expect(chat.list.value?.[0]?.unread).toBe(4);
    for (const seq of [1, 2, 3]) room.saw(seq);
    await clock.pass(2_000);
    expect(hub.calls.filter((call) => call === 'read.mark')).toHaveLength(1);
    expect(chat.list.value?.[0]?.unread).toBe(1);
    expect(room.below.value).toBe(1);
  });

  it('remembers what was read offline and tells it later', async () => {
    const hub = hubWith(4);
    const { chat, socket, clock } = await visit(hub);
    const room = chat.room(ROOM);
    await socket.up();
    await settled();
    socket.cut();
    room.saw(4);
    await clock.pass(5_000);
    expect(hub.rooms.get(ROOM)?.read.get(ME)).toBeUndefined();
    await socket.up();
    await clock.pass(5_000);
    expect(hub.rooms.get(ROOM)?.read.get(ME)).toBe(4);
  });

  it('moves a room to the top of the list with its last line', async () => {
    const hub = hubWith(1);
    hub.addRoom('r2', '第二党支部', [HER, ME]);
    hub.say('r2', HER, 'newer');
    const { chat, socket } = await visit(hub);
    chat.room(ROOM);
    await socket.up();
    await settled();
    expect(chat.list.value?.map((line) => line.room)).toEqual(['r2', ROOM]);
    hub.say(ROOM, HER, 'newest');
    expect(chat.list.value?.map((line) => line.room)).toEqual([ROOM, 'r2']);
    expect(chat.list.value?.[0]?.last).toMatchObject({ text: 'newest', name: '李春梅' });
    expect(chat.list.value?.[0]?.unread).toBe(2);
  });

  it('takes a room away at once when the member was removed', async () => {
    const hub = hubWith(2);
    const { chat, socket, clock, kept } = await visit(hub);
    const room = chat.room(ROOM);
    await socket.up();
    await clock.pass(5_000);
    expect(kept.records.has(ROOM)).toBe(true);
    room.ended(2100);
    await settled();
    expect(room.face.value).toBe('denied');
    expect(texts(chat)).toEqual([]);
    expect(kept.records.has(ROOM)).toBe(false);
    expect(chat.list.value).toEqual([]);
  });

  it('says who may not read instead of loading for ever', async () => {
    const hub = hubWith(2);
    hub.rooms.get(ROOM)?.members.delete(ME);
    const { chat, socket } = await visit(hub);
    const room = chat.room(ROOM);
    await socket.up();
    await settled();
    expect(room.face.value).toBe('denied');
  });
});
