//! The clocks of the process: the one place that reads them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use signaling::media::session::Now;

/// A monotonic clock with an origin, beside the time of day.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that counts from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the process reads its clock here")]
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Where the monotonic time counts from.
    #[must_use]
    pub const fn origin(self) -> Instant {
        self.origin
    }

    /// Time since the origin.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.origin.elapsed()
    }

    /// Both clocks in milliseconds, as the rooms read them.
    #[must_use]
    pub fn now(self) -> Now {
        Now {
            monotonic_ms: u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX),
            unix_ms: i64::try_from(unix().as_millis()).unwrap_or(i64::MAX),
        }
    }
}

/// Time since 1970.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the process reads its clock here")]
pub fn unix() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
