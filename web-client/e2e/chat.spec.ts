/** The group chat on one screen, against a hub in memory. */

import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { leads } from './fake/leading.ts';
import { LI, ROOM, talk, village } from './fake/people.ts';
import { type FakeSite, ORIGIN } from './fake/site.ts';

const PATH = `${ORIGIN}/r/${ROOM}`;

async function member(context: BrowserContext, site: FakeSite, path = PATH): Promise<Page> {
  site.signedIn = true;
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

function composer(page: Page) {
  return page.getByRole('textbox', { name: '输入消息' });
}

async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.getByRole('button', { name: '发送', exact: true }).click();
}

/** Open the menu of a message that the hub has: one on its way has none. */
function menuOf(page: Page, text: string): Promise<void> {
  const message = page.getByRole('article').filter({ hasText: text });
  return message.getByRole('button', { name: '消息操作' }).click();
}

test('opens at the first unread message and tells the hub what was read', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  await expect(page.getByText('以下是新消息')).toBeInViewport();
  await expect
    .poll(() => site.hub.rooms.get(ROOM)?.read.get(site.me.person))
    .toBe(site.hub.rooms.get(ROOM)?.events.length);
});

test('keeps few rows in the document, and loads older ones when scrolled to', async ({
  context,
}) => {
  const site = village();
  talk(site, 400);
  site.hub.rooms.get(ROOM)?.read.set(site.me.person, 400);
  const page = await member(context, site);
  const list = page.getByRole('log');
  await expect(page.getByRole('article').first()).toBeVisible();
  let most = 0;
  await expect(async () => {
    await list.evaluate((element) => element.scrollBy(0, -3_000));
    most = Math.max(most, await page.locator('li[data-index]').count());
    await expect(page.getByText('以上没有更早的消息')).toBeVisible({ timeout: 100 });
  }).toPass();
  expect(most).toBeGreaterThan(5);
  expect(most).toBeLessThanOrEqual(80);
  await expect(page.getByText('王德明 加入了本群')).toBeVisible();
});

test('shows a gap after a long absence and closes it page by page', async ({ context }) => {
  const site = village();
  talk(site, 300);
  const page = await member(context, site);
  await expect(page.getByText('以下是新消息')).toBeVisible();
  const gap = page.getByRole('button', { name: /中间有\d+条未读取/ });
  const list = page.getByRole('log');
  await expect(async () => {
    await list.evaluate((element) => element.scrollBy(0, 2_000));
    await expect(gap).toBeVisible({ timeout: 200 });
  }).toPass();
  const before = Number(/\d+/.exec(await gap.innerText())?.[0]);
  await gap.click();
  await expect(async () => {
    await list.evaluate((element) => element.scrollBy(0, 2_000));
    await expect(gap).toBeVisible({ timeout: 200 });
  }).toPass();
  expect(Number(/\d+/.exec(await gap.innerText())?.[0])).toBe(before - 40);
});

test('says how many new messages stand below and goes there', async ({ context }) => {
  const site = village();
  talk(site, 60);
  const page = await member(context, site);
  await page.getByRole('button', { name: /条新消息/ }).click();
  await expect(page.getByText('第60条').first()).toBeInViewport();
  await expect(page.getByRole('button', { name: /条新消息|回到最新/ })).toHaveCount(0);
});

test('keeps a draft through a reload', async ({ context }) => {
  const page = await member(context, village());
  await composer(page).fill('还没写完');
  await page.reload();
  await expect(composer(page)).toHaveValue('还没写完');
});

test('sends with the keyboard, replies with a quote, stays at the end', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  await composer(page).fill('用键盘发的');
  await composer(page).press('Control+Enter');
  await expect(page.getByText('用键盘发的')).toBeInViewport();
  await menuOf(page, '用键盘发的');
  await page.getByRole('dialog').getByRole('button', { name: '回复' }).click();
  await expect(composer(page)).toBeFocused();
  await send(page, '这是回复');
  const events = () => site.hub.rooms.get(ROOM)?.events ?? [];
  await expect.poll(() => events().slice(-1)[0]?.b).toMatchObject({ text: '这是回复' });
  const answered = events().findIndex((e) => e.t === 'msg' && e.b?.text === '用键盘发的') + 1;
  expect(events().slice(-1)[0]?.b).toMatchObject({ reply_to: answered });
});

test('writes offline, closes the tab, opens it again: delivered once', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  await expect(page.getByRole('article').first()).toBeVisible();
  site.cut();
  await send(page, '在火车上写的');
  await expect(page.getByText('待发送')).toBeVisible();
  await page.close({ runBeforeUnload: true });
  const again = await context.newPage();
  await again.goto(PATH);
  await expect(again.getByText('在火车上写的')).toBeVisible();
  await expect(again.getByText('待发送')).toBeVisible();
  site.up();
  await expect(again.getByText('待发送')).toHaveCount(0, { timeout: 30_000 });
  const sent = site.hub.rooms
    .get(ROOM)
    ?.events.filter((e) => e.t === 'msg' && e.b?.text === '在火车上写的');
  expect(sent).toHaveLength(1);
});

test('says within moments that the line is cut and that it is back', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  await expect(page.getByRole('article').first()).toBeVisible();
  site.cut();
  await context.setOffline(true);
  await expect(page.getByText('已离线')).toBeVisible();
  site.up();
  await context.setOffline(false);
  await expect(page.getByText('已离线')).toHaveCount(0);
});

test('puts the focus on the heading of a new page and back after a dialog', async ({ context }) => {
  const page = await member(context, village(), `${ORIGIN}/inbox`);
  await page.getByRole('link', { name: /驻广东务工第三党小组/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(page).toHaveTitle(/驻广东务工第三党小组/);
  const menu = page.getByRole('button', { name: '菜单' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(menu).toBeFocused();
});

test('announces messages of others, and not the own ones', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  await expect(page.getByRole('article').first()).toBeVisible();
  const said = page.getByRole('main').getByRole('status');
  await send(page, '我自己说的');
  site.hub.say(ROOM, [...site.hub.names.keys()][1] ?? '', '请大家注意安全');
  await expect(said).toContainText('请大家注意安全');
  await expect(said).not.toContainText('我自己说的');
});

test('changes and withdraws an own message, and keeps the draft meanwhile', async ({ context }) => {
  const site = village();
  site.hub.now = Date.now() - 1_000;
  const page = await member(context, site);
  await send(page, '明天七点开会');
  await composer(page).fill('写了一半');
  await menuOf(page, '明天七点开会');
  await page.getByRole('dialog').getByRole('button', { name: '修改' }).click();
  const editor = page.getByRole('textbox', { name: '修改消息' });
  await expect(editor).toHaveValue('明天七点开会');
  await editor.fill('明天八点开会');
  await page.getByRole('button', { name: '保存修改' }).click();
  await expect(page.getByText('明天八点开会')).toBeVisible();
  await expect(page.getByText('已修改')).toBeVisible();
  await expect(composer(page)).toHaveValue('写了一半');
  await menuOf(page, '明天八点开会');
  await page.getByRole('dialog').getByRole('button', { name: '撤回' }).click();
  await expect(page.getByText('明天八点开会')).toHaveCount(0);
  await expect(page.getByText('消息已撤回')).toBeVisible();
});

test('calls a member by name and shows who is in the room', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  await expect(page.getByRole('article').first()).toBeVisible();
  await composer(page).pressSequentially('请@李');
  await page.getByRole('button', { name: '提到 李春梅' }).click();
  await expect(composer(page)).toHaveValue('请@李春梅 ');
  await composer(page).pressSequentially('看一下');
  await page.getByRole('button', { name: '发送', exact: true }).click();
  await expect
    .poll(() => site.hub.rooms.get(ROOM)?.events.slice(-1)[0]?.b)
    .toMatchObject({ text: '请@李春梅 看一下', mentions: [[...site.hub.names.keys()][1]] });
  await page.getByRole('button', { name: '菜单' }).click();
  await page.getByRole('link', { name: '群成员' }).click();
  await expect(page.getByRole('heading', { name: '群成员（4人）' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: '李春梅' })).toContainText('组长');
});

test('sets a reaction, takes it back, and shows who has read', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  const text = '可以参加。';
  await expect(page.getByRole('article').filter({ hasText: text })).toBeVisible();
  await menuOf(page, text);
  await page.getByRole('dialog').getByRole('button', { name: '收到' }).click();
  const mine = page.getByRole('button', { name: '✅ 1人' });
  await expect(mine).toHaveAttribute('aria-pressed', 'true');
  await mine.click();
  await expect(mine).toHaveCount(0);
  site.hub.rooms.get(ROOM)?.read.set(LI, 99);
  await menuOf(page, text);
  await page.getByRole('dialog').getByRole('button', { name: '谁已读' }).click();
  await expect(page.getByRole('dialog')).toContainText('3人中有1人已读');
  await expect(page.getByRole('dialog').getByRole('listitem')).toHaveText('王王德明');
});

test('a leader pins a message, and everybody sees it above the list', async ({ context }) => {
  const site = village();
  leads(site);
  const page = await member(context, site);
  const text = '大家在外辛苦了';
  await page.getByRole('log').evaluate((list) => list.scrollTo(0, 0));
  await menuOf(page, text);
  await page.getByRole('dialog').getByRole('button', { name: '置顶' }).click();
  const line = page.getByRole('button', { name: /置顶消息/ });
  await expect(line).toContainText(text);
  talk(site, 30);
  await page.getByRole('button', { name: /条新消息|回到最新/ }).click();
  const message = page.getByRole('article').filter({ hasText: text });
  await expect(message).toHaveCount(0);
  await line.click();
  await expect(message).toBeInViewport();
});

test('shows what a changed message said before', async ({ context }) => {
  const site = village();
  const page = await member(context, site);
  await expect(page.getByRole('article').first()).toBeVisible();
  const seq = site.hub.say(ROOM, LI, '周六开会');
  site.hub.append(ROOM, { t: 'edit', from: LI, ref: seq, b: { text: '周日开会' } });
  await menuOf(page, '周日开会');
  await page.getByRole('dialog').getByRole('button', { name: '修改记录' }).click();
  await expect(page.getByRole('dialog').getByRole('listitem')).toHaveText([
    /现在的内容周日开会/,
    /周六开会/,
  ]);
});
