/** Raised hands: one's own, the queue, and the floor that a leader gives. */

import { useState } from 'preact/hooks';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { PersonId } from '../../wire/types.ts';
import css from './Calls.module.css';
import type { HubSide } from './hub_side.ts';
import { texts } from './texts.ts';

interface Props {
  hub: HubSide;
  me: PersonId;
}

export function HandButton({ hub, me }: Props) {
  const action = useAction();
  const words = texts();
  const queue = hub.hands.value;
  const place = queue?.findIndex((hand) => hand.person === me) ?? -1;
  const up = place >= 0;
  return (
    <button
      type="button"
      class="button"
      aria-pressed={up}
      aria-keyshortcuts="h"
      data-key="h"
      disabled={action.busy || queue === null}
      onClick={() => void action.run(() => hub.raise(!up))}
    >
      {up ? words.lower : words.raise}
      {up ? <span class="small quiet"> {words.place(place + 1)}</span> : null}
    </button>
  );
}

interface FloorProps extends Props {
  /** Opens the microphone. */
  open(): Promise<void>;
}

/** The leader asks one to speak. The microphone opens by one's own hand alone. */
export function FloorCard({ hub, me, open }: FloorProps) {
  const action = useAction();
  const [later, setLater] = useState(false);
  const words = texts();
  const mine = hub.hands.value?.find((hand) => hand.person === me);
  if (!mine?.floor) {
    if (later) setLater(false);
    return null;
  }
  if (later) return null;
  const speak = () =>
    action.run(async () => {
      await open();
      await hub.raise(false);
    });
  return (
    <section class="card stack" role="alert">
      <h2>{words.floor}</h2>
      <button
        type="button"
        class="button primary wide"
        disabled={action.busy}
        onClick={() => void speak()}
      >
        {words.openMic}
      </button>
      <button type="button" class="button wide" onClick={() => setLater(true)}>
        {words.later}
      </button>
      <Refused action={action} />
    </section>
  );
}

export function HandList({ hub, leads }: { hub: HubSide; leads: boolean }) {
  const action = useAction();
  const words = texts();
  const queue = hub.hands.value;
  if (!queue?.length) return null;
  return (
    <section class="card stack" aria-labelledby="hands">
      <h2 id="hands">{words.hands(queue.length)}</h2>
      <ol>
        {queue.map((hand, index) => (
          <li key={hand.person} class={css.hand}>
            <span>
              {index + 1}. {hand.name}
              {hand.floor ? <span class="small quiet"> {words.asked}</span> : null}
            </span>
            {leads ? (
              <span class={css.answers}>
                {hand.floor ? null : (
                  <button
                    type="button"
                    class="button"
                    aria-label={words.giveTo(hand.name)}
                    disabled={action.busy}
                    onClick={() => void action.run(() => hub.answer(hand.person, true))}
                  >
                    {words.give}
                  </button>
                )}
                <button
                  type="button"
                  class="button"
                  aria-label={words.lowerOf(hand.name)}
                  disabled={action.busy}
                  onClick={() => void action.run(() => hub.answer(hand.person, false))}
                >
                  {words.lower}
                </button>
              </span>
            ) : null}
          </li>
        ))}
      </ol>
      <Refused action={action} />
    </section>
  );
}
