//! Rows of the chat.

use signaling::event::chat::{Message, RoomRole};
use signaling::rpc::chat::RoomKind;
use signaling::{PersonId, RoomId};

/// A message as far as the rules look at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredMessage {
    pub author: PersonId,
    /// Milliseconds since 1970-01-01 UTC.
    pub ts: i64,
    /// Neither withdrawn nor hidden.
    pub has_text: bool,
}

/// What a member is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Membership {
    pub role: RoomRole,
    /// First number the member may see.
    pub visible_from: i64,
}

/// The last event that set or took back a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub seq: i64,
    /// Milliseconds since 1970-01-01 UTC.
    pub ts: i64,
    pub on: bool,
}

/// A reaction to a message, counted.
#[derive(Clone, Debug)]
pub(super) struct ReactionRow {
    pub of: i64,
    pub emoji: String,
    pub count: i64,
}

/// A room in a person's inbox.
#[derive(Clone, Debug)]
pub(super) struct RoomRow {
    pub room: RoomId,
    pub title: String,
    pub kind: RoomKind,
    pub role: RoomRole,
    pub members: i64,
    pub top: i64,
    pub unread: i64,
    pub mentions: i64,
    pub read_seq: i64,
    pub last: Option<LastRow>,
}

/// The last message of a room that still has its text.
#[derive(Clone, Debug)]
pub(super) struct LastRow {
    pub seq: i64,
    pub from: PersonId,
    pub name: String,
    pub body: String,
    pub edited: Option<String>,
    pub ts: i64,
}

/// An event on a page.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub seq: i64,
    pub nth: i64,
    pub author: PersonId,
    pub cid: String,
    pub ts: i64,
    pub kind: i16,
    pub body: Option<String>,
    /// The payload of a message that still has its text.
    pub message: Option<Message>,
}

/// What a later event says of an earlier one.
#[derive(Clone, Debug)]
pub(super) struct LaterRow {
    pub of: i64,
    pub kind: i16,
    pub body: Option<String>,
}
