/** The calls of the hub about meetings, as officers at an open desk make them. */

import { answered, http } from '../../wire/http.ts';
import type { DeskMeetings, Meeting, PrepareMeeting, SendNotice } from '../../wire/types.ts';

const at = (meeting: string) => ({ params: { path: { meeting } } });

export function readDeskMeetings(): Promise<DeskMeetings> {
  return answered(http.GET('/api/desk/meetings'));
}

export function readDeskMeeting(meeting: string): Promise<Meeting> {
  return answered(http.GET('/api/desk/meetings/{meeting}', at(meeting)));
}

export function prepareMeeting(body: PrepareMeeting): Promise<Meeting> {
  return answered(http.POST('/api/desk/meetings', { body }));
}

export function changeMeeting(meeting: string, body: PrepareMeeting): Promise<Meeting> {
  return answered(http.PUT('/api/desk/meetings/{meeting}', { ...at(meeting), body }));
}

export function sendNotice(meeting: string, body: SendNotice): Promise<Meeting> {
  return answered(http.POST('/api/desk/meetings/{meeting}/notice', { ...at(meeting), body }));
}

export function cancelMeeting(meeting: string, reason: string): Promise<Meeting> {
  const asked = { ...at(meeting), body: { reason } };
  return answered(http.POST('/api/desk/meetings/{meeting}/cancellation', asked));
}

export function returnMinutes(meeting: string, reason: string): Promise<Meeting> {
  const asked = { ...at(meeting), body: { reason } };
  return answered(http.POST('/api/desk/meetings/{meeting}/minutes/return', asked));
}

export function archiveMinutes(meeting: string): Promise<Meeting> {
  return answered(http.POST('/api/desk/meetings/{meeting}/minutes/archive', at(meeting)));
}
