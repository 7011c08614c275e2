//! An event on its way to sockets, encoded at most once per encoding.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use signaling::PersonId;
use signaling::chat::Encoding;
use signaling::chat::push::{self, Publication};
use signaling::event::EventKind;
use signaling::event::chat::Left;

use crate::timeline::{Committed, Slice, Top, raw};

/// A committed event and its frames. The frames are made when the first subscriber needs them and
/// shared by all.
#[derive(Debug)]
pub struct Entry {
    pub event: Arc<Committed>,
    data: OnceLock<Bytes>,
    json: OnceLock<Bytes>,
    protobuf: OnceLock<Bytes>,
    /// Whose membership this event ends.
    ends: Option<PersonId>,
}

impl Entry {
    /// An event that nobody has asked for yet.
    #[must_use]
    pub fn new(event: Arc<Committed>) -> Self {
        let ends = ends(&event);
        let (data, json, protobuf) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { event, data, json, protobuf, ends }
    }

    /// The event's place in its room.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.event.seq
    }

    /// Whose subscriptions end at this event.
    #[must_use]
    pub const fn ends(&self) -> Option<PersonId> {
        self.ends
    }

    /// The earlier event whose text this event takes away.
    #[must_use]
    pub fn erases(&self) -> Option<i64> {
        match self.event.kind {
            EventKind::Withdrawn | EventKind::Hidden => self.event.reference,
            _ => None,
        }
    }

    /// What the event weighs in a ring.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.event.body.as_ref().map_or(0, String::len).saturating_add(192)
    }

    /// The same event without its payload.
    #[must_use]
    pub fn erased(&self) -> Self {
        Self::new(Arc::new(Committed { body: None, ..Committed::clone(&self.event) }))
    }

    /// The publication's data: the envelope.
    pub fn data(&self) -> &Bytes {
        self.data.get_or_init(|| Bytes::from(self.event.envelope()))
    }

    /// The publication as it stands in a subscribe or history reply.
    #[must_use]
    pub fn publication(&self) -> Publication {
        let offset = offset(self.seq());
        match (self.event.kind, &self.event.body) {
            (EventKind::Raw, Some(body)) => Publication { offset, ..raw::publication(body) },
            _ => Publication { data: self.data().clone(), offset, ..Publication::default() },
        }
    }

    /// The push of this event on `channel`; every call names the same channel.
    pub fn frame(&self, encoding: Encoding, channel: &str) -> Bytes {
        let slot = match encoding {
            Encoding::Json => &self.json,
            Encoding::Protobuf => &self.protobuf,
        };
        slot.get_or_init(|| push::publication(encoding, channel, &self.publication())).clone()
    }
}

/// A piece of a room's log, encoded once for all who read it.
#[derive(Debug)]
pub struct Page {
    /// Where the log stood when it was read.
    pub top: Top,
    /// Oldest first.
    pub entries: Vec<Arc<Entry>>,
}

impl From<Slice> for Page {
    fn from(slice: Slice) -> Self {
        let entries = slice.events.into_iter().map(|event| Arc::new(Entry::new(Arc::new(event))));
        Self { top: slice.top, entries: entries.collect() }
    }
}

/// A sequence number as an offset; numbers are positive.
#[must_use]
pub fn offset(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}

/// Whose membership an event ends.
#[must_use]
pub fn ends(event: &Committed) -> Option<PersonId> {
    if event.kind != EventKind::Left {
        return None;
    }
    let left = serde_json::from_str::<Left>(event.body.as_deref()?).ok()?;
    Some(left.person)
}

/// The name of a channel, e.g. `room:0192…`.
#[must_use]
pub(super) fn channel_name(namespace: &str, id: impl std::fmt::Display) -> Arc<str> {
    let mut name = String::with_capacity(48);
    let _ = write!(name, "{namespace}:{id}");
    name.into()
}
