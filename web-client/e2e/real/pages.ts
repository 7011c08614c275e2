/** Pages without scripts: a browser that runs none, and axe on what it shows. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, expect, type Locator, type Page } from '@playwright/test';
import type { RealHub } from './hub.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** Axe on the page as it stands, in a browser that runs scripts. */
export async function accessible(browser: Browser, html: Page): Promise<void> {
  const context = await browser.newContext({
    javaScriptEnabled: true,
    bypassCSP: true,
    storageState: await html.context().storageState(),
  });
  const page = await context.newPage();
  await page.goto(html.url());
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe: tool } = window as unknown as {
      axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await tool.run(document, { runOnly: { type: 'tag', values: tags } });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
  });
  expect(found, html.url()).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, `${html.url()} is not wider than the screen`).toBeLessThanOrEqual(360);
  await context.close();
}

/** A page of a browser that runs no script. */
export async function plain(browser: Browser): Promise<Page> {
  return (await browser.newContext({ javaScriptEnabled: false })).newPage();
}

/** Walk with Tab until the focus stands there. */
export async function tabTo(page: Page, to: Locator): Promise<void> {
  await expect(to).toBeVisible();
  for (let step = 0; step < 200; step += 1) {
    if (await to.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${to}`);
}

/** Type into a field that Tab leads to. */
export async function typeInto(page: Page, label: string | RegExp, text: string): Promise<void> {
  await tabTo(page, page.getByLabel(label, { exact: typeof label === 'string' }));
  await page.keyboard.type(text);
}

/** Press a button that Tab leads to. */
export async function pressKey(page: Page, name: string): Promise<void> {
  await tabTo(page, page.getByRole('button', { name, exact: true }));
  await page.keyboard.press('Enter');
}

/** Along the list of a desk by j until the matter has the focus; Enter opens it. */
export async function openByKeys(page: Page, title: string): Promise<void> {
  const all = page.locator('.desk-columns h3 a');
  for (let step = 0; step < 80; step += 1) {
    await page.keyboard.press('j');
    if (
      (await all
        .locator(':scope:focus')
        .textContent({ timeout: 1000 })
        .catch(() => '')) === title
    ) {
      await page.keyboard.press('Enter');
      await expect(page.locator('.desk-post h2').first()).toHaveText(title);
      return;
    }
  }
  throw new Error(`j does not reach ${title}`);
}

/** Sign in at a desk by keys alone: number, code, second factor. */
export async function signInByKeys(page: Page, hub: RealHub, phone: string): Promise<void> {
  await typeInto(page, /手机号/, phone);
  await page.keyboard.press('Enter');
  const code = page.getByLabel(/6位验证码/);
  await tabTo(page, code);
  await page.keyboard.type(await hub.code(phone));
  await page.keyboard.press('Enter');
  await typeInto(page, /动态验证码/, await hub.secondFactor(phone));
  await page.keyboard.press('Enter');
}
