//! Meetings: the notice and its answer, the sign-in, the quorum lamp, votes and minutes.

mod desk;
mod minutes;
mod votes;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

pub use self::desk::{
    DeskMeetings, Exemption, MeetingOrganiser, MeetingReason, PrepareMeeting, PrepareVenue,
    SendNotice,
};
pub use self::minutes::{
    MeetingLogLine, Minutes, MinutesRole, MinutesSignature, SignMinutes, WriteMinutes,
};
pub use self::votes::{CallVote, CastLine, CastVote, MeetingVote, VoteChoice, VoteTally, VoteWay};
use super::organisations::OrganisationName;
use crate::ids::{MeetingId, PersonId, RoomId};

/// What a meeting is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MeetingKind {
    MembersMeeting,
    CommitteeMeeting,
    GroupMeeting,
    OrganisationLife,
    ThemeDay,
    PartyLesson,
}

/// Where a meeting stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MeetingState {
    /// Known to those who prepare it.
    Draft,
    /// The notice went out.
    Notified,
    /// People sign in; it has not begun.
    SignIn,
    Open,
    /// Not held, or not to its end.
    Adjourned,
    Cancelled,
    /// Held; the minutes are not written yet.
    Closed,
    MinutesDraft,
    /// The minutes are signed by the chair and the recorder.
    Signed,
    /// The superior took note of them; nothing changes any more.
    Archived,
}

/// The quorum lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LampState {
    /// Nothing is decided formally.
    NotNeeded,
    Missing,
    Reached,
}

/// Why there is no formal vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoFormalVote {
    /// A theme day or a lesson.
    NothingIsDecided,
    /// A joint branch of members from elsewhere with too few full members of its own.
    TooFewHomeMembers,
    /// A temporary branch does not vote.
    TemporaryBranch,
    NobodyEntitled,
}

/// Which rule a vote follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoteCase {
    Ordinary,
    Committee,
    Admission,
    Election,
}

/// What a formal vote came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoteOutcome {
    Passed,
    NotPassed,
    /// Exactly half: not passed; talk on and vote another time.
    HalfExactly,
    /// Fewer took part than the vote needs.
    NoQuorum,
}

/// `GET /api/meetings` (own): what the caller is called to. What of it reached this device is noted
/// as delivered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingList {
    /// To come and under way, the next one first.
    pub coming: Vec<MeetingSummary>,
    /// Over, the latest first; at most 50.
    pub over: Vec<MeetingSummary>,
}

/// A meeting in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingSummary {
    pub meeting: MeetingId,
    pub kind: MeetingKind,
    pub state: MeetingState,
    pub title: String,
    pub organisation: OrganisationName,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: OffsetDateTime,
    /// Where people meet in a room; absent: by video alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Only those on the list know of it.
    pub closed: bool,
    /// The caller on the roll; absent for officers who are not on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mine: Option<MyPlace>,
}

/// The caller on the roll of a meeting.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MyPlace {
    pub part: RollPart,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<MeetingAnswer>,
    pub place: MeetingPlace,
}

/// What somebody on the roll does at a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RollPart {
    /// Counts as expected and votes formally.
    Entitled,
    /// Takes part here and has the home elsewhere: asked for an opinion, counted apart.
    Consulted,
    /// Attends and has no vote.
    Attends,
}

/// Why somebody on the roll does not count as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotCounted {
    Observer,
    Probationary,
    RightsSuspended,
    HomeElsewhere,
    NotOfCommittee,
    Exempted,
    /// A temporary branch does not vote.
    TemporaryBranch,
    /// A theme day or a lesson.
    NothingIsDecided,
}

/// Where somebody is who is on the roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingPlace {
    /// Not signed in, or signed out.
    Away,
    /// At the own device.
    Online,
    /// In the room, entered by the recorder or the secretary.
    OnSite,
    /// On the signed list of a venue.
    Venue,
}

/// An answer to a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingAnswer {
    pub attends: bool,
    /// Why not; shown to the person, the chair, the recorder and officers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `PUT /api/meetings/{meeting}/answer` (on the roll), from the notice until the meeting opens.
/// Answers [`Meeting`]. A later answer replaces the earlier one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerNotice {
    pub attends: bool,
    /// Needed to stay away, 1–200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The lamp, and the figures behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingLamp {
    pub state: LampState,
    /// 应到: entitled.
    pub expected: u32,
    /// 实到: entitled, signed in, not silent longer than the grace.
    pub present: u32,
    /// Of `present` those heard of just now; `present - connected` are cut off.
    pub connected: u32,
    /// 需要; absent where nothing is decided formally.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<u32>,
    /// Asked for an opinion, and of them present; never added to the figures above.
    pub consulted: u32,
    pub consulted_present: u32,
    /// Everybody who is there.
    pub here: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_formal: Option<NoFormalVote>,
    /// Whether a formal vote can open now.
    pub may_vote: bool,
}

/// `GET /api/meetings/{meeting}` (on the roll; officers of the organisation and above it, unless it
/// is closed), `GET /api/desk/meetings/{meeting}` (officers; drafts too). A meeting as the caller may
/// see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Meeting {
    pub summary: MeetingSummary,
    /// Its room: chat, call and events, for those who signed in. `room:<id>`, `live:<id>`,
    /// `POST /api/rooms/{room}/call`.
    pub room: RoomId,
    pub chair: PersonName,
    /// Who chairs in the absence of the chair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_chair: Option<PersonName>,
    pub recorder: PersonName,
    pub agenda: Vec<AgendaItem>,
    /// Number of the item under discussion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u16>,
    pub venues: Vec<Venue>,
    /// When the notice went out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub notified_at: Option<OffsetDateTime>,
    /// Why the notice was shorter than the rule asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reason: Option<String>,
    /// From when people sign in.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub sign_in_at: OffsetDateTime,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opened_at: Option<OffsetDateTime>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<OffsetDateTime>,
    /// Why it was cancelled or adjourned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_reason: Option<String>,
    pub lamp: MeetingLamp,
    /// By name. Before the notice: whom it would call.
    pub roll: Vec<RollLine>,
    /// In the order in which they were called.
    pub votes: Vec<MeetingVote>,
    /// Seconds between two calls of `POST /api/meetings/{meeting}/presence`.
    pub beat_s: u32,
    /// What the caller may do now.
    pub rights: Vec<MeetingRight>,
}

/// Something that the caller may do at a meeting now.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MeetingRight {
    /// Edit the draft (desk).
    Edit,
    /// Send the notice (desk).
    Notify,
    /// Cancel (desk).
    Cancel,
    Answer,
    SignIn,
    SignOut,
    /// Take the chair, since the chair is not there.
    TakeChair,
    /// Open, adjourn, close, set the item, call and close votes, give the floor.
    Run,
    /// Enter who is in the room, and their votes.
    EnterOnSite,
    /// Hand in the list of a venue, and its votes.
    HandInVenue,
    /// Cast the own vote.
    Vote,
    /// Write the minutes.
    WriteMinutes,
    /// Sign the minutes.
    SignMinutes,
    /// Send the minutes back, or take note of them (desk of the superior).
    TakeNote,
    ReadMinutes,
}

/// Somebody by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonName {
    pub person: PersonId,
    pub name: String,
}

/// An item of the agenda, numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// 1–100 characters.
    pub title: String,
    /// Minutes planned, 1–240; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
}

/// A room with several people behind one camera, numbered from 1.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Venue {
    pub name: String,
    /// Who hands in the list.
    pub head: PersonName,
    /// When the list was handed in last.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub signed_at: Option<OffsetDateTime>,
}

/// Somebody on the roll.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RollLine {
    pub person: PersonId,
    pub name: String,
    pub part: RollPart,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_counted: Option<NotCounted>,
    /// Of an observer: the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<MeetingAnswer>,
    /// When the notice reached a device of the person; for the chair, the recorder and officers.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub delivered_at: Option<OffsetDateTime>,
    pub place: MeetingPlace,
    /// Number of the venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<u16>,
    /// Counts as present.
    pub present: bool,
    /// Heard of just now.
    pub connected: bool,
    /// First sign-in.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub signed_in_at: Option<OffsetDateTime>,
    /// First signed in after the meeting had opened.
    pub late: bool,
}

/// `POST /api/meetings/{meeting}/presence` (signed in at this device), without body, each `beat_s`.
/// Refused with `step_not_allowed` once the person is not signed in at this device any more: sign in
/// again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingBeat {
    pub state: MeetingState,
    pub lamp: MeetingLamp,
}

/// `POST /api/meetings/{meeting}/sign-in` (on the roll; an officer above as an observer), without
/// body: binds person and device, admits to the room. A second device takes the place of the first.
/// `DELETE /api/meetings/{meeting}/sign-in` signs out. Both answer [`Meeting`].
///
/// `POST /api/meetings/{meeting}/chair` (deputy, else the first of the committee who is present),
/// without body: chairs while the chair is not there. Answers [`Meeting`].
///
/// `POST /api/meetings/{meeting}/steps` (chair). Answers [`Meeting`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeMeetingStep {
    pub step: MeetingStep,
    /// Needed to adjourn, 1–200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the chair does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingStep {
    /// The hub does it at `sign_in_at` as well.
    OpenSignIn,
    Open,
    Adjourn,
    Close,
}

/// `PUT /api/meetings/{meeting}/item` (chair): the item under discussion. Answers [`Meeting`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAgendaItem {
    /// From 1; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u16>,
}

/// `PUT /api/meetings/{meeting}/on-site/{person}` (chair, recorder, officers): somebody without an
/// own device is in the room, or is not. Answers [`Meeting`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterOnSite {
    pub present: bool,
    /// Needed once the meeting has opened, 1–200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `PUT /api/meetings/{meeting}/venues/{venue}` (its head, signed in): the whole list of who is
/// there; who was on the list before and is not any more, is away. Answers [`Meeting`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandInVenue {
    /// People of the roll, at most 200.
    pub people: Vec<PersonId>,
}
