// The public SDK in both encodings, with events that can be waited for.
import { Centrifuge as JsonCentrifuge } from 'centrifuge';
import { Centrifuge as ProtobufCentrifuge } from 'centrifuge/build/protobuf';
import WebSocket from 'ws';

import { token } from './hub.js';

const WAIT_MS = 20_000;

/** The SDK keeps order within a frame and between the turns of the event loop, as browsers run it. */
class OneFrameATurn extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols, { allowSynchronousEvents: false });
  }
}

/** Both encodings: the SDK's class, and how it takes and gives payloads. */
export const ENCODINGS = [
  { name: 'JSON', Client: JsonCentrifuge, write: (value) => value, read: (data) => data },
  {
    name: 'protobuf',
    Client: ProtobufCentrifuge,
    write: (value) => new TextEncoder().encode(JSON.stringify(value)),
    read: (data) => JSON.parse(new TextDecoder().decode(data)),
  },
];

/** A client of `hub`; of the user, where one is given. */
export function makeClient(encoding, hub, { user, ...options } = {}) {
  const identity = user === undefined ? {} : { token: token({ sub: user }) };
  return new encoding.Client(hub.socket, {
    websocket: OneFrameATurn,
    minReconnectDelay: 10,
    maxReconnectDelay: 100,
    ...identity,
    ...options,
  });
}

/** The context of the next event of a client or subscription for which `fits` holds. */
export function next(emitter, event, fits = () => true) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      emitter.off(event, seen);
      reject(new Error(`no ${event} within ${WAIT_MS} ms`));
    }, WAIT_MS);
    function seen(context) {
      if (!fits(context)) return;
      clearTimeout(late);
      emitter.off(event, seen);
      resolve(context);
    }
    emitter.on(event, seen);
  });
}

/** Connects and waits for it. */
export async function connected(client) {
  const done = next(client, 'connected');
  client.connect();
  return done;
}

/** Disconnects and waits for it. */
export async function disconnected(client) {
  const done = next(client, 'disconnected');
  client.disconnect();
  return done;
}

/** Subscribes and waits for it. */
export async function subscribed(subscription) {
  const done = next(subscription, 'subscribed');
  subscription.subscribe();
  return done;
}
