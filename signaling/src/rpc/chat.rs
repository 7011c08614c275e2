//! Calls of the group chat. The doc comment of each parameter struct names its method.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::event::EventKind;
use crate::event::calls::CallEnded;
use crate::event::chat::RoomRole;
use crate::ids::{PersonId, RoomId};

/// `msg.send`: write a message. The reply means that it is durable. A repeat with the same `cid`
/// returns the first result with `dup: true`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    pub room: RoomId,
    /// Made once by the client and stored before sending; 1–64 ASCII letters, digits, `-`, `_`.
    pub cid: String,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<PersonId>,
}

/// Result of `msg.send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageSent {
    /// Place of the message in the room.
    pub seq: i64,
    /// Time of the commit, milliseconds since 1970-01-01 UTC.
    pub ts: i64,
    /// The message had been accepted before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dup: bool,
}

/// `msg.edit`: give a message of one's own a new text. Answers [`MessageSent`] with the place of the
/// edit.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    pub room: RoomId,
    /// The message.
    pub seq: i64,
    /// Made once by the client, as for `msg.send`.
    pub cid: String,
    pub text: String,
}

/// `msg.withdraw`: take a message of one's own back, within two minutes. Answers [`MessageSent`]
/// with the place of the withdrawal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawMessage {
    pub room: RoomId,
    /// The message.
    pub seq: i64,
    /// Made once by the client, as for `msg.send`.
    pub cid: String,
}

/// `react.set`: set a reaction to a message, or take it back. Answers [`MessageSent`] with the place
/// of the event; where nothing changes, with the place of the last change and `dup: true`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetReaction {
    pub room: RoomId,
    /// The message.
    pub seq: i64,
    /// Made once by the client, as for `msg.send`.
    pub cid: String,
    /// One emoji: at most 12 characters, none of them a letter, a blank or a control character.
    pub emoji: String,
    /// Set, or taken back.
    pub on: bool,
}

/// `pin.set`: pin a message above the list, or unpin it; for leaders of the room. Answers
/// [`MessageSent`] as `react.set` does.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPin {
    pub room: RoomId,
    /// The message.
    pub seq: i64,
    /// Made once by the client, as for `msg.send`.
    pub cid: String,
    /// Pinned, or no longer.
    pub on: bool,
}

/// `pin.list`: the pinned messages of a room, last pinned first, at most 20.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPins {
    pub room: RoomId,
}

/// Result of `pin.list`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PinList {
    pub items: Vec<Item>,
    /// Names of everyone who stands in `items`.
    pub people: BTreeMap<PersonId, String>,
}

/// `msg.edits`: what a message said before. Refused with `message_gone` once it was withdrawn or
/// hidden.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEdits {
    pub room: RoomId,
    /// The message.
    pub seq: i64,
}

/// Result of `msg.edits`, oldest first; the last one is the text that is shown now. Of more than 100
/// versions the first and the latest are kept.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EditList {
    pub versions: Vec<TextVersion>,
}

/// One text that a message had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TextVersion {
    /// Place of the event that brought it.
    pub seq: i64,
    pub ts: i64,
    pub text: String,
}

/// `read.by`: which members have read up to a message.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListReaders {
    pub room: RoomId,
    /// The message.
    pub seq: i64,
}

/// Result of `read.by`. The author of the message is not counted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReaderList {
    /// By name, at most 200.
    pub readers: Vec<Reader>,
    /// How many members have read it.
    pub read: i64,
    /// How many members could have: everyone who may see it.
    pub of: i64,
}

/// Someone who has read a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reader {
    pub person: PersonId,
    pub name: String,
}

/// `presence.set`: whether others see that the caller is connected. Without it they do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPresence {
    pub shown: bool,
}

/// `presence.get`: no parameters (`{}`).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPresence {}

/// Result of `presence.set` and `presence.get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PresenceSet {
    pub shown: bool,
}

/// `room.list`: the caller's rooms, last activity first. No parameters (`{}`).
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListRooms {}

/// Result of `room.list`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomList {
    pub rooms: Vec<RoomSummary>,
}

/// One line of the inbox.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomSummary {
    pub room: RoomId,
    pub title: String,
    pub kind: RoomKind,
    pub role: RoomRole,
    /// Members of the room.
    pub members: i64,
    /// Sequence number of the last event, 0 for an empty room.
    pub top: i64,
    /// Countable events after the caller's read marker.
    pub unread: i64,
    /// Of these, messages that call the caller by name.
    pub mentions: i64,
    /// The caller's read marker.
    pub read_seq: i64,
    /// The last message that can be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastLine>,
}

/// Preview of the last message of a room.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LastLine {
    pub seq: i64,
    pub from: PersonId,
    pub name: String,
    /// At most 80 characters.
    pub text: String,
    pub ts: i64,
}

/// What a room is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    PartyGroup,
    Branch,
    JointBranch,
    Inbox,
    /// One matter between a constituent and a delegate; read through its own pages alone.
    DelegateThread,
    /// A meeting; whoever signed in to it is a member.
    Meeting,
}

/// `messages.page`: materialized messages, newest page by default. `before` and `after` are
/// exclusive sequence numbers; at most one of them is given.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageMessages {
    pub room: RoomId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// 1–100, default 40.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// Result of `messages.page`, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessagePage {
    pub items: Vec<Item>,
    /// Names of everyone who stands in `items`.
    pub people: BTreeMap<PersonId, String>,
    /// Whether older items exist that the caller may see.
    pub older: bool,
    /// Whether newer items exist.
    pub newer: bool,
    /// Last sequence number of the room when the page was read: the position to subscribe from.
    pub top: i64,
    /// Epoch of the room, as in a subscribe reply.
    pub epoch: String,
    /// First sequence number the caller may see.
    pub visible_from: i64,
}

/// A line of the chat list: a message as it stands now, or a notice (joined, left, room,
/// beginning and end of a call).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Item {
    pub seq: i64,
    /// Running number among the countable events of the room.
    pub nth: i64,
    pub t: EventKind,
    pub from: PersonId,
    pub ts: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    pub state: ItemState,
    /// Current text of a message, or the sentence's subject (a name, a title) of a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<PersonId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<ReactionCount>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// What a `call_ended` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallEnded>,
}

/// Whether a message still has its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Shown,
    Withdrawn,
    Hidden,
}

/// The message that is answered, as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    pub seq: i64,
    pub from: PersonId,
    /// At most 80 characters; absent when withdrawn or hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How many members set one reaction, and whether the caller did.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReactionCount {
    pub emoji: String,
    pub count: i64,
    pub mine: bool,
}

/// `room.members`: the roster of a room.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListMembers {
    pub room: RoomId,
}

/// Result of `room.members`, leaders first, then by name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberList {
    pub members: Vec<RoomMember>,
}

/// One member of a room.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomMember {
    pub person: PersonId,
    pub name: String,
    pub role: RoomRole,
}

/// `read.mark`: everything up to `seq` was read. Never moves back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    pub room: RoomId,
    pub seq: i64,
}

/// Result of `read.mark`: the marker as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadMarked {
    pub seq: i64,
    pub unread: i64,
}

/// `sync`: which of these rooms moved beyond the sequence number the client knows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    pub rooms: BTreeMap<RoomId, i64>,
}

/// Result of `sync`: the rooms that moved, and rooms of the caller that the request did not name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Synced {
    pub moved: Vec<RoomSummary>,
    /// Rooms named in the request of which the caller is no member.
    pub gone: Vec<RoomId>,
}
