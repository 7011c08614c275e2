//! The call of a room: its members start it, join it and see who is in it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::ids::{CallId, PersonId};

/// `POST /api/rooms/{room}/call` (member): starts the call of the room, or joins the one that is
/// open. `POST /api/call-check` (own): one to a room in which the caller is alone, to try the way.
/// `POST /api/guest-calls/{link}` (own): one to the call whose leader gave the link away. What a
/// client needs to connect to the media server. A repeat is another ticket to the same call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallTicket {
    pub call: CallId,
    /// WebSocket address of the media server, for `connect(url, token)` of a `LiveKit` client.
    pub url: String,
    /// Opens this call alone, for this person alone. Connect within `valid_s`; the media server
    /// hands out fresh ones to whoever is connected.
    pub token: String,
    /// Seconds for which the token is good.
    pub valid_s: u32,
}

/// `GET /api/rooms/{room}/call` (member): whether a call is open, and who is in it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallState {
    /// Absent when none is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<OpenCall>,
}

/// A call that goes on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenCall {
    pub call: CallId,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub started_at: OffsetDateTime,
    pub started_by: PersonId,
    /// Who is connected, as of the hub's last look (at most 5 s ago); first come, first named.
    pub present: Vec<CallPresence>,
    /// Raised hands, the first one first.
    pub hands: Vec<Hand>,
    /// Nobody new comes in.
    pub locked: bool,
    /// Who waits before the door, the first one first; empty for whoever does not open it.
    pub waiting: Vec<CallPresence>,
}

/// A raised hand.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Hand {
    pub person: PersonId,
    pub name: String,
    /// A leader gave this person the floor.
    pub floor: bool,
}

/// `PUT /api/rooms/{room}/call/hand` (in the call): raises or lowers the caller's hand. A repeat
/// keeps the place in the queue.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseHand {
    pub up: bool,
}

/// `PUT /api/rooms/{room}/call/hands/{person}` (leader): gives the floor to a raised hand, or lowers
/// it. Nobody's microphone is opened by that.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerHand {
    pub floor: bool,
}

/// `PUT /api/rooms/{room}/call/lock` (leader): whether nobody new comes in. Who is in stays, and
/// comes back after a lost connection.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LockCall {
    pub locked: bool,
}

/// `PUT /api/rooms/{room}/call/waiting/{person}` (leader): lets somebody in who waits before the
/// door, or does not.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerWaiting {
    pub admit: bool,
}

/// `POST /api/rooms/{room}/call/people/{person}/mute` (leader): stops what a person sends. Only the
/// person itself opens it again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MuteSource {
    pub source: MediaSource,
}

/// What a person sends in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    Microphone,
    Camera,
    /// The shared screen with its sound.
    Screen,
}

/// `GET /api/rooms/{room}/call/guest-link` (leader): opens `POST /api/guest-calls/{link}` for anyone
/// who is signed in, as long as the call goes on and is not locked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GuestLink {
    /// Letters, digits, `-` and `_`.
    pub link: String,
}

/// One who is in a call now, or waits before its door.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallPresence {
    pub person: PersonId,
    pub name: String,
}
