/** The microphones and cameras of this device. */

import type { Device } from '../../media/media_session.ts';

const KINDS = { mic: 'audioinput', camera: 'videoinput' } as const;
const LISTEN_MS = 4_000;
const TONE_MS = 1_000;
/** Of 128: what a still room stays below. */
const HEARD_LEVEL = 4;

/** Named only once the browser was allowed to use one. */
export async function devicesOf(device: Device): Promise<{ id: string; name: string }[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return all
    .filter((one) => one.kind === KINDS[device] && one.deviceId && one.label)
    .map((one) => ({ id: one.deviceId, name: one.label }));
}

/** Plays a tone of a second. */
export async function tone(): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = 523;
  gain.gain.value = 0.2;
  oscillator.connect(gain).connect(context.destination);
  oscillator.start();
  await new Promise((go) => setTimeout(go, TONE_MS));
  oscillator.stop();
  await context.close();
}

/** The camera's picture; `NotFoundError` where there is none. */
export async function camera(id: string | undefined): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException('none', 'NotFoundError');
  return navigator.mediaDevices.getUserMedia({ video: id ? { deviceId: { exact: id } } : true });
}

/** Whether the microphone hears anything within four seconds. `onLevel` gets 0 to 1 meanwhile. */
export async function hears(
  id: string | undefined,
  onLevel: (level: number) => void,
): Promise<boolean> {
  if (!navigator.mediaDevices) throw new DOMException('none', 'NotFoundError');
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: id ? { deviceId: { exact: id } } : true,
  });
  const context = new AudioContext();
  try {
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    const end = performance.now() + LISTEN_MS;
    let heard = false;
    while (performance.now() < end) {
      await new Promise((go) => setTimeout(go, 100));
      analyser.getByteTimeDomainData(samples);
      const loudest = samples.reduce((most, one) => Math.max(most, Math.abs(one - 128)), 0);
      onLevel(loudest / 128);
      if (loudest > HEARD_LEVEL) heard = true;
    }
    return heard;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  }
}
