//! Rules of the house that no compiler checks, run over the tracked files of the whole repository.
//! Each rule is a pure function from files to complaints and is itself tested on forged input.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod arrows;
mod contract;
mod names;
mod sizes;
mod source;
mod sql;
mod words;

/// Fails with every complaint on a line of its own.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
