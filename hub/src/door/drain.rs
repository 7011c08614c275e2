//! How a stopping hub lets its sockets go: one after the other, over the time of the drain, since
//! everyone comes back to the other nodes.

use std::sync::atomic::{AtomicU64, Ordering};

use signaling::limits::FAREWELLS_PER_SECOND_MIN;

/// The order in which connections leave.
#[derive(Debug)]
pub struct Drain {
    /// The time over which all leave.
    window_ms: u64,
    connections: AtomicU64,
    turns: AtomicU64,
}

impl Drain {
    /// Of a hub that drains for `drain_s` seconds; the last fifth is left for goodbyes.
    #[must_use]
    pub const fn over(drain_s: u64) -> Self {
        let window_ms = drain_s.saturating_mul(800);
        Self { window_ms, connections: AtomicU64::new(0), turns: AtomicU64::new(0) }
    }

    /// Says how many connections there are, before the first asks for its turn.
    pub fn begin(&self, connections: usize) {
        let connections = u64::try_from(connections).unwrap_or(u64::MAX);
        self.connections.store(connections, Ordering::SeqCst);
    }

    /// How many milliseconds a connection waits before it leaves; each one asks once.
    #[must_use]
    pub fn turn_ms(&self) -> u64 {
        let turn = self.turns.fetch_add(1, Ordering::SeqCst);
        let connections = self.connections.load(Ordering::SeqCst).max(1);
        let even = self.window_ms.saturating_mul(turn) / connections;
        let quick = turn.saturating_mul(1_000) / FAREWELLS_PER_SECOND_MIN;
        even.min(quick).min(self.window_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(drain: &Drain, connections: usize) -> Vec<u64> {
        drain.begin(connections);
        (0..connections).map(|_| drain.turn_ms()).collect()
    }

    #[test]
    fn a_few_connections_leave_at_once() {
        assert_eq!(turns(&Drain::over(20), 3), [0, 2, 4]);
    }

    #[test]
    fn many_connections_leave_evenly_within_the_drain() {
        let turns = turns(&Drain::over(20), 20_000);
        assert_eq!((turns[0], turns[10_000], turns[19_999]), (0, 8_000, 15_999));
        let busiest = turns.chunk_by(|one, other| one / 1_000 == other / 1_000).map(<[_]>::len);
        assert_eq!(busiest.max(), Some(1_250));
    }

    #[test]
    fn connections_that_nobody_counted_leave_in_time_too() {
        let drain = Drain::over(10);
        drain.begin(100);
        assert!((0..50_000).all(|_| drain.turn_ms() <= 8_000));
        assert_eq!(Drain::over(0).turn_ms(), 0);
    }
}
