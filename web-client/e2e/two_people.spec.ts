/** 换人: two members share one phone; each has a store, a session and an outbox of their own. */

import { type BrowserContext, expect, type Page } from '@playwright/test';
import { agreed, message, openGroup, type RealHub, say, test, toEnd } from './real/hub.ts';

const LEADER = '10000000001';
const MEMBER = '10000000002';

async function signIn(page: Page, hub: RealHub, phone: string): Promise<void> {
  await hub.signIn(page, phone);
  await expect(page).not.toHaveURL(/signin/);
  await agreed(page, page.locator('main a[href^="/r/"], .identity-name').first());
}

/** The name on the page about oneself. */
async function nameOf(page: Page, hub: RealHub): Promise<string> {
  await page.goto(`${hub.origin}/me`);
  return (await page.locator('.identity-name').textContent()) ?? '';
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click();
  await expect(page).toHaveURL(/signin/);
}

async function shared(context: BrowserContext, hub: RealHub, phone: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${hub.origin}/signin`);
  await signIn(page, hub, phone);
  return page;
}

test('what one member left unsent is not seen by the next one on the phone, and goes out as its author', async ({
  browser,
  desk,
  hub,
}) => {
  const phone = await browser.newContext();
  await (await shared(phone, hub, MEMBER)).close();
  const first = await openGroup(phone, hub.origin);
  await phone.setOffline(true);
  await say(first, '没有信号时写的话');
  await expect(first.getByText('待发送')).toHaveCount(1);
  await first.getByRole('textbox', { name: '输入消息' }).fill('写了一半的话');
  await first.close();
  // Her session ends while nobody looks; the store of the phone is all that she left.
  await phone.clearCookies();
  await phone.setOffline(false);

  const second = await phone.newPage();
  await second.goto(`${hub.origin}/inbox`);
  await expect(second.getByLabel('手机号')).toBeVisible();
  await signIn(second, hub, LEADER);
  await second.close();
  const leader = await openGroup(phone, hub.origin);
  await say(leader, '组长在同一部手机上');
  await expect(message(desk, '组长在同一部手机上')).toBeVisible();
  await toEnd(leader);
  await expect(leader.getByText('待发送')).toHaveCount(0);
  await expect(message(leader, '没有信号时写的话')).toHaveCount(0);
  await expect(leader.getByRole('textbox', { name: '输入消息' })).toHaveValue('');
  await expect(message(desk, '没有信号时写的话')).toHaveCount(0);
  await leader.goto(`${hub.origin}/me`);
  await signOut(leader);

  await signIn(leader, hub, MEMBER);
  const name = await nameOf(leader, hub);
  const hers = await openGroup(phone, hub.origin);
  await expect(hers.getByRole('textbox', { name: '输入消息' })).toHaveValue('写了一半的话');
  const sent = message(desk, '没有信号时写的话');
  await expect(sent).toHaveCount(1);
  await expect(sent).toContainText(name);
  await phone.close();
});

test('a page that still shows one member becomes the next one, who signed in beside it', async ({
  browser,
  hub,
}) => {
  const phone = await browser.newContext();
  const page = await shared(phone, hub, MEMBER);
  const before = await nameOf(page, hub);
  const beside = await phone.newPage();
  await beside.goto(`${hub.origin}/me`);
  await expect(beside.locator('.identity-name')).toHaveText(before);
  // She signs out where no hub hears it, and the phone changes hands.
  await phone.setOffline(true);
  await signOut(page);
  await expect(beside).toHaveURL(/signin/);
  await phone.setOffline(false);
  await signIn(page, hub, LEADER);
  await expect(beside).not.toHaveURL(/signin/);
  const after = await nameOf(beside, hub);
  expect(after).not.toBe(before);
  // What the hub was never told of ends nobody else.
  await page.reload();
  expect(await nameOf(page, hub)).toBe(after);
  const devices = page.getByRole('listitem').filter({ hasText: '本机' });
  await expect(devices).toHaveCount(1);
  await phone.close();
});
