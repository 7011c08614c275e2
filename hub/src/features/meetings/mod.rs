//! Meetings: notice, roll, sign-in, the quorum, votes, minutes.
//!
//! A meeting is a record first and a call second. Who counts is worked out in `quorum.rs`, what may
//! follow in `rules.rs`, both pure; every change is one transaction under the head of the meeting's
//! room (`steps.rs`) and writes its record into the organisation's chain. Whoever signs in becomes a
//! member of the room: chat, call and events of the meeting are those of that room. Start reading in
//! `rules.rs`, then `steps.rs`; `preparing.rs` is the desk, `attending.rs` those
//! who are called, `voting.rs` and `minutes.rs` what their names say.

mod access;
mod attending;
mod calendar;
mod minutes;
mod minutes_queries;
mod preparing;
mod queries;
mod quorum;
mod reading;
mod roll_queries;
mod routes;
mod rules;
mod running;
mod setting;
mod steps;
mod timers;
mod types;
mod vote_queries;
mod voting;
mod words;

use signaling::RefusalCode;

pub use self::attending::{answer, beat, enter_on_site, hand_in, sign_in};
pub use self::minutes::{
    archive as archive_minutes, read as read_minutes, sign as sign_minutes, write as write_minutes,
};
pub use self::preparing::{notify, prepare};
pub use self::quorum::{
    Attendee, Figures, Host, Numbers, Place, Votes, case_of, decides, figures, is_connected,
    is_consulted, is_entitled, is_present, needed, outcome,
};
pub use self::routes::router;
pub use self::rules::{
    Effect, Meeting, Moment, Signatures, Spans, Step, due_at, step, takes_sign_ins,
};
pub use self::running::{set_item, take as take_step};
pub use self::steps::Ground;
pub use self::timers::{hold_clock, run, run_due};
pub use self::voting::{call as call_vote, cast as cast_vote, close as close_vote};
use crate::error::Error;

/// Refuses what is no meeting of this person, whether it exists or not.
fn no_meeting() -> Error {
    Error::refuse(RefusalCode::NotFound, "there is no such meeting for you")
}
