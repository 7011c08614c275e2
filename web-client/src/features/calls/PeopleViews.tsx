/** Who is in the call and who waits before its door; what a leader does about them. */

import { useState } from 'preact/hooks';
import type { Attendee } from '../../media/media_session.ts';
import { urls } from '../../routes.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { MediaSource, RoomId } from '../../wire/types.ts';
import { guestLink, mute, takeOut } from './api.ts';
import css from './Calls.module.css';
import type { Call } from './call.ts';
import type { HubSide } from './hub_side.ts';
import { texts } from './texts.ts';

/** For a leader, in the call: who asks to come in. */
export function DoorList({ hub }: { hub: HubSide }) {
  const action = useAction();
  const words = texts();
  const waiting = hub.open.value?.waiting ?? [];
  if (!waiting.length) return null;
  return (
    <section class="card stack" role="alert" aria-labelledby="waiting">
      <h2 id="waiting">{words.waiting(waiting.length)}</h2>
      <ul>
        {waiting.map(({ person, name }) => (
          <li key={person} class={css.hand}>
            <span>{name}</span>
            <span class={css.answers}>
              <button
                type="button"
                class="button primary"
                aria-label={words.admitOf(name)}
                disabled={action.busy}
                onClick={() => void action.run(() => hub.admit(person, true))}
              >
                {words.admit}
              </button>
              <button
                type="button"
                class="button"
                aria-label={words.refuseOf(name)}
                disabled={action.busy}
                onClick={() => void action.run(() => hub.admit(person, false))}
              >
                {words.refuse}
              </button>
            </span>
          </li>
        ))}
      </ul>
      <Refused action={action} />
    </section>
  );
}

interface PeopleProps {
  call: Call;
  /** Of whoever leads it. */
  room: RoomId | undefined;
  hub: HubSide | null;
  onClose(): void;
}

export function PeopleDialog({ call, room, hub, onClose }: PeopleProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const words = texts();
  const people = call.people.value;
  const one = people.find(({ person }) => person === chosen);
  if (room && one) {
    return (
      <Dialog title={one.name} onClose={onClose}>
        <Steps one={one} room={room} onBack={() => setChosen(null)} />
      </Dialog>
    );
  }
  return (
    <Dialog title={words.people(people.length)} onClose={onClose}>
      <div class="stack">
        <ul>
          {people.map(({ person, name, me, mic, camera }) => (
            <li key={person} class={css.hand}>
              <span>
                {me ? words.mine(name) : name}
                <span class="small quiet">
                  {` · ${words.mic}${mic ? words.on : words.off}`}
                  {` · ${words.camera}${camera ? words.on : words.off}`}
                </span>
              </span>
              {room && !me ? (
                <button
                  type="button"
                  class="button"
                  aria-label={words.manageOf(name)}
                  onClick={() => setChosen(person)}
                >
                  {words.manage}
                </button>
              ) : null}
            </li>
          ))}
        </ul>
        {room && hub ? <Door room={room} hub={hub} /> : null}
      </div>
    </Dialog>
  );
}

/** The lock, and the link for guests. */
function Door({ room, hub }: { room: RoomId; hub: HubSide }) {
  const action = useAction();
  const [link, setLink] = useState('');
  const words = texts();
  const locked = hub.open.value?.locked === true;
  const invite = () =>
    action.run(async () => {
      const given = await guestLink(room);
      const url = new URL(urls.guestCall(given.link), location.href).href;
      setLink(url);
      await navigator.clipboard?.writeText(url).catch(() => {});
    });
  return (
    <>
      <p class="quiet">{locked ? words.lockedHelp : words.openHelp}</p>
      <button
        type="button"
        class="button wide"
        aria-pressed={locked}
        disabled={action.busy || !hub.open.value}
        onClick={() => void action.run(() => hub.lock(!locked))}
      >
        {locked ? words.unlock : words.lock}
      </button>
      {locked ? null : (
        <button
          type="button"
          class="button wide"
          disabled={action.busy}
          onClick={() => void invite()}
        >
          {words.invite}
        </button>
      )}
      {link ? (
        <div class="field">
          <label for="guest-link">{words.guestLink}</label>
          <input
            id="guest-link"
            class="input"
            readOnly
            value={link}
            onFocus={(event) => event.currentTarget.select()}
          />
        </div>
      ) : null}
      <Refused action={action} />
    </>
  );
}

interface StepsProps {
  one: Attendee;
  room: RoomId;
  onBack(): void;
}

/** What a leader may do about one who is there. Nobody's microphone is opened from afar. */
function Steps({ one, room, onBack }: StepsProps) {
  const action = useAction();
  const [sure, setSure] = useState(false);
  const words = texts();
  const { person, name } = one;
  const sources: [MediaSource, boolean][] = [
    ['microphone', one.mic],
    ['camera', one.camera],
    ['screen', one.page !== null],
  ];
  const stop = (source: MediaSource) => action.run(() => mute(room, person, source));
  return (
    <div class="stack">
      {sources.map(([source, on]) =>
        on ? (
          <button
            key={source}
            type="button"
            class="button wide"
            disabled={action.busy}
            onClick={() => void stop(source)}
          >
            {words.stop[source]}
          </button>
        ) : null,
      )}
      {sure ? (
        <>
          <p role="alert">{words.takeOutSure(name)}</p>
          <button
            type="button"
            class={`button wide ${css.leave}`}
            disabled={action.busy}
            onClick={() =>
              void action.run(() => takeOut(room, person)).then((ok) => ok && onBack())
            }
          >
            {words.takeOutYes}
          </button>
        </>
      ) : (
        <button type="button" class={`button wide ${css.leave}`} onClick={() => setSure(true)}>
          {words.takeOut}
        </button>
      )}
      <button type="button" class="button wide" onClick={onBack}>
        {words.toPeople}
      </button>
      <Refused action={action} />
    </div>
  );
}
