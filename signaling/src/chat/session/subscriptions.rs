//! The life of a subscription: asked, live, ended; and the commands that wait for it.

use std::collections::VecDeque;

use super::{Answer, Ask, Millis, Output, Phase, Session, Started, Ticket, What, earlier};
use crate::chat::codes::{Disconnect, ErrorCode, Unsubscribe};
use crate::chat::command::{Empty, SubRefreshRequest, SubscribeRequest};
use crate::chat::push;
use crate::chat::reply::{Reply, SubscribeResult};

/// Commands on one channel that wait for its subscribe.
const WAITING_MAX: usize = 16;

/// What the session knows of a channel.
#[derive(Debug)]
pub(super) enum Subscription {
    /// The subscribe command is being answered; later commands on the channel wait. `ended` is
    /// set when the hub ends the subscription meanwhile: it is told right behind the reply.
    Starting { waiting: VecDeque<Waiting>, ended: Option<Unsubscribe> },
    /// The reply was sent.
    Live { expires_at: Option<Millis>, by_server: bool },
    /// The client was told that no answer came; the answer is still awaited.
    Abandoned,
}

/// A command that waits for a subscribe.
#[derive(Debug)]
pub(super) struct Waiting {
    ticket: Ticket,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Subscribe(Box<SubscribeRequest>),
    Unsubscribe,
}

/// What a subscribe command wanted, as far as its reply needs it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) channel: String,
    recover: bool,
    offset: u64,
    rejects_unrecovered: bool,
}

impl Session {
    /// The order of checks is the protocol's: name, namespace, doubled, limit; rights come with
    /// the answer.
    pub(super) fn subscribe(&mut self, ticket: Ticket, request: Box<SubscribeRequest>) {
        if !self.is_channel(ticket, &request.channel) {
            return;
        }
        match self.channels.get(&request.channel) {
            // A second subscribe waits only behind an unsubscribe; else it is one too many.
            Some(Subscription::Starting { waiting, .. }) if !waiting.is_empty() => {
                let channel = request.channel.clone();
                return self.wait(ticket, &channel, Work::Subscribe(request));
            }
            Some(Subscription::Starting { .. } | Subscription::Live { .. }) => {
                return self.refuse(ticket.id, ErrorCode::AlreadySubscribed);
            }
            Some(Subscription::Abandoned) => {
                return self.refuse(ticket.id, ErrorCode::TooManyRequests);
            }
            None => {}
        }
        if self.channels.len() >= self.settings.subscriptions_max {
            return self.refuse(ticket.id, ErrorCode::LimitExceeded);
        }
        if request.kind != 0 {
            return self.refuse(ticket.id, ErrorCode::NotAvailable);
        }
        let delta_known = matches!(request.delta.as_str(), "" | "fossil");
        if request.tf.is_some() || !delta_known {
            return self.refuse(ticket.id, ErrorCode::BadRequest);
        }
        let channel = request.channel.clone();
        let asked = Asked {
            channel: channel.clone(),
            recover: request.recover,
            offset: request.offset,
            rejects_unrecovered: request.rejects_unrecovered(),
        };
        if self.ask(ticket, What::Subscribe(Box::new(asked)), Ask::Subscribe(*request)) {
            let starting = Subscription::Starting { waiting: VecDeque::new(), ended: None };
            self.channels.insert(channel, starting);
        }
    }

    /// Always answered by success, whether there was a subscription or not.
    pub(super) fn unsubscribe(&mut self, ticket: Ticket, name: &str) {
        match self.channels.get(name) {
            Some(Subscription::Starting { .. }) => {
                return self.wait(ticket, name, Work::Unsubscribe);
            }
            Some(Subscription::Live { .. }) => {
                self.channels.remove(name);
                self.out.push_back(Output::Stopped { channel: name.to_owned() });
            }
            Some(Subscription::Abandoned) | None => {}
        }
        self.reply(&Reply { id: ticket.id, unsubscribe: Some(Empty {}), ..Reply::default() });
    }

    fn wait(&mut self, ticket: Ticket, name: &str, work: Work) {
        let bytes = self.waiting_bytes.saturating_add(ticket.bytes);
        if let Some(Subscription::Starting { waiting, .. }) = self.channels.get_mut(name)
            && waiting.len() < WAITING_MAX
            && bytes <= self.settings.waiting_bytes_max
        {
            self.waiting_bytes = bytes;
            return waiting.push_back(Waiting { ticket, work });
        }
        match work {
            Work::Subscribe(_) => self.refuse(ticket.id, ErrorCode::TooManyRequests),
            Work::Unsubscribe => self.close(Disconnect::TOO_MANY_REQUESTS),
        }
    }

    /// The commands that waited for a subscribe, in their order; one that starts a subscribe anew
    /// makes the rest wait again.
    fn resume(&mut self, name: &str, waiting: VecDeque<Waiting>) {
        for Waiting { ticket, work } in waiting {
            if !matches!(self.phase, Phase::Open) {
                return;
            }
            self.waiting_bytes = self.waiting_bytes.saturating_sub(ticket.bytes);
            match work {
                Work::Subscribe(request) => self.subscribe(ticket, request),
                Work::Unsubscribe => self.unsubscribe(ticket, name),
            }
        }
    }

    pub(super) fn subscribe_answered(
        &mut self,
        ticket: Ticket,
        asked: &Asked,
        answer: Answer,
        now: Millis,
    ) {
        let (waiting, ended) = self.settle(&asked.channel);
        match answer {
            Answer::Subscribed { result, next } => match recovery(asked, result) {
                Ok(result) => {
                    let started = Started { channel: asked.channel.clone(), next };
                    self.subscribed(ticket.id, started, result, now);
                }
                Err(code) => {
                    self.out.push_back(Output::Stopped { channel: asked.channel.clone() });
                    self.refuse(ticket.id, code);
                }
            },
            Answer::Refused(error) => self.refuse(ticket.id, error),
            Answer::Connected(_)
            | Answer::Published
            | Answer::History(_)
            | Answer::Presence(_)
            | Answer::PresenceStats(_)
            | Answer::Rpc(_)
            | Answer::Refreshed { .. }
            | Answer::Disconnect(_) => self.refuse(ticket.id, ErrorCode::Internal),
        }
        if let Some(why) = ended {
            self.end_subscription(&asked.channel, why);
        }
        self.resume(&asked.channel, waiting);
    }

    /// Takes the channel out of its start.
    fn settle(&mut self, name: &str) -> (VecDeque<Waiting>, Option<Unsubscribe>) {
        match self.channels.remove(name) {
            Some(Subscription::Starting { waiting, ended }) => (waiting, ended),
            Some(Subscription::Live { .. } | Subscription::Abandoned) | None => {
                (VecDeque::new(), None)
            }
        }
    }

    fn subscribed(&mut self, id: u32, started: Started, result: SubscribeResult, now: Millis) {
        let expires_at = result.expires.then(|| self.end_of(result.ttl, now));
        let live = Subscription::Live { expires_at, by_server: false };
        self.live(started.channel.clone(), live);
        self.reply(&Reply { id, subscribe: Some(result), ..Reply::default() });
        if matches!(self.phase, Phase::Open) {
            self.out.push_back(Output::Started(started));
        }
    }

    pub(super) fn live(&mut self, name: String, subscription: Subscription) {
        if let Subscription::Live { expires_at, .. } = &subscription {
            let next = &mut self.timers.subscription_expires_at;
            *next = earlier(*next, *expires_at);
        }
        self.channels.insert(name, subscription);
    }

    /// No answer came in time: what waited goes on without the subscription.
    pub(super) fn abandon(&mut self, name: &str) {
        let (waiting, _) = self.settle(name);
        if matches!(self.phase, Phase::Open) {
            self.channels.insert(name.to_owned(), Subscription::Abandoned);
        }
        self.resume(name, waiting);
    }

    /// An answer that the client no longer waits for.
    pub(super) fn late_answer(&mut self, subscribe: Option<String>, answer: &Answer) {
        let Some(channel) = subscribe else { return };
        if matches!(self.channels.get(&channel), Some(Subscription::Abandoned)) {
            self.channels.remove(&channel);
        }
        if matches!(answer, Answer::Subscribed { .. }) {
            self.out.push_back(Output::Stopped { channel });
        }
    }

    /// The server ends a subscription; the client is told once.
    pub(super) fn end_subscription(&mut self, channel: &str, why: Unsubscribe) {
        match self.channels.get_mut(channel) {
            Some(Subscription::Live { .. }) => {
                self.channels.remove(channel);
                self.out.push_back(Output::Stopped { channel: channel.to_owned() });
                self.send(push::unsubscribed(self.encoding, channel, why));
            }
            Some(Subscription::Starting { ended, .. }) => *ended = Some(why),
            Some(Subscription::Abandoned) | None => {}
        }
    }

    /// Only for a subscription that stands.
    pub(super) fn sub_refresh(&mut self, ticket: Ticket, request: SubRefreshRequest) {
        if request.kind != 0 {
            return self.refuse(ticket.id, ErrorCode::NotAvailable);
        }
        let SubRefreshRequest { channel, token, .. } = request;
        if !self.is_channel(ticket, &channel) {
            return;
        }
        if !matches!(self.channels.get(&channel), Some(Subscription::Live { .. })) {
            return self.refuse(ticket.id, ErrorCode::PermissionDenied);
        }
        let what = What::SubRefresh { channel: channel.clone() };
        self.ask(ticket, what, Ask::SubRefresh { channel, token });
    }
}

/// The protocol's rules of recovery: who did not ask gets the top; who asked and can be served
/// gets what was missed, with the offset of the request; who can not be served gets the top, or an
/// error where the client prefers one.
fn recovery(asked: &Asked, result: SubscribeResult) -> Result<SubscribeResult, ErrorCode> {
    let recovered = asked.recover && result.recovered;
    if recovered {
        let offset = asked.offset;
        return Ok(SubscribeResult { was_recovering: true, offset, ..result });
    }
    if asked.recover && asked.rejects_unrecovered {
        return Err(ErrorCode::UnrecoverablePosition);
    }
    let was_recovering = asked.recover;
    Ok(SubscribeResult { was_recovering, recovered, publications: Vec::new(), ..result })
}
