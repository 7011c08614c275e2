/** The calls of the hub about meetings, as whoever is called to them makes them. */

import { answered, http } from '../../wire/http.ts';
import type {
  AnswerNotice,
  CallVote,
  CastVote,
  EnterOnSite,
  Meeting,
  MeetingBeat,
  MeetingList,
  Minutes,
  PersonId,
  TakeMeetingStep,
  WriteMinutes,
} from '../../wire/types.ts';

const at = (meeting: string) => ({ params: { path: { meeting } } });

export function readMeetings(): Promise<MeetingList> {
  return answered(http.GET('/api/meetings'));
}

export function readMeeting(meeting: string): Promise<Meeting> {
  return answered(http.GET('/api/meetings/{meeting}', at(meeting)));
}

export function answerNotice(meeting: string, body: AnswerNotice): Promise<Meeting> {
  return answered(http.PUT('/api/meetings/{meeting}/answer', { ...at(meeting), body }));
}

export function signIn(meeting: string): Promise<Meeting> {
  return answered(http.POST('/api/meetings/{meeting}/sign-in', at(meeting)));
}

export function signOut(meeting: string): Promise<Meeting> {
  return answered(http.DELETE('/api/meetings/{meeting}/sign-in', at(meeting)));
}

/** Still there, at this device. */
export function beat(meeting: string): Promise<MeetingBeat> {
  return answered(http.POST('/api/meetings/{meeting}/presence', at(meeting)));
}

export function takeChair(meeting: string): Promise<Meeting> {
  return answered(http.POST('/api/meetings/{meeting}/chair', at(meeting)));
}

export function takeStep(meeting: string, body: TakeMeetingStep): Promise<Meeting> {
  return answered(http.POST('/api/meetings/{meeting}/steps', { ...at(meeting), body }));
}

export function setItem(meeting: string, item: number | null): Promise<Meeting> {
  return answered(http.PUT('/api/meetings/{meeting}/item', { ...at(meeting), body: { item } }));
}

export function enterOnSite(
  meeting: string,
  person: PersonId,
  body: EnterOnSite,
): Promise<Meeting> {
  const params = { path: { meeting, person } };
  return answered(http.PUT('/api/meetings/{meeting}/on-site/{person}', { params, body }));
}

export function handInVenue(
  meeting: string,
  venue: number,
  people: readonly PersonId[],
): Promise<Meeting> {
  const asked = { params: { path: { meeting, venue } }, body: { people: [...people] } };
  return answered(http.PUT('/api/meetings/{meeting}/venues/{venue}', asked));
}

export function callVote(meeting: string, body: CallVote): Promise<Meeting> {
  return answered(http.POST('/api/meetings/{meeting}/votes', { ...at(meeting), body }));
}

export function closeVote(meeting: string, vote: string): Promise<Meeting> {
  const params = { path: { meeting, vote } };
  return answered(http.POST('/api/meetings/{meeting}/votes/{vote}/close', { params }));
}

export function castVote(meeting: string, vote: string, body: CastVote): Promise<Meeting> {
  const params = { path: { meeting, vote } };
  return answered(http.PUT('/api/meetings/{meeting}/votes/{vote}/ballot', { params, body }));
}

export function readMinutes(meeting: string): Promise<Minutes> {
  return answered(http.GET('/api/meetings/{meeting}/minutes', at(meeting)));
}

export function writeMinutes(meeting: string, body: WriteMinutes): Promise<Minutes> {
  return answered(http.PUT('/api/meetings/{meeting}/minutes', { ...at(meeting), body }));
}

export function signMinutes(meeting: string, hash: string): Promise<Minutes> {
  const body = { hash };
  return answered(http.POST('/api/meetings/{meeting}/minutes/signature', { ...at(meeting), body }));
}
