//! Datagrams in and out, in batches: one run of bytes and a list of where each datagram lies in it.

use crate::ids::Path;

/// One datagram of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Where it came from, or goes to.
    pub path: Path,
    /// Its first byte in the bytes of its batch.
    pub start: usize,
    /// The number of its bytes.
    pub len: usize,
}

/// Datagrams that came in, the first first. They are decrypted in place.
#[derive(Debug)]
pub struct Received<'a> {
    /// The datagrams, at most `DATAGRAMS_MAX`; they do not overlap.
    pub slots: &'a [Slot],
    /// What they lie in.
    pub bytes: &'a mut [u8],
}

/// At most `TRANSMITS_MAX` datagrams that are to be sent now, in this order. Neighbours to one path
/// lie one behind the other without gaps, so that those of equal size may leave as segments of one.
#[derive(Debug, Clone, Copy)]
pub struct Transmits<'a> {
    /// The datagrams.
    pub slots: &'a [Slot],
    /// What they lie in.
    pub bytes: &'a [u8],
}

impl<'a> Transmits<'a> {
    /// Each datagram's way and bytes.
    pub fn iter(&self) -> impl Iterator<Item = (Path, &'a [u8])> + use<'a> {
        let bytes = self.bytes;
        self.slots.iter().map(move |slot| {
            let end = slot.start.saturating_add(slot.len);
            (slot.path, bytes.get(slot.start..end).unwrap_or_default())
        })
    }
}
