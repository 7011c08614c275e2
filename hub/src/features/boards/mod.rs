//! Message boards: somebody posts, is reviewed, published and answered, and can follow all of it.
//!
//! Nothing is public before somebody let it be; every step stands in a history that is only added
//! to; every wait has a last day. What somebody may not know of is answered like what is not
//! there. Start reading in `rules.rs`; `steps.rs` takes a step, `posting.rs` begins a post.

pub mod pages;
mod people;
mod picture_queries;
mod pictures;
mod posting;
mod queries;
mod reading;
mod report_queries;
mod reports;
mod rules;
mod steps;
mod timers;
mod types;

use signaling::RefusalCode;

pub use self::people::{
    Duty, Place, agree, agree_in, display_name, duties, end_duty, give_duty, may_post, places,
};
pub use self::pictures::{Attached, Sent};
pub use self::posting::{Draft, Receipt, checked, first_number, look_up, submit, submit_in};
pub use self::reports::report_in;
pub use self::rules::{Assignment, Numbers, Step, Timing, is_overdue, next_look, step, submitted};
pub use self::steps::{Given, Taker, take_in};
pub use self::timers::{run, run_due};
pub use self::types::{Actor, Ground, Kind, Post, State};
use crate::error::Error;

fn no_post() -> Error {
    Error::refuse(RefusalCode::NotFound, "there is no such post")
}
