//! Datagrams on their way out.

use signaling::limits::{OUT_DATAGRAM_BYTES_MAX, TRANSMITS_MAX};

use crate::api::transmit::{Slot, Transmits};
use crate::ids::Path;

/// Datagrams waiting to be handed out, one behind the other. When it is full, what comes is
/// dropped: everything in it is repeated by its protocol or out of date soon.
#[derive(Debug)]
pub(crate) struct Queue {
    bytes: Vec<u8>,
    slots: Vec<Slot>,
    slots_max: usize,
    /// Slots that were handed out.
    handed: usize,
}

impl Queue {
    /// Room for `slots_max` datagrams, taken as needed.
    pub(crate) fn new(slots_max: usize) -> Self {
        Self { bytes: Vec::new(), slots: Vec::new(), slots_max, handed: 0 }
    }

    /// Nothing more fits.
    pub(crate) fn is_full(&self) -> bool {
        self.slots.len() >= self.slots_max
    }

    /// Adds what `write` puts into a buffer of `OUT_DATAGRAM_BYTES_MAX`; it returns the number of
    /// bytes, or `None` for nothing.
    pub(crate) fn push_with(
        &mut self,
        path: Path,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<usize> {
        self.forget_handed();
        if self.is_full() {
            return None;
        }
        let start = self.slots.last().map_or(0, |slot| slot.start.saturating_add(slot.len));
        let end = start.checked_add(OUT_DATAGRAM_BYTES_MAX)?;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        let len = write(self.bytes.get_mut(start..end)?).filter(|len| *len > 0)?;
        self.slots.push(Slot { path, start, len });
        Some(len)
    }

    /// Adds a datagram.
    pub(crate) fn push(&mut self, path: Path, datagram: &[u8]) -> Option<usize> {
        self.push_with(path, |room| {
            room.get_mut(..datagram.len())?.copy_from_slice(datagram);
            Some(datagram.len())
        })
    }

    /// Something is waiting.
    pub(crate) fn has_waiting(&self) -> bool {
        self.handed < self.slots.len()
    }

    /// The next datagrams, at most `TRANSMITS_MAX`.
    pub(crate) fn hand_out(&mut self) -> Option<Transmits<'_>> {
        let from = self.handed;
        self.handed = from.saturating_add(TRANSMITS_MAX).min(self.slots.len());
        let slots = self.slots.get(from..self.handed).filter(|slots| !slots.is_empty())?;
        Some(Transmits { slots, bytes: &self.bytes })
    }

    fn forget_handed(&mut self) {
        if self.handed > 0 && self.handed == self.slots.len() {
            self.slots.clear();
            self.handed = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Via;

    #[test]
    fn what_is_pushed_comes_out_in_order_in_batches_and_the_rest_is_dropped() {
        let path = Path { via: Via(1), remote: "192.0.2.1:9".parse().expect("an address") };
        let mut queue = Queue::new(TRANSMITS_MAX + 2);
        for turn in 0_u8..2 {
            let pushed = (0..100_u8).filter(|n| queue.push(path, &[turn, *n]).is_some()).count();
            assert_eq!(pushed, TRANSMITS_MAX + 2);
            let mut seen = Vec::new();
            while let Some(batch) = queue.hand_out() {
                assert!(batch.slots.len() <= TRANSMITS_MAX);
                seen.extend(batch.iter().map(|(_, bytes)| (bytes[0], bytes[1])));
            }
            let expected: Vec<_> = (0..66_u8).map(|n| (turn, n)).collect();
            assert_eq!(seen, expected);
        }
    }
}
