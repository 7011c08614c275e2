//! The numbers that one receiver sees of one track: without gaps where packets were left out on
//! purpose, and going on where another stream takes over.
//!
//! The way of an incoming index to an outgoing one is a list of pieces. Within a piece the distance
//! is fixed, so that a packet that comes late, or is sent again, gets the number that was kept free
//! for it. No two incoming packets get the same number: a piece ends where the next begins.

use std::collections::VecDeque;

use crate::forward::cache::Packet;
use crate::time::Micros;

/// Pieces that are remembered: a second and more of a picture whose every other frame is left out.
const PIECES_MAX: usize = 48;

/// What is added to or taken from the numbers of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mapped {
    /// Outgoing sequence number, with its turns.
    pub(crate) out: u64,
    /// Added to the timestamp.
    pub(crate) timestamp_more: u32,
    /// Taken from a VP8 picture's number,
    pub(crate) picture_less: u16,
    /// and from its base layer's.
    pub(crate) base_less: u8,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    /// SSRC of the incoming stream.
    stream: u32,
    first: u64,
    /// Behind the last; `u64::MAX` while it goes on.
    end: u64,
    /// What `first` becomes.
    out: u64,
    timestamp_more: u32,
    picture_less: u16,
    base_less: u8,
    /// The highest temporal layer that was sent here.
    temporal: u8,
}

impl Piece {
    fn map(&self, index: u64) -> Option<Mapped> {
        Some(Mapped {
            out: self.out.checked_add(index.checked_sub(self.first)?)?,
            timestamp_more: self.timestamp_more,
            picture_less: self.picture_less,
            base_less: self.base_less,
        })
    }
}

/// Where the receiver stands: what comes next goes on from here, even when the SSRC is used again
/// after a while.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tail {
    /// The newest frame that was sent: its timestamp and arrival,
    newest: Option<(u32, Micros)>,
    /// the sender's time of it where known,
    newest_sender_us: Option<u64>,
    /// its picture and base numbers.
    picture: u16,
    base: u8,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Rewriter {
    /// The oldest first; the last is the current one.
    pieces: VecDeque<Piece>,
    /// The number that follows the highest given out.
    next: u64,
    /// The highest incoming index of the current stream.
    highest: u64,
    tail: Tail,
    /// The timestamp of the frame that was left out last.
    left_out: Option<u32>,
}

impl Rewriter {
    /// Begins with the number `first`, behind `tail`.
    pub(crate) fn new(first: u64, tail: Tail) -> Self {
        Self { pieces: VecDeque::new(), next: first, highest: 0, tail, left_out: None }
    }

    /// Where the receiver stands.
    pub(crate) fn tail(&self) -> Tail {
        Tail { newest_sender_us: None, ..self.tail }
    }

    /// The number that follows the highest given out.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// The sender's time of the newest frame that was sent, in microseconds, as it was noted.
    pub(crate) fn newest_sender_us(&self) -> Option<u64> {
        self.tail.newest_sender_us
    }

    /// Notes the sender's time of the newest frame.
    pub(crate) fn note_sender_us(&mut self, us: Option<u64>) {
        self.tail.newest_sender_us = us;
    }

    /// What is added to timestamps of the current stream.
    pub(crate) fn timestamp_more(&self) -> Option<u32> {
        self.pieces.back().map(|piece| piece.timestamp_more)
    }

    /// A packet of our own behind the newest one, so many ticks later: its number and timestamp.
    pub(crate) fn fill(&mut self, ticks: u32, now: Micros) -> (u64, u32) {
        let timestamp = self.tail.newest.map_or(0, |(newest, _)| newest.wrapping_add(ticks));
        self.tail.newest = Some((timestamp, now));
        self.tail.newest_sender_us = None;
        (self.insert(1), timestamp)
    }

    /// Adds `added` numbers of our own behind the highest (padding); the first of them.
    fn insert(&mut self, added: u64) -> u64 {
        let first = self.next;
        self.next = first.saturating_add(added);
        if let Some(current) = self.pieces.back_mut() {
            let follows = self.highest.saturating_add(1);
            let rest = Piece { first: follows, out: self.next, ..*current };
            current.end = follows;
            self.push(rest);
        }
        first
    }

    /// Another stream takes over with this packet, or the first one begins. `elapsed` is the time
    /// between the newest frame sent and this one in the sender's clock, in ticks, when known.
    pub(crate) fn switch(&mut self, stream: u32, packet: &Packet, elapsed: Option<u32>) {
        if let Some(current) = self.pieces.back_mut() {
            current.end = current.end.min(self.highest.saturating_add(1)).max(current.first);
        }
        let timestamp_more = match self.tail.newest {
            None => 0,
            Some((timestamp, at)) => {
                let ticks = elapsed.unwrap_or_else(|| ticks_of(packet, at)).max(1);
                timestamp.wrapping_add(ticks).wrapping_sub(packet.timestamp)
            }
        };
        let begins = self.tail.newest.is_none();
        let picture = packet.descriptor.picture.map_or(0, |picture| picture.number);
        let base = packet.descriptor.base.map_or(0, |(base, _)| base);
        self.push(Piece {
            stream,
            first: packet.index,
            end: u64::MAX,
            out: self.next,
            timestamp_more,
            picture_less: if begins {
                0
            } else {
                picture.wrapping_sub(self.tail.picture.wrapping_add(1))
            },
            base_less: if begins { 0 } else { base.wrapping_sub(self.tail.base.wrapping_add(1)) },
            temporal: u8::MAX,
        });
        self.highest = packet.index.saturating_sub(1);
        self.left_out = None;
    }

    /// From this packet on temporal layers up to this one are sent.
    pub(crate) fn limit(&mut self, index: u64, temporal: u8) {
        let Some(current) = self.pieces.back_mut().filter(|piece| index >= piece.first) else {
            return;
        };
        let out = current.out.saturating_add(index.saturating_sub(current.first));
        let rest = Piece { first: index, out, temporal, ..*current };
        if current.first == index {
            *current = rest;
        } else {
            current.end = index;
            self.push(rest);
        }
    }

    /// For a packet that came late: whether its temporal layer was sent at its place.
    pub(crate) fn was_sent(&self, stream: u32, packet: &Packet) -> Option<bool> {
        if packet.index > self.highest {
            return None;
        }
        let piece = self.find(stream, packet.index)?;
        Some(packet.descriptor.temporal <= piece.temporal)
    }

    /// A packet of the current stream goes to the receiver: its numbers. `None` for one that came
    /// so late that its place is forgotten.
    pub(crate) fn forward(&mut self, stream: u32, packet: &Packet) -> Option<Mapped> {
        let mapped = self.find(stream, packet.index)?.map(packet.index)?;
        if packet.index > self.highest || mapped.out >= self.next {
            self.highest = self.highest.max(packet.index);
            self.next = self.next.max(mapped.out.saturating_add(1));
            self.tail.newest =
                Some((packet.timestamp.wrapping_add(mapped.timestamp_more), packet.arrived));
            if let Some(picture) = packet.descriptor.picture {
                self.tail.picture = picture.number.wrapping_sub(mapped.picture_less);
            }
            if let Some((base, _)) = packet.descriptor.base {
                self.tail.base = base.wrapping_sub(mapped.base_less);
            }
        }
        Some(mapped)
    }

    /// A packet of the current stream is left out. The numbers close up behind it, unless it came
    /// late: its number stays unused then.
    pub(crate) fn leave_out(&mut self, stream: u32, packet: &Packet) {
        let index = packet.index;
        let Some(current) = self.pieces.back_mut() else { return };
        if current.stream != stream || index <= self.highest || index < current.first {
            return;
        }
        let sent = self.tail.newest.map(|(sent, _)| sent.wrapping_sub(current.timestamp_more));
        // A picture of which something was sent keeps its number.
        let new_frame = self.left_out != Some(packet.timestamp) && sent != Some(packet.timestamp);
        self.left_out = Some(packet.timestamp);
        self.highest = index;
        let whole_frame = new_frame && packet.descriptor.picture.is_some();
        let mut rest = *current;
        rest.out = rest.out.saturating_add(index.saturating_sub(rest.first));
        rest.first = index.saturating_add(1);
        rest.picture_less = rest.picture_less.wrapping_add(u16::from(whole_frame));
        if current.first == index {
            *current = rest;
        } else {
            current.end = index;
            self.push(rest);
        }
    }

    #[expect(dead_code, reason = "for probes")]
    /// The numbers that a packet has or would have, when its place is remembered.
    pub(crate) fn peek(&self, stream: u32, index: u64) -> Option<Mapped> {
        self.find(stream, index)?.map(index)
    }

    fn find(&self, stream: u32, index: u64) -> Option<&Piece> {
        self.pieces
            .iter()
            .rev()
            .find(|piece| piece.stream == stream && (piece.first..piece.end).contains(&index))
    }

    fn push(&mut self, piece: Piece) {
        if self.pieces.len() >= PIECES_MAX {
            self.pieces.pop_front();
        }
        self.pieces.push_back(piece);
    }
}

/// Ticks from the arrival of the newest frame to this packet's.
fn ticks_of(packet: &Packet, newest: Micros) -> u32 {
    let ticks = packet
        .arrived
        .since(newest)
        .saturating_mul(packet.codec.clock_hz().into())
        .checked_div(1_000_000);
    ticks.and_then(|ticks| u32::try_from(ticks).ok()).unwrap_or(u32::MAX / 4)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};

    use super::*;
    use crate::api::media::Codec;
    use crate::wire::vp8::{Descriptor, PictureId};

    fn packet(index: u64, timestamp: u32, picture: u16) -> Packet {
        let picture = PictureId { number: picture & 0x7fff, long: true, at: 2 };
        Packet {
            index,
            timestamp,
            marker: false,
            codec: Codec::Vp8,
            descriptor: Descriptor { picture: Some(picture), ..Descriptor::default() },
            arrived: Micros(u64::from(timestamp) * 1_000_000 / 90_000),
        }
    }

    #[test]
    fn what_is_left_out_leaves_no_gap_and_late_packets_find_their_places() {
        let mut out = Rewriter::new(1_000, Tail::default());
        out.switch(1, &packet(10, 0, 5), None);
        let send = |out: &mut Rewriter, index| {
            let p = packet(
                index,
                u32::try_from(index).expect("small") * 100,
                u16::try_from(index).expect("small"),
            );
            out.forward(1, &p).map(|mapped| mapped.out)
        };
        assert_eq!(send(&mut out, 10), Some(1_000));
        out.leave_out(1, &packet(11, 1_100, 11));
        out.leave_out(1, &packet(12, 1_200, 12));
        assert_eq!(send(&mut out, 15), Some(1_003), "13 and 14 may still come");
        out.leave_out(1, &packet(16, 1_600, 16));
        assert_eq!(send(&mut out, 17), Some(1_004));
        assert_eq!(send(&mut out, 14), Some(1_002));
        assert_eq!(send(&mut out, 13), Some(1_001));
        assert_eq!(send(&mut out, 9), None, "before the beginning");
    }

    #[test]
    fn another_stream_goes_on_where_the_last_stopped() {
        let mut out = Rewriter::new(7, Tail::default());
        out.switch(1, &packet(100, 9_000, 50), None);
        let first = out.forward(1, &packet(100, 9_000, 50)).expect("current");
        assert_eq!((first.out, first.timestamp_more, first.picture_less), (7, 0, 0));
        let mut key = packet(4_000, 777_000, 900);
        key.arrived = Micros(200_000);
        out.switch(2, &key, Some(9_000));
        let second = out.forward(2, &key).expect("current");
        assert_eq!(second.out, 8);
        assert_eq!(777_000_u32.wrapping_add(second.timestamp_more), 18_000);
        assert_eq!(900 - second.picture_less, 51);
        assert_eq!(out.forward(1, &packet(101, 9_000, 50)), None, "the old stream is over");
    }

    /// Random streams with loss, reordering, frames left out and switches: every number is given
    /// out once, in sending order of each stream, and without gaps but for what is missing.
    #[test]
    fn no_two_packets_get_one_number_and_only_missing_ones_leave_gaps() {
        for seed in 0..300 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut out = Rewriter::new(rng.random_range(0..0x7fff), Tail::default());
            let mut given: BTreeMap<u64, (u32, u64)> = BTreeMap::new();
            let mut missing = BTreeSet::new();
            for stream in 1..4 {
                let start = rng.random_range(0..100_000_u64);
                let mut frames: Vec<u64> = (start..start + 60).collect();
                let left = rng.random_range(1..5);
                // Packets swap places within a few, as they do on the way.
                for window in frames.chunks_mut(4) {
                    window.shuffle(&mut rng);
                }
                let mut begun = false;
                let mut top = 0;
                for index in frames {
                    let p = packet(index, u32::try_from(index).expect("small") * 3_000, 0);
                    if !begun {
                        out.switch(stream, &p, None);
                        begun = true;
                        top = index;
                    }
                    if rng.random_bool(0.1) {
                        missing.insert((stream, index));
                        continue;
                    }
                    if index % left == 1 {
                        if index < top {
                            missing.insert((stream, index));
                        }
                        out.leave_out(stream, &p);
                        top = top.max(index);
                        continue;
                    }
                    top = top.max(index);
                    if let Some(mapped) = out.forward(stream, &p) {
                        let before = given.insert(mapped.out, (stream, index));
                        assert_eq!(before, None, "seed {seed}");
                    }
                }
            }
            let order: Vec<_> = given.values().copied().collect();
            assert!(order.is_sorted(), "seed {seed}: {order:?}");
            let (first, last) = (given.keys().next(), given.keys().last());
            let span = last.expect("some") - first.expect("some") + 1;
            let gaps = usize::try_from(span).expect("small") - given.len();
            assert!(gaps <= missing.len(), "seed {seed}: {gaps} of {}", missing.len());
        }
    }
}
