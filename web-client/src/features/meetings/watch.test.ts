import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../platform/manual_clock.ts';
import { LOOK_MS, Watch } from './watch.ts';

function watched() {
  const clock = new ManualClock();
  const world = { value: 1, lost: false, reads: 0, stopped: false };
  let sign: () => void = () => {};
  const held: (() => void)[] = [];
  const watch = new Watch({
    read: async () => {
      world.reads += 1;
      const value = world.value;
      const hold = held.pop();
      if (hold) await new Promise<void>((go) => held.push(go));
      if (world.lost) throw new Error('lost');
      return value;
    },
    hear: (listener) => {
      sign = listener;
      return {
        stop: () => {
          world.stopped = true;
        },
      };
    },
    clock,
  });
  return { watch, clock, world, held, sign: () => sign() };
}

describe('what is watched', () => {
  it('is read at once, on a sign of the hub, and every five seconds anyway', async () => {
    const { watch, clock, world, sign } = watched();
    await settled();
    expect(watch.value.value).toBe(1);
    world.value = 2;
    sign();
    await settled();
    expect(watch.value.value).toBe(2);
    world.value = 3;
    await clock.pass(LOOK_MS);
    expect(watch.value.value).toBe(3);
    expect(world.reads).toBe(3);
  });

  it('says that it is not known while the hub does not answer, and is known again after', async () => {
    const { watch, clock, world } = watched();
    await settled();
    world.lost = true;
    await clock.pass(LOOK_MS);
    expect(watch.failure.value).toEqual({ kind: 'lost' });
    expect(watch.value.value).toBe(1);
    world.lost = false;
    await clock.pass(LOOK_MS);
    expect(watch.failure.value).toBeNull();
  });

  it('never goes back to an earlier answer', async () => {
    const { watch, world, held, sign } = watched();
    await settled();
    held.push(() => {});
    sign();
    await settled();
    world.value = 2;
    watch.put(2);
    for (const release of held.splice(0)) release();
    await settled();
    expect(watch.value.value).toBe(2);
  });

  it('ends with the page', async () => {
    const { watch, clock, world } = watched();
    await settled();
    watch.stop();
    expect(world.stopped).toBe(true);
    await clock.pass(60_000);
    expect(world.reads).toBe(1);
  });
});
