/** What several open tabs of one person share: a lock and a bell. Both are optional in browsers. */

/** Run `task` while no other tab runs one under the same name. */
export type Lock = (name: string, task: () => Promise<void>) => Promise<void>;

/** Tell the other tabs that something changed, and hear it from them. */
export interface Bell {
  ring(): void;
  onRing(listener: () => void): void;
  close(): void;
}

export const tabLock: Lock = async (name, task) => {
  // Without Web Locks two tabs may send the same message; the hub makes it one by its client id.
  if (!('locks' in navigator)) return task();
  await navigator.locks.request(name, task);
};

export function tabBell(name: string): Bell {
  if (typeof BroadcastChannel !== 'function') return silentBell;
  const channel = new BroadcastChannel(name);
  return {
    ring: () => channel.postMessage(0),
    onRing: (listener) => channel.addEventListener('message', listener),
    close: () => channel.close(),
  };
}

export const silentBell: Bell = { ring() {}, onRing() {}, close() {} };
