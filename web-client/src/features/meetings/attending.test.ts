import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/manual_clock.ts';
import { type Failure, RequestFailed } from '../../wire/http.ts';
import type { MeetingBeat } from '../../wire/types.ts';
import { Attending } from './attending.ts';

function attended() {
  const clock = new ManualClock();
  const world = { failure: null as Failure | null, beats: 0 };
  const attending = new Attending({
    beat: async () => {
      world.beats += 1;
      if (world.failure) throw new RequestFailed(world.failure);
      return {} as MeetingBeat;
    },
    everyS: 15,
    clock,
  });
  return { attending, clock, world };
}

describe('being at a meeting', () => {
  it('is told to the hub at once and as often as the hub asked for', async () => {
    const { attending, clock, world } = attended();
    await clock.pass(14_999);
    expect(world.beats).toBe(1);
    await clock.pass(1);
    expect(world.beats).toBe(2);
    expect(attending.state.value).toBe('here');
  });

  it('says that the hub does not hear of it, and tells it again sooner', async () => {
    const { attending, clock, world } = attended();
    await clock.pass(0);
    world.failure = { kind: 'lost' };
    await clock.pass(15_000);
    expect(attending.state.value).toBe('unheard');
    world.failure = null;
    await clock.pass(3_000);
    expect(attending.state.value).toBe('here');
    expect(world.beats).toBe(3);
  });

  it('ends when the person is signed in at another device', async () => {
    const { attending, clock, world } = attended();
    await clock.pass(0);
    world.failure = { kind: 'refused', code: 'step_not_allowed', retryAfterS: 0, incident: null };
    await clock.pass(60_000);
    expect(attending.state.value).toBe('elsewhere');
    expect(world.beats).toBe(2);
  });

  it('stops when told', async () => {
    const { attending, clock, world } = attended();
    await clock.pass(0);
    attending.stop();
    await clock.pass(60_000);
    expect(world.beats).toBe(1);
  });
});
