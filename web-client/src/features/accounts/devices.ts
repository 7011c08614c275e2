/** The devices on which the caller is signed in. */

import { signal } from '@preact/signals';
import { type Failure, failureFrom } from '../../wire/http.ts';
import type { Device } from '../../wire/types.ts';

export interface DevicesParts {
  list(): Promise<Device[]>;
  revoke(device: string): Promise<void>;
}

export class Devices {
  /** Last used first; `null` while unknown. */
  readonly list = signal<readonly Device[] | null>(null);
  readonly failure = signal<Failure | null>(null);

  constructor(private readonly parts: DevicesParts) {}

  async load(): Promise<void> {
    this.failure.value = null;
    try {
      this.list.value = await this.parts.list();
    } catch (error) {
      this.failure.value = failureFrom(error);
    }
  }

  /** Sign another device out. It is gone from the list when the hub has done so. */
  async revoke(device: string): Promise<void> {
    this.failure.value = null;
    try {
      await this.parts.revoke(device);
      this.list.value = this.list.peek()?.filter((one) => one.device !== device) ?? null;
    } catch (error) {
      this.failure.value = failureFrom(error);
    }
  }
}
