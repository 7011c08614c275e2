/** The chat socket's protocol in JSON, as far as the client uses it, to the hub in memory. */

import type { WebSocketRoute } from '@playwright/test';
import type { FakeHub } from '../../src/testing/fake_hub.ts';
import { CallFailed } from '../../src/wire/chat_socket.ts';
import type { LogEvent, Method } from '../../src/wire/types.ts';

const RECOVERY_EVENTS_MAX = 200;
const UNRECOVERABLE = { code: 112, message: 'unrecoverable position' };

interface Command {
  id?: number;
  connect?: object;
  subscribe?: { channel: string; recover?: boolean; offset?: number; epoch?: string };
  unsubscribe?: { channel: string };
  presence_stats?: { channel: string };
  rpc?: { method: Method; data: never };
}

/** Answers how to cut the socket. */
export function serveSocket(socket: WebSocketRoute, hub: FakeHub, me: string): () => void {
  const channels = new Set<string>();
  const send = (message: object) => socket.send(JSON.stringify(message));
  const push = (channel: string, seq: number, event: LogEvent) =>
    send({ push: { channel, pub: { offset: seq, data: event } } });
  const stop = hub.onEvent((room, seq, event) => {
    const channel = `room:${room}`;
    if (channels.has(channel)) push(channel, seq, event);
  });
  socket.onMessage((frame) => {
    for (const line of String(frame).split('\n')) {
      if (!line.trim()) continue;
      const command = JSON.parse(line) as Command;
      if (!command.id) continue;
      send({ id: command.id, ...answer(command, { hub, me, channels }) });
    }
  });
  socket.onClose(stop);
  return () => {
    stop();
    void socket.close({ code: 3001, reason: 'shutdown' });
  };
}

interface Served {
  hub: FakeHub;
  me: string;
  channels: Set<string>;
}

function answer(command: Command, { hub, me, channels }: Served): object {
  if (command.connect) {
    return { connect: { client: 'c', version: 'fake', ping: 25, pong: true } };
  }
  try {
    if (command.subscribe) {
      const { channel, recover, offset = 0, epoch } = command.subscribe;
      if (channel.startsWith('live:')) return { subscribe: {} };
      const room = hub.member(channel.replace('room:', ''), me);
      const missed = room.events.length - offset;
      const can = !epoch || (epoch === room.epoch && missed >= 0 && missed <= RECOVERY_EVENTS_MAX);
      if (recover && !can) return { error: UNRECOVERABLE };
      channels.add(channel);
      const publications = room.events
        .slice(offset)
        .map((data, index) => ({ data, offset: offset + index + 1 }));
      const base = { recoverable: true, positioned: true, epoch: room.epoch };
      if (!recover) return { subscribe: { ...base, offset: room.events.length } };
      return {
        subscribe: { ...base, offset, recovered: true, was_recovering: true, publications },
      };
    }
    if (command.unsubscribe) {
      channels.delete(command.unsubscribe.channel);
      return { unsubscribe: {} };
    }
    if (command.presence_stats) return { presence_stats: { num_clients: 2, num_users: 2 } };
    if (command.rpc?.method === 'presence.get') return { rpc: { data: { shown: true } } };
    if (command.rpc) return { rpc: { data: hub.call(me, command.rpc.method, command.rpc.data) } };
  } catch (error) {
    if (error instanceof CallFailed) return { error: { code: error.code, message: error.word } };
    throw error;
  }
  return { error: { code: 104, message: 'method not found' } };
}
