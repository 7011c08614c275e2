//! Second codecs: who needs one, asking the publisher for it, and joining the two when it comes.

use super::super::plane::{CodecKind, Incoming, Order, Outgoing, PeerId, TrackId};
use super::super::tracks;
use super::super::wire::{
    SubscribedAudioCodec, SubscribedAudioCodecUpdate, SubscribedQualityUpdate, TrackType,
    signal_response::Message,
};
use super::{Desk, Room, Spare, Track};

impl Track {
    /// What it is sent in, and can be sent in when asked.
    pub(super) fn codecs(&self) -> Vec<CodecKind> {
        let first = self.incoming.payloads.first().map(|payload| payload.codec);
        first.into_iter().chain(self.spare.as_ref().map(|spare| spare.codec)).collect()
    }

    /// The track on the media plane that carries `codec`; `None` while it is not sent.
    fn source_of(&self, codec: CodecKind) -> Option<TrackId> {
        let first = self.incoming.payloads.first();
        if first.is_some_and(|payload| payload.codec.plays_as(codec)) {
            return Some(self.id);
        }
        let (id, incoming) = self.spare.as_ref()?.published.as_ref()?;
        incoming.payloads.iter().any(|p| p.codec.alike(codec)).then_some(*id)
    }

    /// Whether the media plane knows it, or its second codec, by `id`.
    pub(super) fn has_source(&self, id: TrackId) -> bool {
        self.id == id || self.spare_id() == Some(id)
    }

    /// The second codec on the media plane.
    pub(super) fn spare_id(&self) -> Option<TrackId> {
        self.spare.as_ref()?.published.as_ref().map(|(id, _)| *id)
    }

    /// The layers or codecs that are wanted, as the publisher is told.
    fn wanted(&self) -> Option<Message> {
        let kind = self.info.r#type();
        if kind == TrackType::Audio {
            let spare = self.spare.as_ref()?;
            let codec = |name: &str, enabled| SubscribedAudioCodec {
                codec: name.to_ascii_lowercase(),
                enabled,
            };
            let first = self.incoming.payloads.first().map_or("opus", |p| p.codec.name());
            return Some(Message::SubscribedAudioCodecUpdate(SubscribedAudioCodecUpdate {
                track_sid: self.info.sid.clone(),
                subscribed_audio_codecs: vec![
                    codec(first, true),
                    codec(spare.codec.name(), spare.wanted),
                ],
            }));
        }
        let mut update: SubscribedQualityUpdate =
            tracks::qualities_wanted(&self.info, self.layer_wanted)?;
        if let Some(spare) = &self.spare {
            let published = spare.published.is_some();
            let layer = if published { spare.layer_wanted } else { Some(2) };
            let layer = layer.filter(|_| spare.wanted);
            update.subscribed_codecs.push(tracks::codec_wanted(spare.codec.name(), layer));
        }
        Some(Message::SubscribedQualityUpdate(update))
    }
}

impl Room {
    /// A receiver took a track in `outgoing`'s codec: it flows, or its publisher is asked for it.
    /// Says whether it flows.
    pub(super) fn flow(
        &mut self,
        receiver: &str,
        track: TrackId,
        outgoing: Outgoing,
        desk: &mut Desk,
    ) -> bool {
        let codec = outgoing.payload.codec;
        let Some((publisher, known)) = self.track_by_id(track) else { return false };
        let (publisher, source) = (publisher.identity.clone(), known.source_of(codec));
        let Some(receiver) = self.participants.get_mut(receiver) else { return false };
        let peer = receiver.receiving_peer();
        let Some(subscription) = receiver.subscriptions.get_mut(&track) else { return false };
        if let Some(old) = subscription.source.take().filter(|old| Some(*old) != source) {
            desk.order(Order::Unsubscribe { peer, track: old });
        }
        subscription.outgoing = Some(outgoing.clone());
        subscription.source = source;
        let wish = subscription.wish;
        if let Some(source) = source {
            begin(desk, peer, source, outgoing, wish);
            return true;
        }
        self.ask_for_spare(&publisher, track, desk);
        false
    }

    /// The publisher is asked for the second codec of a track.
    fn ask_for_spare(&mut self, publisher: &str, track: TrackId, desk: &mut Desk) {
        let Some(publisher) = self.participants.get_mut(publisher) else { return };
        let Some(track) = publisher.tracks.iter_mut().find(|known| known.id == track) else {
            return;
        };
        if let Some(spare) = &mut track.spare {
            spare.wanted = true;
        }
        if let Some(message) = track.wanted() {
            desk.tell(publisher, message);
        }
    }

    /// The second codec of a track comes in a section of its own; those who wait for it get it.
    pub(super) fn take_spare(
        &mut self,
        identity: &str,
        track_sid: &str,
        incoming: Incoming,
        desk: &mut Desk,
    ) {
        let Some(publisher) = self.participants.get_mut(identity) else { return };
        let peer = publisher.publisher.peer;
        let Some(track) = publisher.tracks.iter_mut().find(|t| t.info.sid == track_sid) else {
            return;
        };
        let Some(codec) = incoming.payloads.first().map(|payload| payload.codec) else { return };
        let spare = track.spare.get_or_insert(Spare {
            codec,
            published: None,
            wanted: true,
            layer_wanted: None,
        });
        if spare.published.is_some() {
            return;
        }
        let id = TrackId(desk.number());
        spare.published = Some((id, incoming.clone()));
        desk.order(Order::Publish { peer, track: id, incoming });
        if track.info.muted {
            desk.order(Order::Mute { track: id, muted: true });
        }
        let track = track.id;
        for receiver in self.participants.values_mut() {
            let peer = receiver.receiving_peer();
            let Some(subscription) = receiver.subscriptions.get_mut(&track) else { continue };
            let waits = subscription.source.is_none();
            if let Some(outgoing) = subscription.outgoing.clone().filter(|_| waits) {
                subscription.source = Some(id);
                begin(desk, peer, id, outgoing, subscription.wish);
            }
        }
        self.spread(identity, desk);
    }

    /// The publisher learns which of its layers are wanted, so that it can save the rest.
    pub(super) fn tell_wanted(&mut self, source: TrackId, layer_max: Option<u8>, desk: &mut Desk) {
        for publisher in self.participants.values_mut() {
            let Some(track) = publisher.tracks.iter_mut().find(|t| t.has_source(source)) else {
                continue;
            };
            if track.id == source {
                track.layer_wanted = layer_max;
            } else if let Some(spare) = &mut track.spare {
                spare.layer_wanted = layer_max;
            }
            if let Some(message) =
                track.wanted().filter(|_| track.info.r#type() == TrackType::Video)
            {
                desk.tell(publisher, message);
            }
            return;
        }
    }
}

fn begin(desk: &mut Desk, peer: PeerId, track: TrackId, outgoing: Outgoing, layer: Option<u8>) {
    desk.order(Order::Subscribe { peer, track, outgoing });
    desk.order(Order::Wish { peer, track, layer });
}
