//! Reads of the log that many connections want at the same time: everyone who comes back after a
//! break of the network misses the same events of the same room. Who wants what is being read
//! already shares it, and the encoded frames with it. A shared read may have begun a little before
//! it was asked for; what it lacks is pulled like everything else that is behind.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use signaling::RoomId;
use signaling::limits::SHARED_READS_SWEPT_AT;

use crate::fanout::Page;
use crate::timeline::Log;

/// Room, the number above which, how many.
type Wanted = (RoomId, i64, usize);
/// `None`: no such room.
type Done = Result<Option<Arc<Page>>, Arc<sqlx::Error>>;
type Read = BoxFuture<'static, Done>;

/// The reads under way on this node.
#[derive(Default)]
pub struct SharedReads(Mutex<HashMap<Wanted, WeakShared<Read>>>);

impl fmt::Debug for SharedReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedReads").finish_non_exhaustive()
    }
}

impl SharedReads {
    /// Events of `room` above `after`, oldest first, at most `limit`.
    pub(super) async fn since(
        &self,
        log: &Arc<dyn Log>,
        room: RoomId,
        after: i64,
        limit: usize,
    ) -> Done {
        self.join(log, (room, after, limit)).await
    }

    fn join(&self, log: &Arc<dyn Log>, wanted: Wanted) -> Shared<Read> {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = reads.get(&wanted).and_then(WeakShared::upgrade);
        if let Some(read) = under_way.filter(|read| read.peek().is_none()) {
            return read;
        }
        if reads.len() >= SHARED_READS_SWEPT_AT {
            reads.retain(|_, read| read.upgrade().is_some_and(|read| read.peek().is_none()));
        }
        let (log, (room, after, limit)) = (Arc::clone(log), wanted);
        let read = async move {
            let slice = log.since(room, after, limit).await.map_err(Arc::new);
            slice.map(|slice| slice.map(|slice| Arc::new(Page::from(slice))))
        };
        let read = read.boxed().shared();
        if let Some(weak) = read.downgrade() {
            reads.insert(wanted, weak);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use signaling::PersonId;
    use signaling::event::EventKind;
    use uuid::Uuid;

    use super::*;
    use crate::app::MockClock;
    use crate::timeline::{Admission, Append, MemoryLog, feed};

    const ROOM: RoomId = RoomId(Uuid::from_u128(0xb001));

    async fn log_of(events: usize) -> (Arc<dyn Log>, crate::timeline::Fed) {
        let (feed, fed) = feed();
        let clock = Arc::new(MockClock::at(time::OffsetDateTime::UNIX_EPOCH));
        let log = MemoryLog::new(Admission::Everyone, 1, clock, feed);
        log.open(ROOM);
        let log: Arc<dyn Log> = Arc::new(log);
        for number in 0..events {
            append(&log, number).await;
        }
        (log, fed)
    }

    async fn append(log: &Arc<dyn Log>, number: usize) {
        let (author, cid) = (PersonId(Uuid::from_u128(0xa001)), format!("m{number}"));
        let (kind, body) = (EventKind::Message, r#"{"text":"m"}"#.to_owned());
        let append = Append { room: ROOM, author, cid, kind, reference: None, body };
        log.append(append).await.expect("written");
    }

    #[tokio::test]
    async fn what_is_being_read_is_shared_and_what_was_read_is_read_again() {
        let (log, _fed) = log_of(3).await;
        let reads = SharedReads::default();
        let (one, two) = (reads.join(&log, (ROOM, 1, 10)), reads.join(&log, (ROOM, 1, 10)));
        let other = reads.join(&log, (ROOM, 2, 10));
        assert!(one.ptr_eq(&two) && !one.ptr_eq(&other));
        let page = |done: Done| done.expect("read").expect("the room");
        let (one, two) = (page(one.await), page(two.clone().await));
        assert!(Arc::ptr_eq(&one, &two));
        assert_eq!(one.entries.iter().map(|entry| entry.seq()).collect::<Vec<_>>(), [2, 3]);
        append(&log, 3).await;
        let later = page(reads.since(&log, ROOM, 1, 10).await);
        assert_eq!(later.entries.len(), 3, "a finished read is not given again");
    }

    #[tokio::test]
    async fn reads_that_nobody_waits_for_are_forgotten() {
        let (log, _fed) = log_of(1).await;
        let reads = SharedReads::default();
        for after in 0..10 * SHARED_READS_SWEPT_AT {
            drop(reads.join(&log, (ROOM, i64::try_from(after).expect("a number"), 1)));
        }
        let left = reads.0.lock().expect("not poisoned").len();
        assert!(left <= SHARED_READS_SWEPT_AT, "{left}");
    }
}
