/** A call from the party group: two browsers, one real hub, one real media server. */
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { agreed, message, openGroup, say, test } from './real/hub.ts';

/** Somebody of the demo data who is in no group. */
const GUEST = '10000090005';

test.use({
  launchOptions: {
    executablePath: '/usr/bin/chromium',
    chromiumSandbox: false,
    args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  },
});

/** Counts what the page's peer connections have decoded and heard, all of them together. */
async function counting(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const peers: RTCPeerConnection[] = [];
    const Native = RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        peers.push(this);
      }
    };
    // What each track has shown so far: a session that begins anew has tracks of its own, whose counts
    // begin at nothing, so growth is what is added up.
    const seen = new Map<string, number>();
    const total = { frames: 0, energy: 0 };
    const add = (key: 'frames' | 'energy', track: string, now: number) => {
      total[key] += Math.max(0, now - (seen.get(`${key} ${track}`) ?? 0));
      seen.set(`${key} ${track}`, now);
    };
    Object.assign(window, {
      decoded: async () => {
        for (const [n, peer] of peers.entries()) {
          for (const report of (await peer.getStats()).values()) {
            if (report.type !== 'inbound-rtp') continue;
            add('frames', `${n} ${report.id}`, report.framesDecoded ?? 0);
            add('energy', `${n} ${report.id}`, report.totalAudioEnergy ?? 0);
          }
        }
        return { ...total };
      },
    });
  });
}

interface Decoded {
  frames: number;
  energy: number;
}

function decoded(page: Page): Promise<Decoded> {
  return page.evaluate(() => (window as unknown as { decoded(): Promise<Decoded> }).decoded());
}

/** Pictures and sound of the other side go on from now. */
async function flows(page: Page): Promise<void> {
  const before = await decoded(page);
  await expect
    .poll(() => decoded(page).then((now) => now.frames - before.frames), { timeout: 30_000 })
    .toBeGreaterThan(10);
  await expect
    .poll(() => decoded(page).then((now) => now.energy - before.energy), { timeout: 30_000 })
    .toBeGreaterThan(0);
}

async function enter(page: Page): Promise<void> {
  await page.getByRole('link', { name: /发起通话|加入通话/ }).click();
  await page.getByRole('button', { name: '进入通话' }).click();
  await expect(page.locator('[data-stage="live"]')).toBeVisible({ timeout: 20_000 });
  for (const device of ['麦克风', '摄像头']) {
    await page.getByRole('button', { name: device }).click();
    await expect(page.getByRole('button', { name: device, pressed: true })).toBeVisible({
      timeout: 20_000,
    });
  }
}

test('two members see and hear each other; hub and media server are killed, the call goes on', async ({
  leader,
  member,
  hub,
}) => {
  test.setTimeout(240_000);
  for (const context of [leader, member]) await counting(context);
  const desk = await openGroup(leader, hub.origin);
  const phone = await openGroup(member, hub.origin);
  await enter(desk);
  await expect(phone.getByRole('link', { name: '加入通话（1人在通话中）' })).toBeVisible({
    timeout: 20_000,
  });
  await enter(phone);
  for (const page of [desk, phone]) {
    await expect(page.getByRole('list', { name: '通话中的成员（2人）' })).toBeVisible();
    await flows(page);
  }

  // The chat is read meanwhile, and the way back leads into the same call.
  await phone.getByRole('link', { name: '看聊天' }).click();
  await say(phone, '通话里说的事记在这里');
  await expect(message(phone, '通话里说的事记在这里')).toBeVisible();
  await flows(desk);
  await phone.getByRole('link', { name: '回到通话' }).click();
  await flows(phone);

  await hub.kill();
  for (const page of [desk, phone]) await flows(page);
  await hub.run();

  hub.killMedia();
  for (const page of [desk, phone]) {
    await expect(page.locator('[data-stage="live"]')).toBeVisible({ timeout: 60_000 });
    await flows(page);
  }

  await phone.getByRole('button', { name: '离开' }).click();
  await phone.getByRole('dialog').getByRole('button', { name: '离开' }).click();
  await expect(phone.getByText('您已离开通话')).toBeVisible();
  await desk.getByRole('button', { name: '离开' }).click();
  await desk.getByRole('dialog').getByRole('button', { name: '结束所有人的通话' }).click();
  await expect(desk.getByText('通话已结束')).toBeVisible();
});

/** Nothing goes out of the page or comes in, its media included, until it is told otherwise. */
async function cutter(page: Page): Promise<(cut: boolean) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  return async (cut) => {
    await session.send('Network.emulateNetworkConditions', {
      offline: cut,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
      packetLoss: cut ? 100 : 0,
    });
  };
}

async function choose(page: Page, layout: string): Promise<void> {
  await page.getByRole('button', { name: '更多' }).click();
  await page.getByRole('radio', { name: layout }).check({ force: true });
  await page.keyboard.press('Escape');
}

test('a link is cut and comes back; hands, layouts, and what the chat keeps of the call', async ({
  leader,
  member,
  hub,
}) => {
  test.setTimeout(240_000);
  for (const context of [leader, member]) await counting(context);
  const desk = await openGroup(leader, hub.origin);
  const phone = await openGroup(member, hub.origin);
  await enter(desk);
  await enter(phone);
  await flows(phone);

  await choose(phone, '九宫格');
  await expect(phone.locator('[data-layout="grid"] video')).toHaveCount(2);
  await choose(phone, '只听声音');
  await expect(phone.locator('[data-layout="audio"]')).toBeVisible();
  await expect(phone.locator('video')).toHaveCount(0);
  await choose(phone, '主讲人');
  await flows(phone);

  await phone.getByRole('button', { name: '举手' }).click();
  await expect(phone.getByRole('button', { name: '放下手 您排第1位' })).toBeVisible();
  await phone.getByRole('button', { name: '麦克风' }).click();
  await desk.getByRole('button', { name: /^请 .* 发言$/ }).click();
  await expect(phone.getByRole('heading', { name: '主持人请您发言' })).toBeVisible();
  await phone.getByRole('button', { name: '打开麦克风' }).click();
  await expect(phone.getByRole('button', { name: '麦克风', pressed: true })).toBeVisible();
  await expect(desk.getByRole('heading', { name: /举手的同志/ })).toHaveCount(0);

  const cut = await cutter(phone);
  await cut(true);
  await expect(phone.getByText(/正在恢复连接|连接中断，正在重新进入/)).toBeVisible({
    timeout: 40_000,
  });
  await cut(false);
  await expect(phone.locator('[data-stage="live"]')).toBeVisible({ timeout: 60_000 });
  for (const page of [desk, phone]) await flows(page);

  await desk.getByRole('button', { name: '离开' }).click();
  await desk.getByRole('dialog').getByRole('button', { name: '结束所有人的通话' }).click();
  await phone.getByRole('link', { name: '回到聊天' }).click();
  const over = phone.getByText(/通话已结束 · \d+分钟 · 2人参加/).last();
  await over.click();
  await expect(phone.getByText(/发起了通话/).last()).toBeVisible();
  await expect(phone.locator('details[open] p')).toHaveCount(2);
});

test('the host stops a microphone, locks the call, takes a member out and lets them in again', async ({
  leader,
  member,
  hub,
}) => {
  test.setTimeout(240_000);
  for (const context of [leader, member]) await counting(context);
  const desk = await openGroup(leader, hub.origin);
  const phone = await openGroup(member, hub.origin);
  await enter(desk);
  await enter(phone);
  const mic = phone.getByRole('button', { name: '麦克风' });

  await desk.getByRole('button', { name: '2人在通话中' }).click();
  const people = desk.getByRole('dialog');
  await people.getByRole('button', { name: /^管理 / }).click();
  await people.getByRole('button', { name: '关闭其麦克风' }).click();
  await expect(phone.getByRole('button', { name: '麦克风', pressed: false })).toBeVisible();
  // One's own hand opens it again, by a key; no key works while it is typed into a dialog.
  await phone.keyboard.press('m');
  await expect(phone.getByRole('button', { name: '麦克风', pressed: true })).toBeVisible();
  await phone.keyboard.press('h');
  await expect(phone.getByRole('button', { name: '放下手 您排第1位' })).toBeVisible();
  await phone.getByRole('button', { name: '更多' }).click();
  await phone.getByRole('radio', { name: '关', exact: true }).check({ force: true });
  await phone.keyboard.press('Escape');
  await phone.keyboard.press('h');
  await expect(phone.getByRole('button', { name: '放下手 您排第1位' })).toBeVisible();

  await people.getByRole('button', { name: '请出通话' }).click();
  await people.getByRole('button', { name: '确定请出' }).click();
  await expect(phone.getByText('主持人已请您退出通话')).toBeVisible();
  await people.getByRole('button', { name: '锁定通话' }).click();
  await expect(people.getByText('通话已锁定')).toBeVisible();
  await desk.keyboard.press('Escape');
  await expect(desk.getByRole('button', { name: '1人在通话中 · 已锁定' })).toBeVisible();
  await expect(mic).toHaveCount(0);
  await phone.getByRole('button', { name: '再次进入' }).click();
  await phone.getByRole('button', { name: '进入通话' }).click();
  await expect(phone.getByText('主持人没有同意您进入')).toBeVisible();
  await desk.getByRole('button', { name: '离开' }).click();
  await desk.getByRole('dialog').getByRole('button', { name: '结束所有人的通话' }).click();
  await expect(desk.getByText('通话已结束')).toBeVisible();
});

test('a guest waits before the door of a call until the host lets them in', async ({
  leader,
  hub,
  browser,
}) => {
  test.setTimeout(240_000);
  await counting(leader);
  const desk = await openGroup(leader, hub.origin);
  await enter(desk);
  await desk.getByRole('button', { name: '1人在通话中' }).click();
  await desk.getByRole('button', { name: '复制来宾链接' }).click();
  const link = await desk.getByLabel(/来宾链接/).inputValue();
  await desk.keyboard.press('Escape');

  const context = await browser.newContext();
  await counting(context);
  const guest = await context.newPage();
  await guest.goto(link);
  await hub.signIn(guest, GUEST);
  const way = guest.getByRole('button', { name: '进入通话' });
  await agreed(guest, way);
  await way.click();
  await expect(guest.getByText('请稍候，主持人会请您进入')).toBeVisible();
  await desk.getByRole('button', { name: /^请 .* 进入$/ }).click();
  await expect(guest.locator('[data-stage="live"]')).toBeVisible({ timeout: 20_000 });
  await expect(desk.getByText('等候进入')).toHaveCount(0);
  await flows(guest);
  await context.close();
});
