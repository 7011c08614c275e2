/** 消息: the list of rooms, and beside or instead of it the open room. */

import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { wide } from '../../platform/screen.ts';
import { urls } from '../../routes.ts';
import { ErrorFace, Face, Loading, Notice } from '../../ui/Faces.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Page } from '../../ui/Page.tsx';
import { CallFailed, mayRetry } from '../../wire/chat_socket.ts';
import type { Item, PersonId, RefusalCode, RoomId } from '../../wire/types.ts';
import css from './ChatScreen.module.css';
import { type About, Composer } from './Composer.tsx';
import type { Chat } from './chat.ts';
import type { ChatStores } from './chat_stores.ts';
import { MessageList } from './MessageList.tsx';
import { MessageMenu } from './MessageMenu.tsx';
import { mentionsIn } from './mentions.ts';
import { RoomList } from './RoomList.tsx';
import type { Room } from './room.ts';

interface Props {
  chat: Chat;
  stores: ChatStores;
  me: PersonId;
  room: RoomId | null;
  strip: ComponentChildren;
}

export function ChatScreen({ chat, stores, me, room, strip }: Props) {
  if (room === null && !wide.value) {
    return (
      <Page title={t().inbox.title} strip={strip}>
        <RoomList chat={chat} me={me} />
      </Page>
    );
  }
  return (
    <div class={css.screen}>
      {wide.value ? <Side chat={chat} me={me} open={room ?? undefined} /> : null}
      {room === null ? (
        <NoRoom strip={strip} />
      ) : (
        <RoomPane key={room} chat={chat} stores={stores} me={me} id={room} strip={strip} />
      )}
    </div>
  );
}

function Side({ chat, me, open }: { chat: Chat; me: PersonId; open: RoomId | undefined }) {
  return (
    <section class={css.side} aria-label={t().inbox.title}>
      <h2>{t().inbox.title}</h2>
      <RoomList chat={chat} me={me} open={open} />
    </section>
  );
}

function NoRoom({ strip }: { strip: ComponentChildren }) {
  return (
    <Page title={t().product} strip={strip}>
      <Face icon="chat" title={t().inbox.pick} />
    </Page>
  );
}

interface PaneProps {
  chat: Chat;
  stores: ChatStores;
  me: PersonId;
  id: RoomId;
  strip: ComponentChildren;
}

function RoomPane({ chat, stores, me, id, strip }: PaneProps) {
  // Before anything is drawn: what is drawn counts as seen.
  const room = useMemo(() => chat.visit(id), [chat, id]);
  const [menu, setMenu] = useState<Item | null>(null);
  const [about, setAbout] = useState<About | null>(null);
  const [problem, setProblem] = useState('');
  const summary = chat.list.value?.find((line) => line.room === id);
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
  return (
    <Page
      title={title}
      {...(summary ? { under: texts.inbox.members(summary.members) } : {})}
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
      <main id="content" class={css.pane}>
        <Content room={room} waiting={waiting}>
          <MessageList
            room={room}
            outbox={chat.outbox}
            me={me}
            leaderTitle={leaderTitle}
            onMenu={setMenu}
          />
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
      </main>
      {menu ? (
        <MessageMenu
          item={menu}
          me={me}
          onClose={() => setMenu(null)}
          onReply={() => choose('reply', menu)}
          onEdit={() => choose('edit', menu)}
          onWithdraw={() => {
            told(chat.changes.withdraw(id, menu.seq));
            setMenu(null);
          }}
        />
      ) : null}
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
