//! The state machine of one connection, without IO and without a clock.
//!
//! The door feeds it frames, answers and ticks, and carries out what [`Session::poll`] returns, in
//! that order. The machine owns the order of things: the connect reply precedes everything, a
//! subscribe reply precedes the channel's publications ([`Output::Started`] follows the reply),
//! and none follows an unsubscribe reply ([`Output::Stopped`] precedes it). It never knows what a
//! channel carries; positions and delivery are the hub's fan-out.

mod answers;
mod commands;
mod rate;
mod types;

use std::collections::{BTreeMap, VecDeque};

pub use self::types::{
    Answer, Ask, AskId, Connected, Input, Millis, Names, Output, SessionSettings, Started,
};

use self::rate::Bucket;
use super::Encoding;
use super::codes::{Disconnect, ErrorCode, ReplyError, Unsubscribe};
use super::command::Command;
use super::frame::{self, Frame};
use super::push;
use super::reply::{Reply, WireError};

/// One connection.
#[derive(Debug)]
pub struct Session {
    settings: SessionSettings,
    encoding: Encoding,
    phase: Phase,
    rate: Bucket,
    asks: BTreeMap<AskId, Pending>,
    next_ask: u64,
    channels: BTreeMap<String, Subscription>,
    out: VecDeque<Output>,
    /// When the next ping is due.
    ping_at: Option<Millis>,
    /// When the answer to the last ping is due.
    pong_by: Option<Millis>,
    /// When the connection ends unless its token is refreshed.
    expires_at: Option<Millis>,
}

#[derive(Debug)]
enum Phase {
    /// Nothing came yet; the connect command is due by then.
    Fresh {
        connect_by: Millis,
    },
    /// The connect command is being answered; the commands behind it wait.
    Connecting {
        waiting: VecDeque<(Command, usize)>,
    },
    Open,
    Closed,
}

#[derive(Debug)]
enum Subscription {
    /// The subscribe command is being answered; later commands on the channel wait.
    Starting {
        waiting: VecDeque<Command>,
    },
    Live,
}

/// What an ask was for: the command to reply to.
#[derive(Debug)]
struct Pending {
    command: u32,
    channel: Option<String>,
}

impl Session {
    /// A connection that was opened `now`.
    #[must_use]
    pub fn new(settings: SessionSettings, encoding: Encoding, now: Millis) -> Self {
        Self {
            phase: Phase::Fresh { connect_by: now.after(settings.connect_delay_ms) },
            rate: Bucket::full(&settings, now),
            settings,
            encoding,
            asks: BTreeMap::new(),
            next_ask: 0,
            channels: BTreeMap::new(),
            out: VecDeque::new(),
            ping_at: None,
            pong_by: None,
            expires_at: None,
        }
    }

    /// Takes one input.
    pub fn handle(&mut self, input: Input<'_>, now: Millis) {
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        match input {
            Input::Frame(frame) => self.frame(frame, now),
            Input::Answer { ask, answer } => self.answer(ask, answer, now),
            Input::Tick => self.tick(now),
            Input::EndSubscription { channel, why } => self.end_subscription(&channel, why),
            Input::Disconnect(why) => self.close(why),
            Input::Message(data) => {
                if matches!(self.phase, Phase::Open) {
                    self.out.push_back(Output::Send(push::message(self.encoding, data)));
                }
            }
        }
    }

    /// The next thing to do; `None` until the next input.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call [`Session::handle`] with [`Input::Tick`] at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let connect_by = match &self.phase {
            Phase::Fresh { connect_by } => Some(*connect_by),
            Phase::Connecting { .. } | Phase::Open | Phase::Closed => None,
        };
        [connect_by, self.ping_at, self.pong_by, self.expires_at].into_iter().flatten().min()
    }

    /// How this connection is written.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the connect command was accepted and the socket is not closed.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Asks that have no answer yet.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.asks.len()
    }

    fn frame(&mut self, frame: Frame<'_>, now: Millis) {
        let limit = match self.phase {
            Phase::Open => self.settings.frame_bytes_max,
            Phase::Fresh { .. } | Phase::Connecting { .. } | Phase::Closed => {
                self.settings.first_frame_bytes_max
            }
        };
        if frame.len() > limit {
            return self.close(Disconnect::BAD_REQUEST);
        }
        let Ok(commands) = frame::decode(self.encoding, frame) else {
            return self.close(Disconnect::BAD_REQUEST);
        };
        for (command, bytes) in commands {
            match &mut self.phase {
                Phase::Closed => return,
                Phase::Fresh { .. } => self.first(command),
                Phase::Connecting { waiting } => {
                    if waiting.len() >= self.settings.commands_under_way_max {
                        return self.close(Disconnect::TOO_MANY_REQUESTS);
                    }
                    waiting.push_back((command, bytes));
                }
                Phase::Open => self.command(command, bytes, now),
            }
        }
    }

    fn tick(&mut self, now: Millis) {
        if let Phase::Fresh { connect_by } = self.phase
            && now >= connect_by
        {
            return self.close(Disconnect::STALE);
        }
        if self.expires_at.is_some_and(|at| now >= at) {
            return self.close(Disconnect::EXPIRED);
        }
        if self.pong_by.is_some_and(|at| now >= at) {
            return self.close(Disconnect::NO_PONG);
        }
        if self.ping_at.is_some_and(|at| now >= at) {
            self.reply(&Reply::default());
            self.ping_at = Some(now.after(self.settings.ping_interval_ms));
            self.pong_by = Some(now.after(self.settings.pong_delay_ms));
        }
    }

    fn end_subscription(&mut self, channel: &str, why: Unsubscribe) {
        match self.channels.get(channel) {
            Some(Subscription::Live) => {
                self.channels.remove(channel);
                self.out.push_back(Output::Stopped { channel: channel.to_owned() });
                let push = push::unsubscribed(self.encoding, channel, why);
                self.out.push_back(Output::Send(push));
            }
            // The subscribe that is being answered reads the right anew and will be refused.
            Some(Subscription::Starting { .. }) | None => {}
        }
    }

    fn close(&mut self, why: Disconnect) {
        self.phase = Phase::Closed;
        self.asks.clear();
        self.channels.clear();
        self.ping_at = None;
        self.pong_by = None;
        self.expires_at = None;
        self.out.push_back(Output::Close(why));
    }

    fn reply(&mut self, reply: &Reply) {
        let bytes = frame::encode(self.encoding, reply);
        if bytes.is_empty() {
            return self.close(Disconnect::INAPPROPRIATE_PROTOCOL);
        }
        self.out.push_back(Output::Send(bytes));
    }

    fn refuse(&mut self, id: u32, error: impl Into<ReplyError>) {
        let ReplyError { code, message, temporary } = error.into();
        let error = Some(WireError { code, message, temporary });
        self.reply(&Reply { id, error, ..Reply::default() });
    }

    /// Starts an ask; refused when too many are under way.
    fn ask(&mut self, command: u32, channel: Option<&str>, ask: Ask) -> bool {
        if self.asks.len() >= self.settings.commands_under_way_max {
            if command != 0 {
                self.refuse(command, ErrorCode::TooManyRequests);
            }
            return false;
        }
        self.next_ask = self.next_ask.wrapping_add(1);
        let id = AskId(self.next_ask);
        self.asks.insert(id, Pending { command, channel: channel.map(str::to_owned) });
        self.out.push_back(Output::Ask { id, ask });
        true
    }
}
