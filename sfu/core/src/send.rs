//! One track on its way to one receiver: which layer, which numbers, and the packet itself.

use signaling::limits::HISTORY_PACKETS;

use crate::api::event::TrackStats;
use crate::api::media::{Codec, Format, Kind, Send};
use crate::arena::Key;
use crate::forward::cache::{Cached, Packet};
use crate::forward::layers::{Decision, Selector};
use crate::forward::rewrite::{Mapped, Rewriter, Tail};
use crate::forward::track::Incoming;
use crate::peer::Transport;
use crate::peer::srtp::{OVERHEAD_BYTES_MAX, Window, index_of};
use crate::silence::Run;
use crate::time::Micros;
use crate::wire::red;
use crate::wire::rtp::Outgoing;

/// The first packets carry the section's name, until the receiver must know the SSRC.
const MID_PACKETS: u8 = 100;

/// See the module.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) track: Key,
    pub(crate) media: Send,
    pub(crate) selector: Selector,
    rewriter: Rewriter,
    /// Numbers that were sealed: none is sealed twice, whatever went wrong before.
    sealed: Window,
    /// The last packets of a picture, for repair. Taken with the first one.
    history: Vec<Sent>,
    repair_next: u64,
    mid_left: u8,
    pub(crate) counters: SendCounters,
    /// The highest layer that the downlink bears; `None`: not even the lowest.
    pub(crate) granted: Option<u8>,
    /// Until the first packet comes, and when a sound is muted.
    pub(crate) silence: Option<Run>,
}

/// What went out, and what the receiver says of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SendCounters {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) repaired: u64,
    pub(crate) nacks: u64,
    pub(crate) plis: u64,
    pub(crate) lost: u64,
    pub(crate) fraction_lost: u8,
    pub(crate) jitter_ticks: u32,
}

/// A packet that went out. `tag` tells apart what shares a place.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    index_low: u32,
    timestamp_more: u32,
    tag: u16,
    picture_less: u16,
    base_less: u8,
    /// Layer plus one; 0: nothing here.
    layer: u8,
}

/// Where a send begins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Start {
    /// The number of the first packet, with its turns,
    pub(crate) first: u64,
    /// and of the first repair.
    pub(crate) repair_first: u64,
    pub(crate) tail: Tail,
}

/// What the connection adds to each packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamps {
    pub(crate) transport_cc: u16,
    pub(crate) abs_send_time: u32,
}

/// How packets leave: what protects them, and what is stamped on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) stamps: Stamps,
}

/// A packet of one layer of the track.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load<'a> {
    pub(crate) layer: u8,
    pub(crate) incoming: &'a Incoming,
    pub(crate) cached: Cached<'a>,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is in the buffer.
    Packet(usize),
    /// So is it, and its stream took over with it.
    Switched(usize),
    /// It is not for this receiver.
    Nothing,
}

impl Sending {
    pub(crate) fn new(track: Key, kind: Kind, media: Send, start: Start) -> Self {
        Self {
            track,
            media,
            selector: Selector::new(kind),
            rewriter: Rewriter::new(start.first, start.tail),
            sealed: Window::default(),
            history: Vec::new(),
            repair_next: start.repair_first,
            mid_left: MID_PACKETS,
            counters: SendCounters::default(),
            granted: Some(u8::MAX),
            silence: None,
        }
    }

    /// What comes next: who uses the SSRCs again goes on with it.
    pub(crate) fn next(&self) -> Start {
        Start {
            first: self.rewriter.next(),
            repair_first: self.repair_next,
            tail: self.rewriter.tail(),
        }
    }

    /// What to add to an incoming timestamp of the current stream now.
    pub(crate) fn timestamp_more(&self) -> Option<u32> {
        self.rewriter.timestamp_more()
    }

    /// A packet of the track: decides, writes and seals.
    pub(crate) fn write(&mut self, load: Load<'_>, desk: Desk<'_>, room: &mut [u8]) -> Written {
        let (packet, stream) = (load.cached.packet, load.incoming.ssrc);
        let decision = self.decide(load);
        match decision {
            Decision::Ignore => return Written::Nothing,
            Decision::LeaveOut => {
                self.rewriter.leave_out(stream, packet);
                return Written::Nothing;
            }
            Decision::Switch => {
                let elapsed = self.elapsed(load.incoming, packet);
                self.rewriter.switch(stream, packet, elapsed);
                self.rewriter.limit(packet.index, self.selector.temporal());
            }
            Decision::Forward => {}
        }
        if load.cached.payload.is_empty() {
            self.rewriter.leave_out(stream, packet);
            return Written::Nothing;
        }
        match (self.put(load, desk, room), decision) {
            (None, _) => Written::Nothing,
            (Some(len), Decision::Switch) => Written::Switched(len),
            (Some(len), _) => Written::Packet(len),
        }
    }

    /// What came late goes where its picture went; else the selector decides.
    fn decide(&mut self, load: Load<'_>) -> Decision {
        let (packet, stream) = (load.cached.packet, load.incoming.ssrc);
        let goes_on = self.selector.stream() == Some(stream);
        match self.rewriter.was_sent(stream, packet).filter(|_| goes_on) {
            Some(true) => return Decision::Forward,
            Some(false) => return Decision::Ignore,
            None => {}
        }
        let is_newest = load.incoming.loss.highest().is_none_or(|highest| packet.index >= highest);
        let before = self.selector.temporal();
        let decision = self.selector.decide((load.layer, stream), packet, is_newest);
        if goes_on && self.selector.temporal() != before {
            self.rewriter.limit(packet.index, self.selector.temporal());
        }
        decision
    }

    /// Ticks between the newest frame sent and this one, by the clocks of both streams' sender.
    fn elapsed(&self, incoming: &Incoming, packet: &Packet) -> Option<u32> {
        let newest = self.rewriter.newest_sender_us()?;
        let us = incoming.sender_us_of(packet.timestamp)?.checked_sub(newest)?;
        let ticks = us.checked_mul(packet.codec.clock_hz().into())?.checked_div(1_000_000)?;
        u32::try_from(ticks).ok()
    }

    fn put(&mut self, load: Load<'_>, desk: Desk<'_>, room: &mut [u8]) -> Option<usize> {
        let Load { layer, incoming, cached } = load;
        let packet = cached.packet;
        let (format, cached) = self.readable(cached)?;
        let mapped = self.rewriter.forward(incoming.ssrc, packet)?;
        if !self.sealed.admits(mapped.out) {
            return None;
        }
        let ssrc = self.media.ssrcs.media;
        let numbers = (format.payload_type, ssrc, mapped.out);
        let header_len = self.header(cached, mapped, numbers, desk.stamps).write(room)?;
        let end = copy(room, header_len, cached, mapped)?;
        self.sealed.mark(mapped.out);
        let len = desk.transport.seal_rtp(room, (header_len, end), ssrc, mapped.out)?;
        self.mid_left = self.mid_left.saturating_sub(1);
        self.silence = None;
        self.counters.packets = self.counters.packets.saturating_add(1);
        let payload = u64::try_from(cached.payload.len()).unwrap_or(0);
        self.counters.bytes = self.counters.bytes.saturating_add(payload);
        if format.nack && self.media.ssrcs.rtx.is_some() {
            self.remember(layer, packet.index, mapped);
        }
        if format.codec.kind() == Kind::Video {
            self.rewriter.note_sender_us(incoming.sender_us_of(packet.timestamp));
        }
        Some(len)
    }

    /// The number and timestamp of a packet of our own, so many ticks behind the newest one.
    pub(crate) fn own_numbers(&mut self, ticks: u32, now: Micros) -> Option<(u64, u32)> {
        let (out, timestamp) = self.rewriter.fill(ticks, now);
        if !self.sealed.admits(out) {
            return None;
        }
        self.sealed.mark(out);
        Some((out, timestamp))
    }

    /// Its last packets can be sent once more to probe the way.
    pub(crate) fn can_probe(&self) -> bool {
        self.media.ssrcs.rtx.is_some() && !self.history.is_empty()
    }

    /// The sequence number of the last packet.
    pub(crate) fn last_sequence(&self) -> u16 {
        let [.., a, b] = self.rewriter.next().wrapping_sub(1).to_be_bytes();
        u16::from_be_bytes([a, b])
    }

    /// The packet of that outgoing sequence number again, as a repair (RFC 4588).
    pub(crate) fn write_repair(
        &mut self,
        incoming: &Incoming,
        sequence: u16,
        desk: Desk<'_>,
        room: &mut [u8],
    ) -> Option<usize> {
        let (sent, out) = self.find(sequence)?;
        let index = index_of_low(incoming.loss.highest()?, sent.index_low);
        let cached = incoming.cache.get(index)?;
        let ssrc = self.media.ssrcs.rtx?;
        let payload_type = self.format_of(cached.packet)?.rtx?;
        let mapped = Mapped {
            out,
            timestamp_more: sent.timestamp_more,
            picture_less: sent.picture_less,
            base_less: sent.base_less,
        };
        let number = self.repair_next;
        let header = self.header(cached, mapped, (payload_type, ssrc, number), desk.stamps);
        let header_len = header.write(room)?;
        let payload_at = header_len.checked_add(2)?;
        room.get_mut(header_len..payload_at)?.copy_from_slice(&sequence.to_be_bytes());
        let end = copy(room, payload_at, cached, mapped)?;
        self.repair_next = number.checked_add(1)?;
        let len = desk.transport.seal_rtp(room, (header_len, end), ssrc, number)?;
        self.counters.repaired = self.counters.repaired.saturating_add(1);
        Some(len)
    }

    /// The layer that a packet asked for again was of.
    pub(crate) fn layer_of(&self, sequence: u16) -> Option<u8> {
        self.find(sequence)?.0.layer.checked_sub(1)
    }

    fn header<'a>(
        &'a self,
        cached: Cached<'a>,
        mapped: Mapped,
        (payload_type, ssrc, number): (u8, u32, u64),
        stamps: Stamps,
    ) -> Outgoing<'a> {
        let [.., a, b] = number.to_be_bytes();
        Outgoing {
            marker: cached.packet.marker,
            payload_type,
            sequence: u16::from_be_bytes([a, b]),
            timestamp: cached.packet.timestamp.wrapping_add(mapped.timestamp_more),
            ssrc,
            numbers: &self.media.extensions,
            mid: Some(&self.media.mid).filter(|_| self.mid_left > 0),
            transport_cc: Some(stamps.transport_cc),
            abs_send_time: Some(stamps.abs_send_time),
            kept: cached.kept,
        }
    }

    /// How a packet goes to this receiver: redundant sound goes without what is redundant to whoever
    /// reads plain sound alone.
    fn readable<'a>(&self, cached: Cached<'a>) -> Option<(Format, Cached<'a>)> {
        if let Some(format) = self.format_of(cached.packet) {
            return Some((format, cached));
        }
        let plain = |format: &&Format| format.codec == Codec::Opus;
        let format = self.media.formats.iter().find(plain)?;
        let redundant = cached.packet.codec == Codec::Red;
        let payload = cached.payload.get(red::newest(cached.payload).filter(|_| redundant)?..)?;
        Some((*format, Cached { payload, ..cached }))
    }

    fn format_of(&self, packet: &Packet) -> Option<Format> {
        self.media.formats.iter().find(|format| format.codec == packet.codec).copied()
    }

    fn remember(&mut self, layer: u8, index: u64, mapped: Mapped) {
        if self.history.is_empty() {
            self.history.resize(HISTORY_PACKETS, Sent::default());
        }
        let (place, tag) = place_of(mapped.out);
        let [.., a, b, c, d] = index.to_be_bytes();
        if let Some(sent) = self.history.get_mut(place) {
            *sent = Sent {
                index_low: u32::from_be_bytes([a, b, c, d]),
                timestamp_more: mapped.timestamp_more,
                tag,
                picture_less: mapped.picture_less,
                base_less: mapped.base_less,
                layer: layer.saturating_add(1),
            };
        }
    }

    fn find(&self, sequence: u16) -> Option<(Sent, u64)> {
        let out = index_of(self.rewriter.next().checked_sub(1), sequence)?;
        let (place, tag) = place_of(out);
        let sent = *self.history.get(place)?;
        (sent.layer > 0 && sent.tag == tag).then_some((sent, out))
    }

    /// The counters as the edge sees them.
    pub(crate) fn stats(&self, clock_hz: u32) -> TrackStats {
        let counters = &self.counters;
        let jitter = u64::from(counters.jitter_ticks).saturating_mul(1_000_000);
        TrackStats {
            track: Some(self.media.track),
            packets: counters.packets,
            bytes: counters.bytes,
            packets_lost: counters.lost,
            packets_repaired: counters.repaired,
            nacks: counters.nacks,
            plis: counters.plis,
            loss: f32::from(counters.fraction_lost) / 256.0,
            jitter_us: jitter.checked_div(clock_hz.into()).unwrap_or(0),
        }
    }
}

/// Copies the payload behind what is in `room` and puts in the receiver's numbers; where it ends.
fn copy(room: &mut [u8], at: usize, cached: Cached<'_>, mapped: Mapped) -> Option<usize> {
    let end = at.checked_add(cached.payload.len())?;
    if end.checked_add(OVERHEAD_BYTES_MAX)? > room.len() {
        return None;
    }
    let payload = room.get_mut(at..end)?;
    payload.copy_from_slice(cached.payload);
    if mapped.picture_less != 0 || mapped.base_less != 0 {
        cached.packet.descriptor.renumber(payload, mapped.picture_less, mapped.base_less)?;
    }
    Some(end)
}

fn place_of(out: u64) -> (usize, u16) {
    let places = u64::try_from(HISTORY_PACKETS).unwrap_or(1);
    let place = usize::try_from(out.checked_rem(places).unwrap_or(0)).unwrap_or(0);
    let [.., a, b] = out.checked_div(places).unwrap_or(0).to_be_bytes();
    (place, u16::from_be_bytes([a, b]))
}

/// The index nearest to `highest` with those low 32 bits.
fn index_of_low(highest: u64, low: u32) -> u64 {
    let [.., a, b, c, d] = highest.to_be_bytes();
    let ahead = low.wrapping_sub(u32::from_be_bytes([a, b, c, d])).cast_signed();
    highest.wrapping_add_signed(i64::from(ahead))
}
