//! What a hint says, and its form on the bus.
//!
//! `1 | code (32) | kind | id (16) | store epoch (4) | room epoch (4) | seq (8) | rest`, numbers
//! big-endian; the code covers everything behind it. The id is a room's or a person's. Head and
//! rest are apart so that a node can drop what does not concern it before it checks the code.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use signaling::event::EventKind;
use signaling::limits::HINT_BYTES_MAX;
use signaling::{DeviceId, PersonId, RoomId};
use uuid::Uuid;

use crate::keys::MacKeys;
use crate::timeline::{Committed, Epoch};

const VERSION: u8 = 1;
const CODE: std::ops::Range<usize> = 1..33;
const HEAD: std::ops::Range<usize> = 33..66;

/// Something other nodes should know at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Hint {
    /// An event was committed.
    Event(Arc<Committed>),
    /// The sockets of a device, or of all devices of a person, end.
    Revoked { person: PersonId, device: Option<DeviceId> },
    /// Data for those who listen to a room's `live:` channel; compact JSON.
    Ephemeral { room: RoomId, data: Bytes },
    /// Data for every connection of a person; compact JSON.
    Message { person: PersonId, data: Bytes },
    /// The last message of a room that moved, for members who do not listen to it.
    Moved(Arc<Committed>),
    /// A node asks who is in a room.
    Look { room: RoomId, node: Uuid },
    /// A node's answer.
    Present { room: RoomId, share: Share },
}

/// Who is in a room on one node and lets it be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub node: Uuid,
    pub count: u32,
    /// Some of them.
    pub names: Vec<PersonId>,
}

/// A hint as it came, not yet believed.
#[derive(Clone, Debug)]
pub struct Sealed {
    bytes: Bytes,
    kind: u8,
    id: Uuid,
    epoch: Epoch,
    seq: i64,
}

/// The event but for what stands in the head.
#[derive(Serialize, Deserialize)]
struct Rest {
    nth: i64,
    author: PersonId,
    cid: String,
    ts: i64,
    kind: EventKind,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    reference: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

const EVENT: u8 = 1;
const REVOKED: u8 = 2;
const EPHEMERAL: u8 = 3;
const MESSAGE: u8 = 4;
const MOVED: u8 = 5;
const LOOK: u8 = 6;
const PRESENT: u8 = 7;
const NO_EPOCH: Epoch = Epoch { store: 0, room: 0 };

impl Hint {
    /// The hint with its code under the newest key. `None`: too long for the bus.
    #[must_use]
    pub fn seal(&self, keys: &MacKeys) -> Option<Bytes> {
        let (kind, id, epoch, seq, rest) = match self {
            Self::Event(event) | Self::Moved(event) => {
                let kind = if matches!(self, Self::Event(_)) { EVENT } else { MOVED };
                let rest = serde_json::to_vec(&Rest::of(event)).ok()?;
                (kind, event.room.uuid(), event.epoch, event.seq, Bytes::from(rest))
            }
            Self::Revoked { person, device } => {
                let device = device.map(|device| Bytes::copy_from_slice(device.uuid().as_bytes()));
                (REVOKED, person.uuid(), NO_EPOCH, 0, device.unwrap_or_default())
            }
            Self::Ephemeral { room, data } => (EPHEMERAL, room.uuid(), NO_EPOCH, 0, data.clone()),
            Self::Message { person, data } => (MESSAGE, person.uuid(), NO_EPOCH, 0, data.clone()),
            Self::Look { room, node } => {
                (LOOK, room.uuid(), NO_EPOCH, 0, Bytes::copy_from_slice(node.as_bytes()))
            }
            Self::Present { room, share } => {
                let rest = serde_json::to_vec(share).ok()?;
                (PRESENT, room.uuid(), NO_EPOCH, 0, Bytes::from(rest))
            }
        };
        let mut head = BytesMut::with_capacity(HEAD.len());
        head.put_u8(kind);
        head.put_slice(id.as_bytes());
        head.put_u32(epoch.store);
        head.put_u32(epoch.room);
        head.put_i64(seq);
        let mut sealed = BytesMut::with_capacity(HEAD.end.saturating_add(rest.len()));
        sealed.put_u8(VERSION);
        sealed.put_slice(&keys.sign(&[&head, &rest]));
        sealed.put_slice(&head);
        sealed.put_slice(&rest);
        (sealed.len() <= HINT_BYTES_MAX).then(|| sealed.freeze())
    }
}

impl Sealed {
    /// Reads the head. `None`: no hint of this version.
    #[must_use]
    pub fn read(bytes: Bytes) -> Option<Self> {
        if bytes.first() != Some(&VERSION) || bytes.len() > HINT_BYTES_MAX {
            return None;
        }
        let head: &[u8; 33] = bytes.get(HEAD)?.first_chunk()?;
        let (kind, rest) = head.split_first()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (store, rest) = rest.split_first_chunk::<4>()?;
        let (room, rest) = rest.split_first_chunk::<4>()?;
        let seq = rest.first_chunk::<8>()?;
        let epoch = Epoch { store: u32::from_be_bytes(*store), room: u32::from_be_bytes(*room) };
        let (kind, id, seq) = (*kind, Uuid::from_bytes(*id), i64::from_be_bytes(*seq));
        Some(Self { bytes, kind, id, epoch, seq })
    }

    /// The room, epoch and number of the event that this hint claims to carry.
    #[must_use]
    pub fn claims(&self) -> Option<(RoomId, Epoch, i64)> {
        (self.kind == EVENT).then_some((RoomId(self.id), self.epoch, self.seq))
    }

    /// The hint, if its code is right under one of the keys.
    #[must_use]
    pub fn open(&self, keys: &MacKeys) -> Option<Hint> {
        let (code, head) = (self.bytes.get(CODE)?, self.bytes.get(HEAD)?);
        let rest = self.bytes.slice(HEAD.end..);
        if !keys.verify(&[head, &rest], code) {
            return None;
        }
        match self.kind {
            EVENT | MOVED => {
                let rest: Rest = serde_json::from_slice(&rest).ok()?;
                let event = Arc::new(rest.event(RoomId(self.id), self.epoch, self.seq));
                Some(if self.kind == EVENT { Hint::Event(event) } else { Hint::Moved(event) })
            }
            REVOKED => {
                let person = PersonId(self.id);
                if rest.is_empty() {
                    return Some(Hint::Revoked { person, device: None });
                }
                let device = Some(DeviceId(Uuid::from_slice(&rest).ok()?));
                Some(Hint::Revoked { person, device })
            }
            EPHEMERAL => Some(Hint::Ephemeral { room: RoomId(self.id), data: rest }),
            MESSAGE => Some(Hint::Message { person: PersonId(self.id), data: rest }),
            LOOK => Some(Hint::Look { room: RoomId(self.id), node: Uuid::from_slice(&rest).ok()? }),
            PRESENT => {
                let share = serde_json::from_slice(&rest).ok()?;
                Some(Hint::Present { room: RoomId(self.id), share })
            }
            _ => None,
        }
    }
}

impl Rest {
    fn of(event: &Committed) -> Self {
        let Committed { nth, author, cid, ts, kind, reference, body, .. } = event.clone();
        Self { nth, author, cid, ts, kind, reference, body }
    }

    fn event(self, room: RoomId, epoch: Epoch, seq: i64) -> Committed {
        let Self { nth, author, cid, ts, kind, reference, body } = self;
        Committed { room, epoch, seq, nth, author, cid, ts, kind, reference, body }
    }
}
