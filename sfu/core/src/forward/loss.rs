//! What is missing of one incoming stream, which tells apart late packets and repeats too, and when
//! to ask for it again.

use signaling::limits::MISSING_PACKETS_MAX;

use crate::time::Micros;

/// A packet that overtook another by less than this is no loss.
const REORDER_MS: u64 = 5;
/// A packet is asked for at most so often,
const ASKED_MAX: u8 = 10;
/// and for so long. A packet that comes later is dropped.
const GIVEN_UP_MS: u64 = 1_500;
/// Before anything is known of the way.
const ROUND_TRIP_US: u64 = 80_000;
const ROUND_TRIP_US_MIN: u64 = 15_000;
const ROUND_TRIP_US_MAX: u64 = 400_000;

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrived {
    /// It follows the highest; so many before it are missing now.
    Next { skipped: u64 },
    /// It was missing.
    Late,
    /// It was here already, or is too late.
    Again,
    /// So many are missing that the stream starts afresh with it.
    Afresh,
}

#[derive(Debug, Clone, Copy)]
struct Missing {
    index: u64,
    due: Micros,
    since: Micros,
    asked_at: Micros,
    asked: u8,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Loss {
    highest: Option<u64>,
    missing: Vec<Missing>,
    /// It is of use to ask.
    asks: bool,
    round_trip_us: u64,
    /// Packets that were asked for, each time counted.
    pub(crate) asked: u64,
}

impl Loss {
    pub(crate) fn new(asks: bool) -> Self {
        Self { highest: None, missing: Vec::new(), asks, round_trip_us: ROUND_TRIP_US, asked: 0 }
    }

    /// The highest index that came.
    pub(crate) fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// Notes a packet.
    pub(crate) fn note(&mut self, index: u64, now: Micros) -> Arrived {
        let Some(highest) = self.highest else {
            self.highest = Some(index);
            return Arrived::Next { skipped: 0 };
        };
        if index <= highest {
            let Ok(at) = self.missing.binary_search_by_key(&index, |missing| missing.index) else {
                return Arrived::Again;
            };
            let found = self.missing.remove(at);
            if found.asked == 1 {
                self.learn_round_trip(now.since(found.asked_at));
            }
            return Arrived::Late;
        }
        self.highest = Some(index);
        let skipped = index.saturating_sub(highest).saturating_sub(1);
        let room = MISSING_PACKETS_MAX.saturating_sub(self.missing.len());
        if usize::try_from(skipped).unwrap_or(usize::MAX) > room {
            self.missing.clear();
            return Arrived::Afresh;
        }
        let due = now.plus_millis(REORDER_MS);
        let first = highest.saturating_add(1);
        self.missing.extend((first..index).map(|index| Missing {
            index,
            due,
            since: now,
            asked_at: now,
            asked: 0,
        }));
        Arrived::Next { skipped }
    }

    /// When something is to be asked for or given up.
    pub(crate) fn due(&self) -> Micros {
        self.missing.iter().map(|missing| missing.due).min().unwrap_or(Micros::NEVER)
    }

    /// Fills in the sequence numbers to ask for now, ascending; how many. Gives up what is too old;
    /// whether something was.
    pub(crate) fn ask(&mut self, now: Micros, into: &mut [u16]) -> (usize, bool) {
        let before = self.missing.len();
        let old = GIVEN_UP_MS.saturating_mul(1_000);
        self.missing.retain(|missing| now.since(missing.since) < old);
        let gave_up = self.asks && self.missing.len() < before;
        let mut count = 0;
        let again = self.round_trip_us.saturating_mul(5) / 4;
        for missing in self.missing.iter_mut().filter(|missing| missing.due <= now) {
            if !self.asks || missing.asked >= ASKED_MAX {
                missing.due = missing.since.plus(old);
                continue;
            }
            let Some(place) = into.get_mut(count) else { break };
            let [.., a, b] = missing.index.to_be_bytes();
            *place = u16::from_be_bytes([a, b]);
            count = count.saturating_add(1);
            missing.asked = missing.asked.saturating_add(1);
            missing.asked_at = now;
            // The wait grows: what did not come may be stuck in a queue.
            missing.due = now.plus(again.saturating_mul(u64::from(missing.asked).min(4)));
        }
        self.asked = self.asked.saturating_add(u64::try_from(count).unwrap_or(0));
        (count, gave_up)
    }

    fn learn_round_trip(&mut self, sample_us: u64) {
        let kept = self.round_trip_us.saturating_mul(7).saturating_add(sample_us) / 8;
        self.round_trip_us = kept.clamp(ROUND_TRIP_US_MIN, ROUND_TRIP_US_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Micros {
        Micros::from_millis(millis)
    }

    #[test]
    fn a_gap_is_asked_for_after_the_reorder_time_and_filled_once() {
        let mut loss = Loss::new(true);
        assert_eq!(loss.note(10, ms(0)), Arrived::Next { skipped: 0 });
        assert_eq!(loss.note(13, ms(1)), Arrived::Next { skipped: 2 });
        let mut asked = [0; 8];
        assert_eq!(loss.ask(ms(2), &mut asked).0, 0);
        assert_eq!(loss.due(), ms(6));
        assert_eq!((loss.ask(ms(6), &mut asked).0, asked[0], asked[1]), (2, 11, 12));
        assert_eq!(loss.note(11, ms(30)), Arrived::Late);
        assert_eq!(loss.note(11, ms(31)), Arrived::Again);
        assert_eq!(loss.note(13, ms(31)), Arrived::Again);
        assert_eq!(loss.note(9, ms(31)), Arrived::Again);
        let (count, gave_up) = loss.ask(ms(2_000), &mut asked);
        assert_eq!((count, gave_up, loss.due()), (0, true, Micros::NEVER));
        assert_eq!(loss.note(12, ms(2_001)), Arrived::Again, "too late");
    }

    #[test]
    fn an_unanswered_question_is_repeated_a_limited_number_of_times() {
        let mut loss = Loss::new(true);
        loss.note(1, ms(0));
        loss.note(3, ms(0));
        let mut asked = [0; 8];
        let times = (0..1_500).filter(|now| loss.ask(ms(*now), &mut asked).0 > 0).count();
        assert!((3..=usize::from(ASKED_MAX)).contains(&times), "{times}");
    }

    #[test]
    fn a_huge_gap_starts_afresh() {
        let mut loss = Loss::new(true);
        loss.note(1, ms(0));
        assert_eq!(loss.note(3_000, ms(1)), Arrived::Afresh);
        assert_eq!((loss.highest(), loss.due()), (Some(3_000), Micros::NEVER));
    }

    #[test]
    fn sound_is_not_asked_for_but_told_apart_from_repeats() {
        let mut loss = Loss::new(false);
        loss.note(1, ms(0));
        loss.note(3, ms(0));
        let mut asked = [0; 8];
        assert_eq!(loss.ask(ms(100), &mut asked), (0, false));
        assert_eq!(loss.note(2, ms(120)), Arrived::Late);
        assert_eq!(loss.note(2, ms(121)), Arrived::Again);
    }
}
