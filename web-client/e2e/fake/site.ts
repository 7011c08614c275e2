/** The built client and a hub in memory, without any server: for tests of single screens. */

import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { BrowserContext, Route } from '@playwright/test';
import { FakeHub } from '../../src/testing/fake_hub.ts';
import type { Me } from '../../src/wire/types.ts';
import { serveSocket } from './socket.ts';

export const ORIGIN = 'http://localhost:9';
const DIST = join(import.meta.dirname, '../../dist');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** What the hub sends with every page. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export class FakeSite {
  readonly hub = new FakeHub();
  signedIn = false;
  /** The hub answers nothing at all. */
  down = false;
  /** The code that signs in. */
  code = '246810';
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
    if (this.down) return route.abort('connectionrefused');
    const { status, body } = this.api(url.pathname, route.request().postDataJSON() ?? {});
    await route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });
  }

  private async file(route: Route, path: string): Promise<void> {
    const name = extname(path) ? path : '/index.html';
    const file = join(DIST, name);
    if (!existsSync(file)) return route.fulfill({ status: 404, body: '' });
    await route.fulfill({
      body: readFileSync(file),
      contentType: TYPES[extname(name)] ?? 'application/octet-stream',
      headers: { 'content-security-policy': CSP },
    });
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
      case '/api/me':
        return this.signedIn ? { status: 200, body: this.me } : signedOut;
      case '/api/sign-out':
        this.signedIn = false;
        return { status: 204, body: {} };
      case '/api/chat-token': {
        const expires = new Date(Date.now() + 600_000).toISOString();
        return this.signedIn
          ? { status: 200, body: { token: 't', expires_at: expires } }
          : signedOut;
      }
      default:
        return { status: 404, body: { code: 'not_found', message: '' } };
    }
  }
}
