/** A committee meeting from its notice on: browsers of its people, one real hub, phone size. */

import { type Browser, expect, type Locator, type Page } from '@playwright/test';
import { agreed, type RealHub, test } from './real/hub.ts';
import { tabTo } from './real/pages.ts';

/** Of the demo branch: its secretary, who chairs, and its organisation officer, who records. */
const CHAIR = '10000000003';
const RECORDER = '10000000004';
/** Secretary of the town's committee. */
const SUPERIOR = '10000000017';
const TITLE = '讨论村级道路养护';
const MOTION = '同意村级道路养护方案';
const ADDED = '会后由支部委员会组织实施。';
const ITEMS = ['通报养护经费', '研究养护方案'];
const CHINA_MS = 8 * 3_600_000;

interface Person {
  page: Page;
  name: string;
}

/** Somebody signed in; those here keep a desk. */
async function entered(browser: Browser, hub: RealHub, phone: string): Promise<Person> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${hub.origin}/signin`);
  await hub.signIn(page, phone);
  await expect(page).toHaveURL(`${hub.origin}/inbox`);
  await agreed(page, page.getByRole('link', { name: '工作台' }));
  const session = await page.request.get(`${hub.origin}/api/session`);
  return { page, name: ((await session.json()) as { me: { name: string } }).me.name };
}

async function openDesk(page: Page, hub: RealHub, phone: string): Promise<void> {
  await page.getByRole('link', { name: '工作台' }).click();
  await page.getByLabel('动态验证码').fill(await hub.secondFactor(phone));
  await page.getByRole('button', { name: '打开', exact: true }).click();
  await expect(page.getByRole('button', { name: '关闭工作台' })).toBeVisible();
}

/** Walk with Tab until the focus stands there, seen, and press Enter. */
async function press(page: Page, to: Locator): Promise<void> {
  await tabTo(page, to);
  const ring = await to.evaluate((one) => getComputedStyle(one).outlineStyle);
  expect(ring, 'the focus is seen').not.toBe('none');
  await page.keyboard.press('Enter');
}

async function narrow(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, `${page.url()} is not wider than the screen`).toBeLessThanOrEqual(360);
}

/** The form of a committee meeting that begins in a quarter of an hour, for who keeps the desk. */
async function prepared(page: Page, recorder: string): Promise<void> {
  await press(page, page.getByRole('link', { name: '召集会议' }));
  await page.getByRole('radio', { name: '支部委员会会议' }).check({ force: true });
  await page.getByLabel('会议名称').fill(TITLE);
  const at = new Date(Date.now() + CHINA_MS + 15 * 60_000).toISOString();
  await page.getByLabel('日期').fill(at.slice(0, 10));
  await page.getByLabel('时间').fill(at.slice(11, 16));
  await page.getByLabel('记录人').selectOption({ label: recorder });
  await page.getByRole('textbox', { name: '第1项', exact: true }).fill(ITEMS[0] ?? '');
  await press(page, page.getByRole('button', { name: '增加一项' }));
  await page.getByRole('textbox', { name: '第2项', exact: true }).fill(ITEMS[1] ?? '');
  await narrow(page);
  await press(page, page.getByRole('button', { name: '保存并核对名单' }));
  await expect(page.getByRole('heading', { name: '请核对名单，再发出通知' })).toBeVisible();
}

/** Three of four vote for it, one of them by the chair's hand; then it is over. */
async function held(desk: Page, phone: Page): Promise<string> {
  await press(desk, desk.getByRole('link', { name: '到工作台办理' }));
  await press(desk, desk.getByRole('button', { name: /^登记.*到会$/ }).first());
  await expect(desk.getByText('已现场到会')).toBeVisible();
  await press(desk, desk.getByRole('button', { name: '宣布开会' }));
  await press(desk, desk.getByRole('button', { name: '开始第一项议程' }));
  await press(desk, desk.getByRole('button', { name: `下一项：${ITEMS[1]}` }));
  await expect(phone.locator('[aria-current="step"]')).toContainText(ITEMS[1] ?? '', {
    timeout: 15_000,
  });
  await press(desk, desk.getByRole('button', { name: '发起表决' }));
  await desk.getByLabel('表决事项').fill(MOTION);
  await press(desk, desk.getByRole('dialog').getByRole('button', { name: '开始表决' }));
  await expect(desk.getByRole('heading', { name: '宣布散会' })).toHaveCount(0);

  await press(phone, phone.getByRole('link', { name: '去表决' }));
  await phone.getByRole('radio', { name: '赞成' }).focus();
  await phone.keyboard.press('Space');
  await press(phone, phone.getByRole('button', { name: '下一步：核对' }));
  await expect(phone.getByText('您选择：赞成')).toBeVisible();
  await press(phone, phone.getByRole('button', { name: '提交' }));
  await expect(phone.getByText('您投：赞成。已记入表决结果。')).toBeVisible();
  await narrow(phone);

  await desk.getByText('为没有设备的同志登记表决').click();
  await press(desk, desk.getByRole('button', { name: /^登记.*：赞成$/ }));
  await expect(desk.getByText('正在表决 · 已表决2人')).toBeVisible();
  const [meeting = ''] = /[0-9a-f-]{36}/.exec(desk.url()) ?? [];
  await press(desk, desk.getByRole('link', { name: '进入会议' }));
  await press(desk, desk.getByRole('link', { name: '去表决' }));
  await desk.getByRole('radio', { name: '赞成' }).check({ force: true });
  await press(desk, desk.getByRole('button', { name: '下一步：核对' }));
  await press(desk, desk.getByRole('button', { name: '提交' }));
  await expect(desk.getByText('您投：赞成。已记入表决结果。')).toBeVisible();

  await desk.goto(new URL(`/desk/meet/${meeting}`, desk.url()).href);
  await press(desk, desk.getByRole('button', { name: '结束表决' }));
  await expect(desk.locator('[data-outcome="passed"]')).toBeVisible();
  await press(desk, desk.getByRole('button', { name: '宣布散会' }));
  await press(desk, desk.getByRole('dialog').getByRole('button', { name: '宣布散会' }));
  await expect(desk.getByText('已结束', { exact: true })).toBeVisible();
  return meeting;
}

/** The recorder edits the minutes; both sign, proving once more who they are. */
async function signed(desk: Page, phone: Page, hub: RealHub): Promise<void> {
  await press(phone, phone.getByRole('link', { name: '返回' }));
  await press(phone, phone.getByRole('link', { name: '查看会议记录' }));
  await expect(phone.getByRole('article')).toContainText(MOTION);
  await press(phone, phone.getByRole('button', { name: '整理会议记录' }));
  const text = phone.getByLabel('会议记录正文');
  await text.fill(`${await text.inputValue()}\n${ADDED}`);
  await press(phone, phone.getByRole('button', { name: '保存为新版本' }));
  await expect(phone.getByRole('article').getByText(/^第1版/)).toBeVisible();
  await sign(phone, await hub.secondFactor(RECORDER));
  await press(desk, desk.getByRole('link', { name: '会议记录' }));
  await expect(desk.getByRole('article')).toContainText(ADDED);
  await sign(desk, await hub.secondFactor(CHAIR));
  await phone.reload();
  await expect(phone.getByText('未签字')).toHaveCount(0);
  await expect(phone.getByRole('button', { name: '整理会议记录' })).toHaveCount(0);
  await narrow(phone);
}

async function sign(page: Page, factor: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await press(page, page.getByRole('button', { name: '签字' }));
  await press(page, dialog.getByRole('button', { name: '签字' }));
  const code = dialog.getByLabel('动态验证码');
  await expect(code.or(page.locator('main'))).not.toHaveCount(0);
  await expect(async () => {
    if (await code.isVisible()) {
      await code.fill(factor);
      await dialog.getByRole('button', { name: '确认是我' }).click();
    }
    await expect(dialog).toHaveCount(0, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
}

/** The committee of the town takes note. */
async function archived(browser: Browser, hub: RealHub, meeting: string): Promise<void> {
  const { page } = await entered(browser, hub, SUPERIOR);
  await openDesk(page, hub, SUPERIOR);
  await page.goto(`${hub.origin}/desk/meet/${meeting}/minutes`);
  await press(page, page.getByRole('button', { name: '归档' }));
  await expect(page.getByText('已归档，只能查看，不能改动。')).toBeVisible();
  await page.context().close();
}

test('a committee meeting by keys at phone size, from its notice to the archive', async ({
  browser,
  hub,
}) => {
  test.setTimeout(480_000);
  const chair = await entered(browser, hub, CHAIR);
  const recorder = await entered(browser, hub, RECORDER);
  const desk = chair.page;
  const phone = recorder.page;
  await openDesk(desk, hub, CHAIR);
  await prepared(desk, recorder.name);

  // Too late for the rule: it has to be said why.
  const dialog = desk.getByRole('dialog');
  await press(desk, desk.getByRole('button', { name: '发出通知' }));
  await press(desk, dialog.getByRole('button', { name: '发出通知' }));
  await expect(dialog.getByRole('alert')).toContainText('请写明理由');
  await dialog.getByRole('textbox').fill('汛情紧急，当晚研究');
  await press(desk, dialog.getByRole('button', { name: '发出通知' }));
  await expect(desk.getByText(/参加0人 · 请假0人/)).toBeVisible();

  await press(phone, phone.getByRole('link', { name: '会议' }));
  await press(phone, phone.getByRole('link', { name: new RegExp(TITLE) }));
  await expect(phone.getByText(ITEMS[1] ?? '')).toBeVisible();
  await press(phone, phone.getByRole('button', { name: '请假' }));
  await phone.getByRole('dialog').getByRole('textbox').fill('当晚值班');
  await press(phone, phone.getByRole('dialog').getByRole('button', { name: '提交请假' }));
  await expect(phone.getByText('您已请假')).toBeVisible();
  await expect(phone.getByText('原因：当晚值班')).toBeVisible();
  await press(phone, phone.getByRole('button', { name: '更改答复' }));
  await press(phone, phone.getByRole('button', { name: '参加', exact: true }));
  await expect(phone.getByText('您已答复：参加')).toBeVisible();

  // The sign-in opens half an hour before, which is by now.
  const signIn = phone.getByRole('button', { name: '签到', exact: true });
  await expect(signIn).toBeVisible({ timeout: 60_000 });
  await press(phone, signIn);
  await expect(phone.getByText('您已签到（线上）')).toBeVisible();
  await expect(phone.locator('[data-lamp="missing"]')).toContainText('未达到规定人数');
  await narrow(phone);

  const seen = desk.locator('[data-lamp]').first();
  await expect(seen).toHaveAttribute('data-lamp', 'missing', { timeout: 60_000 });
  await press(desk, desk.getByRole('link', { name: '进入会议' }));
  await press(desk, desk.getByRole('button', { name: '签到', exact: true }));
  await expect(desk.getByText('您已签到（线上）')).toBeVisible();
  for (const page of [desk, phone]) {
    await expect(page.locator('[data-lamp="reached"]')).toContainText('已达到规定人数', {
      timeout: 15_000,
    });
  }

  // Without the hub nothing is known of who is there, and the page says so.
  await hub.kill();
  await expect(phone.locator('[data-lamp="unknown"]')).toContainText('暂时不知道', {
    timeout: 15_000,
  });
  await hub.run();
  await expect(phone.locator('[data-lamp="reached"]')).toBeVisible({ timeout: 30_000 });

  await press(phone, phone.getByRole('button', { name: '签退' }));
  await press(phone, phone.getByRole('dialog').getByRole('button', { name: '签退' }));
  await expect(desk.locator('[data-lamp="missing"]')).toBeVisible({ timeout: 15_000 });
  await press(phone, signIn);

  const meeting = await held(desk, phone);
  await signed(desk, phone, hub);
  await archived(browser, hub, meeting);
  for (const page of [desk, phone]) await page.context().close();
});
