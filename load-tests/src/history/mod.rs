//! What happened, as the clients saw it, and whether it keeps the promises about a room's log.
//!
//! Clients write down every send, answer and sighting in the order of one clock (the place in the
//! list). [`check()`] compares that list with what the store holds at the end. It never talks to
//! anything, so it is itself tested on forged histories.

mod check;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use signaling::{PersonId, RoomId};

#[cfg(test)]
use check::Broken;
pub use check::{Report, check};

/// One message, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub room: RoomId,
    pub author: PersonId,
    pub cid: String,
}

/// What one client saw.
#[derive(Clone, Debug)]
pub enum Entry {
    /// About to leave the client, for the first time or again.
    Sent(Key),
    /// The hub said that it is durable.
    Acked { key: Key, seq: i64, dup: bool },
    /// The hub said no, for good.
    Refused { key: Key, code: u32 },
    /// A reader subscribed afresh: it sees what comes after `offset`.
    Began { reader: usize, room: RoomId, epoch: String, offset: i64 },
    /// A reader came back and was given what it missed after `offset`.
    Resumed { reader: usize, room: RoomId, epoch: String, offset: i64 },
    /// A reader came back and was told that its position is worth nothing any more.
    Lost { reader: usize, room: RoomId, epoch: String, offset: i64 },
    /// The hub said to try again later: whether it was written is open, and its turn is gone.
    PutOff { key: Key },
    /// A reader whose membership ended at `seq` was told so.
    Removed { reader: usize, room: RoomId, seq: i64 },
    /// A reader was shown an event.
    Seen { reader: usize, key: Key, seq: i64 },
}

/// One row of the log at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub seq: i64,
    pub author: PersonId,
    pub cid: String,
}

/// The log of one room at the end, in the order of its numbers.
#[derive(Clone, Debug, Default)]
pub struct StoredRoom {
    pub epoch: String,
    pub rows: Vec<Stored>,
}

/// Every room at the end.
pub type Rooms = BTreeMap<RoomId, StoredRoom>;

/// The list that all clients write.
#[derive(Debug, Default)]
pub struct Recorder {
    entries: Mutex<Vec<Entry>>,
    lives: AtomicUsize,
    fresh_acks: AtomicUsize,
}

impl Recorder {
    /// Adds what a client saw just now.
    pub fn write(&self, entry: Entry) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Which life of the target this is: one more with every kill.
    pub fn life(&self) -> usize {
        self.lives.load(Ordering::SeqCst)
    }

    /// The target was killed: what is acknowledged from now on proves nothing about its new life
    /// unless it was also sent from now on.
    pub fn begin_life(&self) {
        self.lives.fetch_add(1, Ordering::SeqCst);
        self.fresh_acks.store(0, Ordering::SeqCst);
    }

    /// Adds an acknowledgement of a message that was first sent in `born`.
    pub fn write_ack(&self, entry: Entry, born: usize) {
        if born == self.life() {
            self.fresh_acks.fetch_add(1, Ordering::SeqCst);
        }
        self.write(entry);
    }

    /// Messages that were both sent and acknowledged in this life.
    pub fn fresh_acks(&self) -> usize {
        self.fresh_acks.load(Ordering::SeqCst)
    }

    /// The list so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
