/**
 * What `public/early.js` has read from the person's store while the program was loading, so that
 * the first paint shows it. Good once: whatever is asked later comes from the store itself.
 */

import type { PersonId, RoomId } from '../wire/types.ts';
import type { InboxRecord, RoomRecord } from './database.ts';

type Read = [InboxRecord | undefined, RoomRecord | undefined];

interface Early {
  lianxinKept?: { person: PersonId; read: Promise<Read> } | undefined;
}

export interface Kept {
  inbox(): Promise<InboxRecord | undefined>;
  room(id: RoomId): Promise<RoomRecord | undefined>;
}

/** Take what was read for this person; `null` when there is nothing of theirs. */
export function takeKept(person: PersonId, page: Early = window as Early): Kept | null {
  const early = page.lianxinKept;
  page.lianxinKept = undefined;
  if (early?.person !== person) return null;
  let inbox = early.read.then(([list]) => list).catch(nothing);
  let record = early.read.then(([, one]) => one).catch(nothing);
  return {
    inbox() {
      const first = inbox;
      inbox = Promise.resolve(undefined);
      return first;
    },
    async room(id) {
      const first = await record;
      if (first?.room !== id) return undefined;
      record = Promise.resolve(undefined);
      return first;
    },
  };
}

function nothing(): undefined {}
