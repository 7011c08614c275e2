/** In the chat: the way into the room's call, or the beginning of one. */

import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { systemClock } from '../../platform/clock.ts';
import { Icon } from '../../ui/Icon.tsx';
import { failureFrom } from '../../wire/http.ts';
import type { CallState, PersonId, RoomId } from '../../wire/types.ts';
import { active } from './active.ts';
import { readCall } from './api.ts';
import css from './Calls.module.css';
import { texts } from './texts.ts';

const LOOK_MS = 15_000;

interface Props {
  id: RoomId;
  /** Where the call is held. */
  href: string;
  me: PersonId;
  /** Changes when the room's log told of a call. */
  news: number;
}

export function CallBar({ id, href, me, news }: Props) {
  const inside = active.value?.room === id;
  const [state, setState] = useState<CallState | null>(null);
  const [offered, setOffered] = useState(true);
  useEffect(() => {
    let cancel = () => {};
    let over = false;
    const look = async () => {
      try {
        setState(await readCall(id));
      } catch (error) {
        const failure = failureFrom(error);
        if (failure.kind === 'refused' && failure.code !== 'unavailable') return setOffered(false);
        setState(null);
      }
      if (!over) cancel = systemClock.after(LOOK_MS, () => void look());
    };
    void look();
    return () => {
      over = true;
      cancel();
    };
  }, [id, news]);
  if (!offered || (!state && !inside)) return null;
  const words = texts();
  const open = state?.open;
  const floor = open?.hands.some((hand) => hand.person === me && hand.floor) === true;
  const label = inside
    ? floor
      ? words.floor
      : words.back
    : open
      ? words.join(open.present.length)
      : words.start;
  return (
    <Link href={href} class={`list-button ${open || inside ? css.open : ''}`}>
      <Icon name="phone" />
      <span>{label}</span>
      <Icon name="next" />
    </Link>
  );
}
