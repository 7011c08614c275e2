/** The window on the chat list: at most 80 rows in the document, the place kept while rows come. */

import {
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Row } from './rows.ts';

export const ROWS_DRAWN_MAX = 80;
const OVERSCAN_ROWS = 12;
/** More rows at once than this were missed, not said just now: the list stays where it is. */
const FOLLOWED_ROWS_MAX = 3;
/** Distance to the end, in pixels, that still counts as being there. */
const END_PX = 48;
/** Space below the last message, in pixels. */
const END_SPACE_PX = 16;
const CHARS_PER_LINE = 15;

export type Rows = Virtualizer<HTMLDivElement, HTMLLIElement>;

export function useRows(list: RefObject<HTMLDivElement | null>, rows: readonly Row[]): Rows {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const last = useRef(rows.length);
  const options = {
    count: rows.length,
    getScrollElement: () => list.current,
    getItemKey: (index: number) => rows[index]?.key ?? index,
    estimateSize: (index: number) => estimate(rows[index]),
    overscan: OVERSCAN_ROWS,
    paddingEnd: END_SPACE_PX,
    anchorTo: 'end' as const,
    followOnAppend: rows.length - last.current <= FOLLOWED_ROWS_MAX || endsWithOwn(rows),
    scrollEndThreshold: END_PX,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    measureElement,
    onChange: () => redraw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLLIElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => {
    last.current = rows.length;
    virtualizer._willUpdate();
  });
  return virtualizer;
}

function endsWithOwn(rows: readonly Row[]): boolean {
  return rows[rows.length - 1]?.kind === 'entry';
}

/** A first guess of a row's height in pixels; the row is measured once it is drawn. */
function estimate(row: Row | undefined): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 18;
  if (!row) return rem;
  if (row.kind === 'line' || row.kind === 'entry') {
    const text = row.kind === 'line' ? (row.item.text ?? '') : row.entry.text;
    const lines = Math.ceil(text.length / CHARS_PER_LINE) + text.split('\n').length - 1;
    return rem * (3.6 + 1.5 * Math.max(1, lines));
  }
  return rem * 2.8;
}
