import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/manual_clock.ts';
import type { SocketState } from '../wire/chat_socket.ts';
import { Connection } from './connection.ts';

function connection() {
  const socket = signal<SocketState>({ at: 'connecting' });
  const network = signal(true);
  const unavailable = signal(false);
  const clock = new ManualClock();
  const model = new Connection({ socket, network, unavailable, clock });
  const name = () => model.strip.value.name;
  return { socket, network, unavailable, clock, model, name };
}

describe('connection strip', () => {
  it('says nothing about a connection that comes within two seconds', async () => {
    const { socket, clock, name } = connection();
    expect(name()).toBe('online');
    await clock.pass(1_900);
    expect(name()).toBe('online');
    socket.value = { at: 'online' };
    await clock.pass(10_000);
    expect(name()).toBe('online');
  });

  it('says that it is connecting after two seconds', async () => {
    const { clock, name } = connection();
    await clock.pass(2_000);
    expect(name()).toBe('connecting');
  });

  it('tells a missing network at once', () => {
    const { network, name } = connection();
    network.value = false;
    expect(name()).toBe('offline');
  });

  it('calls data old after a minute without connection, with their time', async () => {
    const { socket, clock, model, name } = connection();
    socket.value = { at: 'online' };
    await clock.pass(3_600_000);
    const cutAt = clock.now();
    socket.value = { at: 'connecting' };
    await clock.pass(59_000);
    expect(name()).toBe('connecting');
    await clock.pass(1_000);
    expect(model.strip.value).toEqual({ name: 'stale', since: cutAt });
    socket.value = { at: 'online' };
    expect(name()).toBe('online');
  });

  it('does not start the two seconds again with every attempt', async () => {
    const { socket, clock, name } = connection();
    await clock.pass(1_500);
    socket.value = { at: 'connecting' };
    await clock.pass(500);
    expect(name()).toBe('connecting');
  });

  it('says that nothing can be sent while the hub can not store it', () => {
    const { socket, unavailable, name } = connection();
    unavailable.value = true;
    expect(name()).toBe('online');
    socket.value = { at: 'online' };
    expect(name()).toBe('readonly');
    unavailable.value = false;
    expect(name()).toBe('online');
  });

  it('tells that the hub closed for good', () => {
    const { socket, model } = connection();
    socket.value = { at: 'ended', code: 3504 };
    expect(model.strip.value).toEqual({ name: 'ended' });
  });
});
