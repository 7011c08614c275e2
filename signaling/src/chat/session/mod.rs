//! The state machine of one connection, without IO and without a clock.
//!
//! The door feeds it frames, answers and ticks, and carries out what [`Session::poll`] returns, in
//! that order. The machine owns the order of things: the connect reply precedes everything, a
//! subscribe reply precedes the channel's publications ([`Output::Started`] follows the reply),
//! and none follows an unsubscribe reply ([`Output::Stopped`] precedes it). It never knows what a
//! channel carries; positions and delivery are the hub's fan-out.
//!
//! Every command but `send` is answered exactly once, within the reply delay, or the socket is
//! closed. Whatever a client can make the session keep is bounded: questions under way in number
//! and bytes, commands that wait in number and bytes, commands a second.
//!
//! `commands` decides what a command does, `subscriptions` owns the life of each channel,
//! `answers` carries the hub's answers back, `timers` is what happens with time, `rate` the buckets.

#![deny(clippy::wildcard_enum_match_arm)]

mod answers;
mod commands;
mod rate;
mod subscriptions;
mod timers;
mod types;

use std::collections::{BTreeMap, VecDeque};

pub use self::types::{
    Answer, Ask, AskId, Connected, Input, Millis, Names, Output, SessionSettings, Started,
};

use self::rate::Rate;
use self::subscriptions::{Asked, Subscription};
use super::Encoding;
use super::codes::{Disconnect, ErrorCode, ReplyError};
use super::frame::{self, Frame};
use super::push;
use super::reply::{Reply, WireError};

/// One connection.
#[derive(Debug)]
pub struct Session {
    settings: SessionSettings,
    encoding: Encoding,
    phase: Phase,
    rate: Rate,
    /// Questions without an answer, and those whose answer comes too late for the client.
    asks: BTreeMap<AskId, Pending>,
    asked_bytes: usize,
    next_ask: u64,
    channels: BTreeMap<String, Subscription>,
    /// Bytes of the commands that wait for a subscribe.
    waiting_bytes: usize,
    out: VecDeque<Output>,
    /// Id of the connection and version of the server, for the refresh replies.
    client: String,
    version: String,
    timers: Timers,
}

/// When the clock is needed next. The two marked so may be early, never late.
#[derive(Debug, Default)]
struct Timers {
    ping_at: Option<Millis>,
    /// When the answer to the last ping is due.
    pong_by: Option<Millis>,
    /// When the connection ends unless its token is refreshed.
    expires_at: Option<Millis>,
    /// When the first reply is due (may be early).
    reply_by: Option<Millis>,
    /// When the first subscription ends unless refreshed (may be early).
    subscription_expires_at: Option<Millis>,
}

#[derive(Debug)]
enum Phase {
    /// No connect command was accepted; the next one is due by then. Behind a refused one other
    /// commands are dropped: the client sent them before it knew.
    Fresh {
        connect_by: Millis,
        refused: bool,
    },
    /// The connect command is being answered; the messages behind it wait, unread.
    Connecting {
        connect_by: Millis,
        backlog: Backlog,
    },
    Open,
    Closed,
}

/// Messages behind a connect command, with the time of their arrival.
#[derive(Debug, Default)]
struct Backlog {
    messages: VecDeque<(Box<[u8]>, Millis)>,
    bytes: usize,
}

/// A command to be answered.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    /// Id of the command.
    id: u32,
    /// Its size.
    bytes: usize,
    /// When its reply is due.
    by: Millis,
}

/// A question without an answer.
#[derive(Debug)]
struct Pending {
    ticket: Ticket,
    what: What,
}

/// What a question was for.
#[derive(Debug)]
enum What {
    Connect,
    Subscribe(Box<Asked>),
    Publish,
    History,
    Presence,
    PresenceStats,
    Rpc,
    Refresh,
    SubRefresh {
        channel: String,
    },
    /// The client was told error 100; the answer is of no use to it any more. A subscription that
    /// is granted now is stopped again.
    Late {
        subscribe: Option<String>,
    },
}

impl Session {
    /// A connection that was opened `now`.
    #[must_use]
    pub fn new(settings: SessionSettings, encoding: Encoding, now: Millis) -> Self {
        let connect_by = now.after(settings.connect_delay_ms);
        Self {
            phase: Phase::Fresh { connect_by, refused: false },
            rate: Rate::full(&settings, now),
            settings,
            encoding,
            asks: BTreeMap::new(),
            asked_bytes: 0,
            next_ask: 0,
            channels: BTreeMap::new(),
            waiting_bytes: 0,
            out: VecDeque::new(),
            client: String::new(),
            version: String::new(),
            timers: Timers::default(),
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
                    self.send(push::message(self.encoding, data));
                }
            }
        }
    }

    /// The next thing to do; `None` until the next input.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
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
        let Ok(messages) = frame::messages(self.encoding, frame) else {
            return self.close(Disconnect::BAD_REQUEST);
        };
        for message in messages {
            let Ok(message) = message else {
                return self.close(Disconnect::BAD_REQUEST);
            };
            match self.phase {
                Phase::Closed => return,
                Phase::Fresh { connect_by, refused } => {
                    self.first(message, connect_by, refused, now);
                }
                Phase::Connecting { .. } => self.put_aside(message, now),
                Phase::Open => self.command(message, now, now),
            }
        }
    }

    /// Keeps a message until the connect command is answered.
    fn put_aside(&mut self, message: &[u8], now: Millis) {
        let Phase::Connecting { backlog, .. } = &mut self.phase else { return };
        backlog.bytes = backlog.bytes.saturating_add(message.len());
        if backlog.messages.len() >= self.settings.commands_under_way_max
            || backlog.bytes > self.settings.waiting_bytes_max
        {
            return self.close(Disconnect::TOO_MANY_REQUESTS);
        }
        backlog.messages.push_back((message.into(), now));
    }

    fn close(&mut self, why: Disconnect) {
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        self.phase = Phase::Closed;
        self.asks.clear();
        self.asked_bytes = 0;
        self.channels.clear();
        self.waiting_bytes = 0;
        self.timers = Timers::default();
        self.out.push_back(Output::Close(why));
    }

    fn reply(&mut self, reply: &Reply) {
        self.send(frame::encode(self.encoding, reply));
    }

    /// Sends an encoded message; an empty one could not be written in this encoding.
    fn send(&mut self, message: bytes::Bytes) {
        if message.is_empty() {
            return self.close(Disconnect::INAPPROPRIATE_PROTOCOL);
        }
        self.out.push_back(Output::Send(message));
    }

    fn refuse(&mut self, id: u32, error: impl Into<ReplyError>) {
        let ReplyError { code, message, temporary } = error.into();
        let error = Some(WireError { code, message, temporary });
        self.reply(&Reply { id, error, ..Reply::default() });
    }

    /// Starts a question; refused when too many are under way. Returns whether it was started.
    fn ask(&mut self, ticket: Ticket, what: What, ask: Ask) -> bool {
        let bytes = self.asked_bytes.saturating_add(ticket.bytes);
        if self.asks.len() >= self.settings.commands_under_way_max
            || bytes > self.settings.under_way_bytes_max
        {
            self.refuse(ticket.id, ErrorCode::TooManyRequests);
            return false;
        }
        self.asked_bytes = bytes;
        self.timers.reply_by = earlier(self.timers.reply_by, Some(ticket.by));
        let id = self.number();
        self.asks.insert(id, Pending { ticket, what });
        self.out.push_back(Output::Ask { id, ask });
        true
    }

    fn number(&mut self) -> AskId {
        self.next_ask = self.next_ask.wrapping_add(1);
        AskId(self.next_ask)
    }
}

/// The earlier of two moments, where there is one.
fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
