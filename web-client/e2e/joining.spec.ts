/** From an invitation's link to the first message, and out again: two browsers, one real hub. */

import { expect } from '@playwright/test';
import { agreed, message, openGroup, say, test, toEnd } from './real/hub.ts';

const PHONE = '10000088001';
const NAME = '欧阳溪可';

test('somebody invited by link asks, is taken in and writes; removal acts at once on the open page', async ({
  browser,
  desk,
  hub,
}) => {
  const room = new URL(desk.url()).pathname;
  await desk.goto(`${hub.origin}${room}/invite`);
  await desk.getByRole('button', { name: '生成邀请' }).click();
  const link = desk.getByText(/\/join\//);
  await expect(link).toBeVisible();
  await expect(desk.getByRole('img', { name: /二维码/ })).toBeVisible();
  const path = new URL((await link.textContent()) ?? '').pathname;

  const context = await browser.newContext();
  const phone = await context.newPage();
  await phone.goto(`${hub.origin}${path}`);
  await expect(phone.getByRole('heading', { level: 1 })).toContainText('党小组');
  await phone.getByRole('link', { name: '登录后加入' }).click();
  await hub.signIn(phone, PHONE, NAME);
  await expect(phone).toHaveURL(`${hub.origin}${path}`);
  await phone.getByLabel('您的组织关系所在党支部').fill('杏汀村支部');
  await phone.getByRole('button', { name: '加入', exact: true }).click();
  await expect(phone.getByRole('status')).toContainText('申请已发出');

  await desk.goto(`${hub.origin}${room}/joins`);
  await desk.getByRole('button', { name: '同意加入' }).click();
  await desk.getByRole('checkbox').check();
  await desk.getByRole('dialog').getByRole('button', { name: '同意加入' }).click();
  await expect(desk.getByRole('dialog')).toHaveCount(0);

  await phone.getByRole('button', { name: '查看最新情况' }).click();
  await phone.getByRole('link', { name: '进入群聊' }).click();
  await agreed(phone, phone.getByRole('textbox', { name: '输入消息' }));
  await say(phone, '我是新来的，请多关照');
  const group = await openGroup(desk.context(), hub.origin);
  await toEnd(group);
  await expect(message(group, '我是新来的，请多关照')).toBeVisible();

  await desk.goto(`${hub.origin}${room}/info`);
  await desk.getByRole('button', { name: `移出 ${NAME}` }).click();
  await desk.getByRole('dialog').getByLabel('原因').fill('转到其他小组');
  await desk.getByRole('dialog').getByRole('button', { name: '移出' }).click();
  await expect(desk.getByRole('dialog')).toHaveCount(0);
  await expect(phone.getByRole('textbox', { name: '输入消息' })).toHaveCount(0, { timeout: 1_000 });
  await context.close();
});
