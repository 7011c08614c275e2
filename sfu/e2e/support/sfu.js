// Starts an `sfu --dev` of its own on free ports and makes tokens for it.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const BINARY =
  process.env.SFU_BINARY ??
  path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'debug/sfu');

export const KEY = 'devkey';
export const SECRET = 'devsecretdevsecretdevsecretdevsecret';

async function freeTcpPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function freeUdpPort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

// A running sfu: its addresses, and ways to end it and to start it again on the same ports.
export class Sfu {
  static async start(environment = {}) {
    const sfu = new Sfu();
    sfu.http = `127.0.0.1:${await freeTcpPort()}`;
    sfu.media = `127.0.0.1:${await freeUdpPort()}`;
    sfu.tcp = `127.0.0.1:${await freeTcpPort()}`;
    sfu.environment = environment;
    await sfu.run();
    return sfu;
  }

  // Resolves when the door is open.
  async run() {
    this.child = spawn(BINARY, ['--dev'], {
      env: {
        ...process.env,
        SFU__HTTP__LISTEN: this.http,
        SFU__MEDIA__LISTEN: this.media,
        SFU__MEDIA__TCP_LISTEN: this.tcp,
        SFU__LOG__FORMAT: 'json',
        ...this.environment,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.lines = [];
    const lines = createInterface({ input: this.child.stderr });
    await new Promise((resolve, reject) => {
      this.child.once('exit', (code) => reject(new Error(`sfu ended (${code}): ${this.lines}`)));
      lines.on('line', (line) => {
        this.lines.push(line);
        if (process.env.SFU_LOG) console.error(line);
        if (line.includes('"serving"')) resolve();
      });
    });
  }

  // Ends the process and waits for its end; `SIGKILL` tells nobody.
  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  get url() {
    return `ws://${this.http}`;
  }

  // One call of RoomService with the rights it needs.
  async service(method, body, grant) {
    const response = await fetch(`http://${this.http}/twirp/livekit.RoomService/${method}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token('admin', grant)}`,
      },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer;
  }
}

// A token of the development key.
export function token(identity, video, more = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: KEY, sub: identity, nbf: now - 5, exp: now + 600, video, ...more };
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

// A token to join a room.
export const joins = (identity, room, more = {}) =>
  token(identity, { roomJoin: true, room, ...more });
