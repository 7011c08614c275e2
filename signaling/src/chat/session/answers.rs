//! What the hub's answers do.

use super::subscriptions::Subscription;
use super::{
    Answer, AskId, Backlog, Connected, Millis, Output, Pending, Phase, Session, Started, Ticket,
    What, earlier,
};
use crate::chat::codes::{Disconnect, ErrorCode, ReplyError};
use crate::chat::command::Empty;
use crate::chat::reply::{
    ConnectResult, PresenceResult, RefreshResult, Reply, RpcResult, SubRefreshResult,
};

impl Session {
    /// Carries an answer to the client. An answer nobody waits for is dropped.
    pub(super) fn answer(&mut self, ask: AskId, answer: Answer, now: Millis) {
        let Some(Pending { ticket, what }) = self.asks.remove(&ask) else {
            return;
        };
        if let Answer::Disconnect(why) = answer {
            return self.close(why);
        }
        if let What::Late { subscribe } = what {
            return self.late_answer(subscribe, &answer);
        }
        self.asked_bytes = self.asked_bytes.saturating_sub(ticket.bytes);
        match what {
            What::Connect => self.connect_answered(ticket.id, answer, now),
            What::Subscribe(asked) => self.subscribe_answered(ticket, &asked, answer, now),
            What::Refresh => self.refresh_answered(ticket.id, answer, now),
            What::SubRefresh { channel } => {
                self.sub_refresh_answered(ticket.id, &channel, answer, now);
            }
            What::Publish
            | What::History
            | What::Presence
            | What::PresenceStats
            | What::Rpc
            | What::Late { .. } => self.plain_answered(ticket, &what, answer),
        }
    }

    /// Answers that change nothing in the session.
    fn plain_answered(&mut self, ticket: Ticket, what: &What, answer: Answer) {
        let reply = Reply { id: ticket.id, ..Reply::default() };
        let reply = match (what, answer) {
            (_, Answer::Refused(error)) => return self.refuse(ticket.id, error),
            (What::Publish, Answer::Published) => Reply { publish: Some(Empty {}), ..reply },
            (What::History, Answer::History(result)) => Reply { history: Some(result), ..reply },
            (What::Presence, Answer::Presence(presence)) => {
                Reply { presence: Some(PresenceResult { presence }), ..reply }
            }
            (What::PresenceStats, Answer::PresenceStats(stats)) => {
                Reply { presence_stats: Some(stats), ..reply }
            }
            (What::Rpc, Answer::Rpc(data)) => Reply { rpc: Some(RpcResult { data }), ..reply },
            (_, _) => return self.refuse(ticket.id, ErrorCode::Internal),
        };
        self.reply(&reply);
    }

    fn connect_answered(&mut self, id: u32, answer: Answer, now: Millis) {
        let Phase::Connecting { connect_by, backlog } =
            std::mem::replace(&mut self.phase, Phase::Open)
        else {
            return self.close(Disconnect::SERVER_ERROR);
        };
        match answer {
            Answer::Connected(connected) => self.connected(id, connected, now),
            Answer::Refused(error) => return self.connect_refused(id, error, connect_by),
            Answer::Subscribed { .. }
            | Answer::Published
            | Answer::History(_)
            | Answer::Presence(_)
            | Answer::PresenceStats(_)
            | Answer::Rpc(_)
            | Answer::Refreshed { .. }
            | Answer::Disconnect(_) => return self.close(Disconnect::SERVER_ERROR),
        }
        let Backlog { messages, .. } = backlog;
        for (message, arrived) in messages {
            if !matches!(self.phase, Phase::Open) {
                return;
            }
            self.command(&message, arrived, now);
        }
    }

    /// The messages behind a refused connect are dropped; the client may try again, within the
    /// time it has had from the start.
    fn connect_refused(&mut self, id: u32, error: ReplyError, connect_by: Millis) {
        self.phase = Phase::Fresh { connect_by, refused: true };
        self.refuse(id, error);
    }

    fn connected(&mut self, id: u32, connected: Connected, now: Millis) {
        let Connected { client, version, ttl_s, data, subs } = connected;
        self.client.clone_from(&client);
        self.version.clone_from(&version);
        self.timers.ping_at = Some(now.after(self.settings.ping_interval_ms));
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
            let expires_at = sub.expires.then(|| self.end_of(sub.ttl, now));
            self.live(channel.clone(), Subscription::Live { expires_at, by_server: true });
            started.push(Output::Started(Started { channel: channel.clone(), next }));
            result.subs.insert(channel, sub);
        }
        self.reply(&Reply { id, connect: Some(result), ..Reply::default() });
        if matches!(self.phase, Phase::Open) {
            self.out.extend(started);
        }
    }

    fn refresh_answered(&mut self, id: u32, answer: Answer, now: Millis) {
        let ttl_s = match refreshed(answer) {
            Ok(ttl_s) => ttl_s,
            Err(error) => return self.refuse(id, error),
        };
        self.expire_after(ttl_s, now);
        let refresh = RefreshResult {
            client: self.client.clone(),
            version: self.version.clone(),
            expires: ttl_s.is_some(),
            ttl: ttl_s.unwrap_or_default(),
        };
        self.reply(&Reply { id, refresh: Some(refresh), ..Reply::default() });
    }

    fn sub_refresh_answered(&mut self, id: u32, channel: &str, answer: Answer, now: Millis) {
        let ttl_s = match refreshed(answer) {
            Ok(ttl_s) => ttl_s,
            Err(error) => return self.refuse(id, error),
        };
        let end = ttl_s.map(|ttl_s| self.end_of(ttl_s, now));
        if let Some(Subscription::Live { expires_at, .. }) = self.channels.get_mut(channel) {
            *expires_at = end;
            let next = &mut self.timers.subscription_expires_at;
            *next = earlier(*next, end);
        }
        let result = SubRefreshResult { expires: ttl_s.is_some(), ttl: ttl_s.unwrap_or_default() };
        self.reply(&Reply { id, sub_refresh: Some(result), ..Reply::default() });
    }
}

/// The new life of a token, or why there is none.
fn refreshed(answer: Answer) -> Result<Option<u32>, ReplyError> {
    match answer {
        Answer::Refreshed { ttl_s } => Ok(ttl_s),
        Answer::Refused(error) => Err(error),
        Answer::Connected(_)
        | Answer::Subscribed { .. }
        | Answer::Published
        | Answer::History(_)
        | Answer::Presence(_)
        | Answer::PresenceStats(_)
        | Answer::Rpc(_)
        | Answer::Disconnect(_) => Err(ErrorCode::Internal.into()),
    }
}
