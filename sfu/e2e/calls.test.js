// Two people in two pages: each must see and hear the other.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser, eventually } from './support/browser.js';
import { Sfu, joins } from './support/sfu.js';

describe('a call of two', () => {
  let sfu;
  let browser;
  before(async () => {
    sfu = await Sfu.start();
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.stop();
    await sfu?.stop();
  });

  async function call(room) {
    const [li, wang] = await Promise.all([browser.page(), browser.page()]);
    for (const [page, name] of [[li, 'li'], [wang, 'wang']]) {
      await page.evaluate(([url, token]) => join(url, token), [sfu.url, joins(name, room)]);
      await page.evaluate(() => publish());
    }
    return [li, wang];
  }

  // Both pages decode new frames and hear sound of the other.
  async function flows(pages) {
    for (const [page, other] of [[pages[0], 'wang'], [pages[1], 'li']]) {
      const from = await page.evaluate((other) => seen(other), other);
      await eventually(
        `${other} is seen and heard`,
        () => page.evaluate((other) => seen(other), other),
        (now) => now.frames > from.frames + 15 && now.energy > from.energy,
      );
    }
  }

  it('both see and hear the other', async () => {
    const pages = await call('see-and-hear');
    await flows(pages);
    assert.deepEqual(pages.flatMap((page) => page.errors), []);
  });
});
