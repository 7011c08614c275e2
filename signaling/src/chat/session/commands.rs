//! What each command does.

use super::rate::Admission;
use super::types::Names;
use super::{Ask, Backlog, Millis, Output, Phase, Session, Ticket, What};
use crate::chat::channel::{self, Channel, ChannelError};
use crate::chat::codes::{Disconnect, ErrorCode};
use crate::chat::command::{
    Command, ConnectRequest, Empty, HistoryRequest, PublishRequest, Request,
};
use crate::chat::frame;
use crate::chat::reply::Reply;
use crate::limits;

impl Session {
    /// The first command: it must be `connect`. Behind a refused one others are dropped.
    pub(super) fn first(&mut self, message: &[u8], connect_by: Millis, refused: bool, now: Millis) {
        let Ok(command) = frame::command(self.encoding, message) else {
            return self.close(Disconnect::BAD_REQUEST);
        };
        let id = command.id;
        let Some(Request::Connect(request)) = command.into_request().filter(|_| id != 0) else {
            if !refused {
                self.close(Disconnect::BAD_REQUEST);
            }
            return;
        };
        if self.rate.take(now) != Admission::Granted {
            return self.close(Disconnect::TOO_MANY_REQUESTS);
        }
        self.phase = Phase::Connecting { connect_by, backlog: Backlog::default() };
        let ticket = self.ticket(id, message.len(), now);
        self.connect(ticket, *request);
    }

    fn connect(&mut self, ticket: Ticket, request: ConnectRequest) {
        let ConnectRequest { token, data, subs, name, version } = request;
        let subs = subs.into_iter().take(self.settings.subscriptions_max).collect();
        self.ask(ticket, What::Connect, Ask::Connect { token, data, name, version, subs });
    }

    /// A command of an open connection. Its size counts, and its rate.
    pub(super) fn command(&mut self, message: &[u8], arrived: Millis, now: Millis) {
        let Ok(command) = frame::command(self.encoding, message) else {
            return self.close(Disconnect::BAD_REQUEST);
        };
        if command == Command::default() {
            return self.pong();
        }
        let ticket = self.ticket(command.id, message.len(), arrived);
        let Some(request) = command.into_request() else {
            return self.close(Disconnect::BAD_REQUEST);
        };
        let admission = self.rate.take(now);
        if admission == Admission::Flood {
            return self.close(Disconnect::TOO_MANY_REQUESTS);
        }
        let refusal = if ticket.bytes > self.settings.command_bytes_max {
            Some(ErrorCode::LimitExceeded)
        } else if admission == Admission::Refused {
            Some(ErrorCode::TooManyRequests)
        } else {
            None
        };
        if let Request::Send(send) = request {
            if refusal.is_none() {
                self.ask_without_answer(Ask::Send { data: send.data });
            }
            return;
        }
        if ticket.id == 0 {
            return self.close(Disconnect::BAD_REQUEST);
        }
        // An unsubscribe is never refused: an error there makes SDKs reconnect.
        match refusal.filter(|_| !matches!(request, Request::Unsubscribe(_))) {
            Some(code) => self.refuse(ticket.id, code),
            None => self.request(ticket, request),
        }
    }

    fn request(&mut self, ticket: Ticket, request: Request) {
        match request {
            Request::Connect(_) => self.close(Disconnect::BAD_REQUEST),
            Request::Subscribe(request) => self.subscribe(ticket, request),
            Request::Unsubscribe(request) => self.unsubscribe(ticket, &request.channel),
            Request::Publish(request) => self.publish(ticket, request),
            Request::Presence(request) => {
                let channel = request.channel;
                if self.is_channel(ticket, &channel) {
                    self.ask(ticket, What::Presence, Ask::Presence { channel });
                }
            }
            Request::PresenceStats(request) => {
                let channel = request.channel;
                if self.is_channel(ticket, &channel) {
                    self.ask(ticket, What::PresenceStats, Ask::PresenceStats { channel });
                }
            }
            Request::History(request) => self.history(ticket, request),
            Request::Ping => {
                self.reply(&Reply { id: ticket.id, ping: Some(Empty {}), ..Reply::default() });
            }
            Request::Send(send) => self.ask_without_answer(Ask::Send { data: send.data }),
            Request::Rpc(rpc) => {
                self.ask(ticket, What::Rpc, Ask::Rpc { method: rpc.method, data: rpc.data });
            }
            Request::Refresh(refresh) => {
                self.ask(ticket, What::Refresh, Ask::Refresh { token: refresh.token });
            }
            Request::SubRefresh(request) => self.sub_refresh(ticket, request),
        }
    }

    fn publish(&mut self, ticket: Ticket, request: PublishRequest) {
        if request.kind != 0 {
            return self.refuse(ticket.id, ErrorCode::NotAvailable);
        }
        let PublishRequest { channel, data, .. } = request;
        if data.is_empty() {
            return self.refuse(ticket.id, ErrorCode::BadRequest);
        }
        if self.is_channel(ticket, &channel) {
            self.ask(ticket, What::Publish, Ask::Publish { channel, data });
        }
    }

    /// The limit is cut to what a page may hold, silently; negative means as many as allowed.
    fn history(&mut self, ticket: Ticket, request: HistoryRequest) {
        if !self.is_channel(ticket, &request.channel) {
            return;
        }
        let most = i32::try_from(limits::HISTORY_EVENTS_MAX).unwrap_or(i32::MAX);
        let limit = if request.limit < 0 { most } else { request.limit.min(most) };
        self.ask(ticket, What::History, Ask::History(HistoryRequest { limit, ..request }));
    }

    /// Whether the name is one; refused where it is not.
    pub(super) fn is_channel(&mut self, ticket: Ticket, name: &str) -> bool {
        let known = match self.settings.names {
            Names::Product => match Channel::parse(name) {
                Ok(_) => Ok(()),
                Err(ChannelError::Malformed) => Err(ErrorCode::BadRequest),
                Err(ChannelError::Unknown) => Err(ErrorCode::UnknownChannel),
            },
            Names::Any if channel::well_formed(name) => Ok(()),
            Names::Any => Err(ErrorCode::BadRequest),
        };
        known.map_err(|code| self.refuse(ticket.id, code)).is_ok()
    }

    fn ticket(&self, id: u32, bytes: usize, arrived: Millis) -> Ticket {
        Ticket { id, bytes, by: arrived.after(self.settings.reply_delay_ms) }
    }

    fn ask_without_answer(&mut self, ask: Ask) {
        let id = self.number();
        self.out.push_back(Output::Ask { id, ask });
    }
}
