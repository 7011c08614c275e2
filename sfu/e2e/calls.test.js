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

  async function call(room, prepare = () => {}) {
    const [li, wang] = await Promise.all([browser.page(), browser.page()]);
    for (const page of [li, wang]) await page.evaluate(prepare);
    for (const [page, name] of [[li, 'li'], [wang, 'wang']]) {
      await page.evaluate(([url, token]) => join(url, token), [sfu.url, joins(name, room)]);
      await page.evaluate(() => publish());
    }
    return [li, wang];
  }

  const count = (page, name) =>
    page.evaluate((name) => events.filter((event) => event[0] === name).length, name);
  const happened = (page, name, options) =>
    eventually(`${name} happens`, () => count(page, name), (times) => times > 0, options);
  const leave = (pages) => Promise.all(pages.map((page) => page.context().close()));

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
    await leave(pages);
  });

  it('both see and hear the other over TCP where no UDP gets through', async () => {
    const pages = await call('tcp', () => withoutUdp());
    await flows(pages);
    for (const page of pages) {
      const used = await page.evaluate(() => protocols());
      assert.ok(used.length > 0 && used.every((protocol) => protocol === 'tcp'), `${used}`);
    }
    assert.deepEqual(pages.flatMap((page) => page.errors), []);
    await leave(pages);
  });

  it('a lost signal socket is resumed: nobody leaves and the media goes on', async () => {
    const pages = await call('resume');
    await flows(pages);
    await pages[0].evaluate(() => room.simulateScenario('signal-reconnect'));
    await happened(pages[0], 'Reconnected');
    await flows(pages);
    assert.equal(await count(pages[1], 'ParticipantDisconnected'), 0);
    await leave(pages);
  });

  it('a node that forgot its participant makes the client join anew and publish again', async () => {
    const pages = await call('node-failure');
    await flows(pages);
    await pages[0].evaluate(() => room.simulateScenario('node-failure'));
    await happened(pages[0], 'Reconnected');
    await flows(pages);
    await leave(pages);
  });

  it('a killed sfu that starts again has both back in the call', async () => {
    const pages = await call('killed');
    await flows(pages);
    await sfu.stop('SIGKILL');
    await sfu.run();
    for (const page of pages) await happened(page, 'Reconnected', { within: 40_000 });
    await flows(pages);
    await leave(pages);
  });

  it('a removed participant is told why, and its old token does not let it in', async () => {
    const pages = await call('removed');
    await sfu.service(
      'RemoveParticipant',
      { room: 'removed', identity: 'li' },
      { roomAdmin: true, room: 'removed' },
    );
    await happened(pages[0], 'Disconnected');
    await happened(pages[1], 'ParticipantDisconnected');
    await leave(pages);
  });
});
