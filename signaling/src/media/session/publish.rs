//! What a participant sends: announced tracks, offers of its publishing transport, mutes.

use super::super::limits::TRACKS_PER_PARTICIPANT_MAX;
use super::super::negotiation::{self, Answered};
use super::super::plane::{Incoming, Order, TrackId};
use super::super::sdp::Sdp;
use super::super::wire::{
    AddTrackRequest, DisconnectReason, MuteTrackRequest, RequestResponse, SessionDescription,
    TrackPublishedResponse, TrackSource, TrackUnpublishedResponse, request_response,
    signal_response::Message,
};
use super::super::{identifiers, tracks};
use super::{Desk, Participant, Room, Track};

impl Room {
    /// The client announces a track; it is told the sid at once.
    pub(super) fn add_track(&mut self, identity: &str, request: AddTrackRequest, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if let Some(known) = participant.track_of(&request.cid) {
            let published = TrackPublishedResponse { cid: request.cid, track: Some(known) };
            desk.tell(participant, Message::TrackPublished(published));
            return;
        }
        if let Some((reason, text)) = participant.refuses(&request) {
            let response = RequestResponse {
                reason: reason.into(),
                message: text.to_owned(),
                request: Some(request_response::Request::AddTrack(request)),
                ..RequestResponse::default()
            };
            desk.tell(participant, Message::RequestResponse(response));
            return;
        }
        let source = TrackSource::try_from(request.source).unwrap_or(TrackSource::Unknown);
        let sid = identifiers::track_sid(&mut desk.rng, request.r#type(), source);
        let announced = tracks::announced(&request, sid);
        let published =
            TrackPublishedResponse { cid: request.cid, track: Some(announced.info.clone()) };
        participant.waiting.push(announced);
        desk.tell(participant, Message::TrackPublished(published));
        let unclaimed = std::mem::take(&mut participant.unclaimed);
        self.take_sections(identity, unclaimed, desk);
    }

    /// The client's offer for what it publishes.
    pub(super) fn publisher_offer(
        &mut self,
        identity: &str,
        offer: &SessionDescription,
        desk: &mut Desk,
    ) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        let Ok(answered) = Sdp::parse(&offer.sdp).and_then(|sdp| participant.answered(&sdp, desk))
        else {
            self.send_back(identity, DisconnectReason::MediaFailure, desk);
            return;
        };
        let answer = SessionDescription {
            r#type: "answer".to_owned(),
            sdp: answered.sdp,
            id: offer.id,
            ..SessionDescription::default()
        };
        desk.tell(participant, Message::Answer(answer));
        participant.tell_candidates(0, desk);
        participant.unclaimed.clear();
        let sending: Vec<&str> =
            answered.incoming.iter().map(|(incoming, _)| incoming.mid.as_str()).collect();
        let ended: Vec<String> = participant
            .tracks
            .iter()
            .filter(|track| !sending.contains(&track.incoming.mid.as_str()))
            .map(|track| track.info.sid.clone())
            .collect();
        let some_ended = !ended.is_empty();
        for track in ended {
            self.unpublish(identity, &track, desk);
        }
        if some_ended {
            self.spread(identity, desk);
        }
        self.take_sections(identity, answered.incoming, desk);
    }

    /// Makes tracks of sending sections whose track was announced; the rest waits for it.
    fn take_sections(
        &mut self,
        identity: &str,
        sections: Vec<(Incoming, Option<String>)>,
        desk: &mut Desk,
    ) {
        for (incoming, name) in sections {
            let Some(participant) = self.participants.get_mut(identity) else { return };
            if participant.tracks.iter().any(|track| track.incoming.mid == incoming.mid) {
                continue;
            }
            let place = tracks::claimed(&participant.waiting, incoming.kind, name.as_deref());
            let Some(place) = place else {
                participant.unclaimed.push((incoming, name));
                continue;
            };
            let mut info = participant.waiting.remove(place).info;
            tracks::described(&mut info, &incoming);
            if let Some(codec) = info.codecs.first_mut() {
                name.unwrap_or_default().clone_into(&mut codec.sdp_cid);
            }
            let id = TrackId(desk.number());
            desk.order(Order::Publish {
                peer: participant.publisher.peer,
                track: id,
                incoming: incoming.clone(),
            });
            if info.muted {
                desk.order(Order::Mute { track: id, muted: true });
            }
            participant.tracks.push(Track { id, info, incoming, subscribed: false });
            self.spread(identity, desk);
            self.subscribe_all_to(identity, id, desk);
        }
    }

    /// Ends a track: nobody receives it any more. The record is told by the caller.
    pub(super) fn unpublish(&mut self, identity: &str, track_sid: &str, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        participant.waiting.retain(|announced| announced.info.sid != track_sid);
        let Some(place) = participant.tracks.iter().position(|track| track.info.sid == track_sid)
        else {
            return;
        };
        let track = participant.tracks.remove(place);
        let receivers: Vec<String> = self
            .participants
            .values()
            .filter(|other| other.subscriptions.contains_key(&track.id))
            .map(|other| other.identity.clone())
            .collect();
        for receiver in receivers {
            self.unsubscribe(&receiver, track.id, desk);
            self.offer(&receiver, desk);
        }
        desk.order(Order::Unpublish { track: track.id });
    }

    /// The server ends a track against the will of its publisher.
    pub(super) fn take_away(&mut self, identity: &str, track_sid: &str, desk: &mut Desk) {
        self.unpublish(identity, track_sid, desk);
        if let Some(participant) = self.participants.get(identity) {
            let gone = TrackUnpublishedResponse { track_sid: track_sid.to_owned() };
            desk.tell(participant, Message::TrackUnpublished(gone));
        }
    }

    /// The publisher mutes or unmutes a track.
    pub(super) fn mute(&mut self, identity: &str, request: &MuteTrackRequest, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if let Some(waiting) =
            participant.waiting.iter_mut().find(|announced| announced.info.sid == request.sid)
        {
            waiting.info.muted = request.muted;
            return;
        }
        let Some(track) = participant.tracks.iter_mut().find(|track| track.info.sid == request.sid)
        else {
            return;
        };
        if track.info.muted == request.muted {
            return;
        }
        track.info.muted = request.muted;
        desk.order(Order::Mute { track: track.id, muted: request.muted });
        self.spread(identity, desk);
    }
}

impl Participant {
    fn answered(
        &mut self,
        sdp: &Sdp,
        desk: &mut Desk,
    ) -> Result<Answered, super::super::sdp::SdpError> {
        let remote = negotiation::remote_transport(sdp, desk.settings.role)?;
        let publisher = &mut self.publisher;
        let restarts = publisher.remote.as_ref().is_some_and(|known| known.ufrag != remote.ufrag);
        if restarts {
            publisher.restart(desk);
        }
        publisher.version += 1;
        let answered = negotiation::answer(
            sdp,
            &publisher.local,
            desk.settings.role,
            (publisher.session, publisher.version),
        )?;
        publisher.take_remote(answered.remote.clone(), desk);
        Ok(answered)
    }

    /// The record of a track by the client's name of it.
    fn track_of(&self, cid: &str) -> Option<super::super::wire::TrackInfo> {
        let waiting = self.waiting.iter().find(|announced| announced.cid == cid);
        waiting.map(|announced| announced.info.clone()).or_else(|| {
            let named = |track: &&Track| {
                track.info.codecs.iter().any(|codec| codec.cid == cid || codec.sdp_cid == cid)
            };
            self.tracks.iter().find(named).map(|track| track.info.clone())
        })
    }

    fn refuses(
        &self,
        request: &AddTrackRequest,
    ) -> Option<(request_response::Reason, &'static str)> {
        if !tracks::may_publish(&self.permission, request.source) {
            return Some((
                request_response::Reason::NotAllowed,
                "does not have permission to publish from this source",
            ));
        }
        if self.tracks.len() + self.waiting.len() >= TRACKS_PER_PARTICIPANT_MAX {
            return Some((
                request_response::Reason::LimitExceeded,
                "a participant has 32 tracks at most",
            ));
        }
        None
    }
}
