/** The offline shell: pages open without any server after the first visit. */

import { expect, test } from '@playwright/test';
import { serveFiles } from './fake/files.ts';

test.use({ serviceWorkers: 'allow' });

test('opens every page without a server after the first visit', async ({ page }) => {
  const { origin, server } = await serveFiles();
  await page.goto(`${origin}/signin`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));

  await page.goto(`${origin}/help`);
  await expect(page.getByRole('heading', { level: 1, name: '使用帮助' })).toBeVisible();
  await expect(page.getByText('怎样登录').first()).toBeVisible();
  await page.goto(`${origin}/signin`);
  await page.getByLabel('手机号').fill('13800010001');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await expect(page.getByRole('alert')).toContainText('没有连上服务器');
});
