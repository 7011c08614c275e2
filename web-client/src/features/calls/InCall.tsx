/** In the call: pictures, hands, and the bar of buttons. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Attendee, Device } from '../../media/media_session.ts';
import { systemClock } from '../../platform/clock.ts';
import { wide } from '../../platform/screen.ts';
import { keepScreenOn } from '../../platform/wake_lock.ts';
import { urls } from '../../routes.ts';
import { Notice } from '../../ui/Faces.tsx';
import type { ChatSocket } from '../../wire/chat_socket.ts';
import type { PersonId, RoomId } from '../../wire/types.ts';
import { answerHand, answerWaiting, lockCall, raiseHand, readCall } from './api.ts';
import { LeaveDialog, MoreDialog } from './CallDialogs.tsx';
import css from './Calls.module.css';
import type { Call, CallStage } from './call.ts';
import { FloorCard, HandButton, HandList } from './HandViews.tsx';
import { HubSide } from './hub_side.ts';
import { followKeys } from './keys.ts';
import { DoorList, PeopleDialog } from './PeopleViews.tsx';
import { Stage } from './Stage.tsx';
import { texts } from './texts.ts';

/** The room of a call, for its members. */
export interface Place {
  id: RoomId;
  /** The caller may mute, take out, lock, let in and end. */
  leads: boolean;
  /** The call of a meeting: it ends with the meeting, and has no guests. */
  meeting: boolean;
  socket: ChatSocket;
}

interface Props {
  call: Call;
  stage: Exclude<CallStage, { at: 'over' | 'refused' | 'waiting' }>;
  me: PersonId;
  /** `null` for a guest. */
  place: Place | null;
}

export function InCall({ call, stage, me, place }: Props) {
  const [dialog, setDialog] = useState<'leave' | 'more' | 'people' | null>(null);
  const hub = useHubSide(place?.id, place?.socket);
  const leads = place?.leads === true;
  useEffect(keepScreenOn, []);
  useEffect(followKeys, []);
  const words = texts();
  const people = call.people.value;
  const self = people[0];
  const close = () => setDialog(null);
  return (
    <div class={`stack ${css.room}`} data-stage={stage.at}>
      <div class={css.top}>
        <button
          type="button"
          class="button"
          aria-haspopup="dialog"
          onClick={() => setDialog('people')}
        >
          {words.there(people.length)}
          {hub?.open.value?.locked ? ` · ${words.locked}` : null}
        </button>
        <button
          type="button"
          class={`button ${css.leave}`}
          aria-haspopup="dialog"
          onClick={() => setDialog('leave')}
        >
          {words.leave}
        </button>
      </div>
      <StageLine call={call} stage={stage} />
      <Troubles call={call} />
      {hub ? <FloorCard hub={hub} me={me} open={() => call.set('mic', true)} /> : null}
      {hub && leads ? <DoorList hub={hub} /> : null}
      <Stage call={call} still={stage.at !== 'live'} />
      {people.length === 1 && stage.at === 'live' ? <p class="quiet">{words.alone}</p> : null}
      {hub ? <HandList hub={hub} leads={leads} /> : null}
      <div class={css.bar}>
        <Switch device="mic" call={call} me={self} />
        <Switch device="camera" call={call} me={self} />
        {hub ? <HandButton hub={hub} me={me} /> : null}
        {wide.value || !place ? null : (
          <Link href={urls.room(place.id)} class="button">
            {words.chat}
          </Link>
        )}
        <button
          type="button"
          class="button"
          aria-haspopup="dialog"
          onClick={() => setDialog('more')}
        >
          {words.more}
        </button>
      </div>
      {dialog === 'leave' ? (
        <LeaveDialog
          call={call}
          room={leads && !place?.meeting ? place?.id : undefined}
          onClose={close}
        />
      ) : null}
      {dialog === 'people' ? (
        <PeopleDialog
          call={call}
          room={leads ? place?.id : undefined}
          hub={place?.meeting ? null : hub}
          onClose={close}
        />
      ) : null}
      {dialog === 'more' ? <MoreDialog call={call} onClose={close} /> : null}
    </div>
  );
}

function useHubSide(id?: RoomId, socket?: ChatSocket): HubSide | null {
  const hub = useMemo(() => {
    if (id === undefined || !socket) return null;
    return new HubSide({
      read: () => readCall(id),
      raise: (up) => raiseHand(id, up),
      answer: (person, floor) => answerHand(id, person, floor),
      lock: (locked) => lockCall(id, locked),
      admit: (person, admit) => answerWaiting(id, person, admit),
      hear: (listener) => socket.hear(`live:${id}`, listener),
      clock: systemClock,
    });
  }, [id, socket]);
  useEffect(() => () => hub?.stop(), [hub]);
  return hub;
}

/** What state the call is in, in words; nothing while all is well. */
function StageLine({ call, stage }: Pick<Props, 'call' | 'stage'>) {
  const words = texts();
  const slow = call.slow.value;
  const weak = call.people.value[0]?.weak === true && !call.saver.value;
  let said = '';
  if (stage.at === 'joining') said = slow ? words.stages.slow : words.stages.joining;
  if (stage.at === 'resuming' && slow) said = words.stages.resuming;
  if (stage.at === 'rejoining') said = words.stages.rejoining(stage.n);
  if (stage.at === 'live' && weak) said = words.stages.unstable;
  const warn = stage.at === 'rejoining' || stage.at === 'live';
  return (
    <p role="status" class={said ? `${css.stage} ${warn ? css.warn : ''}` : 'hidden-text'}>
      {said}
    </p>
  );
}

/** What keeps the call from being heard or seen, each with the way out of it. */
function Troubles({ call }: { call: Call }) {
  const words = texts();
  const trouble = call.trouble.value;
  return (
    <>
      {call.silent.value ? (
        <button type="button" class="button primary wide" onClick={() => void call.unsilence()}>
          {words.sound}
        </button>
      ) : null}
      {call.interrupted.value ? (
        <button type="button" class="button primary wide" onClick={() => void call.restore()}>
          {words.restore}
        </button>
      ) : null}
      {call.saver.value ? (
        <div class={css.stage} role="status">
          <p>{words.saver}</p>
          <button type="button" class="button" onClick={() => call.tryPictures()}>
            {words.tryPictures}
          </button>
        </div>
      ) : null}
      {call.deaf.value && !call.interrupted.value ? <Notice warn>{words.notHeard}</Notice> : null}
      {call.swaps.value > 0 ? (
        <p key={call.swaps.value} role="status" class={css.stage}>
          {words.swapped}
        </p>
      ) : null}
      {trouble ? <Notice warn>{words.troubles[trouble.name] ?? words.trouble}</Notice> : null}
    </>
  );
}

const KEYS: Record<Device, string> = { mic: 'm', camera: 'v' };

interface SwitchProps {
  device: Device;
  call: Call;
  me: Attendee | undefined;
}

/** Shows the track as the server has it. */
function Switch({ device, call, me }: SwitchProps) {
  const [busy, setBusy] = useState(false);
  const words = texts();
  const on = me?.[device] ?? false;
  const press = () => {
    setBusy(true);
    void call.set(device, !on).then(() => setBusy(false));
  };
  return (
    <button
      type="button"
      class="button"
      aria-pressed={on}
      aria-keyshortcuts={KEYS[device]}
      data-key={KEYS[device]}
      disabled={busy || !me}
      onClick={press}
    >
      {words[device]}
      <span class="small quiet"> {on ? words.on : words.off}</span>
    </button>
  );
}
