//! What passes and is not kept: signs of members in `live:<room>`, notes to one person's connections.
//! They may be dropped, come twice or late; after a reconnect `sync` tells the truth.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{PersonId, RoomId};

/// What a client sends by the command `send`, without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientSign {
    /// The caller is writing in a room whose `live:` channel it has subscribed. One that comes
    /// within three seconds of the last one is dropped.
    Typing { room: RoomId },
}

/// Data of a publication in `live:<room>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum LiveSign {
    /// A member is writing; it holds for a few seconds.
    Typing { from: PersonId },
    /// A member has read up to `seq`.
    Read { from: PersonId, seq: i64 },
    /// Something changed in the call of the room, a hand, its lock, who waits outside:
    /// `GET /api/rooms/{room}/call` says what.
    Call,
}

/// Data of a `message` push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Note {
    /// The person has read a room up to `seq`, on whatever device.
    Read { room: RoomId, seq: i64, unread: i64 },
    /// A room to which this person is not subscribed moved; at most one a second and room.
    Bump {
        room: RoomId,
        /// Last message of the room.
        seq: i64,
        /// Countable events of the room up to it: the difference to an earlier bump is what came.
        nth: i64,
        from: PersonId,
        /// At most 80 characters.
        preview: String,
    },
}
