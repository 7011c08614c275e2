/** What can be done with one message, who has read it, and what it said before. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import type { Item, PersonId, RoomId } from '../../wire/types.ts';
import css from './ChatScreen.module.css';
import { changesOf } from './changes.ts';
import type { Chat } from './chat.ts';
import { menuTexts } from './menu_texts.ts';

interface Props {
  item: Item;
  me: PersonId;
  /** The caller leads the room. */
  leads: boolean;
  chat: Pick<Chat, 'changes' | 'readers' | 'versions'>;
  room: RoomId;
  onClose(): void;
  onReply(): void;
  onEdit(): void;
  /** Something was asked of the hub; the menu closes. */
  onChange(change: Promise<void>): void;
}

type View = 'actions' | 'readers' | 'versions';

export function MessageMenu(props: Props) {
  const [view, setView] = useState<View>('actions');
  const words = menuTexts();
  const titles = {
    actions: t().room.actions,
    readers: words.readers,
    versions: words.versions,
  };
  return (
    <Dialog title={titles[view]} onClose={props.onClose}>
      {view === 'actions' ? <Actions {...props} onView={setView} /> : null}
      {view === 'readers' ? <Readers {...props} /> : null}
      {view === 'versions' ? <Versions {...props} /> : null}
      {view === 'actions' ? null : (
        <button type="button" class="button wide" onClick={() => setView('actions')}>
          {words.back}
        </button>
      )}
    </Dialog>
  );
}

function Actions(props: Props & { onView(view: View): void }) {
  const { item, me, leads, chat, room: id, onReply, onEdit, onChange, onView } = props;
  const { room } = t();
  const words = menuTexts();
  const [said, setSaid] = useState('');
  const may = changesOf(item, me, Date.now());
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(item.text ?? '');
      setSaid(room.copied);
    } catch {
      setSaid(room.copyFailed);
    }
  };
  const withdraw = () => onChange(chat.changes.withdraw(id, item.seq));
  const pin = () => onChange(chat.changes.pin(id, item.seq, !item.pinned));
  return (
    <>
      <p class={css.preview} data-preview>
        {item.text}
      </p>
      <Choice
        item={item}
        onReact={(emoji, on) => onChange(chat.changes.react(id, item.seq, emoji, on))}
      />
      <Action icon="reply" label={room.reply} onPress={onReply} />
      <Action icon="copy" label={room.copy} onPress={() => void copy()} />
      {may.edit ? <Action icon="edit" label={room.edit} onPress={onEdit} /> : null}
      {may.withdraw ? <Action icon="undo" label={room.withdraw} onPress={withdraw} /> : null}
      {leads ? (
        <Action icon="pin" label={item.pinned ? words.unpin : words.pin} onPress={pin} />
      ) : null}
      <Action icon="eye" label={words.readers} onPress={() => onView('readers')} />
      {item.edited ? (
        <Action icon="clock" label={words.versions} onPress={() => onView('versions')} />
      ) : null}
      <p role="status" class="small quiet">
        {said}
      </p>
    </>
  );
}

function Choice({ item, onReact }: { item: Item; onReact(emoji: string, on: boolean): void }) {
  const words = menuTexts();
  const mine = new Set((item.reactions ?? []).flatMap((one) => (one.mine ? [one.emoji] : [])));
  return (
    <fieldset class={css.faces} aria-label={words.react}>
      {words.faces.map(([emoji = '', word]) => (
        <button
          key={emoji}
          type="button"
          class={css.face}
          aria-pressed={mine.has(emoji)}
          onClick={() => onReact(emoji, !mine.has(emoji))}
        >
          <span aria-hidden="true">{emoji}</span>
          <span class="small">{word}</span>
        </button>
      ))}
    </fieldset>
  );
}

interface ActionProps {
  icon: IconName;
  label: string;
  onPress(): void;
}

function Action({ icon, label, onPress }: ActionProps) {
  return (
    <button type="button" class="list-button" onClick={onPress}>
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}

function Readers({ item, chat, room }: Props) {
  const known = useLoaded(() => chat.readers(room, item.seq), `${item.seq}`);
  const words = menuTexts();
  return (
    <Faced of={known} code="E-消息-400">
      {({ readers, read, of }) => (
        <div class="stack">
          <p>{read === 0 ? words.nobody : words.readBy(read, of)}</p>
          <ul class={css.members}>
            {readers.map((one) => (
              <li key={one.person} class={css.member}>
                <Avatar name={one.name} id={one.person} />
                <span>{one.name}</span>
              </li>
            ))}
            {read > readers.length ? <li>{words.more(read - readers.length)}</li> : null}
          </ul>
          <p class="small quiet">{words.openly}</p>
        </div>
      )}
    </Faced>
  );
}

function Versions({ item, chat, room }: Props) {
  const known = useLoaded(() => chat.versions(room, item.seq), `${item.seq}`);
  const words = menuTexts();
  const { day, clock } = t();
  return (
    <Faced of={known} code="E-消息-500">
      {(versions) => (
        <ol class={css.versions}>
          {[...versions].reverse().map((one, ago) => (
            <li key={one.seq}>
              <p class="small quiet numbers">
                {ago === 0 ? words.now : `${day(one.ts, Date.now())} ${clock(one.ts)}`}
              </p>
              <p>{one.text}</p>
            </li>
          ))}
        </ol>
      )}
    </Faced>
  );
}
