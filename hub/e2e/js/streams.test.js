// Connect, subscribe, recovery, history, presence and calls of the public JavaScript SDK, in both
// encodings.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { inSeconds, someChannel, someUser, startHub, token } from './support/hub.js';
import { connected, disconnected, ENCODINGS, makeClient, next, subscribed } from './support/sdk.js';

const MISSED = [1, 200, 2_000, 20_000];
const PAGE = 200;
/** Commands on their way at once. */
const AT_ONCE = 200;

const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
/** Offsets are numbers in JSON and Longs in protobuf. */
const plain = (offset) => Number(offset.toString());
const offsets = (publications) => publications.map(({ offset }) => plain(offset));

async function publish(client, channel, count) {
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    const batch = numbers(1, Math.min(AT_ONCE, count - sent));
    await Promise.all(batch.map(() => client.publish(channel, { text: '值班提醒\n二' })));
  }
}

/** A subscription that notes the offsets it gets, and stops when it has seen `last`. */
function follower(subscription, last) {
  const seen = [];
  const whole = new Promise((resolve) => {
    subscription.on('publication', ({ offset }) => {
      seen.push(plain(offset));
      if (plain(offset) === last) resolve(seen);
    });
  });
  return { seen, whole };
}

describe('recovery', () => {
  let hub;
  before(async () => {
    hub = await startHub({ profile: 'insecure' });
  });
  after(() => hub.stop());

  /** Readers that leave one after the other, so that each misses its number of events. */
  async function leave(channel, writer, options) {
    const readers = [];
    let top = 0;
    for (const missed of [...MISSED].reverse()) {
      const gap = Math.max(...MISSED) - missed - top;
      await publish(writer, channel, gap);
      top += gap;
      for (const encoding of ENCODINGS) {
        const client = makeClient(encoding, hub);
        const subscription = client.newSubscription(channel, options);
        await connected(client);
        assert.equal(plain((await subscribed(subscription)).streamPosition.offset), top);
        await disconnected(client);
        readers.push({ encoding, client, subscription, missed, top });
      }
    }
    await publish(writer, channel, Math.max(...MISSED) - top);
    return readers;
  }

  test('brings every missed event once and in order, or says that it can not', async () => {
    const [channel, last] = [someChannel(), Math.max(...MISSED)];
    const writer = makeClient(ENCODINGS[0], hub);
    await connected(writer);
    for (const { client, subscription, missed, top } of await leave(channel, writer)) {
      const { seen, whole } = follower(subscription, last);
      const resumed = next(subscription, 'subscribed');
      await connected(client);
      const { recovered, wasRecovering, streamPosition } = await resumed;
      assert.ok(wasRecovering);
      assert.equal(recovered, missed <= 2_000, `${missed} missed`);
      if (recovered) {
        assert.deepEqual(await whole, numbers(top + 1, last));
      } else {
        assert.equal(plain(streamPosition.offset), last);
        const pages = [];
        let since = { offset: top, epoch: streamPosition.epoch };
        while (since.offset < last) {
          const { publications } = await subscription.history({ since, limit: PAGE });
          pages.push(...offsets(publications));
          since = { ...since, offset: plain(publications.at(-1).offset) };
        }
        assert.deepEqual(pages, numbers(top + 1, last));
        assert.deepEqual(seen, []);
      }
      client.disconnect();
    }
    writer.disconnect();
  });

  test('that is refused (112) asks an application that has getState for its own', async () => {
    const channel = someChannel('smallhistory');
    const writer = makeClient(ENCODINGS[0], hub);
    await connected(writer);
    await publish(writer, channel, 10);
    const { epoch, offset } = await writer.history(channel, { limit: 0 });
    for (const encoding of ENCODINGS) {
      const client = makeClient(encoding, hub);
      const asked = [];
      const getState = async () => {
        asked.push(channel);
        return asked.length === 1 ? { offset: 1, epoch } : { offset, epoch };
      };
      const subscription = client.newSubscription(channel, { getState, minResubscribeDelay: 10 });
      await connected(client);
      assert.ok((await subscribed(subscription)).recovered);
      assert.equal(asked.length, 2);
      client.disconnect();
    }
    writer.disconnect();
  });

  test('of another epoch is refused in history (112)', async () => {
    for (const encoding of ENCODINGS) {
      const [client, channel] = [makeClient(encoding, hub), someChannel()];
      await connected(client);
      const since = { offset: 0, epoch: 'another' };
      await assert.rejects(client.history(channel, { since, limit: 1 }), { code: 112 });
      client.disconnect();
    }
  });
});

describe('members', () => {
  let hub;
  before(async () => {
    hub = await startHub();
  });
  after(() => hub.stop());

  for (const encoding of ENCODINGS) {
    test(`connect, are refreshed and subscribed by the server (${encoding.name})`, async () => {
      const sub = someUser();
      let fetched = 0;
      const getToken = async () => {
        fetched += 1;
        // The first one ran out long ago (109), the second one soon will.
        return token({ sub, exp: inSeconds(fetched === 1 ? -60 : fetched === 2 ? 2 : 600) });
      };
      const client = makeClient(encoding, hub, { getToken });
      const inbox = next(client, 'subscribed', ({ channel }) => channel === `#${sub}`);
      let connects = 0;
      client.on('connected', () => {
        connects += 1;
      });
      const { client: id } = await connected(client);
      assert.match(id, /^[0-9a-f-]{36}$/);
      assert.ok((await inbox).recoverable);
      while (fetched < 3) await client.rpc('none', null).catch(() => new Promise(setImmediate));
      assert.equal(connects, 1);
      client.disconnect();
    });

    test(`subscribe, publish, unsubscribe and see each other (${encoding.name})`, async () => {
      const [one, other, channel] = [someUser(), someUser(), someChannel()];
      const [writer, reader] = [one, other].map((user) => makeClient(encoding, hub, { user }));
      const subscription = reader.newSubscription(channel, { joinLeave: true });
      await Promise.all([connected(writer), connected(reader)]);
      await subscribed(subscription);
      const writing = writer.newSubscription(channel);
      const joined = next(subscription, 'join', ({ info }) => info.user === one);
      await subscribed(writing);
      await joined;
      const come = next(subscription, 'publication');
      const text = '党小组\n下周三';
      await writing.publish(encoding.write({ text }));
      const { data, offset, info } = await come;
      assert.deepEqual([encoding.read(data).text, plain(offset), info.user], [text, 1, one]);

      const { clients } = await subscription.presence();
      const users = Object.values(clients).map((client) => client.user);
      assert.deepEqual(users.sort(), [one, other].sort());
      const stats = await subscription.presenceStats();
      assert.deepEqual([stats.numClients, stats.numUsers], [2, 2]);

      const left = next(subscription, 'leave', ({ info }) => info.user === one);
      writing.unsubscribe();
      await left;
      await assert.rejects(writer.publish(channel, encoding.write({})), { code: 103 });
      writer.disconnect();
      reader.disconnect();
    });

    test(`page through history both ways (${encoding.name})`, async () => {
      const [user, channel] = [someUser(), someChannel()];
      const client = makeClient(encoding, hub, { user });
      const subscription = client.newSubscription(channel);
      await connected(client);
      await subscribed(subscription);
      for (const number of numbers(1, 5)) await hub.api('publish', { channel, data: { number } });
      const position = await subscription.history({ limit: 0 });
      assert.deepEqual([position.publications, plain(position.offset)], [[], 5]);
      const { epoch } = position;
      const page = async (options) => offsets((await subscription.history(options)).publications);
      assert.deepEqual(await page({ limit: -1 }), [1, 2, 3, 4, 5]);
      assert.deepEqual(await page({ limit: 2, since: { offset: 2, epoch } }), [3, 4]);
      const back = { limit: 2, reverse: true };
      assert.deepEqual(await page(back), [5, 4]);
      assert.deepEqual(await page({ ...back, since: { offset: 3, epoch } }), [2, 1]);
      client.disconnect();
    });

    test(`get messages of their own (${encoding.name})`, async () => {
      const user = someUser();
      const client = makeClient(encoding, hub, { user });
      await connected(client);
      const come = next(client, 'message');
      await hub.api('message', { user, data: { t: 'bump' } });
      assert.deepEqual(encoding.read((await come).data), { t: 'bump' });
      client.disconnect();
    });
  }
});
