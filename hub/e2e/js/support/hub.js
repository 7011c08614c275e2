// The hub in conformance mode, and its interface for test suites.
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const BINARY = process.env.HUB_BIN ?? 'hub';
const STORE = process.env.STORE ?? 'memory';

/** Starts a hub on a free port; `stop` ends it and waits for that. */
export async function startHub({ profile = 'jwt', presence = 'on' } = {}) {
  const options = ['--profile', profile, '--store', STORE, '--presence', presence];
  const hub = spawn(BINARY, ['conformance', ...options, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(hub, 'exit');
  for await (const line of createInterface({ input: hub.stdout })) {
    const address = line.match(/^conformance mode on http:\/\/(.*)\/$/)?.[1];
    if (address) {
      return {
        address,
        socket: `ws://${address}/connection/websocket`,
        api: (name, body) => call(address, name, body),
        stop: async () => {
          hub.kill('SIGTERM');
          await ended;
        },
      };
    }
  }
  throw new Error('the hub ended before it served');
}

async function call(address, name, body) {
  const answer = await fetch(`http://${address}/api/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'test-api-key' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  const { result, error } = await answer.json();
  if (error) throw new Error(`${name}: ${error.code} ${error.message}`);
  return result;
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of the profile `jwt`, of the user `sub` or with more claims. */
export function token(claims) {
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', 'secret').update(signed).digest('base64url')}`;
}

/** Seconds from now, as a claim. */
export const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;

/** A name that no other test uses, in a namespace open to everyone. */
export const someChannel = (namespace = 'recovery') => `${namespace}:${randomUUID()}`;

/** A user that no other test has. */
export const someUser = () => randomUUID();
