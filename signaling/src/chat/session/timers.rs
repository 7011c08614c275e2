//! What happens with time: the connect deadline, pings and pongs, replies that are due, tokens
//! that end.

use super::subscriptions::Subscription;
use super::{AskId, Millis, Phase, Session, What, earlier};
use crate::chat::codes::{Disconnect, ErrorCode, Unsubscribe};
use crate::chat::reply::Reply;

impl Session {
    /// When to call [`Session::handle`] with [`Input::Tick`](super::Input::Tick) at the latest. A
    /// tick that comes too early does no harm.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let connect_by = match &self.phase {
            Phase::Fresh { connect_by, .. } => Some(*connect_by),
            Phase::Connecting { .. } | Phase::Open | Phase::Closed => None,
        };
        let timers = &self.timers;
        [
            connect_by,
            timers.ping_at,
            timers.pong_by,
            timers.expires_at,
            timers.reply_by,
            timers.subscription_expires_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub(super) fn tick(&mut self, now: Millis) {
        let due = |at: Option<Millis>| at.is_some_and(|at| now >= at);
        if let Phase::Fresh { connect_by, .. } = self.phase
            && now >= connect_by
        {
            return self.close(Disconnect::STALE);
        }
        if due(self.timers.expires_at) {
            return self.close(Disconnect::EXPIRED);
        }
        if due(self.timers.pong_by) {
            return self.close(Disconnect::NO_PONG);
        }
        if due(self.timers.ping_at) {
            self.ping(now);
        }
        if due(self.timers.reply_by) {
            self.refuse_late_replies(now);
        }
        if due(self.timers.subscription_expires_at) {
            self.end_expired_subscriptions(now);
        }
    }

    fn ping(&mut self, now: Millis) {
        self.reply(&Reply::default());
        self.timers.ping_at = Some(now.after(self.settings.ping_interval_ms));
        let pong_by = now.after(self.settings.pong_delay_ms);
        self.timers.pong_by = earlier(self.timers.pong_by, Some(pong_by));
    }

    pub(super) fn pong(&mut self) {
        if self.timers.pong_by.take().is_none() {
            self.close(Disconnect::BAD_REQUEST);
        }
    }

    /// A client gives up after 5 s, and a subscribe reply that is later makes it drop the whole
    /// connection; so it is told in time that it may try again.
    fn refuse_late_replies(&mut self, now: Millis) {
        self.timers.reply_by = None;
        let mut late: Vec<AskId> = Vec::new();
        for (id, pending) in &self.asks {
            if matches!(pending.what, What::Late { .. }) {
                continue;
            }
            if now >= pending.ticket.by {
                late.push(*id);
            } else {
                self.timers.reply_by = earlier(self.timers.reply_by, Some(pending.ticket.by));
            }
        }
        for id in late {
            self.refuse_late(id);
        }
    }

    fn refuse_late(&mut self, ask: AskId) {
        let Some(pending) = self.asks.get_mut(&ask) else { return };
        let ticket = pending.ticket;
        let what = std::mem::replace(&mut pending.what, What::Late { subscribe: None });
        self.asked_bytes = self.asked_bytes.saturating_sub(ticket.bytes);
        self.refuse(ticket.id, ErrorCode::Internal);
        match what {
            What::Connect => self.close(Disconnect::SERVER_ERROR),
            What::Subscribe(asked) => {
                if let Some(pending) = self.asks.get_mut(&ask) {
                    pending.what = What::Late { subscribe: Some(asked.channel.clone()) };
                }
                self.abandon(&asked.channel);
            }
            What::Publish
            | What::History
            | What::Presence
            | What::PresenceStats
            | What::Rpc
            | What::Refresh
            | What::SubRefresh { .. }
            | What::Late { .. } => {}
        }
    }

    fn end_expired_subscriptions(&mut self, now: Millis) {
        self.timers.subscription_expires_at = None;
        let mut ended = Vec::new();
        for (channel, subscription) in &self.channels {
            let Subscription::Live { expires_at: Some(at), by_server } = subscription else {
                continue;
            };
            if now < *at {
                let next = &mut self.timers.subscription_expires_at;
                *next = earlier(*next, Some(*at));
            } else if *by_server {
                return self.close(Disconnect::SUBSCRIPTION_EXPIRED);
            } else {
                ended.push(channel.clone());
            }
        }
        for channel in ended {
            self.end_subscription(&channel, Unsubscribe::EXPIRED);
        }
    }

    /// How long the connection holds, from now on.
    pub(super) fn expire_after(&mut self, ttl_s: Option<u32>, now: Millis) {
        self.timers.expires_at = ttl_s.map(|ttl_s| self.end_of(ttl_s, now));
    }

    /// The end of something that holds for `ttl_s` seconds, the time to refresh it included.
    pub(super) fn end_of(&self, ttl_s: u32, now: Millis) -> Millis {
        now.after(u64::from(ttl_s).saturating_mul(1_000)).after(self.settings.expiry_grace_ms)
    }
}
