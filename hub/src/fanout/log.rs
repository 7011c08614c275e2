//! The recent part of one room's log on this node: what was delivered last, what waits for an
//! earlier event, and whether a gap is being filled from the store.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use signaling::chat::session::Millis;
use signaling::limits::{
    FILL_ATTEMPT_MS_MIN, FILL_MS_MAX, REORDER_DELAY_MS_MAX, REORDER_EVENTS_MAX, RING_BYTES_MAX,
    RING_EVENTS_MAX,
};

use super::entry::Entry;
use crate::timeline::{Epoch, Slice, Top};

/// Where the log of a room stands on this node.
#[derive(Debug, Default)]
pub struct RoomLog {
    /// `None` until the first read of the room's top.
    at: Option<At>,
    /// The last delivered events, contiguous up to `next`.
    ring: VecDeque<Arc<Entry>>,
    ring_bytes: usize,
    /// Events ahead of `next`.
    reorder: BTreeMap<i64, Arc<Entry>>,
    gap: Gap,
}

#[derive(Clone, Copy, Debug)]
struct At {
    epoch: Epoch,
    /// The number that is delivered next.
    next: i64,
}

/// What is known of missing events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    /// Something came too early; the missing ones may still come by themselves.
    Waiting { since: Millis },
    /// Should be read from the store from `due` on; the first attempt was due at `since`.
    Due { since: Millis, due: Millis },
    /// Is being read. When the read began, the log stood at `next`, and `beyond` was the highest
    /// event that waited.
    Reading { since: Millis, next: i64, beyond: i64 },
}

/// What the room needs after a fill or a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Nothing,
    /// Read the events above `after` and hand them to [`RoomLog::filled`].
    Fill {
        after: i64,
    },
    /// The store could not be read for too long, or numbers already shown are gone: end the
    /// subscriptions, so that clients ask anew.
    Reset,
}

impl RoomLog {
    /// Whether the top was read.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.at.is_some()
    }

    /// The epoch, once open.
    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        self.at.map(|at| at.epoch)
    }

    /// The number that is delivered next; 0 before the log is open.
    #[must_use]
    pub fn next(&self) -> i64 {
        self.at.map_or(0, |at| at.next)
    }

    /// Begins after `top`; what came before this call and is newer is kept. Returns what can be
    /// delivered at once.
    pub fn open(&mut self, epoch: Epoch, top: i64, now: Millis) -> Vec<Arc<Entry>> {
        if self.at.is_some_and(|at| at.epoch == epoch) {
            return Vec::new();
        }
        self.at = Some(At { epoch, next: top.saturating_add(1) });
        self.ring.clear();
        self.ring_bytes = 0;
        self.gap = Gap::None;
        self.reorder.retain(|seq, entry| *seq > top && entry.event.epoch == epoch);
        let mut ready = Vec::new();
        self.advance(now, &mut ready);
        ready
    }

    /// Takes an event from any source: a local commit, a hint, a fill. What can be delivered now
    /// is added to `ready`, in order and without gaps.
    pub fn offer(&mut self, entry: Arc<Entry>, now: Millis, ready: &mut Vec<Arc<Entry>>) {
        let seq = entry.seq();
        let Some(at) = self.at else {
            self.park(seq, entry);
            return;
        };
        if entry.event.epoch != at.epoch {
            // Whose epoch is the right one only the store can tell.
            self.want_fill(now);
            return;
        }
        if seq < at.next {
            return;
        }
        if seq > at.next {
            if !self.park(seq, entry) {
                self.want_fill(now);
            } else if self.gap == Gap::None {
                self.gap = Gap::Waiting { since: now };
            }
            return;
        }
        self.take(entry, ready);
        self.advance(now, ready);
    }

    /// Takes what a fill read. `None`: the room is gone.
    pub fn filled(
        &mut self,
        slice: Option<Slice>,
        now: Millis,
        ready: &mut Vec<Arc<Entry>>,
    ) -> Need {
        let (Some(at), Gap::Reading { since, next, beyond }) = (self.at, self.gap) else {
            return Need::Nothing;
        };
        let Some(slice) = slice else { return Need::Reset };
        if slice.top.epoch != at.epoch || slice.top.seq < next.saturating_sub(1) {
            return Need::Reset;
        }
        self.gap = Gap::None;
        for event in slice.events {
            self.offer(Arc::new(Entry::new(Arc::new(event))), now, ready);
        }
        if slice.top.seq >= self.next() {
            // More pages; without progress it counts as a failed attempt.
            self.gap = if self.next() > at.next {
                Gap::Due { since: now, due: now }
            } else {
                Gap::Due { since, due: Millis(now.0.saturating_add(FILL_ATTEMPT_MS_MIN)) }
            };
        } else if slice.top.seq < beyond {
            // What waited when the read began and is not in the store was never committed.
            let top = slice.top.seq;
            self.reorder.retain(|seq, _| *seq <= top || *seq > beyond);
            self.settle(now);
        }
        Need::Nothing
    }

    /// The fill could not read; it is tried again, for a while.
    pub fn fill_failed(&mut self, now: Millis) {
        if let Gap::Reading { since, .. } = self.gap {
            let due = Millis(now.0.saturating_add(FILL_ATTEMPT_MS_MIN));
            self.gap = Gap::Due { since, due };
        }
    }

    /// The comparison with the store found `top` where this node had stood at `known`.
    pub fn compared(&mut self, known: i64, top: Top, now: Millis) -> Need {
        let Some(at) = self.at else { return Need::Nothing };
        if top.epoch != at.epoch || top.seq < known {
            return Need::Reset;
        }
        if top.seq >= at.next {
            self.want_fill(now);
        }
        Need::Nothing
    }

    /// Time passed.
    pub fn tick(&mut self, now: Millis) -> Need {
        if let Gap::Waiting { since } = self.gap
            && now.0 >= since.0.saturating_add(REORDER_DELAY_MS_MAX)
        {
            self.want_fill(now);
        }
        match self.gap {
            Gap::Due { since, .. } | Gap::Reading { since, .. }
                if now.0 >= since.0.saturating_add(FILL_MS_MAX) =>
            {
                Need::Reset
            }
            Gap::Due { since, due } if now >= due => {
                let beyond = self.reorder.last_key_value().map_or(0, |(seq, _)| *seq);
                let next = self.next();
                self.gap = Gap::Reading { since, next, beyond };
                Need::Fill { after: next.saturating_sub(1) }
            }
            _ => Need::Nothing,
        }
    }

    /// When [`RoomLog::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        match self.gap {
            Gap::None => None,
            Gap::Waiting { since } => Some(Millis(since.0.saturating_add(REORDER_DELAY_MS_MAX))),
            Gap::Due { due, .. } => Some(due),
            Gap::Reading { since, .. } => Some(Millis(since.0.saturating_add(FILL_MS_MAX))),
        }
    }

    /// The delivered events above `after` that are still here, if all of them are.
    pub fn recent(&self, after: i64) -> Option<impl Iterator<Item = &Arc<Entry>>> {
        let at = self.at?;
        let wanted = usize::try_from(at.next.saturating_sub(1).saturating_sub(after)).unwrap_or(0);
        let skip = self.ring.len().checked_sub(wanted)?;
        Some(self.ring.iter().skip(skip))
    }

    fn want_fill(&mut self, now: Millis) {
        if matches!(self.gap, Gap::None | Gap::Waiting { .. }) {
            self.gap = Gap::Due { since: now, due: now };
        }
    }

    /// Keeps an event that came too early; `false` when there is no room for it.
    fn park(&mut self, seq: i64, entry: Arc<Entry>) -> bool {
        if self.reorder.len() >= REORDER_EVENTS_MAX && !self.reorder.contains_key(&seq) {
            return false;
        }
        self.reorder.insert(seq, entry);
        true
    }

    /// Delivers what waited and is next.
    fn advance(&mut self, now: Millis, ready: &mut Vec<Arc<Entry>>) {
        while let Some(at) = self.at
            && let Some(first) = self.reorder.first_entry()
            && *first.key() <= at.next
        {
            let entry = first.remove();
            if entry.seq() == at.next {
                self.take(entry, ready);
            }
        }
        self.settle(now);
    }

    /// After a change: does something still wait for an earlier event?
    fn settle(&mut self, now: Millis) {
        match (self.reorder.is_empty(), self.gap) {
            (true, Gap::Waiting { .. }) => self.gap = Gap::None,
            (false, Gap::None | Gap::Waiting { .. }) => self.gap = Gap::Waiting { since: now },
            _ => {}
        }
    }

    /// The next event: into the ring, and out.
    fn take(&mut self, entry: Arc<Entry>, ready: &mut Vec<Arc<Entry>>) {
        if let Some(at) = &mut self.at {
            at.next = entry.seq().saturating_add(1);
        }
        if let Some(seq) = entry.erases() {
            self.erase(seq);
        }
        self.ring_bytes = self.ring_bytes.saturating_add(entry.weight());
        self.ring.push_back(Arc::clone(&entry));
        while self.ring.len() > RING_EVENTS_MAX || self.ring_bytes > RING_BYTES_MAX {
            let Some(oldest) = self.ring.pop_front() else { break };
            self.ring_bytes = self.ring_bytes.saturating_sub(oldest.weight());
        }
        ready.push(entry);
    }

    /// Takes the payload of an earlier event out of memory.
    fn erase(&mut self, seq: i64) {
        let Some(first) = self.ring.front().map(|entry| entry.seq()) else { return };
        let Ok(index) = usize::try_from(seq.saturating_sub(first)) else { return };
        if let Some(entry) = self.ring.get_mut(index) {
            let erased = Arc::new(entry.erased());
            self.ring_bytes =
                self.ring_bytes.saturating_sub(entry.weight()).saturating_add(erased.weight());
            *entry = erased;
        }
    }
}
