/** A meeting as it is being prepared in the form, and as the hub takes it. */

import { calendarTime } from '../../i18n/days.ts';
import type { Meeting, MeetingKind, MeetingOrganiser, PrepareMeeting } from '../../wire/types.ts';

export interface Draft {
  organisation: string;
  kind: MeetingKind;
  title: string;
  /** `2026-12-02`, in the product's calendar. */
  day: string;
  /** `19:30`. */
  time: string;
  /** Empty: by video alone. */
  place: string;
  closed: boolean;
  chair: string;
  recorder: string;
  agenda: { title: string; minutes: string }[];
  venues: { name: string; head: string }[];
  exempted: { person: string; reason: string }[];
}

export type Fault =
  | 'title'
  | 'time'
  | 'chair'
  | 'recorder'
  | 'same'
  | 'agenda'
  | 'venue'
  | 'exempted';

const ITEMS_MAX = 30;
export const VENUES_MAX = 20;

export function emptyDraft(places: readonly MeetingOrganiser[]): Draft {
  const place = places[0];
  return {
    organisation: place?.organisation.organisation ?? '',
    kind: place?.kinds[0] ?? 'members_meeting',
    title: '',
    day: '',
    time: '19:30',
    place: '',
    closed: false,
    chair: place?.chair?.person ?? '',
    recorder: '',
    agenda: [{ title: '', minutes: '' }],
    venues: [],
    exempted: [],
  };
}

/** The form of a draft that the hub keeps. Grounds of exemptions are not told again. */
export function draftOf(meeting: Meeting): Draft {
  const { summary, chair, recorder, agenda, venues, roll } = meeting;
  const at = calendarTime(Date.parse(summary.starts_at));
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    organisation: summary.organisation.organisation,
    kind: summary.kind,
    title: summary.title,
    day: `${at.year}-${two(at.month)}-${two(at.day)}`,
    time: at.clock,
    place: summary.place ?? '',
    closed: summary.closed,
    chair: chair.person,
    recorder: recorder.person,
    agenda: agenda.map((item) => ({ title: item.title, minutes: String(item.minutes ?? '') })),
    venues: venues.map((venue) => ({ name: venue.name, head: venue.head.person })),
    exempted: roll
      .filter((line) => line.not_counted === 'exempted')
      .map((line) => ({ person: line.person, reason: '' })),
  };
}

/** What has to be filled in first; `null` when the form can be sent. */
export function faultOf(draft: Draft): Fault | null {
  const { title, day, time, chair, recorder, agenda, venues, exempted } = draft;
  if (!title.trim()) return 'title';
  if (!day || !time) return 'time';
  if (!chair) return 'chair';
  if (!recorder) return 'recorder';
  if (chair === recorder) return 'same';
  if (items(agenda).length === 0) return 'agenda';
  if (venues.some((venue) => !venue.name.trim() || !venue.head)) return 'venue';
  if (exempted.some((one) => !one.person || !one.reason.trim())) return 'exempted';
  return null;
}

function items(agenda: Draft['agenda']): Draft['agenda'] {
  return agenda.filter((item) => item.title.trim()).slice(0, ITEMS_MAX);
}

export function bodyOf(draft: Draft): PrepareMeeting {
  const place = draft.place.trim();
  return {
    organisation: draft.organisation,
    kind: draft.kind,
    title: draft.title.trim(),
    // The whole country has the time of Beijing.
    starts_at: `${draft.day}T${draft.time}:00+08:00`,
    ...(place ? { place } : {}),
    closed: draft.closed,
    chair: draft.chair,
    recorder: draft.recorder,
    agenda: items(draft.agenda).map(({ title, minutes }) => ({
      title: title.trim(),
      ...(Number(minutes) > 0 ? { minutes: Math.round(Number(minutes)) } : {}),
    })),
    venues: draft.venues.map((venue) => ({ name: venue.name.trim(), head: venue.head })),
    exempted: draft.exempted.map(({ person, reason }) => ({ person, reason: reason.trim() })),
  };
}
