//! The durable, ordered log of every room.
//!
//! Numbers are given under the lock of the room's head row, in the transaction that writes the
//! event: 1, 2, 3, … without a gap, and nothing is reported or shown before that transaction is
//! committed. A repeat of the same `(room, author, cid)` never writes twice.
//!
//! Plain appends go through [`PostgresLog`] and its lane (`lane`), which commits many at once.
//! Commands that change more than the log open a transaction, take the heads with
//! [`Locked::rooms`] before anything else, check, write, and hand what they appended to
//! [`Log::publish`] after their commit. [`MemoryLog`] is the same log without a database.

mod lane;
mod locked;
mod memory;
mod postgres;
mod queries;
pub mod raw;
mod types;

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use signaling::limits::FEED_BATCHES_MAX;
use signaling::{PersonId, RoomId};
use tokio::sync::mpsc;

pub use self::lane::AnswerAt;
pub use self::locked::{Locked, NewRoom, create_room, kind_of, role_of};
pub use self::memory::{Admission, MemoryLog};
pub use self::postgres::{LaneSettings, PostgresLog};
pub use self::queries::millis;
pub use self::types::{
    Append, AppendError, Appended, Committed, Epoch, NoEpoch, Slice, Standing, Standings, Top,
};

/// Where committed events go, in the order of each room as far as one node can tell; what another
/// transaction of this node or another node commits may come in between.
pub type Feed = mpsc::Sender<Vec<Arc<Committed>>>;

/// The other end of a [`Feed`].
pub type Fed = mpsc::Receiver<Vec<Arc<Committed>>>;

/// A feed of bounded depth; a reader that falls behind slows the lane down.
#[must_use]
pub fn feed() -> (Feed, Fed) {
    mpsc::channel(FEED_BATCHES_MAX)
}

/// A log of many rooms.
pub trait Log: Debug + Send + Sync + 'static {
    /// Writes one event; the answer means that it is durable. The caller may stop waiting; the
    /// event may be written nevertheless, and a repeat with the same `cid` tells.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>>;

    /// Sends that wait for a commit; none where nothing is written to a disk.
    fn waiting(&self) -> usize {
        0
    }

    /// Events above `after`, oldest first, at most `limit`. `None`: no such room.
    fn since(
        &self,
        room: RoomId,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>>;

    /// Events below `before`, newest first, at most `limit`. `None`: no such room.
    fn before(
        &self,
        room: RoomId,
        before: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>>;

    /// Of the rooms named with the number and epoch one knows, those that now stand elsewhere.
    fn moved<'a>(
        &'a self,
        known: &'a [(RoomId, i64, Epoch)],
    ) -> BoxFuture<'a, Result<Vec<(RoomId, Top)>, sqlx::Error>>;

    /// Hands what a command appended in a transaction of its own to the feed, after its commit.
    fn publish(&self, events: Vec<Arc<Committed>>) -> BoxFuture<'_, ()>;

    /// What `person` may see of each of `rooms`, and where these stand: one read for all.
    fn standings<'a>(
        &'a self,
        person: PersonId,
        rooms: &'a [RoomId],
    ) -> BoxFuture<'a, Result<Standings, sqlx::Error>>;
}

#[cfg(test)]
mod tests;
