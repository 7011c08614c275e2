//! How long an event takes from its acknowledgement to a reader that was there all the time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use signaling::RoomId;

/// Promise C4: with Redis dead an event is there within this.
pub const DELAY_MAX: Duration = Duration::from_secs(3);

/// When each event was acknowledged, and how late readers saw them.
#[derive(Debug, Default)]
pub struct Delays {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    acked: HashMap<(RoomId, i64), Instant>,
    measured: usize,
    max: Duration,
    late: usize,
}

/// What came out.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    pub measured: usize,
    pub max: Duration,
    /// Sightings later than [`DELAY_MAX`].
    pub late: usize,
}

impl Delays {
    /// An event was acknowledged for the first time.
    pub fn acked(&self, room: RoomId, seq: i64) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.acked.entry((room, seq)).or_insert_with(Instant::now);
    }

    /// A reader that has listened to the room since `since` was shown an event by a push. What was
    /// acknowledged before `since`, or not yet, is not measured.
    pub fn seen(&self, room: RoomId, seq: i64, since: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(acked) = seen.acked.get(&(room, seq)).copied() else { return };
        if acked < since {
            return;
        }
        let delay = acked.elapsed();
        seen.measured += 1;
        seen.max = seen.max.max(delay);
        seen.late += usize::from(delay > DELAY_MAX);
    }

    /// The sums so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Verdict { measured: seen.measured, max: seen.max, late: seen.late }
    }
}
