/**
 * How long a slow phone on a slow line waits: median of five, against a whole hub on this machine.
 * A benchmark, never a test: it fails only when a page does not come at all.
 *
 * Lines as in the design: S4 is 1.6 Mbit/s with 150 ms, VG (village) 300 kbit/s down and 100 up
 * with 400 ms; both with the processor four times slower. The browser's emulation drops no packets,
 * so that the 5 % loss of VG is not in these figures.
 */

import type { BrowserContext, Page } from '@playwright/test';
import { test } from '../e2e/real/hub.ts';

const RUNS = 5;
const CPU_RATE = 4;
const LINES = {
  S4: { latency: 150, downloadThroughput: 200_000, uploadThroughput: 200_000 },
  VG: { latency: 400, downloadThroughput: 37_500, uploadThroughput: 12_500 },
} as const;

type Line = keyof typeof LINES;
/** Milliseconds that the design allows. */
const BUDGET_MS: Record<string, Record<Line, number>> = {
  'sign-in page, cold: largest paint': { S4: 1_800, VG: 4_500 },
  'group chat, cold: last messages': { S4: 2_500, VG: 6_000 },
  'inbox, warm: list of rooms': { S4: 800, VG: 800 },
};

async function slow(page: Page, line: Line): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, ...LINES[line] });
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE });
}

/** Milliseconds from the request to the largest paint of the page. */
async function largestPaint(page: Page, url: string): Promise<number> {
  await page.goto(url, { waitUntil: 'load' });
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const entries = list.getEntries();
          resolve(entries[entries.length - 1]?.startTime ?? 0);
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      }),
  );
}

/**
 * Milliseconds from the request until something of this look is painted. The page itself takes the
 * time, so that the slow line to the browser is not in it.
 */
async function until(page: Page, url: string, selector: string): Promise<number> {
  await page.addInitScript((look) => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector(look)) return;
      seen.disconnect();
      requestAnimationFrame(() => {
        const done = new MessageChannel();
        done.port1.onmessage = () => Object.assign(window, { paintedAt: performance.now() });
        done.port2.postMessage(0);
      });
    });
    seen.observe(document, { childList: true, subtree: true });
  }, selector);
  await page.goto(url, { waitUntil: 'commit' });
  const painted = await page.waitForFunction(
    () => (window as { paintedAt?: number }).paintedAt ?? null,
  );
  return (await painted.jsonValue()) ?? 0;
}

function median(values: number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
}

type Taken = (context: BrowserContext, line: Line) => Promise<number>;

async function taken(make: () => Promise<BrowserContext>, take: Taken) {
  const result: Partial<Record<Line, number>> = {};
  for (const line of Object.keys(LINES) as Line[]) {
    const values: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const context = await make();
      values.push(await take(context, line));
      await context.close();
    }
    result[line] = median(values);
  }
  return result as Record<Line, number>;
}

function report(name: string, ms: Record<Line, number>): void {
  const budget = BUDGET_MS[name];
  const words = (Object.keys(LINES) as Line[]).map(
    (line) => `${line} ${ms[line]} ms of ${budget?.[line]} ms`,
  );
  process.stdout.write(`${name}: ${words.join(', ')}\n`);
}

test('sign-in page, cold', async ({ browser, hub }) => {
  const ms = await taken(
    () => browser.newContext(),
    async (context, line) => {
      const page = await context.newPage();
      await slow(page, line);
      return largestPaint(page, `${hub.origin}/signin`);
    },
  );
  report('sign-in page, cold: largest paint', ms);
});

test('group chat, cold', async ({ browser, hub }) => {
  const member = await hub.member(browser, 1);
  const first = await member.newPage();
  await first.goto(`${hub.origin}/inbox`);
  const path = await first.getByRole('main').getByRole('link').first().getAttribute('href');
  await member.close();
  const ms = await taken(
    () => hub.member(browser, 1),
    async (context, line) => {
      const page = await context.newPage();
      await slow(page, line);
      return until(page, `${hub.origin}${path}`, 'article');
    },
  );
  report('group chat, cold: last messages', ms);
});

test.describe('with the offline shell', () => {
  test.use({ serviceWorkers: 'allow' });

  test('inbox, warm', async ({ browser, hub }) => {
    const ms = await taken(
      async () => {
        const context = await hub.member(browser, 1);
        const page = await context.newPage();
        await page.goto(`${hub.origin}/inbox`);
        await page.evaluate(() => navigator.serviceWorker.ready);
        await page.getByRole('main').getByRole('link').first().waitFor();
        await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
        await page.close();
        return context;
      },
      async (context, line) => {
        const page = await context.newPage();
        await slow(page, line);
        return until(page, `${hub.origin}/inbox`, 'main a[href^="/r/"]');
      },
    );
    report('inbox, warm: list of rooms', ms);
  });
});
