//! What a room's log carries: one envelope, and one payload file per capability.
//!
//! Every change of a room is an event with the room's next sequence number; the number is the
//! `offset` of the publication and never part of the stored bytes.

pub mod calls;
pub mod chat;
pub mod live;
pub mod meetings;
pub mod people;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::ids::PersonId;

/// Version of the envelope.
pub const ENVELOPE_VERSION: u8 = 1;

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $word:tt, countable: $countable:literal;)*) => {
        /// The kind of an event: the word travels as `t`, the number is stored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum EventKind {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The number in the store.
            #[must_use]
            pub const fn code(self) -> i16 {
                match self { $(Self::$name => $code,)* }
            }

            /// The kind behind a stored number.
            #[must_use]
            pub const fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// Whether the event counts as unread.
            #[must_use]
            pub const fn countable(self) -> bool {
                match self { $(Self::$name => $countable,)* }
            }
        }
    };
}

event_kinds! {
    /// A chat message ([`chat::Message`]).
    Message = 1, "msg", countable: true;
    /// A new text for an earlier message ([`chat::Edit`]).
    Edit = 2, "edit", countable: false;
    /// The author took a message back ([`chat::Withdrawn`]).
    Withdrawn = 3, "withdrawn", countable: false;
    /// A moderator hid a message ([`chat::Hidden`]).
    Hidden = 4, "hidden", countable: false;
    /// A reaction set or taken back ([`chat::Reaction`]).
    Reaction = 5, "react", countable: false;
    /// A message pinned or unpinned ([`chat::Pin`]).
    Pin = 6, "pin", countable: false;
    /// Someone became a member of the room ([`chat::Joined`]).
    Joined = 10, "joined", countable: false;
    /// Someone ceased to be a member ([`chat::Left`]).
    Left = 11, "left", countable: false;
    /// Title or settings of the room changed ([`chat::RoomChanged`]).
    RoomChanged = 12, "room", countable: false;
    /// A member became a leader of the room, or ceased to be one ([`chat::RoleChanged`]).
    RoleChanged = 13, "role", countable: false;
    /// A member opened the call of the room ([`calls::CallStarted`]).
    CallStarted = 14, "call_started", countable: true;
    /// The call of the room is over ([`calls::CallEnded`]).
    CallEnded = 15, "call_ended", countable: false;
    /// Inbox: the person was added to a room ([`chat::InboxRoom`]).
    InboxRoomAdded = 20, "room_added", countable: true;
    /// Inbox: the person was removed from a room ([`chat::InboxRoom`]).
    InboxRoomRemoved = 21, "room_removed", countable: true;
    /// Inbox: a device was signed in or revoked ([`chat::InboxDevice`]).
    InboxDevice = 22, "device", countable: false;
    /// Inbox: something to know or to do ([`people::Notice`]).
    InboxNotice = 23, "notice", countable: true;
    /// Somebody came to the meeting or left it ([`meetings::AttendanceChanged`]).
    MeetingAttendance = 30, "meeting_attendance", countable: false;
    /// The quorum lamp or its figures changed ([`meetings::LampChanged`]).
    MeetingLamp = 31, "meeting_lamp", countable: false;
    /// The meeting stands elsewhere ([`meetings::MeetingMoved`]).
    MeetingStep = 32, "meeting_step", countable: false;
    /// Somebody chairs in the absence of the chair ([`meetings::ChairTaken`]).
    MeetingChair = 33, "meeting_chair", countable: false;
    /// Another item of the agenda is under discussion ([`meetings::ItemChanged`]).
    MeetingItem = 34, "meeting_item", countable: false;
    /// A vote opened ([`meetings::VoteOpened`]).
    VoteOpened = 35, "vote_opened", countable: false;
    /// A vote was cast openly ([`meetings::VoteCast`]).
    VoteCast = 36, "vote_cast", countable: false;
    /// A vote closed ([`meetings::VoteClosed`]).
    VoteClosed = 37, "vote_closed", countable: false;
    /// Opaque bytes of the conformance mode; never stored by the product.
    Raw = 99, "raw", countable: false;
}

/// The envelope of every publication: `{"v":1,"t":"msg","cid":…,"from":…,"ts":…,"ref":…,"b":{…}}`.
///
/// `b` is the payload of the kind `t`. An event whose text was withdrawn or hidden has no `b`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Envelope {
    /// Version of the envelope, 1.
    pub v: u8,
    /// Kind of the event.
    pub t: EventKind,
    /// The author's own id of the event; the sender finds its message by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    /// Author.
    pub from: PersonId,
    /// Time of the commit, milliseconds since 1970-01-01 UTC.
    pub ts: i64,
    /// The earlier event this one speaks of, by its sequence number.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<i64>,
    /// The payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub b: Option<Box<RawValue>>,
}
