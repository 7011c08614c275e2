/** Two members of a party group, two browsers, one real hub. */

import { expect, type Page } from '@playwright/test';
import { lastTexts, message, openGroup, say, test, toEnd } from './real/hub.ts';

test('the pages before sign-in complain about nothing', async ({ browser, hub }) => {
  const page = await browser.newPage({ serviceWorkers: 'allow' });
  const complaints: string[] = [];
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  for (const path of ['/', '/signin', '/help', '/privacy', '/rules', '/nowhere']) {
    await page.goto(`${hub.origin}${path}`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.waitForLoadState('networkidle');
  }
  expect(complaints).toEqual([]);
  await page.close();
});

test('a member reads what she missed and writes; the other has it at once', async ({
  desk,
  member,
  hub,
}) => {
  const before = await openGroup(member, hub.origin);
  await before.getByRole('link', { name: '返回' }).click();
  const row = before.getByRole('main').getByRole('link').first();
  await expect(row).toBeVisible();
  await expect(row).not.toContainText('条未读');
  await before.close();
  await say(desk, '各位同志，下周一晚上学习');
  await expect(desk.getByText('待发送')).toHaveCount(0);
  const inbox = await member.newPage();
  await inbox.goto(`${hub.origin}/inbox`);
  await expect(inbox.getByRole('main')).toContainText('下周一晚上学习');
  await inbox.getByRole('main').getByRole('link').first().click();
  await expect(inbox.getByText('以下是新消息')).toBeInViewport();
  await toEnd(inbox);
  await expect(message(inbox, '各位同志，下周一晚上学习')).toBeInViewport();
  await say(inbox, '收到，我参加');
  await expect(message(desk, '收到，我参加')).toBeVisible({ timeout: 2_000 });
});

test('offline, write, close the tab, reopen, online: delivered once, in order, on both screens', async ({
  desk,
  member,
  phone,
  hub,
}) => {
  // The shell opens offline from the second visit on.
  await member.setOffline(true);
  for (const text of ['离线一', '离线二', '离线三']) await say(phone, text);
  await expect(phone.getByText('待发送')).toHaveCount(3);
  await phone.close();
  await member.setOffline(false);
  const again = await openGroup(member, hub.origin);
  const texts = ['离线一', '离线二', '离线三'];
  await toEnd(again);
  await expect.poll(() => lastTexts(again, 3)).toEqual(texts);
  await expect(again.getByText('待发送')).toHaveCount(0);
  await expect.poll(() => lastTexts(desk, 3)).toEqual(texts);
  for (const text of texts) await expect(message(desk, text)).toHaveCount(1);
});

test('the hub is killed while messages are written: none is lost and none is doubled', async ({
  desk,
  phone,
  hub,
}) => {
  await say(phone, '重启前');
  const killed = hub.kill();
  const texts = ['重启前', '重启中一', '重启中二', '重启中三'];
  for (const text of texts.slice(1)) await say(phone, text);
  await killed;
  await hub.run();
  await expect(phone.getByText('待发送')).toHaveCount(0, { timeout: 30_000 });
  await expect.poll(() => lastTexts(phone, 4), { timeout: 30_000 }).toEqual(texts);
  await expect.poll(() => lastTexts(desk, 4), { timeout: 30_000 }).toEqual(texts);
});

/** Four messages are four calls, four answers and four publications, however they are framed. */
const CUTS = 12;

test(`the line is cut at each of ${CUTS} points of sending: delivered once`, async ({
  desk,
  member,
  hub,
}) => {
  test.setTimeout(240_000);
  for (let cutAt = 1; cutAt <= CUTS; cutAt += 1) {
    let passed = 0;
    let armed = false;
    // After `cutAt` messages of the protocol in either direction the line is gone, once. Those that
    // travel in one frame are parted, so that the count does not hang on the machine's pace.
    await member.unrouteAll();
    await member.routeWebSocket(/\/connection\/websocket/, (page) => {
      const server = page.connectToServer();
      let cut = false;
      const pass = (frame: string | Buffer, on: (line: string) => void) => {
        for (const line of String(frame).split('\n')) {
          if (cut) return;
          on(line);
          passed += armed ? 1 : 0;
          if (!armed || passed < cutAt) continue;
          armed = false;
          cut = true;
          void page.close({ code: 3001, reason: 'cut' });
          void server.close();
        }
      };
      page.onMessage((frame) => pass(frame, (line) => server.send(line)));
      server.onMessage((frame) => pass(frame, (line) => page.send(line)));
    });
    const phone = await openGroup(member, hub.origin);
    await expect(phone.getByRole('article').first()).toBeVisible();
    armed = true;
    const text = `第${cutAt}次断线`;
    for (const part of ['甲', '乙', '丙', '丁']) await say(phone, `${text}${part}`);
    const texts = ['甲', '乙', '丙', '丁'].map((part) => `${text}${part}`);
    await expect.poll(() => lastTexts(phone, 4), { timeout: 20_000 }).toEqual(texts);
    await expect(phone.getByText('待发送')).toHaveCount(0, { timeout: 20_000 });
    await expect.poll(() => lastTexts(desk, 4), { timeout: 20_000 }).toEqual(texts);
    expect(armed, `the line was cut after ${cutAt}`).toBe(false);
    await phone.close();
  }
});

test('a message that is changed and one that is withdrawn change on both screens', async ({
  desk,
  phone,
}) => {
  await say(phone, '学习改到周三');
  await act(phone, '学习改到周三', '修改');
  await phone.getByRole('textbox', { name: '修改消息' }).fill('学习改到周五');
  await phone.getByRole('button', { name: '保存修改' }).click();
  for (const page of [phone, desk]) {
    await expect(message(page, '学习改到周五')).toContainText('已修改');
    await expect(message(page, '学习改到周三')).toHaveCount(0);
  }
  await act(phone, '学习改到周五', '撤回');
  for (const page of [phone, desk]) {
    await expect(message(page, '学习改到周五')).toHaveCount(0);
    await expect(message(page, '消息已撤回').last()).toBeInViewport();
  }
});

test('a reaction, a pinned message and who has read stand on both screens', async ({
  desk,
  phone,
}) => {
  await say(desk, '月底前交学习笔记');
  await expect(message(phone, '月底前交学习笔记')).toBeVisible();
  await act(phone, '月底前交学习笔记', '收到');
  for (const page of [phone, desk]) {
    await expect(page.getByRole('button', { name: '✅ 1人' })).toBeVisible();
  }
  await act(desk, '月底前交学习笔记', '置顶');
  for (const page of [phone, desk]) {
    await expect(page.getByRole('button', { name: /置顶消息/ })).toContainText('月底前交学习笔记');
  }
  await toEnd(phone);
  await expect(async () => {
    // The list of the try before is still open, and nothing behind it can be pressed.
    await desk.keyboard.press('Escape');
    await expect(desk.getByRole('dialog')).toHaveCount(0, { timeout: 1_000 });
    await act(desk, '月底前交学习笔记', '谁已读');
    await expect(desk.getByRole('dialog')).toContainText('中有1人已读', { timeout: 1_000 });
  }).toPass();
});

test('a device signed out from another one is out within a second', async ({ browser, hub }) => {
  const one = await hub.member(browser, 1);
  const other = await hub.secondDevice(browser, 1);
  const phone = await openGroup(other, hub.origin);
  const page = await one.newPage();
  await page.goto(`${hub.origin}/me`);
  await expect(page.getByText('本机')).toHaveCount(1);
  await page.getByRole('button', { name: '退出该设备' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: '退出该设备' }).click();
  await expect(phone).toHaveURL(/\/signin/, { timeout: 1_000 });
  await expect(phone.getByText('本机保存的内容已清除')).toBeVisible();
  await one.close();
  await other.close();
});

/** What is on the screen can be pressed within this. */
const PRESS_MS_MAX = 5_000;

async function act(page: Page, text: string, action: string): Promise<void> {
  await message(page, text)
    .getByRole('button', { name: '消息操作' })
    .click({ timeout: PRESS_MS_MAX });
  await page
    .getByRole('dialog')
    .getByRole('button', { name: action })
    .click({ timeout: PRESS_MS_MAX });
}

test('who is there and who types stands on the other screen; a member may stay unseen', async ({
  desk,
  phone,
  member,
  hub,
}) => {
  const heading = desk.getByRole('banner');
  await desk.reload();
  await expect(heading).toContainText('2人在线');
  await phone.getByRole('textbox', { name: '输入消息' }).pressSequentially('我');
  await expect(desk.getByText('正在输入…')).toBeVisible();
  await say(phone, '我会准时到');
  await expect(desk.getByText('正在输入…')).toHaveCount(0);

  const me = await member.newPage();
  await me.goto(`${hub.origin}/me`);
  await me.getByRole('radio', { name: '不让看到' }).check();
  await expect(me.getByRole('radio', { name: '不让看到' })).toBeChecked();
  await desk.reload();
  await expect(heading).toContainText('1人在线');
  await me.getByRole('radio', { name: '可以看到' }).check();
  await expect(me.getByRole('radio', { name: '可以看到' })).toBeChecked();
});
