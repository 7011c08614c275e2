import { describe, expect, it } from 'vitest';
import type { Item, LogEvent, MessagePage } from '../../wire/types.ts';
import type { Entry } from './outbox.ts';
import { RoomLog } from './room_log.ts';
import { rowsOf } from './rows.ts';

const ME = 'me';
const HER = 'her';
const DAY_MS = 24 * 3_600_000;

function line(seq: number, more: Partial<Item> = {}): Item {
  return {
    seq,
    nth: seq,
    t: 'msg',
    from: HER,
    ts: seq * 1_000,
    state: 'shown',
    text: `m${seq}`,
    ...more,
  };
}

function lines(from: number, to: number): Item[] {
  return Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
}

function page(items: Item[], more: Partial<MessagePage> = {}): MessagePage {
  return {
    items,
    people: { [HER]: '李春梅' },
    older: false,
    newer: false,
    top: items[items.length - 1]?.seq ?? 0,
    epoch: 'e1',
    visible_from: 1,
    ...more,
  };
}

function message(text: string, more: object = {}): LogEvent {
  return { v: 1, t: 'msg', from: HER, ts: 0, b: { text }, ...more };
}

function logOf(newest: MessagePage): RoomLog {
  const log = new RoomLog(ME);
  log.merge(newest, { newest: true });
  return log;
}

function texts(log: RoomLog): (string | null | undefined)[] {
  return log.lines().map((item) => item.text);
}

function kinds(log: RoomLog, readBefore: number | null = null, entries: Entry[] = []): string[] {
  return rowsOf({ log, entries, readBefore, me: ME }).map((row) =>
    row.kind === 'line' ? (row.item.text ?? '-') : row.kind,
  );
}

describe('room log', () => {
  it('follows the newest page with live events, each once', () => {
    const log = logOf(page(lines(1, 3)));
    expect(log.apply(4, message('m4'))).toBe(true);
    expect(log.apply(4, message('again'))).toBe(false);
    expect(log.apply(3, message('again'))).toBe(false);
    expect(texts(log)).toEqual(['m1', 'm2', 'm3', 'm4']);
    expect(log.position()).toEqual({ offset: 4, epoch: 'e1' });
  });

  it('says where older lines begin until all that may be seen is there', () => {
    const log = logOf(page(lines(50, 60), { older: true, visible_from: 41 }));
    expect(log.olderThan()).toBe(50);
    log.merge(page(lines(44, 49), { older: false, visible_from: 41 }), { before: 50 });
    expect(log.olderThan()).toBeNull();
    expect(log.gaps()).toEqual([]);
  });

  it('shows a gap between two stretches and closes it page by page', () => {
    const log = logOf(page(lines(301, 330), { older: true }));
    log.merge(page(lines(71, 110), { older: true, newer: true, top: 330 }), { after: 70 });
    expect(log.gaps()).toEqual([{ after: 110, missing: 190 }]);
    log.merge(page(lines(111, 150), { older: true, newer: true, top: 330 }), { after: 110 });
    expect(log.gaps()).toEqual([{ after: 150, missing: 150 }]);
    log.merge(page(lines(151, 300), { older: true, newer: true, top: 330 }), { after: 150 });
    expect(log.gaps()).toEqual([]);
    expect(log.lines()).toHaveLength(260);
  });

  it('counts what stands below, gaps included and own messages not', () => {
    const log = logOf(page(lines(301, 330), { older: true }));
    log.merge(page(lines(71, 110), { older: true, newer: true, top: 330 }), { after: 70 });
    expect(log.countAfter(100)).toBe(230);
    expect(log.countAfter(330)).toBe(0);
    log.apply(331, message('mine', { from: ME }));
    expect(log.countAfter(330)).toBe(0);
    expect(log.countAfter(0)).toBe(260);
  });

  it('applies edits, withdrawals and reactions to earlier lines and to quotes of them', () => {
    const log = logOf(
      page([line(1), line(2, { reply_to: { seq: 1, from: HER, text: 'm1' } }), line(3)]),
    );
    log.apply(4, { v: 1, t: 'edit', from: HER, ts: 0, ref: 1, b: { text: 'better' } });
    expect(log.line(1)).toMatchObject({ text: 'better', edited: true });
    expect(log.line(2)?.reply_to?.text).toBe('better');
    log.apply(5, { v: 1, t: 'react', from: ME, ts: 0, ref: 3, b: { emoji: '👍', on: true } });
    log.apply(6, { v: 1, t: 'react', from: HER, ts: 0, ref: 3, b: { emoji: '👍', on: true } });
    expect(log.line(3)?.reactions).toEqual([{ emoji: '👍', count: 2, mine: true }]);
    log.apply(7, { v: 1, t: 'withdrawn', from: HER, ts: 0, ref: 1 });
    expect(log.line(1)).toMatchObject({ state: 'withdrawn', text: null });
    expect(log.line(2)?.reply_to?.text).toBeUndefined();
  });

  it('does not apply to a line what the page with the line had taken in already', () => {
    const log = logOf(page(lines(10, 12), { older: true }));
    const reacted = line(5, { reactions: [{ emoji: '👍', count: 1, mine: false }] });
    // The older page was read when the log had grown to 13; event 13 is the reaction.
    log.merge(page([reacted], { top: 13, older: true }), { before: 10 });
    log.apply(13, { v: 1, t: 'react', from: HER, ts: 0, ref: 5, b: { emoji: '👍', on: true } });
    expect(log.line(5)?.reactions?.[0]?.count).toBe(1);
  });

  it('comes back from the device as it was', () => {
    const log = logOf(page(lines(1, 300), { older: false }));
    log.apply(301, message('m301'));
    const snapshot = log.snapshot(200);
    expect(snapshot?.lines).toHaveLength(200);
    const back = new RoomLog(ME);
    if (snapshot) back.restore(snapshot);
    expect(back.position()).toEqual({ offset: 301, epoch: 'e1' });
    expect(back.olderThan()).toBe(102);
    expect(back.people.get(HER)).toBe('李春梅');
    back.apply(302, message('m302'));
    expect(back.lines()).toHaveLength(201);
  });

  it('keeps only the stretch without a hole on the device', () => {
    const log = logOf(page(lines(301, 330), { older: true }));
    log.merge(page(lines(71, 110), { older: true, newer: true, top: 330 }), { after: 70 });
    expect(log.snapshot(200)?.lines[0]?.seq).toBe(301);
  });

  it('knows who joined and what the room is called', () => {
    const log = logOf(page([]));
    log.apply(1, {
      v: 1,
      t: 'joined',
      from: HER,
      ts: 0,
      b: { person: 'p', name: '陈立', role: 'member' },
    });
    log.apply(2, { v: 1, t: 'room', from: HER, ts: 0, b: { title: '第三党小组' } });
    expect(log.people.get('p')).toBe('陈立');
    expect(log.title).toBe('第三党小组');
    expect(texts(log)).toEqual(['陈立', '第三党小组']);
  });

  it('keeps the beginning and the end of a call, and counts the beginning as unread', () => {
    const log = logOf(page(lines(1, 2)));
    log.apply(3, { v: 1, t: 'call_started', from: HER, ts: 0, b: { call: 'k' } });
    const over = { call: 'k', seconds: 61, attended: [{ person: HER, name: '李', seconds: 60 }] };
    log.apply(4, { v: 1, t: 'call_ended', from: HER, ts: 0, b: over });
    expect(log.lines().map((item) => [item.t, item.nth])).toEqual([
      ['msg', 1],
      ['msg', 2],
      ['call_started', 3],
      ['call_ended', 3],
    ]);
    expect(log.lines()[3]?.call).toEqual(over);
    expect(log.countAfter(2)).toBe(1);
    expect(kinds(log, 2).slice(-3)).toEqual(['unread', 'notice', 'notice']);
  });

  it('ignores kinds that make no line, yet moves on', () => {
    const log = logOf(page(lines(1, 2)));
    log.apply(3, { v: 1, t: 'raw', from: HER, ts: 0, b: {} });
    expect(texts(log)).toEqual(['m1', 'm2']);
    expect(log.position()?.offset).toBe(3);
  });
});

describe('rows', () => {
  it('draws days, the unread line and the start', () => {
    const log = logOf(
      page([
        line(1),
        line(2, { ts: DAY_MS }),
        line(3, { ts: DAY_MS + 1 }),
        line(4, { ts: DAY_MS + 2 }),
      ]),
    );
    expect(kinds(log, 2)).toEqual(['start', 'day', 'm1', 'day', 'm2', 'unread', 'm3', 'm4']);
  });

  it('draws no unread line above the own message', () => {
    const log = logOf(page([line(1), line(2, { from: ME })]));
    expect(kinds(log, 1)).toEqual(['start', 'day', 'm1', 'm2']);
  });

  it('shows a message on its way until its line stands in the log', () => {
    const log = logOf(page([line(1)]));
    const entry: Entry = {
      cid: 'c1',
      room: 'r',
      text: 'mine',
      replyTo: null,
      mentions: [],
      madeAt: 0,
      state: 'sent',
      failed: null,
    };
    expect(kinds(log, null, [entry])).toEqual(['start', 'day', 'm1', 'entry']);
    log.apply(2, message('mine', { from: ME, cid: 'c1' }));
    const rows = rowsOf({ log, entries: [entry], readBefore: null, me: ME });
    expect(rows.map((row) => row.key)).toEqual(['start', 'day1', '1', 'c1']);
    expect(rows[3]?.kind).toBe('line');
  });

  it('puts lines of one author within five minutes together', () => {
    const log = logOf(
      page([line(1, { ts: 0 }), line(2, { ts: 60_000 }), line(3, { ts: 600_000 })]),
    );
    const follows = rowsOf({ log, entries: [], readBefore: null, me: ME }).flatMap((row) =>
      row.kind === 'line' ? [row.follows] : [],
    );
    expect(follows).toEqual([false, true, false]);
  });

  it('draws a gap with the number of messages in it', () => {
    const log = logOf(page(lines(301, 302), { older: true }));
    log.merge(page(lines(71, 72), { older: true, newer: true, top: 302 }), { after: 70 });
    expect(kinds(log)).toEqual(['older', 'day', 'm71', 'm72', 'gap', 'day', 'm301', 'm302']);
  });
});
