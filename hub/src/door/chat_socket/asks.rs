//! What the hub answers to a session's asks. An answer leaves before the client's own deadline of
//! five seconds; what takes longer is refused as temporary.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use signaling::chat::channel::Channel;
use signaling::chat::codes::{Disconnect, ErrorCode, ReplyError};
use signaling::chat::command::{HistoryRequest, SubscribeRequest};
use signaling::chat::push::Publication;
use signaling::chat::reply::{HistoryResult, SubscribeResult};
use signaling::chat::session::{Answer, Ask, AskId, Connected};
use signaling::limits::{HISTORY_EVENTS_MAX, RECOVERY_REPLY_EVENTS_MAX, REPLY_DELAY_MS_MAX};
use signaling::{PersonId, RoomId};
use tokio::time::timeout;

use super::connection::{Asked, Connection, Effect, Place, Seat, Who};
use super::guests::Desk;
use super::presence;
use crate::app::App;
use crate::auth::Role;
use crate::error::{Error, Fault};
use crate::fanout::{self, Entry, Outbox, Plan, Start, Stream};
use crate::features::accounts::{TokenError, verify_chat_token};
use crate::features::chat;
use crate::metrics;
use crate::timeline::Standing;

/// Why an ask is not answered with its result.
pub enum Refuse {
    With(Answer),
    Fault(Fault),
}

impl Refuse {
    /// The error for whoever asked.
    pub fn reply(self) -> ReplyError {
        match self {
            Self::With(Answer::Refused(error)) => error,
            Self::With(_) | Self::Fault(_) => ErrorCode::Internal.into(),
        }
    }
}

impl From<ErrorCode> for Refuse {
    fn from(code: ErrorCode) -> Self {
        Self::With(Answer::Refused(code.into()))
    }
}

impl From<sqlx::Error> for Refuse {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(Fault::new(error))
    }
}

impl From<Error> for Refuse {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::With(Answer::Refused(refusal.into())),
            Error::Fault(fault) => Self::Fault(fault),
        }
    }
}

pub(super) type Answered = Result<(Answer, Effect), Refuse>;

/// Starts answering.
pub(super) fn answer(connection: &Connection, id: AskId, ask: Ask) -> BoxFuture<'static, Asked> {
    let app = Arc::clone(&connection.app);
    let outbox = Arc::clone(&connection.outbox);
    let (who, guest) = (connection.who, connection.guest.clone());
    async move {
        let (began, method) = (metrics::began(), measured(&ask));
        let work = async {
            match &app.conformance {
                Some(rules) => {
                    let desk = Desk { app: &app, rules, outbox: &outbox };
                    desk.act(guest, ask).await
                }
                None => act(&app, &outbox, who, ask).await,
            }
        };
        let done = timeout(Duration::from_millis(REPLY_DELAY_MS_MAX), work).await;
        let outcome = match &done {
            Ok(Ok(_)) => "done",
            Ok(Err(Refuse::With(_))) => "refused",
            Ok(Err(Refuse::Fault(_))) => "failed",
            Err(_) => "late",
        };
        metrics::called(method, outcome, began);
        let (answer, effect) = match done {
            Ok(Ok(done)) => done,
            Ok(Err(Refuse::With(answer))) => (answer, Effect::None),
            Ok(Err(Refuse::Fault(fault))) => {
                tracing::error!(error = %fault, "a call over the chat socket failed");
                (Answer::Refused(ErrorCode::Internal.into()), Effect::None)
            }
            Err(_) => (Answer::Refused(ErrorCode::Internal.into()), Effect::None),
        };
        (id, answer, effect)
    }
    .boxed()
}

/// What a call is counted as: a method only where the hub has it, never what a client wrote.
fn measured(ask: &Ask) -> &'static str {
    match ask {
        Ask::Connect { .. } => "connect",
        Ask::Subscribe(_) => "subscribe",
        Ask::History(_) => "history",
        Ask::Rpc { method, .. } => {
            chat::METHODS.iter().find(|known| *known == method).copied().unwrap_or("unknown")
        }
        Ask::Refresh { .. } | Ask::SubRefresh { .. } => "refresh",
        Ask::Publish { .. } => "publish",
        Ask::Presence { .. } | Ask::PresenceStats { .. } => "presence",
        Ask::Send { .. } => "send",
    }
}

async fn act(app: &App, outbox: &Arc<Outbox>, who: Option<Who>, ask: Ask) -> Answered {
    if let Ask::Connect { token, mut subs, .. } = ask {
        return connect(app, outbox, &token, |inbox| subs.remove(inbox)).await;
    }
    // A session asks nothing else before its connect was accepted.
    let who = who.ok_or(ErrorCode::Unauthorized)?;
    match ask {
        Ask::Subscribe(request) => subscribe(app, outbox, who.person, &request).await,
        Ask::History(request) => member_history(app, who.person, &request).await,
        Ask::Rpc { method, data } => {
            may_call(app, &method)?;
            let result = chat::call(app, who.person, &method, &data).await?;
            Ok((Answer::Rpc(result), Effect::None))
        }
        Ask::Refresh { token } => refresh(app, who, &token).await,
        Ask::Publish { channel, data } => {
            may_call(app, "msg.send")?;
            presence::publish(app, who.person, &channel, &data).await
        }
        Ask::Presence { channel } => presence::presence(app, who.person, &channel).await,
        Ask::PresenceStats { channel } => presence::stats(app, who.person, &channel).await,
        Ask::SubRefresh { .. } => Err(ErrorCode::PermissionDenied.into()),
        Ask::Send { .. } => Ok((Answer::Published, Effect::None)),
        Ask::Connect { .. } => Err(ErrorCode::BadRequest.into()),
    }
}

/// Signs the connection in and subscribes it to the person's inbox.
async fn connect(
    app: &App,
    outbox: &Arc<Outbox>,
    token: &str,
    held: impl FnOnce(&str) -> Option<SubscribeRequest>,
) -> Answered {
    let identity = verify(app, token).await?;
    let who = Who { person: identity.person, device: identity.device };
    let room = who.person.inbox();
    let channel = Channel::User(who.person).to_string();
    let request = held(&channel).unwrap_or_default();
    let seat = Seat::take(app, (room, Stream::Log), who.person, outbox);
    let standing = standing(app, who.person, room).await?;
    let begun = begin(app, room, &request, &standing).await?;
    let mut result = begun.result;
    // A client ignores the events of a connect reply that does not say so.
    result.recovered = result.recovered || !result.was_recovering;
    let next = fanout::offset(begun.start.next);
    let connected = Connected {
        client: app.ids.next().to_string(),
        version: concat!("lianxin ", env!("CARGO_PKG_VERSION")).to_owned(),
        ttl_s: Some(ttl_s(app, identity.expires_at)),
        data: Bytes::new(),
        subs: vec![(channel.clone(), result, next)],
    };
    let places = vec![Place { channel, seat, start: begun.start, seen: None }];
    Ok((Answer::Connected(connected), Effect::SignedIn { who, guest: None, places }))
}

/// Whether the access file lets members make this call at all; the call itself knows its room. A
/// call that the file does not name is none: the hub compared them before it opened the door.
fn may_call(app: &App, method: &str) -> Result<(), Refuse> {
    let action = app.access.rpc(method).ok_or(ErrorCode::MethodNotFound)?;
    let member = action.scope(Role::Member).or_else(|| action.scope(Role::Leader));
    member.map(|_| ()).ok_or_else(|| ErrorCode::PermissionDenied.into())
}

async fn verify(app: &App, token: &str) -> Result<crate::features::accounts::ChatIdentity, Refuse> {
    verify_chat_token(app, token).await.map_err(|error| match error {
        TokenError::Invalid => Refuse::With(Answer::Disconnect(Disconnect::INVALID_TOKEN)),
        TokenError::Expired => ErrorCode::TokenExpired.into(),
        TokenError::Unchecked(fault) => Refuse::Fault(fault),
    })
}

fn ttl_s(app: &App, expires_at: time::OffsetDateTime) -> u32 {
    let left = (expires_at - app.clock.now()).whole_seconds().max(1);
    u32::try_from(left).unwrap_or(u32::MAX)
}

/// A new token of the same person and device prolongs the connection.
async fn refresh(app: &App, who: Who, token: &str) -> Answered {
    let identity = verify(app, token).await?;
    if identity.person != who.person || identity.device != who.device {
        return Err(Refuse::With(Answer::Disconnect(Disconnect::INVALID_TOKEN)));
    }
    let ttl_s = Some(ttl_s(app, identity.expires_at));
    Ok((Answer::Refreshed { ttl_s }, Effect::None))
}

pub(super) async fn standing(
    app: &App,
    person: PersonId,
    room: RoomId,
) -> Result<Standing, Refuse> {
    let standings = app.timeline.standings(person, &[room]).await?;
    standings.get(&room).copied().ok_or_else(|| ErrorCode::PermissionDenied.into())
}

async fn subscribe(
    app: &App,
    outbox: &Arc<Outbox>,
    person: PersonId,
    request: &SubscribeRequest,
) -> Answered {
    if app.fanout.is_held() {
        return Err(ErrorCode::Internal.into());
    }
    let (room, stream) = match Channel::parse(&request.channel) {
        Ok(Channel::Room(room)) => (room, Stream::Log),
        Ok(Channel::Live(room)) => (room, Stream::Ephemeral),
        // The inbox is subscribed at connect; another person's is nobody's business.
        Ok(Channel::User(_)) | Err(_) => return Err(ErrorCode::PermissionDenied.into()),
    };
    let seat = Seat::take(app, (room, stream), person, outbox);
    let standing = standing(app, person, room).await?;
    let begun = match stream {
        Stream::Log => begin(app, room, request, &standing).await?,
        Stream::Ephemeral => Begun::ephemeral(&standing),
    };
    let next = fanout::offset(begun.start.next);
    let place = Place { channel: request.channel.clone(), seat, start: begun.start, seen: None };
    Ok((Answer::Subscribed { result: begun.result, next }, Effect::Begins(place)))
}

/// What a subscribe is answered with, and where its delivery begins.
pub(super) struct Begun {
    pub result: SubscribeResult,
    pub start: Start,
}

impl Begun {
    fn ephemeral(standing: &Standing) -> Self {
        let start = Start { top: standing.top, next: standing.top.seq.saturating_add(1) };
        Self { result: SubscribeResult::default(), start }
    }
}

/// The answer to a subscribe of a log, whose rights were checked.
pub(super) async fn begin(
    app: &App,
    room: RoomId,
    request: &SubscribeRequest,
    standing: &Standing,
) -> Result<Begun, Refuse> {
    let asked =
        request.recover.then_some(fanout::Asked { epoch: &request.epoch, offset: request.offset });
    let top = standing.top;
    let mut result = SubscribeResult {
        recoverable: true,
        positioned: true,
        epoch: top.epoch.to_string(),
        offset: fanout::offset(top.seq),
        was_recovering: request.recover,
        ..SubscribeResult::default()
    };
    let after_top = top.seq.saturating_add(1);
    match fanout::plan(asked, standing) {
        Plan::Unrecovered if request.rejects_unrecovered() => {
            Err(ErrorCode::UnrecoverablePosition.into())
        }
        Plan::Fresh | Plan::Unrecovered => {
            Ok(Begun { result, start: Start { top, next: after_top } })
        }
        Plan::Recovered { first } => {
            let (publications, next) = missed(app, room, first, standing).await?;
            result.recovered = true;
            result.publications = publications;
            result.offset = request.offset;
            Ok(Begun { result, start: Start { top, next } })
        }
    }
}

/// The first missed events, from memory or from the store, and the first one behind them.
async fn missed(
    app: &App,
    room: RoomId,
    first: i64,
    standing: &Standing,
) -> Result<(Vec<Publication>, i64), Refuse> {
    let after = first.saturating_sub(1);
    if first > standing.top.seq {
        return Ok((Vec::new(), first));
    }
    let limit = RECOVERY_REPLY_EVENTS_MAX;
    let first_of = |entries: &[Arc<Entry>]| -> Vec<Publication> {
        entries.iter().take(limit).map(|entry| entry.publication()).collect()
    };
    let publications = match app.fanout.recent(room, standing.top.epoch, after) {
        Some(entries) => first_of(&entries),
        None => match app.reads.since(&app.timeline, room, after, limit).await {
            Ok(page) => page.map(|page| first_of(&page.entries)).unwrap_or_default(),
            Err(error) => return Err(Refuse::Fault(Fault::new(error))),
        },
    };
    let next = publications
        .last()
        .map_or(first, |last| i64::try_from(last.offset).unwrap_or(i64::MAX).saturating_add(1));
    Ok((publications, next))
}

fn publications(events: Vec<crate::timeline::Committed>) -> Vec<Publication> {
    events.into_iter().map(|event| Entry::new(Arc::new(event)).publication()).collect()
}

/// Events around a position, for those who may subscribe.
async fn member_history(app: &App, person: PersonId, request: &HistoryRequest) -> Answered {
    let room = match Channel::parse(&request.channel) {
        Ok(Channel::Room(room)) => room,
        Ok(Channel::User(owner)) if owner == person => owner.inbox(),
        Ok(Channel::Live(_)) => return Err(ErrorCode::NotAvailable.into()),
        Ok(Channel::User(_)) | Err(_) => return Err(ErrorCode::PermissionDenied.into()),
    };
    let standing = standing(app, person, room).await?;
    let result = history(app, room, &standing, request).await?;
    Ok((Answer::History(result), Effect::None))
}

/// Events around a position, as far as `standing` shows them.
pub async fn history(
    app: &App,
    room: RoomId,
    standing: &Standing,
    request: &HistoryRequest,
) -> Result<HistoryResult, Refuse> {
    let top = standing.top;
    let epoch = top.epoch.to_string();
    if request.since.as_ref().is_some_and(|since| !since.epoch.is_empty() && since.epoch != epoch) {
        return Err(ErrorCode::UnrecoverablePosition.into());
    }
    let limit = match usize::try_from(request.limit) {
        Ok(limit) => limit.min(HISTORY_EVENTS_MAX),
        Err(_) => HISTORY_EVENTS_MAX,
    };
    let since = request.since.as_ref().map(|since| i64::try_from(since.offset));
    let since = since.transpose().map_err(|_| ErrorCode::BadRequest)?;
    let events = match (limit, request.reverse) {
        (0, _) => None,
        (_, false) => {
            let floor = standing.visible_from.saturating_sub(1);
            app.timeline.since(room, since.unwrap_or_default().max(floor), limit).await?
        }
        (_, true) => app.timeline.before(room, since.unwrap_or(i64::MAX), limit).await?,
    };
    let mut events = events.map(|slice| slice.events).unwrap_or_default();
    events.retain(|event| event.seq >= standing.visible_from);
    let publications = publications(events);
    Ok(HistoryResult { publications, epoch, offset: fanout::offset(top.seq) })
}
