//! What goes into a room's log and what comes out of it.

use std::collections::HashMap;
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::Arc;

use signaling::event::chat::RoomRole;
use signaling::event::{ENVELOPE_VERSION, EventKind};
use signaling::limits::{CID_BYTES_MAX, COMMAND_BYTES_MAX};
use signaling::{PersonId, RefusalCode, RoomId};

use crate::error::{Error, Fault};

/// An event that should be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    pub room: RoomId,
    /// [`PersonId::SYSTEM`] for events that no person caused; anyone else must be a member.
    pub author: PersonId,
    /// The author's own id of the event: 1–64 letters, digits, `-`, `_`.
    pub cid: String,
    pub kind: EventKind,
    /// The earlier event this one speaks of.
    pub reference: Option<i64>,
    /// The payload: one compact JSON value.
    pub body: String,
}

impl Append {
    /// Whether the store can take it; the error is a sentence.
    pub(super) fn check(&self) -> Result<(), AppendError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.cid.is_empty() || self.cid.len() > CID_BYTES_MAX || !self.cid.bytes().all(good) {
            return Err(AppendError::Invalid("cid must be 1 to 64 letters, digits, '-' or '_'"));
        }
        if self.body.len() > COMMAND_BYTES_MAX {
            return Err(AppendError::TooLarge);
        }
        // A line break would end the frame, a zero byte is no text to Postgres.
        if self.body.bytes().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
            return Err(AppendError::Invalid("the payload must be compact JSON"));
        }
        Ok(())
    }

    /// What this counts as against [`signaling::limits::BATCH_BYTES_MAX`].
    pub(super) fn bytes(&self) -> usize {
        self.body.len().saturating_add(self.cid.len()).saturating_add(64)
    }
}

/// The place an event took. It is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Place in the room, from 1 without gaps.
    pub seq: i64,
    /// Time of the commit, milliseconds since 1970-01-01 UTC.
    pub ts: i64,
    /// The same author had written the same `cid` before; this is the first one's place.
    pub dup: bool,
}

/// Why an event was not written. After [`AppendError::Busy`], [`AppendError::Full`] and
/// [`AppendError::Closed`] the same `cid` may be sent again.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    #[error("no such room, or the author is not a member of it")]
    NotMember,
    #[error("{0}")]
    Invalid(&'static str),
    #[error("the payload has more than {COMMAND_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the room is busy; send again")]
    Busy,
    #[error("too many messages are waiting; send again")]
    Full,
    #[error("the hub is stopping; send again")]
    Closed,
    #[error("write the event: {0}")]
    Fault(Arc<sqlx::Error>),
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        let code = match &error {
            AppendError::NotMember => RefusalCode::NotAllowed,
            AppendError::Invalid(_) => RefusalCode::InvalidInput,
            AppendError::TooLarge => RefusalCode::TooLarge,
            AppendError::Busy | AppendError::Closed => RefusalCode::Unavailable,
            AppendError::Full => RefusalCode::TooManyRequests,
            AppendError::Fault(_) => return Self::Fault(Fault::new(error)),
        };
        Self::refuse(code, error.to_string())
    }
}

/// The epoch of a room: while it stays, numbers once shown keep their meaning.
///
/// The first half belongs to the store as a whole and changes on restore, the second to the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch {
    pub store: u32,
    pub room: u32,
}

impl Epoch {
    /// From the columns `store.epoch` and `room_head.epoch`, whose checks bound them.
    pub(super) fn from_columns(store: i64, room: i32) -> Self {
        Self {
            store: u32::try_from(store).unwrap_or_default(),
            room: u32::try_from(room).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.store, self.room)
    }
}

/// A text that is no epoch of this product.
#[derive(Debug, thiserror::Error)]
#[error("not an epoch")]
pub struct NoEpoch;

impl From<ParseIntError> for NoEpoch {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl FromStr for Epoch {
    type Err = NoEpoch;

    fn from_str(text: &str) -> Result<Self, NoEpoch> {
        let (store, room) = text.split_once('-').ok_or(NoEpoch)?;
        Ok(Self { store: u32::from_str_radix(store, 16)?, room: room.parse()? })
    }
}

/// An event of the log, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub room: RoomId,
    pub epoch: Epoch,
    /// Place in the room, from 1 without gaps.
    pub seq: i64,
    /// Countable events of the room up to and including this one.
    pub nth: i64,
    pub author: PersonId,
    pub cid: String,
    /// Time of the commit, milliseconds since 1970-01-01 UTC.
    pub ts: i64,
    pub kind: EventKind,
    pub reference: Option<i64>,
    /// The payload as compact JSON; `None` once it was withdrawn, hidden or erased.
    pub body: Option<String>,
}

impl Committed {
    /// The publication's data: the envelope ([`signaling::event::Envelope`]) as compact JSON.
    #[must_use]
    pub fn envelope(&self) -> String {
        use fmt::Write as _;
        let body = self.body.as_deref().unwrap_or_default();
        let mut text = String::with_capacity(body.len().saturating_add(192));
        let _ = write!(text, "{{\"v\":{ENVELOPE_VERSION},\"t\":\"{}\"", self.kind.word());
        if self.author != PersonId::SYSTEM {
            // Checked on the way in: no character of it needs an escape.
            let _ = write!(text, ",\"cid\":\"{}\"", self.cid);
        }
        let _ = write!(text, ",\"from\":\"{}\",\"ts\":{}", self.author, self.ts);
        if let Some(reference) = self.reference {
            let _ = write!(text, ",\"ref\":{reference}");
        }
        if !body.is_empty() {
            let _ = write!(text, ",\"b\":{body}");
        }
        text.push('}');
        text
    }
}

/// Where a room's log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Top {
    /// Number of the last event, 0 for an empty log.
    pub seq: i64,
    /// Countable events so far.
    pub countable: i64,
    pub epoch: Epoch,
}

/// A piece of a room's log, read in one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Where the log stood at that moment.
    pub top: Top,
    /// In the order that was asked for.
    pub events: Vec<Committed>,
}

/// What a member may do and see in a room, and where the room stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub role: RoomRole,
    /// First number the member may see.
    pub visible_from: i64,
    pub top: Top,
}

/// Standings by room; a room is missing where the person is no member.
pub type Standings = HashMap<RoomId, Standing>;

#[cfg(test)]
mod tests {
    use signaling::event::Envelope;
    use uuid::Uuid;

    use super::*;

    fn event() -> Committed {
        Committed {
            room: RoomId(Uuid::from_u128(1)),
            epoch: Epoch { store: 0xab, room: 3 },
            seq: 7,
            nth: 5,
            author: PersonId(Uuid::from_u128(2)),
            cid: "c-1_A".into(),
            ts: 1_790_000_000_123,
            kind: EventKind::Message,
            reference: None,
            body: Some(r#"{"text":"你好\n\"连心\""}"#.into()),
        }
    }

    #[test]
    fn the_envelope_is_what_the_contract_serializes() {
        let tombstone = Committed { body: None, reference: Some(3), ..event() };
        let system = Committed { author: PersonId::SYSTEM, kind: EventKind::Joined, ..event() };
        for event in [event(), tombstone, system] {
            let text = event.envelope();
            let read: Envelope = serde_json::from_str(&text).expect("an envelope");
            assert_eq!(serde_json::to_string(&read).expect("serialized"), text);
            assert_eq!(read.from, event.author);
            assert_eq!(read.cid.is_some(), event.author != PersonId::SYSTEM);
            assert_eq!(read.b.map(|raw| raw.get().to_owned()), event.body);
        }
    }

    #[test]
    fn an_epoch_reads_what_it_writes() {
        let epoch = Epoch { store: 0xab, room: 3 };
        assert_eq!(epoch.to_string(), "000000ab-3");
        assert_eq!(epoch.to_string().parse::<Epoch>().expect("an epoch"), epoch);
        for bad in ["", "-", "ab", "xy-1", "ab-", "1ffffffff-1", "ab--1"] {
            assert!(bad.parse::<Epoch>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_append_that_the_store_could_not_keep_is_refused_before() {
        let good = Append {
            room: RoomId(Uuid::from_u128(1)),
            author: PersonId(Uuid::from_u128(2)),
            cid: "a".repeat(64),
            kind: EventKind::Message,
            reference: None,
            body: "{}".into(),
        };
        assert!(good.check().is_ok());
        for cid in ["", "a b", "汉", "a\"", &"a".repeat(65)] {
            assert!(Append { cid: cid.into(), ..good.clone() }.check().is_err(), "{cid}");
        }
        for body in ["{\n}", "{\r}", "\"\0\""] {
            assert!(Append { body: body.into(), ..good.clone() }.check().is_err(), "{body:?}");
        }
        let long = Append { body: "x".repeat(COMMAND_BYTES_MAX + 1), ..good };
        assert!(matches!(long.check(), Err(AppendError::TooLarge)));
    }
}
