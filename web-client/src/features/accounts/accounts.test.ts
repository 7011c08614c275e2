import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/manual_clock.ts';
import { RequestFailed } from '../../wire/http.ts';
import type { Challenge, Me, RefusalCode } from '../../wire/types.ts';
import { Session, type SessionMemory } from './session.ts';
import { digitsOf, phoneOf, SignIn, type SignInParts } from './sign_in.ts';
import { signInMemory } from './sign_in_memory.ts';

const ME: Me = { person: 'p1', name: '陈建国', device: 'd1', phone_masked: '138****0001' };
const OTHER: Me = { person: 'p2', name: '李秀英', device: 'd2', phone_masked: '138****0002' };

function refused(code: RefusalCode): RequestFailed {
  return new RequestFailed({ kind: 'refused', code, retryAfterS: 0, incident: null });
}

function places() {
  const kept = new Map<string, string>();
  const location = { hash: '', pathname: '/signin', search: '' };
  return {
    kept,
    location,
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    history: {
      state: null,
      replaceState: (_state: unknown, _title: string, url?: string | URL | null) => {
        location.hash = String(url).includes('#') ? `#${String(url).split('#')[1]}` : '';
      },
    },
  };
}

function signIn(more: Partial<SignInParts> = {}, at = places(), clock = new ManualClock()) {
  const asked: string[] = [];
  const people: Me[] = [];
  const flow = new SignIn({
    start: async (phone, by) => {
      asked.push(`${phone} ${by}`);
      return challengeAt(clock.now());
    },
    finish: async () => ME,
    signedIn: (me) => people.push(me),
    memory: signInMemory(at),
    clock,
    ...more,
  });
  return { flow, asked, people, clock, at };
}

function challengeAt(now: number): Challenge {
  return {
    challenge: 'ch1',
    phone_masked: '138****0001',
    expires_at: new Date(now + 300_000).toISOString(),
    resend_after_s: 60,
  };
}

describe('telephone numbers', () => {
  it.each([
    ['13800010001', '13800010001'],
    ['138 0001 0001', '13800010001'],
    ['+86 138-0001-0001', '13800010001'],
    ['008613800010001', '13800010001'],
    ['\uff11\uff13800010001', '13800010001'],
    ['1380001000', null],
    ['23800010001', null],
    ['', null],
  ])('reads %j as %j', (typed, phone) => {
    expect(phoneOf(typed)).toBe(phone);
  });

  it('reads full-width digits of a code', () => {
    expect(digitsOf(' \uff11\uff12\uff13 456 ')).toBe('123456');
  });
});

describe('sign-in', () => {
  it('asks for a code and signs in with it', async () => {
    const { flow, asked, people } = signIn();
    await flow.ask('138 0001 0001', 'sms');
    expect(asked).toEqual(['13800010001 sms']);
    expect(flow.started.value?.masked).toBe('138****0001');
    await flow.submit('123456');
    expect(people).toEqual([ME]);
  });

  it('does not ask the hub about a number that can not be one', async () => {
    const { flow, asked } = signIn();
    await flow.ask('12', 'sms');
    expect(asked).toEqual([]);
    expect(flow.failure.value).toMatchObject({ code: 'phone_invalid' });
  });

  it.each(['storage', 'address'])(
    'goes on after the page was closed, from the %s',
    async (place) => {
      const first = signIn();
      await first.flow.ask('13800010001', 'call');
      if (place === 'storage') first.at.location.hash = '';
      else first.at.kept.clear();
      const second = signIn({}, first.at, first.clock);
      expect(second.flow.started.value).toMatchObject({ challenge: 'ch1', by: 'call' });
      await second.flow.submit('123456');
      expect(second.people).toEqual([ME]);
      expect(first.at.kept.size).toBe(0);
      expect(first.at.location.hash).toBe('');
    },
  );

  it('keeps no telephone number on the device', async () => {
    const { flow, at } = signIn();
    await flow.ask('13800010001', 'sms');
    expect(`${[...at.kept.values()].join()}${at.location.hash}`).not.toContain('13800010001');
  });

  it('forgets a sign-in whose code has expired', async () => {
    const first = signIn();
    await first.flow.ask('13800010001', 'sms');
    await first.clock.pass(300_001);
    expect(signIn({}, first.at, first.clock).flow.started.value).toBeNull();
  });

  it('asks for the number again when a new page wants another code', async () => {
    const first = signIn();
    await first.flow.ask('13800010001', 'sms');
    await first.flow.again('call');
    expect(first.asked).toEqual(['13800010001 sms', '13800010001 call']);
    const second = signIn({}, first.at, first.clock);
    await second.flow.again('sms');
    expect(second.asked).toEqual([]);
    expect(second.flow.numberNeeded.value).toBe(true);
  });

  it('stays at the code when it is wrong', async () => {
    const { flow } = signIn({ finish: () => Promise.reject(refused('code_wrong')) });
    await flow.ask('13800010001', 'sms');
    await flow.submit('111111');
    expect(flow.failure.value).toMatchObject({ code: 'code_wrong' });
    expect(flow.started.value).not.toBeNull();
    expect(flow.refused.value).toBe(1);
  });

  it('says when the hub could not be reached and lets the same code be sent again', async () => {
    const { flow } = signIn({ finish: () => Promise.reject(new Error('network')) });
    await flow.ask('13800010001', 'sms');
    await flow.submit('111111');
    expect(flow.failure.value).toEqual({ kind: 'lost' });
    expect(flow.refused.value).toBe(0);
    expect(flow.busy.value).toBeNull();
  });
});

function memory(me: Me | null): SessionMemory & { me: Me | null; owed: boolean } {
  return {
    me,
    owed: false,
    load() {
      return this.me;
    },
    keep(next) {
      this.me = next;
    },
    clear() {
      this.me = null;
    },
    owesSignOut() {
      return this.owed;
    },
    oweSignOut(owed) {
      this.owed = owed;
    },
  };
}

describe('session', () => {
  const wipe = async () => {};

  it('opens from memory while the hub can not be asked', async () => {
    const me = () => Promise.reject(new Error('offline'));
    const session = new Session({ me, signOut: async () => {}, wipe, memory: memory(ME) });
    expect(session.state.value).toEqual({ at: 'in', me: ME, sure: false });
    await session.check();
    expect(session.state.value).toEqual({ at: 'in', me: ME, sure: false });
  });

  it('ends when the hub does not know it, and keeps what the device has', async () => {
    let wiped = false;
    const session = new Session({
      me: async () => null,
      signOut: async () => {},
      wipe: async () => {
        wiped = true;
      },
      memory: memory(ME),
    });
    await session.check();
    expect(session.state.value).toEqual({ at: 'out', ended: 'expired' });
    expect(wiped).toBe(false);
  });

  it('wipes a device that was signed out from another one', async () => {
    const wiped: string[] = [];
    const session = new Session({
      me: async () => ME,
      signOut: async () => {},
      wipe: async (me) => void wiped.push(me.person),
      memory: memory(ME),
    });
    await session.revoked();
    expect(session.state.value).toEqual({ at: 'out', ended: 'revoked' });
    expect(wiped).toEqual(['p1']);
  });

  it('does not call a first visit expired', async () => {
    const me = async () => null;
    const session = new Session({ me, signOut: async () => {}, wipe, memory: memory(null) });
    await session.check();
    expect(session.state.value).toEqual({ at: 'out', ended: null });
  });

  it('wipes the device on sign-out even offline, and tells the hub later', async () => {
    const kept = memory(ME);
    const wiped: string[] = [];
    let reachable = false;
    let told = 0;
    const parts = {
      me: async () => null,
      signOut: async () => {
        if (!reachable) throw new Error('offline');
        told += 1;
      },
      wipe: async (me: Me) => void wiped.push(me.person),
      memory: kept,
    };
    const session = new Session(parts);
    await session.signOut();
    expect(session.state.value).toEqual({ at: 'out', ended: null });
    expect(wiped).toEqual(['p1']);
    expect(kept.owed).toBe(true);
    reachable = true;
    await new Session(parts).check();
    expect([told, kept.owed]).toEqual([1, false]);
  });

  it('lets the next person in after a sign-out that the hub was never told', async () => {
    const kept = memory(ME);
    let told = 0;
    const parts = {
      me: async () => OTHER,
      signOut: async () => {
        told += 1;
        throw new Error('offline');
      },
      wipe,
      memory: kept,
    };
    const session = new Session(parts);
    await session.signOut();
    session.signedIn(OTHER);
    await new Session(parts).check();
    expect([told, kept.me]).toEqual([1, OTHER]);
  });

  it('stays signed out when the hub says late who was here', async () => {
    const kept = memory(ME);
    let answer: (me: Me) => void = () => {};
    const parts = {
      me: () => new Promise<Me>((resolve) => (answer = resolve)),
      signOut: () => Promise.reject(new Error('offline')),
      wipe,
      memory: kept,
    };
    const session = new Session(parts);
    const checked = session.check();
    await session.signOut();
    answer(ME);
    await checked;
    expect(session.state.value).toEqual({ at: 'out', ended: null });
    expect(kept.owed).toBe(true);
  });

  it('follows another page of the device to the person who signed in there, and out', async () => {
    const kept = memory(ME);
    const parts = { me: async () => OTHER, signOut: async () => {}, wipe, memory: kept };
    const session = new Session(parts);
    kept.keep(OTHER);
    session.follow();
    expect(session.state.value).toEqual({ at: 'in', me: OTHER, sure: false });
    kept.clear();
    session.follow();
    expect(session.state.value).toEqual({ at: 'out', ended: null });
  });
});
