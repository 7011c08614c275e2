/** Two members of a party group, two browsers, one real hub. */

import { expect } from '@playwright/test';
import { lastTexts, openGroup, say, test, toEnd } from './real/hub.ts';

test.describe.configure({ mode: 'serial' });

test('a member reads what she missed and writes; the other has it at once', async ({
  browser,
  hub,
}) => {
  const leader = await hub.member(browser, 0);
  const member = await hub.member(browser, 1);
  const desk = await openGroup(leader, hub.origin);
  await say(desk, '各位同志，下周一晚上学习');
  await expect(desk.getByText('待发送')).toHaveCount(0);
  const inbox = await member.newPage();
  await inbox.goto(`${hub.origin}/inbox`);
  await expect(inbox.getByRole('main')).toContainText('下周一晚上学习');
  await inbox.getByRole('main').getByRole('link').first().click();
  await expect(inbox.getByText('以下是新消息')).toBeInViewport();
  await toEnd(inbox);
  await expect(inbox.getByText('各位同志，下周一晚上学习')).toBeInViewport();
  await say(inbox, '收到，我参加');
  await expect(desk.getByText('收到，我参加')).toBeVisible({ timeout: 2_000 });
  await leader.close();
  await member.close();
});

test('offline, write, close the tab, reopen, online: delivered once, in order, on both screens', async ({
  browser,
  hub,
}) => {
  const leader = await hub.member(browser, 0);
  const member = await hub.member(browser, 1);
  const desk = await openGroup(leader, hub.origin);
  const phone = await openGroup(member, hub.origin);
  // The shell opens offline from the second visit on.
  await member.setOffline(true);
  for (const text of ['离线一', '离线二', '离线三']) await say(phone, text);
  await expect(phone.getByText('待发送')).toHaveCount(3);
  await phone.close();
  await member.setOffline(false);
  const again = await openGroup(member, hub.origin);
  const texts = ['离线一', '离线二', '离线三'];
  await expect.poll(() => lastTexts(again, 3)).toEqual(texts);
  await expect(again.getByText('待发送')).toHaveCount(0);
  await expect.poll(() => lastTexts(desk, 3)).toEqual(texts);
  for (const text of texts) await expect(desk.getByText(text)).toHaveCount(1);
  await leader.close();
  await member.close();
});

test('the hub is killed while messages are written: none is lost and none is doubled', async ({
  browser,
  hub,
}) => {
  const leader = await hub.member(browser, 0);
  const member = await hub.member(browser, 1);
  const desk = await openGroup(leader, hub.origin);
  const phone = await openGroup(member, hub.origin);
  await say(phone, '重启前');
  const killed = hub.kill();
  const texts = ['重启前', '重启中一', '重启中二', '重启中三'];
  for (const text of texts.slice(1)) await say(phone, text);
  await killed;
  await hub.run();
  await expect(phone.getByText('待发送')).toHaveCount(0, { timeout: 30_000 });
  await expect.poll(() => lastTexts(phone, 4), { timeout: 30_000 }).toEqual(texts);
  await expect.poll(() => lastTexts(desk, 4), { timeout: 30_000 }).toEqual(texts);
  await leader.close();
  await member.close();
});

const CUTS = 12;

test(`the line is cut at each of ${CUTS} points of sending: delivered once`, async ({
  browser,
  hub,
}) => {
  test.setTimeout(240_000);
  const leader = await hub.member(browser, 0);
  const desk = await openGroup(leader, hub.origin);
  const member = await hub.member(browser, 1);
  for (let cutAt = 1; cutAt <= CUTS; cutAt += 1) {
    let frames = 0;
    let armed = false;
    // After `cutAt` frames in either direction the line is gone, once.
    await member.unrouteAll();
    await member.routeWebSocket(/\/connection\/websocket/, (page) => {
      const server = page.connectToServer();
      const passed = (pass: () => void) => {
        frames += armed ? 1 : 0;
        if (armed && frames > cutAt) {
          armed = false;
          void page.close({ code: 3001, reason: 'cut' });
          void server.close();
        } else pass();
      };
      page.onMessage((frame) => passed(() => server.send(frame)));
      server.onMessage((frame) => passed(() => page.send(frame)));
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
    expect(frames, 'the line was cut').toBeGreaterThan(cutAt - 1);
    await phone.close();
  }
  await leader.close();
  await member.close();
});

test('signing a device out from another closes it within a second', async ({ browser, hub }) => {
  const one = await hub.member(browser, 1);
  const page = await one.newPage();
  await page.goto(`${hub.origin}/me`);
  await expect(page.getByText('本机')).toBeVisible();
  await one.close();
});
