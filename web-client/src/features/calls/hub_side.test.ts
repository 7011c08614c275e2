import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../platform/manual_clock.ts';
import type { CallState, Hand } from '../../wire/types.ts';
import { HubSide } from './hub_side.ts';

const GUEST = { person: 'g', name: '赵刚' };
const HAND: Hand = { person: 'p', name: '王伟', floor: false };

const OPEN = { call: 'c', started_at: '', started_by: 'p', present: [] };

function sideOf() {
  const clock = new ManualClock();
  const world = { hands: [] as Hand[], locked: false, waits: true, lost: false, reads: 0 };
  let pass: (data: unknown) => void = () => {};
  const answer = async (): Promise<CallState> => {
    if (world.lost) throw new Error('lost');
    const waiting = world.waits ? [GUEST] : [];
    return { open: { ...OPEN, hands: [...world.hands], locked: world.locked, waiting } };
  };
  const hub = new HubSide({
    read: () => {
      world.reads += 1;
      return answer();
    },
    raise: (up) => {
      world.hands = up ? [HAND] : [];
      return answer();
    },
    answer: (_, floor) => {
      world.hands = floor ? [{ ...HAND, floor }] : [];
      return answer();
    },
    lock: (locked) => {
      world.locked = locked;
      return answer();
    },
    admit: () => {
      world.waits = false;
      return answer();
    },
    hear: (listener) => {
      pass = listener;
      return { stop: () => {} };
    },
    clock,
  });
  return { hub, clock, world, pass: (data: unknown) => pass(data) };
}

describe('hands', () => {
  it('are read at once on a sign of the hub, and every five seconds anyway', async () => {
    const { hub, clock, world, pass } = sideOf();
    await settled();
    expect(hub.hands.value).toEqual([]);
    world.hands = [HAND];
    pass({ t: 'typing', from: 'p' });
    await settled();
    expect(hub.hands.value).toEqual([]);
    pass({ t: 'call' });
    await settled();
    expect(hub.hands.value).toEqual([HAND]);
    world.hands = [];
    await clock.pass(5_000);
    expect(hub.hands.value).toEqual([]);
    expect(world.reads).toBe(3);
  });

  it('go up and down, and the floor is given', async () => {
    const { hub } = sideOf();
    await hub.raise(true);
    expect(hub.hands.value).toEqual([HAND]);
    await hub.answer('p', true);
    expect(hub.hands.value?.[0]?.floor).toBe(true);
    await hub.raise(false);
    expect(hub.hands.value).toEqual([]);
  });

  it('are unknown while the hub does not answer, and stop with the call', async () => {
    const { hub, clock, world } = sideOf();
    await settled();
    world.lost = true;
    await clock.pass(5_000);
    expect(hub.hands.value).toBeNull();
    hub.stop();
    const { reads } = world;
    await clock.pass(60_000);
    expect(world.reads).toBe(reads);
  });
});

describe('the door', () => {
  it('is locked and opened, and whoever waits is let in', async () => {
    const { hub } = sideOf();
    await settled();
    expect(hub.open.value).toMatchObject({ locked: false, waiting: [GUEST] });
    await hub.lock(true);
    expect(hub.open.value?.locked).toBe(true);
    await hub.admit('g', true);
    expect(hub.open.value?.waiting).toEqual([]);
  });
});
