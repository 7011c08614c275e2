//! A participant of a room: the owner of connections.

use crate::arena::Key;
use crate::ids::ParticipantId;

/// See the module.
#[derive(Debug)]
pub(crate) struct Participant {
    pub(crate) id: ParticipantId,
    pub(crate) room: Key,
    pub(crate) connections: Vec<Key>,
}
