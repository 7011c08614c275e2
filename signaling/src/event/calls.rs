//! Calls in the log of their room.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{CallId, PersonId};

/// `call_started`: a member opened the call of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallStarted {
    pub call: CallId,
}

/// `call_ended`, by no person (`from` is the nil id) or by the leader who ended it: who was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallEnded {
    pub call: CallId,
    /// From the start to the end, seconds.
    pub seconds: i64,
    /// Everybody who was connected at some time, longest first; at most 500.
    pub attended: Vec<Attended>,
}

/// One who was in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attended {
    pub person: PersonId,
    /// Name when the call ended.
    pub name: String,
    /// Time connected, seconds.
    pub seconds: i64,
}
