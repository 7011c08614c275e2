//! What the hub's answers do.

use std::collections::VecDeque;

use super::Subscription;
use super::{Answer, AskId, Connected, Millis, Output, Pending, Phase, Session, Started};
use crate::chat::codes::{Disconnect, ErrorCode, ReplyError};
use crate::chat::command::{Command, Empty};
use crate::chat::reply::{
    ConnectResult, PresenceResult, RefreshResult, Reply, RpcResult, SubscribeResult,
};

impl Session {
    /// Carries an answer to the client. An answer nobody waits for is dropped.
    pub(super) fn answer(&mut self, ask: AskId, answer: Answer, now: Millis) {
        let Some(Pending { command: id, channel }) = self.asks.remove(&ask) else {
            return;
        };
        if let Answer::Disconnect(why) = answer {
            return self.close(why);
        }
        if matches!(self.phase, Phase::Connecting { .. }) {
            return self.connect_answered(id, answer, now);
        }
        if let Some(name) = channel {
            return self.subscribe_answered(id, &name, answer);
        }
        if id == 0 {
            return;
        }
        let reply = Reply { id, ..Reply::default() };
        match answer {
            Answer::Refused(error) => self.refuse(id, error),
            Answer::Published => self.reply(&Reply { publish: Some(Empty {}), ..reply }),
            Answer::History(result) => self.reply(&Reply { history: Some(result), ..reply }),
            Answer::Presence(presence) => {
                self.reply(&Reply { presence: Some(PresenceResult { presence }), ..reply });
            }
            Answer::PresenceStats(stats) => {
                self.reply(&Reply { presence_stats: Some(stats), ..reply });
            }
            Answer::Rpc(data) => self.reply(&Reply { rpc: Some(RpcResult { data }), ..reply }),
            Answer::Refreshed { ttl_s } => self.refreshed(id, ttl_s, now),
            Answer::Connected(_) | Answer::Subscribed { .. } | Answer::Disconnect(_) => {
                self.refuse(id, ErrorCode::Internal);
            }
        }
    }

    fn connect_answered(&mut self, id: u32, answer: Answer, now: Millis) {
        let Phase::Connecting { waiting } = std::mem::replace(&mut self.phase, Phase::Open) else {
            return;
        };
        match answer {
            Answer::Connected(connected) => self.connected(id, connected, now),
            Answer::Refused(error) => return self.connect_refused(id, error, now),
            _ => return self.close(Disconnect::SERVER_ERROR),
        }
        for (command, bytes) in waiting {
            if matches!(self.phase, Phase::Closed) {
                return;
            }
            self.command(command, bytes, now);
        }
    }

    /// The commands behind a refused connect are dropped; the client may try again.
    fn connect_refused(&mut self, id: u32, error: ReplyError, now: Millis) {
        self.phase = Phase::Fresh { connect_by: now.after(self.settings.connect_delay_ms) };
        self.refuse(id, error);
    }

    fn connected(&mut self, id: u32, connected: Connected, now: Millis) {
        let Connected { client, version, ttl_s, data, subs } = connected;
        self.ping_at = Some(now.after(self.settings.ping_interval_ms));
        self.expire_after(ttl_s, now);
        let mut result = ConnectResult {
            client,
            version,
            expires: ttl_s.is_some(),
            ttl: ttl_s.unwrap_or_default(),
            data,
            ping: u32::try_from(self.settings.ping_interval_ms / 1_000).unwrap_or_default(),
            pong: true,
            ..ConnectResult::default()
        };
        let mut started = Vec::with_capacity(subs.len());
        for (channel, sub, next) in subs {
            self.channels.insert(channel.clone(), Subscription::Live);
            started.push(Output::Started(Started { channel: channel.clone(), next }));
            result.subs.insert(channel, sub);
        }
        self.reply(&Reply { id, connect: Some(result), ..Reply::default() });
        if matches!(self.phase, Phase::Open) {
            self.out.extend(started);
        }
    }

    fn subscribe_answered(&mut self, id: u32, name: &str, answer: Answer) {
        let waiting = match self.channels.remove(name) {
            Some(Subscription::Starting { waiting }) => waiting,
            Some(Subscription::Live) | None => VecDeque::new(),
        };
        match answer {
            Answer::Subscribed { result, next } => self.subscribed(id, name, result, next),
            Answer::Refused(error) => self.refuse(id, error),
            _ => self.refuse(id, ErrorCode::Internal),
        }
        self.resume(waiting);
    }

    fn subscribed(&mut self, id: u32, name: &str, result: SubscribeResult, next: u64) {
        self.channels.insert(name.to_owned(), Subscription::Live);
        self.reply(&Reply { id, subscribe: Some(result), ..Reply::default() });
        if matches!(self.phase, Phase::Open) {
            self.out.push_back(Output::Started(Started { channel: name.to_owned(), next }));
        }
    }

    /// The commands that waited for a subscribe, in their order; one that starts a subscribe anew
    /// makes the rest wait again.
    fn resume(&mut self, waiting: VecDeque<Command>) {
        for command in waiting {
            if matches!(self.phase, Phase::Closed) {
                return;
            }
            self.request(command);
        }
    }

    fn refreshed(&mut self, id: u32, ttl_s: Option<u32>, now: Millis) {
        self.expire_after(ttl_s, now);
        let refresh = RefreshResult {
            expires: ttl_s.is_some(),
            ttl: ttl_s.unwrap_or_default(),
            ..RefreshResult::default()
        };
        self.reply(&Reply { id, refresh: Some(refresh), ..Reply::default() });
    }

    fn expire_after(&mut self, ttl_s: Option<u32>, now: Millis) {
        self.expires_at = ttl_s.map(|ttl| {
            now.after(u64::from(ttl).saturating_mul(1_000)).after(self.settings.expiry_grace_ms)
        });
    }
}
