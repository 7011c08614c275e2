//! What a client receives over its single connection: only the client offers, so a track waits for
//! a receiving section of its kind, and the client is asked for more of them.

use std::collections::HashMap;

use super::{Sent, answer, codecs};
use crate::media::plane::{Extension, MediaKind, Outgoing, Payload, TrackId};
use crate::media::sdp::{Direction, Sdp, Section};

/// A receiving section of the client.
#[derive(Clone, Debug)]
struct Place {
    mid: String,
    kind: MediaKind,
    sent: Option<(Sent, Payload)>,
    /// The last answer left it free, so that the client will notice a new track.
    rested: bool,
}

/// The receiving half of one single connection.
#[derive(Debug)]
pub struct Single {
    places: Vec<Place>,
    waiting: Vec<Sent>,
    changed: bool,
    /// An offer is on its way.
    asked: bool,
}

impl Default for Single {
    /// Nothing is received yet, and the client's first offer comes unasked.
    fn default() -> Self {
        Self { places: Vec::new(), waiting: Vec::new(), changed: false, asked: true }
    }
}

/// What an offer brought for the tracks that are to be received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranged {
    /// Tracks that flow from the answer on.
    pub opened: Vec<(TrackId, Outgoing)>,
    /// Tracks in whose codecs the client can not take them.
    pub unplayable: Vec<TrackId>,
}

impl Single {
    /// Adds a track; a known one is kept.
    pub fn add(&mut self, sent: Sent) {
        let placed = self.places.iter().filter_map(|place| place.sent.as_ref());
        let known = placed.map(|(sent, _)| sent).chain(&self.waiting);
        if known.into_iter().any(|known| known.track == sent.track) {
            return;
        }
        self.waiting.push(sent);
        self.changed = true;
    }

    /// Ends a track.
    pub fn remove(&mut self, track: TrackId) {
        self.waiting.retain(|sent| sent.track != track);
        for place in &mut self.places {
            if place.sent.as_ref().is_some_and(|(sent, _)| sent.track == track) {
                place.sent = None;
                place.rested = false;
                self.changed = true;
            }
        }
    }

    /// How many more sections for audio and for video the client must offer, where a new offer is
    /// needed: zero of both asks for an offer alone.
    pub fn requirement(&mut self) -> Option<(u32, u32)> {
        if !self.changed || self.asked {
            return None;
        }
        self.changed = false;
        self.asked = true;
        let missing = |kind| {
            let waiting = self.waiting.iter().filter(|sent| sent.media() == kind).count();
            let free = |place: &&Place| place.kind == kind && place.sent.is_none() && place.rested;
            let free = self.places.iter().filter(free).count();
            u32::try_from(waiting.saturating_sub(free)).unwrap_or(u32::MAX)
        };
        Some((missing(MediaKind::Audio), missing(MediaKind::Video)))
    }

    /// Finds the waiting tracks a section each in this offer; the answer is to be written after.
    pub fn arrange(&mut self, offer: &Sdp) -> Arranged {
        self.asked = false;
        let mut arranged = Arranged::default();
        for section in &offer.sections {
            if let Some(kind) = section.kind() {
                self.settle(section, kind, &mut arranged);
            }
        }
        // The answer tells all but what found no section.
        self.changed = !self.waiting.is_empty();
        arranged
    }

    fn settle(&mut self, section: &Section, kind: MediaKind, arranged: &mut Arranged) {
        let usable = section.port != 0 || section.has("bundle-only");
        let receives = usable && section.direction() == Direction::RecvOnly;
        let keeps = receives || (usable && section.direction() == Direction::SendRecv);
        let known = self.places.iter().position(|place| place.mid == section.mid());
        let Some(place) = known.or_else(|| {
            receives.then(|| {
                let mid = section.mid().to_owned();
                self.places.push(Place { mid, kind, sent: None, rested: true });
                self.places.len() - 1
            })
        }) else {
            return;
        };
        let Some(place) = self.places.get_mut(place) else { return };
        if !keeps && let Some((sent, _)) = place.sent.take() {
            self.waiting.push(sent);
            place.rested = false;
        }
        if place.sent.is_some() || !receives {
            return;
        }
        if !std::mem::replace(&mut place.rested, true) {
            return;
        }
        let payloads = codecs::payloads(section, kind);
        while let Some(next) = self.waiting.iter().position(|sent| sent.media() == kind) {
            let sent = self.waiting.remove(next);
            let Some(payload) = sent.playable(&payloads) else {
                arranged.unplayable.push(sent.track);
                continue;
            };
            let extensions = sent_extensions(section);
            arranged.opened.push((sent.track, sent.outgoing(&place.mid, payload, &extensions)));
            place.sent = Some((sent, payload));
            return;
        }
    }

    /// What we send in the section with this mid.
    pub(super) fn sent_on(&self, mid: &str) -> Option<(&Sent, Payload)> {
        let place = self.places.iter().find(|place| place.mid == mid)?;
        place.sent.as_ref().map(|(sent, payload)| (sent, *payload))
    }

    /// Track sid by mid, as sent beside an answer; clients need it to know the tracks.
    #[must_use]
    pub fn mids(&self) -> HashMap<String, String> {
        self.places
            .iter()
            .filter_map(|place| Some((place.mid.clone(), place.sent.as_ref()?.0.track_sid.clone())))
            .collect()
    }
}

/// The header extensions of a section that we write.
fn sent_extensions(section: &Section) -> Vec<(u8, Extension)> {
    answer::extensions(section)
        .into_iter()
        .filter(|(_, extension)| {
            matches!(
                extension,
                Extension::AbsSendTime
                    | Extension::TransportCc
                    | Extension::Mid
                    | Extension::DependencyDescriptor
            )
        })
        .collect()
}
