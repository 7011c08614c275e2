//! A published track: its layers, each one incoming stream with its cache, and those who get it.

use crate::api::media::{Codec, Kind, Receive, Token};
use crate::arena::Key;
use crate::bandwidth::Meter;
use crate::forward::cache::{Cache, Packet};
use crate::forward::keyframes::KeyFrames;
use crate::forward::loss::{Arrived, Loss};
use crate::forward::speakers::Loudness;
use crate::ids::TrackId;
use crate::time::Micros;
use crate::wire::rtcp::Report;

/// A layer of which nothing came for so long is not there.
const SILENT_MS: u64 = 1_500;

/// See the module.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) id: TrackId,
    /// The connection that sends it.
    pub(crate) owner: Key,
    pub(crate) room: Key,
    pub(crate) media: Receive,
    pub(crate) kind: Kind,
    pub(crate) muted: bool,
    /// From the lowest layer to the highest, as many as were announced.
    pub(crate) layers: Vec<Option<Box<Incoming>>>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) loudness: Loudness,
    /// The highest layer that the edge knows to be wanted, and one that was lower since.
    pub(crate) told_wanted: Option<u8>,
    pub(crate) lower_since: Option<Micros>,
}

/// One who gets the track.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// The receiving connection.
    pub(crate) to: Key,
    /// Its place among that connection's sends.
    pub(crate) send: u16,
    /// Layers of which packets are of concern to it, as bits.
    pub(crate) layers: u8,
}

impl Track {
    pub(crate) fn new(owner: Key, room: Key, media: Receive) -> Option<Self> {
        let kind = media.formats.first()?.codec.kind();
        let layers = media.rids.len().max(media.ssrcs.len()).max(1);
        Some(Self {
            id: media.track,
            owner,
            room,
            kind,
            muted: false,
            layers: (0..layers).map(|_| None).collect(),
            outputs: Vec::new(),
            loudness: Loudness::default(),
            told_wanted: None,
            lower_since: None,
            media,
        })
    }

    pub(crate) fn layer(&self, layer: u8) -> Option<&Incoming> {
        self.layers.get(usize::from(layer))?.as_deref()
    }

    pub(crate) fn layer_mut(&mut self, layer: u8) -> Option<&mut Incoming> {
        self.layers.get_mut(usize::from(layer))?.as_deref_mut()
    }

    /// The layer of that name.
    pub(crate) fn layer_of(&self, rid: &Token) -> Option<u8> {
        let at = self.media.rids.iter().position(|known| known == rid)?;
        u8::try_from(at).ok()
    }

    /// The highest layer up to `layer_max` of which packets come; the lowest announced one when
    /// none does.
    pub(crate) fn best_layer(&self, layer_max: u8, now: Micros) -> u8 {
        let alive = self.layers.iter().enumerate().rev().find(|(n, layer)| {
            *n <= usize::from(layer_max) && layer.as_ref().is_some_and(|l| l.is_alive(now))
        });
        alive.and_then(|(n, _)| u8::try_from(n).ok()).unwrap_or(0)
    }
}

/// One stream of a track.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) ssrc: u32,
    pub(crate) repair_ssrc: Option<u32>,
    pub(crate) codec: Codec,
    pub(crate) cache: Cache,
    pub(crate) loss: Loss,
    pub(crate) key_frames: KeyFrames,
    pub(crate) counters: Counters,
    pub(crate) meter: Meter,
    clock: Option<SenderClock>,
    last_at: Micros,
}

/// What came, for reports and statistics.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counters {
    first: Option<u64>,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) repaired: u64,
    reported_packets: u64,
    reported_expected: u64,
    pub(crate) fraction_lost: u8,
    /// In ticks, times 16.
    jitter_16: u64,
    transit: Option<u64>,
}

/// The sender's clocks at its last report.
#[derive(Debug, Clone, Copy)]
struct SenderClock {
    ntp: u64,
    rtp: u32,
    at: Micros,
}

/// How a packet came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Sent,
    Repaired,
}

impl Incoming {
    pub(crate) fn new(ssrc: u32, codec: Codec, asks: bool, now: Micros) -> Self {
        Self {
            ssrc,
            repair_ssrc: None,
            codec,
            cache: Cache::new(codec.kind(), now),
            loss: Loss::new(asks),
            key_frames: KeyFrames::default(),
            counters: Counters::default(),
            meter: Meter::default(),
            clock: None,
            last_at: now,
        }
    }

    pub(crate) fn is_alive(&self, now: Micros) -> bool {
        now.since(self.last_at) < SILENT_MS.saturating_mul(1_000)
    }

    /// Notes a packet that came, new or not.
    pub(crate) fn note(&mut self, packet: &Packet, len: usize, origin: Origin) -> Arrived {
        let arrived = self.loss.note(packet.index, packet.arrived);
        if arrived == Arrived::Again {
            return arrived;
        }
        self.last_at = packet.arrived;
        self.meter.note(len, packet.arrived);
        let counters = &mut self.counters;
        counters.first = Some(counters.first.unwrap_or(packet.index));
        counters.packets = counters.packets.saturating_add(1);
        counters.bytes = counters.bytes.saturating_add(u64::try_from(len).unwrap_or(0));
        match origin {
            Origin::Repaired => counters.repaired = counters.repaired.saturating_add(1),
            Origin::Sent => self.note_jitter(packet),
        }
        if packet.descriptor.key_frame {
            self.key_frames.came();
        }
        arrived
    }

    /// RFC 3550 §A.8.
    fn note_jitter(&mut self, packet: &Packet) {
        let hz = u64::from(packet.codec.clock_hz());
        let ticks = packet.arrived.0.wrapping_mul(hz).checked_div(1_000_000).unwrap_or(0);
        let transit = ticks.wrapping_sub(packet.timestamp.into()) & 0xffff_ffff;
        if let Some(before) = self.counters.transit.replace(transit) {
            let [.., a, b, c, d] = transit.wrapping_sub(before).to_be_bytes();
            let moved = u64::from(i32::from_be_bytes([a, b, c, d]).unsigned_abs());
            let jitter = self.counters.jitter_16;
            // A jump is a new timeline, not jitter.
            if moved < hz {
                let less = jitter.saturating_add(8) / 16;
                self.counters.jitter_16 = jitter.saturating_add(moved).saturating_sub(less);
            }
        }
    }

    /// The sender told its clocks.
    pub(crate) fn note_clock(&mut self, ntp: u64, rtp: u32, at: Micros) {
        self.clock = Some(SenderClock { ntp, rtp, at });
    }

    /// The stream's timestamp at `now`, by the sender's report and the distance `offset` of its
    /// clock from ours (both in microseconds since 1900).
    pub(crate) fn timestamp_at(&self, now_us: u64, offset_us: i64) -> Option<u32> {
        let clock = self.clock?;
        let told_us = ntp_to_us(clock.ntp).wrapping_add_signed(offset_us);
        let elapsed = now_us.wrapping_sub(told_us).cast_signed();
        let hz = i64::from(self.codec.clock_hz());
        let ticks = elapsed.checked_mul(hz)?.checked_div(1_000_000)?;
        let [.., a, b, c, d] = ticks.to_be_bytes();
        Some(clock.rtp.wrapping_add(u32::from_be_bytes([a, b, c, d])))
    }

    /// Microseconds of the sender's clock at this timestamp, when it told its clocks.
    pub(crate) fn sender_us_of(&self, timestamp: u32) -> Option<u64> {
        let clock = self.clock?;
        let ticks = i64::from(timestamp.wrapping_sub(clock.rtp).cast_signed());
        let us = ticks.checked_mul(1_000_000)?.checked_div(self.codec.clock_hz().into())?;
        Some(ntp_to_us(clock.ntp).wrapping_add_signed(us))
    }

    /// What to tell the sender; begins the next interval.
    pub(crate) fn report(&mut self, now: Micros) -> Option<Report> {
        let counters = &mut self.counters;
        let highest = self.loss.highest()?;
        let expected = highest.saturating_sub(counters.first?).saturating_add(1);
        let lost = expected.cast_signed().saturating_sub(counters.packets.cast_signed());
        let interval = expected.saturating_sub(counters.reported_expected);
        let received = counters.packets.saturating_sub(counters.reported_packets);
        let missed = interval.saturating_sub(received);
        counters.reported_expected = expected;
        counters.reported_packets = counters.packets;
        let fraction = missed.saturating_mul(256).checked_div(interval).unwrap_or(0);
        counters.fraction_lost = u8::try_from(fraction).unwrap_or(u8::MAX);
        let (echo, delay) = self.clock.map_or((0, 0), |clock| {
            let [_, _, a, b, c, d, _, _] = clock.ntp.to_be_bytes();
            let delay = now.since(clock.at).saturating_mul(65_536) / 1_000_000;
            (u32::from_be_bytes([a, b, c, d]), u32::try_from(delay).unwrap_or(u32::MAX))
        });
        let [.., a, b, c, d] = highest.to_be_bytes();
        Some(Report {
            ssrc: self.ssrc,
            fraction_lost: counters.fraction_lost,
            lost: i32::try_from(lost).unwrap_or(i32::MAX),
            highest: u32::from_be_bytes([a, b, c, d]),
            jitter: u32::try_from(counters.jitter_16 / 16).unwrap_or(u32::MAX),
            echo,
            delay,
        })
    }

    /// Packets that did not come, repairs counted as come.
    pub(crate) fn lost(&self) -> u64 {
        let expected = self
            .loss
            .highest()
            .zip(self.counters.first)
            .map_or(0, |(highest, first)| highest.saturating_sub(first).saturating_add(1));
        expected.saturating_sub(self.counters.packets)
    }

    pub(crate) fn jitter_us(&self) -> u64 {
        let ticks = self.counters.jitter_16 / 16;
        ticks.saturating_mul(1_000_000).checked_div(self.codec.clock_hz().into()).unwrap_or(0)
    }
}

/// Microseconds since 1900 of an NTP time.
pub(crate) fn ntp_to_us(ntp: u64) -> u64 {
    let seconds = ntp >> 32;
    let fraction = (ntp & 0xffff_ffff).wrapping_mul(1_000_000) >> 32;
    seconds.wrapping_mul(1_000_000).wrapping_add(fraction)
}

/// The NTP time of microseconds since 1900.
pub(crate) fn us_to_ntp(us: u64) -> u64 {
    let seconds = us / 1_000_000;
    // Rounded up, so that the way back gives the same microsecond.
    let fraction = ((us % 1_000_000) << 32).div_ceil(1_000_000);
    seconds << 32 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::vp8::Descriptor;

    fn packet(index: u64, ms: u64) -> Packet {
        Packet {
            index,
            timestamp: u32::try_from(ms.saturating_mul(90)).expect("small"),
            marker: false,
            codec: Codec::Vp8,
            descriptor: Descriptor::default(),
            arrived: Micros::from_millis(ms),
        }
    }

    #[test]
    fn a_report_counts_what_is_missing_until_it_is_repaired() {
        let mut stream = Incoming::new(7, Codec::Vp8, true, Micros(0));
        for index in [100, 101, 103] {
            stream.note(&packet(index, index), 10, Origin::Sent);
        }
        stream.note_clock(5 << 32, 0, Micros::from_millis(100));
        let report = stream.report(Micros::from_millis(600)).expect("something came");
        assert_eq!((report.fraction_lost, report.lost, report.highest), (64, 1, 103));
        assert_eq!((report.echo, report.delay), (5 << 16, 32_768));
        stream.note(&packet(102, 200), 10, Origin::Repaired);
        assert_eq!(stream.note(&packet(102, 201), 10, Origin::Repaired), Arrived::Again);
        let report = stream.report(Micros::from_millis(700)).expect("something came");
        assert_eq!((report.fraction_lost, report.lost, report.jitter), (0, 0, 0));
    }

    #[test]
    fn timestamps_follow_the_senders_clock() {
        let mut stream = Incoming::new(7, Codec::Vp8, true, Micros(0));
        let told = us_to_ntp(1_000_000_000);
        stream.note_clock(told, 5_000, Micros(0));
        assert_eq!(stream.timestamp_at(1_000_500_000, 500_000), Some(5_000));
        assert_eq!(stream.timestamp_at(1_001_500_000, 500_000), Some(95_000));
        assert_eq!(stream.sender_us_of(95_000), Some(1_001_000_000));
        assert_eq!(stream.sender_us_of(5_000 - 90), Some(999_999_000));
    }

    #[test]
    fn ntp_times_turn_back_into_the_same_microsecond() {
        for us in [0, 1, 999_999, 1_000_000, 3_900_000_000_123_457] {
            assert_eq!(ntp_to_us(us_to_ntp(us)), us);
        }
    }
}
