//! Carrying out what the edge asks for.

use bytes::Bytes;
use rand::Rng;
use signaling::limits::{FORMATS_MAX, LAYERS_MAX, TRACKS_PER_PEER_MAX};

use crate::api::command::{Command, Delivery};
use crate::api::event::{Event, GoneReason, Refused};
use crate::api::media::{Format, Receive, Send, Wish};
use crate::api::transport::{IceCredentials, Protection, Remote};
use crate::arena::Key;
use crate::connection::Connection;
use crate::forward::rewrite::Tail;
use crate::forward::track::{Output, Track};
use crate::ids::{ParticipantId, PeerId, RoomId, TrackId};
use crate::participant::Participant;
use crate::peer::News;
use crate::room::Room;
use crate::send::{Sending, Start};
use crate::sfu::Sfu;
use crate::silence::Run;
use crate::time::Micros;

impl Sfu {
    pub(crate) fn carry_out(&mut self, command: Command, now: Micros) {
        let (name, done) = match command {
            Command::OpenRoom(room) => ("OpenRoom", self.open_room(room)),
            Command::CloseRoom(room) => ("CloseRoom", self.close_room(room, now)),
            Command::OpenParticipant { room, participant } => {
                ("OpenParticipant", self.open_participant(room, participant))
            }
            Command::CloseParticipant(participant) => {
                ("CloseParticipant", self.close_participant(participant, now))
            }
            Command::OpenPeer { participant, peer, ice, protection } => {
                ("OpenPeer", self.open_peer(participant, peer, &ice, protection))
            }
            Command::ClosePeer(peer) => ("ClosePeer", self.close_peer(peer, now)),
            Command::Connect { peer, remote } => ("Connect", self.connect(peer, &remote, now)),
            Command::RestartIce { peer, ice } => ("RestartIce", self.restart_ice(peer, &ice)),
            Command::Receive { peer, media } => ("Receive", self.receive_track(peer, media, now)),
            Command::EndTrack(track) => ("EndTrack", self.end_track(track, now)),
            Command::Send { peer, media } => ("Send", self.send_track(peer, media, now)),
            Command::EndSend { peer, track } => ("EndSend", self.end_send(peer, track, now)),
            Command::Mute { track, muted } => ("Mute", self.mute(track, muted, now)),
            Command::Want { peer, track, wish } => ("Want", self.want(peer, track, wish, now)),
            Command::Stats(peer) => ("Stats", self.stats(peer)),
            Command::CapDownlink { peer, bits_per_second_max } => {
                ("CapDownlink", self.cap_downlink(peer, bits_per_second_max, now))
            }
            Command::OpenChannel { peer, label, delivery } => {
                ("OpenChannel", self.open_channel(peer, (&label, delivery), now))
            }
            Command::SendData { peer, label, data } => {
                ("SendData", self.send_data(peer, (&label, data), now))
            }
        };
        if let Err(reason) = done {
            self.tell(Event::Refused { command: name, reason });
        }
    }

    pub(crate) fn connection_key(&self, peer: PeerId) -> Result<Key, Refused> {
        self.connection_keys.get(&peer).copied().ok_or(Refused::Unknown)
    }

    pub(crate) fn track_key(&self, track: TrackId) -> Result<Key, Refused> {
        self.track_keys.get(&track).copied().ok_or(Refused::Unknown)
    }

    fn open_room(&mut self, id: RoomId) -> Result<(), Refused> {
        if self.room_keys.contains_key(&id) {
            return Err(Refused::Exists);
        }
        let key = self.rooms.insert(Room::new(id)).ok_or(Refused::Limit)?;
        self.room_keys.insert(id, key);
        Ok(())
    }

    fn close_room(&mut self, id: RoomId, now: Micros) -> Result<(), Refused> {
        let key = *self.room_keys.get(&id).ok_or(Refused::Unknown)?;
        while let Some(participant) =
            self.rooms.get(key).and_then(|room| room.participants.last()).copied()
        {
            self.remove_participant(participant, now);
        }
        self.room_keys.remove(&id);
        self.rooms.remove(key);
        Ok(())
    }

    fn open_participant(&mut self, room: RoomId, id: ParticipantId) -> Result<(), Refused> {
        let room = *self.room_keys.get(&room).ok_or(Refused::Unknown)?;
        if self.participant_keys.contains_key(&id) {
            return Err(Refused::Exists);
        }
        let participant = Participant { id, room, connections: Vec::new() };
        let key = self.participants.insert(participant).ok_or(Refused::Limit)?;
        self.participant_keys.insert(id, key);
        self.rooms.get_mut(room).ok_or(Refused::Unknown)?.participants.push(key);
        Ok(())
    }

    fn close_participant(&mut self, id: ParticipantId, now: Micros) -> Result<(), Refused> {
        let key = *self.participant_keys.get(&id).ok_or(Refused::Unknown)?;
        self.remove_participant(key, now);
        Ok(())
    }

    fn remove_participant(&mut self, key: Key, now: Micros) {
        while let Some(connection) =
            self.participants.get(key).and_then(|p| p.connections.last()).copied()
        {
            self.farewell(connection);
            self.remove_connection(connection, now);
        }
        if let Some(gone) = self.participants.remove(key) {
            self.participant_keys.remove(&gone.id);
            if let Some(room) = self.rooms.get_mut(gone.room) {
                room.participants.retain(|other| *other != key);
            }
        }
    }

    fn open_peer(
        &mut self,
        participant: ParticipantId,
        id: PeerId,
        ice: &IceCredentials,
        protection: Protection,
    ) -> Result<(), Refused> {
        if self.connection_keys.contains_key(&id) || self.knows_ufrag(ice) {
            return Err(Refused::Exists);
        }
        if protection != Protection::DtlsSrtp && !self.simulation {
            return Err(Refused::Invalid);
        }
        let owner = *self.participant_keys.get(&participant).ok_or(Refused::Unknown)?;
        let room = self.participants.get(owner).ok_or(Refused::Unknown)?.room;
        let connection = Connection::new((id, owner, room), ice, protection, &mut self.rng);
        let key = self.connections.insert(connection).ok_or(Refused::Limit)?;
        self.connection_keys.insert(id, key);
        self.by_ufrag.insert(ice.ufrag.as_bytes().into(), key);
        self.participants.get_mut(owner).ok_or(Refused::Unknown)?.connections.push(key);
        Ok(())
    }

    fn knows_ufrag(&self, ice: &IceCredentials) -> bool {
        self.by_ufrag.contains_key(ice.ufrag.as_bytes())
    }

    fn close_peer(&mut self, id: PeerId, now: Micros) -> Result<(), Refused> {
        let key = self.connection_key(id)?;
        self.farewell(key);
        self.remove_connection(key, now);
        Ok(())
    }

    fn farewell(&mut self, key: Key) {
        if let (Some(connection), Some(settings)) = (self.connections.get_mut(key), &self.settings)
        {
            connection.transport.close(settings, &mut self.control);
        }
    }

    /// Forgets a connection and everything that hangs on it.
    pub(crate) fn remove_connection(&mut self, key: Key, now: Micros) {
        while let Some(track) =
            self.connections.get(key).and_then(|connection| connection.tracks.last()).copied()
        {
            self.remove_track(track, now);
        }
        let Some(gone) = self.connections.remove(key) else { return };
        self.connection_keys.remove(&gone.id);
        for path in gone.transport.paths() {
            if self.by_path.get(path) == Some(&key) {
                self.by_path.remove(path);
            }
        }
        for ufrag in gone.transport.ufrags() {
            self.by_ufrag.remove(ufrag.as_bytes());
        }
        if let Some(owner) = self.participants.get_mut(gone.participant) {
            owner.connections.retain(|other| *other != key);
        }
        for send in gone.sends.iter().flatten() {
            if let Some(track) = self.tracks.get_mut(send.track) {
                track.outputs.retain(|output| output.to != key);
            }
            self.review_track(send.track, now);
        }
    }

    fn connect(&mut self, peer: PeerId, remote: &Remote, now: Micros) -> Result<(), Refused> {
        let key = self.connection_key(peer)?;
        let (Some(connection), Some(settings)) = (self.connections.get_mut(key), &self.settings)
        else {
            return Err(Refused::Unknown);
        };
        let done = connection.transport.connect(settings, remote, now, &mut self.control);
        self.after_handshake(key, done, now);
        Ok(())
    }

    fn cap_downlink(&mut self, peer: PeerId, bps: Option<u64>, now: Micros) -> Result<(), Refused> {
        let key = self.connection_key(peer)?;
        self.connections.get_mut(key).ok_or(Refused::Unknown)?.cap_bps = bps;
        self.allocate(key, true, now);
        Ok(())
    }

    fn open_channel(
        &mut self,
        peer: PeerId,
        channel: (&str, Delivery),
        now: Micros,
    ) -> Result<(), Refused> {
        let key = self.connection_key(peer)?;
        let (Some(connection), Some(settings)) = (self.connections.get_mut(key), &self.settings)
        else {
            return Err(Refused::Unknown);
        };
        connection.transport.open_channel(settings, channel, now)?;
        let done = connection.transport.send_data(settings, now, &mut self.control);
        self.after_handshake(key, done, now);
        Ok(())
    }

    fn send_data(
        &mut self,
        peer: PeerId,
        message: (&str, Bytes),
        now: Micros,
    ) -> Result<(), Refused> {
        let key = self.connection_key(peer)?;
        let (Some(connection), Some(settings)) = (self.connections.get_mut(key), &self.settings)
        else {
            return Err(Refused::Unknown);
        };
        let taken = connection.transport.send_message(settings, message, now);
        let done = connection.transport.send_data(settings, now, &mut self.control);
        self.after_handshake(key, done, now);
        taken
    }

    /// What follows from a step of the handshake.
    pub(crate) fn after_handshake(&mut self, key: Key, done: Result<(), GoneReason>, now: Micros) {
        if let Err(reason) = done {
            self.give_up(key, reason, now);
            return;
        }
        self.note_connected(key, now);
        while let Some((peer, news)) =
            self.connections.get_mut(key).and_then(|c| Some((c.id, c.transport.news()?)))
        {
            self.tell(match news {
                News::Opened(label) => Event::ChannelOpened { peer, label },
                News::Message { label, data } => Event::Data { peer, label, data },
                News::Stalled => Event::DataStalled(peer),
            });
        }
        self.arm(key);
    }

    fn restart_ice(&mut self, peer: PeerId, ice: &IceCredentials) -> Result<(), Refused> {
        let key = self.connection_key(peer)?;
        if self.knows_ufrag(ice) {
            return Err(Refused::Exists);
        }
        let connection = self.connections.get_mut(key).ok_or(Refused::Unknown)?;
        if let Some(dropped) = connection.transport.restart_ice(ice) {
            self.by_ufrag.remove(dropped.as_bytes());
        }
        self.by_ufrag.insert(ice.ufrag.as_bytes().into(), key);
        Ok(())
    }

    fn receive_track(&mut self, peer: PeerId, media: Receive, now: Micros) -> Result<(), Refused> {
        let owner = self.connection_key(peer)?;
        check_formats(&media.formats)?;
        if media.rids.len() > LAYERS_MAX || media.ssrcs.len() > LAYERS_MAX {
            return Err(Refused::Invalid);
        }
        if let Some(key) = self.track_keys.get(&media.track).copied() {
            return self.change_track(owner, key, media);
        }
        let connection = self.connections.get_mut(owner).ok_or(Refused::Unknown)?;
        if connection.tracks.len() >= TRACKS_PER_PEER_MAX {
            return Err(Refused::Limit);
        }
        let (id, room) = (media.track, connection.room);
        let track = Track::new(owner, room, media.clone()).ok_or(Refused::Invalid)?;
        let key = self.tracks.insert(track).ok_or(Refused::Limit)?;
        connection.learn(&media, key);
        connection.tracks.push(key);
        self.track_keys.insert(id, key);
        self.rooms.get_mut(room).ok_or(Refused::Unknown)?.tracks.push(key);
        self.wake_room(room, now);
        Ok(())
    }

    fn change_track(&mut self, owner: Key, key: Key, media: Receive) -> Result<(), Refused> {
        let track = self.tracks.get_mut(key).ok_or(Refused::Unknown)?;
        let kind = media.formats.first().ok_or(Refused::Invalid)?.codec.kind();
        if track.owner != owner || track.kind != kind {
            return Err(Refused::Invalid);
        }
        let layers = media.rids.len().max(media.ssrcs.len()).max(1).max(track.layers.len());
        track.layers.resize_with(layers, || None);
        let connection = self.connections.get_mut(owner).ok_or(Refused::Unknown)?;
        connection.learn(&media, key);
        track.media = media;
        Ok(())
    }

    fn end_track(&mut self, id: TrackId, now: Micros) -> Result<(), Refused> {
        let key = self.track_key(id)?;
        self.remove_track(key, now);
        Ok(())
    }

    fn remove_track(&mut self, key: Key, _now: Micros) {
        let Some(gone) = self.tracks.remove(key) else { return };
        self.track_keys.remove(&gone.id);
        if let Some(owner) = self.connections.get_mut(gone.owner) {
            owner.tracks.retain(|other| *other != key);
            owner.streams.retain(|_, stream| {
                stream.route.is_none_or(|route| route.track != key) || {
                    // The window stays: the SSRC may come again with the same keys.
                    stream.route = None;
                    true
                }
            });
        }
        if let Some(room) = self.rooms.get_mut(gone.room) {
            room.tracks.retain(|other| *other != key);
        }
        for output in &gone.outputs {
            if let Some(receiver) = self.connections.get_mut(output.to) {
                receiver.remove_send(output.send);
            }
        }
    }

    fn send_track(&mut self, peer: PeerId, media: Send, now: Micros) -> Result<(), Refused> {
        let to = self.connection_key(peer)?;
        let key = self.track_key(media.track)?;
        check_formats(&media.formats)?;
        let track = self.tracks.get_mut(key).ok_or(Refused::Unknown)?;
        let connection = self.connections.get_mut(to).ok_or(Refused::Unknown)?;
        if track.room != connection.room || track.owner == to {
            return Err(Refused::Invalid);
        }
        if let Some(place) = connection.send_of_track(key) {
            let send = connection.send_mut(place).ok_or(Refused::Unknown)?;
            let ssrcs = send.media.ssrcs;
            send.media = Send { ssrcs, ..media };
            self.review_track(key, now);
            return Ok(());
        }
        let fresh = Start {
            first: self.rng.random_range(1..0x4000),
            repair_first: self.rng.random_range(1..0x4000),
            tail: Tail::default(),
        };
        let start = connection.take_numbers(media.ssrcs, fresh)?;
        let mut send = Sending::new(key, track.kind, media, start);
        send.silence = Some(Run::of_beginning(track.muted, now));
        let place = connection.add_send(send).ok_or(Refused::Limit)?;
        track.outputs.push(Output { to, send: place, layers: 0 });
        self.review_track(key, now);
        self.wake_silence(to);
        Ok(())
    }

    fn end_send(&mut self, peer: PeerId, track: TrackId, now: Micros) -> Result<(), Refused> {
        let to = self.connection_key(peer)?;
        let key = self.track_key(track)?;
        let connection = self.connections.get_mut(to).ok_or(Refused::Unknown)?;
        let place = connection.send_of_track(key).ok_or(Refused::Unknown)?;
        connection.remove_send(place);
        if let Some(track) = self.tracks.get_mut(key) {
            track.outputs.retain(|output| output.to != to);
        }
        self.review_track(key, now);
        Ok(())
    }

    fn mute(&mut self, track: TrackId, muted: bool, now: Micros) -> Result<(), Refused> {
        let key = self.track_key(track)?;
        self.tracks.get_mut(key).ok_or(Refused::Unknown)?.muted = muted;
        self.review_track(key, now);
        if muted {
            self.fall_silent(key, now);
        }
        Ok(())
    }

    fn want(
        &mut self,
        peer: PeerId,
        track: TrackId,
        wish: Wish,
        now: Micros,
    ) -> Result<(), Refused> {
        let to = self.connection_key(peer)?;
        let key = self.track_key(track)?;
        let connection = self.connections.get_mut(to).ok_or(Refused::Unknown)?;
        let place = connection.send_of_track(key).ok_or(Refused::Unknown)?;
        connection.send_mut(place).ok_or(Refused::Unknown)?.media.wish = wish;
        self.review_track(key, now);
        Ok(())
    }
}

/// All of one kind, none twice, numbers that RTP and RTCP on one port leave free.
fn check_formats(formats: &[Format]) -> Result<(), Refused> {
    let Some(first) = formats.first().filter(|_| formats.len() <= FORMATS_MAX) else {
        return Err(Refused::Invalid);
    };
    let free = |number: u8| number < 128 && !(64..96).contains(&number);
    let sane = |format: &Format| {
        free(format.payload_type)
            && format.rtx.is_none_or(|rtx| free(rtx) && rtx != format.payload_type)
            && format.codec.kind() == first.codec.kind()
    };
    if formats.iter().all(sane) { Ok(()) } else { Err(Refused::Invalid) }
}
