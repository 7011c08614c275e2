/** Where a member writes: up to five lines, a draft that survives the page, a reply. */

import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Notice } from '../../ui/Faces.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { Item, PersonId, RoomMember } from '../../wire/types.ts';
import css from './Composer.module.css';
import type { DraftStore } from './chat_stores.ts';
import { offered, withName } from './mentions.ts';

/** Characters of one message, as the hub counts them. */
const TEXT_CHARS_MAX = 4_000;

/** The message that is answered or changed. */
export interface About {
  kind: 'reply' | 'edit';
  item: Item;
  /** Name of its author. */
  name: string;
}

interface Props {
  field: string;
  drafts: DraftStore;
  about: About | null;
  /** Members of the room, for calling them by name. */
  members: readonly RoomMember[];
  me: PersonId;
  onCancel(): void;
  onSend(text: string): void;
}

export function Composer({ field, drafts, about, members, me, onCancel, onSend }: Props) {
  const { room } = t();
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(field, drafts);
  const [changed, setChanged] = useState('');
  const editing = about?.kind === 'edit';
  // A change of an old message leaves the draft of a new one alone.
  const text = editing ? changed : draft.text;
  const setText = editing ? setChanged : draft.change;
  const long = Array.from(text).length > TEXT_CHARS_MAX;
  useGrowing(area, text);
  useEffect(() => {
    if (about?.kind === 'edit') setChanged(about.item.text ?? '');
    if (about) area.current?.focus();
  }, [about]);
  const send = () => {
    if (!text.trim() || long) return;
    setText('');
    onSend(text.trim());
    area.current?.focus();
  };
  return (
    <form
      class={`composer ${css.composer}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {long ? <Notice>{room.longerThan(TEXT_CHARS_MAX)}</Notice> : null}
      <Offered area={area} text={text} members={members} me={me} onPick={setText} />
      {about ? <AboutLine about={about} onCancel={onCancel} /> : null}
      <div class={css.row}>
        <textarea
          ref={area}
          class={`input ${css.area}`}
          rows={1}
          value={text}
          aria-label={editing ? room.editing : room.write}
          placeholder={room.write}
          enterkeyhint="enter"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            send();
          }}
        />
        <button
          type="submit"
          class={`button primary ${css.send}`}
          disabled={!text.trim() || long}
          // The keyboard of a phone stays when the button is pressed.
          onMouseDown={(event) => event.preventDefault()}
        >
          {editing ? room.save : room.send}
        </button>
      </div>
    </form>
  );
}

function AboutLine({ about, onCancel }: { about: About; onCancel(): void }) {
  const { room } = t();
  const edit = about.kind === 'edit';
  return (
    <div class={css.reply}>
      <p>
        <strong>{edit ? room.editing : room.replyTo(about.name)}</strong>
        <span data-preview>{about.item.text}</span>
      </p>
      <button
        type="button"
        class="icon-button"
        aria-label={edit ? room.cancelEdit : room.cancelReply}
        onClick={onCancel}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

interface OfferedProps {
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  members: readonly RoomMember[];
  me: PersonId;
  onPick(text: string): void;
}

/** While a name is typed after an `@`: the members it may be. */
function Offered({ area, text, members, me, onPick }: OfferedProps) {
  const { room } = t();
  const cursor = area.current?.selectionStart ?? text.length;
  const before = text.slice(0, cursor);
  const found = text.includes('@') ? offered(before, members, me) : null;
  if (!found || found.length === 0) return null;
  return (
    <fieldset class={css.offered} aria-label={room.offered}>
      {found.map((member) => (
        <button
          key={member.person}
          type="button"
          class="button"
          aria-label={room.mention(member.name)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            onPick(withName(before, text.slice(cursor), member.name));
            area.current?.focus();
          }}
        >
          {member.name}
        </button>
      ))}
    </fieldset>
  );
}

interface Draft {
  text: string;
  change(text: string): void;
}

/** The text of the field, written to the device with every change. */
function useDraft(field: string, drafts: DraftStore): Draft {
  const [text, setText] = useState('');
  const typed = useRef(false);
  useEffect(() => {
    void drafts
      .get(field)
      .catch(() => '')
      .then((kept) => {
        if (!typed.current && kept) setText(kept);
      });
  }, [field, drafts]);
  const change = (next: string) => {
    typed.current = true;
    setText(next);
    drafts.put(field, next).catch(() => {});
  };
  return { text, change };
}

/** As high as its text; the style sheet stops it at five lines. */
function useGrowing(area: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    if (!area.current) return;
    area.current.style.height = 'auto';
    area.current.style.height = `${area.current.scrollHeight + 2}px`;
  }, [area, text]);
}
