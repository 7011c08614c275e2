//! Delegates: a public directory, and one thread per matter between a constituent and a delegate.
//!
//! What the two say is the durable log of a room without members: no call of the chat reaches it,
//! and whoever reads it passes through [`access`]. A thread is its constituent's and its present
//! delegate's; an office sees the opinion it was sent, the liaison office what it has to decide,
//! administrators nothing. Start reading in `rules.rs`; `steps.rs` takes a step, `opening.rs` begins
//! a thread, `directory.rs` has the delegates.

mod access;
mod directory;
mod directory_queries;
mod opening;
pub mod pages;
mod queries;
mod rules;
mod steps;
mod timers;
mod types;

use signaling::RefusalCode;

pub use self::directory::{NewDelegate, appoint_in, code_of, end_term, give_liaison, make_station};
pub use self::opening::{Draft, Reception, begin_in, receive_in};
pub use self::rules::{
    Numbers, Step, Timing, begun, is_overdue, liaison_knows, next_look, office_knows, received,
    step,
};
pub use self::steps::{Given, Taker, take_in};
pub use self::timers::{run, run_due};
pub use self::types::{Actor, Choice, Holder, Publication, State, Thread};
use crate::error::Error;

fn no_thread() -> Error {
    Error::refuse(RefusalCode::NotFound, "there is no such matter")
}

fn no_delegate() -> Error {
    Error::refuse(RefusalCode::NotFound, "there is no such delegate; look in the directory")
}
