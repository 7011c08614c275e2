import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../platform/manual_clock.ts';
import { type Lock, silentBell } from '../../platform/tabs.ts';
import type { OutboxRecord } from '../../store/database.ts';
import { CALL_LOST, CallFailed } from '../../wire/chat_socket.ts';
import { EXPIRED, NOT_STORED, OUTBOX_AGE_MS_MAX, Outbox, type OutboxStore } from './outbox.ts';

const ROOM = 'room-a';
const OTHER_ROOM = 'room-b';
const noLock: Lock = (_name, task) => task();

/** What outlives a tab: the device's store and the hub's log. */
class World {
  readonly clock = new ManualClock();
  readonly records = new Map<number, OutboxRecord>();
  readonly log: { cid: string; room: string; text: string }[] = [];
  private lastNumber = 0;
  private lastCid = 0;

  nextNumber(): number {
    this.lastNumber += 1;
    return this.lastNumber;
  }

  newCid(): string {
    this.lastCid += 1;
    return `c${this.lastCid}`;
  }

  /** The hub makes one message of one client id. */
  accept(record: OutboxRecord): { seq: number; ts: number; dup?: boolean } {
    const known = this.log.findIndex((line) => line.cid === record.cid);
    if (known >= 0) return { seq: known + 1, ts: 0, dup: true };
    this.log.push({ cid: record.cid, room: record.room, text: record.text });
    return { seq: this.log.length, ts: 0 };
  }

  texts(room: string): string[] {
    return this.log.filter((line) => line.room === room).map((line) => line.text);
  }
}

/** One life of a tab. At step `cutAt` the power goes: nothing after it ever happens. */
class Life {
  steps = 0;

  constructor(
    private readonly cutAt: number,
    private readonly cut: 'before' | 'after',
  ) {}

  async step<T>(effect: () => T): Promise<T> {
    const at = this.steps;
    this.steps += 1;
    if (at > this.cutAt || (at === this.cutAt && this.cut === 'before')) return dead();
    const result = effect();
    if (at === this.cutAt) return dead();
    await Promise.resolve();
    return result;
  }
}

function dead<T>(): Promise<T> {
  return new Promise(() => {});
}

function storeOf(world: World, life: Life): OutboxStore {
  return {
    all: () => life.step(() => Array.from(world.records.values())),
    add: (record) =>
      life.step(() => {
        const stored = { ...record, n: world.nextNumber() };
        world.records.set(stored.n, stored);
        return stored;
      }),
    put: (record) => life.step(() => void world.records.set(record.n, record)),
    remove: (n) => life.step(() => void world.records.delete(n)),
  };
}

function outboxOf(
  world: World,
  life: Life,
  send = (record: OutboxRecord) => life.step(() => world.accept(record)),
): Outbox {
  return new Outbox({
    store: storeOf(world, life),
    send,
    clock: world.clock,
    newCid: () => world.newCid(),
    lock: noLock,
    lockName: 'outbox',
    bell: silentBell,
  });
}

function forever(): Life {
  return new Life(Number.POSITIVE_INFINITY, 'after');
}

function write(outbox: Outbox, text: string, room = ROOM): Promise<void> {
  return outbox.add({ room, text, replyTo: null, mentions: [] });
}

/** Write five messages in two rooms. Answers which writes were reported as stored. */
async function visit(world: World, life: Life): Promise<string[]> {
  const outbox = outboxOf(world, life);
  const stored: string[] = [];
  void outbox.start().then(() => outbox.reachable(true));
  await settled();
  for (const [text, room] of [
    ['1', ROOM],
    ['2', ROOM],
    ['3', OTHER_ROOM],
    ['4', ROOM],
    ['5', OTHER_ROOM],
  ] as const) {
    void write(outbox, text, room).then(() => stored.push(text));
  }
  await settled();
  return stored;
}

async function revive(world: World, life: Life): Promise<Outbox> {
  const outbox = outboxOf(world, life);
  void outbox.start().then(() => outbox.reachable(true));
  await settled();
  return outbox;
}

describe('outbox', () => {
  it('shows a message before anything is awaited', () => {
    const outbox = outboxOf(new World(), forever());
    void write(outbox, 'hello');
    expect(outbox.entries.value.map((e) => [e.text, e.state])).toEqual([['hello', 'queued']]);
  });

  it('keeps messages while the hub can not be reached and sends them in order later', async () => {
    const world = new World();
    const outbox = outboxOf(world, forever());
    await outbox.start();
    for (const text of ['a', 'b', 'c']) await write(outbox, text);
    expect(world.log).toEqual([]);
    outbox.reachable(true);
    await settled();
    expect(world.texts(ROOM)).toEqual(['a', 'b', 'c']);
    expect(world.records.size).toBe(0);
    expect(outbox.entries.value.map((e) => e.state)).toEqual(['sent', 'sent', 'sent']);
  });

  it('makes every stored message once and in order, whatever step the tab dies at', async () => {
    const whole = forever();
    await visit(new World(), whole);
    expect(whole.steps).toBeGreaterThan(15);
    for (let cutAt = 0; cutAt <= whole.steps; cutAt += 1) {
      for (const cut of ['before', 'after'] as const) {
        const world = new World();
        const stored = await visit(world, new Life(cutAt, cut));
        const known = Array.from(world.records.values(), (record) => record.text);
        const accepted = world.log.map((line) => line.text);
        await revive(world, forever());
        const made = world.log.map((line) => line.text);
        expect([...made].sort(), `cut ${cut} step ${cutAt}`).toEqual(
          [...new Set([...known, ...accepted])].sort(),
        );
        for (const text of stored) expect(made).toContain(text);
        expect(world.texts(ROOM)).toEqual([...world.texts(ROOM)].sort());
        expect(world.texts(OTHER_ROOM)).toEqual([...world.texts(OTHER_ROOM)].sort());
        expect(world.records.size).toBe(0);
      }
    }
  });

  it('survives a second death during the replay', async () => {
    for (let first = 4; first < 16; first += 1) {
      for (let second = 0; second < 24; second += 1) {
        const world = new World();
        await visit(world, new Life(first, 'after'));
        const known = new Set([
          ...Array.from(world.records.values(), (record) => record.text),
          ...world.log.map((line) => line.text),
        ]);
        await revive(world, new Life(second, second % 2 ? 'after' : 'before'));
        await revive(world, forever());
        expect(world.log.map((line) => line.text).sort()).toEqual([...known].sort());
        expect(world.texts(ROOM)).toEqual([...world.texts(ROOM)].sort());
      }
    }
  });

  it('tries again under the same client id when the answer is lost', async () => {
    const world = new World();
    let calls = 0;
    const outbox = outboxOf(world, forever(), async (record) => {
      calls += 1;
      const answer = world.accept(record);
      if (calls < 3) throw new CallFailed(CALL_LOST, 'timeout', true);
      return answer;
    });
    await outbox.start();
    await write(outbox, 'once');
    outbox.reachable(true);
    await world.clock.pass(60_000);
    expect(calls).toBe(3);
    expect(world.texts(ROOM)).toEqual(['once']);
    expect(outbox.entries.value[0]?.state).toBe('sent');
  });

  it('holds later messages of a room back while an earlier one waits, other rooms go on', async () => {
    const world = new World();
    const outbox = outboxOf(world, forever(), async (record) => {
      if (record.text === 'stuck') throw new CallFailed(100, 'unavailable', true);
      return world.accept(record);
    });
    await outbox.start();
    await write(outbox, 'stuck');
    await write(outbox, 'behind');
    await write(outbox, 'free', OTHER_ROOM);
    outbox.reachable(true);
    await world.clock.pass(5_000);
    expect(world.log.map((line) => line.text)).toEqual(['free']);
  });

  it('tells while the hub can not store messages, and until it can', async () => {
    const world = new World();
    let down = true;
    const outbox = outboxOf(world, forever(), async (record) => {
      if (down) throw new CallFailed(100, 'unavailable', true);
      return world.accept(record);
    });
    await outbox.start();
    await write(outbox, 'later');
    outbox.reachable(true);
    await world.clock.pass(2_000);
    expect(outbox.unavailable.value).toBe(true);
    down = false;
    await world.clock.pass(60_000);
    expect(outbox.unavailable.value).toBe(false);
    expect(world.texts(ROOM)).toEqual(['later']);
  });

  it('keeps a refused message with its reason and goes on with the next', async () => {
    const world = new World();
    const outbox = outboxOf(world, forever(), async (record) => {
      if (record.text === 'bad') throw new CallFailed(421, 'text_too_long', false);
      return world.accept(record);
    });
    await outbox.start();
    await write(outbox, 'bad');
    await write(outbox, 'good');
    outbox.reachable(true);
    await settled();
    expect(world.texts(ROOM)).toEqual(['good']);
    const [bad] = outbox.entries.value;
    expect([bad?.state, bad?.failed]).toEqual(['failed', 'text_too_long']);
    const later = outboxOf(world, forever());
    await later.start();
    expect(later.entries.value.map((e) => [e.text, e.state])).toEqual([['bad', 'failed']]);
  });

  it('sends a refused message again when asked, and forgets it when told', async () => {
    const world = new World();
    let refuse = true;
    const outbox = outboxOf(world, forever(), async (record) => {
      if (refuse) throw new CallFailed(103, 'not_allowed', false);
      return world.accept(record);
    });
    await outbox.start();
    outbox.reachable(true);
    await write(outbox, 'one');
    await write(outbox, 'two');
    await settled();
    refuse = false;
    const [one, two] = outbox.entries.value;
    await outbox.retry(one?.cid ?? '');
    await outbox.discard(two?.cid ?? '');
    await settled();
    expect(world.texts(ROOM)).toEqual(['one']);
    expect(world.records.size).toBe(0);
  });

  it('does not send what waited for more than seven days, and keeps it', async () => {
    const world = new World();
    const outbox = outboxOf(world, forever());
    await outbox.start();
    await write(outbox, 'old');
    await world.clock.pass(OUTBOX_AGE_MS_MAX + 1);
    await write(outbox, 'new');
    outbox.reachable(true);
    await settled();
    expect(world.texts(ROOM)).toEqual(['new']);
    expect(outbox.entries.value.find((e) => e.text === 'old')?.failed).toBe(EXPIRED);
  });

  it('does not send what could not be stored', async () => {
    const world = new World();
    const store = { ...storeOf(world, forever()), add: () => Promise.reject(new Error('full')) };
    const outbox = new Outbox({
      store,
      send: async (record) => world.accept(record),
      clock: world.clock,
      newCid: () => world.newCid(),
      lock: noLock,
      lockName: 'outbox',
      bell: silentBell,
    });
    await outbox.start();
    outbox.reachable(true);
    await write(outbox, 'kept on screen');
    expect(world.log).toEqual([]);
    expect(outbox.entries.value[0]?.failed).toBe(NOT_STORED);
  });

  it('drops the entry when its line stands in the log, even before the answer', async () => {
    const world = new World();
    let answer: () => void = () => {};
    const outbox = outboxOf(world, forever(), (record) => {
      const sent = world.accept(record);
      return new Promise((resolve) => {
        answer = () => resolve(sent);
      });
    });
    await outbox.start();
    outbox.reachable(true);
    await write(outbox, 'fast');
    await settled();
    await outbox.confirm(world.log[0]?.cid ?? '');
    expect(outbox.entries.value).toEqual([]);
    answer();
    await settled();
    expect(outbox.entries.value).toEqual([]);
    expect(world.records.size).toBe(0);
  });
});

describe('outbox in two tabs', () => {
  /** A seeded generator (mulberry32), so that a failing run can be repeated. */
  function chance(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** Web Locks in small: one task at a time. */
  function oneAtATime(): Lock {
    let last: Promise<void> = Promise.resolve();
    return (_name, task) => {
      const turn = last.then(task);
      last = turn.catch(() => {});
      return turn;
    };
  }

  function bells(count: number) {
    const listeners: (() => void)[][] = Array.from({ length: count }, () => []);
    return listeners.map((own) => ({
      ring: () => {
        for (const others of listeners) {
          if (others !== own) for (const listener of others) listener();
        }
      },
      onRing: (listener: () => void) => void own.push(listener),
      close: () => {},
    }));
  }

  async function run(seed: number): Promise<World> {
    const world = new World();
    const random = chance(seed);
    const lock = oneAtATime();
    const tabs = bells(2).map(
      (bell) =>
        new Outbox({
          store: storeOf(world, forever()),
          send: async (record) => {
            const luck = random();
            if (luck < 0.2) throw new CallFailed(CALL_LOST, 'never arrived', true);
            const sent = world.accept(record);
            if (luck < 0.4) throw new CallFailed(CALL_LOST, 'answer lost', true);
            if (luck < 0.5) throw new CallFailed(111, 'too_many_requests', true);
            return sent;
          },
          clock: world.clock,
          newCid: () => world.newCid(),
          lock,
          lockName: 'outbox',
          bell,
        }),
    );
    for (const tab of tabs) await tab.start();
    for (let turn = 0; turn < 20; turn += 1) {
      const tab = tabs[random() < 0.5 ? 0 : 1];
      if (random() < 0.3) tab?.reachable(random() < 0.6);
      else if (tab) await write(tab, String(turn).padStart(2, '0'));
      await world.clock.pass(random() * 3_000);
    }
    for (const tab of tabs) tab.reachable(true);
    await world.clock.pass(3_600_000);
    return world;
  }

  it('sends everything once and in the order of writing under losses (60 seeds)', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const world = await run(seed);
      const texts = world.texts(ROOM);
      expect(texts, `seed ${seed}`).toEqual([...new Set(texts)].sort());
      expect(world.records.size, `seed ${seed}`).toBe(0);
    }
  });
});
