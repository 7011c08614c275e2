//! The whole core as one value: what it holds, and the order in which it hands things out.

use std::collections::{HashMap, VecDeque};

use rand::SeedableRng;
use rand::rngs::StdRng;
use signaling::limits::{CONTROL_DATAGRAMS_MAX, EVENTS_MAX, TRANSMITS_MAX};

use crate::allocate::Share;
use crate::api::command::Command;
use crate::api::event::{Event, GoneReason, PeerState};
use crate::api::transmit::{Received, Transmits};
use crate::arena::{Arena, Key};
use crate::config::Config;
use crate::connection::Connection;
use crate::forward::track::Track;
use crate::ids::{ParticipantId, Path, PeerId, RoomId, TrackId};
use crate::outbox::Queue;
use crate::participant::Participant;
use crate::peer::Settings;
use crate::room::Room;
use crate::time::Micros;
use crate::timers::{Timer, Timers};
use crate::wire::rtcp::SenderReport;

/// What happened outside.
#[derive(Debug)]
pub enum Input<'a> {
    /// Datagrams came in.
    Datagrams(Received<'a>),
    /// The edge wants something.
    Command(Command),
    /// The time of [`Output::Deadline`] has come.
    Tick,
}

/// What is to be done outside.
#[derive(Debug)]
pub enum Output<'a> {
    /// Send these.
    Transmits(Transmits<'a>),
    /// Something happened.
    Event(Event),
    /// Nothing more now; give [`Input::Tick`] at this time ([`Micros::NEVER`]: not needed).
    Deadline(Micros),
}

/// The media plane of one thread: its rooms and everyone in them.
#[derive(Debug)]
pub struct Sfu {
    pub(crate) unix_origin_us: u64,
    pub(crate) simulation: bool,
    /// `None`: the library refuses its configuration, and no handshake can be had.
    pub(crate) settings: Option<Settings>,
    pub(crate) rng: StdRng,

    pub(crate) rooms: Arena<Room>,
    pub(crate) participants: Arena<Participant>,
    pub(crate) connections: Arena<Connection>,
    pub(crate) tracks: Arena<Track>,
    pub(crate) room_keys: HashMap<RoomId, Key>,
    pub(crate) participant_keys: HashMap<ParticipantId, Key>,
    pub(crate) connection_keys: HashMap<PeerId, Key>,
    pub(crate) track_keys: HashMap<TrackId, Key>,

    /// Verified addresses. Written after a check whose integrity holds, and then only.
    pub(crate) by_path: HashMap<Path, Key>,
    /// Names that checks may carry.
    pub(crate) by_ufrag: HashMap<Box<[u8]>, Key>,

    pub(crate) timers: Timers,
    pub(crate) control: Queue,
    pub(crate) media: Queue,
    /// Connections with something pending.
    pub(crate) listed: VecDeque<Key>,
    pub(crate) events: VecDeque<Event>,
    /// Room for the reports of one connection.
    pub(crate) sender_reports: Vec<SenderReport>,
    /// Room for the parts of one downlink.
    pub(crate) shares: Vec<Share>,
    /// Datagrams from addresses that have not proved themselves.
    pub(crate) strangers: u64,
}

impl Sfu {
    /// An empty one.
    pub fn new(config: Config) -> Self {
        Self {
            unix_origin_us: config.unix_origin_us,
            simulation: config.simulation,
            settings: Settings::new(config.certificate, config.origin),
            rng: StdRng::from_seed(config.seed),
            rooms: Arena::default(),
            participants: Arena::default(),
            connections: Arena::default(),
            tracks: Arena::default(),
            room_keys: HashMap::new(),
            participant_keys: HashMap::new(),
            connection_keys: HashMap::new(),
            track_keys: HashMap::new(),
            by_path: HashMap::new(),
            by_ufrag: HashMap::new(),
            timers: Timers::default(),
            control: Queue::new(CONTROL_DATAGRAMS_MAX),
            media: Queue::new(TRANSMITS_MAX),
            listed: VecDeque::new(),
            events: VecDeque::new(),
            sender_reports: Vec::new(),
            shares: Vec::new(),
            strangers: 0,
        }
    }

    /// Takes in what happened. Call [`Sfu::poll`] until it answers a deadline afterwards.
    pub fn handle(&mut self, input: Input<'_>, now: Micros) {
        match input {
            Input::Datagrams(mut received) => self.receive(&mut received, now),
            Input::Command(command) => self.carry_out(command, now),
            Input::Tick => {}
        }
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                Timer::Connection(key) => self.tick_connection(key, now),
                Timer::Room(key) => self.tick_room(key, now),
            }
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self, now: Micros) -> Output<'_> {
        if !self.control.has_waiting() && !self.listed.is_empty() {
            self.write_pending(now);
        }
        // Asked twice because a borrow that is returned ends the other ways out.
        if self.control.has_waiting() {
            if let Some(batch) = self.control.hand_out() {
                return Output::Transmits(batch);
            }
        } else if self.media.has_waiting() {
            if let Some(batch) = self.media.hand_out() {
                return Output::Transmits(batch);
            }
        } else if let Some(event) = self.events.pop_front() {
            return Output::Event(event);
        }
        Output::Deadline(self.timers.next())
    }

    /// Datagrams dropped without a word because their sender had not proved itself.
    pub fn strangers(&self) -> u64 {
        self.strangers
    }

    /// Our clock, in microseconds since 1900.
    pub(crate) fn since_1900_us(&self, now: Micros) -> u64 {
        const SECONDS_1900_TO_1970: u64 = 2_208_988_800;
        let unix_us = self.unix_origin_us.saturating_add(now.0);
        unix_us.saturating_add(SECONDS_1900_TO_1970.saturating_mul(1_000_000))
    }

    /// Tells the edge. When it does not listen, what is oldest is lost.
    pub(crate) fn tell(&mut self, event: Event) {
        if self.events.len() >= EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Tells the edge a peer's state when it is another one.
    pub(crate) fn tell_state(&mut self, key: Key, state: PeerState) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if connection.state == Some(state) {
            return;
        }
        connection.state = Some(state);
        let peer = connection.id;
        self.tell(Event::Peer { peer, state });
    }

    /// Ends a connection for its own reasons.
    pub(crate) fn give_up(&mut self, key: Key, reason: GoneReason, now: Micros) {
        self.tell_state(key, PeerState::Gone(reason));
        self.remove_connection(key, now);
    }

    /// Sees to it that a connection is called in time.
    pub(crate) fn arm(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let at = connection.deadline();
        if at < connection.due.armed {
            connection.due.armed = at;
            self.timers.set(at, Timer::Connection(key));
        }
    }
}
