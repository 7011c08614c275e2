/** Reads new messages of others out: at most one sentence each three seconds. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import type { Room } from './room.ts';

const QUIET_MS = 3_000;

export function Announcer({ room }: { room: Room }) {
  const arrived = room.arrived.value;
  const told = useRef(arrived.count);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const [sentence, setSentence] = useState('');
  useEffect(() => {
    if (arrived.count === told.current || timer.current !== null) return;
    const say = () => {
      timer.current = null;
      const { count, from, text } = room.arrived.peek();
      const fresh = count - told.current;
      if (fresh === 0) return;
      told.current = count;
      const name = room.log.people.get(from) ?? t().room.someone;
      setSentence(fresh === 1 ? t().room.announceOne(name, text) : t().room.announce(fresh));
      timer.current = setTimeout(say, QUIET_MS);
    };
    say();
  }, [arrived, room]);
  useEffect(() => () => void (timer.current !== null && clearTimeout(timer.current)), []);
  return (
    <div class="hidden-text" role="status" aria-live="polite">
      {sentence}
    </div>
  );
}
