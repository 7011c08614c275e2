//! What the store knows of calls.

use signaling::media::wire::TrackInfo;
use signaling::{CallId, PersonId, RoomId};
use time::OffsetDateTime;

/// A call that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) room: RoomId,
    pub(super) started_by: PersonId,
    pub(super) started_at: OffsetDateTime,
    pub(super) busy_at: OffsetDateTime,
    pub(super) locked: bool,
}

/// What became of asking a leader to let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    NotYet,
    Given(Decided),
}

/// What a leader decided about somebody at the door of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) admitted: bool,
    pub(super) at: OffsetDateTime,
}

/// Where somebody stands at the door of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Took a ticket before.
    pub(super) let_in: bool,
    /// Was there at the last look.
    pub(super) present: bool,
    /// A leader was asked.
    pub(super) asked: Option<Answer>,
    pub(super) locked: bool,
    /// People in the call at the last look.
    pub(super) people: i64,
}

/// One connection that the media server sees in a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) session: String,
    pub(super) person: PersonId,
    pub(super) tracks: Vec<TrackInfo>,
}
