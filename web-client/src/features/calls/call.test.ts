import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { Attendee, Device, MediaSession, MediaState } from '../../media/media_session.ts';
import { ManualClock } from '../../platform/manual_clock.ts';
import { RequestFailed } from '../../wire/http.ts';
import { Call } from './call.ts';

class FakeSession implements MediaSession {
  readonly state = signal<MediaState>({ at: 'idle' });
  readonly people = signal<readonly Attendee[]>([]);
  readonly silent = signal(false);
  readonly interrupted = signal(false);
  readonly deaf = signal(false);
  readonly swaps = signal(0);
  readonly asked: [Device, boolean, string | undefined][] = [];
  refuse: Error | null = null;

  constructor(private readonly reachable: boolean) {}

  async join(): Promise<void> {
    this.state.value = this.reachable ? { at: 'live' } : { at: 'over', why: 'lost' };
    if (!this.reachable) throw new Error('unreachable');
  }

  async leave(): Promise<void> {
    this.state.value = { at: 'over', why: 'left' };
  }

  async set(device: Device, on: boolean, id?: string): Promise<void> {
    if (this.refuse) throw this.refuse;
    this.asked.push([device, on, id]);
  }

  async unsilence(): Promise<void> {}

  async share(): Promise<void> {}

  async restore(): Promise<void> {
    if (this.refuse) throw this.refuse;
    this.interrupted.value = false;
  }
}

function called(
  ways: { ticket?: 'lost' | 'not_allowed' | 'call_waiting'; reachable?: boolean } = {},
) {
  const clock = new ManualClock();
  const sessions: FakeSession[] = [];
  let tickets = 0;
  const call = new Call(
    {
      room: 'r1',
      clock,
      ticket: async () => {
        tickets += 1;
        if (ways.ticket === 'lost') throw new RequestFailed({ kind: 'lost' });
        if (ways.ticket) {
          const failure = { kind: 'refused', code: ways.ticket, retryAfterS: 3, incident: null };
          throw new RequestFailed(failure as RequestFailed['failure']);
        }
        return { call: 'c', url: 'ws://media', token: `t${tickets}`, valid_s: 120 };
      },
      session: () => {
        const session = new FakeSession(ways.reachable ?? true);
        sessions.push(session);
        return session;
      },
    },
    { mic: false, camera: false, ids: { mic: 'usb' } },
  );
  return { call, clock, sessions, ways, tickets: () => tickets };
}

describe('a call', () => {
  it('enters with a ticket of the hub, devices off', async () => {
    const { call, clock, sessions } = called();
    await clock.pass(0);
    expect(call.stage.value).toEqual({ at: 'live' });
    expect(sessions[0]?.asked).toEqual([]);
  });

  it('comes in again with a new ticket when the media server is gone, devices as before', async () => {
    const { call, clock, sessions, tickets } = called();
    await clock.pass(0);
    await call.set('mic', true);
    const first = sessions[0];
    if (first) first.state.value = { at: 'over', why: 'lost' };
    expect(call.stage.value).toEqual({ at: 'rejoining', n: 1 });
    await clock.pass(0);
    expect(call.stage.value).toEqual({ at: 'live' });
    expect(tickets()).toBe(2);
    expect(sessions[1]?.asked).toEqual([['mic', true, 'usb']]);
  });

  it('tries ever more seldom while hub or media server do not answer, and says so', async () => {
    const { call, clock, ways, tickets } = called({ ticket: 'lost' });
    await clock.pass(0);
    expect(call.stage.value).toEqual({ at: 'rejoining', n: 2 });
    await clock.pass(999);
    expect(tickets()).toBe(2);
    await clock.pass(1);
    expect(tickets()).toBe(3);
    delete ways.ticket;
    await clock.pass(2_000);
    expect(call.stage.value).toEqual({ at: 'live' });
  });

  it('is over when the hub refuses, and when it is told why', async () => {
    const refused = called({ ticket: 'not_allowed' });
    await refused.clock.pass(0);
    expect(refused.call.stage.value).toMatchObject({ at: 'refused' });
    const { call, clock, sessions } = called();
    await clock.pass(0);
    const [session] = sessions;
    if (session) session.state.value = { at: 'over', why: 'removed' };
    await clock.pass(60_000);
    expect(call.stage.value).toEqual({ at: 'over', why: 'removed' });
    expect(sessions).toHaveLength(1);
  });

  it('waits before the door until a leader decides, and not after it was left', async () => {
    const { call, clock, ways, tickets } = called({ ticket: 'call_waiting' });
    await clock.pass(0);
    expect(call.stage.value).toEqual({ at: 'waiting' });
    await clock.pass(2_999);
    expect(tickets()).toBe(1);
    await clock.pass(1);
    expect(tickets()).toBe(2);
    delete ways.ticket;
    await clock.pass(3_000);
    expect(call.stage.value).toEqual({ at: 'live' });
    const other = called({ ticket: 'call_waiting' });
    await other.clock.pass(0);
    await other.call.leave();
    await other.clock.pass(60_000);
    expect(other.tickets()).toBe(1);
  });

  it('carries sound alone after eight seconds of a weak link, until the person wants pictures', async () => {
    const { call, clock, sessions } = called();
    await clock.pass(0);
    await call.set('camera', true);
    const [session] = sessions;
    if (!session) throw new Error('no session');
    const me = (weak: boolean): Attendee[] => [
      {
        person: 'p',
        name: '李',
        me: true,
        mic: false,
        camera: true,
        speaking: false,
        weak,
        show: null,
        page: null,
      },
    ];
    session.people.value = me(true);
    await clock.pass(7_000);
    session.people.value = me(false);
    await clock.pass(7_000);
    expect(call.saver.value).toBe(false);
    session.people.value = me(true);
    await clock.pass(4_000);
    session.people.value = me(true);
    await clock.pass(4_000);
    expect(call.saver.value).toBe(true);
    expect(session.asked[session.asked.length - 1]).toEqual(['camera', false, undefined]);
    call.tryPictures();
    expect(call.saver.value).toBe(false);
    expect(session.asked[session.asked.length - 1]).toEqual(['camera', true, undefined]);
    await clock.pass(8_000);
    expect(call.saver.value).toBe(true);
  });

  it('says after two seconds that the connection is being mended', async () => {
    const { call, clock, sessions } = called();
    await clock.pass(0);
    const [session] = sessions;
    if (session) session.state.value = { at: 'resuming' };
    await clock.pass(1_999);
    expect(call.slow.value).toBe(false);
    await clock.pass(1);
    expect(call.slow.value).toBe(true);
    if (session) session.state.value = { at: 'live' };
    expect(call.slow.value).toBe(false);
  });

  it('takes the microphone anew when the telephone call is over', async () => {
    const { call, clock, sessions } = called();
    await clock.pass(0);
    const [session] = sessions;
    if (session) session.interrupted.value = true;
    expect(call.interrupted.value).toBe(true);
    await call.restore();
    expect(call.interrupted.value).toBe(false);
  });

  it('stays out once left, and keeps a device that did not come switched off', async () => {
    const { call, clock, sessions } = called();
    await clock.pass(0);
    const [session] = sessions;
    if (session) session.refuse = new DOMException('no', 'NotAllowedError');
    await call.set('camera', true);
    expect(call.trouble.value).toEqual({ device: 'camera', name: 'NotAllowedError' });
    await call.leave();
    await clock.pass(60_000);
    expect(call.stage.value).toEqual({ at: 'over', why: 'left' });
    expect(sessions).toHaveLength(1);
  });
});
