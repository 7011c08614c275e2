/** The messages of a room. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { Item } from '../../wire/types.ts';
import { Announcer } from './Announcer.tsx';
import { EntryBubble, LineBubble, NoticeLine } from './Bubble.tsx';
import css from './MessageList.module.css';
import type { Outbox } from './outbox.ts';
import type { Room } from './room.ts';
import { type Row, rowsOf } from './rows.ts';
import { ROWS_DRAWN_MAX, type Rows, useRows } from './use_rows.ts';

interface Props {
  room: Room;
  outbox: Outbox;
  me: string;
  leaderTitle: string;
  onMenu(item: Item): void;
  onReact(item: Item, emoji: string, on: boolean): void;
}

export function MessageList({ room, outbox, me, leaderTitle, onMenu, onReact }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const revision = room.revision.value;
  const entries = outbox.entries.value;
  const readBefore = room.readBefore.value;
  const rows = useMemo(() => {
    const own = entries.filter((entry) => entry.room === room.id);
    return rowsOf({ log: room.log, entries: own, readBefore, me });
  }, [room, revision, entries, readBefore, me]);
  const virtual = useRows(list, rows);
  const drawn = virtual.getVirtualItems().slice(0, ROWS_DRAWN_MAX);
  useFirstPlace(room, rows, virtual);
  const found = useSought(room, rows, virtual);
  const atEnd = useSeen(room, rows, virtual);
  useEndKept(rows, virtual, atEnd);
  const view = { room, outbox, me, leaderTitle, onMenu, onReact };
  return (
    <div class={css.frame}>
      {/* Announcements are made by the Announcer, so that scrolling is never read out. */}
      <div
        ref={list}
        class={css.list}
        role="log"
        aria-live="off"
        aria-label={t().room.log}
        tabIndex={0}
      >
        {rows.length <= 1 && rows.every((row) => row.kind === 'start') ? (
          <p class={css.empty}>{t().room.empty}</p>
        ) : null}
        <div class={css.all} style={{ height: `${virtual.getTotalSize()}px` }}>
          <ol class={css.window} style={{ transform: `translateY(${drawn[0]?.start ?? 0}px)` }}>
            {drawn.map(({ key, index }) => {
              const row = rows[index];
              return row ? (
                <li
                  key={key}
                  class={key === found ? css.found : undefined}
                  data-index={index}
                  ref={virtual.measureElement}
                >
                  <RowView row={row} {...view} />
                </li>
              ) : null;
            })}
          </ol>
        </div>
      </div>
      <Chip room={room} atEnd={atEnd} toEnd={() => virtual.scrollToEnd()} />
      <Announcer room={room} />
    </div>
  );
}

/** When a room is opened or loaded anew: at the unread line, or else at the end. */
function useFirstPlace(room: Room, rows: readonly Row[], virtual: Rows): void {
  const loads = room.loads.value;
  const placed = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (rows.length === 0 || placed.current === loads) return;
    placed.current = loads;
    const unread = rows.findIndex((row) => row.kind === 'unread');
    if (unread > 0) virtual.scrollToIndex(unread, { align: 'start' });
    else virtual.scrollToEnd();
  }, [loads, rows, virtual]);
}

/** A line that was asked for comes to the middle. Answers the key of its row. */
function useSought(room: Room, rows: readonly Row[], virtual: Rows): string | null {
  const sought = room.sought.value;
  const [found, setFound] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (sought === null) return;
    const index = rows.findIndex((row) => row.kind === 'line' && row.item.seq === sought);
    const row = rows[index];
    if (!row) return;
    virtual.scrollToIndex(index, { align: 'center' });
    setFound(row.key);
    room.sought.value = null;
  }, [sought, rows, virtual, room]);
  return found;
}

/** The end stays on the screen when the window shrinks, and comes there for one's own message. */
function useEndKept(rows: readonly Row[], virtual: Rows, atEnd: boolean): void {
  const height = virtual.scrollRect?.height ?? 0;
  const last = rows[rows.length - 1];
  const own = last?.kind === 'entry' ? last.key : null;
  const before = useRef({ height, atEnd, own });
  useLayoutEffect(() => {
    const was = before.current;
    before.current = { height, atEnd: atEnd || (was.atEnd && height !== was.height), own };
    if (own !== null && own !== was.own) virtual.scrollToEnd();
    else if (was.atEnd && was.height > 0 && height !== was.height) virtual.scrollToEnd();
  }, [height, atEnd, own, virtual]);
}

/** Tells the room what stands on the screen. Answers whether that is the end. */
function useSeen(room: Room, rows: readonly Row[], virtual: Rows): boolean {
  const height = virtual.scrollRect?.height ?? 0;
  const measured = height > 0;
  const atEnd = !measured || virtual.isAtEnd(virtual.options.scrollEndThreshold);
  const bottom = (virtual.scrollOffset ?? 0) + height;
  useEffect(() => {
    if (!measured || document.visibilityState !== 'visible') return;
    const seen = atEnd ? rows.length - 1 : lastAbove(virtual, bottom);
    for (let index = seen; index >= 0; index -= 1) {
      const row = rows[index];
      if (row?.kind !== 'line' && row?.kind !== 'notice') continue;
      room.saw(row.item.seq);
      return;
    }
  });
  return atEnd;
}

function lastAbove(virtual: Rows, bottom: number): number {
  let last = -1;
  for (const item of virtual.getVirtualItems()) if (item.end <= bottom + 1) last = item.index;
  return last;
}

interface RowProps extends Props {
  row: Row;
}

function RowView({ row, room, outbox, me, leaderTitle, onMenu, onReact }: RowProps) {
  const { log } = room;
  switch (row.kind) {
    case 'older':
      return <OlderRow room={room} />;
    case 'start':
      return <p class={css.side}>{log.lines().length > 0 ? t().room.start : null}</p>;
    case 'day':
      return (
        <p class={css.side}>
          <span class={css.day}>{t().day(row.ts, Date.now())}</span>
        </p>
      );
    case 'unread':
      return (
        <p class={css.unread}>
          <span>{t().room.unreadLine}</span>
        </p>
      );
    case 'gap':
      return <GapRow room={room} after={row.gap.after} missing={row.gap.missing} />;
    case 'notice':
      return (
        <NoticeLine item={row.item} name={log.people.get(row.item.from) ?? t().room.someone} />
      );
    case 'line':
      return (
        <LineBubble
          item={row.item}
          follows={row.follows}
          own={row.item.from === me}
          name={log.people.get(row.item.from) ?? t().room.someone}
          role={room.leaders.value.has(row.item.from) ? leaderTitle : ''}
          quoted={log.people.get(row.item.reply_to?.from ?? '') ?? ''}
          called={(row.item.mentions ?? []).map((id) => log.people.get(id) ?? '').join('\n')}
          onMenu={onMenu}
          onReact={onReact}
          onJump={(seq) => void room.jump(seq).catch(() => {})}
        />
      );
    case 'entry':
      return <EntryBubble entry={row.entry} outbox={outbox} />;
  }
}

/** Older lines load when the row comes on the screen; the button stays for when that fails. */
function OlderRow({ room }: { room: Room }) {
  const load = () => void room.older().catch(() => {});
  const busy = room.loading.value.has('older');
  const before = room.log.olderThan();
  // Once for each place in the log; after a failure the button is there.
  useEffect(() => void room.older().catch(() => {}), [room, before]);
  return (
    <p class={css.side}>
      <button type="button" class="button plain" disabled={busy} onClick={load}>
        {busy ? t().common.loading : t().room.older}
      </button>
    </p>
  );
}

interface GapProps {
  room: Room;
  after: number;
  missing: number | null;
}

function GapRow({ room, after, missing }: GapProps) {
  const busy = room.loading.value.has(`gap${after}`);
  return (
    <p class={css.side}>
      <button
        type="button"
        class={`button wide ${css.gap}`}
        disabled={busy}
        onClick={() => void room.gap(after).catch(() => {})}
      >
        {busy ? t().common.loading : t().room.gap(missing)}
      </button>
    </p>
  );
}

interface ChipProps {
  room: Room;
  atEnd: boolean;
  toEnd(): void;
}

function Chip({ room, atEnd, toEnd }: ChipProps) {
  const below = room.below.value;
  if (atEnd) return null;
  return (
    <button type="button" class={`button ${css.chip}`} onClick={toEnd}>
      <Icon name="down" />
      <span>{below > 0 ? t().room.below(below) : t().room.latest}</span>
    </button>
  );
}
