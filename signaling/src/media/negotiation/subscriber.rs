//! The offers of a receiving transport: one data section, then one section for each track, reused
//! when a track ends. One offer is under way at a time; changes meanwhile go into the next one.

use std::collections::HashMap;

use super::{remote_transport, text};
use crate::media::plane::{
    CodecKind, DtlsRole, Extension, LocalTransport, MediaKind, Outgoing, Payload, RemoteTransport,
    TrackId,
};
use crate::media::sdp::{Direction, Sdp, SdpError};

/// Header extensions of our offers; the numbers hold for the life of a transport.
const EXTENSIONS: [(u8, Extension); 3] =
    [(2, Extension::AbsSendTime), (3, Extension::TransportCc), (4, Extension::Mid)];

/// A track as the client will see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub track: TrackId,
    /// The sid of the track; it is the track id of the browser.
    pub track_sid: String,
    /// The sid of the publishing participant; first half of the stream id.
    pub participant_sid: String,
    /// Tracks of one stream are played in step: the second half of the stream id.
    pub stream: String,
    pub codec: CodecKind,
    pub ssrc: u32,
    pub rtx_ssrc: u32,
}

#[derive(Clone, Debug)]
struct Slot {
    mid: String,
    kind: MediaKind,
    sent: Option<Sent>,
    /// Carried another track before: the browser keeps that one's track id.
    reused: bool,
    /// Whether the client's last answer takes media here.
    open: bool,
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
    pub const fn new(session: u64, first_offer_id: u32) -> Self {
        Self {
            session,
            version: 0,
            offer_id: first_offer_id,
            under_way: false,
            changed: true,
            slots: Vec::new(),
        }
    }

    /// Adds a track, into a free section of its kind where there is one. A known track is kept.
    pub fn add(&mut self, sent: Sent) {
        if self.slots.iter().any(|slot| holds(slot, sent.track)) {
            return;
        }
        let kind = kind_of(sent.codec);
        self.changed = true;
        match self.slots.iter_mut().find(|slot| slot.sent.is_none() && slot.kind == kind) {
            Some(slot) => {
                slot.reused = true;
                slot.sent = Some(sent);
            }
            None => self.slots.push(Slot {
                mid: (self.slots.len() + 1).to_string(),
                kind,
                sent: Some(sent),
                reused: false,
                open: false,
                offered: None,
            }),
        }
    }

    /// Ends a track; its section becomes free. Says whether the track was there.
    pub fn remove(&mut self, track: TrackId) -> bool {
        let Some(slot) = self.slots.iter_mut().find(|slot| holds(slot, track)) else {
            return false;
        };
        slot.sent = None;
        slot.open = false;
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
    pub fn accept(
        &mut self,
        answer: &Sdp,
        id: u32,
    ) -> Result<(RemoteTransport, Vec<(TrackId, Outgoing)>), SubscriberError> {
        if !self.under_way {
            return Err(SubscriberError::NoOffer);
        }
        if id != 0 && id != self.offer_id {
            return Err(SubscriberError::Stale);
        }
        let remote = remote_transport(answer, DtlsRole::Server)?;
        self.under_way = false;
        let mut opened = Vec::new();
        for slot in &mut self.slots {
            let takes = answer.sections.iter().any(|section| {
                section.mid() == slot.mid
                    && section.port != 0
                    && matches!(section.direction(), Direction::RecvOnly | Direction::SendRecv)
            });
            let Some(sent) = slot.sent.as_ref().filter(|sent| slot.offered == Some(sent.track))
            else {
                continue;
            };
            if takes && !slot.open {
                opened.push((sent.track, outgoing(&slot.mid, sent)));
            }
            slot.open = takes;
        }
        Ok((remote, opened))
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

const fn kind_of(codec: CodecKind) -> MediaKind {
    match codec {
        CodecKind::Opus => MediaKind::Audio,
        CodecKind::Vp8 => MediaKind::Video,
    }
}

/// Payload types of our offers, the numbers of Chromium's.
const fn payload_of(kind: MediaKind) -> Payload {
    match kind {
        MediaKind::Audio => Payload { codec: CodecKind::Opus, number: 111, rtx: None },
        MediaKind::Video => Payload { codec: CodecKind::Vp8, number: 96, rtx: Some(97) },
    }
}

fn outgoing(mid: &str, sent: &Sent) -> Outgoing {
    let payload = payload_of(kind_of(sent.codec));
    Outgoing {
        mid: mid.to_owned(),
        payload,
        ssrc: sent.ssrc,
        rtx_ssrc: if payload.rtx.is_some() { sent.rtx_ssrc } else { 0 },
        extensions: EXTENSIONS.to_vec(),
    }
}

fn section(sdp: &mut String, slot: &Slot, local: &LocalTransport) {
    let payload = payload_of(slot.kind);
    let formats = text::formats(&[payload]);
    let word = text::media_word(slot.kind);
    text::line(sdp, format_args!("m={word} 9 UDP/TLS/RTP/SAVPF {formats}"));
    text::transport(sdp, local, "actpass");
    text::line(sdp, format_args!("a=mid:{}", slot.mid));
    text::line(sdp, format_args!("a=rtcp-mux"));
    text::line(sdp, format_args!("a=rtcp-rsize"));
    text::payloads(sdp, &[payload], true);
    text::extensions(sdp, &EXTENSIONS);
    let Some(sent) = &slot.sent else {
        text::line(sdp, format_args!("a=inactive"));
        return;
    };
    // Clients take the sid from the stream where it stands there, else from the track id, which is
    // true only in a section's first use.
    let stream = if slot.reused { &sent.track_sid } else { &sent.stream };
    let stream = format!("{}|{stream}", sent.participant_sid);
    text::line(sdp, format_args!("a=sendonly"));
    text::line(sdp, format_args!("a=msid:{stream} {}", sent.track_sid));
    if payload.rtx.is_some() {
        text::line(sdp, format_args!("a=ssrc-group:FID {} {}", sent.ssrc, sent.rtx_ssrc));
    }
    let sources = [Some(sent.ssrc), payload.rtx.map(|_| sent.rtx_ssrc)];
    for ssrc in sources.into_iter().flatten() {
        text::line(sdp, format_args!("a=ssrc:{ssrc} cname:{stream}"));
        text::line(sdp, format_args!("a=ssrc:{ssrc} msid:{stream} {}", sent.track_sid));
    }
}
