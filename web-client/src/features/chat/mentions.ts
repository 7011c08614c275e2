/** Members called by name in a message: `@` and the name. */

import type { PersonId, RoomMember } from '../../wire/types.ts';

/** What is being typed after an `@` right before the cursor. */
const BEING_TYPED = /@([^\s@]{0,12})$/;
const OFFERED_MAX = 5;

/** Members whose name stands in the text after an `@`. */
export function mentionsIn(text: string, members: readonly RoomMember[]): PersonId[] {
  if (!text.includes('@')) return [];
  const named = members.filter((m) => m.name !== '' && text.includes(`@${m.name}`));
  // A name that only begins another called name is not called itself.
  return named
    .filter((m) => named.every((other) => !covers(text, other.name, m.name)))
    .map((m) => m.person);
}

function covers(text: string, longer: string, name: string): boolean {
  if (longer === name || !longer.startsWith(name)) return false;
  return !text.split(`@${longer}`).join('').includes(`@${name}`);
}

/** Members to offer for what stands before the cursor; `null` when no name is being typed. */
export function offered(
  before: string,
  members: readonly RoomMember[],
  me: PersonId,
): RoomMember[] | null {
  const typed = BEING_TYPED.exec(before)?.[1];
  if (typed === undefined) return null;
  return members.filter((m) => m.person !== me && m.name.includes(typed)).slice(0, OFFERED_MAX);
}

/** The text with the name in place of what was typed after the `@`. */
export function withName(before: string, after: string, name: string): string {
  return `${before.replace(BEING_TYPED, `@${name} `)}${after}`;
}
