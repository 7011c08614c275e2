//! The rooms of a node: who is in them, what each client is told, and what the media plane does.
//!
//! [`Rooms`] takes joins, signal messages, reports of the media plane and the passing of time, and
//! gives [`Output`]s to carry out in order. It owns no socket; a connection is a number that the
//! edge chose. Nothing here waits, and one client's mistake never ends another's session.

mod codecs;
mod join;
mod leave;
mod publish;
mod recent;
mod reception;
mod reports;
mod requests;
mod service;
mod subscribe;
mod timers;
mod updates;

pub use timers::TICK_MS;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use rand::Rng as _;
use rand::rngs::StdRng;

use super::admission::Joining;
use super::identifiers;
use super::limits::{DEPARTURE_TIMEOUT_S, EMPTY_TIMEOUT_S};
use super::plane::{
    Candidate, CodecKind, DtlsRole, Incoming, LocalTransport, Order, Outgoing, ParticipantKey,
    PeerId, PeerRole, RemoteTransport, Report, RoomKey, TrackId,
};
use super::token::{Claims, Keys};
use super::tracks::Announced;
use super::wire::{
    IceServer, ParticipantPermission, SessionDescription, SignalRequest, SignalResponse, TrackInfo,
    participant_info, signal_response,
};

/// One signal socket; the edge chooses the number and never uses it twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The two clocks at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back; its origin is arbitrary.
    pub monotonic_ms: u64,
    /// Milliseconds since 1970.
    pub unix_ms: i64,
}

/// What a node is and allows.
#[derive(Clone, Debug)]
pub struct Settings {
    pub keys: Keys,
    pub node_id: String,
    /// Shown to clients as `debug_info`, e.g. `lianxin-sfu 0.1.0`.
    pub software: String,
    /// Where clients reach the media sockets, the best first.
    pub candidates: Vec<Candidate>,
    /// SHA-256 of the sfu's certificate as in `a=fingerprint`.
    pub fingerprint: String,
    /// The side of DTLS the sfu takes where the client leaves the choice.
    pub role: DtlsRole,
    pub ice_servers: Vec<IceServer>,
    /// A join makes its room.
    pub auto_create: bool,
    /// Clients may ask for faults (tests of SDKs).
    pub simulate: bool,
    /// The administrator may switch a participant's microphone on.
    pub remote_unmute: bool,
}

/// What the edge has to do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    Signal {
        connection: ConnectionId,
        message: Box<SignalResponse>,
    },
    /// Close the socket (1000) after what was sent before.
    Close {
        connection: ConnectionId,
    },
    Media(Order),
}

/// Why a join is answered by an HTTP status instead of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    #[error("requested room does not exist")]
    RoomMissing,
    #[error("the room is full")]
    RoomFull,
    #[error("the node has no place for one more room")]
    NodeFull,
    #[error("the token does not allow to set metadata or attributes")]
    MetadataNotAllowed,
    #[error("invalid token: token was revoked")]
    Revoked,
}

impl JoinError {
    /// The HTTP status that carries this error.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::RoomMissing => 404,
            Self::RoomFull | Self::NodeFull => 503,
            Self::MetadataNotAllowed | Self::Revoked => 401,
        }
    }
}

/// All rooms of one node.
#[derive(Debug)]
pub struct Rooms {
    rooms: BTreeMap<String, Room>,
    desk: Desk,
}

/// What every room needs at hand: settings, chance, addresses of sessions, and the tray of outputs.
#[derive(Debug)]
struct Desk {
    settings: Settings,
    rng: StdRng,
    now: Now,
    outputs: VecDeque<Output>,
    connections: BTreeMap<ConnectionId, Seat>,
    peers: BTreeMap<PeerId, (Seat, PeerRole)>,
    revoked: BTreeMap<(String, String), Revocation>,
    next_number: u64,
}

/// Tokens made before `not_before` are void until `until` (both seconds since 1970).
#[derive(Clone, Copy, Debug)]
struct Revocation {
    not_before: i64,
    until: i64,
}

/// Room name and identity: the place of a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seat {
    room: String,
    identity: String,
}

#[derive(Debug)]
struct Room {
    key: RoomKey,
    sid: String,
    name: String,
    metadata: String,
    empty_timeout_s: u32,
    departure_timeout_s: u32,
    participants_max: u32,
    created_unix_ms: i64,
    /// When the room closes if nobody comes; `None` while somebody is there.
    closes_at_ms: Option<u64>,
    participants: BTreeMap<String, Participant>,
    /// Data packets of the last moments.
    recent: recent::Recent,
}

#[derive(Debug)]
struct Participant {
    key: ParticipantKey,
    sid: String,
    identity: String,
    name: String,
    metadata: String,
    attributes: BTreeMap<String, String>,
    claims: Claims,
    permission: ParticipantPermission,
    state: participant_info::State,
    joined_unix_ms: i64,
    version: u32,
    joining: Joining,
    connection: Option<ConnectionId>,
    publisher: Transport,
    /// The second transport; `None` with a single connection.
    subscriber: Option<Transport>,
    reception: reception::Reception,
    waiting: Vec<Announced>,
    /// The offer that came with the join, while its answer must wait, and until when.
    first_offer: Option<(u64, SessionDescription)>,
    /// Sections that sent before their track was announced.
    unclaimed: Vec<(Incoming, Option<String>)>,
    tracks: Vec<Track>,
    subscriptions: BTreeMap<TrackId, Subscription>,
    /// Tracks that this participant does not want, by sid.
    declined: Vec<String>,
    /// Who may subscribe to this participant's tracks; `None`: everybody.
    audience: Option<Vec<super::wire::TrackPermission>>,
    last_sequence: u32,
    timers: Timers,
}

#[derive(Debug, Default)]
struct Timers {
    /// Removed when no transport is connected by then.
    join_by_ms: u64,
    /// Removed when no socket came back by then.
    resume_by_ms: Option<u64>,
    answer_by_ms: Option<u64>,
    refresh_at_ms: u64,
    /// The last signal message; silence counts for clients that ping.
    heard_ms: u64,
    pings: bool,
}

#[derive(Debug)]
struct Transport {
    peer: PeerId,
    local: LocalTransport,
    /// The client's credentials in force.
    remote: Option<RemoteTransport>,
    session: u64,
    version: u64,
    connected: bool,
}

#[derive(Debug)]
struct Track {
    id: TrackId,
    info: TrackInfo,
    incoming: Incoming,
    /// The same picture or sound in a second codec, for those who can not take the first.
    spare: Option<Spare>,
    /// The highest layer wanted; what the publisher was told last.
    layer_wanted: Option<u8>,
    /// Whether the publisher was told of the first subscriber.
    subscribed: bool,
}

/// A second codec of a track: announced, and sent when somebody needs it.
#[derive(Debug)]
struct Spare {
    codec: CodecKind,
    /// The section it comes in.
    published: Option<(TrackId, Incoming)>,
    /// Somebody needs it.
    wanted: bool,
    layer_wanted: Option<u8>,
}

#[derive(Debug)]
struct Subscription {
    /// The layer last asked of the media plane; `None` is paused.
    wish: Option<u8>,
    outgoing: Option<Outgoing>,
    /// The track on the media plane that flows: the first codec's, or the spare's.
    source: Option<TrackId>,
}

impl Rooms {
    /// An empty node. `rng` must be seeded from the operating system outside of tests: transport
    /// passwords come from it.
    #[must_use]
    pub const fn new(settings: Settings, rng: StdRng) -> Self {
        Self {
            rooms: BTreeMap::new(),
            desk: Desk {
                settings,
                rng,
                now: Now { monotonic_ms: 0, unix_ms: 0 },
                outputs: VecDeque::new(),
                connections: BTreeMap::new(),
                peers: BTreeMap::new(),
                revoked: BTreeMap::new(),
                next_number: 1,
            },
        }
    }

    /// The next thing to do; drain after every call.
    pub fn poll(&mut self) -> Option<Output> {
        self.desk.outputs.pop_front()
    }

    /// What the node is and allows.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.desk.settings
    }

    /// A message of a client.
    pub fn signal(&mut self, connection: ConnectionId, request: SignalRequest, now: Now) {
        self.desk.now = now;
        let Some((room, identity)) = self.seat_of(connection) else { return };
        let Some(room) = self.rooms.get_mut(&room) else { return };
        room.request(&identity, request, &mut self.desk);
    }

    /// The socket of a client is gone.
    pub fn socket_closed(&mut self, connection: ConnectionId, now: Now) {
        self.desk.now = now;
        let Some(seat) = self.desk.connections.remove(&connection) else { return };
        let Some(room) = self.rooms.get_mut(&seat.room) else { return };
        room.socket_closed(&seat.identity, connection, &mut self.desk);
    }

    /// News of the media plane.
    pub fn report(&mut self, report: Report, now: Now) {
        self.desk.now = now;
        let peer = match &report {
            Report::Connected { peer }
            | Report::Lost { peer }
            | Report::Data { peer, .. }
            | Report::Stream { peer, .. } => *peer,
            Report::Speakers { room, speakers } => {
                if let Some(room) = self.rooms.values().find(|known| known.key == *room) {
                    room.spread_speakers(speakers, &mut self.desk);
                }
                return;
            }
            Report::LayersWanted { track, layer_max } => {
                for room in self.rooms.values_mut() {
                    room.tell_wanted(*track, *layer_max, &mut self.desk);
                }
                return;
            }
        };
        let Some((seat, role)) = self.desk.peers.get(&peer).cloned() else { return };
        let Some(room) = self.rooms.get_mut(&seat.room) else { return };
        room.peer_report(&seat.identity, role, report, &mut self.desk);
    }

    fn seat_of(&self, connection: ConnectionId) -> Option<(String, String)> {
        let seat = self.desk.connections.get(&connection)?;
        Some((seat.room.clone(), seat.identity.clone()))
    }
}

impl Desk {
    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Sends to a participant that has a socket.
    fn tell(&mut self, participant: &Participant, message: signal_response::Message) {
        if let Some(connection) = participant.connection {
            self.send(connection, message);
        }
    }

    fn send(&mut self, connection: ConnectionId, message: signal_response::Message) {
        let message = Box::new(SignalResponse { message: Some(message) });
        self.outputs.push_back(Output::Signal { connection, message });
    }

    fn order(&mut self, order: Order) {
        self.outputs.push_back(Output::Media(order));
    }

    fn transport(&mut self) -> LocalTransport {
        LocalTransport {
            ufrag: identifiers::ice_ufrag(&mut self.rng),
            password: identifiers::ice_password(&mut self.rng),
            fingerprint: self.settings.fingerprint.clone(),
            candidates: self.settings.candidates.clone(),
        }
    }

    /// An SSRC, never 0.
    fn ssrc(&mut self) -> u32 {
        self.rng.random_range(1..=u32::MAX)
    }
}

impl Transport {
    fn open(desk: &mut Desk) -> Self {
        let local = desk.transport();
        let peer = PeerId(desk.number());
        Self {
            peer,
            local,
            remote: None,
            session: desk.rng.random_range(1..=u64::MAX >> 2),
            version: 0,
            connected: false,
        }
    }

    /// Takes the client's half. Orders a connection when it is new or restarted.
    fn take_remote(&mut self, remote: RemoteTransport, desk: &mut Desk) {
        if self.remote.as_ref() != Some(&remote) {
            desk.order(Order::ConnectPeer { peer: self.peer, remote: remote.clone() });
            self.remote = Some(remote);
        }
    }

    /// New credentials of our own half, for an ICE restart.
    fn restart(&mut self, desk: &mut Desk) {
        self.local = desk.transport();
        desk.order(Order::RestartPeer { peer: self.peer, local: self.local.clone() });
    }
}

impl Room {
    fn new(name: &str, desk: &mut Desk) -> Self {
        let key = RoomKey(desk.number());
        desk.order(Order::OpenRoom { room: key });
        Self {
            key,
            sid: identifiers::room_sid(&mut desk.rng),
            name: name.to_owned(),
            metadata: String::new(),
            empty_timeout_s: EMPTY_TIMEOUT_S,
            departure_timeout_s: DEPARTURE_TIMEOUT_S,
            participants_max: 0,
            created_unix_ms: desk.now.unix_ms,
            closes_at_ms: Some(desk.now.monotonic_ms + u64::from(EMPTY_TIMEOUT_S) * 1_000),
            participants: BTreeMap::new(),
            recent: recent::Recent::default(),
        }
    }

    /// The participant and track with this number.
    fn track_by_id(&self, id: TrackId) -> Option<(&Participant, &Track)> {
        self.participants.values().find_map(|participant| {
            Some((participant, participant.tracks.iter().find(|track| track.id == id)?))
        })
    }

    /// The participant and track with this sid.
    fn track_named(&self, track_sid: &str) -> Option<(&Participant, &Track)> {
        self.participants.values().find_map(|participant| {
            let track = participant.tracks.iter().find(|track| track.info.sid == track_sid)?;
            Some((participant, track))
        })
    }
}
