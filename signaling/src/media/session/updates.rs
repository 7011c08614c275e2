//! What others are told of a participant: full records, at once.

use super::super::plane::ParticipantKey;
use super::super::wire::{
    self, ParticipantInfo, ParticipantUpdate, RoomUpdate, SpeakerInfo, SpeakersChanged,
    participant_info, signal_response::Message,
};
use super::{Desk, Participant, Room};

/// Bytes of one update message; a longer roster goes out in several.
const UPDATE_BYTES_MAX: usize = 128 * 1024;

impl Participant {
    /// The full public record.
    pub(super) fn info(&self) -> ParticipantInfo {
        ParticipantInfo {
            sid: self.sid.clone(),
            identity: self.identity.clone(),
            state: self.state.into(),
            tracks: self.tracks.iter().map(|track| track.info.clone()).collect(),
            metadata: self.metadata.clone(),
            joined_at: self.joined_unix_ms / 1_000,
            joined_at_ms: self.joined_unix_ms,
            name: self.name.clone(),
            version: self.version,
            permission: Some(self.permission.clone()),
            is_publisher: !self.tracks.is_empty(),
            kind: self.claims.participant_kind().into(),
            attributes: self.attributes.clone().into_iter().collect(),
            client_protocol: self.joining.client.client_protocol,
            capabilities: self.joining.client.capabilities.clone(),
            ..ParticipantInfo::default()
        }
    }
}

impl Room {
    /// The public record of the room.
    pub(super) fn info(&self) -> wire::Room {
        let visible = || self.participants.values().filter(|p| !p.permission.hidden);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        wire::Room {
            sid: self.sid.clone(),
            name: self.name.clone(),
            empty_timeout: self.empty_timeout_s,
            departure_timeout: self.departure_timeout_s,
            max_participants: self.participants_max,
            creation_time: self.created_unix_ms / 1_000,
            creation_time_ms: self.created_unix_ms,
            metadata: self.metadata.clone(),
            enabled_codecs: super::join::codecs(),
            num_participants: count(visible().count()),
            num_publishers: count(visible().filter(|p| !p.tracks.is_empty()).count()),
            ..wire::Room::default()
        }
    }

    /// Tells everybody, the participant too, its record of now.
    pub(super) fn spread(&mut self, identity: &str, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        participant.version += 1;
        let info = participant.info();
        let hidden = participant.permission.hidden;
        for other in self.participants.values() {
            if !hidden || other.identity == identity {
                desk.tell(other, update(vec![info.clone()]));
            }
        }
    }

    /// Tells everybody left of one who is gone.
    pub(super) fn spread_gone(&self, mut gone: ParticipantInfo, hidden: bool, desk: &mut Desk) {
        if hidden {
            return;
        }
        gone.state = participant_info::State::Disconnected.into();
        gone.tracks.clear();
        for other in self.participants.values() {
            desk.tell(other, update(vec![gone.clone()]));
        }
    }

    /// All visible participants but `identity`.
    pub(super) fn others_of(&self, identity: &str) -> Vec<ParticipantInfo> {
        self.participants
            .values()
            .filter(|other| other.identity != identity && !other.permission.hidden)
            .map(Participant::info)
            .collect()
    }

    /// Tells one participant all records, its own included, in messages of bounded size.
    pub(super) fn tell_roster(&self, identity: &str, desk: &mut Desk) {
        let Some(participant) = self.participants.get(identity) else { return };
        let mut roster = self.others_of(identity);
        roster.push(participant.info());
        let mut page = Vec::new();
        let mut bytes = 0;
        for info in roster {
            let size = prost::Message::encoded_len(&info);
            if bytes + size > UPDATE_BYTES_MAX && !page.is_empty() {
                desk.tell(participant, update(std::mem::take(&mut page)));
                bytes = 0;
            }
            bytes += size;
            page.push(info);
        }
        desk.tell(participant, update(page));
    }

    /// Tells everybody the record of the room.
    pub(super) fn spread_room(&self, desk: &mut Desk) {
        let room = self.info();
        for participant in self.participants.values() {
            let update = RoomUpdate { room: Some(room.clone()) };
            desk.tell(participant, Message::RoomUpdate(update));
        }
    }

    /// Tells everybody whose voice changed.
    pub(super) fn spread_speakers(&self, changed: &[(ParticipantKey, f32, bool)], desk: &mut Desk) {
        let speakers: Vec<SpeakerInfo> = changed
            .iter()
            .filter_map(|(key, level, active)| {
                let speaker = self.participants.values().find(|known| known.key == *key)?;
                let visible = !speaker.permission.hidden;
                visible.then(|| SpeakerInfo {
                    sid: speaker.sid.clone(),
                    level: *level,
                    active: *active,
                })
            })
            .collect();
        if speakers.is_empty() {
            return;
        }
        for participant in self.participants.values() {
            let speakers = SpeakersChanged { speakers: speakers.clone() };
            desk.tell(participant, Message::SpeakersChanged(speakers));
        }
    }
}

pub(super) const fn update(participants: Vec<ParticipantInfo>) -> Message {
    Message::Update(ParticipantUpdate { participants })
}
