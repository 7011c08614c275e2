/** The line above the composer: who is typing. Loaded after the room itself. */

import { useEffect, useMemo } from 'preact/hooks';
import { inLanguage } from '../../i18n/texts.ts';
import { systemClock } from '../../platform/clock.ts';
import type { ChatSocket } from '../../wire/chat_socket.ts';
import type { PersonId } from '../../wire/types.ts';
import css from './ChatScreen.module.css';
import type { Room } from './room.ts';
import { RoomLive } from './room_live.ts';

const NAMES_MAX = 2;

const zh = {
  typing: (names: string[], more: number) =>
    more > 0
      ? `${names.join('、')}等${names.length + more}人正在输入…`
      : `${names.join('、')}正在输入…`,
};
const en: typeof zh = {
  typing: (names, more) =>
    more > 0 ? `${names.join(', ')} and ${more} more are typing…` : `${names.join(', ')} typing…`,
};

interface Props {
  room: Room;
  me: PersonId;
  socket: ChatSocket;
  /** Called by the page whenever the member types. */
  typed: { current(): void };
}

export function LiveLine({ room, me, socket, typed }: Props) {
  const live = useMemo(
    () => new RoomLive({ room: room.id, me, socket, clock: systemClock }),
    [room, me, socket],
  );
  useEffect(() => {
    typed.current = () => live.typed();
    return () => {
      typed.current = () => {};
      live.stop();
    };
  }, [live, typed]);
  const { count, from } = room.arrived.value;
  useEffect(() => live.stopped(from), [live, count, from]);
  const online = live.online.value;
  useEffect(() => {
    room.online.value = online;
  }, [room, online]);
  const names = live.typing.value.map((one) => room.log.people.get(one) ?? '').filter(Boolean);
  if (names.length === 0) return null;
  const { typing } = inLanguage(zh, en);
  const more = Math.max(0, names.length - NAMES_MAX);
  return (
    <p class={`${css.typing} small quiet`} data-preview>
      {typing(names.slice(0, NAMES_MAX), more)}
    </p>
  );
}
