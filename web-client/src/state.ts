/** What lives as long as the page: the session, and the chat of who is signed in. */

import { effect, signal, untracked } from '@preact/signals';
import { Connection } from './connection/connection.ts';
import { chatToken, readMe, sessionMemory, signOut } from './features/accounts/api.ts';
import { Session } from './features/accounts/session.ts';
import { Chat } from './features/chat/chat.ts';
import { type ChatStores, databaseStores, memoryStores } from './features/chat/chat_stores.ts';
import { systemClock } from './platform/clock.ts';
import { network, thrifty } from './platform/network.ts';
import { newCid } from './platform/random.ts';
import { tabBell, tabLock } from './platform/tabs.ts';
import { socketUrl } from './routes.ts';
import { deleteDatabase, openDatabase } from './store/database.ts';
import { CentrifugeSocket } from './wire/centrifuge_socket.ts';
import { type ChatSocket, SIGNED_OUT } from './wire/chat_socket.ts';
import { failureFrom } from './wire/http.ts';
import type { Me, PersonId } from './wire/types.ts';

/** Everything of one signed-in person. */
export interface Signed {
  me: Me;
  chat: Chat;
  connection: Connection;
  socket: ChatSocket;
  stores: ChatStores;
}

export const session = new Session({
  me: readMe,
  signOut,
  wipe: (me) => deleteDatabase(me.person).catch(() => {}),
  memory: sessionMemory,
});

/** `null` while nobody is signed in or the device's store is being opened. */
export const signed = signal<Signed | null>(null);

/** Begin to follow the session: for each person one chat. */
export function startState(): void {
  let person: PersonId | null = null;
  effect(() => {
    const state = session.state.value;
    const next = state.at === 'in' ? state.me.person : null;
    if (next === person) return;
    person = next;
    untracked(() => {
      leave();
      if (state.at === 'in') void enter(state.me, () => person === state.me.person);
    });
  });
  addEventListener('pagehide', () => signed.peek()?.chat.save());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') signed.peek()?.chat.save();
  });
  void session.check();
}

function leave(): void {
  const before = signed.peek();
  if (!before) return;
  before.chat.stop();
  before.connection.stop();
  before.socket.close();
  signed.value = null;
}

async function enter(me: Me, still: () => boolean): Promise<void> {
  const stores = await openDatabase(me.person).then(databaseStores, memoryStores);
  if (!still()) return;
  const socket = new CentrifugeSocket({ url: socketUrl(location), token });
  const chat = new Chat({
    me: me.person,
    socket,
    clock: systemClock,
    rooms: stores.rooms,
    inbox: stores.inbox,
    outbox: stores.outbox,
    newCid,
    lock: tabLock,
    bell: tabBell(`lianxin-${me.person}`),
    mayPrefetch: () => !thrifty(),
  });
  const connection = new Connection({
    socket: socket.state,
    network,
    unavailable: chat.outbox.unavailable,
    clock: systemClock,
  });
  signed.value = { me, chat, connection, socket, stores };
  effect(() => {
    const state = socket.state.value;
    if (state.at === 'ended' && state.code === SIGNED_OUT) void session.revoked();
  });
  socket.connect();
  await chat.start();
}

/** A chat token; `null` when the hub does not know the session any more. */
async function token(): Promise<string | null> {
  try {
    return await chatToken();
  } catch (error) {
    const failure = failureFrom(error);
    if (failure.kind !== 'refused' || failure.code !== 'sign_in_required') throw error;
    session.expire();
    return null;
  }
}
