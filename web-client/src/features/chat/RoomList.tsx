/** The caller's rooms, last activity first. */

import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { ErrorFace, Face, Loading } from '../../ui/Faces.tsx';
import type { PersonId, RoomId, RoomSummary } from '../../wire/types.ts';
import type { Chat } from './chat.ts';
import css from './RoomList.module.css';

interface Props {
  chat: Chat;
  me: PersonId;
  /** The room that stands open beside the list. */
  open?: RoomId | undefined;
}

export function RoomList({ chat, me, open }: Props) {
  const texts = t();
  const rooms = chat.list.value;
  const savedAt = chat.savedAt.value;
  if (!rooms) {
    if (chat.listFace.value === 'loading') return <Loading />;
    return <ErrorFace code="E-消息-100" onRetry={() => void chat.refresh()} />;
  }
  if (rooms.length === 0) {
    return <Face icon="people" title={texts.inbox.empty} text={texts.inbox.emptyHelp} />;
  }
  return (
    <>
      {savedAt === null ? null : (
        <p class={`${css.saved} small quiet`}>{texts.common.savedAt(savedTime(savedAt))}</p>
      )}
      <ul class={css.list}>
        {rooms.map((room) => (
          <li key={room.room}>
            <Line room={room} me={me} open={room.room === open} />
          </li>
        ))}
      </ul>
    </>
  );
}

function savedTime(ms: number): string {
  return `${t().day(ms, Date.now())} ${t().clock(ms)}`;
}

function Line({ room, me, open }: { room: RoomSummary; me: PersonId; open: boolean }) {
  const texts = t();
  return (
    <Link
      href={urls.room(room.room)}
      class={`${css.line} ${open ? css.open : ''}`}
      aria-current={open ? 'page' : undefined}
    >
      <Avatar name={texts.inbox.kindMarks[room.kind]} id={room.kind} square />
      <span class={css.words}>
        <span class={css.first}>
          <span class={css.title}>{room.title}</span>
          {room.last ? (
            <span class={`${css.time} numbers`}>{texts.moment(room.last.ts, Date.now())}</span>
          ) : null}
        </span>
        <span class={css.second}>
          <span class={css.last} data-preview>
            {room.mentions > 0 ? (
              <strong class={css.mention}>[{texts.inbox.mentioned}] </strong>
            ) : null}
            {lastLine(room, me)}
          </span>
          <Badge count={room.unread} />
        </span>
      </span>
    </Link>
  );
}

function lastLine({ last }: RoomSummary, me: PersonId): string {
  const { inbox } = t();
  if (!last) return inbox.noMessage;
  return inbox.lastLine(last.from === me ? inbox.you : last.name, last.text || inbox.withdrawn);
}
