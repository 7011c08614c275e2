//! What a participant receives: subscriptions, offers of its receiving transport, layer wishes.

use super::super::limits::ANSWER_DELAY_MS_MAX;
use super::super::negotiation::{Sent, SubscriberError, candidate};
use super::super::plane::{Order, Outgoing, TrackId};
use super::super::sdp::Sdp;
use super::super::tracks;
use super::super::wire::{
    DisconnectReason, MediaSectionsRequirement, SessionDescription, SignalTarget, StreamState,
    StreamStateInfo, StreamStateUpdate, SubscriptionError, SubscriptionPermission,
    SubscriptionPermissionUpdate, SubscriptionResponse, TrackSubscribed, TrickleRequest,
    UpdateSubscription, UpdateTrackSettings, VideoQuality, signal_response::Message,
};
use super::reception::Reception;
use super::{Desk, Participant, Room, Subscription};

impl Room {
    /// Subscribes a newcomer to all tracks, where it asked for that.
    pub(super) fn subscribe_to_all(&mut self, identity: &str, desk: &mut Desk) {
        let wants = |p: &Participant| p.joining.auto_subscribe && p.permission.can_subscribe;
        if !self.participants.get(identity).is_some_and(wants) {
            return;
        }
        let tracks: Vec<String> = self
            .participants
            .values()
            .filter(|other| other.identity != identity)
            .flat_map(|other| other.tracks.iter().map(|track| track.info.sid.clone()))
            .collect();
        for track in tracks {
            self.subscribe(identity, &track, desk);
        }
    }

    /// Subscribes everybody who asked for all tracks to a new one.
    pub(super) fn subscribe_all_to(&mut self, publisher: &str, track: TrackId, desk: &mut Desk) {
        let Some(sid) = self.participants.get(publisher).and_then(|participant| {
            participant.tracks.iter().find(|t| t.id == track).map(|t| t.info.sid.clone())
        }) else {
            return;
        };
        let receivers: Vec<String> = self
            .participants
            .values()
            .filter(|other| other.identity != publisher)
            .filter(|other| other.joining.auto_subscribe && !other.declined.contains(&sid))
            .map(|other| other.identity.clone())
            .collect();
        for receiver in receivers {
            self.subscribe(&receiver, &sid, desk);
            self.offer(&receiver, desk);
        }
    }

    /// Adds a track to the next offer of a receiver that may have it.
    pub(super) fn subscribe(&mut self, identity: &str, track_sid: &str, desk: &mut Desk) {
        let Some((publisher, track)) = self.track_named(track_sid) else { return };
        let may = self.participants.get(identity).is_some_and(|receiver| {
            receiver.permission.can_subscribe && publisher.lets(receiver, track_sid)
        });
        if !may || publisher.identity == identity {
            return;
        }
        let codecs = track.codecs();
        if codecs.is_empty() {
            return;
        }
        let id = track.id;
        let sent = Sent {
            track: id,
            track_sid: track_sid.to_owned(),
            participant_sid: publisher.sid.clone(),
            stream: if track.info.stream.is_empty() {
                track_sid.to_owned()
            } else {
                track.info.stream.clone()
            },
            codecs,
            ssrc: desk.ssrc(),
            rtx_ssrc: desk.ssrc(),
        };
        let subscription = Subscription {
            wish: Some(tracks::layer_wanted(&track.info, VideoQuality::High.into(), 0, 0)),
            outgoing: None,
            source: None,
        };
        let publisher_sid = publisher.sid.clone();
        let Some(receiver) = self.participants.get_mut(identity) else { return };
        if receiver.subscriptions.contains_key(&id) {
            return;
        }
        receiver.reception.add(sent);
        receiver.subscriptions.insert(id, subscription);
        desk.tell(receiver, permitted(&publisher_sid, track_sid, true));
    }

    /// Ends a subscription; the section becomes free with the next offer.
    pub(super) fn unsubscribe(&mut self, identity: &str, track: TrackId, desk: &mut Desk) {
        let Some(receiver) = self.participants.get_mut(identity) else { return };
        let Some(subscription) = receiver.subscriptions.remove(&track) else { return };
        receiver.reception.remove(track);
        if let Some(track) = subscription.source {
            desk.order(Order::Unsubscribe { peer: receiver.receiving_peer(), track });
        }
    }

    /// Sends the next offer of a receiver, or asks it for one, where one is due.
    pub(super) fn offer(&mut self, identity: &str, desk: &mut Desk) {
        let Some(receiver) = self.participants.get_mut(identity) else { return };
        if receiver.connection.is_none() {
            return;
        }
        match (&mut receiver.reception, &receiver.subscriber) {
            (Reception::Offered(subscriber), Some(transport)) => {
                let Some((sdp, id)) = subscriber.offer(&transport.local) else { return };
                receiver.timers.answer_by_ms = Some(desk.now.monotonic_ms + ANSWER_DELAY_MS_MAX);
                let offer = SessionDescription {
                    r#type: "offer".to_owned(),
                    sdp,
                    id,
                    mid_to_track_id: subscriber.mids(),
                };
                desk.tell(receiver, Message::Offer(offer));
                receiver.tell_candidates(SignalTarget::Subscriber, desk);
            }
            (Reception::Single(single), _) => {
                let Some((num_audios, num_videos)) = single.requirement() else { return };
                let more = MediaSectionsRequirement { num_audios, num_videos };
                desk.tell(receiver, Message::MediaSectionsRequirement(more));
            }
            (Reception::Offered(_), None) => {}
        }
    }

    /// The client's answer to our offer.
    pub(super) fn subscriber_answer(
        &mut self,
        identity: &str,
        answer: &SessionDescription,
        desk: &mut Desk,
    ) {
        let Some(receiver) = self.participants.get_mut(identity) else { return };
        let (Reception::Offered(subscriber), Some(transport)) =
            (&mut receiver.reception, &mut receiver.subscriber)
        else {
            return;
        };
        let taken = Sdp::parse(&answer.sdp)
            .map_err(SubscriberError::from)
            .and_then(|sdp| subscriber.accept(&sdp, answer.id));
        let accepted = match taken {
            Ok(accepted) => accepted,
            Err(SubscriberError::NoOffer | SubscriberError::Stale) => return,
            Err(SubscriberError::Sdp(_)) => {
                self.send_back(identity, DisconnectReason::MediaFailure, desk);
                return;
            }
        };
        receiver.timers.answer_by_ms = None;
        transport.take_remote(accepted.remote, desk);
        self.open(identity, accepted.opened, &accepted.unplayable, desk);
        self.offer(identity, desk);
    }

    /// Tracks that were negotiated begin to flow; the client is told of those it can not take.
    pub(super) fn open(
        &mut self,
        identity: &str,
        opened: Vec<(TrackId, Outgoing)>,
        unplayable: &[TrackId],
        desk: &mut Desk,
    ) {
        for (track, outgoing) in opened {
            if self.flow(identity, track, outgoing, desk) {
                self.tell_subscribed(track, desk);
            }
        }
        let Some(receiver) = self.participants.get(identity) else { return };
        for track in unplayable {
            let Some((_, track)) = self.track_by_id(*track) else { continue };
            let failed = SubscriptionResponse {
                track_sid: track.info.sid.clone(),
                err: SubscriptionError::SeCodecUnsupported.into(),
            };
            desk.tell(receiver, Message::SubscriptionResponse(failed));
        }
    }

    /// The publisher learns of its first subscriber, once for each track.
    fn tell_subscribed(&mut self, track: TrackId, desk: &mut Desk) {
        let owns = |one: &&mut Participant| one.tracks.iter().any(|known| known.id == track);
        let Some(publisher) = self.participants.values_mut().find(owns) else { return };
        let Some(track) = publisher.tracks.iter_mut().find(|known| known.id == track) else {
            return;
        };
        if !std::mem::replace(&mut track.subscribed, true) {
            let track_sid = track.info.sid.clone();
            desk.tell(publisher, Message::TrackSubscribed(TrackSubscribed { track_sid }));
        }
    }

    /// The client chooses what it receives.
    pub(super) fn update_subscription(
        &mut self,
        identity: &str,
        wish: UpdateSubscription,
        desk: &mut Desk,
    ) {
        let listed = wish.participant_tracks.into_iter().flat_map(|tracks| tracks.track_sids);
        let sids: Vec<String> = wish.track_sids.into_iter().chain(listed).take(4_096).collect();
        for sid in sids {
            let known = self.track_named(&sid).map(|(_, track)| track.id);
            let Some(receiver) = self.participants.get_mut(identity) else { return };
            receiver.declined.retain(|declined| *declined != sid);
            match (known, wish.subscribe) {
                (Some(_), true) => self.subscribe(identity, &sid, desk),
                (Some(track), false) => {
                    receiver.declined.push(sid);
                    self.unsubscribe(identity, track, desk);
                }
                (None, true) => {
                    let missing = SubscriptionResponse {
                        track_sid: sid,
                        err: SubscriptionError::SeTrackNotfound.into(),
                    };
                    desk.tell(receiver, Message::SubscriptionResponse(missing));
                }
                (None, false) => {}
            }
        }
        self.offer(identity, desk);
    }

    /// The receiver learns that a picture stands still for want of bandwidth, or moves again.
    pub(super) fn tell_stream(
        &self,
        identity: &str,
        track: TrackId,
        paused: bool,
        desk: &mut Desk,
    ) {
        let found = self.participants.values().find_map(|publisher| {
            let track = publisher.tracks.iter().find(|known| known.has_source(track))?;
            Some((publisher.sid.clone(), track.info.sid.clone()))
        });
        let Some(receiver) = self.participants.get(identity) else { return };
        let Some((participant_sid, track_sid)) = found else { return };
        let state = if paused { StreamState::Paused } else { StreamState::Active };
        let info = StreamStateInfo { participant_sid, track_sid, state: state.into() };
        let update = StreamStateUpdate { stream_states: vec![info] };
        desk.tell(receiver, Message::StreamStateUpdate(update));
    }

    /// The client tells how large it shows tracks, or that it does not show them.
    pub(super) fn track_setting(
        &mut self,
        identity: &str,
        setting: &UpdateTrackSettings,
        desk: &mut Desk,
    ) {
        for sid in &setting.track_sids {
            let Some((_, track)) = self.track_named(sid) else { continue };
            let (id, info) = (track.id, &track.info);
            let layer = (!setting.disabled).then(|| {
                tracks::layer_wanted(info, setting.quality, setting.width, setting.height)
            });
            let Some(receiver) = self.participants.get_mut(identity) else { return };
            let peer = receiver.receiving_peer();
            let Some(subscription) = receiver.subscriptions.get_mut(&id) else { continue };
            if let Some(track) = subscription.source.filter(|_| subscription.wish != layer) {
                desk.order(Order::Wish { peer, track, layer });
            }
            subscription.wish = layer;
        }
    }

    /// The publisher says who may receive its tracks.
    pub(super) fn subscription_permission(
        &mut self,
        identity: &str,
        permission: SubscriptionPermission,
        desk: &mut Desk,
    ) {
        let Some(publisher) = self.participants.get_mut(identity) else { return };
        publisher.audience = (!permission.all_participants).then_some(permission.track_permissions);
        let publisher_sid = publisher.sid.clone();
        let tracks: Vec<(TrackId, String)> =
            publisher.tracks.iter().map(|track| (track.id, track.info.sid.clone())).collect();
        let receivers: Vec<String> =
            self.participants.keys().filter(|other| *other != identity).cloned().collect();
        for receiver in receivers {
            for (track, sid) in &tracks {
                self.regrant(identity, &receiver, (*track, sid, &publisher_sid), desk);
            }
            self.offer(&receiver, desk);
        }
    }

    fn regrant(
        &mut self,
        publisher: &str,
        receiver: &str,
        (track, sid, publisher_sid): (TrackId, &str, &str),
        desk: &mut Desk,
    ) {
        let Some(other) = self.participants.get(receiver) else { return };
        let Some(owner) = self.participants.get(publisher) else { return };
        let receives = other.subscriptions.contains_key(&track);
        let may = owner.lets(other, sid);
        if receives && !may {
            desk.tell(other, permitted(publisher_sid, sid, false));
            self.unsubscribe(receiver, track, desk);
        } else if may && !receives && other.joining.auto_subscribe {
            let declined = other.declined.iter().any(|declined| declined == sid);
            if !declined {
                self.subscribe(receiver, sid, desk);
            }
        }
    }
}

fn permitted(publisher_sid: &str, track_sid: &str, allowed: bool) -> Message {
    Message::SubscriptionPermissionUpdate(SubscriptionPermissionUpdate {
        participant_sid: publisher_sid.to_owned(),
        track_sid: track_sid.to_owned(),
        allowed,
    })
}

impl Participant {
    /// Whether this publisher lets `receiver` have the track.
    fn lets(&self, receiver: &Self, track_sid: &str) -> bool {
        let Some(audience) = &self.audience else { return true };
        audience.iter().any(|entry| {
            let named = entry.participant_sid == receiver.sid
                || (!entry.participant_identity.is_empty()
                    && entry.participant_identity == receiver.identity);
            named && (entry.all_tracks || entry.track_sids.iter().any(|sid| sid == track_sid))
        })
    }

    /// Trickles our candidates of the publishing or receiving transport.
    pub(super) fn tell_candidates(&self, target: SignalTarget, desk: &mut Desk) {
        let transport = match (target, &self.subscriber) {
            (SignalTarget::Publisher, _) => &self.publisher,
            (SignalTarget::Subscriber, Some(subscriber)) => subscriber,
            (SignalTarget::Subscriber, None) => return,
        };
        let target = i32::from(target);
        let last = transport.local.candidates.len();
        for (place, socket) in transport.local.candidates.iter().enumerate() {
            let init = serde_json::json!({
                "candidate": candidate(place, *socket),
                "sdpMid": "0",
                "sdpMLineIndex": 0,
                "usernameFragment": null,
            });
            let trickle = TrickleRequest {
                candidate_init: init.to_string(),
                target,
                r#final: place + 1 == last,
            };
            desk.tell(self, Message::Trickle(trickle));
        }
    }
}
