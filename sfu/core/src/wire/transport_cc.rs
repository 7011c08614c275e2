//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): which packets of
//! a transport arrived, and when.

use super::rtcp::{close, head};
use super::{Writer, u16_at, u24_at};

/// Packets that one feedback speaks of at most.
pub(crate) const FEEDBACK_PACKETS_MAX: usize = 256;
const TICK_US: u64 = 250;
const REFERENCE_US: u64 = 64_000;

/// One packet that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Its transport-wide number, with its turns.
    pub(crate) number: u64,
    /// When, in microseconds.
    pub(crate) at_us: u64,
}

/// Where a feedback ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Covered {
    /// The first number that the next feedback speaks of.
    pub(crate) next: u64,
}

/// Writes what came from number `base` on; `arrivals` ascends by number. What does not fit is left
/// for the next feedback. `None` when nothing came.
pub(crate) fn write_feedback(
    writer: &mut Writer<'_>,
    (sender, media): (u32, u32),
    count: u8,
    base: u64,
    arrivals: &[Arrival],
) -> Option<Covered> {
    let reference = arrivals.first()?.at_us / REFERENCE_US;
    let mut symbols = [0_u8; FEEDBACK_PACKETS_MAX];
    let next = symbols_of(&mut symbols, base, reference, arrivals);
    let len = usize::try_from(next.checked_sub(base)?).ok()?;
    let symbols = symbols.get(..len).filter(|symbols| !symbols.is_empty())?;
    let start = writer.len();
    head(writer, 15, 205, 0)?;
    writer.u32(sender)?;
    writer.u32(media)?;
    writer.u16(low_16(base))?;
    writer.u16(u16::try_from(len).ok()?)?;
    let [.., a, b, c] = reference.to_be_bytes();
    writer.put(&[a, b, c, count])?;
    put_chunks(writer, symbols)?;
    let mut last = reference.wrapping_mul(REFERENCE_US / TICK_US);
    for arrival in arrivals.iter().take_while(|arrival| arrival.number < next) {
        let delta = delta_of(arrival, &mut last)?;
        match u8::try_from(delta) {
            Ok(small) => writer.u8(small)?,
            Err(_) => writer.put(&delta.to_be_bytes())?,
        }
    }
    writer.align()?;
    close(writer, start)?;
    Some(Covered { next })
}

/// Marks what came; the number behind the last that this feedback can speak of.
fn symbols_of(symbols: &mut [u8], base: u64, reference: u64, arrivals: &[Arrival]) -> u64 {
    let mut next = base;
    let mut last = reference.wrapping_mul(REFERENCE_US / TICK_US);
    for arrival in arrivals {
        let Some(place) = arrival
            .number
            .checked_sub(base)
            .and_then(|n| usize::try_from(n).ok())
            .and_then(|n| symbols.get_mut(n))
        else {
            break;
        };
        let Some(delta) = delta_of(arrival, &mut last) else { break };
        *place = if u8::try_from(delta).is_ok() { 1 } else { 2 };
        next = arrival.number.wrapping_add(1);
    }
    next
}

/// Ticks since the last arrival, when they fit.
fn delta_of(arrival: &Arrival, last: &mut u64) -> Option<i16> {
    let ticks = arrival.at_us / TICK_US;
    let delta = i16::try_from(ticks.wrapping_sub(*last).cast_signed()).ok()?;
    *last = ticks;
    Some(delta)
}

/// Runs of at least seven as such, everything else as seven symbols of two bits.
fn put_chunks(writer: &mut Writer<'_>, symbols: &[u8]) -> Option<()> {
    let mut rest = symbols;
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|symbol| *symbol == first).count();
        if run >= 7 || run == rest.len() {
            writer.u16(u16::from(*first) << 13 | u16::try_from(run).ok()?)?;
            rest = rest.get(run..)?;
            continue;
        }
        let (seven, behind) = rest.split_at(rest.len().min(7));
        let padded = seven.iter().chain(&[0; 7]).take(7);
        let word = padded.fold(0_u16, |word, symbol| word << 2 | u16::from(*symbol));
        writer.u16(0xc000 | word)?;
        rest = behind;
    }
    Some(())
}

fn low_16(number: u64) -> u16 {
    let [.., a, b] = number.to_be_bytes();
    u16::from_be_bytes([a, b])
}

/// Tells each packet that a feedback speaks of: its number and, if it came, when (microseconds of
/// the receiver's clock, which wraps after 12 days). `None` when the feedback is not whole; what
/// was told before that stands.
pub(crate) fn read_feedback(packet: &[u8], mut tell: impl FnMut(u16, Option<u64>)) -> Option<()> {
    let base = u16_at(packet, 12)?;
    let count = usize::from(u16_at(packet, 14)?);
    let mut ticks = u64::from(u24_at(packet, 16)?).wrapping_mul(REFERENCE_US / TICK_US);
    let mut chunks = Symbols { packet, at: 20, left: count, chunk: Chunk::Run(0, 0) };
    let mut skipped = chunks.clone();
    if skipped.by_ref().count() != count {
        return None;
    }
    let mut delta_at = skipped.at;
    let mut number = base;
    for symbol in &mut chunks {
        let delta = match symbol {
            1 => i16::from(*packet.get(delta_at)?),
            2 => u16_at(packet, delta_at)?.cast_signed(),
            _ => {
                tell(number, None);
                number = number.wrapping_add(1);
                continue;
            }
        };
        delta_at = delta_at.checked_add(usize::from(symbol))?;
        ticks = ticks.wrapping_add_signed(i64::from(delta));
        tell(number, Some(ticks.wrapping_mul(TICK_US)));
        number = number.wrapping_add(1);
    }
    Some(())
}

#[derive(Debug, Clone, Copy)]
enum Chunk {
    /// The symbol, and how often it still comes.
    Run(u8, u16),
    /// Bits from the top, bits of a symbol, symbols left.
    Vector(u16, u8, u8),
}

/// The symbols of a feedback's chunks.
#[derive(Debug, Clone)]
struct Symbols<'a> {
    packet: &'a [u8],
    at: usize,
    left: usize,
    chunk: Chunk,
}

impl Iterator for Symbols<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        loop {
            match &mut self.chunk {
                Chunk::Run(symbol, times) if *times > 0 => {
                    *times = times.wrapping_sub(1);
                    return Some(*symbol);
                }
                Chunk::Vector(bits, width, times) if *times > 0 => {
                    *times = times.wrapping_sub(1);
                    let [high, _] = bits.to_be_bytes();
                    let symbol = high.checked_shr(8_u32.wrapping_sub(u32::from(*width)))?;
                    *bits = bits.checked_shl(u32::from(*width))?;
                    return Some(symbol);
                }
                Chunk::Run(..) | Chunk::Vector(..) => self.chunk = self.read_chunk()?,
            }
        }
    }
}

impl Symbols<'_> {
    fn read_chunk(&mut self) -> Option<Chunk> {
        let word = u16_at(self.packet, self.at)?;
        self.at = self.at.checked_add(2)?;
        Some(match word >> 14 {
            2 => Chunk::Vector(word << 2, 1, 14),
            3 => Chunk::Vector(word << 2, 2, 7),
            _ => Chunk::Run((word >> 13 & 3).to_le_bytes().first().copied()?, word & 0x1fff),
        })
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;

    fn told(packet: &[u8]) -> Vec<(u16, Option<u64>)> {
        let mut told = Vec::new();
        read_feedback(packet, |number, at| told.push((number, at))).expect("whole");
        told
    }

    fn round_trip(base: u64, arrivals: &[Arrival]) -> (Vec<(u16, Option<u64>)>, u64) {
        let mut bytes = [0; 1200];
        let mut writer = Writer::new(&mut bytes);
        let covered = write_feedback(&mut writer, (1, 2), 3, base, arrivals).expect("some came");
        assert_eq!(writer.len() % 4, 0);
        (told(writer.written()), covered.next)
    }

    #[test]
    fn what_is_written_is_read_back_for_random_arrivals() {
        for seed in 0..500 {
            let mut rng = StdRng::seed_from_u64(seed);
            let base = rng.random_range(0..200_000);
            let mut at_us = rng.random_range(0..1_000_000_000_000);
            let mut arrivals = Vec::new();
            for number in base..base + rng.random_range(1..400) {
                at_us += rng.random_range(0..90_000) / [1, 1000][rng.random_range(0..2)];
                if rng.random_bool(0.7) {
                    let early = rng.random_range(0..2_000);
                    arrivals.push(Arrival { number, at_us: at_us - early.min(at_us) });
                }
            }
            if arrivals.is_empty() {
                continue;
            }
            let (told, next) = round_trip(base, &arrivals);
            assert_eq!(told.len() as u64, next - base, "seed {seed}");
            for (n, (number, at)) in told.iter().enumerate() {
                let full = base + n as u64;
                assert_eq!(*number, low_16(full), "seed {seed}");
                let came = arrivals.iter().find(|arrival| arrival.number == full);
                let wrapped = |us: u64| us / TICK_US * TICK_US % (REFERENCE_US << 24);
                assert_eq!(
                    at.map(|at| at % (REFERENCE_US << 24)),
                    came.map(|arrival| wrapped(arrival.at_us)),
                    "seed {seed}, number {full}"
                );
            }
        }
    }

    #[test]
    fn a_pause_longer_than_a_delta_begins_another_feedback() {
        let arrivals =
            [Arrival { number: 1, at_us: 1_000 }, Arrival { number: 2, at_us: 20_000_000 }];
        let (told, next) = round_trip(1, &arrivals);
        assert_eq!((told.len(), next), (1, 2));
    }

    #[test]
    fn a_feedback_cut_anywhere_is_refused_without_reading_past_its_end() {
        let arrivals = [Arrival { number: 9, at_us: 1_000 }, Arrival { number: 12, at_us: 90_000 }];
        let mut bytes = [0; 64];
        let mut writer = Writer::new(&mut bytes);
        write_feedback(&mut writer, (1, 2), 3, 9, &arrivals).expect("some came");
        let whole = writer.written();
        let needed = 20 + 2 + 1 + 2;
        for len in 0..needed {
            assert_eq!(read_feedback(&whole[..len], |_, _| {}), None, "{len} bytes");
        }
    }
}
