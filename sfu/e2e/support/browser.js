// A Chromium with fake devices and a page that holds livekit-client.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SDK = createRequire(import.meta.url).resolve('livekit-client');
const FILES = {
  '/': [path.join(HERE, 'page.html'), 'text/html'],
  '/page.js': [path.join(HERE, 'page.js'), 'text/javascript'],
  '/livekit-client.umd.js': [
    path.join(path.dirname(SDK), 'livekit-client.umd.js'),
    'text/javascript',
  ],
};

// A browser and the server of its one page.
export class Browser {
  static async start() {
    const browser = new Browser();
    browser.server = createServer(async (request, response) => {
      const file = FILES[new URL(request.url, 'http://page').pathname];
      if (!file) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': file[1] }).end(await readFile(file[0]));
    }).listen(0, '127.0.0.1');
    await once(browser.server, 'listening');
    browser.chromium = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      chromiumSandbox: false,
      args: [
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream=fps=15',
        '--autoplay-policy=no-user-gesture-required',
        '--disable-features=WebRtcHideLocalIpsWithMdns',
      ],
    });
    return browser;
  }

  // A page of its own, as another person would have it.
  async page() {
    const context = await this.chromium.newContext();
    const page = await context.newPage();
    page.errors = [];
    page.on('pageerror', (error) => page.errors.push(error.message));
    page.on('console', (message) => {
      if (process.env.SFU_LOG) console.error(`[page] ${message.text()}`);
    });
    await page.goto(`http://127.0.0.1:${this.server.address().port}/`);
    return page;
  }

  async stop() {
    await this.chromium.close();
    this.server.close();
  }
}

// Waits until `read()` fulfils `holds`, looking again each `every` ms; fails with the last value.
export async function eventually(what, read, holds, { within = 20_000, every = 100 } = {}) {
  const end = Date.now() + within;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: not so after ${within} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
