//! What each command does.

use std::collections::VecDeque;

use super::types::Names;
use super::{Ask, Millis, Output, Phase, Session, Subscription};
use crate::chat::channel::{self, Channel, ChannelError};
use crate::chat::codes::{Disconnect, ErrorCode};
use crate::chat::command::{
    ChannelRequest, Command, Empty, HistoryRequest, PublishRequest, SubRefreshRequest,
    SubscribeRequest,
};
use crate::chat::reply::Reply;

impl Session {
    /// The first command: it must be `connect`.
    pub(super) fn first(&mut self, command: Command) {
        let Some(request) = command.connect else {
            return self.close(Disconnect::BAD_REQUEST);
        };
        if command.id == 0 {
            return self.close(Disconnect::BAD_REQUEST);
        }
        self.phase = Phase::Connecting { waiting: VecDeque::new() };
        self.ask(
            command.id,
            None,
            Ask::Connect {
                token: request.token,
                data: request.data,
                name: request.name,
                version: request.version,
                subs: request.subs,
            },
        );
    }

    /// A command of an open connection. Its size counts, and its rate; the first request set, in
    /// field order, is the one that is meant.
    pub(super) fn command(&mut self, command: Command, bytes: usize, now: Millis) {
        if command == Command::default() {
            return self.pong();
        }
        let id = command.id;
        let allowed = self.rate.take(now);
        if let Some(send) = command.send.as_ref().filter(|_| id == 0) {
            if allowed && bytes <= self.settings.command_bytes_max {
                self.ask(0, None, Ask::Send { data: send.data.clone() });
            }
            return;
        }
        if id == 0 || command.connect.is_some() {
            return self.close(Disconnect::BAD_REQUEST);
        }
        if bytes > self.settings.command_bytes_max {
            return self.refuse(id, ErrorCode::LimitExceeded);
        }
        // An unsubscribe is never refused: an error there makes SDKs reconnect.
        if !allowed && command.unsubscribe.is_none() {
            return self.refuse(id, ErrorCode::TooManyRequests);
        }
        self.request(command);
    }

    fn pong(&mut self) {
        if self.pong_by.take().is_none() {
            self.close(Disconnect::BAD_REQUEST);
        }
    }

    pub(super) fn request(&mut self, command: Command) {
        let id = command.id;
        if let Some(name) = self.starting(&command) {
            return self.wait(&name, command);
        }
        if let Some(request) = command.subscribe {
            self.subscribe(id, request);
        } else if let Some(request) = command.unsubscribe {
            self.unsubscribe(id, &request.channel);
        } else if let Some(request) = command.publish {
            self.publish(id, request);
        } else if let Some(ChannelRequest { channel }) = command.presence {
            self.on_channel(id, &channel.clone(), Ask::Presence { channel });
        } else if let Some(ChannelRequest { channel }) = command.presence_stats {
            self.on_channel(id, &channel.clone(), Ask::PresenceStats { channel });
        } else if let Some(request) = command.history {
            self.history(id, request);
        } else if command.ping.is_some() {
            self.reply(&Reply { id, ping: Some(Empty {}), ..Reply::default() });
        } else if let Some(send) = command.send {
            self.ask(0, None, Ask::Send { data: send.data });
        } else if let Some(request) = command.rpc {
            self.ask(id, None, Ask::Rpc { method: request.method, data: request.data });
        } else if let Some(request) = command.refresh {
            self.ask(id, None, Ask::Refresh { token: request.token });
        } else if let Some(request) = command.sub_refresh {
            self.sub_refresh(id, request);
        } else {
            self.close(Disconnect::BAD_REQUEST);
        }
    }

    /// The channel of a subscribe or unsubscribe that has to wait for an earlier subscribe.
    fn starting(&self, command: &Command) -> Option<String> {
        let subscribe = command.subscribe.as_ref().map(|request| &request.channel);
        let name = subscribe.or(command.unsubscribe.as_ref().map(|request| &request.channel))?;
        match self.channels.get(name) {
            // A second subscribe waits only behind an unsubscribe; else it is one too many.
            Some(Subscription::Starting { waiting })
                if subscribe.is_none() || !waiting.is_empty() =>
            {
                Some(name.clone())
            }
            Some(Subscription::Starting { .. } | Subscription::Live) | None => None,
        }
    }

    fn wait(&mut self, name: &str, command: Command) {
        let id = command.id;
        if let Some(Subscription::Starting { waiting }) = self.channels.get_mut(name)
            && waiting.len() < WAITING_MAX
        {
            return waiting.push_back(command);
        }
        self.refuse(id, ErrorCode::TooManyRequests);
    }

    /// The order of checks is the protocol's: name, namespace, doubled, limit; rights come with
    /// the answer.
    fn subscribe(&mut self, id: u32, request: SubscribeRequest) {
        if let Err(code) = self.checked_name(&request.channel) {
            return self.refuse(id, code);
        }
        if self.channels.contains_key(&request.channel) {
            return self.refuse(id, ErrorCode::AlreadySubscribed);
        }
        if self.channels.len() >= self.settings.subscriptions_max {
            return self.refuse(id, ErrorCode::LimitExceeded);
        }
        if request.kind != 0 {
            return self.refuse(id, ErrorCode::NotAvailable);
        }
        let delta_known = matches!(request.delta.as_str(), "" | "fossil");
        if request.tf.is_some() || !delta_known {
            return self.refuse(id, ErrorCode::BadRequest);
        }
        let channel = request.channel.clone();
        if self.ask(id, Some(&channel), Ask::Subscribe(request)) {
            self.channels.insert(channel, Subscription::Starting { waiting: VecDeque::new() });
        }
    }

    fn checked_name(&self, name: &str) -> Result<(), ErrorCode> {
        match self.settings.names {
            Names::Product => match Channel::parse(name) {
                Ok(_) => Ok(()),
                Err(ChannelError::Malformed) => Err(ErrorCode::BadRequest),
                Err(ChannelError::Unknown) => Err(ErrorCode::UnknownChannel),
            },
            Names::Any if channel::well_formed(name) => Ok(()),
            Names::Any => Err(ErrorCode::BadRequest),
        }
    }

    fn unsubscribe(&mut self, id: u32, name: &str) {
        if self.channels.remove(name).is_some() {
            self.out.push_back(Output::Stopped { channel: name.to_owned() });
        }
        self.reply(&Reply { id, unsubscribe: Some(Empty {}), ..Reply::default() });
    }

    fn publish(&mut self, id: u32, request: PublishRequest) {
        if request.kind != 0 {
            return self.refuse(id, ErrorCode::NotAvailable);
        }
        let PublishRequest { channel, data, .. } = request;
        if data.is_empty() {
            return self.refuse(id, ErrorCode::BadRequest);
        }
        self.on_channel(id, &channel.clone(), Ask::Publish { channel, data });
    }

    fn history(&mut self, id: u32, request: HistoryRequest) {
        self.on_channel(id, &request.channel.clone(), Ask::History(request));
    }

    fn on_channel(&mut self, id: u32, name: &str, ask: Ask) {
        match self.checked_name(name) {
            Ok(()) => {
                self.ask(id, None, ask);
            }
            Err(code) => self.refuse(id, code),
        }
    }

    fn sub_refresh(&mut self, id: u32, request: SubRefreshRequest) {
        if request.kind != 0 {
            return self.refuse(id, ErrorCode::NotAvailable);
        }
        let SubRefreshRequest { channel, token, .. } = request;
        self.ask(id, None, Ask::SubRefresh { channel, token });
    }
}

/// Commands on one channel that wait for its subscribe.
const WAITING_MAX: usize = 16;
