/** The built client and a hub in memory, without any server: for tests of single screens. */

import type { BrowserContext, Route } from '@playwright/test';
import { FakeHub } from '../../src/testing/fake_hub.ts';
import type { Device, Me } from '../../src/wire/types.ts';
import { builtFile } from './files.ts';
import { serveSocket } from './socket.ts';

export const ORIGIN = 'http://localhost:9';
export class FakeSite {
  readonly hub = new FakeHub();
  signedIn = false;
  /** The hub answers nothing at all. */
  down = false;
  /** The code that signs in. */
  code = '246810';
  devices: Device[] = [deviceOf('手机浏览器', 'd1', true), deviceOf('办公室电脑', 'd2', false)];
  /** Bodies of good answers by method and path, e.g. `GET /api/devices`. */
  readonly answers = new Map<string, unknown>();
  readonly asked: { phone: string; by: string }[] = [];
  private readonly cuts = new Set<() => void>();

  constructor(readonly me: Me) {
    this.hub.names.set(me.person, me.name);
  }

  async serve(context: BrowserContext): Promise<void> {
    await context.route(`${ORIGIN}/**`, (route) => this.answer(route));
    await context.routeWebSocket(/\/connection\/websocket/, (socket) => {
      if (this.down) return socket.close({ code: 1013, reason: 'down' });
      const cut = serveSocket(socket, this.hub, this.me.person);
      this.cuts.add(cut);
    });
  }

  /** Cut every socket and answer nothing until `up`. */
  cut(): void {
    this.down = true;
    for (const cut of this.cuts) cut();
    this.cuts.clear();
  }

  up(): void {
    this.down = false;
  }

  private async answer(route: Route): Promise<void> {
    const url = new URL(route.request().url());
    if (!url.pathname.startsWith('/api/')) return this.file(route, url.pathname);
    if (route.request().method() === 'DELETE') {
      this.devices = this.devices.filter((one) => !url.pathname.endsWith(`/${one.device}`));
      return route.fulfill({ status: 204 });
    }
    if (this.down) return route.abort('connectionrefused');
    const ready = this.answers.get(`${route.request().method()} ${url.pathname}`);
    if (ready) return route.fulfill({ status: 200, json: ready });
    const { status, body } = this.api(url.pathname, route.request().postDataJSON() ?? {});
    await route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });
  }

  private file(route: Route, path: string): Promise<void> {
    const file = builtFile(path);
    return route.fulfill(file ?? { status: 404, body: '' });
  }

  private api(path: string, body: Record<string, string>): { status: number; body: unknown } {
    const signedOut = { status: 401, body: { code: 'sign_in_required', message: '' } };
    switch (path) {
      case '/api/sign-in/challenges': {
        const { phone = '', by = 'sms' } = body;
        this.asked.push({ phone, by });
        const expires = new Date(Date.now() + 300_000).toISOString();
        const masked = `${phone.slice(0, 3)}****${phone.slice(-4)}`;
        return {
          status: 200,
          body: { challenge: 'c1', phone_masked: masked, expires_at: expires, resend_after_s: 60 },
        };
      }
      case '/api/sign-in':
        if (body.code !== this.code)
          return { status: 422, body: { code: 'code_wrong', message: '' } };
        this.signedIn = true;
        return { status: 200, body: this.me };
      case '/api/session':
        return { status: 200, body: this.signedIn ? { me: this.me } : {} };
      case '/api/devices':
        return { status: 200, body: { devices: this.devices } };
      case '/api/sign-out':
        this.signedIn = false;
        return { status: 204, body: {} };
      case '/api/chat-token': {
        const expires = new Date(Date.now() + 600_000).toISOString();
        return this.signedIn
          ? { status: 200, body: { person: this.me.person, token: 't', expires_at: expires } }
          : signedOut;
      }
      default:
        return { status: 404, body: { code: 'not_found', message: '' } };
    }
  }
}

function deviceOf(name: string, device: string, current: boolean): Device {
  const seen = new Date(Date.now() - 3_600_000).toISOString();
  return { name, device, current, signed_in_at: seen, last_seen_at: seen };
}
