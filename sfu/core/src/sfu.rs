//! The whole core as one value.

use std::collections::VecDeque;

use crate::api::command::Command;
use crate::api::event::Event;
use crate::api::transmit::{Received, Transmits};
use crate::config::Config;
use crate::time::Micros;

/// What happened outside.
#[derive(Debug)]
pub enum Input<'a> {
    /// Datagrams came in.
    Datagrams(Received<'a>),
    /// The edge wants something.
    Command(Command),
    /// The time of [`Output::Deadline`] has come.
    Tick,
}

/// What is to be done outside.
#[derive(Debug)]
pub enum Output<'a> {
    /// Send these.
    Transmits(Transmits<'a>),
    /// Something happened.
    Event(Event),
    /// Nothing more now; give [`Input::Tick`] at this time ([`Micros::NEVER`]: not needed).
    Deadline(Micros),
}

/// The media plane of one thread: its rooms and everyone in them.
#[derive(Debug)]
pub struct Sfu {
    #[expect(dead_code, reason = "read by the transports")]
    config: Config,
    events: VecDeque<Event>,
}

impl Sfu {
    /// An empty one.
    pub fn new(config: Config) -> Self {
        Self { config, events: VecDeque::new() }
    }

    /// Takes in what happened. Call [`Sfu::poll`] until it answers a deadline afterwards.
    #[expect(clippy::needless_pass_by_value, reason = "commands are kept")]
    pub fn handle(&mut self, input: Input<'_>, _now: Micros) {
        match input {
            Input::Datagrams(_) | Input::Command(_) | Input::Tick => {}
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self, _now: Micros) -> Output<'_> {
        match self.events.pop_front() {
            Some(event) => Output::Event(event),
            None => Output::Deadline(Micros::NEVER),
        }
    }
}
