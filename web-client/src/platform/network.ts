/** Whether the device says that it has a network, and whether its owner wants to save data. */

import { type ReadonlySignal, signal } from '@preact/signals';

const up = signal(typeof navigator === 'undefined' || navigator.onLine !== false);

export const network: ReadonlySignal<boolean> = up;

export function startNetwork(): void {
  addEventListener('online', () => {
    up.value = true;
  });
  addEventListener('offline', () => {
    up.value = false;
  });
}

interface Link {
  saveData?: boolean;
  effectiveType?: string;
}

/** Whether loading ahead of need would be unwelcome. */
export function thrifty(): boolean {
  const { connection } = navigator as { connection?: Link };
  return connection?.saveData === true || /2g$/.test(connection?.effectiveType ?? '');
}
