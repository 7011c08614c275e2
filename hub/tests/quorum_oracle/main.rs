//! The quorum and the machine of a meeting by chance, judged by rules written apart from them.
//!
//! `QUORUM_MEETINGS` (20,000) and `MEETING_SCHEDULES` (2,000) say how many, `SEED` where they begin;
//! `QUORUM_CONTROL` breaks one rule of the program's side, which must be found.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

mod oracle;
mod quorum;
mod schedules;

use std::env;

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn first_seed() -> u64 {
    number("SEED", 20_261_124)
}
