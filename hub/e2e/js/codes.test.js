// Every error, close and unsubscribe code that the hub sends, and what the public JavaScript SDK
// makes of it, in both encodings.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';

import { inSeconds, someChannel, someUser, startHub, token } from './support/hub.js';
import { connected, ENCODINGS, makeClient, next, subscribed } from './support/sdk.js';

const TEMPORARY = [100, 111];
const TOKEN_EXPIRED = 109;
const FINAL = [101, 102, 103, 104, 105, 106, 107, 108, 110, 112];
const CLOSES_BACK = [3001, 3004, 3005, 3006, 3008, 3012, 3013];
const CLOSES_AWAY = [3500, 3501, 3502, 3506, 4500, 4501];
const ENDS_FINAL = [2100, 2101, 2102];
const ENDS_BACK = [2500, 2501];

let hub;
before(async () => {
  hub = await startHub();
});
after(() => hub.stop());

for (const encoding of ENCODINGS) {
  describe(`over ${encoding.name}`, () => {
    const member = async (options = {}) => {
      const user = someUser();
      const client = makeClient(encoding, hub, { user, ...options });
      await connected(client);
      return { user, client };
    };

    test('a call is refused with its code', async () => {
      const { client } = await member();
      await assert.rejects(client.rpc('none', encoding.write({})), { code: 108 });
      for (const code of [...TEMPORARY, TOKEN_EXPIRED, ...FINAL]) {
        await hub.api('refuse', { code });
        await assert.rejects(client.rpc('none', encoding.write({})), { code });
      }
      client.disconnect();
    });

    test('a subscribe is tried again after a passing error and given up after another', async () => {
      const { client, user } = await member();
      for (const code of [...TEMPORARY, TOKEN_EXPIRED]) {
        const channel = someChannel();
        await hub.api('refuse', { channel, code, limit: 2 });
        let fetched = 0;
        const getToken = async () => {
          fetched += 1;
          return token({ sub: user, channel });
        };
        const retry = { minResubscribeDelay: 1, maxResubscribeDelay: 10 };
        const subscription = client.newSubscription(channel, { ...retry, getToken });
        const errors = [];
        subscription.on('error', ({ error }) => errors.push(error.code));
        await subscribed(subscription);
        assert.deepEqual(errors, [code, code]);
        assert.equal(fetched, code === TOKEN_EXPIRED ? 3 : 1);
      }
      // With `getState` an unrecoverable position is asked for again, see the streams.
      for (const code of FINAL) {
        const channel = someChannel();
        await hub.api('refuse', { channel, code });
        const subscription = client.newSubscription(channel);
        const over = next(subscription, 'unsubscribed');
        subscription.subscribe();
        assert.equal((await over).code, code);
      }
      client.disconnect();
    });

    test('a connect is tried again after a passing error and given up after another', async () => {
      for (const code of [...TEMPORARY, TOKEN_EXPIRED, ...FINAL]) {
        await hub.api('refuse', { code });
        const user = someUser();
        const getToken = async () => token({ sub: user });
        const client = makeClient(encoding, hub, { getToken });
        const end = FINAL.includes(code) ? 'disconnected' : 'connected';
        const ended = next(client, end);
        client.connect();
        const context = await ended;
        if (end === 'disconnected') assert.equal(context.code, code);
        client.disconnect();
      }
    });

    test('what the hub itself refuses has the code of the table', async () => {
      const { client, user } = await member();
      const ends = async (channel, options) => {
        const subscription = client.newSubscription(channel, options);
        const over = next(subscription, 'unsubscribed');
        subscription.subscribe();
        return (await over).code;
      };
      assert.equal(await ends('unknown:a'), 102);
      assert.equal(await ends('private'), 103);
      assert.equal(await ends(someChannel(), { token: 'forged' }), 103);
      assert.equal(await ends(`#${user}`), 105);
      assert.equal(await ends(`recovery:${'a'.repeat(256)}`), 107);
      const filter = { key: 'a', cmp: 'eq', val: 'b' };
      assert.equal(await ends(someChannel(), { tagsFilter: filter }), 107);
      const long = encoding.write('x'.repeat(64 * 1024));
      await assert.rejects(client.publish(someChannel(), long), { code: 106 });
      client.disconnect();
    });

    test('after a close the client comes back or stays away', async () => {
      for (const code of CLOSES_BACK) {
        const { client, user } = await member();
        const [closed, back] = [next(client, 'connecting'), next(client, 'connected')];
        await hub.api('disconnect', { user, code });
        assert.equal((await closed).code, code);
        await back;
        client.disconnect();
      }
      for (const code of CLOSES_AWAY) {
        const { client, user } = await member();
        const away = next(client, 'disconnected');
        await hub.api('disconnect', { user, code });
        const context = await away;
        assert.equal(context.code, code);
        assert.notEqual(context.reason, '');
      }
    });

    test('a forged token closes for good', async () => {
      const client = makeClient(encoding, hub, { token: 'forged' });
      const away = next(client, 'disconnected');
      client.connect();
      assert.equal((await away).code, 3500);
    });

    test('an ended subscription stays ended or comes back', async () => {
      const { client, user } = await member();
      for (const code of [...ENDS_FINAL, ...ENDS_BACK]) {
        const channel = someChannel();
        const subscription = client.newSubscription(channel);
        await subscribed(subscription);
        const back = ENDS_BACK.includes(code);
        const over = next(subscription, back ? 'subscribing' : 'unsubscribed');
        const again = back ? next(subscription, 'subscribed') : undefined;
        await hub.api('unsubscribe', { channel, user, code });
        assert.equal((await over).code, code);
        await again;
      }
      client.disconnect();
    });

    test('a hub that stops is come back to', async () => {
      const other = await startHub();
      const client = makeClient(encoding, other, { user: someUser() });
      await connected(client);
      const closed = next(client, 'connecting');
      await other.stop();
      assert.equal((await closed).code, 3001);
      client.disconnect();
    });
  });
}

test('bytes that are no JSON close a JSON connection for good (3506)', async () => {
  const [json, protobuf] = ENCODINGS;
  const channel = someChannel();
  const reader = makeClient(json, hub, { user: someUser() });
  const writer = makeClient(protobuf, hub, { user: someUser() });
  const writing = writer.newSubscription(channel);
  await Promise.all([connected(reader), connected(writer)]);
  await subscribed(reader.newSubscription(channel));
  await subscribed(writing);
  const away = next(reader, 'disconnected');
  const echo = next(writing, 'publication');
  await writing.publish(Uint8Array.from([0, 255, 1]));
  assert.deepEqual([...(await echo).data], [0, 255, 1]);
  assert.equal((await away).code, 3506);
  writer.disconnect();
});

describe('without the SDK, which does not break the protocol', () => {
  const raw = async () => {
    const socket = new WebSocket(hub.socket);
    await once(socket, 'open');
    return socket;
  };
  const code = async (socket) => (await once(socket, 'close'))[0];
  const connect = (claims) => JSON.stringify({ id: 1, connect: { token: token(claims) } });

  test('what is no command closes with 3501', async () => {
    for (const frame of ['', 'x', '{"id":1}', '{"id":1,"rpc":{"method":"a"}}', Buffer.from([1])]) {
      const socket = await raw();
      socket.send(frame);
      assert.equal(await code(socket), 3501, String(frame));
    }
    const socket = await raw();
    socket.send(`${connect({ sub: 'a' })}\n${connect({ sub: 'a' })}`);
    assert.equal(await code(socket), 3501);
  });

  // Together, since each waits for a limit of the hub: 30 s, 25 + 10 s, 1 + 25 s.
  test('who is silent is closed: 3502, 3012, 3005', { timeout: 60_000 }, async () => {
    const [stale, mute, expired] = await Promise.all([raw(), raw(), raw()]);
    mute.send(connect({ sub: someUser() }));
    expired.send(connect({ sub: someUser(), exp: inSeconds(2) }));
    expired.on('message', (frame) => {
      if (String(frame) === '{}') expired.send('{}');
    });
    const codes = await Promise.all([stale, mute, expired].map(code));
    assert.deepEqual(codes, [3502, 3012, 3005]);
  });
});
