//! The administrator's calls, carried out on the rooms.

use prost::Message as _;

use super::super::limits::{
    DATA_BYTES_MAX, METADATA_BYTES_MAX, ROOMS_PER_NODE_MAX, TOKEN_LEEWAY_S,
};
use super::super::plane::{ChannelKind, Order};
use super::super::room_service::{Call, Failure, Reply};
use super::super::tracks;
use super::super::wire::{
    self, CreateRoomRequest, DataPacket, DisconnectReason, ListParticipantsResponse,
    ListRoomsResponse, MuteRoomTrackRequest, MuteRoomTrackResponse, MuteTrackRequest,
    RoomParticipantIdentity, SendDataRequest, UpdateParticipantRequest, UserPacket, data_packet,
    signal_response::Message,
};
use super::{Desk, Now, Revocation, Room, Rooms};

/// Longest life of a token that anybody may hold, seconds; a revocation is kept as long.
const TOKEN_LIFE_S_MAX: i64 = 24 * 3_600;

impl Rooms {
    /// Carries out an authorised call.
    pub fn serve(&mut self, call: Call, now: Now) -> Result<Reply, Failure> {
        self.desk.now = now;
        match call {
            Call::CreateRoom(request) => self.create_room(&request),
            Call::ListRooms(request) => {
                let wanted =
                    |room: &&Room| request.names.is_empty() || request.names.contains(&room.name);
                let rooms = self.rooms.values().filter(wanted).map(Room::info).collect();
                Ok(Reply::Rooms(ListRoomsResponse { rooms }))
            }
            Call::DeleteRoom(request) => {
                let mut room = self.rooms.remove(&request.room).ok_or(Failure::NoRoom)?;
                room.close(DisconnectReason::RoomDeleted, &mut self.desk);
                Ok(Reply::Empty)
            }
            Call::ListParticipants(request) => {
                let room = self.rooms.get(&request.room).ok_or(Failure::NoRoom)?;
                let participants =
                    room.participants.values().map(super::Participant::info).collect();
                Ok(Reply::Participants(ListParticipantsResponse { participants }))
            }
            Call::GetParticipant(request) => {
                let room = self.rooms.get(&request.room).ok_or(Failure::NoParticipant)?;
                let found = room.participants.get(&request.identity);
                let info = found.ok_or(Failure::NoParticipant)?.info();
                Ok(Reply::Participant(Box::new(info)))
            }
            Call::RemoveParticipant(request) => self.remove_participant(&request),
            Call::MutePublishedTrack(request) => self.mute_published(&request),
            Call::UpdateParticipant(request) => self.update_participant(*request),
            Call::UpdateSubscriptions(request) => {
                let (room, desk) = self.with(&request.room)?;
                if !room.participants.contains_key(&request.identity) {
                    return Err(Failure::NoParticipant);
                }
                let wish = wire::UpdateSubscription {
                    track_sids: request.track_sids,
                    subscribe: request.subscribe,
                    participant_tracks: request.participant_tracks,
                };
                room.update_subscription(&request.identity, wish, desk);
                Ok(Reply::Empty)
            }
            Call::SendData(request) => self.send_data(request),
            Call::UpdateRoomMetadata(request) => {
                fits(&request.metadata)?;
                let (room, desk) = self.with(&request.room)?;
                room.metadata = request.metadata;
                room.spread_room(desk);
                Ok(Reply::Room(room.info()))
            }
        }
    }

    fn with(&mut self, name: &str) -> Result<(&mut Room, &mut Desk), Failure> {
        let room = self.rooms.get_mut(name).ok_or(Failure::NoRoom)?;
        Ok((room, &mut self.desk))
    }

    fn create_room(&mut self, request: &CreateRoomRequest) -> Result<Reply, Failure> {
        if request.name.is_empty() || request.name.len() > super::super::limits::NAME_BYTES_MAX {
            return Err(Failure::Argument("room name is empty or too long"));
        }
        fits(&request.metadata)?;
        if !self.rooms.contains_key(&request.name) && self.rooms.len() >= ROOMS_PER_NODE_MAX {
            return Err(Failure::NoCapacity);
        }
        let desk = &mut self.desk;
        let room = self.rooms.entry(request.name.clone()).or_insert_with_key(|name| {
            let mut room = Room::new(name, desk);
            room.metadata.clone_from(&request.metadata);
            room
        });
        if request.empty_timeout > 0 {
            room.empty_timeout_s = request.empty_timeout;
        }
        if request.departure_timeout > 0 {
            room.departure_timeout_s = request.departure_timeout;
        }
        if request.max_participants > 0 {
            room.participants_max = request.max_participants;
        }
        if room.participants.is_empty() {
            let wait_ms = u64::from(room.empty_timeout_s) * 1_000;
            room.closes_at_ms = Some(desk.now.monotonic_ms + wait_ms);
        }
        Ok(Reply::Room(room.info()))
    }

    fn remove_participant(&mut self, request: &RoomParticipantIdentity) -> Result<Reply, Failure> {
        let now_s = self.desk.now.unix_ms.div_euclid(1_000);
        let not_before = if request.revoke_token_ts > 0 { request.revoke_token_ts } else { now_s };
        let (room, desk) = self.with(&request.room)?;
        // Whoever holds a token and is not here yet must not come in with it either.
        let until = now_s + TOKEN_LIFE_S_MAX + TOKEN_LEEWAY_S;
        let place = (request.room.clone(), request.identity.clone());
        let known = desk.revoked.get(&place).map_or(i64::MIN, |known| known.not_before);
        desk.revoked.insert(place, Revocation { not_before: not_before.max(known), until });
        if !room.participants.contains_key(&request.identity) {
            return Err(Failure::NoParticipant);
        }
        room.remove(&request.identity, DisconnectReason::ParticipantRemoved, desk);
        Ok(Reply::Empty)
    }

    fn mute_published(&mut self, request: &MuteRoomTrackRequest) -> Result<Reply, Failure> {
        let unmute = self.desk.settings.remote_unmute;
        let (room, desk) = self.with(&request.room)?;
        let participant =
            room.participants.get_mut(&request.identity).ok_or(Failure::NoParticipant)?;
        let track = participant.tracks.iter_mut().find(|t| t.info.sid == request.track_sid);
        let track = track.ok_or(Failure::NoTrack)?;
        if !request.muted && track.info.muted && !unmute {
            return Err(Failure::Precondition("remote unmute not enabled"));
        }
        track.info.muted = request.muted;
        let info = track.info.clone();
        for track in [Some(track.id), track.spare_id()].into_iter().flatten() {
            desk.order(Order::Mute { track, muted: request.muted });
        }
        let mute = MuteTrackRequest { sid: request.track_sid.clone(), muted: request.muted };
        desk.tell(participant, Message::Mute(mute));
        room.spread(&request.identity, desk);
        Ok(Reply::Track(Box::new(MuteRoomTrackResponse { track: Some(info) })))
    }

    fn update_participant(&mut self, request: UpdateParticipantRequest) -> Result<Reply, Failure> {
        let (room, desk) = self.with(&request.room)?;
        let participant =
            room.participants.get_mut(&request.identity).ok_or(Failure::NoParticipant)?;
        if participant.too_large(&request.name, &request.metadata, &request.attributes).is_some() {
            return Err(Failure::Argument("name, metadata or attributes exceed the limits"));
        }
        participant.set(&request.name, &request.metadata, request.attributes);
        if let Some(permission) = request.permission {
            participant.permission = permission;
            room.apply_permission(&request.identity, desk);
        }
        room.spread(&request.identity, desk);
        let participant = room.participants.get(&request.identity).ok_or(Failure::NoParticipant)?;
        desk.refresh(participant, &room.name);
        Ok(Reply::Participant(Box::new(participant.info())))
    }

    #[expect(deprecated, reason = "old clients address by sid")]
    fn send_data(&mut self, request: SendDataRequest) -> Result<Reply, Failure> {
        let (room, desk) = self.with(&request.room)?;
        let channel = match request.kind() {
            data_packet::Kind::Reliable => ChannelKind::Reliable,
            data_packet::Kind::Lossy => ChannelKind::Lossy,
        };
        let user = UserPacket {
            payload: request.data,
            destination_sids: request.destination_sids,
            destination_identities: request.destination_identities.clone(),
            topic: request.topic,
            nonce: request.nonce,
            ..UserPacket::default()
        };
        let packet = DataPacket {
            kind: request.kind,
            destination_identities: request.destination_identities,
            value: Some(data_packet::Value::User(user)),
            ..DataPacket::default()
        };
        if packet.encoded_len() > DATA_BYTES_MAX {
            return Err(Failure::Argument("the packet is longer than 65535 bytes; send less"));
        }
        room.route(&packet, channel, None, desk);
        Ok(Reply::Empty)
    }
}

impl Room {
    /// Takes away what a changed permission no longer allows and gives what it now allows.
    fn apply_permission(&mut self, identity: &str, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        let permission = participant.permission.clone();
        if let Some(grant) = participant.claims.video.as_mut() {
            grant.can_publish = Some(permission.can_publish);
            grant.can_subscribe = Some(permission.can_subscribe);
            grant.can_publish_data = Some(permission.can_publish_data);
            grant.can_update_own_metadata = Some(permission.can_update_metadata);
            grant.hidden = permission.hidden;
            grant.can_publish_sources = super::super::token::source_names(&permission);
        }
        let ended: Vec<String> = participant
            .tracks
            .iter()
            .filter(|track| !tracks::may_publish(&permission, track.info.source))
            .map(|track| track.info.sid.clone())
            .collect();
        participant.waiting.retain(|a| tracks::may_publish(&permission, a.info.source));
        let received: Vec<_> = participant.subscriptions.keys().copied().collect();
        for track in ended {
            self.take_away(identity, &track, desk);
        }
        if permission.can_subscribe {
            self.subscribe_to_all(identity, desk);
        } else {
            for track in received {
                self.unsubscribe(identity, track, desk);
            }
        }
        self.offer(identity, desk);
    }
}

/// Whether a room may have this metadata.
fn fits(metadata: &str) -> Result<(), Failure> {
    if metadata.len() > METADATA_BYTES_MAX {
        return Err(Failure::Argument("the metadata of a room exceed 512 KiB; send less"));
    }
    Ok(())
}
