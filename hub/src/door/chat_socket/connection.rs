//! The task of one connection: socket ⇄ session ⇄ hub.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use futures_util::stream::FuturesUnordered;
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use signaling::chat::channel::Channel;
use signaling::chat::codes::{Disconnect, Unsubscribe};
use signaling::chat::frame::{self, Frame};
use signaling::chat::session::{
    Answer, Ask, AskId, Input, Millis, Names, Output, Session, SessionSettings, Started,
};
use signaling::chat::{Encoding, push};
use signaling::limits::{
    CATCH_UP_EVENTS_MAX, CATCH_UPS_PER_CONNECTION_MAX, OUTBOX_STALL_MS_MAX, SOCKET_CONTROLS_MAX,
    SUBSCRIPTIONS_MAX, TYPING_INTERVAL_MS_MIN, WRITE_BYTES_MAX,
};
use signaling::{DeviceId, PersonId, RoomId};
use tokio::time::{Sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as WebSocketFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, Utf8Bytes};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::asks;
use super::gate::Gate;
use super::lobby::Meter;
use crate::app::{App, Clock};
use crate::conformance::Guest;
use crate::conformance::roster::Seen;
use crate::fanout::{Item, Outbox, Page, Pull, Start, Stream as Events, Taken, Ticket};
use crate::features::chat;
use crate::metrics;

/// A place in the fan-out, given back when it is dropped.
pub(super) struct Seat {
    app: App,
    pub ticket: Ticket,
}

impl Seat {
    /// Takes a place in `room` before the membership is read.
    pub fn take(
        app: &App,
        (room, events): (RoomId, Events),
        who: PersonId,
        to: &Arc<Outbox>,
    ) -> Self {
        Self { app: Arc::clone(app), ticket: app.fanout.attach(room, events, who, to) }
    }

    /// [`Seat::take`] in a room whose channel has a name of its own.
    pub fn named(app: &App, room: (RoomId, &str), who: PersonId, to: &Arc<Outbox>) -> Self {
        Self { app: Arc::clone(app), ticket: app.fanout.attach_named(room, who, to) }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.app.fanout.detach(self.ticket, self.app.clock.monotonic());
    }
}

/// A subscription that begins once its reply was sent.
pub(super) struct Place {
    pub channel: String,
    pub seat: Seat,
    pub start: Start,
    /// The line in the roster, in the conformance mode.
    pub seen: Option<Box<Seen>>,
}

/// Who is signed in on a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub person: PersonId,
    pub device: DeviceId,
}

/// What an ask leaves behind besides its answer.
pub(super) enum Effect {
    None,
    /// The connect was accepted; the channels of the server's choice are subscribed with it.
    SignedIn {
        who: Who,
        guest: Option<Arc<Guest>>,
        places: Vec<Place>,
    },
    /// The subscribe was accepted.
    Begins(Place),
}

pub(super) type Asked = (AskId, Answer, Effect);

/// One connection.
pub(super) struct Connection {
    pub app: App,
    pub outbox: Arc<Outbox>,
    pub who: Option<Who>,
    /// Who is connected in the conformance mode.
    pub guest: Option<Arc<Guest>>,
    places: HashMap<String, Place>,
    /// When the last sign of writing was taken, by room.
    typed: HashMap<RoomId, Millis>,
    session: Session,
    asks: FuturesUnordered<BoxFuture<'static, Asked>>,
    reads: FuturesUnordered<BoxFuture<'static, (Ticket, Option<Arc<Page>>)>>,
    behind: Vec<Ticket>,
    meter: Arc<Meter>,
    /// WebSocket pings and pongs since the session's last deadline.
    controls: usize,
    /// When a connection of a stopping hub says goodbye.
    leave_at: Option<Millis>,
    closing: Option<Disconnect>,
}

/// What woke the task.
enum Woken {
    Out(Taken),
    In(Option<Result<Message, SocketError>>),
    Answer(Asked),
    Page(Ticket, Option<Arc<Page>>),
    Deadline,
    Stopping,
}

/// Serves a connection until either side ends it.
pub async fn serve<S>(app: App, mut socket: S, encoding: Encoding, meter: Arc<Meter>)
where
    S: Stream<Item = Result<Message, SocketError>> + Sink<Message, Error = SocketError> + Unpin,
{
    let now = app.clock.monotonic();
    let id = app.chance.below(u64::MAX);
    let mut connection = Connection {
        outbox: Arc::new(Outbox::new(id, encoding)),
        session: Session::new(settings(&app), encoding, now),
        who: None,
        guest: None,
        places: HashMap::new(),
        typed: HashMap::new(),
        asks: FuturesUnordered::new(),
        reads: FuturesUnordered::new(),
        behind: Vec::new(),
        meter,
        controls: 0,
        leave_at: None,
        closing: None,
        app,
    };
    let close = connection.run(&mut socket).await;
    connection.leave();
    if let Some(close) = close {
        metrics::closed(close.code);
        let reason = Utf8Bytes::from_static(close.reason);
        let frame = CloseFrame { code: close.code.into(), reason };
        let farewell = async {
            let _ = socket.send(Message::Close(Some(frame))).await;
            // The peer's own close ends the stream; what it sends before is no longer read.
            while let Some(Ok(_)) = socket.next().await {}
        };
        let _ = timeout(Duration::from_millis(FAREWELL_MS_MAX), farewell).await;
    }
}

/// The limits of a connection. The conformance mode names channels as it likes and has no rate.
fn settings(app: &App) -> SessionSettings {
    match app.conformance {
        Some(_) => SessionSettings {
            names: Names::Any,
            commands_per_second: 0,
            ..SessionSettings::default()
        },
        None => SessionSettings::default(),
    }
}

/// How long a closed socket may take to say goodbye.
const FAREWELL_MS_MAX: u64 = 2_000;

impl Connection {
    /// Runs until the socket is to be closed (`Some`) or is gone (`None`).
    async fn run<S>(&mut self, socket: &mut S) -> Option<Disconnect>
    where
        S: Stream<Item = Result<Message, SocketError>> + Sink<Message, Error = SocketError> + Unpin,
    {
        let stop = self.app.stopping.clone();
        let mut waits = Waits {
            incoming: Gate::default(),
            time: Gate::default(),
            stopping: Box::pin(stop.cancelled_owned()),
            alarm: Alarm::default(),
        };
        loop {
            self.catch_up();
            match self.wait(socket, &mut waits).await {
                Woken::Out(taken) => {
                    let close = taken.close;
                    let written = self.write(socket, taken.items).await;
                    self.behind.extend(taken.behind);
                    if let Some(close) = close {
                        return Some(Disconnect { code: close.code, reason: close.reason });
                    }
                    if let Err(close) = written {
                        return close;
                    }
                }
                Woken::In(Some(Err(SocketError::Capacity(_)))) => {
                    return Some(Disconnect::BAD_REQUEST);
                }
                Woken::In(Some(Err(SocketError::Io(error))))
                    if error.kind() == ErrorKind::QuotaExceeded =>
                {
                    return Some(Disconnect::TOO_MANY_REQUESTS);
                }
                Woken::In(None | Some(Err(_) | Ok(Message::Close(_)))) => return None,
                Woken::In(Some(Ok(message))) => self.message(&message),
                Woken::Answer((ask, answer, effect)) => {
                    self.effect(effect);
                    self.input(Input::Answer { ask, answer });
                }
                Woken::Page(ticket, page) => self.paged(ticket, page.as_deref()),
                Woken::Deadline => self.deadline(),
                Woken::Stopping => {
                    let now = self.app.clock.monotonic();
                    self.leave_at = Some(now.after(self.app.drain.turn_ms()));
                }
            }
            if let Some(close) = self.closing {
                let rest = self.outbox.take(usize::MAX, futures_util::task::noop_waker_ref());
                let _ = self.write(socket, rest.items).await;
                return Some(close);
            }
        }
    }

    /// Waits for the next thing to do. Commands are not read while the outbox is full.
    async fn wait<S>(&mut self, socket: &mut S, waits: &mut Waits) -> Woken
    where
        S: Stream<Item = Result<Message, SocketError>> + Unpin,
    {
        let due = [self.session.deadline(), self.leave_at].into_iter().flatten().min();
        if waits.alarm.set(due, &*self.app.clock) {
            waits.time.open();
        }
        let outbox = &self.outbox;
        let out = poll_fn(|context| {
            let taken = outbox.take(WRITE_BYTES_MAX, context.waker());
            if taken.items.is_empty() && taken.behind.is_empty() && taken.close.is_none() {
                Poll::Pending
            } else {
                Poll::Ready(taken)
            }
        });
        let reading = !self.outbox.is_full();
        let staying = self.leave_at.is_none();
        let Waits { incoming, time, stopping, alarm } = waits;
        let message =
            poll_fn(|context| incoming.poll(context, |context| socket.poll_next_unpin(context)));
        let moment = poll_fn(|context| {
            time.poll(context, |context| {
                if alarm.poll(context).is_ready() {
                    return Poll::Ready(Woken::Deadline);
                }
                if staying && stopping.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Woken::Stopping);
                }
                Poll::Pending
            })
        });
        tokio::select! {
            biased;
            taken = out => Woken::Out(taken),
            Some(asked) = self.asks.next(), if !self.asks.is_empty() => Woken::Answer(asked),
            Some((ticket, page)) = self.reads.next(), if !self.reads.is_empty() => {
                Woken::Page(ticket, page)
            }
            message = message, if reading => Woken::In(message),
            woken = moment => woken,
        }
    }

    /// Writes many messages as one frame. `Err`: close the socket so, or it is gone.
    async fn write<S>(&mut self, socket: &mut S, items: Vec<Item>) -> Result<(), Option<Disconnect>>
    where
        S: Sink<Message, Error = SocketError> + Unpin,
    {
        let encoding = self.session.encoding();
        let messages = items.len();
        let mut out = Joined::default();
        for item in items {
            match item {
                Item::Frame(bytes) if bytes.is_empty() => {
                    // The payload can not be written in this encoding.
                    self.input(Input::Disconnect(Disconnect::INAPPROPRIATE_PROTOCOL));
                }
                Item::Frame(bytes) => out.push(encoding, bytes),
                Item::Message(json) if self.session.is_open() => {
                    out.push(encoding, push::message(encoding, json));
                }
                Item::Message(_) => {}
                Item::End { channel, code, reason } => {
                    let why = Unsubscribe { code, reason };
                    self.input(Input::EndSubscription { channel: channel.to_string(), why });
                }
            }
        }
        let Some(bytes) = out.into_bytes() else { return Ok(()) };
        let message = websocket_message(encoding, bytes);
        metrics::written(messages);
        let stalled = Duration::from_millis(OUTBOX_STALL_MS_MAX);
        match timeout(stalled, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(Disconnect::SLOW)),
        }
    }

    /// Hands a WebSocket message to the session. What answers itself is counted all the same.
    fn message(&mut self, message: &Message) {
        self.meter.message();
        match message {
            Message::Text(text) => self.input(Input::Frame(Frame::Text(text))),
            Message::Binary(bytes) => self.input(Input::Frame(Frame::Binary(bytes))),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Close(_) => {
                self.controls = self.controls.saturating_add(1);
                if self.controls > SOCKET_CONTROLS_MAX {
                    self.input(Input::Disconnect(Disconnect::TOO_MANY_REQUESTS));
                }
            }
        }
    }

    fn deadline(&mut self) {
        self.controls = 0;
        let now = self.app.clock.monotonic();
        if self.leave_at.is_some_and(|at| at <= now) {
            return self.input(Input::Disconnect(Disconnect::SHUTDOWN));
        }
        self.input(Input::Tick);
    }

    fn input(&mut self, input: Input<'_>) {
        let now = self.app.clock.monotonic();
        self.session.handle(input, now);
        while let Some(output) = self.session.poll() {
            match output {
                Output::Send(bytes) => self.outbox.push_own(Item::Frame(bytes)),
                Output::Ask { ask: Ask::Send { data }, .. } => self.sign(&data, now),
                Output::Ask { id, ask } => {
                    let mut asked = asks::answer(self, id, ask);
                    // Begun here, in the order of the commands: whatever an ask does before it
                    // first waits is done in that order. A send takes its place in the queue of
                    // the log, so that two sends of one connection are committed as they came.
                    self.asks.push(match asked.as_mut().now_or_never() {
                        Some(done) => ready(done).boxed(),
                        None => asked,
                    });
                }
                Output::Started(started) => self.started(&started),
                Output::Stopped { channel } => {
                    self.places.remove(&channel);
                }
                Output::Close(why) => self.closing = Some(why),
            }
        }
    }

    /// A sign of the client, where it has subscribed to what passes in the room.
    fn sign(&mut self, data: &Bytes, now: Millis) {
        let Some(who) = self.who.filter(|_| self.app.conformance.is_none()) else { return };
        let Some(room) = chat::sign(data) else { return };
        if !self.places.contains_key(&Channel::Live(room).to_string()) {
            return;
        }
        let last = self.typed.get(&room);
        if last.is_some_and(|last| now.since(*last) < TYPING_INTERVAL_MS_MIN) {
            return;
        }
        if self.typed.len() >= SUBSCRIPTIONS_MAX {
            self.typed.clear();
        }
        self.typed.insert(room, now);
        chat::typing(&self.app, room, who.person);
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::SignedIn { who, guest, places } => {
                self.meter.signed_in();
                self.who = Some(who);
                self.app.fanout.people.enter(who.person, who.device, &self.outbox);
                self.guest = guest;
                self.places.extend(places.into_iter().map(|place| (place.channel.clone(), place)));
            }
            Effect::Begins(place) => {
                self.places.insert(place.channel.clone(), place);
            }
        }
    }

    /// The reply that begins a subscription is queued: what follows may be queued behind it.
    fn started(&mut self, started: &Started) {
        let now = self.app.clock.monotonic();
        let Some(place) = self.places.get(&started.channel) else { return };
        let (ticket, start) = (place.seat.ticket, place.start);
        if self.app.fanout.activate(ticket, start, now).is_err() {
            let channel = started.channel.clone();
            return self.input(Input::EndSubscription { channel, why: Unsubscribe::REMOVED });
        }
        self.behind.push(ticket);
        if let Some(seen) = self.places.get(&started.channel).and_then(|place| place.seen.as_ref())
        {
            seen.enter();
        }
    }

    /// Lets subscriptions that are behind pull while the socket keeps up.
    fn catch_up(&mut self) {
        let mut later = Vec::new();
        while let Some(ticket) = self.behind.pop() {
            if !self.outbox.has_drained() || self.reads.len() >= CATCH_UPS_PER_CONNECTION_MAX {
                later.push(ticket);
                continue;
            }
            match self.app.fanout.pull(ticket) {
                Pull::Queued => later.push(ticket),
                Pull::Read { after } => self.read(ticket, after),
                // A held node wakes its subscriptions when it is current again.
                Pull::Live | Pull::Held | Pull::Gone => {}
            }
        }
        self.behind = later;
    }

    fn read(&mut self, ticket: Ticket, after: i64) {
        let app = Arc::clone(&self.app);
        let read = async move {
            let limit = CATCH_UP_EVENTS_MAX;
            let page = app.reads.since(&app.timeline, ticket.room, after, limit).await;
            (ticket, page.ok().flatten())
        };
        self.reads.push(read.boxed());
    }

    fn paged(&mut self, ticket: Ticket, page: Option<&Page>) {
        let now = self.app.clock.monotonic();
        let Some(page) = page else {
            // The store did not answer: the client asks anew.
            let place = self.places.iter().find(|(_, place)| place.seat.ticket == ticket);
            if let Some((channel, _)) = place {
                let (channel, why) = (channel.clone(), Unsubscribe::INSUFFICIENT_STATE);
                self.input(Input::EndSubscription { channel, why });
            }
            return;
        };
        if self.app.fanout.page(ticket, page, now) == Pull::Queued {
            self.behind.push(ticket);
        }
    }

    /// Gives back everything this connection held.
    fn leave(&mut self) {
        self.places.clear();
        if let Some(who) = self.who {
            self.app.fanout.people.leave(who.person, self.outbox.id);
        }
    }
}

/// What a task waits for besides its outbox. Made once: it is waited for on every turn.
struct Waits {
    incoming: Gate,
    time: Gate,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    alarm: Alarm,
}

/// When the session wants to be woken; kept while that stays the same.
#[derive(Default)]
struct Alarm {
    due: Option<Millis>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// Returns whether it is another alarm now.
    fn set(&mut self, due: Option<Millis>, clock: &dyn Clock) -> bool {
        if self.due == due && (self.sleep.is_some() || due.is_none()) {
            return false;
        }
        let left = |at: Millis| Duration::from_millis(at.since(clock.monotonic()));
        self.sleep = due.map(|at| Box::pin(tokio::time::sleep(left(at))));
        self.due = due;
        true
    }

    /// Rings once.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(sleep) = &mut self.sleep else { return Poll::Pending };
        let rung = sleep.as_mut().poll(context);
        if rung.is_ready() {
            self.sleep = None;
        }
        rung
    }
}

/// Encoded messages of one frame. A single one goes out as it is, shared with other connections.
#[derive(Default)]
struct Joined {
    first: Option<Bytes>,
    all: BytesMut,
}

impl Joined {
    fn push(&mut self, encoding: Encoding, message: Bytes) {
        if self.all.is_empty() {
            match self.first.take() {
                None => return self.first = Some(message),
                Some(first) => frame::join(encoding, &mut self.all, &first),
            }
        }
        frame::join(encoding, &mut self.all, &message);
    }

    fn into_bytes(self) -> Option<Bytes> {
        let all = (!self.all.is_empty()).then(|| self.all.freeze());
        all.or(self.first)
    }
}

/// A frame of the connection's sort. Text is not looked at again: it was made from strings.
fn websocket_message(encoding: Encoding, bytes: Bytes) -> Message {
    let sort = match encoding {
        Encoding::Json => Data::Text,
        Encoding::Protobuf => Data::Binary,
    };
    Message::Frame(WebSocketFrame::message(bytes, OpCode::Data(sort), true))
}
