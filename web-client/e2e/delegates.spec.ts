/** A matter with a delegate without scripts: from the code of a station to the rating; desks by keyboard. */

import { type Browser, expect, type Page } from '@playwright/test';
import { type RealHub, test } from './real/hub.ts';
import { accessible, openByKeys, plain, pressKey, signInByKeys, typeInto } from './real/pages.ts';

const CONSTITUENT = '10000095101';
const DELEGATE = '10000090002';
const HANDLER = '10000000011';
const LIAISON = '10000090004';
const SUBJECT = '枫浦村口路牌被树挡住';
const OPINION = '枫浦村口路牌被行道树遮挡，建议修剪。';

async function signIn(page: Page, hub: RealHub, phone: string): Promise<void> {
  await page.getByLabel('手机号').fill(phone);
  await page.getByRole('button', { name: '发送验证码' }).press('Enter');
  await page.getByLabel('6位验证码').fill(await hub.code(phone));
}

/** Sign in at a desk: number, code, second factor. */
async function atDesk(browser: Browser, hub: RealHub, path: string, phone: string): Promise<Page> {
  const page = await plain(browser);
  await page.goto(`${hub.origin}${path}`);
  await signIn(page, hub, phone);
  await page.getByRole('button', { name: '登录' }).press('Enter');
  await page.getByLabel('动态验证码').fill(await hub.secondFactor(phone));
  await page.getByRole('button', { name: '打开' }).press('Enter');
  await expect(page).toHaveURL(`${hub.origin}${path}`);
  return page;
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).press('Enter');
}

async function unfold(page: Page, summary: string): Promise<void> {
  await page.getByText(summary).press('Enter');
}

test('a constituent reads a code, writes, sees the exact opinion, sends it without a name and rates', async ({
  browser,
  hub,
}) => {
  test.setTimeout(120_000);
  const delegate = await atDesk(browser, hub, '/desk/delegate', DELEGATE);
  await accessible(browser, delegate);
  const code = await delegate.locator('#codes ~ figure a').first().getAttribute('href');

  const phone = await plain(browser);
  await phone.setViewportSize({ width: 360, height: 740 });
  await phone.goto(`${hub.origin}${code}`);
  await expect(phone.getByText('听澜镇党代表工作站').first()).toBeVisible();
  await accessible(browser, phone);
  await phone.getByRole('link', { name: '写给代表' }).click();
  await signIn(phone, hub, CONSTITUENT);
  await phone.getByLabel('显示名').fill('枫浦司机');
  await phone.getByLabel('出生年份').fill('1979');
  await phone.getByLabel(/我已阅读并同意/).check();
  await phone.getByRole('button', { name: '登录' }).click();
  await accessible(browser, phone);
  await phone.getByLabel('什么事').fill(SUBJECT);
  await phone.getByLabel('具体情况').fill('开到跟前才看得见路牌。');
  await phone.getByRole('button', { name: '发送给代表' }).click();
  await expect(phone.getByText('等待代表答复').first()).toBeVisible();
  await accessible(browser, phone);
  const matter = phone.url();

  await delegate.goto(`${hub.origin}/desk/delegate`);
  await delegate.getByRole('link', { name: SUBJECT }).press('Enter');
  await delegate.getByLabel('答复', { exact: true }).fill('我今天去看。');
  await press(delegate, '发送');
  await phone.reload();
  await expect(phone.getByText('我今天去看。')).toBeVisible();
  await unfold(delegate, '形成意见，转交单位');
  await delegate.getByLabel('转交给').selectOption({ index: 0 });
  await delegate.getByLabel('意见原文').fill(OPINION);
  await press(delegate, '请群众确认');
  await delegate.getByLabel('添加备忘').fill('周五再去看一次');
  await press(delegate, '保存备忘');
  await accessible(browser, delegate);
  await phone.reload();
  await expect(phone.locator('blockquote').getByText(OPINION)).toBeVisible();
  await expect(phone.getByText('周五再去看一次')).toHaveCount(0);
  await accessible(browser, phone);
  await phone.getByRole('button', { name: '不署名发送' }).click();
  await expect(phone.getByText('已转交单位办理').first()).toBeVisible();

  const office = await atDesk(browser, hub, '/desk/opinions', HANDLER);
  await accessible(browser, office);
  const id = matter.split('/').pop();
  await office.locator(`a[href="/desk/opinions/${id}"]`).press('Enter');
  await expect(office.getByText(OPINION).first()).toBeVisible();
  await expect(office.getByText('枫浦司机')).toHaveCount(0);
  await accessible(browser, office);
  await office.getByLabel('答复', { exact: true }).fill('已修剪。');
  await press(office, '答复代表');
  await delegate.reload();
  await delegate.getByLabel('反馈结果并办结').fill('我去看过，已经修剪好了。');
  await press(delegate, '办结');
  await phone.goto(matter);
  await expect(phone.getByText('我去看过，已经修剪好了。').first()).toBeVisible();
  await accessible(browser, phone);
  await phone.getByLabel(/5 很满意/).check();
  await phone.getByRole('button', { name: '提交评价' }).click();
  await expect(phone.getByText('5 / 5')).toBeVisible();
  await phone.getByRole('link', { name: '我的事项' }).click();
  await accessible(browser, phone);
});

test('a delegate notes a visitor without a telephone, and the liaison office gives a matter on', async ({
  browser,
  hub,
}) => {
  test.setTimeout(120_000);
  const delegate = await atDesk(browser, hub, '/desk/delegate', DELEGATE);
  await delegate.getByLabel('来访人称呼').fill('李家老人');
  await delegate.getByLabel('什么事').fill('医保卡在外地用不了');
  await delegate.getByLabel('来访人反映的情况').fill('在海棠市看病刷不了卡。');
  await press(delegate, '记下');
  await expect(delegate.getByRole('heading', { name: '医保卡在外地用不了' }).first()).toBeVisible();
  await accessible(browser, delegate);
  const liaison = await atDesk(browser, hub, '/desk/liaison', LIAISON);
  await accessible(browser, liaison);
  await liaison.getByRole('link', { name: '小区门口积水' }).press('Enter');
  await expect(liaison.getByText('下雨就积水')).toHaveCount(0);
  await accessible(browser, liaison);
  await liaison.getByLabel('转给另一位代表').selectOption({ index: 0 });
  await press(liaison, '转交');
  await expect(liaison.getByText('没有等待处理的事项。')).toBeVisible();
  const visitor = await plain(browser);
  await visitor.goto(`${hub.origin}/delegates`);
  await accessible(browser, visitor);
});

test("a delegate's day by keys alone: an answer, and a visitor without a telephone", async ({
  browser,
  hub,
}) => {
  test.setTimeout(120_000);
  const delegate = await browser.newPage();
  await delegate.goto(`${hub.origin}/desk/delegate`);
  await signInByKeys(delegate, hub, DELEGATE);
  await expect(delegate.getByRole('heading', { level: 1, name: '党代表工作台' })).toBeVisible();
  await typeInto(delegate, /来访人称呼/, '王家奶奶');
  await typeInto(delegate, /什么事/, '水表走得太快');
  await typeInto(delegate, /来访人反映的情况/, '上月水费是平时的三倍。');
  await pressKey(delegate, '记下');
  await expect(delegate.locator('.desk-post h2').first()).toHaveText('水表走得太快');
  await delegate.goto(`${hub.origin}/desk/delegate`);
  const waiting = await delegate.locator('.desk-columns section').first().locator('h3 a').first();
  await openByKeys(delegate, (await waiting.textContent()) ?? '');
  await typeInto(delegate, '答复', '收到，我这两天去看。');
  await pressKey(delegate, '发送');
  await expect(delegate.getByText('收到，我这两天去看。')).toBeVisible();
});
