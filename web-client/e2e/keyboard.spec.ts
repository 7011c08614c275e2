/** The main story without a mouse: sign in, read what was missed, write, leave. */

import { expect, type Locator, type Page } from '@playwright/test';
import { message, say, test } from './real/hub.ts';

const MEMBER = '10000000002';
const SECRETARY = '10000000003';
const STEPS_MAX = 80;

/** Walk with Tab until the focus stands there; it must be seen where it stands. */
async function tabTo(page: Page, to: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(to).toBeVisible();
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (await to.evaluate((one) => one === document.activeElement)) {
      const ring = await to.evaluate((one) => getComputedStyle(one).outlineStyle);
      expect(ring, 'the focus is seen').not.toBe('none');
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not reach ${to}`);
}

async function press(page: Page, to: Locator, key?: 'Shift+Tab'): Promise<void> {
  await tabTo(page, to, key);
  await page.keyboard.press('Enter');
}

test('a member signs in, reads what was missed, writes and signs out by keys alone', async ({
  browser,
  desk,
  hub,
}) => {
  await say(desk, '键盘也能用，明晚七点半开会');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(hub.origin);
  await press(page, page.getByRole('link', { name: /党员登录/ }));
  await tabTo(page, page.getByLabel('手机号'));
  await page.keyboard.type(MEMBER);
  await page.keyboard.press('Enter');
  const code = page.getByLabel('验证码');
  await expect(code).toBeFocused();
  await page.keyboard.type(await hub.code(MEMBER));
  const room = page.locator('main a[href^="/r/"]').first();
  const agree = page.getByRole('button', { name: '同意并继续' });
  await expect(agree.or(room)).toBeVisible();
  if (await agree.isVisible()) await press(page, agree);

  await press(page, room);
  await expect(page.getByText('以下是新消息')).toBeVisible();
  const write = page.getByRole('textbox', { name: '输入消息' });
  await tabTo(page, write);
  await page.keyboard.type('收到，准时参加');
  await page.keyboard.press('Control+Enter');
  await expect(message(page, '收到，准时参加')).toBeVisible();
  await expect(message(desk, '收到，准时参加')).toBeVisible();
  await expect(write).toBeFocused();

  // A dialog holds the focus, Escape closes it, and it comes back to where it was.
  const menu = page.getByRole('button', { name: '菜单' });
  await press(page, menu, 'Shift+Tab');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(menu).toBeFocused();

  await press(page, page.getByRole('link', { name: '返回' }), 'Shift+Tab');
  await press(page, page.getByRole('link', { name: '我的' }));
  await press(page, page.getByRole('button', { name: '退出登录' }));
  await press(page, page.getByRole('dialog').getByRole('button', { name: '退出登录' }));
  await expect(page.getByLabel('手机号')).toBeVisible();
  await page.goto(`${hub.origin}/inbox`);
  await expect(page).toHaveURL(/signin/);
  await context.close();
});

test('an officer opens the desk with the second factor; a wrong code says so and a used one is dead', async ({
  browser,
  hub,
}) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${hub.origin}/signin`);
  await hub.signIn(page, SECRETARY);
  const agree = page.getByRole('button', { name: '同意并继续' });
  const code = page.getByLabel('动态验证码');
  await expect(page).toHaveURL(`${hub.origin}/inbox`);
  await page.goto(`${hub.origin}/desk`);
  await expect(agree.or(code)).toBeVisible();
  if (await agree.isVisible()) await agree.click();
  const open = page.getByRole('button', { name: '打开', exact: true });

  await code.fill('000000');
  await open.click();
  await expect(page.getByRole('alert')).toContainText('动态口令不正确');
  await expect(code).toHaveValue('');
  await expect(code).toBeFocused();

  const good = await hub.secondFactor(SECRETARY);
  await code.fill(good);
  await open.click();
  const close = page.getByRole('button', { name: '关闭工作台' });
  await expect(close).toBeVisible();
  await page.reload();
  await expect(close).toBeVisible();

  await close.click();
  await expect(code).toBeVisible();
  await code.fill(good);
  await open.click();
  await expect(page.getByRole('alert')).toContainText('动态口令不正确或已用过');
  await context.close();
});
