/** What lives as long as the page: the session, and the chat of who is signed in. */

import { effect, signal, untracked } from '@preact/signals';
import { Connection } from './connection/connection.ts';
import { chatToken, onOtherPage, readMe, sessionMemory, signOut } from './features/accounts/api.ts';
import { Session } from './features/accounts/session.ts';
import { Chat } from './features/chat/chat.ts';
import { type ChatStores, storesOf } from './features/chat/chat_stores.ts';
import { systemClock } from './platform/clock.ts';
import { farewells } from './platform/farewell.ts';
import { network, thrifty } from './platform/network.ts';
import { newCid } from './platform/random.ts';
import { tabBell, tabLock } from './platform/tabs.ts';
import { socketUrl } from './routes.ts';
import { deleteDatabase, openDatabase } from './store/database.ts';
import { takeKept } from './store/kept.ts';
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

/** How long the first paint waits for what the device keeps. */
const KEPT_WAIT_MS = 300;

/**
 * Begin to follow the session: for each person one chat. Settles when what was read before the
 * program was here is taken in, which is at once where nothing was.
 */
export async function startState(): Promise<void> {
  let person: PersonId | null = null;
  let entered = Promise.resolve();
  effect(() => {
    const state = session.state.value;
    const next = state.at === 'in' ? state.me.person : null;
    if (next === person) return;
    person = next;
    untracked(() => {
      leave();
      if (state.at === 'in') entered = enter(state.me);
    });
  });
  addEventListener('pagehide', () => signed.peek()?.chat.save());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') signed.peek()?.chat.save();
  });
  onOtherPage(() => session.follow());
  await Promise.race([entered, new Promise((go) => setTimeout(go, KEPT_WAIT_MS))]);
  void session.check();
}

function leave(): void {
  for (const farewell of farewells) farewell();
  const before = signed.peek();
  if (!before) return;
  before.chat.stop();
  before.connection.stop();
  before.socket.close();
  signed.value = null;
}

/** Settles when the list of rooms stands that was read early, or it is known that none was. */
async function enter(me: Me): Promise<void> {
  const kept = takeKept(me.person);
  const stores = storesOf(openDatabase(me.person), kept);
  const socket = new CentrifugeSocket({ url: socketUrl(location), token: () => token(me.person) });
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
  if (kept) await chat.restore();
  if (signed.peek()?.chat !== chat) return;
  void chat.start();
  socket.connect();
}

/**
 * A chat token; `null` when the hub does not know the session of `person` any more. What one
 * person wrote never goes out as another who has signed in on this device since.
 */
async function token(person: PersonId): Promise<string | null> {
  try {
    const given = await chatToken();
    if (given.person === person) return given.token;
    void session.check();
    return null;
  } catch (error) {
    const failure = failureFrom(error);
    if (failure.kind !== 'refused' || failure.code !== 'sign_in_required') throw error;
    session.expire();
    return null;
  }
}
