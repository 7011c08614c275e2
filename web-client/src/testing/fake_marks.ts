/** Reactions, pins and earlier texts of the hub in memory. */

import { reacted } from '../features/chat/reactions.ts';
import type { Item, LogEvent, PersonId, TextVersion } from '../wire/types.ts';

/** Changes an item as the event says. */
export function mark(item: Item, event: LogEvent, me: PersonId): void {
  if (event.t === 'pin') item.pinned = event.b?.on ?? true;
  if (event.t !== 'react' || !event.b) return;
  const { emoji, on } = event.b;
  item.reactions = reacted(item, emoji, on, event.from === me).reactions ?? [];
}

/** What the message `seq` said, oldest first. */
export function versionsOf(room: { events: LogEvent[] }, seq: number): TextVersion[] {
  return room.events.flatMap((event, index) => {
    const own = index + 1 === seq && event.t === 'msg';
    const edit = event.ref === seq && event.t === 'edit';
    if (!own && !edit) return [];
    return [{ seq: index + 1, ts: event.ts, text: event.b?.text ?? '' }];
  });
}
