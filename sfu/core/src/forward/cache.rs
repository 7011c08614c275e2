//! The last packets of one stream in clear: what is forwarded is read from here, and so is what is
//! sent again.

use crate::api::media::{Codec, Kind};
use crate::time::Micros;
use crate::wire::vp8::Descriptor;

/// Packets younger than this are worth keeping: a cache that loses such ones grows.
const KEEP_MS: u64 = 1_000;
const VIDEO_BYTES_MIN: usize = 128 * 1024;
const VIDEO_BYTES_MAX: usize = 1024 * 1024;
const VIDEO_ENTRIES_MIN: usize = 256;
const VIDEO_ENTRIES_MAX: usize = 2_048;
/// Sound is not sent again: it stays as long as a batch is under way.
const AUDIO_BYTES: usize = 16 * 1024;
const AUDIO_ENTRIES: usize = 64;

/// What a packet says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet {
    /// Its sequence number, with its turns.
    pub(crate) index: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) codec: Codec,
    /// Of VP8; elsewhere only `key_frame` and `frame_start` count.
    pub(crate) descriptor: Descriptor,
    pub(crate) arrived: Micros,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    packet: Packet,
    /// Where it begins in all that was ever written.
    start: u64,
    payload_len: u16,
    kept_len: u16,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Cache {
    bytes: Box<[u8]>,
    entries: Box<[Option<Entry>]>,
    /// Bytes ever written, with those passed over at the ends of the ring.
    written: u64,
    /// When the ring was last begun from the front.
    turned: Micros,
    bytes_max: usize,
    entries_max: usize,
}

/// A packet in the cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cached<'a> {
    pub(crate) packet: &'a Packet,
    pub(crate) payload: &'a [u8],
    /// Header extensions that are passed on, as in `wire::rtp::Kept`.
    pub(crate) kept: &'a [u8],
}

impl Cache {
    pub(crate) fn new(kind: Kind, now: Micros) -> Self {
        let (bytes, entries, bytes_max, entries_max) = match kind {
            Kind::Audio => (AUDIO_BYTES, AUDIO_ENTRIES, AUDIO_BYTES, AUDIO_ENTRIES),
            Kind::Video => (VIDEO_BYTES_MIN, VIDEO_ENTRIES_MIN, VIDEO_BYTES_MAX, VIDEO_ENTRIES_MAX),
        };
        Self {
            bytes: vec![0; bytes].into_boxed_slice(),
            entries: vec![None; entries].into_boxed_slice(),
            written: 0,
            turned: now,
            bytes_max,
            entries_max,
        }
    }

    /// Keeps a packet; `None` when it is larger than the ring.
    pub(crate) fn put(&mut self, packet: Packet, payload: &[u8], kept: &[u8]) -> Option<()> {
        let len = payload.len().checked_add(kept.len())?;
        if len > self.bytes.len() {
            return None;
        }
        self.make_room(&packet, len);
        let (start, at) = self.reserve(len, packet.arrived);
        let middle = at.checked_add(payload.len())?;
        self.bytes.get_mut(at..middle)?.copy_from_slice(payload);
        self.bytes.get_mut(middle..at.checked_add(len)?)?.copy_from_slice(kept);
        let entry = Entry {
            packet,
            start,
            payload_len: u16::try_from(payload.len()).ok()?,
            kept_len: u16::try_from(kept.len()).ok()?,
        };
        let place = self.place(packet.index);
        *self.entries.get_mut(place)? = Some(entry);
        Some(())
    }

    /// The packet of that index, while it is here.
    pub(crate) fn get(&self, index: u64) -> Option<Cached<'_>> {
        let entry = self.entries.get(self.place(index))?.as_ref()?;
        if entry.packet.index != index || !self.is_whole(entry) {
            return None;
        }
        let (payload, kept) = self.bytes_of(entry)?;
        Some(Cached { packet: &entry.packet, payload, kept })
    }

    fn bytes_of(&self, entry: &Entry) -> Option<(&[u8], &[u8])> {
        let at = self.offset(entry.start);
        let middle = at.checked_add(entry.payload_len.into())?;
        let end = middle.checked_add(entry.kept_len.into())?;
        Some((self.bytes.get(at..middle)?, self.bytes.get(middle..end)?))
    }

    /// Not yet written over.
    fn is_whole(&self, entry: &Entry) -> bool {
        self.written.wrapping_sub(entry.start) <= self.len_u64()
    }

    /// Where to write: in all that was ever written, and in the ring, in one piece.
    fn reserve(&mut self, len: usize, now: Micros) -> (u64, usize) {
        let at = self.offset(self.written);
        let to_end = self.bytes.len().saturating_sub(at);
        let len = u64::try_from(len).unwrap_or(u64::MAX);
        let mut start = self.written;
        if u64::try_from(to_end).unwrap_or(0) < len {
            start = start.wrapping_add(u64::try_from(to_end).unwrap_or(0));
            self.turned = now;
        }
        self.written = start.wrapping_add(len);
        (start, self.offset(start))
    }

    /// Grows when the next packet would write over young ones.
    fn make_room(&mut self, packet: &Packet, len: usize) {
        let place = self.place(packet.index);
        let young = |at: Micros| packet.arrived.since(at) < KEEP_MS.saturating_mul(1_000);
        let crowded = self
            .entries
            .get(place)
            .and_then(Option::as_ref)
            .is_some_and(|old| old.packet.index != packet.index && young(old.packet.arrived));
        let wraps = self.bytes.len().saturating_sub(self.offset(self.written)) < len;
        let bytes = self.bytes.len().saturating_mul(2).min(self.bytes_max);
        let entries = self.entries.len().saturating_mul(2).min(self.entries_max);
        let more_bytes = wraps && young(self.turned) && bytes > self.bytes.len();
        let more_entries = crowded && entries > self.entries.len();
        if more_bytes || more_entries {
            self.grow(
                if more_bytes { bytes } else { self.bytes.len() },
                if more_entries { entries } else { self.entries.len() },
                packet.arrived,
            );
        }
    }

    fn grow(&mut self, bytes: usize, entries: usize, now: Micros) {
        let larger = Self {
            bytes: vec![0; bytes].into_boxed_slice(),
            entries: vec![None; entries].into_boxed_slice(),
            written: 0,
            turned: now,
            bytes_max: self.bytes_max,
            entries_max: self.entries_max,
        };
        let old = std::mem::replace(self, larger);
        let mut left: Vec<&Entry> =
            old.entries.iter().flatten().filter(|entry| old.is_whole(entry)).collect();
        left.sort_unstable_by_key(|entry| entry.start);
        for entry in left {
            if let Some((payload, kept)) = old.bytes_of(entry) {
                let (start, at) = self.reserve(payload.len().saturating_add(kept.len()), now);
                let middle = at.saturating_add(payload.len());
                let end = middle.saturating_add(kept.len());
                if let Some(room) = self.bytes.get_mut(at..middle) {
                    room.copy_from_slice(payload);
                }
                if let Some(room) = self.bytes.get_mut(middle..end) {
                    room.copy_from_slice(kept);
                }
                let place = self.place(entry.packet.index);
                if let Some(free) = self.entries.get_mut(place) {
                    *free = Some(Entry { start, ..*entry });
                }
            }
        }
    }

    fn place(&self, index: u64) -> usize {
        usize::try_from(index).unwrap_or(0) & self.entries.len().wrapping_sub(1)
    }

    fn offset(&self, start: u64) -> usize {
        usize::try_from(start).unwrap_or(0) & self.bytes.len().wrapping_sub(1)
    }

    fn len_u64(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;

    fn packet(index: u64, ms: u64) -> Packet {
        Packet {
            index,
            timestamp: 0,
            marker: false,
            codec: Codec::Vp8,
            descriptor: Descriptor::default(),
            arrived: Micros::from_millis(ms),
        }
    }

    fn payload(index: u64, len: usize) -> Vec<u8> {
        (0..len).map(|n| u8::try_from(index.wrapping_add(n as u64) % 251).expect("small")).collect()
    }

    #[test]
    fn a_packet_is_either_here_unchanged_or_gone_and_the_last_second_is_here() {
        for seed in 0..20 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut cache = Cache::new(Kind::Video, Micros(0));
            let per_second = rng.random_range(20..700);
            let len_max = rng.random_range(200..1_200);
            let mut lens = Vec::new();
            for index in 0..3_000_u64 {
                let ms = index * 1_000 / per_second;
                let len = rng.random_range(1..len_max);
                let kept = payload(index + 1, rng.random_range(0..20));
                cache.put(packet(index, ms), &payload(index, len), &kept).expect("room");
                lens.push((ms, len, kept));
                if index % 97 != 0 {
                    continue;
                }
                for (old, (at, len, kept)) in lens.iter().enumerate() {
                    let old = old as u64;
                    match cache.get(old) {
                        Some(found) => {
                            assert_eq!(found.payload, payload(old, *len), "seed {seed}");
                            assert_eq!(found.kept, kept, "seed {seed}");
                        }
                        None => assert!(ms - at > 900, "seed {seed}: {old} gone at {index}"),
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_larger_than_the_ring_is_not_kept() {
        let mut cache = Cache::new(Kind::Audio, Micros(0));
        assert_eq!(cache.put(packet(1, 0), &vec![0; AUDIO_BYTES + 1], &[]), None);
        assert!(cache.get(1).is_none());
    }
}
