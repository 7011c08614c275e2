/** 消息: the list of rooms, and beside or instead of it the open room. */

import type { ComponentChildren } from 'preact';
import { t } from '../../i18n/texts.ts';
import { wide } from '../../platform/screen.ts';
import { Face } from '../../ui/Faces.tsx';
import { Page } from '../../ui/Page.tsx';
import type { PersonId, RoomId } from '../../wire/types.ts';
import css from './ChatScreen.module.css';
import type { Chat } from './chat.ts';
import type { ChatStores } from './chat_stores.ts';
import { RoomList } from './RoomList.tsx';
import { RoomPane } from './RoomPane.tsx';

interface Props {
  chat: Chat;
  stores: ChatStores;
  me: PersonId;
  room: RoomId | null;
  strip: ComponentChildren;
  /** The way into a room's call; `news` changes when its log told of one. */
  calling(room: RoomId, news: number): ComponentChildren;
}

export function ChatScreen({ chat, stores, me, room, strip, calling }: Props) {
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
        <RoomPane
          key={room}
          chat={chat}
          stores={stores}
          me={me}
          id={room}
          strip={strip}
          calling={calling}
        />
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
