//! The offers of a receiving transport: one data section, then one section for each track, reused
//! when a track ends. One offer is under way at a time; changes meanwhile go into the next one.

use std::collections::HashMap;

use super::codecs::{self, Numbers};
use super::{Sent, remote_transport, text};
use crate::media::plane::{
    DtlsRole, Extension, LocalTransport, MediaKind, Outgoing, Payload, RemoteTransport, TrackId,
};
use crate::media::sdp::{Direction, Sdp, SdpError};

/// Header extensions of our offers; the numbers hold for the life of a transport.
const AUDIO_EXTENSIONS: [(u8, Extension); 3] =
    [(2, Extension::AbsSendTime), (3, Extension::TransportCc), (4, Extension::Mid)];
const VIDEO_EXTENSIONS: [(u8, Extension); 4] = [
    (2, Extension::AbsSendTime),
    (3, Extension::TransportCc),
    (4, Extension::Mid),
    (12, Extension::DependencyDescriptor),
];

const fn extensions(kind: MediaKind) -> &'static [(u8, Extension)] {
    match kind {
        MediaKind::Audio => &AUDIO_EXTENSIONS,
        MediaKind::Video => &VIDEO_EXTENSIONS,
    }
}

#[derive(Clone, Debug)]
struct Slot {
    mid: String,
    kind: MediaKind,
    /// What the section names; kept while it is free.
    payloads: Vec<Payload>,
    sent: Option<Sent>,
    /// Carried another track before: the browser keeps that one's track id.
    reused: bool,
    /// The client took an offer in which the section was free, so that it will notice a new track.
    rested: bool,
    /// What the client's last answer takes here.
    chosen: Option<Payload>,
    /// The track named by the offer under way or last answered.
    offered: Option<TrackId>,
}

/// The receiving transport of one participant.
#[derive(Debug)]
pub struct Subscriber {
    session: u64,
    version: u64,
    /// The id that the client's answer must repeat.
    offer_id: u32,
    under_way: bool,
    changed: bool,
    slots: Vec<Slot>,
    numbers: Numbers,
}

/// What a client's answer settles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub remote: RemoteTransport,
    /// Tracks that may now flow.
    pub opened: Vec<(TrackId, Outgoing)>,
    /// Tracks in whose codecs the client can not take them.
    pub unplayable: Vec<TrackId>,
}

/// Why an answer is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubscriberError {
    #[error("no offer is under way")]
    NoOffer,
    #[error("the answer belongs to an earlier offer")]
    Stale,
    #[error(transparent)]
    Sdp(#[from] SdpError),
}

impl Subscriber {
    /// A transport whose first offer carries the data section and what is added before.
    #[must_use]
    pub fn new(session: u64, first_offer_id: u32) -> Self {
        Self {
            session,
            version: 0,
            offer_id: first_offer_id,
            under_way: false,
            changed: true,
            slots: Vec::new(),
            numbers: Numbers::default(),
        }
    }

    /// Adds a track, into a free section of its kind where there is one. A known track is kept.
    pub fn add(&mut self, sent: Sent) {
        if self.slots.iter().any(|slot| holds(slot, sent.track)) {
            return;
        }
        let kind = sent.media();
        let payloads: Vec<Payload> =
            sent.codecs.iter().filter_map(|codec| self.numbers.of(*codec)).collect();
        self.changed = true;
        let free = |slot: &&mut Slot| slot.sent.is_none() && slot.rested && slot.kind == kind;
        match self.slots.iter_mut().find(free) {
            Some(slot) => {
                slot.reused = true;
                slot.payloads = payloads;
                slot.sent = Some(sent);
            }
            None => self.slots.push(Slot {
                mid: (self.slots.len() + 1).to_string(),
                kind,
                payloads,
                sent: Some(sent),
                reused: false,
                rested: false,
                chosen: None,
                offered: None,
            }),
        }
    }

    /// Ends a track; its section becomes free. Says whether the track was there.
    pub fn remove(&mut self, track: TrackId) -> bool {
        let Some(slot) = self.slots.iter_mut().find(|slot| holds(slot, track)) else {
            return false;
        };
        slot.rested = slot.offered != Some(track);
        slot.sent = None;
        slot.chosen = None;
        self.changed = true;
        true
    }

    /// The next offer is made anew, as after an ICE restart; an offer under way is given up.
    pub const fn restart(&mut self) {
        self.under_way = false;
        self.changed = true;
    }

    /// The next offer with its id, where something changed and none is under way.
    pub fn offer(&mut self, local: &LocalTransport) -> Option<(String, u32)> {
        if self.under_way || !self.changed {
            return None;
        }
        self.under_way = true;
        self.changed = false;
        self.version += 1;
        self.offer_id = self.offer_id.wrapping_add(1).max(1);
        for slot in &mut self.slots {
            slot.offered = slot.sent.as_ref().map(|sent| sent.track);
        }
        Some((self.written(local), self.offer_id))
    }

    /// Whether an offer waits for its answer.
    #[must_use]
    pub const fn under_way(&self) -> bool {
        self.under_way
    }

    /// Track sid by mid, as sent beside an offer.
    #[must_use]
    pub fn mids(&self) -> HashMap<String, String> {
        self.slots
            .iter()
            .filter_map(|slot| Some((slot.mid.clone(), slot.sent.as_ref()?.track_sid.clone())))
            .collect()
    }

    /// Takes the client's answer: its half of the transport and the tracks that may now flow.
    ///
    /// `id` 0 comes from clients that do not repeat ids and is always current.
    pub fn accept(&mut self, answer: &Sdp, id: u32) -> Result<Accepted, SubscriberError> {
        if !self.under_way {
            return Err(SubscriberError::NoOffer);
        }
        if id != 0 && id != self.offer_id {
            return Err(SubscriberError::Stale);
        }
        let remote = remote_transport(answer, DtlsRole::Server)?;
        self.under_way = false;
        let mut accepted = Accepted { remote, opened: Vec::new(), unplayable: Vec::new() };
        for slot in &mut self.slots {
            slot.take(answer, &mut accepted);
        }
        Ok(accepted)
    }

    fn written(&self, local: &LocalTransport) -> String {
        let mut mids = vec!["0"];
        mids.extend(self.slots.iter().map(|slot| slot.mid.as_str()));
        let mut sdp = text::head(self.session, self.version, &mids);
        text::data_section(&mut sdp, "0", local, "actpass");
        for slot in &self.slots {
            section(&mut sdp, slot, local);
        }
        sdp
    }
}

fn holds(slot: &Slot, track: TrackId) -> bool {
    slot.sent.as_ref().is_some_and(|sent| sent.track == track)
}

impl Slot {
    /// Takes what the answer says of this section.
    fn take(&mut self, answer: &Sdp, accepted: &mut Accepted) {
        self.rested |= self.offered.is_none();
        let offered = self.offered;
        let Some(sent) = self.sent.as_ref().filter(|sent| offered == Some(sent.track)) else {
            return;
        };
        let takes = answer.sections.iter().find(|section| {
            section.mid() == self.mid
                && section.port != 0
                && matches!(section.direction(), Direction::RecvOnly | Direction::SendRecv)
        });
        let named = |payload: &&Payload| {
            let number = payload.number.to_string();
            takes.is_some_and(|section| section.formats.contains(&number))
        };
        let chosen = self.payloads.iter().find(named).copied();
        match chosen {
            Some(payload) if self.chosen != chosen => {
                accepted
                    .opened
                    .push((sent.track, sent.outgoing(&self.mid, payload, extensions(self.kind))));
            }
            Some(_) => {}
            None => accepted.unplayable.push(sent.track),
        }
        self.chosen = chosen;
    }
}

fn section(sdp: &mut String, slot: &Slot, local: &LocalTransport) {
    let formats = text::formats(&slot.payloads);
    let word = text::media_word(slot.kind);
    text::begin(sdp, word, 9, format_args!("UDP/TLS/RTP/SAVPF {formats}"));
    text::transport(sdp, local, "actpass");
    text::line(sdp, format_args!("a=mid:{}", slot.mid));
    text::line(sdp, format_args!("a=rtcp-mux"));
    text::line(sdp, format_args!("a=rtcp-rsize"));
    codecs::write(sdp, &slot.payloads, true);
    text::extensions(sdp, extensions(slot.kind));
    let Some(sent) = &slot.sent else {
        text::line(sdp, format_args!("a=inactive"));
        return;
    };
    text::line(sdp, format_args!("a=sendonly"));
    // Clients take the sid from the stream where it stands there, else from the track id, which is
    // true only in a section's first use.
    let stream = if slot.reused { &sent.track_sid } else { &sent.stream };
    text::sources(sdp, sent, stream, slot.kind == MediaKind::Video);
}
