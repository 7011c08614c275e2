/** Signing in, against a hub in memory. */

import { expect, test } from '@playwright/test';
import { ROOM, village } from './fake/people.ts';
import { ORIGIN } from './fake/site.ts';

test('leads from a deep link over number and code back to the room', async ({ context }) => {
  const site = village();
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/r/${ROOM}`);
  await expect(page).toHaveURL(/\/signin\?to=/);
  await page.getByLabel('手机号').fill('138 0001 0001');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await expect(page.getByText('138****0001')).toBeVisible();
  await expect(page.getByLabel('验证码')).toBeFocused();
  await page.getByLabel('验证码').pressSequentially(site.code);
  await expect(page).toHaveURL(`${ORIGIN}/r/${ROOM}`);
  await expect(page.getByRole('article').first()).toBeVisible();
  expect(site.asked).toEqual([{ phone: '13800010001', by: 'sms' }]);
});

test('goes on with the code after the page was closed', async ({ context }) => {
  const site = village();
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/signin`);
  await page.getByLabel('手机号').fill('13800010001');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await expect(page.getByLabel('验证码')).toBeVisible();
  await page.close();
  const again = await context.newPage();
  await again.goto(`${ORIGIN}/signin`);
  await again.getByLabel('验证码').fill(site.code);
  await expect(again).toHaveURL(/\/inbox$/);
});

test('says what is wrong with a code and lets it be typed again', async ({ context }) => {
  const site = village();
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/signin`);
  await page.getByLabel('手机号').fill('13800010001');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.getByLabel('验证码').fill('000000');
  await expect(page.getByRole('alert')).toContainText('验证码不正确');
  await expect(page.getByLabel('验证码')).toHaveValue('');
  await page.getByLabel('验证码').fill(site.code);
  await expect(page).toHaveURL(/\/inbox$/);
});

test('shows the form before any script and takes over what was typed in it', async ({
  context,
}) => {
  const site = village();
  await site.serve(context);
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await context.route(/\/assets\/index.*\.js$/, async (route) => {
    await held;
    await route.fallback();
  });
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/signin`, { waitUntil: 'commit' });
  const field = page.getByLabel('手机号');
  await field.fill('13800010001');
  await page.getByRole('button', { name: '获取验证码' }).click();
  expect(site.asked).toEqual([]);
  release();
  await expect(page.getByLabel('验证码')).toBeVisible();
  expect(site.asked).toEqual([{ phone: '13800010001', by: 'sms' }]);
});

test('signs out, forgets what was read, and shows nothing of it any more', async ({ context }) => {
  const site = village();
  site.signedIn = true;
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/r/${ROOM}`);
  await expect(page.getByRole('article').first()).toBeVisible();
  await page.goto(`${ORIGIN}/me`);
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click();
  await expect(page).toHaveURL(/\/signin/);
  await expect.poll(() => site.signedIn).toBe(false);
  const left = () =>
    page.evaluate(async () => ({
      databases: (await indexedDB.databases()).map((one) => one.name),
      keys: Object.keys(localStorage).sort(),
    }));
  // What the hub was asked to end is kept until its answer has come.
  await expect.poll(left).toEqual({ databases: [], keys: ['lianxin.look'] });
});

test('speaks English where the browser asks for it', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'en-GB' });
  const site = village();
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/signin`);
  await expect(page.getByRole('heading', { name: 'Member sign-in' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await context.close();
});

test('enlarges the text with one press and keeps it', async ({ context }) => {
  const site = village();
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/signin`);
  const size = () => page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
  expect(await size()).toBe('18px');
  await page.getByRole('button', { name: '长辈版大字' }).click();
  expect(await size()).toBe('26px');
  await page.reload();
  expect(await size()).toBe('26px');
});

test('signs another device out', async ({ context }) => {
  const site = village();
  site.signedIn = true;
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/me`);
  await expect(page.getByText('办公室电脑')).toBeVisible();
  await page.getByRole('button', { name: '退出该设备' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '退出该设备' }).click();
  await expect(page.getByText('办公室电脑')).toHaveCount(0);
  expect(site.devices.map((one) => one.name)).toEqual(['手机浏览器']);
});
