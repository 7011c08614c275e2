/** A post on a board without scripts, from a visitor to its close, and the desk by keyboard. */

import { type Browser, expect, type Page } from '@playwright/test';
import { type RealHub, test } from './real/hub.ts';
import { accessible, openByKeys, plain, pressKey, signInByKeys, typeInto } from './real/pages.ts';

const AUTHOR = '10000095001';
const REVIEWER = '10000000010';
const HANDLER = '10000000011';
const DECIDER = '10000000012';
const READER = '10000095003';
const TITLE = '枫浦村小学门口缺一盏路灯';
const OPEN = '枫浦村活动室周末延长开放';

/** Sign in at the desk: number, code, second factor. */
async function atDesk(
  browser: Browser,
  hub: RealHub,
  phone: string,
  { scripts } = { scripts: false },
): Promise<Page> {
  const page = scripts ? await browser.newPage() : await plain(browser);
  await page.goto(`${hub.origin}/desk/board`);
  await page.getByLabel('手机号').fill(phone);
  await page.getByRole('button', { name: '发送验证码' }).click();
  await page.getByLabel('6位验证码').fill(await hub.code(phone));
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByLabel('动态验证码').fill(await hub.secondFactor(phone));
  await page.getByRole('button', { name: '打开' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '留言工作台' })).toBeVisible();
  return page;
}

async function open(desk: Page): Promise<void> {
  await desk.goto(desk.url().replace(/\/desk\/board.*/, '/desk/board'));
  await desk.getByRole('link', { name: TITLE }).first().press('Enter');
  await expect(desk.getByRole('heading', { level: 2, name: TITLE })).toBeVisible();
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).press('Enter');
}

test('a visitor posts without scripts, follows by number and passphrase, is not satisfied once and rates', async ({
  browser,
  hub,
}) => {
  test.setTimeout(120_000);
  const visitor = await plain(browser);
  await visitor.goto(`${hub.origin}/board`);
  await accessible(browser, visitor);
  await visitor.getByRole('link', { name: '我要留言' }).first().click();
  await accessible(browser, visitor);
  await visitor.getByLabel('手机号').fill(AUTHOR);
  await visitor.getByRole('button', { name: '发送验证码' }).click();
  await visitor.getByLabel('6位验证码').fill(await hub.code(AUTHOR));
  await visitor.getByLabel('显示名').fill('枫浦家长');
  await visitor.getByLabel('出生年份').fill('1984');
  await visitor.getByLabel(/我已阅读并同意/).check();
  await visitor.getByRole('button', { name: '登录' }).click();
  await visitor.getByLabel('求助').check();
  await accessible(browser, visitor);
  await visitor.getByRole('button', { name: '下一步' }).click();
  await visitor.getByLabel('标题').fill(TITLE);
  await visitor.getByLabel('正文').fill('天黑以后孩子看不清路。');
  await accessible(browser, visitor);
  await visitor.getByRole('button', { name: '下一步：核对' }).click();
  await visitor.getByRole('button', { name: '提交留言' }).click();
  const number = (await visitor.locator('#number').textContent()) ?? '';
  const phrase = (await visitor.locator('#phrase').textContent()) ?? '';
  await visitor.context().close();

  const reviewer = await atDesk(browser, hub, REVIEWER);
  await accessible(browser, reviewer);
  await open(reviewer);
  await accessible(browser, reviewer);
  await press(reviewer, '通过并公开');
  await reviewer.getByLabel('转给').selectOption({ index: 0 });
  await press(reviewer, '转办');
  const handler = await atDesk(browser, hub, HANDLER);
  await open(handler);
  await press(handler, '受理');
  await handler.getByLabel('请留言人补充什么').fill('请问是哪个门？');
  await press(handler, '请留言人补充（计时暂停，一次）');

  const follower = await plain(browser);
  await follower.goto(`${hub.origin}/track`);
  await accessible(browser, follower);
  await follower.getByLabel('编号').fill(number);
  await follower.getByLabel('查询口令').fill(phrase);
  await follower.getByRole('button', { name: '查询' }).click();
  await expect(follower.getByText('请问是哪个门？').first()).toBeVisible();
  await accessible(browser, follower);
  await follower.getByLabel('补充情况').fill('北门。');
  await follower.getByRole('button', { name: '提交补充' }).click();
  for (const reply of ['已登记。', '路灯已装好。']) {
    await open(handler);
    await handler.getByRole('textbox', { name: '答复', exact: true }).fill(reply);
    await press(handler, '送审');
    await open(reviewer);
    await press(reviewer, '通过并答复');
    await follower.reload();
    await expect(follower.getByText(reply).first()).toBeVisible();
    if (reply !== '已登记。') continue;
    await follower.getByLabel('哪里没有解决').fill('还没有装。');
    await follower.getByRole('button', { name: /不满意/ }).click();
    await open(reviewer);
    await press(reviewer, '转办');
    await open(handler);
    await press(handler, '受理');
  }
  await follower.getByLabel(/4 满意/).check();
  await follower.getByRole('button', { name: '提交评价并办结' }).click();
  await expect(follower.getByText('已办结').first()).toBeVisible();
  await follower.goto(`${hub.origin}/board/${number.replace('-', '')}`);
  await expect(follower.getByText('路灯已装好。')).toBeVisible();
  await accessible(browser, follower);
  await follower.goto(`${hub.origin}/board/statistics`);
  await accessible(browser, follower);
});

test('the public page of a board and its style are at most 35 KB packed', async ({ hub }) => {
  const sizes = await Promise.all(
    ['/board', '/board/style.css'].map(async (path) => {
      const answer = await fetch(`${hub.origin}${path}`);
      const packed = answer.body?.pipeThrough(new CompressionStream('gzip'));
      return (await new Response(packed).arrayBuffer()).byteLength;
    }),
  );
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(35 * 1024);
});

test('moderation by keys: j, k and enter at the desk, a report, a hiding that another person reviews', async ({
  browser,
  hub,
}) => {
  test.setTimeout(120_000);
  const reviewer = await atDesk(browser, hub, REVIEWER, { scripts: true });
  await reviewer.keyboard.press('?');
  await expect(reviewer.getByText('上一条')).toBeVisible();
  await reviewer.keyboard.press('?');
  await reviewer.keyboard.press('j');
  const first = reviewer.locator('.desk-columns h3 a').first();
  await expect(first).toBeFocused();
  await reviewer.keyboard.press('j');
  await reviewer.keyboard.press('k');
  await expect(first).toBeFocused();
  await reviewer.keyboard.press('Enter');
  await expect(reviewer.locator('.desk-post h2').first()).toBeVisible();
  await expect(reviewer.getByRole('heading', { name: /^被举报/ }).first()).toBeVisible();
  await accessible(browser, reviewer);

  const decider = await atDesk(browser, hub, DECIDER);
  await decider.getByRole('link', { name: '快递点占道堆放影响通行' }).first().press('Enter');
  await accessible(browser, decider);
  await decider.getByLabel('复核说明').fill('用语没有问题。');
  await press(decider, '恢复公开');
  await expect(decider.getByText('复核：恢复公开')).toBeVisible();
  await decider.goto(`${hub.origin}/desk/words`);
  await decider.getByLabel('添加词').fill('某某坏词');
  await decider.getByLabel(/^拦截/).press('Space');
  await press(decider, '添加');
  await expect(decider.getByText('某某坏词')).toBeVisible();
  await accessible(browser, decider);
});

test('an open page of a signed-in reader shows a step at once', async ({ browser, hub }) => {
  test.setTimeout(120_000);
  const reader = await browser.newPage();
  await reader.goto(`${hub.origin}/board/sign-in?to=/board`);
  await reader.getByLabel('手机号').fill(READER);
  await reader.getByRole('button', { name: '发送验证码' }).click();
  await reader.getByLabel('6位验证码').fill(await hub.code(READER));
  await reader.getByLabel('显示名').fill('读者');
  await reader.getByLabel('出生年份').fill('1990');
  await reader.getByLabel(/我已阅读并同意/).check();
  await reader.getByRole('button', { name: '登录' }).click();
  await reader.goto(`${hub.origin}/board`);
  await reader.getByRole('link', { name: OPEN }).click();
  await expect(reader.getByText('已公开，待转办').first()).toBeVisible();
  const reviewer = await atDesk(browser, hub, REVIEWER);
  await reviewer.getByRole('link', { name: OPEN }).first().press('Enter');
  await reviewer.getByLabel('转给').selectOption({ index: 0 });
  await press(reviewer, '转办');
  await expect(reader.getByText('已转办，待受理').first()).toBeVisible({ timeout: 10_000 });
  await expect(reader.getByRole('status')).toHaveText('页面已更新。');
  await accessible(browser, reader);
});

test("a handler's day by keys alone: from the list over accepting and asking to a reply", async ({
  browser,
  hub,
}) => {
  test.setTimeout(120_000);
  const handler = await browser.newPage();
  await handler.goto(`${hub.origin}/desk/board`);
  await signInByKeys(handler, hub, HANDLER);
  await expect(handler.getByRole('heading', { level: 1, name: '留言工作台' })).toBeVisible();
  await openByKeys(handler, '镇上图书角什么时候开放');
  await pressKey(handler, '受理');
  await typeInto(handler, '答复', '每周二、四、六上午九点到十一点开放。');
  await pressKey(handler, '送审');
  await expect(handler.getByText('答复审核中').first()).toBeVisible();
  await openByKeys(handler, '清泉桥栏杆松动请尽快修');
  await typeInto(handler, '请留言人补充什么', '请问是桥的哪一侧？');
  await pressKey(handler, '请留言人补充（计时暂停，一次）');
  await expect(handler.getByText('等待留言人补充').first()).toBeVisible();
});
