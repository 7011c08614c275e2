/** The calls of the hub with which a leader looks after a room. */

import { answered, http } from '../../wire/http.ts';
import type {
  AddMember,
  Candidate,
  HostAnswer,
  Invitation,
  JoinCase,
  NoteContact,
  Participation,
  RoomInfo,
} from '../../wire/types.ts';

const at = (room: string) => ({ params: { path: { room } } });

export function readRoom(room: string): Promise<RoomInfo> {
  return answered(http.GET('/api/rooms/{room}', at(room)));
}

export async function readJoins(room: string): Promise<JoinCase[]> {
  return (await answered(http.GET('/api/rooms/{room}/joins', at(room)))).joins;
}

export async function answerJoin(room: string, join: string, body: HostAnswer): Promise<void> {
  const params = { path: { room, join } };
  await answered(http.POST('/api/rooms/{room}/joins/{join}/answer', { params, body }));
}

export async function readInvitations(room: string): Promise<Invitation[]> {
  return (await answered(http.GET('/api/rooms/{room}/invitations', at(room)))).invitations;
}

export function invite(room: string): Promise<Invitation> {
  return answered(http.POST('/api/rooms/{room}/invitations', { ...at(room), body: {} }));
}

export async function revoke(room: string, invitation: string): Promise<void> {
  const params = { path: { room, invitation } };
  await answered(http.DELETE('/api/rooms/{room}/invitations/{invitation}', { params }));
}

export async function readCandidates(room: string): Promise<Candidate[]> {
  return (await answered(http.GET('/api/rooms/{room}/candidates', at(room)))).candidates;
}

export async function addCandidate(room: string, person: string): Promise<void> {
  const params = { path: { room, person } };
  await answered(http.PUT('/api/rooms/{room}/members/{person}', { params }));
}

export async function addMember(room: string, body: AddMember): Promise<void> {
  await answered(http.POST('/api/rooms/{room}/members', { ...at(room), body }));
}

export async function removeMember(room: string, person: string, reason: string): Promise<void> {
  const params = { path: { room, person } };
  await answered(
    http.POST('/api/rooms/{room}/members/{person}/removal', { params, body: { reason } }),
  );
}

export function readParticipation(room: string, month: string): Promise<Participation> {
  const params = { path: { room }, query: { month } };
  return answered(http.GET('/api/rooms/{room}/participation', { params }));
}

export async function noteContact(room: string, person: string, body: NoteContact): Promise<void> {
  const params = { path: { room, person } };
  await answered(http.POST('/api/rooms/{room}/members/{person}/contacts', { params, body }));
}
