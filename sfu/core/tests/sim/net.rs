//! A network in virtual time: each direction loses, delays, repeats and reorders by chance.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;

use rand::{Rng, SeedableRng, rngs::StdRng};
use sfu_core::Micros;

/// What happens to datagrams of one direction.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub delay_ms: u64,
    /// Up to so much more, each datagram on its own: more than the spacing reorders.
    pub jitter_ms: u64,
    /// Shares, 0–1.
    pub loss: f64,
    pub repeat: f64,
}

impl Link {
    pub const GOOD: Self = Self { delay_ms: 10, jitter_ms: 0, loss: 0.0, repeat: 0.0 };
}

/// A datagram on its way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Datagram {
    pub at: Micros,
    order: u64,
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
}

/// Which way a datagram goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Up,
    Down,
}

/// A test's hand on the line: what becomes of a datagram, each with what is added to its delay in
/// microseconds; `None` leaves it to chance.
pub type Hand = Box<dyn FnMut(Way, Micros, &[u8]) -> Option<Vec<(u64, Vec<u8>)>>>;

/// See the module.
pub struct Net {
    rng: StdRng,
    under_way: BinaryHeap<Reverse<Datagram>>,
    order: u64,
    /// Towards the SFU, and from it.
    pub up: Link,
    pub down: Link,
    pub lost: u64,
    pub hand: Option<Hand>,
    /// What the way from the SFU bears, bits per second, with a queue of 400 ms before it.
    pub narrow_bps: Option<u64>,
    narrow_free: Micros,
    /// The way from the SFU is uneven: in each 100 ms everything is late by another time up to this,
    /// and nothing overtakes.
    pub sway_ms: u64,
    swayed_until: Micros,
}

impl Net {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            under_way: BinaryHeap::new(),
            order: 0,
            up: Link::GOOD,
            down: Link::GOOD,
            lost: 0,
            hand: None,
            narrow_bps: None,
            narrow_free: Micros(0),
            sway_ms: 0,
            swayed_until: Micros(0),
        }
    }

    pub fn send(&mut self, now: Micros, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        let (way, link) =
            if to == super::world::SFU { (Way::Up, self.up) } else { (Way::Down, self.down) };
        if let Some(pieces) = self.hand.as_mut().and_then(|hand| hand(way, now, bytes)) {
            for (more_us, bytes) in pieces {
                let at = now.plus_millis(link.delay_ms).plus(more_us);
                self.order += 1;
                self.under_way.push(Reverse(Datagram { at, order: self.order, from, to, bytes }));
            }
            return;
        }
        if self.rng.random_bool(link.loss) {
            self.lost += 1;
            return;
        }
        let mut now = now;
        if let Some(bps) = self.narrow_bps.filter(|_| way == Way::Down) {
            let begins = self.narrow_free.max(now);
            if begins.since(now) > 400_000 {
                self.lost += 1;
                return;
            }
            self.narrow_free = begins.plus(bytes.len() as u64 * 8_000_000 / bps);
            now = self.narrow_free;
        }
        if self.sway_ms > 0 && way == Way::Down {
            let late =
                StdRng::seed_from_u64(now.0 / 100_000).random_range(0..=self.sway_ms * 1_000);
            self.swayed_until = self.swayed_until.max(now.plus(late));
            now = self.swayed_until;
        }
        let copies = if self.rng.random_bool(link.repeat) { 2 } else { 1 };
        for _ in 0..copies {
            let jitter = self.rng.random_range(0..=link.jitter_ms * 1_000);
            let at = now.plus_millis(link.delay_ms).plus(jitter);
            self.order += 1;
            let bytes = bytes.to_vec();
            self.under_way.push(Reverse(Datagram { at, order: self.order, from, to, bytes }));
        }
    }

    pub fn next(&self) -> Micros {
        self.under_way.peek().map_or(Micros::NEVER, |Reverse(datagram)| datagram.at)
    }

    /// The next datagram whose time has come.
    pub fn pop(&mut self, now: Micros) -> Option<Datagram> {
        if self.next() > now {
            return None;
        }
        self.under_way.pop().map(|Reverse(datagram)| datagram)
    }
}
