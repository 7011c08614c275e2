//! The command rate of one connection: a token bucket.

use super::{Millis, SessionSettings};

/// Tokens in thousandths, so that slow refills lose nothing.
#[derive(Debug)]
pub(super) struct Bucket {
    milli_tokens: u64,
    milli_tokens_max: u64,
    per_second: u64,
    filled_at: Millis,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn full(settings: &SessionSettings, now: Millis) -> Self {
        let max = u64::from(settings.commands_burst).saturating_mul(1_000);
        Self {
            milli_tokens: max,
            milli_tokens_max: max,
            per_second: u64::from(settings.commands_per_second),
            filled_at: now,
        }
    }

    /// Takes one token; false when there is none.
    pub(super) fn take(&mut self, now: Millis) -> bool {
        if self.per_second == 0 {
            return true;
        }
        // `per_second` tokens a second are `per_second` thousandths a millisecond.
        let gained = now.since(self.filled_at).saturating_mul(self.per_second);
        self.milli_tokens = self.milli_tokens.saturating_add(gained).min(self.milli_tokens_max);
        self.filled_at = now;
        match self.milli_tokens.checked_sub(1_000) {
            Some(left) => {
                self.milli_tokens = left;
                true
            }
            None => false,
        }
    }
}
