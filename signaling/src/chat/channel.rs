//! Channel names: the namespace before the colon, an id after it. A channel has exactly one name,
//! so the UUID is taken in its hyphenated lower-case form only.

use std::fmt;

use uuid::Uuid;

use crate::ids::{PersonId, RoomId};
use crate::limits::CHANNEL_BYTES_MAX;

/// A channel of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// `room:<uuid>`: a room's durable log.
    Room(RoomId),
    /// `user:<uuid>`: a person's inbox, durable, subscribed by the server at connect.
    User(PersonId),
    /// `live:<uuid>`: typing and presence of a room; no offset, no history.
    Live(RoomId),
}

/// Why a name is no channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelError {
    /// Not ASCII, empty or too long (error 107).
    Malformed,
    /// The namespace or the id is unknown (error 102).
    Unknown,
}

/// Whether a name may be used at all: ASCII, not empty, at most 255 bytes.
#[must_use]
pub fn well_formed(name: &str) -> bool {
    !name.is_empty() && name.is_ascii() && name.len() <= CHANNEL_BYTES_MAX
}

impl Channel {
    /// Reads a name. The inverse of `to_string`.
    pub fn parse(name: &str) -> Result<Self, ChannelError> {
        if !well_formed(name) {
            return Err(ChannelError::Malformed);
        }
        let (namespace, id) = name.split_once(':').ok_or(ChannelError::Unknown)?;
        let id = canonical(id).ok_or(ChannelError::Unknown)?;
        match namespace {
            "room" => Ok(Self::Room(RoomId(id))),
            "user" => Ok(Self::User(PersonId(id))),
            "live" => Ok(Self::Live(RoomId(id))),
            _ => Err(ChannelError::Unknown),
        }
    }

    /// The durable log behind the channel, if it has one.
    #[must_use]
    pub const fn log(self) -> Option<RoomId> {
        match self {
            Self::Room(room) => Some(room),
            Self::User(person) => Some(person.inbox()),
            Self::Live(_) => None,
        }
    }
}

/// Reads a UUID in the one form that a channel name has.
fn canonical(text: &str) -> Option<Uuid> {
    let one_form = text.len() == uuid::fmt::Hyphenated::LENGTH
        && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    Uuid::try_parse(text).ok().filter(|_| one_form)
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(room) => write!(f, "room:{room}"),
            Self::User(person) => write!(f, "user:{person}"),
            Self::Live(room) => write!(f, "live:{room}"),
        }
    }
}
