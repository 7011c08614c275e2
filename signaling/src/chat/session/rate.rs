//! The command rate of one connection: token buckets.

use super::{Millis, SessionSettings};

/// What becomes of a command by its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Granted,
    /// Too fast; the client is told.
    Refused,
    /// So many were refused that the socket is closed.
    Flood,
}

/// Commands have tokens, and refusals have tokens of their own: a client that does not listen to
/// error 111 makes the hub write no more refusals than one burst of them.
#[derive(Debug)]
pub(super) struct Rate {
    commands: Bucket,
    refusals: Bucket,
}

impl Rate {
    /// Full buckets.
    pub(super) fn full(settings: &SessionSettings, now: Millis) -> Self {
        Self { commands: Bucket::full(settings, now), refusals: Bucket::full(settings, now) }
    }

    /// Takes a token for one command.
    pub(super) fn take(&mut self, now: Millis) -> Admission {
        if self.commands.take(now) {
            Admission::Granted
        } else if self.refusals.take(now) {
            Admission::Refused
        } else {
            Admission::Flood
        }
    }
}

/// Tokens in thousandths, so that slow refills lose nothing.
#[derive(Debug)]
struct Bucket {
    milli_tokens: u64,
    milli_tokens_max: u64,
    per_second: u64,
    filled_at: Millis,
}

impl Bucket {
    fn full(settings: &SessionSettings, now: Millis) -> Self {
        let max = u64::from(settings.commands_burst).saturating_mul(1_000);
        Self {
            milli_tokens: max,
            milli_tokens_max: max,
            per_second: u64::from(settings.commands_per_second),
            filled_at: now,
        }
    }

    /// Takes one token; false when there is none.
    fn take(&mut self, now: Millis) -> bool {
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
