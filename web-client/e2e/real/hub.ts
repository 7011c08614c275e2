/** A whole hub with demo data in a folder of its own, and members who have signed in to it. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  test as base,
  expect,
  type Locator,
  type Page,
} from '@playwright/test';

/** The hub's program, built with the client of this folder inside. */
const PROGRAM = process.env.HUB_BIN ?? '';
/** First telephone numbers of the demo data: the leader, then members of the same group. */
const PHONES = ['10000000001', '10000000002'];
/** After this the second factor shows another code. */
const FACTOR_MS = 31_000;

export class RealHub {
  private readonly folder = mkdtempSync(join(tmpdir(), 'lianxin-e2e-'));
  private process: ChildProcess | null = null;
  private readonly signedIn = new Map<
    string,
    Awaited<ReturnType<BrowserContext['storageState']>>
  >();

  /** The code that each used last. */
  private readonly factors = new Map<string, string>();

  private constructor(private readonly port: number) {
    // The database drops to another user, who must be able to reach its folder.
    chmodSync(this.folder, 0o711);
  }

  static async start(): Promise<RealHub> {
    if (!PROGRAM) throw new Error('HUB_BIN must name the program of the hub');
    const hub = new RealHub(await freePort());
    execFileSync(PROGRAM, ['demo', '--seed', '1', '--members', '60'], {
      env: hub.env(),
      stdio: 'pipe',
    });
    await hub.run();
    return hub;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Start serving and wait until it does. */
  async run(): Promise<void> {
    this.process = spawn(PROGRAM, ['run'], { env: this.env(), stdio: 'ignore' });
    await expect
      .poll(() =>
        fetch(`${this.origin}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        ),
      )
      .toBe(true);
  }

  /** As when the machine's power goes: no chance to say goodbye. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.process?.once('exit', resolve));
    this.process?.kill('SIGKILL');
    await gone;
  }

  /** The media server that the hub started is gone at once. */
  killMedia(): void {
    const noted = readFileSync(join(this.folder, 'sfu', 'process.json'), 'utf8');
    process.kill((JSON.parse(noted) as { pid: number }).pid, 'SIGKILL');
  }

  async remove(): Promise<void> {
    await this.kill();
    execFileSync(PROGRAM, ['stop'], { env: this.env(), stdio: 'pipe' });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A browser in which member `n` of the demo group has signed in. */
  async member(browser: Browser, n: 0 | 1): Promise<BrowserContext> {
    const phone = PHONES[n] ?? '';
    const known = this.signedIn.get(phone);
    if (known) return browser.newContext({ storageState: known });
    const context = await this.secondDevice(browser, n);
    this.signedIn.set(phone, await context.storageState());
    return context;
  }

  /** The same member signed in on a device of its own. */
  async secondDevice(browser: Browser, n: 0 | 1): Promise<BrowserContext> {
    const phone = PHONES[n] ?? '';
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${this.origin}/signin`);
    await this.signIn(page, phone);
    await expect(page).toHaveURL(`${this.origin}/inbox`);
    await agreed(page, page.locator('main a[href^="/r/"]').first());
    await page.close();
    return context;
  }

  /** Sign in on the page that asks for a number; one that is new gives a name. */
  async signIn(page: Page, phone: string, name?: string): Promise<void> {
    await page.getByLabel('手机号').fill(phone);
    await page.getByRole('button', { name: '获取验证码' }).click();
    await expect(page.getByLabel('验证码')).toBeVisible();
    await page.getByLabel('验证码').fill(await this.code(phone));
    if (!name) return;
    await page.getByLabel('姓名').fill(name);
    await page.getByRole('button', { name: '登录', exact: true }).click();
  }

  /** A code of the second factor of somebody with a desk, which counts once: one used before is
      waited out. */
  async secondFactor(phone: string): Promise<string> {
    const arguments_ = ['demo', '--seed', '1', '--second-factor', phone];
    let code = '';
    const fresh = () => {
      const said = execFileSync(PROGRAM, arguments_, { env: this.env() }).toString();
      code = /\b\d{6}\b/.exec(said)?.[0] ?? '';
      return code !== this.factors.get(phone);
    };
    if (!fresh()) {
      base.setTimeout(base.info().timeout + FACTOR_MS);
      await expect.poll(fresh, { timeout: FACTOR_MS }).toBe(true);
    }
    this.factors.set(phone, code);
    return code;
  }

  /** The code that was sent to a number last. */
  async code(phone: string): Promise<string> {
    const answer = await fetch(`${this.origin}/dev/codes`);
    const codes = (await answer.json()) as { phone: string; code: string }[];
    return codes.find((one) => one.phone === phone)?.code ?? '';
  }

  private env(): NodeJS.ProcessEnv {
    const { DATABASE_URL: _, ...env } = process.env;
    return {
      ...env,
      HUB__MODE: 'dev',
      HUB__DATA_DIR: this.folder,
      HUB__HTTP__LISTEN: `127.0.0.1:${this.port}`,
      HUB__HTTP__PORT_SEARCH: 'true',
      HUB__CALLS__MEDIA_SERVER: 'own',
      HUB__CALLS__LISTEN: mediaPort(0),
      HUB__CALLS__SERVICE_LISTEN: mediaPort(10),
      HUB__CALLS__MEDIA_LISTEN: mediaPort(20),
      HUB__CALLS__MEDIA_TCP_LISTEN: mediaPort(30),
      HUB__LOG__FILTER: 'warn',
    };
  }
}

/** Below the ports that the system gives out, and each worker's own: media servers of hubs that start
    at the same moment would find the same ones free. */
function mediaPort(more: number): string {
  return `127.0.0.1:${17_000 + 100 * Number(process.env.TEST_PARALLEL_INDEX ?? 0) + more}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Agree to the rules where that is asked, until the page behind shows. */
export async function agreed(page: Page, behind: Locator): Promise<void> {
  const agree = page.getByRole('button', { name: '同意并继续' });
  await expect(agree.or(behind)).toBeVisible();
  if (await agree.isVisible()) await agree.click();
  await expect(behind).toBeVisible();
}

/** Open the demo group at its newest message. */
export async function openGroup(context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/inbox`);
  await page.getByRole('main').getByRole('link').first().click();
  await expect(page.getByRole('textbox', { name: '输入消息' })).toBeVisible();
  await expect(page.getByRole('article').first()).toBeVisible();
  await toEnd(page);
  return page;
}

/** Go to the newest message where a chip offers it. */
export async function toEnd(page: Page): Promise<void> {
  const chip = page.getByRole('button', { name: /条新消息|回到最新/ });
  await expect(async () => {
    if (await chip.isVisible()) await chip.click({ timeout: 500 });
    await expect(chip).toHaveCount(0, { timeout: 500 });
  }).toPass();
}

/** The message with this text, in the list. */
export function message(page: Page, text: string): Locator {
  return page.getByRole('article').filter({ hasText: text });
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: '输入消息' }).fill(text);
  await page.getByRole('button', { name: '发送', exact: true }).click();
}

/** The last `count` texts of the list as they stand on the screen. */
export function lastTexts(page: Page, count: number): Promise<string[]> {
  return page
    .getByRole('article')
    .evaluateAll(
      (articles, n) =>
        articles.slice(-n).map((one) => one.querySelector('p[class*="text"]')?.textContent ?? ''),
      count,
    );
}

interface Members {
  /** A browser of the group's leader. */
  leader: BrowserContext;
  /** A browser of another member. */
  member: BrowserContext;
  /** The group on the leader's screen. */
  desk: Page;
  /** The group on the member's screen. */
  phone: Page;
}

export const test = base.extend<Members, { hub: RealHub }>({
  leader: async ({ browser, hub }, use) => {
    const context = await hub.member(browser, 0);
    await use(context);
    await context.close();
  },
  member: async ({ browser, hub }, use) => {
    const context = await hub.member(browser, 1);
    await use(context);
    await context.close();
  },
  desk: async ({ leader, hub }, use) => use(await openGroup(leader, hub.origin)),
  phone: async ({ member, hub }, use) => use(await openGroup(member, hub.origin)),
  hub: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads the pattern
    async ({}, use) => {
      const hub = await RealHub.start();
      await use(hub);
      await hub.remove();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});
