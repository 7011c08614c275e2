/** Whether others see that one is there. */

import { useEffect, useState } from 'preact/hooks';
import { Choices } from '../../ui/Choices.tsx';
import { Notice } from '../../ui/Faces.tsx';
import type { ChatSocket } from '../../wire/chat_socket.ts';
import { meTexts } from './me_texts.ts';

const VALUES = ['shown', 'hidden'] as const;

export function PresenceCard({ socket }: { socket: ChatSocket }) {
  const [shown, setShown] = useState<boolean | null>(null);
  const [failed, setFailed] = useState(false);
  const words = meTexts();
  const there = socket.state.value.at === 'online';
  useEffect(() => {
    if (!there) return;
    socket.call('presence.get', {}).then(
      (set) => setShown(set.shown),
      () => setFailed(true),
    );
  }, [socket, there]);
  const set = (wanted: boolean) => {
    setFailed(false);
    socket.call('presence.set', { shown: wanted }).then(
      (now) => setShown(now.shown),
      () => setFailed(true),
    );
  };
  return (
    <section class="card stack" aria-labelledby="presence">
      <h2 id="presence">{words.presence}</h2>
      {shown === null ? null : (
        <Choices
          label={words.presenceShown}
          values={VALUES}
          names={words.presenceNames}
          value={shown ? 'shown' : 'hidden'}
          onChange={(next) => set(next === 'shown')}
        />
      )}
      <p class="small quiet">{words.presenceHelp}</p>
      {failed ? <Notice>{words.presenceFailed}</Notice> : null}
    </section>
  );
}
