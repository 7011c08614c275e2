//! Who wants to be called when. An entry may be out of date: whoever is called looks for itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::arena::Key;
use crate::time::Micros;

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Connection(Key),
    Room(Key),
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Micros, Timer)>>,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Micros, timer: Timer) {
        self.heap.push(Reverse((at, timer)));
    }

    /// The earliest time.
    pub(crate) fn next(&self) -> Micros {
        self.heap.peek().map_or(Micros::NEVER, |Reverse((at, _))| *at)
    }

    /// The next one whose time has come.
    pub(crate) fn pop(&mut self, now: Micros) -> Option<Timer> {
        if self.next() > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, timer))| timer)
    }
}
