//! One peer connection: its transport, what it sends us and what it gets.

use std::collections::{HashMap, VecDeque};

use rand::{Rng, rngs::StdRng};
use signaling::limits::{PENDING_PACKETS_MAX, SENDS_PER_PEER_MAX};

use crate::allocate::LastPicture;
use crate::api::event::{PeerState, Refused};
use crate::api::media::{Codec, Kind, Receive, Ssrcs};
use crate::api::transport::{IceCredentials, Protection};
use crate::arena::Key;
use crate::bandwidth::Estimate;
use crate::feedback::Arrivals;
use crate::ids::PeerId;
use crate::peer::Transport;
use crate::peer::srtp::Window;
use crate::send::{Sending, Start};
use crate::time::Micros;
use crate::wire::rtp::ExtensionMap;

/// Times without an authenticated packet: from then on no pictures are sent,
pub(crate) const SILENT_MS: u64 = 5_000;
/// nothing is sent,
pub(crate) const LOST_MS: u64 = 15_000;
/// the connection is forgotten.
pub(crate) const GONE_MS: u64 = 30_000;

/// See the module.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: PeerId,
    pub(crate) participant: Key,
    pub(crate) room: Key,
    pub(crate) transport: Transport,
    pub(crate) extensions: ExtensionMap,
    formats: Box<[Option<Meaning>; 128]>,
    /// Tracks that it sends.
    pub(crate) tracks: Vec<Key>,
    pub(crate) streams: HashMap<u32, Stream>,
    pub(crate) arrivals: Arrivals,
    pub(crate) sends: Vec<Option<Sending>>,
    /// The send of each outgoing media SSRC.
    pub(crate) send_of: HashMap<u32, u16>,
    /// Outgoing SSRCs that are no longer in use, and what follows their last packet.
    retired: HashMap<u32, Start>,
    pending: VecDeque<Pending>,
    /// It is in the list of those with something pending.
    pub(crate) is_listed: bool,
    /// The SSRC that our reports carry.
    pub(crate) reporter: u32,
    pub(crate) transport_cc: u16,
    /// The distance of its sender's clock from ours, in microseconds, the least seen lately.
    pub(crate) clock_offset_us: Option<i64>,
    pub(crate) round_trip_us: Option<u64>,
    pub(crate) last_heard: Option<Micros>,
    /// The last state that the edge was told.
    pub(crate) state: Option<PeerState>,
    pub(crate) due: Due,
    pub(crate) estimate: Estimate,
    /// The edge's ceiling for all that is sent to it.
    pub(crate) cap_bps: Option<u64>,
    pub(crate) allocated_at: Micros,
    pub(crate) last_picture: LastPicture,
    /// Packets of a probe that are still to be written.
    pub(crate) probe_left: u16,
    probe_sent: u64,
}

/// When the parts of a connection want to be called.
#[derive(Debug)]
pub(crate) struct Due {
    /// The earliest time for which the timer is set.
    pub(crate) armed: Micros,
    pub(crate) report: Micros,
    pub(crate) arrivals: Micros,
    pub(crate) missing: Micros,
    pub(crate) key_frame: Micros,
    pub(crate) consent: Micros,
    pub(crate) silence: Micros,
}

impl Due {
    fn new() -> Self {
        let never = Micros::NEVER;
        Self {
            armed: never,
            report: never,
            arrivals: never,
            missing: never,
            key_frame: never,
            consent: never,
            silence: never,
        }
    }

    fn earliest(&self) -> Micros {
        self.report
            .min(self.arrivals)
            .min(self.missing)
            .min(self.key_frame)
            .min(self.consent)
            .min(self.silence)
    }
}

/// What a payload type means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) codec: Codec,
    /// It carries repairs of that codec.
    pub(crate) is_repair: bool,
    /// Missing packets may be asked for.
    pub(crate) nack: bool,
}

/// One incoming SSRC.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stream {
    pub(crate) window: Window,
    pub(crate) route: Option<Route>,
}

/// Where the packets of an SSRC belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) track: Key,
    pub(crate) layer: u8,
    pub(crate) is_repair: bool,
}

/// A packet that is to be written for this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Of a track: its index in the cache of the layer.
    Media { send: u16, layer: u8, index: u64 },
    /// Again: its outgoing sequence number.
    Repair { send: u16, sequence: u16 },
}

impl Connection {
    pub(crate) fn new(
        (id, participant, room): (PeerId, Key, Key),
        ice: &IceCredentials,
        protection: Protection,
        rng: &mut StdRng,
    ) -> Self {
        Self {
            id,
            participant,
            room,
            transport: Transport::new(ice, protection),
            extensions: ExtensionMap::default(),
            formats: Box::new([None; 128]),
            tracks: Vec::new(),
            streams: HashMap::new(),
            arrivals: Arrivals::default(),
            sends: Vec::new(),
            send_of: HashMap::new(),
            retired: HashMap::new(),
            pending: VecDeque::new(),
            is_listed: false,
            reporter: rng.random(),
            transport_cc: rng.random(),
            clock_offset_us: None,
            round_trip_us: None,
            last_heard: None,
            state: None,
            due: Due::new(),
            estimate: Estimate::default(),
            cap_bps: None,
            allocated_at: Micros(0),
            last_picture: LastPicture::default(),
            probe_left: 0,
            probe_sent: 0,
        }
    }

    /// When it wants to be called.
    pub(crate) fn deadline(&self) -> Micros {
        self.due.earliest().min(self.transport.deadline())
    }

    /// Takes over what a section says of payload types, extensions and SSRCs.
    pub(crate) fn learn(&mut self, media: &Receive, track: Key) {
        self.extensions.merge(&media.extensions);
        for format in &media.formats {
            let meaning = Meaning { codec: format.codec, is_repair: false, nack: format.nack };
            self.mean(format.payload_type, meaning);
            if let Some(repair) = format.rtx {
                self.mean(repair, Meaning { is_repair: true, ..meaning });
            }
        }
        for (layer, ssrcs) in (0..).zip(&media.ssrcs) {
            let route = Route { track, layer, is_repair: false };
            self.streams.entry(ssrcs.media).or_default().route = Some(route);
            if let Some(repair) = ssrcs.rtx {
                let route = Route { is_repair: true, ..route };
                self.streams.entry(repair).or_default().route = Some(route);
            }
        }
    }

    fn mean(&mut self, payload_type: u8, meaning: Meaning) {
        if let Some(place) = self.formats.get_mut(usize::from(payload_type)) {
            *place = Some(meaning);
        }
    }

    /// What a payload type means.
    pub(crate) fn meaning(&self, payload_type: u8) -> Option<Meaning> {
        *self.formats.get(usize::from(payload_type))?
    }

    /// Whether anything of that kind is sent to it now.
    pub(crate) fn takes(&self, kind: Kind, now: Micros) -> bool {
        let silent_us = self.last_heard.map_or(u64::MAX, |at| now.since(at));
        let limit_ms = match kind {
            Kind::Audio => LOST_MS,
            Kind::Video => SILENT_MS,
        };
        silent_us < limit_ms.saturating_mul(1_000) && self.transport.is_connected()
    }

    /// A packet of a probe went out; with the last one the train is known.
    pub(crate) fn note_probe(&mut self, number: u16) {
        self.probe_left = self.probe_left.saturating_sub(1);
        self.probe_sent = self.probe_sent.saturating_add(1);
        if self.probe_left == 0 {
            self.estimate.probing(number, std::mem::take(&mut self.probe_sent));
        }
    }

    /// Puts a packet on the list of what is to be written; `false`: the list is full.
    pub(crate) fn push(&mut self, pending: Pending) -> bool {
        let fits = self.pending.len() < PENDING_PACKETS_MAX;
        if fits {
            self.pending.push_back(pending);
        }
        fits
    }

    /// Puts a packet in front of the list.
    pub(crate) fn push_front(&mut self, pending: Pending) {
        self.pending.push_front(pending);
    }

    /// The next packet to be written.
    pub(crate) fn pop(&mut self) -> Option<Pending> {
        self.pending.pop_front()
    }

    /// The place of the track among its sends.
    pub(crate) fn send_of_track(&self, track: Key) -> Option<u16> {
        let is_it = |send: &Option<Sending>| send.as_ref().is_some_and(|send| send.track == track);
        self.sends.iter().position(is_it).and_then(|place| u16::try_from(place).ok())
    }

    pub(crate) fn send(&self, place: u16) -> Option<&Sending> {
        self.sends.get(usize::from(place))?.as_ref()
    }

    pub(crate) fn send_mut(&mut self, place: u16) -> Option<&mut Sending> {
        self.sends.get_mut(usize::from(place))?.as_mut()
    }

    /// Gives a send a place; `None` when there is none.
    pub(crate) fn add_send(&mut self, send: Sending) -> Option<u16> {
        let free = self.sends.iter().position(Option::is_none).unwrap_or(self.sends.len());
        let place = u16::try_from(free).ok()?;
        self.send_of.insert(send.media.ssrcs.media, place);
        if free == self.sends.len() {
            self.sends.push(Some(send));
        } else {
            *self.sends.get_mut(free)? = Some(send);
        }
        Some(place)
    }

    /// Ends a send; its SSRCs go on where they stopped when they are used again.
    pub(crate) fn remove_send(&mut self, place: u16) -> Option<Sending> {
        let send = self.sends.get_mut(usize::from(place))?.take()?;
        self.send_of.remove(&send.media.ssrcs.media);
        let next = send.next();
        self.retired.insert(send.media.ssrcs.media, next);
        if let Some(repair) = send.media.ssrcs.rtx {
            self.retired.insert(repair, next);
        }
        Some(send)
    }

    /// Where a new send begins: with one key and SSRC no number may
    /// ever be used twice, so that SSRCs that were in use go on. `fresh` are for new ones; they lie
    /// in the lower half of the first turn, so that nobody guesses a turn too many.
    pub(crate) fn take_numbers(&mut self, ssrcs: Ssrcs, fresh: Start) -> Result<Start, Refused> {
        let taken = |ssrc: u32| {
            self.sends
                .iter()
                .flatten()
                .any(|send| send.media.ssrcs.media == ssrc || send.media.ssrcs.rtx == Some(ssrc))
        };
        if taken(ssrcs.media) || ssrcs.rtx.is_some_and(|rtx| rtx == ssrcs.media || taken(rtx)) {
            return Err(Refused::Exists);
        }
        let known = self.retired.contains_key(&ssrcs.media);
        let used = self.send_of.len().saturating_add(self.retired.len());
        if used >= SENDS_PER_PEER_MAX && !known {
            return Err(Refused::Limit);
        }
        let media = self.retired.remove(&ssrcs.media).unwrap_or(fresh);
        let repair = ssrcs.rtx.and_then(|rtx| self.retired.remove(&rtx)).unwrap_or(fresh);
        Ok(Start { repair_first: repair.repair_first, ..media })
    }
}
