//! What a participant sends: announced tracks, offers of its publishing transport, mutes.

use super::super::limits::TRACKS_PER_PARTICIPANT_MAX;
use super::super::negotiation::{self, Answered, Answering, Arranged, Single};
use super::super::plane::{CodecKind, Incoming, Order, TrackId};
use super::super::sdp::{Sdp, Section};
use super::super::wire::{
    AddTrackRequest, DisconnectReason, MuteTrackRequest, RequestResponse, SessionDescription,
    SignalTarget, TrackInfo, TrackPublishedResponse, TrackSource, TrackUnpublishedResponse,
    request_response, signal_response::Message,
};
use super::super::{identifiers, tracks};
use super::reception::Reception;
use super::{Desk, Participant, Room, Spare, Track};

impl Room {
    /// The client announces a track; it is told the sid at once.
    pub(super) fn add_track(&mut self, identity: &str, request: AddTrackRequest, desk: &mut Desk) {
        if !request.sid.is_empty() {
            self.add_spare(identity, request, desk);
            return;
        }
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

    /// The client will send a published track in a second codec as well. Its right to was judged
    /// when the track was announced; clients name neither kind nor source here.
    fn add_spare(&mut self, identity: &str, request: AddTrackRequest, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        let Some(track) = participant.tracks.iter().find(|t| t.info.sid == request.sid) else {
            return;
        };
        let info = track.info.clone();
        let asked = |a: &tracks::Announced| a.spare && a.info.sid == request.sid;
        if track.spare_id().is_none() && !participant.waiting.iter().any(asked) {
            let mut announced = tracks::announced(&request, info.sid.clone());
            announced.info.r#type = info.r#type;
            announced.spare = true;
            participant.waiting.push(announced);
        }
        let published = TrackPublishedResponse { cid: request.cid, track: Some(info) };
        desk.tell(participant, Message::TrackPublished(published));
        let unclaimed = std::mem::take(&mut participant.unclaimed);
        self.take_sections(identity, unclaimed, desk);
    }

    /// The client's offer for what it publishes, and over a single connection receives.
    pub(super) fn publisher_offer(
        &mut self,
        identity: &str,
        offer: &SessionDescription,
        desk: &mut Desk,
    ) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        let taken = Sdp::parse(&offer.sdp).and_then(|sdp| participant.answered(&sdp, desk));
        let Ok((answered, arranged)) = taken else {
            self.send_back(identity, DisconnectReason::MediaFailure, desk);
            return;
        };
        let answer = SessionDescription {
            r#type: "answer".to_owned(),
            sdp: answered.sdp,
            id: offer.id,
            mid_to_track_id: participant.reception.single().map(Single::mids).unwrap_or_default(),
        };
        desk.tell(participant, Message::Answer(answer));
        participant.tell_candidates(SignalTarget::Publisher, desk);
        participant.unclaimed.clear();
        let ended = participant.ended(&answered.incoming);
        let some_ended = !ended.is_empty();
        for track in ended {
            self.unpublish(identity, &track, desk);
        }
        if some_ended {
            self.spread(identity, desk);
        }
        self.take_sections(identity, answered.incoming, desk);
        self.open(identity, arranged.opened, &arranged.unplayable, desk);
        if self.participants.get(identity).is_some_and(|p| p.reception.single().is_some()) {
            self.offer(identity, desk);
        }
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
            if participant.sends_on(&incoming.mid) {
                continue;
            }
            let place = tracks::claimed(&participant.waiting, incoming.kind, name.as_deref());
            let Some(place) = place else {
                participant.unclaimed.push((incoming, name));
                continue;
            };
            let announced = participant.waiting.remove(place);
            if announced.spare {
                self.take_spare(identity, &announced.info.sid, incoming, desk);
            } else {
                self.publish(identity, announced.info, (incoming, name), desk);
            }
        }
    }

    fn publish(
        &mut self,
        identity: &str,
        mut info: TrackInfo,
        (incoming, name): (Incoming, Option<String>),
        desk: &mut Desk,
    ) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        let spare = tracks::second_codec(&info, &incoming).map(|codec| Spare {
            codec,
            published: None,
            wanted: false,
            layer_wanted: None,
        });
        tracks::described(&mut info, &incoming);
        if let Some(codec) = info.codecs.first_mut() {
            name.unwrap_or_default().clone_into(&mut codec.sdp_cid);
        }
        let id = TrackId(desk.number());
        let peer = participant.publisher.peer;
        desk.order(Order::Publish { peer, track: id, incoming: incoming.clone() });
        if info.muted {
            desk.order(Order::Mute { track: id, muted: true });
        }
        let layer_wanted = None;
        participant.tracks.push(Track {
            id,
            info,
            incoming,
            spare,
            layer_wanted,
            subscribed: false,
        });
        self.spread(identity, desk);
        self.subscribe_all_to(identity, id, desk);
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
        for track in [Some(track.id), track.spare_id()].into_iter().flatten() {
            desk.order(Order::Unpublish { track });
        }
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
        for track in [Some(track.id), track.spare_id()].into_iter().flatten() {
            desk.order(Order::Mute { track, muted: request.muted });
        }
        self.spread(identity, desk);
    }
}

impl Participant {
    fn answered(
        &mut self,
        sdp: &Sdp,
        desk: &mut Desk,
    ) -> Result<(Answered, Arranged), super::super::sdp::SdpError> {
        let remote = negotiation::remote_transport(sdp, desk.settings.role)?;
        let publisher = &mut self.publisher;
        let restarts = publisher.remote.as_ref().is_some_and(|known| known.ufrag != remote.ufrag);
        if restarts {
            publisher.restart(desk);
        }
        publisher.version += 1;
        let arranged = match &mut self.reception {
            Reception::Single(single) => single.arrange(sdp),
            Reception::Offered(_) => Arranged::default(),
        };
        let answered = negotiation::answer(
            sdp,
            &Answering {
                local: &self.publisher.local,
                role: desk.settings.role,
                origin: (self.publisher.session, self.publisher.version),
                single: self.reception.single(),
                announced: &|section| self.announced_codec(section),
            },
        )?;
        self.publisher.take_remote(answered.remote.clone(), desk);
        Ok((answered, arranged))
    }

    /// The codec that the track of a section was announced with, or is sent in already.
    fn announced_codec(&self, section: &Section) -> Option<CodecKind> {
        let mid = section.mid();
        for track in &self.tracks {
            let spare = track.spare.as_ref().and_then(|spare| spare.published.as_ref());
            let sections = [Some(&track.incoming), spare.map(|(_, incoming)| incoming)];
            let known = sections.into_iter().flatten().find(|incoming| incoming.mid == mid);
            if let Some(incoming) = known {
                return incoming.payloads.first().map(|payload| payload.codec);
            }
        }
        let name = section.track_name();
        let place = tracks::claimed(&self.waiting, section.kind()?, name)?;
        let codecs = &self.waiting.get(place)?.info.codecs;
        CodecKind::named(&codecs.first()?.mime_type)
    }

    /// Whether a published track, or its second codec, comes in this section.
    fn sends_on(&self, mid: &str) -> bool {
        self.tracks.iter().any(|track| {
            let spare = track.spare.as_ref().and_then(|spare| spare.published.as_ref());
            track.incoming.mid == mid || spare.is_some_and(|(_, incoming)| incoming.mid == mid)
        })
    }

    /// Sids of published tracks whose section no longer sends.
    fn ended(&self, incoming: &[(Incoming, Option<String>)]) -> Vec<String> {
        let sends = |mid: &str| incoming.iter().any(|(incoming, _)| incoming.mid == mid);
        self.tracks
            .iter()
            .filter(|track| !sends(&track.incoming.mid))
            .map(|track| track.info.sid.clone())
            .collect()
    }

    /// The record of a track by the client's name of it.
    fn track_of(&self, cid: &str) -> Option<TrackInfo> {
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
