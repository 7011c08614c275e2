//! Payloads of the group chat and of the inbox.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DeviceId, PersonId, RoomId};

/// `msg`: a text of at most [`crate::limits::MESSAGE_CHARS_MAX`] characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub text: String,
    /// The message this one answers, by its sequence number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// Members called by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<PersonId>,
}

/// `edit`: the new text of the message `ref`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Edit {
    pub text: String,
}

/// `withdrawn`: the author took the message `ref` back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Withdrawn {}

/// `hidden`: a moderator hid the message `ref`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hidden {
    /// Reason code of the published list.
    pub reason: String,
}

/// `react`: a reaction to the message `ref`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    pub emoji: String,
    /// Set, or taken back.
    pub on: bool,
}

/// `pin`: the message `ref` stands above the list, or no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pin {
    pub on: bool,
}

/// `joined`: a person became a member of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Joined {
    pub person: PersonId,
    pub name: String,
    pub role: RoomRole,
}

/// `left`: a person ceased to be a member of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Left {
    pub person: PersonId,
    pub name: String,
    /// Removed by someone, or left.
    pub removed: bool,
}

/// `role`: what a member is in the room from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleChanged {
    pub person: PersonId,
    pub name: String,
    pub role: RoomRole,
}

/// `room`: the room's title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoomChanged {
    pub title: String,
}

/// `room_added`, `room_removed` in a person's inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxRoom {
    pub room: RoomId,
    pub title: String,
}

/// `device` in a person's inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxDevice {
    pub device: DeviceId,
    /// Signed in, or revoked.
    pub signed_in: bool,
}

/// What a member is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomRole {
    /// Reads and writes.
    Member,
    /// Also invites, removes, pins and hides: the group leader, the secretary.
    Leader,
}
