//! What goes into a session and what comes out.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::chat::codes::{Disconnect, ReplyError, Unsubscribe};
use crate::chat::command::{HistoryRequest, SubscribeRequest};
use crate::chat::frame::Frame;
use crate::chat::push::ClientInfo;
use crate::chat::reply::{HistoryResult, PresenceStatsResult, SubscribeResult};
use crate::limits;

/// A moment of a clock that never runs back: milliseconds from an arbitrary origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// This moment plus `ms`.
    #[must_use]
    pub const fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment, 0 if it is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Which channel names a session lets through to the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Names {
    /// `room:`, `user:`, `live:` with a UUID.
    Product,
    /// Any well-formed name: the conformance mode judges namespaces itself.
    Any,
}

/// The limits and times of a connection; the defaults are the product's.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    pub names: Names,
    pub connect_delay_ms: u64,
    pub ping_interval_ms: u64,
    pub pong_delay_ms: u64,
    /// How long after its expiry a connection may still refresh its token.
    pub expiry_grace_ms: u64,
    pub first_frame_bytes_max: usize,
    pub frame_bytes_max: usize,
    pub command_bytes_max: usize,
    pub subscriptions_max: usize,
    /// Questions to the hub at once, and their bytes.
    pub commands_under_way_max: usize,
    pub under_way_bytes_max: usize,
    /// Bytes of commands that wait for a connect or a subscribe.
    pub waiting_bytes_max: usize,
    /// How long a reply may take; then the client is told to try again.
    pub reply_delay_ms: u64,
    /// 0: no limit.
    pub commands_per_second: u32,
    pub commands_burst: u32,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            names: Names::Product,
            connect_delay_ms: limits::CONNECT_DELAY_MS_MAX,
            ping_interval_ms: limits::PING_INTERVAL_MS,
            pong_delay_ms: limits::PONG_DELAY_MS_MAX,
            expiry_grace_ms: limits::EXPIRY_GRACE_MS,
            first_frame_bytes_max: limits::FRAME_BEFORE_CONNECT_BYTES_MAX,
            frame_bytes_max: limits::FRAME_BYTES_MAX,
            command_bytes_max: limits::COMMAND_BYTES_MAX,
            subscriptions_max: limits::SUBSCRIPTIONS_MAX,
            commands_under_way_max: limits::COMMANDS_UNDER_WAY_MAX,
            under_way_bytes_max: limits::COMMANDS_UNDER_WAY_BYTES_MAX,
            waiting_bytes_max: limits::COMMANDS_WAITING_BYTES_MAX,
            reply_delay_ms: limits::REPLY_DELAY_MS_MAX,
            commands_per_second: limits::COMMANDS_PER_SECOND,
            commands_burst: limits::COMMANDS_BURST,
        }
    }
}

/// Number of a question to the hub, unique in the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub u64);

/// What happens to a session.
#[derive(Debug)]
pub enum Input<'a> {
    /// A frame came in.
    Frame(Frame<'a>),
    /// The hub answers a question.
    Answer { ask: AskId, answer: Answer },
    /// Time passed ([`super::Session::deadline`]).
    Tick,
    /// The hub ends a subscription; the client is told. One that is still being answered is ended
    /// right behind its reply.
    EndSubscription { channel: String, why: Unsubscribe },
    /// The hub ends the connection.
    Disconnect(Disconnect),
    /// Data for the connection, of no channel.
    Message(Bytes),
}

/// What a session wants done, in order.
#[derive(Debug)]
pub enum Output {
    /// Send one encoded message; [`crate::chat::frame::join`] makes frames of them.
    Send(Bytes),
    /// Answer a question by [`Input::Answer`], in any order. Past the reply delay the client is
    /// told to try again and the answer is of no use, but it is still wanted.
    Ask { id: AskId, ask: Ask },
    /// The reply that starts this subscription was sent: deliver from `next` on.
    Started(Started),
    /// Deliver nothing more of this channel, and give up what stands attached for it. Also comes
    /// for a subscription that was granted but never started. For one that was never attached it
    /// means nothing.
    Stopped { channel: String },
    /// Close the socket; nothing comes after it.
    Close(Disconnect),
}

/// A subscription that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    pub channel: String,
    /// The first offset that the reply did not contain.
    pub next: u64,
}

/// A question to the hub. The order of asks is the order of the client's commands.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Connect {
        token: String,
        data: Bytes,
        /// Name and version of the SDK.
        name: String,
        version: String,
        /// Positions of server-side subscriptions the client holds.
        subs: BTreeMap<String, SubscribeRequest>,
    },
    /// The name, the limits and the options were checked.
    Subscribe(SubscribeRequest),
    Publish {
        channel: String,
        data: Bytes,
    },
    /// `limit` lies in 0–[`HISTORY_EVENTS_MAX`](limits::HISTORY_EVENTS_MAX).
    History(HistoryRequest),
    Presence {
        channel: String,
    },
    PresenceStats {
        channel: String,
    },
    Rpc {
        method: String,
        data: Bytes,
    },
    /// Needs no answer; an answer is ignored.
    Send {
        data: Bytes,
    },
    Refresh {
        token: String,
    },
    SubRefresh {
        channel: String,
        token: String,
    },
}

/// The hub's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Connected(Connected),
    /// `epoch`, `offset` of the top; `recovered` with the missed `publications` where recovery was
    /// asked and can be served. The session sets `was_recovering`, puts the requested offset into a
    /// recovered reply, and answers error 112 where the client prefers that to a loss. `next` is
    /// the first offset that is not in the answer.
    Subscribed {
        result: SubscribeResult,
        next: u64,
    },
    /// `publish` was committed.
    Published,
    History(HistoryResult),
    Presence(BTreeMap<String, ClientInfo>),
    PresenceStats(PresenceStatsResult),
    Rpc(Bytes),
    /// A new token was accepted, of the connection or of a subscription; seconds until it ends.
    Refreshed {
        ttl_s: Option<u32>,
    },
    Refused(ReplyError),
    /// Close the connection instead of answering.
    Disconnect(Disconnect),
}

/// An accepted connect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connected {
    /// Id of the connection.
    pub client: String,
    /// Version of the server, not empty.
    pub version: String,
    /// Seconds until the token ends; `None`: never.
    pub ttl_s: Option<u32>,
    /// JSON for the application; empty for none.
    pub data: Bytes,
    /// Server-side subscriptions with the first offset that is not in the answer.
    pub subs: Vec<(String, SubscribeResult, u64)>,
}
