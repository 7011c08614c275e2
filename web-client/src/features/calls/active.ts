/** The call that the person is in, whatever page is shown. */

import { signal } from '@preact/signals';
import type { Call } from './call.ts';

export const active = signal<Call | null>(null);

export function forget(): void {
  active.value = null;
}
