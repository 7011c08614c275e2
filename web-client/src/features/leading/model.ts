/** What a leader's pages decide by themselves. */

import { calendarTime } from '../../i18n/days.ts';
import type { Invitation, JoinCase, MemberParticipation } from '../../wire/types.ts';

const MONTHS_SHOWN = 12;

/** Months as `YYYY-MM`, this one first, in the product's calendar. */
export function monthsUntil(now: number): string[] {
  const { year, month } = calendarTime(now);
  return Array.from({ length: MONTHS_SHOWN }, (_, ago) => {
    const count = year * 12 + month - 1 - ago;
    return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
  });
}

/** Today as `YYYY-MM-DD` in the product's calendar. */
export function today(now: number): string {
  const { year, month, day } = calendarTime(now);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Requests that wait for the leader first, then the others, newest first. */
export function byNeed(joins: readonly JoinCase[]): JoinCase[] {
  const waits = (one: JoinCase) => (one.state === 'submitted' ? 0 : 1);
  return [...joins].sort(
    (a, b) => waits(a) - waits(b) || Date.parse(b.submitted_at) - Date.parse(a.submitted_at),
  );
}

/** The invitation to show: the newest that is good. */
export function openOne(invitations: readonly Invitation[]): Invitation | null {
  return invitations.find((one) => one.state === 'open') ?? null;
}

/** Who needs a word first: those of whom nothing was noted for long, then the quiet ones. */
export function byQuiet(members: readonly MemberParticipation[]): MemberParticipation[] {
  const weight = (one: MemberParticipation) =>
    one.silent ? 0 : one.messages + one.contacts === 0 ? 1 : 2;
  return [...members].sort((a, b) => weight(a) - weight(b) || a.messages - b.messages);
}
