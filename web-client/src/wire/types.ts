/** Short names for the generated wire types. Nothing here is written by hand a second time. */

import type { components } from './schema.gen.ts';

type Schemas = components['schemas'];

export type PersonId = Schemas['RoomMember']['person'];
export type RoomId = Schemas['RoomSummary']['room'];
export type Me = Schemas['Me'];
export type Consent = Schemas['Consent'];
export type Document = Schemas['Document'];
export type GiveConsent = Schemas['GiveConsent'];
export type Device = Schemas['Device'];
export type Challenge = Schemas['Challenge'];
export type ChatToken = Schemas['ChatToken'];
export type CodeBy = Schemas['CodeBy'];
export type RefusalCode = Schemas['RefusalCode'];
export type ErrorBody = Schemas['ErrorBody'];
type EventKind = Schemas['EventKind'];
export type Item = Schemas['Item'];
export type ReaderList = Schemas['ReaderList'];
export type TextVersion = Schemas['TextVersion'];
export type Quote = Schemas['Quote'];
export type RoomSummary = Schemas['RoomSummary'];
export type RoomMember = Schemas['RoomMember'];
export type RoomKind = Schemas['RoomKind'];
export type LastLine = Schemas['LastLine'];
export type MessagePage = Schemas['MessagePage'];
export type Desk = Schemas['Desk'];
export type Health = Schemas['Health'];
export type SecondFactor = Schemas['SecondFactor'];
export type OrganisationKind = Schemas['OrganisationKind'];
export type OrganisationList = Schemas['OrganisationList'];
export type OrganisationPage = Schemas['OrganisationPage'];
export type OrganisationRow = Schemas['OrganisationRow'];
export type OrganisationMembers = Schemas['OrganisationMembers'];
export type MemberRow = Schemas['MemberRow'];
export type Standing = Schemas['Standing'];
export type FoundOrganisation = Schemas['FoundOrganisation'];
export type ChangeOrganisation = Schemas['ChangeOrganisation'];
export type RegisterMember = Schemas['RegisterMember'];
export type AppointOfficer = Schemas['AppointOfficer'];
export type Policy = Schemas['Policy'];
export type PolicyUnit = Schemas['PolicyUnit'];
export type SetPolicy = Schemas['SetPolicy'];
export type PostRow = Schemas['PostRow'];
export type MessageSent = Schemas['MessageSent'];
export type OrganisationWarning = Schemas['OrganisationWarning'];
export type PostKind = Schemas['PostKind'];
export type CallEnded = Schemas['CallEnded'];
export type Hand = Schemas['Hand'];
export type CallState = Schemas['CallState'];
export type GuestLink = Schemas['GuestLink'];
export type MediaSource = Schemas['MediaSource'];
export type OpenCall = Schemas['OpenCall'];
export type CallTicket = Schemas['CallTicket'];
export type InvitationCard = Schemas['InvitationCard'];
export type JoinCase = Schemas['JoinCase'];
export type JoinState = Schemas['JoinState'];
export type UseInvitation = Schemas['UseInvitation'];
export type RoomInfo = Schemas['RoomInfo'];
export type RosterLine = Schemas['RosterLine'];
export type Invitation = Schemas['Invitation'];
export type HostAnswer = Schemas['HostAnswer'];
export type HomeAnswer = Schemas['HomeAnswer'];
export type AddMember = Schemas['AddMember'];
export type Candidate = Schemas['Candidate'];
export type Participation = Schemas['Participation'];
export type MemberParticipation = Schemas['MemberParticipation'];
export type NoteContact = Schemas['NoteContact'];
export type AnswerNotice = Schemas['AnswerNotice'];
export type CallVote = Schemas['CallVote'];
export type CastVote = Schemas['CastVote'];
export type DeskMeetings = Schemas['DeskMeetings'];
export type EnterOnSite = Schemas['EnterOnSite'];
export type Meeting = Schemas['Meeting'];
export type MeetingBeat = Schemas['MeetingBeat'];
export type MeetingKind = Schemas['MeetingKind'];
export type MeetingLamp = Schemas['MeetingLamp'];
export type MeetingList = Schemas['MeetingList'];
export type MeetingOrganiser = Schemas['MeetingOrganiser'];
export type MeetingState = Schemas['MeetingState'];
export type MeetingStep = Schemas['MeetingStep'];
export type MeetingSummary = Schemas['MeetingSummary'];
export type MeetingVote = Schemas['MeetingVote'];
export type Minutes = Schemas['Minutes'];
export type MinutesRole = Schemas['MinutesRole'];
export type PersonName = Schemas['PersonName'];
export type PrepareMeeting = Schemas['PrepareMeeting'];
export type RollLine = Schemas['RollLine'];
export type SendNotice = Schemas['SendNotice'];
export type TakeMeetingStep = Schemas['TakeMeetingStep'];
export type Venue = Schemas['Venue'];
export type VoteChoice = Schemas['VoteChoice'];
export type VoteTally = Schemas['VoteTally'];
export type VoteWay = Schemas['VoteWay'];
export type WriteMinutes = Schemas['WriteMinutes'];

/** The payload of each kind of event. A kind that the server adds makes this a compile error. */
interface Payloads extends Record<EventKind, object> {
  msg: Schemas['Message'];
  edit: Schemas['Edit'];
  withdrawn: Schemas['Withdrawn'];
  hidden: Schemas['Hidden'];
  react: Schemas['Reaction'];
  pin: Schemas['Pin'];
  joined: Schemas['Joined'];
  left: Schemas['Left'];
  role: Schemas['RoleChanged'];
  room: Schemas['RoomChanged'];
  room_added: Schemas['InboxRoom'];
  room_removed: Schemas['InboxRoom'];
  device: Schemas['InboxDevice'];
  notice: Schemas['Notice'];
  call_started: Schemas['CallStarted'];
  call_ended: Schemas['CallEnded'];
  meeting_attendance: Schemas['AttendanceChanged'];
  meeting_lamp: Schemas['LampChanged'];
  meeting_step: Schemas['MeetingMoved'];
  meeting_chair: Schemas['ChairTaken'];
  meeting_item: Schemas['ItemChanged'];
  vote_opened: Schemas['VoteOpened'];
  vote_cast: Schemas['VoteCast'];
  vote_closed: Schemas['VoteClosed'];
  raw: object;
}

type Envelope = Schemas['Envelope'];

/** A publication: the envelope with the payload of its kind. */
export type LogEvent = {
  [K in EventKind]: Omit<Envelope, 't' | 'b'> & { t: K; b?: Payloads[K] | null };
}[EventKind];

/** Parameters and result of every call over the chat socket. */
interface Calls {
  'msg.send': [Schemas['SendMessage'], Schemas['MessageSent']];
  'msg.edit': [Schemas['EditMessage'], Schemas['MessageSent']];
  'msg.withdraw': [Schemas['WithdrawMessage'], Schemas['MessageSent']];
  'messages.page': [Schemas['PageMessages'], Schemas['MessagePage']];
  'room.list': [Schemas['ListRooms'], Schemas['RoomList']];
  'room.members': [Schemas['ListMembers'], Schemas['MemberList']];
  'react.set': [Schemas['SetReaction'], Schemas['MessageSent']];
  'pin.set': [Schemas['SetPin'], Schemas['MessageSent']];
  'pin.list': [Schemas['ListPins'], Schemas['PinList']];
  'msg.edits': [Schemas['ListEdits'], Schemas['EditList']];
  'read.by': [Schemas['ListReaders'], Schemas['ReaderList']];
  'presence.get': [Schemas['AskPresence'], Schemas['PresenceSet']];
  'presence.set': [Schemas['SetPresence'], Schemas['PresenceSet']];
  'read.mark': [Schemas['MarkRead'], Schemas['ReadMarked']];
  sync: [Schemas['Sync'], Schemas['Synced']];
}

export type Method = keyof Calls;
export type Params<M extends Method> = Calls[M][0];
export type Result<M extends Method> = Calls[M][1];
