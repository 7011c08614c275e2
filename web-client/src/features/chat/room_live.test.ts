import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/manual_clock.ts';
import { FakeHub } from '../../testing/fake_hub.ts';
import { FakeSocket } from '../../testing/fake_socket.ts';
import { RoomLive } from './room_live.ts';

const ROOM = 'r1';

function open() {
  const clock = new ManualClock();
  const socket = new FakeSocket(new FakeHub(), 'me');
  const live = new RoomLive({ room: ROOM, me: 'me', socket, clock });
  const hears = (data: object) => socket.hearers.get(`live:${ROOM}`)?.(data);
  return { clock, socket, live, hears };
}

describe('an open room at this moment', () => {
  it('tells the hub that the member types, at most every three seconds', async () => {
    const { clock, socket, live } = open();
    live.typed();
    live.typed();
    await clock.pass(2_999);
    live.typed();
    expect(socket.told).toEqual([{ t: 'typing', room: ROOM }]);
    await clock.pass(1);
    live.typed();
    expect(socket.told).toHaveLength(2);
  });

  it('shows who types until they send or fall silent, and never oneself', async () => {
    const { clock, live, hears } = open();
    hears({ t: 'typing', from: 'a' });
    hears({ t: 'typing', from: 'b' });
    hears({ t: 'typing', from: 'me' });
    hears({ t: 'read', from: 'c', seq: 3 });
    expect(live.typing.value).toEqual(['a', 'b']);
    live.stopped('a');
    expect(live.typing.value).toEqual(['b']);
    await clock.pass(5_000);
    hears({ t: 'typing', from: 'b' });
    await clock.pass(5_999);
    expect(live.typing.value).toEqual(['b']);
    await clock.pass(1);
    expect(live.typing.value).toEqual([]);
  });

  it('counts who is there, and knows nothing while the line is cut', async () => {
    const { clock, socket, live } = open();
    expect(live.online.value).toBeNull();
    socket.onlineCount = 3;
    await socket.up();
    await Promise.resolve();
    expect(live.online.value).toBe(3);
    socket.onlineCount = 4;
    await clock.pass(60_000);
    expect(live.online.value).toBe(4);
    socket.cut();
    expect(live.online.value).toBeNull();
    live.stop();
    expect(socket.hearers.size).toBe(0);
  });
});
