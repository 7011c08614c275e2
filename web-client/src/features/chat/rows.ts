/** The rows of the chat list: lines, days, the unread line, gaps, messages on their way. */

import { dayOf } from '../../i18n/days.ts';
import type { Item } from '../../wire/types.ts';
import type { Entry } from './outbox.ts';
import { counts, type Gap, type RoomLog } from './room_log.ts';

export type Row =
  /** Older lines exist on the hub. */
  | { kind: 'older'; key: string }
  /** Nothing older that the caller may see. */
  | { kind: 'start'; key: string }
  | { kind: 'day'; key: string; ts: number }
  /** What follows was not read before the room was opened. */
  | { kind: 'unread'; key: string }
  | { kind: 'gap'; key: string; gap: Gap }
  | { kind: 'line'; key: string; item: Item; follows: boolean }
  | { kind: 'notice'; key: string; item: Item }
  /** A message on its way. */
  | { kind: 'entry'; key: string; entry: Entry };

/** Lines of one author within this time stand together under one name. */
const TOGETHER_MS_MAX = 5 * 60_000;

export interface RowsOf {
  log: RoomLog;
  entries: readonly Entry[];
  /** Last sequence number read before the room was opened; `null` draws no unread line. */
  readBefore: number | null;
  me: string;
}

/** Key of a line: the client id where there is one, so that a sent message keeps its row. */
function keyOf(item: Item, me: string): string {
  return item.from === me && item.cid ? item.cid : String(item.seq);
}

export function rowsOf({ log, entries, readBefore, me }: RowsOf): Row[] {
  const lines = log.lines();
  const rows: Row[] = [];
  if (log.position()) {
    rows.push(
      log.olderThan() === null ? { kind: 'start', key: 'start' } : { kind: 'older', key: 'older' },
    );
  }
  const gaps = log.gaps().filter((gap) => gap.missing !== 0);
  let unread = readBefore;
  let before: Item | null = null;
  for (const item of lines) {
    const gap = gaps[0];
    if (gap && item.seq > gap.after) {
      gaps.shift();
      rows.push({ kind: 'gap', key: `gap${gap.after}`, gap });
      before = null;
    }
    if (!before || dayOf(before.ts) !== dayOf(item.ts)) {
      rows.push({ kind: 'day', key: `day${item.seq}`, ts: item.ts });
      before = null;
    }
    if (unread !== null && item.seq > unread && counts(item.t)) {
      if (item.from !== me) {
        rows.push({ kind: 'unread', key: 'unread' });
        before = null;
      }
      unread = null;
    }
    rows.push(rowOf(item, before, me));
    before = item;
  }
  const shown = new Set(lines.flatMap((item) => (item.from === me && item.cid ? [item.cid] : [])));
  for (const entry of entries) {
    if (!shown.has(entry.cid)) rows.push({ kind: 'entry', key: entry.cid, entry });
  }
  return rows;
}

function rowOf(item: Item, before: Item | null, me: string): Row {
  const key = keyOf(item, me);
  if (item.t !== 'msg') return { kind: 'notice', key, item };
  const follows =
    before !== null &&
    before.t === 'msg' &&
    before.from === item.from &&
    item.ts - before.ts < TOGETHER_MS_MAX;
  return { kind: 'line', key, item, follows };
}
