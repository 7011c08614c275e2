//! What arrived of a transport when, for the sender's estimate of the way (transport-wide
//! feedback). Every packet that carries a number counts: media, repairs, probes.

use crate::peer::srtp::index_of;
use crate::time::Micros;
use crate::wire::Writer;
use crate::wire::transport_cc::{Arrival, FEEDBACK_PACKETS_MAX, write_feedback};

/// Time between two feedbacks: with many packets one comes sooner.
const INTERVAL_MS: u64 = 50;
/// Packets that make a feedback come at once.
const PACKETS_EARLY: usize = 100;
/// Packets remembered; older ones count as lost.
const ARRIVALS_MAX: usize = 2 * FEEDBACK_PACKETS_MAX;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Ascending by number.
    waiting: Vec<Arrival>,
    highest: Option<u64>,
    /// The first number that the next feedback speaks of.
    next: Option<u64>,
    count: u8,
    media: u32,
}

impl Arrivals {
    /// Notes a packet; when the next feedback is due.
    pub(crate) fn note(&mut self, number: u16, media: u32, now: Micros) -> Micros {
        // A first number early in a turn leaves room for those that it overtook.
        let highest = self.highest.or(Some(u64::from(number) | 1 << 32));
        let Some(number) = index_of(highest, number) else { return Micros::NEVER };
        self.highest = highest.max(Some(number));
        self.media = media;
        let next = *self.next.get_or_insert(number);
        if number < next {
            // An earlier feedback called it lost; this one sets it right.
            self.next = Some(number);
        }
        let at = self.waiting.partition_point(|arrival| arrival.number < number);
        if self.waiting.get(at).is_some_and(|arrival| arrival.number == number) {
            return Micros::NEVER;
        }
        if self.waiting.len() >= ARRIVALS_MAX {
            return now;
        }
        self.waiting.insert(at, Arrival { number, at_us: now.0 });
        if self.waiting.len() >= PACKETS_EARLY { now } else { now.plus_millis(INTERVAL_MS) }
    }

    /// Writes the next feedback; whether more is waiting. `None`: nothing to tell.
    pub(crate) fn write(&mut self, writer: &mut Writer<'_>, reporter: u32) -> Option<bool> {
        let first = self.waiting.first()?;
        // A pause of more than one feedback's span: what lies before is lost, as far as can be said.
        let span = u64::try_from(FEEDBACK_PACKETS_MAX).unwrap_or(0);
        let base = self.next?.max(first.number.saturating_sub(span / 2));
        let ssrcs = (reporter, self.media);
        let covered = write_feedback(writer, ssrcs, self.count, base, &self.waiting)?;
        self.count = self.count.wrapping_add(1);
        self.next = Some(covered.next);
        let done = self.waiting.partition_point(|arrival| arrival.number < covered.next);
        self.waiting.drain(..done);
        Some(!self.waiting.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::transport_cc::read_feedback;

    fn written(arrivals: &mut Arrivals) -> Vec<(u16, bool)> {
        let mut told = Vec::new();
        loop {
            let mut bytes = [0; 1_200];
            let mut writer = Writer::new(&mut bytes);
            let more = arrivals.write(&mut writer, 1);
            read_feedback(writer.written(), |n, at| told.push((n, at.is_some())));
            if more != Some(true) {
                return told;
            }
        }
    }

    #[test]
    fn each_number_is_told_once_as_come_or_lost_over_the_turn() {
        let mut arrivals = Arrivals::default();
        for number in [65_534, 65_535, 1, 3] {
            arrivals.note(number, 9, Micros::from_millis(u64::from(number) % 7));
        }
        let told = written(&mut arrivals);
        let expected =
            [(65_534, true), (65_535, true), (0, false), (1, true), (2, false), (3, true)];
        assert_eq!(told, expected);
        assert_eq!(written(&mut arrivals), []);
        arrivals.note(5, 9, Micros::from_millis(9));
        assert_eq!(written(&mut arrivals), [(4, false), (5, true)]);
    }

    #[test]
    fn a_packet_that_was_called_lost_is_told_when_it_comes() {
        let mut arrivals = Arrivals::default();
        arrivals.note(7, 9, Micros(0));
        arrivals.note(9, 9, Micros(0));
        written(&mut arrivals);
        arrivals.note(8, 9, Micros(10));
        assert_eq!(written(&mut arrivals), [(8, true)]);
        arrivals.note(10, 9, Micros(20));
        let told = written(&mut arrivals);
        assert_eq!(told.last(), Some(&(10, true)));
    }

    #[test]
    fn many_packets_call_for_a_feedback_at_once_and_are_all_told() {
        let mut arrivals = Arrivals::default();
        let due: Vec<_> = (0..600).map(|n| arrivals.note(n, 9, Micros(u64::from(n)))).collect();
        assert_eq!(due.first(), Some(&Micros(50_000)));
        assert_eq!(due.get(99), Some(&Micros(99)));
        let told = written(&mut arrivals);
        assert_eq!(told.len(), ARRIVALS_MAX);
    }
}
