//! RTCP packets (RFC 3550, 4585, 5104) and REMB, one compound at a time.

use super::{Writer, u16_at, u24_at, u32_at, u64_at};

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const BYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
/// Blocks that one report carries at most.
pub(crate) const REPORTS_MAX: usize = 31;
const REPORT_BYTES: usize = 24;

/// One packet of a compound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Packet<'a> {
    /// The sender's clock, and what it receives.
    SenderReport { ssrc: u32, ntp: u64, rtp: u32, reports: Reports<'a> },
    /// What the sender receives.
    ReceiverReport { reports: Reports<'a> },
    /// Packets that are missing of a stream.
    Nack { media: u32, missing: Missing<'a> },
    /// A key frame is needed.
    Pli { media: u32 },
    /// A key frame is needed, in the older form; each entry names a stream.
    Fir { entries: &'a [u8] },
    /// What arrived when, for the whole transport.
    TransportCc(&'a [u8]),
    /// What the receiver thinks that the way bears.
    Remb { bits_per_second: u64 },
    /// The streams end.
    Bye,
    /// Another one.
    Other,
}

/// The packets of a compound, up to the first that is not whole.
pub(crate) fn packets(compound: &[u8]) -> impl Iterator<Item = Packet<'_>> {
    let mut rest = compound;
    std::iter::from_fn(move || {
        let (packet, behind) = split(rest)?;
        rest = behind;
        Some(read(packet).unwrap_or(Packet::Other))
    })
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.first()? >> 6 != 2 {
        return None;
    }
    let words = usize::from(u16_at(bytes, 2)?).checked_add(1)?;
    bytes.split_at_checked(words.checked_mul(4)?)
}

fn read(packet: &[u8]) -> Option<Packet<'_>> {
    let count = packet.first()? & 0x1f;
    match (*packet.get(1)?, count) {
        (SENDER_REPORT, _) => Some(Packet::SenderReport {
            ssrc: u32_at(packet, 4)?,
            ntp: u64_at(packet, 8)?,
            rtp: u32_at(packet, 16)?,
            reports: Reports::new(packet.get(28..)?, count),
        }),
        (RECEIVER_REPORT, _) => {
            Some(Packet::ReceiverReport { reports: Reports::new(packet.get(8..)?, count) })
        }
        (BYE, _) => Some(Packet::Bye),
        (TRANSPORT_FEEDBACK, 1) => {
            let missing = Missing { pairs: packet.get(12..)? };
            Some(Packet::Nack { media: u32_at(packet, 8)?, missing })
        }
        (TRANSPORT_FEEDBACK, 15) => Some(Packet::TransportCc(packet)),
        (PAYLOAD_FEEDBACK, 1) => Some(Packet::Pli { media: u32_at(packet, 8)? }),
        (PAYLOAD_FEEDBACK, 4) => Some(Packet::Fir { entries: packet.get(12..)? }),
        (PAYLOAD_FEEDBACK, 15) if packet.get(12..16)? == b"REMB" => {
            let word = u24_at(packet, 17)?;
            let bits = u64::from(word & 0x3_ffff).checked_shl(word >> 18)?;
            Some(Packet::Remb { bits_per_second: bits })
        }
        _ => Some(Packet::Other),
    }
}

/// The SSRCs of a FIR's entries.
pub(crate) fn fir_streams(entries: &[u8]) -> impl Iterator<Item = u32> {
    entries.chunks_exact(8).filter_map(|entry| u32_at(entry, 0))
}

/// Blocks of a report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reports<'a> {
    blocks: &'a [u8],
}

impl<'a> Reports<'a> {
    fn new(bytes: &'a [u8], count: u8) -> Self {
        let len = usize::from(count).saturating_mul(REPORT_BYTES).min(bytes.len());
        Self { blocks: bytes.get(..len).unwrap_or_default() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Report> + use<'a> {
        self.blocks.chunks_exact(REPORT_BYTES).filter_map(Report::read)
    }
}

/// What a receiver says of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Report {
    pub(crate) ssrc: u32,
    /// Share lost since the last report, of 256.
    pub(crate) fraction_lost: u8,
    /// Lost in all; negative with duplicates. 24 bits.
    pub(crate) lost: i32,
    /// Highest sequence number, with its turns.
    pub(crate) highest: u32,
    /// Arrival jitter in ticks of the stream's clock.
    pub(crate) jitter: u32,
    /// The middle of the NTP time of the last sender report; 0 without one.
    pub(crate) echo: u32,
    /// Since then, in 1/65536 s.
    pub(crate) delay: u32,
}

impl Report {
    fn read(block: &[u8]) -> Option<Self> {
        let [_, a, b, c] = u24_at(block, 5)?.to_be_bytes();
        Some(Self {
            ssrc: u32_at(block, 0)?,
            fraction_lost: *block.get(4)?,
            lost: i32::from_be_bytes([a, b, c, 0]) >> 8,
            highest: u32_at(block, 8)?,
            jitter: u32_at(block, 12)?,
            echo: u32_at(block, 16)?,
            delay: u32_at(block, 20)?,
        })
    }

    fn write(&self, writer: &mut Writer<'_>) -> Option<()> {
        writer.u32(self.ssrc)?;
        writer.u8(self.fraction_lost)?;
        let lost = self.lost.clamp(-0x80_0000, 0x7f_ffff).to_be_bytes();
        writer.put(lost.get(1..)?)?;
        writer.u32(self.highest)?;
        writer.u32(self.jitter)?;
        writer.u32(self.echo)?;
        writer.u32(self.delay)
    }
}

/// Missing packets: pairs of a number and a mask of the 16 that follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Missing<'a> {
    pairs: &'a [u8],
}

impl<'a> Missing<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.pairs.chunks_exact(4).flat_map(|pair| {
            let first = u16_at(pair, 0).unwrap_or(0);
            let mask = u16_at(pair, 2).unwrap_or(0);
            let of_mask = (0..16u16)
                .filter(move |bit| mask >> bit & 1 == 1)
                .map(move |bit| first.wrapping_add(bit).wrapping_add(1));
            std::iter::once(first).chain(of_mask)
        })
    }
}

/// Writes our clock against a stream's; with it the receiver lines up sound and picture.
pub(crate) fn write_sender_report(writer: &mut Writer<'_>, report: &SenderReport) -> Option<()> {
    head(writer, 0, SENDER_REPORT, 6)?;
    writer.u32(report.ssrc)?;
    writer.u64(report.ntp)?;
    writer.u32(report.rtp)?;
    writer.u32(report.packets)?;
    writer.u32(report.octets)
}

/// See [`write_sender_report`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct SenderReport {
    pub(crate) ssrc: u32,
    pub(crate) ntp: u64,
    pub(crate) rtp: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// Writes what we receive, at most 31 blocks.
pub(crate) fn write_receiver_report(
    writer: &mut Writer<'_>,
    sender: u32,
    reports: &[Report],
) -> Option<()> {
    let reports = reports.get(..reports.len().min(REPORTS_MAX))?;
    let count = u8::try_from(reports.len()).ok()?;
    let words = u16::from(count).checked_mul(6)?.checked_add(1)?;
    head(writer, count, RECEIVER_REPORT, words)?;
    writer.u32(sender)?;
    reports.iter().try_for_each(|report| report.write(writer))
}

/// Writes "send me a key frame".
pub(crate) fn write_pli(writer: &mut Writer<'_>, sender: u32, media: u32) -> Option<()> {
    head(writer, 1, PAYLOAD_FEEDBACK, 2)?;
    writer.u32(sender)?;
    writer.u32(media)
}

/// Writes "send me these again"; `missing` ascends, as far as it wraps.
pub(crate) fn write_nack(
    writer: &mut Writer<'_>,
    sender: u32,
    media: u32,
    missing: &[u16],
) -> Option<()> {
    let start = writer.len();
    head(writer, 1, TRANSPORT_FEEDBACK, 0)?;
    writer.u32(sender)?;
    writer.u32(media)?;
    let mut rest = missing.iter().copied().peekable();
    while let Some(first) = rest.next() {
        let mut mask = 0_u16;
        while let Some(bit) = rest.peek().map(|next| next.wrapping_sub(first).wrapping_sub(1)) {
            if bit >= 16 {
                break;
            }
            mask |= 1_u16.checked_shl(u32::from(bit))?;
            rest.next();
        }
        writer.u16(first)?;
        writer.u16(mask)?;
    }
    close(writer, start)
}

/// Begins a packet; `words` as in its length field.
pub(crate) fn head(writer: &mut Writer<'_>, count: u8, kind: u8, words: u16) -> Option<()> {
    writer.u8(0x80 | count & 0x1f)?;
    writer.u8(kind)?;
    writer.u16(words)
}

/// Puts the length of the packet that began at `start`.
pub(crate) fn close(writer: &mut Writer<'_>, start: usize) -> Option<()> {
    let words = writer.len().checked_sub(start)?.checked_div(4)?.checked_sub(1)?;
    writer.patch(start.checked_add(2)?, &u16::try_from(words).ok()?.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>) -> Option<()>) -> Vec<u8> {
        let mut bytes = [0; 1200];
        let mut writer = Writer::new(&mut bytes);
        write(&mut writer).expect("room");
        writer.written().to_vec()
    }

    #[test]
    fn a_compound_is_read_back_packet_by_packet() {
        let report = Report {
            ssrc: 5,
            fraction_lost: 12,
            lost: -3,
            highest: 0x1_0007,
            jitter: 9,
            echo: 10,
            delay: 11,
        };
        let sent = SenderReport { ssrc: 1, ntp: 2 << 40, rtp: 3, packets: 4, octets: 5 };
        let bytes = written(|w| {
            write_sender_report(w, &sent)?;
            write_receiver_report(w, 8, &[report, report])?;
            write_pli(w, 8, 9)?;
            write_nack(w, 8, 9, &[65_534, 1, 3, 14, 15, 400])
        });
        let mut read = packets(&bytes);
        assert!(matches!(read.next(), Some(Packet::SenderReport { ssrc: 1, rtp: 3, .. })));
        let Some(Packet::ReceiverReport { reports }) = read.next() else { panic!("no report") };
        assert_eq!(reports.iter().collect::<Vec<_>>(), [report, report]);
        assert_eq!(read.next(), Some(Packet::Pli { media: 9 }));
        let Some(Packet::Nack { media: 9, missing }) = read.next() else { panic!("no nack") };
        assert_eq!(missing.iter().collect::<Vec<_>>(), [65_534, 1, 3, 14, 15, 400]);
        assert_eq!(read.next(), None);
    }

    #[test]
    fn a_remb_is_read() {
        let bytes = [
            0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 1, 0x0b, 0xd0, 0x90,
            0, 0, 0, 9,
        ];
        let expected = u64::from(0x3_d090_u32 & 0x3_ffff) << 2;
        let read: Vec<_> = packets(&bytes).collect();
        assert_eq!(read, [Packet::Remb { bits_per_second: expected }]);
    }

    #[test]
    fn what_is_not_whole_ends_the_compound() {
        let bytes = written(|w| write_pli(w, 1, 2));
        for len in 0..bytes.len() {
            assert_eq!(packets(&bytes[..len]).count(), 0, "{len} bytes");
        }
        let short = [0x80, SENDER_REPORT, 0, 1, 0, 0, 0, 0];
        assert_eq!(packets(&short).collect::<Vec<_>>(), [Packet::Other]);
    }
}
