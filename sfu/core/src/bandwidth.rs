//! What a peer's downlink bears, from its transport-wide feedback: by the delay that our own
//! packets add to the way, by loss, and upwards by probes (trains of repeated packets, whose
//! spacing on arrival tells the rate of the narrowest link).

use crate::time::Micros;
use crate::wire::transport_cc::read_feedback;

/// Sent packets that are remembered for feedback.
const SENT_MAX: usize = 2_048;
/// What is assumed before anything is known, and the bounds of what is ever assumed.
const START_BPS: u64 = 3_000_000;
const FLOOR_BPS: u64 = 40_000;
const CEILING_BPS: u64 = 50_000_000;
/// Delay that our packets may add before it is too much; below the lower bound the way is free.
const QUEUE_HIGH_US: i64 = 60_000;
const QUEUE_LOW_US: i64 = 20_000;
/// Delay, in two feedbacks one after the other, from which the way is full beyond doubt.
const QUEUE_FULL_US: i64 = 300_000;
/// Percent lost from which it is.
const LOSS_FULL: u64 = 10;
/// The least delay seen in two of these is taken for the way's own.
const BASE_SPAN_US: u64 = 5_000_000;
/// Loss is judged over so much time and so many packets.
const LOSS_SPAN_US: u64 = 500_000;
const LOSS_PACKETS_MIN: u64 = 20;
/// After a cut the queue gets time to drain.
const HOLD_US: u64 = 200_000;
/// No probe so soon after too much.
const CALM_US: u64 = 1_500_000;
const PROBE_WAIT_MIN_US: u64 = 1_000_000;
const PROBE_WAIT_MAX_US: u64 = 4_000_000;
/// Packets of the shortest train that says anything.
const TRAIN_MIN: u64 = 4;

/// Bytes in the last half second.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Meter {
    buckets: [u32; 8],
    at: u64,
}

impl Meter {
    pub(crate) fn note(&mut self, bytes: usize, now: Micros) {
        self.turn(now);
        let place = usize::try_from(self.at % 8).unwrap_or(0);
        if let Some(bucket) = self.buckets.get_mut(place) {
            *bucket = bucket.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        }
    }

    /// Buckets are 65.536 ms.
    fn turn(&mut self, now: Micros) {
        let at = now.0 >> 16;
        let passed = at.saturating_sub(self.at).min(8);
        for n in 1..=passed {
            let place = usize::try_from(self.at.wrapping_add(n) % 8).unwrap_or(0);
            if let Some(bucket) = self.buckets.get_mut(place) {
                *bucket = 0;
            }
        }
        if passed == 8 {
            self.buckets = [0; 8];
        }
        self.at = self.at.max(at);
    }

    /// Bits per second.
    pub(crate) fn bps(&mut self, now: Micros) -> u64 {
        self.turn(now);
        let bytes =
            self.buckets.iter().fold(0_u64, |sum, bytes| sum.saturating_add((*bytes).into()));
        let part = now.0 & 0xffff;
        let span_us = part.saturating_add(7 << 16);
        bytes.saturating_mul(8_000_000).checked_div(span_us).unwrap_or(0)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    at: Micros,
    number: u16,
    /// 0: told already, or nothing.
    bytes: u16,
}

/// A train of packets under way.
#[derive(Debug, Clone, Copy)]
struct Train {
    last: u16,
    left: u64,
    came: u64,
    first_at_us: u64,
    last_at_us: u64,
    /// Bytes behind the first packet.
    bytes: u64,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Estimate {
    sent: Vec<Sent>,
    bps: u64,
    /// Feedback has come.
    known: bool,
    came: Meter,
    base_us: [i64; 2],
    base_since: Micros,
    queue_us: i64,
    cut_queue_us: i64,
    cut_at: Micros,
    raised_at: Micros,
    lost: u64,
    told: u64,
    loss_since: Micros,
    loses: bool,
    is_full: bool,
    train: Option<Train>,
    probe_at: Micros,
    probe_wait_us: u64,
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            sent: Vec::new(),
            bps: START_BPS,
            known: false,
            came: Meter::default(),
            base_us: [i64::MAX; 2],
            base_since: Micros(0),
            queue_us: 0,
            cut_queue_us: i64::MAX,
            cut_at: Micros(0),
            raised_at: Micros(0),
            lost: 0,
            told: 0,
            loss_since: Micros(0),
            loses: false,
            is_full: false,
            train: None,
            probe_at: Micros(0),
            probe_wait_us: PROBE_WAIT_MIN_US,
        }
    }
}

impl Estimate {
    /// Bits per second; `None` while nothing is known.
    pub(crate) fn bps(&self) -> Option<u64> {
        self.known.then_some(self.bps)
    }

    /// Packets stand in a long queue or are lost in number: less must be sent at once.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full || self.loses
    }

    /// What the receiver itself thinks, where it sends no feedback for packets.
    pub(crate) fn told(&mut self, bps: u64) {
        if self.sent.is_empty() {
            self.known = true;
            self.bps = bps.clamp(FLOOR_BPS, CEILING_BPS);
        }
    }

    /// A packet with that number went out.
    pub(crate) fn sent(&mut self, number: u16, bytes: usize, now: Micros) {
        if self.sent.is_empty() {
            self.sent.resize(SENT_MAX, Sent::default());
        }
        if let Some(place) = self.sent.get_mut(usize::from(number) % SENT_MAX) {
            let bytes = u16::try_from(bytes).unwrap_or(u16::MAX);
            *place = Sent { at: now, number, bytes };
        }
    }

    /// Packets of a train to send now, to learn whether the way bears more.
    pub(crate) fn probe(&mut self, now: Micros) -> Option<u64> {
        let calm = now.since(self.cut_at) >= CALM_US || self.cut_at == Micros(0);
        if !self.known || !calm || now < self.probe_at || self.queue_us > QUEUE_LOW_US {
            return None;
        }
        self.probe_at = now.plus(self.probe_wait_us);
        // As many as pass in 40 ms at twice the rate.
        Some((self.bps / 12_500 / 8).clamp(TRAIN_MIN, 20))
    }

    /// The train of `count` packets ends with this number.
    pub(crate) fn probing(&mut self, last: u16, count: u64) {
        self.train =
            Some(Train { last, left: count, came: 0, first_at_us: 0, last_at_us: 0, bytes: 0 });
    }

    /// Takes in a feedback; whether the estimate fell.
    pub(crate) fn feedback(&mut self, packet: &[u8], now: Micros) -> bool {
        let mut least = i64::MAX;
        let (mut lost, mut told) = (0_u64, 0_u64);
        let mut came_last = 0;
        let (sent, came, train) = (&mut self.sent, &mut self.came, &mut self.train);
        let _ = read_feedback(packet, |number, at| {
            let Some(place) = sent.get_mut(usize::from(number) % SENT_MAX) else { return };
            if place.number != number || place.bytes == 0 {
                return;
            }
            told = told.saturating_add(1);
            let of_train = train.as_mut().filter(|train| {
                u64::from(train.last.wrapping_sub(number)) < train.left.saturating_add(train.came)
            });
            let Some(at_us) = at else {
                lost = lost.saturating_add(1);
                return;
            };
            let bytes = usize::from(std::mem::take(&mut place.bytes));
            came.note(bytes, Micros(at_us));
            came_last = came_last.max(at_us);
            least = least.min(at_us.wrapping_sub(place.at.0).cast_signed());
            if let Some(train) = of_train {
                train.note(at_us, bytes);
            }
        });
        if told == 0 {
            return false;
        }
        self.known = true;
        self.told = self.told.saturating_add(told);
        self.lost = self.lost.saturating_add(lost);
        let before = self.queue_us;
        if least != i64::MAX {
            self.note_delay(least, now);
        }
        self.end_train(now);
        // By the receiver's clock: feedback that was held up on its way tells no lower rate.
        let came = self.came.bps(Micros(came_last));
        self.judge(before, came, now)
    }

    fn note_delay(&mut self, least: i64, now: Micros) {
        let [current, previous] = self.base_us;
        if now.since(self.base_since) >= BASE_SPAN_US {
            self.base_us = [least, current];
            self.base_since = now;
        } else {
            self.base_us = [current.min(least), previous];
        }
        let base = self.base_us.iter().copied().min().unwrap_or(least);
        self.queue_us = least.saturating_sub(base);
    }

    fn end_train(&mut self, now: Micros) {
        let Some(train) = self.train.take_if(|train| train.left == 0) else { return };
        let span = train.last_at_us.saturating_sub(train.first_at_us).max(1);
        let rate = train.bytes.saturating_mul(8_000_000).checked_div(span).unwrap_or(0);
        let bears = (rate / 10).saturating_mul(9).min(self.bps.saturating_mul(2));
        if bears > self.bps && self.queue_us <= QUEUE_HIGH_US {
            self.bps = bears.min(CEILING_BPS);
            self.probe_wait_us = PROBE_WAIT_MIN_US;
            self.probe_at = now.plus(PROBE_WAIT_MIN_US / 4);
        } else {
            self.probe_wait_us = self.probe_wait_us.saturating_mul(2).min(PROBE_WAIT_MAX_US);
        }
    }

    fn judge(&mut self, queue_before: i64, came: u64, now: Micros) -> bool {
        self.is_full = self.queue_us.min(queue_before) > QUEUE_FULL_US;
        let held = now.since(self.cut_at) < HOLD_US && self.cut_at != Micros(0);
        let drains = self.queue_us.saturating_add(10_000) < self.cut_queue_us;
        if self.queue_us > QUEUE_HIGH_US {
            if !held && (!drains || self.queue_us > queue_before.saturating_add(10_000)) {
                self.cut_queue_us = self.queue_us;
                return self.cut((came / 100).saturating_mul(85), now);
            }
            return false;
        }
        self.cut_queue_us = i64::MAX;
        if let Some(loss) = self.loss(now) {
            self.loses = loss > LOSS_FULL;
            if self.loses && !held {
                let keep = 100_u64.saturating_sub(loss / 2);
                return self.cut((self.bps / 100).saturating_mul(keep), now);
            }
            if loss > 2 {
                self.raised_at = now;
            }
        }
        if self.queue_us < QUEUE_LOW_US && !held {
            // 8 % in a second, as far as what comes shows that it is used.
            let elapsed = now.since(self.raised_at).min(200_000);
            let more = (self.bps / 100).saturating_mul(8).saturating_mul(elapsed) / 1_000_000;
            let shown = came.saturating_mul(3) / 2;
            if self.bps < shown {
                self.bps = self.bps.saturating_add(more).min(CEILING_BPS);
            }
            // What passes without a queue is borne, whatever was thought before.
            self.bps = self.bps.max(came.min(CEILING_BPS));
        }
        self.raised_at = now;
        false
    }

    /// Percent lost since the last judgement.
    fn loss(&mut self, now: Micros) -> Option<u64> {
        if now.since(self.loss_since) < LOSS_SPAN_US || self.told < LOSS_PACKETS_MIN {
            return None;
        }
        let loss = self.lost.saturating_mul(100).checked_div(self.told)?;
        (self.lost, self.told, self.loss_since) = (0, 0, now);
        Some(loss)
    }

    fn cut(&mut self, to: u64, now: Micros) -> bool {
        let before = self.bps;
        self.bps = self.bps.min(to).max(FLOOR_BPS);
        self.cut_at = now;
        self.probe_wait_us = PROBE_WAIT_MIN_US;
        self.train = None;
        self.bps < before
    }
}

impl Train {
    fn note(&mut self, at_us: u64, bytes: usize) {
        self.left = self.left.saturating_sub(1);
        self.came = self.came.saturating_add(1);
        if self.came == 1 {
            self.first_at_us = at_us;
        } else {
            self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(0));
        }
        self.last_at_us = at_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_tells_the_rate_of_the_last_half_second() {
        let mut meter = Meter::default();
        for n in 0..200 {
            meter.note(1_250, Micros::from_millis(n * 10));
        }
        let bps = meter.bps(Micros::from_millis(2_000));
        assert!((900_000..1_100_000).contains(&bps), "{bps}");
        assert_eq!(meter.bps(Micros::from_millis(3_000)), 0);
    }
}
