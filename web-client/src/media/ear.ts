/** Listens whether a microphone gives anything at all: a broken one gives pure zeros. */

import { type ReadonlySignal, signal } from '@preact/signals';

const LOOK_MS = 500;
const DEAF_MS = 4_000;
const SILENCE = 128;

export class Ear {
  readonly deaf: ReadonlySignal<boolean>;
  /** Whether the person has the microphone open; a closed one is no fault. */
  open = false;
  private readonly nothing = signal(false);
  private silentMs = 0;
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.deaf = this.nothing;
  }

  listen(track: MediaStreamTrack): void {
    this.stop();
    if (typeof AudioContext === 'undefined') return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    this.context = context;
    this.timer = setInterval(() => {
      // A context that waits for a tap says nothing of the microphone.
      if (context.state !== 'running' || !this.open || document.hidden) return this.heard();
      analyser.getByteTimeDomainData(samples);
      if (samples.some((one) => one !== SILENCE)) return this.heard();
      this.silentMs += LOOK_MS;
      this.nothing.value = this.silentMs >= DEAF_MS;
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    void this.context?.close();
    this.context = null;
    this.heard();
  }

  private heard(): void {
    this.silentMs = 0;
    this.nothing.value = false;
  }
}
