/** The open room: title, pinned message, the list, the composer. */

import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { wide } from '../../platform/screen.ts';
import { urls } from '../../routes.ts';
import { ErrorFace, Face, Loading, Notice } from '../../ui/Faces.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Later } from '../../ui/Later.tsx';
import { Page } from '../../ui/Page.tsx';
import { CallFailed, mayRetry } from '../../wire/chat_socket.ts';
import type { Item, PersonId, RefusalCode, RoomId } from '../../wire/types.ts';
import css from './ChatScreen.module.css';
import { type About, Composer } from './Composer.tsx';
import type { Chat } from './chat.ts';
import type { ChatStores } from './chat_stores.ts';
import { MessageList } from './MessageList.tsx';
import { mentionsIn } from './mentions.ts';
import type { Room } from './room.ts';

const livePart = () => import('./LiveLine.tsx').then((part) => part.LiveLine);
const menuPart = () => import('./MessageMenu.tsx').then((part) => part.MessageMenu);

interface PaneProps {
  chat: Chat;
  stores: ChatStores;
  me: PersonId;
  id: RoomId;
  strip: ComponentChildren;
  calling(room: RoomId, news: number): ComponentChildren;
  /** The pane stands beside another page, which has the heading and the way back. */
  beside?: boolean;
}

export function RoomPane({ chat, stores, me, id, strip, calling, beside }: PaneProps) {
  // Before anything is drawn: what is drawn counts as seen.
  const room = useMemo(() => chat.visit(id), [chat, id]);
  const [menu, setMenu] = useState<Item | null>(null);
  const [about, setAbout] = useState<About | null>(null);
  const [problem, setProblem] = useState('');
  const summary = chat.list.value?.find((line) => line.room === id);
  const typed = useRef(() => {});
  const texts = t();
  const title = room.log.title ?? summary?.title ?? texts.inbox.title;
  const nameOf = (item: Item) => room.log.people.get(item.from) ?? texts.room.someone;
  const leaderTitle = summary?.kind === 'party_group' ? texts.room.leader : texts.room.chair;
  const waiting = chat.outbox.entries.value.some((entry) => entry.room === id);
  const told = (change: Promise<void>) => {
    setProblem('');
    change.catch((error: unknown) => setProblem(problemOf(error)));
  };
  const send = (text: string) => {
    const mentions = mentionsIn(text, room.members.peek() ?? []);
    if (about?.kind === 'edit') told(chat.changes.edit(id, about.item.seq, text));
    else void chat.outbox.add({ room: id, text, replyTo: about?.item.seq ?? null, mentions });
    setAbout(null);
  };
  const choose = (kind: About['kind'], item: Item) => {
    setAbout({ kind, item, name: nameOf(item) });
    setMenu(null);
  };
  const Pane = beside ? 'section' : 'main';
  const content = (
    <>
      <Pane
        {...(beside ? { 'aria-label': title } : { id: 'content' })}
        class={css.pane}
        onInput={() => typed.current()}
      >
        <Content room={room} waiting={waiting}>
          {calling(id, room.news.value)}
          <PinnedLine room={room} />
          <MessageList
            room={room}
            outbox={chat.outbox}
            me={me}
            leaderTitle={leaderTitle}
            onMenu={setMenu}
            onReact={(item, emoji, on) => told(chat.changes.react(id, item.seq, emoji, on))}
          />
          <Later quiet load={livePart} props={{ room, me, socket: chat.socket, typed }} />
          {problem ? <Notice>{problem}</Notice> : null}
          <Composer
            field={`room:${id}`}
            drafts={stores.drafts}
            about={about}
            members={room.members.value ?? []}
            me={me}
            onCancel={() => setAbout(null)}
            onSend={send}
          />
        </Content>
      </Pane>
      {menu ? (
        <Later
          load={menuPart}
          props={{
            item: menu,
            me,
            leads: summary?.role === 'leader',
            chat,
            room: id,
            onClose: () => setMenu(null),
            onReply: () => choose('reply', menu),
            onEdit: () => choose('edit', menu),
            onChange: (change: Promise<void>) => {
              told(change);
              setMenu(null);
            },
          }}
        />
      ) : null}
    </>
  );
  if (beside) return content;
  return (
    <Page
      title={title}
      {...(summary ? { under: texts.inbox.members(summary.members, room.online.value) } : {})}
      {...(wide.value ? {} : { back: urls.inbox })}
      strip={strip}
      menu={
        <Link href={urls.roomInfo(id)} class="list-button">
          <Icon name="people" />
          <span>{texts.info.title}</span>
          <Icon name="next" />
        </Link>
      }
      bare
    >
      {content}
    </Page>
  );
}

/** Why a change was not made, in words. */
function problemOf(error: unknown): string {
  const { refusals, room } = t();
  const word = error instanceof CallFailed && !mayRetry(error) ? error.word : '';
  return refusals[word as RefusalCode] ?? room.changeFailed;
}

interface ContentProps {
  room: Room;
  /** Messages of this room are on their way. */
  waiting: boolean;
  children: ComponentChildren;
}

/** The faces of a room. */
function Content({ room, waiting, children }: ContentProps) {
  const { room: texts } = t();
  const face = room.face.value;
  // What waits to be sent is shown even when nothing else of the room is known.
  switch (face !== 'denied' && waiting ? 'ready' : face) {
    case 'loading':
      return <Loading />;
    case 'error':
      return <ErrorFace code="E-消息-200" onRetry={() => room.reopen()} />;
    case 'denied':
      return (
        <Face icon="lock" title={texts.denied} text={texts.deniedHelp}>
          <Link href={urls.inbox} class="button">
            {texts.toInbox}
          </Link>
        </Face>
      );
    case 'ready':
      return (
        <>
          <SavedLine room={room} />
          {children}
        </>
      );
  }
}

/** The message pinned last, in one line; a press goes there. */
function PinnedLine({ room }: { room: Room }) {
  const item = room.pins.value[0];
  if (!item) return null;
  return (
    <button
      type="button"
      class={css.pinned}
      onClick={() => void room.jump(item.seq).catch(() => {})}
    >
      <Icon name="pin" />
      <span class={css.pinnedWords} data-preview>
        <span class="hidden-text">{t().room.pinned} </span>
        {item.text}
      </span>
    </button>
  );
}

/** While only the copy on the device is shown: since when it stands. */
function SavedLine({ room }: { room: Room }) {
  const at = room.savedAt.value;
  const { common, day, clock } = t();
  if (at === null) return null;
  return (
    <p class={`${css.saved} small quiet`}>
      {common.savedAt(`${day(at, Date.now())} ${clock(at)}`)}
    </p>
  );
}
