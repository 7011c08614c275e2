/** Before the call: which devices, whether they work, whether the network lets a call through. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Device } from '../../media/media_session.ts';
import { probe, type Way } from '../../media/probe.ts';
import { Notice } from '../../ui/Faces.tsx';
import { checkTicket } from './api.ts';
import css from './Calls.module.css';
import type { Wanted } from './call.ts';
import { camera, devicesOf, hears, tone } from './devices.ts';
import { Trouble } from './Trouble.tsx';
import { texts } from './texts.ts';

interface Props {
  onEnter(wanted: Wanted): void;
  /** What is said instead of the words of a group's call. */
  said?: { title: string; help: string; enter: string };
}

export function Ready({ onEnter, said }: Props) {
  const words = texts();
  const { title, help, enter } = said ?? {
    title: words.ready,
    help: words.readyHelp,
    enter: words.enter,
  };
  const [ids, setIds] = useState<Wanted['ids']>({});
  const [checked, setChecked] = useState(0);
  const news = () => setChecked((count) => count + 1);
  return (
    <div class="stack">
      <section class="card stack" aria-labelledby="ready">
        <h2 id="ready">{title}</h2>
        <p>{help}</p>
        {(['mic', 'camera'] as const).map((device) => (
          <DeviceChoice
            key={`${device} ${checked}`}
            device={device}
            chosen={ids[device] ?? ''}
            onChoose={(id) => setIds({ ...ids, [device]: id || undefined })}
          />
        ))}
        <MicCheck id={ids.mic} onChecked={news} />
        <CameraCheck key={ids.camera} id={ids.camera} onChecked={news} />
        <SpeakerCheck />
        <NetworkCheck />
      </section>
      <button
        type="button"
        class="button primary wide"
        onClick={() => onEnter({ mic: false, camera: false, ids })}
      >
        {enter}
      </button>
    </div>
  );
}

interface ChoiceProps {
  device: Device;
  chosen: string;
  onChoose(id: string): void;
}

function DeviceChoice({ device, chosen, onChoose }: ChoiceProps) {
  const [found, setFound] = useState<readonly { id: string; name: string }[]>([]);
  const words = texts();
  useEffect(() => void devicesOf(device).then(setFound), [device]);
  // Before a check the browser names no device: there is nothing to choose from.
  if (found.length < 2) return null;
  return (
    <div class="field">
      <label for={`choose-${device}`}>{words.device[device]}</label>
      <select
        id={`choose-${device}`}
        class="input"
        value={chosen}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        <option value="">{words.usual}</option>
        {found.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Whether the view is still there when a check ends. */
function useHere() {
  const here = useRef(true);
  useEffect(
    () => () => {
      here.current = false;
    },
    [],
  );
  return here;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

interface CheckProps {
  id: string | undefined;
  onChecked(): void;
}

/** In plain words whether anything is heard; asks for the microphone only when pressed. */
function MicCheck({ id, onChecked }: CheckProps) {
  const [level, setLevel] = useState<number | null>(null);
  const [result, setResult] = useState<boolean | string | null>(null);
  const here = useHere();
  const words = texts();
  const check = async () => {
    setLevel(0);
    setResult(null);
    const heard = await hears(id, setLevel).catch(nameOf);
    if (!here.current) return;
    setLevel(null);
    setResult(heard);
    onChecked();
  };
  return (
    <div class="stack" role="status">
      <button
        type="button"
        class="button wide"
        disabled={level !== null}
        onClick={() => void check()}
      >
        {level === null ? words.check : words.checking}
      </button>
      {level === null ? null : (
        <meter class={css.level} aria-label={words.level} min={0} max={1} value={level} />
      )}
      {result === true ? <p>{words.heard}</p> : null}
      {result === false ? <Notice warn>{words.notHeard}</Notice> : null}
      {typeof result === 'string' ? <Trouble name={result} /> : null}
    </div>
  );
}

/** One's own picture, for as long as it is looked at. */
function CameraCheck({ id, onChecked }: CheckProps) {
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [trouble, setTrouble] = useState('');
  const picture = useRef<HTMLVideoElement>(null);
  const here = useHere();
  const words = texts();
  useEffect(() => {
    if (picture.current) picture.current.srcObject = stream;
    return () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [stream]);
  const look = async () => {
    setTrouble('');
    try {
      const seen = await camera(id);
      if (here.current) setStream(seen);
      else for (const track of seen.getTracks()) track.stop();
    } catch (error) {
      setTrouble(nameOf(error));
    }
    onChecked();
  };
  return (
    <div class="stack">
      <button
        type="button"
        class="button wide"
        aria-pressed={stream !== null}
        onClick={() => (stream ? setStream(null) : void look())}
      >
        {stream ? words.hidePicture : words.seePicture}
      </button>
      {stream ? (
        <div class={css.tile}>
          <video
            ref={picture}
            class={css.mirror}
            aria-label={words.ownPicture}
            autoplay
            playsInline
            muted
          />
        </div>
      ) : null}
      {trouble ? <Trouble name={trouble} /> : null}
    </div>
  );
}

function SpeakerCheck() {
  const [state, setState] = useState<'' | 'playing' | 'played'>('');
  const here = useHere();
  const words = texts();
  const play = async () => {
    setState('playing');
    await tone().catch(() => {});
    if (here.current) setState('played');
  };
  return (
    <div class="stack" role="status">
      <button
        type="button"
        class="button wide"
        disabled={state === 'playing'}
        onClick={() => void play()}
      >
        {words.playTone}
      </button>
      {state === 'played' ? <p>{words.played}</p> : null}
    </div>
  );
}

/** Which way a call takes through this network, and what to do where there is none. */
function NetworkCheck() {
  const [busy, setBusy] = useState(false);
  const [way, setWay] = useState<Way | null>(null);
  const here = useHere();
  const words = texts();
  const check = async () => {
    setBusy(true);
    setWay(null);
    const found = await checkTicket().then(probe, () => 'nothing' as const);
    if (!here.current) return;
    setBusy(false);
    setWay(found);
  };
  const good = way === 'direct' || way === 'detour';
  return (
    <div class="stack" role="status">
      <button type="button" class="button wide" disabled={busy} onClick={() => void check()}>
        {busy ? words.checkingNetwork : words.checkNetwork}
      </button>
      {way && good ? <p>{words.ways[way]}</p> : null}
      {way && !good ? <Notice warn>{words.ways[way]}</Notice> : null}
    </div>
  );
}
