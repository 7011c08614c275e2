/**
 * A call's media as the rest of the client sees it. One adapter speaks to the media server
 * (`livekit_session.ts`), one stands in for it in tests.
 */

import type { ReadonlySignal } from '@preact/signals';

/** Why the media server let go for good; `lost` may be tried again with a new ticket. */
export type EndReason = 'left' | 'removed' | 'ended' | 'otherDevice' | 'lost';

/**
 * `idle` – not connected yet. `joining` – on the way in. `live` – sound and pictures flow.
 * `resuming` – the link was cut, it is being mended. `over` – no longer connected.
 */
export type MediaState =
  | { at: 'idle' | 'joining' | 'live' | 'resuming' }
  | { at: 'over'; why: EndReason };

export interface Attendee {
  /** The person's id. */
  person: string;
  name: string;
  me: boolean;
  /** The track as the server has it. */
  mic: boolean;
  camera: boolean;
  speaking: boolean;
  /** The link is bad by the server's measure. */
  weak: boolean;
  /** Draw the picture in this element; answers how to stop. `null` without one. */
  show: Show | null;
  /** The same of the page that is shared. */
  page: Show | null;
}

export type Show = (element: HTMLVideoElement) => () => void;

export type Device = 'mic' | 'camera';

export interface MediaSession {
  readonly state: ReadonlySignal<MediaState>;
  /** The caller first, then who spoke last. */
  readonly people: ReadonlySignal<readonly Attendee[]>;
  /** The browser plays no sound before a tap. */
  readonly silent: ReadonlySignal<boolean>;
  /** The open microphone gives nothing: a telephone call or another application holds it. */
  readonly interrupted: ReadonlySignal<boolean>;
  /** The open microphone has given not the least sound for four seconds. */
  readonly deaf: ReadonlySignal<boolean>;
  /** How often a device that went away was replaced by another one. */
  readonly swaps: ReadonlySignal<number>;
  join(url: string, token: string): Promise<void>;
  leave(): Promise<void>;
  /** Settles when the server has it; rejects with the browser's reason. */
  set(device: Device, on: boolean, id?: string): Promise<void>;
  /** Shares a page of this computer with its sound, or stops to. */
  share(on: boolean): Promise<void>;
  /** After a tap: takes the microphone and the camera anew. */
  restore(): Promise<void>;
  /** After a tap: let the sound be heard. */
  unsilence(): Promise<void>;
}
