/** Which pictures stand where. */

import type { Attendee } from '../../media/media_session.ts';

/** `speaker` – one large, the others in a row. `grid` – all alike. `audio` – names alone. */
export type Layout = 'speaker' | 'grid' | 'audio';

export const LAYOUTS: readonly Layout[] = ['speaker', 'grid', 'audio'];

export interface Tile {
  key: string;
  one: Attendee;
  /** The page that this person shares, not their camera. */
  page: boolean;
}

export interface Arranged {
  main: Tile | null;
  rest: readonly Tile[];
}

/** `people`: the caller first, then who spoke last. A shared page stands before everybody. */
export function arranged(people: readonly Attendee[], layout: Layout): Arranged {
  const faces = people.map((one) => ({ key: one.person, one, page: false }));
  if (layout === 'audio') return { main: null, rest: faces };
  const pages = people
    .filter((one) => one.page)
    .map((one) => ({ key: `page ${one.person}`, one, page: true }));
  const tiles = [...pages, ...faces];
  if (layout === 'grid') return { main: null, rest: tiles };
  const main = pages.find((tile) => !tile.one.me) ?? faces[1] ?? faces[0] ?? null;
  return { main, rest: tiles.filter((tile) => tile !== main) };
}
