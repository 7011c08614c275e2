//! Signal messages of clients, one by one.

use super::super::limits::{ATTRIBUTES_BYTES_MAX, METADATA_BYTES_MAX, NAME_BYTES_MAX};
use super::super::wire::{
    DisconnectReason, Pong, PublishDataTrackRequest, RequestResponse, SignalRequest, SpeakerInfo,
    SpeakersChanged, SyncState, UpdateLocalAudioTrack, UpdateLocalVideoTrack,
    UpdateParticipantMetadata, leave_request, request_response, signal_request::Message as Request,
    signal_response::Message, simulate_scenario::Scenario,
};
use super::join::leave;
use super::{Desk, Output, Participant, Room};

impl Room {
    /// Carries one message of `identity` out.
    pub(super) fn request(&mut self, identity: &str, request: SignalRequest, desk: &mut Desk) {
        if let Some(participant) = self.participants.get_mut(identity) {
            participant.timers.heard_ms = desk.now.monotonic_ms;
        }
        let Some(request) = request.message else { return };
        match request {
            Request::Ping(_) | Request::PingReq(_) => self.ping(identity, &request, desk),
            Request::Offer(offer) => self.publisher_offer(identity, &offer, desk),
            Request::Answer(answer) => self.subscriber_answer(identity, &answer, desk),
            Request::AddTrack(track) => self.add_track(identity, track, desk),
            Request::Mute(mute) => self.mute(identity, &mute, desk),
            Request::Subscription(wish) => self.update_subscription(identity, wish, desk),
            Request::TrackSetting(setting) => self.track_setting(identity, &setting, desk),
            Request::SubscriptionPermission(permission) => {
                self.subscription_permission(identity, permission, desk);
            }
            Request::Leave(_) => self.remove(identity, DisconnectReason::ClientInitiated, desk),
            Request::SyncState(state) => self.sync(identity, state, desk),
            Request::UpdateMetadata(update) => self.update_own(identity, update, desk),
            Request::UpdateAudioTrack(update) => self.update_audio(identity, &update, desk),
            Request::UpdateVideoTrack(update) => self.update_video(identity, &update, desk),
            Request::Simulate(simulate) => {
                if let Some(scenario) = simulate.scenario.filter(|_| desk.settings.simulate) {
                    self.simulate(identity, scenario, desk);
                }
            }
            Request::PublishDataTrackRequest(track) => {
                self.refuse_data_track(identity, track, desk);
            }
            #[expect(
                deprecated,
                reason = "old clients send UpdateLayers; track settings replaced it"
            )]
            // An ICE-lite side needs no candidates of the client; the rest belongs to data tracks,
            // which are refused above.
            Request::Trickle(_)
            | Request::UnpublishDataTrackRequest(_)
            | Request::UpdateDataSubscription(_)
            | Request::StoreDataBlobRequest(_)
            | Request::GetDataBlobRequest(_)
            | Request::UpdateLayers(_) => {}
        }
    }

    fn ping(&mut self, identity: &str, request: &Request, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        participant.timers.pings = true;
        let timestamp = desk.now.unix_ms;
        match request {
            Request::PingReq(ping) => {
                let pong = Pong { last_ping_timestamp: ping.timestamp, timestamp };
                desk.tell(participant, Message::PongResp(pong));
            }
            _ => desk.tell(participant, Message::Pong(timestamp)),
        }
    }

    /// After a resume the client says what it has; what we do not know makes it join anew.
    pub(super) fn sync(&mut self, identity: &str, state: SyncState, desk: &mut Desk) {
        let Some(participant) = self.participants.get(identity) else { return };
        let known = |sid: &str| {
            participant.tracks.iter().any(|track| track.info.sid == sid)
                || participant.waiting.iter().any(|announced| announced.info.sid == sid)
        };
        let lost = state
            .publish_tracks
            .iter()
            .filter_map(|published| published.track.as_ref())
            .any(|track| !known(&track.sid));
        if lost {
            self.send_back(identity, DisconnectReason::StateMismatch, desk);
            return;
        }
        if let Some(wish) = state.subscription {
            self.update_subscription(identity, wish, desk);
        }
        let disabled = super::super::wire::UpdateTrackSettings {
            track_sids: state.track_sids_disabled,
            disabled: true,
            ..super::super::wire::UpdateTrackSettings::default()
        };
        self.track_setting(identity, &disabled, desk);
        self.replay(identity, &state.datachannel_receive_states, desk);
    }

    fn update_own(&mut self, identity: &str, update: UpdateParticipantMetadata, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        let refusal = if participant.permission.can_update_metadata {
            participant.too_large(&update.name, &update.metadata, &update.attributes)
        } else {
            Some((
                request_response::Reason::NotAllowed,
                "does not have permission to update own metadata",
            ))
        };
        let (reason, message) = refusal.unwrap_or((request_response::Reason::Ok, ""));
        if reason == request_response::Reason::Ok {
            participant.set(&update.name, &update.metadata, update.attributes.clone());
        }
        let response = RequestResponse {
            request_id: update.request_id,
            reason: reason.into(),
            message: message.to_owned(),
            request: Some(request_response::Request::UpdateMetadata(update)),
        };
        desk.tell(participant, Message::RequestResponse(response));
        if reason == request_response::Reason::Ok {
            self.spread(identity, desk);
            if let Some(participant) = self.participants.get(identity) {
                desk.refresh(participant, &self.name);
            }
        }
    }

    fn update_audio(&mut self, identity: &str, update: &UpdateLocalAudioTrack, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if let Some(info) = participant.record_of(&update.track_sid) {
            info.audio_features.clone_from(&update.features);
            self.spread(identity, desk);
        }
    }

    fn update_video(&mut self, identity: &str, update: &UpdateLocalVideoTrack, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if let Some(info) = participant.record_of(&update.track_sid) {
            info.width = update.width;
            info.height = update.height;
            self.spread(identity, desk);
        }
    }

    fn refuse_data_track(&self, identity: &str, request: PublishDataTrackRequest, desk: &mut Desk) {
        let Some(participant) = self.participants.get(identity) else { return };
        let response = RequestResponse {
            reason: request_response::Reason::UnsupportedType.into(),
            message: "data tracks are not offered".to_owned(),
            request: Some(request_response::Request::PublishDataTrack(request)),
            ..RequestResponse::default()
        };
        desk.tell(participant, Message::RequestResponse(response));
    }

    /// Faults on request, for the test suites of SDKs; off in production.
    fn simulate(&mut self, identity: &str, scenario: Scenario, desk: &mut Desk) {
        let Some(participant) = self.participants.get(identity) else { return };
        match scenario {
            Scenario::SpeakerUpdate(_) => {
                let speaker =
                    SpeakerInfo { sid: participant.sid.clone(), level: 0.9, active: true };
                let speakers = SpeakersChanged { speakers: vec![speaker] };
                desk.tell(participant, Message::SpeakersChanged(speakers));
            }
            Scenario::NodeFailure(true) | Scenario::Migration(true) => {
                self.drop_silently(identity, desk);
            }
            Scenario::ServerLeave(true) => {
                self.remove(identity, DisconnectReason::ServerShutdown, desk);
            }
            Scenario::LeaveRequestFullReconnect(true) => {
                self.send_back(identity, DisconnectReason::UnknownReason, desk);
            }
            Scenario::SwitchCandidateProtocol(_) => {
                if let Some(connection) = participant.connection {
                    let resume =
                        leave(DisconnectReason::UnknownReason, leave_request::Action::Resume);
                    desk.send(connection, resume);
                    desk.outputs.push_back(Output::Close { connection });
                }
            }
            Scenario::NodeFailure(false)
            | Scenario::Migration(false)
            | Scenario::ServerLeave(false)
            | Scenario::LeaveRequestFullReconnect(false)
            | Scenario::SubscriberBandwidth(_)
            | Scenario::DisconnectSignalOnResume(_)
            | Scenario::DisconnectSignalOnResumeNoMessages(_) => {}
        }
    }
}

impl Participant {
    fn record_of(&mut self, sid: &str) -> Option<&mut super::TrackInfo> {
        self.tracks.iter_mut().find(|track| track.info.sid == sid).map(|track| &mut track.info)
    }

    /// Why name, metadata or attributes can not be taken.
    pub(super) fn too_large(
        &self,
        name: &str,
        metadata: &str,
        attributes: &std::collections::HashMap<String, String>,
    ) -> Option<(request_response::Reason, &'static str)> {
        let limit = request_response::Reason::LimitExceeded;
        if name.len() > NAME_BYTES_MAX {
            return Some((limit, "name is too long"));
        }
        if metadata.len() > METADATA_BYTES_MAX {
            return Some((limit, "metadata size exceeds limits"));
        }
        let kept = self.attributes.iter().filter(|(key, _)| !attributes.contains_key(*key));
        let bytes = |(key, value): (&String, &String)| key.len() + value.len();
        let total = kept.map(bytes).sum::<usize>() + attributes.iter().map(bytes).sum::<usize>();
        (total > ATTRIBUTES_BYTES_MAX).then_some((limit, "attributes size exceeds limits"))
    }

    /// Sets what is not empty; an empty attribute value removes the key.
    pub(super) fn set(
        &mut self,
        name: &str,
        metadata: &str,
        attributes: std::collections::HashMap<String, String>,
    ) {
        if !name.is_empty() {
            name.clone_into(&mut self.name);
        }
        if !metadata.is_empty() {
            metadata.clone_into(&mut self.metadata);
        }
        for (key, value) in attributes {
            if value.is_empty() {
                self.attributes.remove(&key);
            } else {
                self.attributes.insert(key, value);
            }
        }
    }
}
