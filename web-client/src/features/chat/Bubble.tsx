/** One message: of another, of one's own, on its way; and the lines between. */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { CallEnded, Item, Quote, RefusalCode } from '../../wire/types.ts';
import css from './Bubble.module.css';
import { partsOf } from './links.ts';
import { type Entry, EXPIRED, NOT_STORED, type Outbox } from './outbox.ts';

interface LineProps {
  item: Item;
  follows: boolean;
  own: boolean;
  name: string;
  /** What the author leads the room as; empty for a member. */
  role: string;
  /** Name of the author of the message replied to. */
  quoted: string;
  /** Names called in it, one a line. */
  called: string;
  onMenu(item: Item): void;
  onReact(item: Item, emoji: string, on: boolean): void;
  onJump(seq: number): void;
}

export function LineBubble(props: LineProps) {
  const { item, follows, own, name, role, quoted, called, onMenu, onReact, onJump } = props;
  const texts = t();
  return useMemo(
    () => (
      <article class={classOf(own, follows)}>
        {own ? null : <Avatar name={name} id={item.from} />}
        <div class={css.body}>
          {own || follows ? null : <Head name={name} role={role} />}
          <div class={css.bubble}>
            {own ? <span class="hidden-text">{texts.inbox.you}</span> : null}
            {own || !follows ? null : <span class="hidden-text">{name}</span>}
            {item.reply_to ? (
              <QuoteView quote={item.reply_to} name={quoted} onJump={onJump} />
            ) : null}
            <Words item={item} called={called ? called.split('\n') : []} />
            <p class={css.foot}>
              <span class="numbers">{texts.clock(item.ts)}</span>
              {item.edited ? <span>{texts.room.edited}</span> : null}
              {item.state === 'shown' ? (
                <button
                  type="button"
                  class={css.more}
                  aria-label={texts.room.actions}
                  aria-haspopup="dialog"
                  onClick={() => onMenu(item)}
                >
                  <Icon name="more" />
                </button>
              ) : null}
            </p>
          </div>
          {item.reactions?.length ? <Reactions item={item} onReact={onReact} /> : null}
        </div>
      </article>
    ),
    [item, follows, own, name, role, quoted, called, texts],
  );
}

function classOf(own: boolean, follows: boolean): string {
  return `${css.message} ${own ? css.own : ''} ${follows ? css.follows : ''}`;
}

function Head({ name, role }: { name: string; role: string }) {
  return (
    <p class={css.head}>
      <span>{name}</span>
      {role ? <span class={css.role}>{role}</span> : null}
    </p>
  );
}

function Words({ item, called }: { item: Item; called: readonly string[] }) {
  const { room } = t();
  if (item.state === 'withdrawn') return <p class={css.gone}>{room.withdrawn}</p>;
  if (item.state === 'hidden') return <p class={css.gone}>{room.hidden}</p>;
  return <Text text={item.text ?? ''} called={called} />;
}

function Text({ text, called = [] }: { text: string; called?: readonly string[] }) {
  return (
    <p class={css.text}>
      {partsOf(text, called).map((part, index) => {
        if ('link' in part) {
          return (
            <a key={index} href={part.link} target="_blank" rel="noopener noreferrer nofollow">
              {part.link}
            </a>
          );
        }
        return 'name' in part ? <strong key={index}>{part.name}</strong> : part.text;
      })}
    </p>
  );
}

interface QuoteProps {
  quote: Quote;
  name: string;
  onJump(seq: number): void;
}

function QuoteView({ quote, name, onJump }: QuoteProps) {
  const { room } = t();
  const known = quote.from !== '';
  const words = known ? (quote.text ?? room.quoteGone) : room.quoteElsewhere;
  return (
    <button type="button" class={css.quote} onClick={() => onJump(quote.seq)}>
      {known ? <strong>{name || room.someone}</strong> : null}
      <span data-preview>{words}</span>
    </button>
  );
}

interface ReactionsProps {
  item: Item;
  onReact(item: Item, emoji: string, on: boolean): void;
}

/** How often each reaction was set; a press sets one's own or takes it back. */
function Reactions({ item, onReact }: ReactionsProps) {
  const { room } = t();
  return (
    <p class={css.reactions}>
      {item.reactions?.map(({ emoji, count, mine }) => (
        <button
          key={emoji}
          type="button"
          class={css.reaction}
          aria-pressed={mine}
          aria-label={room.reaction(emoji, count)}
          onClick={() => onReact(item, emoji, !mine)}
        >
          <span>{emoji}</span>
          <span class="numbers">{count}</span>
        </button>
      ))}
    </p>
  );
}

/** What happened in the room. `name` is who did it. */
export function NoticeLine({ item, name }: { item: Item; name: string }) {
  if (item.call) return <CallLine call={item.call} />;
  const words = noticeWords(item, name);
  return words ? <p class={css.notice}>{words}</p> : null;
}

function noticeWords(item: Item, name: string): string {
  const { room } = t();
  const subject = item.text ?? '';
  switch (item.t) {
    case 'joined':
      return room.joined(subject);
    case 'left':
      return room.left(subject);
    case 'room':
      return room.retitled(subject);
    case 'call_started':
      return room.callStarted(name);
    default:
      return '';
  }
}

/** How long a call was; opened, who was there. */
function CallLine({ call }: { call: CallEnded }) {
  const { room } = t();
  const { attended, seconds } = call;
  return (
    <details class={css.notice}>
      <summary>{room.callEnded(Math.ceil(seconds / 60), attended.length)}</summary>
      {attended.map((one) => (
        <p key={one.person}>{room.attended(one.name, Math.ceil(one.seconds / 60))}</p>
      ))}
    </details>
  );
}

/** A message on its way: the same bubble with its state in words. */
export function EntryBubble({ entry, outbox }: { entry: Entry; outbox: Outbox }) {
  const texts = t();
  return (
    <article class={classOf(true, false)}>
      <div class={css.body}>
        <div class={css.bubble}>
          <span class="hidden-text">{texts.inbox.you}</span>
          <Text text={entry.text} />
          <p class={css.foot}>
            <span class="numbers">{texts.clock(entry.madeAt)}</span>
            <EntryState entry={entry} />
          </p>
        </div>
        {entry.state === 'failed' ? <FailedLine entry={entry} outbox={outbox} /> : null}
      </div>
    </article>
  );
}

function EntryState({ entry }: { entry: Entry }) {
  const word = t().room.states[entry.state];
  if (!word) return null;
  return (
    <span class={entry.state === 'failed' ? css.failed : css.state}>
      <Icon name={entry.state === 'failed' ? 'alert' : 'clock'} />
      <span>{word}</span>
    </span>
  );
}

function FailedLine({ entry, outbox }: { entry: Entry; outbox: Outbox }) {
  const { room } = t();
  return (
    <div class={css.failedLine}>
      <p class="small" role="alert">
        {reason(entry)}
      </p>
      <Buttons>
        <button type="button" class="button" onClick={() => void outbox.retry(entry.cid)}>
          {room.resend}
        </button>
        <button type="button" class="button" onClick={() => void outbox.discard(entry.cid)}>
          {room.discard}
        </button>
      </Buttons>
    </div>
  );
}

function Buttons({ children }: { children: ComponentChildren }) {
  return <p class={css.buttons}>{children}</p>;
}

/** Why the message was not sent, in words. */
function reason(entry: Entry): string {
  const { room, refusals } = t();
  if (entry.failed === EXPIRED) return room.failedExpired;
  if (entry.failed === NOT_STORED) return room.failedNotStored;
  // A word that this client does not know yet has no text of its own.
  return refusals[entry.failed as RefusalCode] ?? refusals.invalid_input;
}
