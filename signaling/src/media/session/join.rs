//! Joining a room, and coming back to a session whose socket was lost.

use std::collections::BTreeMap;

use super::super::admission::Joining;
use super::super::identifiers;
use super::super::limits::{
    FIRST_ANSWER_DELAY_MS, JOIN_DELAY_MS_MAX, PARTICIPANTS_PER_ROOM_MAX, PING_INTERVAL_S,
    PING_TIMEOUT_S, REFRESH_INTERVAL_MS, REFRESH_TOKEN_AGE_S, ROOMS_PER_NODE_MAX,
};
use super::super::negotiation::{Single, Subscriber};
use super::super::plane::{CodecKind, H264, Order, ParticipantKey, PeerRole};
use super::super::token::{self, Claims};
use super::super::tracks;
use super::super::wire::{
    Codec, DisconnectReason, JoinResponse, LeaveRequest, ReconnectResponse, ServerInfo,
    leave_request, participant_info, server_info, signal_response::Message,
};
use super::reception::Reception;
use super::{
    ConnectionId, Desk, JoinError, Now, Output, Participant, Room, Rooms, Seat, Timers, Transport,
};

/// The protocol level that clients are told.
const PROTOCOL: i32 = 16;
/// The server version that clients compare; RPC needs 1.8.0.
const VERSION: &str = "1.9.0";

/// Codecs that may be published.
pub(super) fn codecs() -> Vec<Codec> {
    [
        CodecKind::Opus,
        CodecKind::Pcmu,
        CodecKind::Pcma,
        CodecKind::Vp8,
        CodecKind::H264(H264::BASELINE),
        CodecKind::Vp9,
        CodecKind::Av1,
    ]
    .map(|codec| Codec { mime: tracks::mime(codec), fmtp_line: String::new() })
    .to_vec()
}

impl Rooms {
    /// A client with a verified token opens a socket. On success its first messages are among the
    /// outputs; an error is told by status before the socket opens.
    pub fn join(
        &mut self,
        connection: ConnectionId,
        claims: Claims,
        joining: Joining,
        now: Now,
    ) -> Result<(), JoinError> {
        self.desk.now = now;
        let name = claims.video.as_ref().map(|grant| grant.room.clone()).unwrap_or_default();
        let identity = claims.holder().to_owned();
        self.admissible(&name, &identity, &claims, &joining)?;
        self.desk
            .connections
            .insert(connection, Seat { room: name.clone(), identity: identity.clone() });
        if joining.reconnect {
            match self.rooms.get_mut(&name) {
                Some(room) if room.participants.contains_key(&identity) => {
                    room.resume(&identity, connection, &mut self.desk);
                    if let Some(state) = joining.sync_state {
                        room.sync(&identity, state, &mut self.desk);
                    }
                    if let Some(offer) = joining.publisher_offer {
                        room.publisher_offer(&identity, &offer, &mut self.desk);
                    }
                }
                _ => self.mismatch(connection),
            }
            return Ok(());
        }
        let desk = &mut self.desk;
        let room = self.rooms.entry(name).or_insert_with_key(|name| Room::new(name, desk));
        room.remove(&identity, DisconnectReason::DuplicateIdentity, desk);
        room.enter(connection, claims, joining, desk);
        Ok(())
    }

    /// What [`Self::join`] would answer, without joining.
    pub fn admissible(
        &self,
        name: &str,
        identity: &str,
        claims: &Claims,
        joining: &Joining,
    ) -> Result<(), JoinError> {
        if self.desk.is_revoked(name, identity, claims) {
            return Err(JoinError::Revoked);
        }
        let own_metadata =
            claims.video.as_ref().and_then(|grant| grant.can_update_own_metadata).unwrap_or(false);
        let asks = joining.attributes.values().any(|value| !value.is_empty())
            || !joining.metadata.is_empty();
        if asks && !own_metadata {
            return Err(JoinError::MetadataNotAllowed);
        }
        match self.rooms.get(name) {
            Some(room) => {
                let asked = usize::try_from(room.participants_max).unwrap_or(usize::MAX);
                let most = if asked == 0 { PARTICIPANTS_PER_ROOM_MAX } else { asked };
                let known = room.participants.contains_key(identity);
                if !known && room.participants.len() >= most.min(PARTICIPANTS_PER_ROOM_MAX) {
                    return Err(JoinError::RoomFull);
                }
            }
            None if joining.reconnect => {}
            None if !self.desk.settings.auto_create => return Err(JoinError::RoomMissing),
            None if self.rooms.len() >= ROOMS_PER_NODE_MAX => return Err(JoinError::NodeFull),
            None => {}
        }
        Ok(())
    }

    /// The session to resume is not here: the client must join anew.
    fn mismatch(&mut self, connection: ConnectionId) {
        self.desk.connections.remove(&connection);
        let leave = leave(DisconnectReason::StateMismatch, leave_request::Action::Reconnect);
        self.desk.send(connection, leave);
        self.desk.outputs.push_back(Output::Close { connection });
    }
}

/// A leave message; old clients read `can_reconnect`.
pub(super) fn leave(reason: DisconnectReason, action: leave_request::Action) -> Message {
    Message::Leave(LeaveRequest {
        can_reconnect: action != leave_request::Action::Disconnect,
        reason: reason.into(),
        action: action.into(),
        regions: None,
    })
}

impl Room {
    fn enter(
        &mut self,
        connection: ConnectionId,
        claims: Claims,
        mut joining: Joining,
        desk: &mut Desk,
    ) {
        let announced = std::mem::take(&mut joining.announced);
        let mut publisher_offer = joining.publisher_offer.take();
        let late = joining.sets_its_offer_late();
        let mut participant = Participant::new(connection, claims, joining, desk);
        if late && let Some(offer) = publisher_offer.take() {
            let at_ms = desk.now.monotonic_ms + FIRST_ANSWER_DELAY_MS;
            participant.first_offer = Some((at_ms, offer));
        }
        let identity = participant.identity.clone();
        desk.order(Order::OpenParticipant { room: self.key, participant: participant.key });
        let publisher = (&participant.publisher, PeerRole::Publisher);
        let subscriber = participant.subscriber.as_ref().map(|t| (t, PeerRole::Subscriber));
        for (transport, role) in [Some(publisher), subscriber].into_iter().flatten() {
            let seat = Seat { room: self.name.clone(), identity: identity.clone() };
            desk.peers.insert(transport.peer, (seat, role));
            desk.order(Order::OpenPeer {
                participant: participant.key,
                peer: transport.peer,
                role,
                local: transport.local.clone(),
            });
        }
        self.closes_at_ms = None;
        self.participants.insert(identity.clone(), participant);
        self.greet(&identity, desk);
        if let Some(participant) = self.participants.get_mut(&identity) {
            participant.state = participant_info::State::Joined;
        }
        self.subscribe_to_all(&identity, desk);
        self.spread_arrival(&identity, desk);
        for track in announced {
            self.add_track(&identity, track, desk);
        }
        if let Some(offer) = publisher_offer {
            self.publisher_offer(&identity, &offer, desk);
        }
        self.offer(&identity, desk);
    }

    fn greet(&self, identity: &str, desk: &mut Desk) {
        let Some(participant) = self.participants.get(identity) else { return };
        let join = JoinResponse {
            room: Some(self.info()),
            participant: Some(participant.info()),
            other_participants: self.others_of(identity),
            server_version: VERSION.to_owned(),
            ice_servers: desk.settings.ice_servers.clone(),
            subscriber_primary: participant.subscriber.is_some(),
            ping_timeout: PING_TIMEOUT_S,
            ping_interval: PING_INTERVAL_S,
            server_info: Some(desk.server_info()),
            enabled_publish_codecs: codecs(),
            fast_publish: participant.permission.can_publish,
            ..JoinResponse::default()
        };
        desk.tell(participant, Message::Join(join));
        desk.refresh(participant, &self.name);
    }

    /// Others learn of one who came; it learns of itself when it is active.
    fn spread_arrival(&self, identity: &str, desk: &mut Desk) {
        let Some(participant) = self.participants.get(identity) else { return };
        if participant.permission.hidden {
            return;
        }
        let info = participant.info();
        for other in self.participants.values().filter(|other| other.identity != identity) {
            desk.tell(other, super::updates::update(vec![info.clone()]));
        }
    }

    /// Binds a new socket to a session. Its rights stay what they are now: the token that opens the
    /// socket may be older than a change of them.
    fn resume(&mut self, identity: &str, connection: ConnectionId, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if let Some(old) = participant.connection.replace(connection) {
            desk.connections.remove(&old);
            desk.outputs.push_back(Output::Close { connection: old });
        }
        participant.timers.resume_by_ms = None;
        participant.timers.heard_ms = desk.now.monotonic_ms;
        let reconnect = ReconnectResponse {
            ice_servers: desk.settings.ice_servers.clone(),
            client_configuration: None,
            server_info: Some(desk.server_info()),
            last_message_seq: participant.last_sequence,
        };
        desk.tell(participant, Message::Reconnect(reconnect));
        if let (Reception::Offered(offers), Some(transport)) =
            (&mut participant.reception, &mut participant.subscriber)
        {
            transport.restart(desk);
            offers.restart();
        }
        self.tell_roster(identity, desk);
        if let Some(participant) = self.participants.get(identity) {
            let room = super::super::wire::RoomUpdate { room: Some(self.info()) };
            desk.tell(participant, Message::RoomUpdate(room));
            desk.refresh(participant, &self.name);
        }
        self.offer(identity, desk);
    }
}

impl Participant {
    fn new(connection: ConnectionId, claims: Claims, joining: Joining, desk: &mut Desk) -> Self {
        let now = desk.now;
        let permission =
            claims.video.as_ref().map(token::VideoGrant::permission).unwrap_or_default();
        let mut attributes: BTreeMap<String, String> = claims.attributes.clone();
        let asked = joining.attributes.iter().filter(|(_, value)| !value.is_empty());
        attributes.extend(asked.map(|(name, value)| (name.clone(), value.clone())));
        let publisher = Transport::open(desk);
        let subscriber = (!joining.single_connection).then(|| Transport::open(desk));
        let reception = subscriber.as_ref().map_or_else(
            || Reception::Single(Single::default()),
            |transport| Reception::Offered(Subscriber::new(transport.session, 1)),
        );
        Self {
            key: ParticipantKey(desk.number()),
            sid: identifiers::participant_sid(&mut desk.rng),
            identity: claims.holder().to_owned(),
            name: claims.name.clone(),
            metadata: if joining.metadata.is_empty() {
                claims.metadata.clone()
            } else {
                joining.metadata.clone()
            },
            attributes,
            claims,
            permission,
            state: participant_info::State::Joining,
            joined_unix_ms: now.unix_ms,
            version: 0,
            joining,
            connection: Some(connection),
            publisher,
            subscriber,
            reception,
            waiting: Vec::new(),
            first_offer: None,
            unclaimed: Vec::new(),
            tracks: Vec::new(),
            subscriptions: BTreeMap::new(),
            declined: Vec::new(),
            audience: None,
            last_sequence: 0,
            timers: Timers {
                join_by_ms: now.monotonic_ms + JOIN_DELAY_MS_MAX,
                resume_by_ms: None,
                answer_by_ms: None,
                refresh_at_ms: now.monotonic_ms + REFRESH_INTERVAL_MS,
                heard_ms: now.monotonic_ms,
                pings: false,
            },
        }
    }
}

impl Desk {
    fn server_info(&self) -> ServerInfo {
        ServerInfo {
            edition: server_info::Edition::Standard.into(),
            version: VERSION.to_owned(),
            protocol: PROTOCOL,
            node_id: self.settings.node_id.clone(),
            debug_info: self.settings.software.clone(),
            ..ServerInfo::default()
        }
    }

    /// Hands out a fresh token with the same rights and the record of now.
    pub(super) fn refresh(&mut self, participant: &Participant, room: &str) {
        let claims = &participant.claims;
        let now_s = self.now.unix_ms.div_euclid(1_000);
        let Some((key, secret)) = self.settings.keys.iter().next() else { return };
        let mut video = claims.video.clone().unwrap_or_default();
        room.clone_into(&mut video.room);
        let fresh = Claims {
            iss: key.clone(),
            sub: participant.identity.clone(),
            exp: now_s + REFRESH_TOKEN_AGE_S,
            nbf: Some(now_s),
            name: participant.name.clone(),
            metadata: participant.metadata.clone(),
            attributes: participant.attributes.clone(),
            kind: claims.kind.clone(),
            video: Some(video),
            ..Claims::default()
        };
        let token = token::sign(&fresh, secret);
        self.tell(participant, Message::RefreshToken(token));
    }

    /// Whether a token was made before the rights of its holder ended.
    fn is_revoked(&self, room: &str, identity: &str, claims: &Claims) -> bool {
        self.revoked
            .get(&(room.to_owned(), identity.to_owned()))
            .is_some_and(|revoked| claims.made_at().is_none_or(|made| made < revoked.not_before))
    }
}
