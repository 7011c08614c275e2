//! RTP headers and their extensions (RFC 3550, RFC 8285).

use super::{Writer, u16_at, u32_at};
use crate::api::media::{Extensions, Token};

/// Bytes of the fixed header.
pub(crate) const HEADER_BYTES: usize = 12;
/// Bytes of all extensions of one packet that are passed on; more are left off.
pub(crate) const KEPT_BYTES_MAX: usize = 96;

const ONE_BYTE_FORM: u16 = 0xBEDE;
const TWO_BYTE_FORM: u16 = 0x1000;
/// Bytes of the longest value in the one-byte form.
const ONE_BYTE_FORM_MAX: usize = 16;

/// The clear part of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) padded: bool,
    /// Bytes in front of the payload.
    pub(crate) len: usize,
    /// Form and place of the extensions.
    extensions: Option<(u16, usize)>,
}

impl Header {
    /// `None` when it is not an RTP packet with a whole header.
    pub(crate) fn parse(packet: &[u8]) -> Option<Self> {
        let first = *packet.first()?;
        if first >> 6 != 2 {
            return None;
        }
        let second = *packet.get(1)?;
        let sources = usize::from(first & 0x0f).checked_mul(4)?;
        let mut len = HEADER_BYTES.checked_add(sources)?;
        let mut extensions = None;
        if first & 0x10 != 0 {
            let form = u16_at(packet, len)?;
            let words = usize::from(u16_at(packet, len.checked_add(2)?)?);
            let start = len.checked_add(4)?;
            extensions = Some((form, start));
            len = start.checked_add(words.checked_mul(4)?)?;
        }
        if len > packet.len() {
            return None;
        }
        Some(Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence: u16_at(packet, 2)?,
            timestamp: u32_at(packet, 4)?,
            ssrc: u32_at(packet, 8)?,
            padded: first & 0x20 != 0,
            len,
            extensions,
        })
    }

    /// The payload without padding; empty when there is nothing but padding. `None` when the
    /// padding is longer than the packet.
    pub(crate) fn payload<'a>(&self, packet: &'a [u8]) -> Option<&'a [u8]> {
        let body = packet.get(self.len..)?;
        if !self.padded {
            return Some(body);
        }
        let padding = usize::from(*body.last()?);
        if padding == 0 {
            return None;
        }
        body.get(..body.len().checked_sub(padding)?)
    }

    /// The extensions: number and value, in order.
    pub(crate) fn extensions<'a>(&self, packet: &'a [u8]) -> ExtensionIter<'a> {
        let (form, start) = self.extensions.unwrap_or((0, self.len));
        ExtensionIter { rest: packet.get(start..self.len).unwrap_or_default(), form }
    }
}

/// See [`Header::extensions`].
#[derive(Debug)]
pub(crate) struct ExtensionIter<'a> {
    rest: &'a [u8],
    form: u16,
}

impl<'a> Iterator for ExtensionIter<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (id, len, value_at) = loop {
            let first = *self.rest.first()?;
            if first == 0 {
                self.rest = self.rest.get(1..)?;
                continue;
            }
            break match self.form {
                ONE_BYTE_FORM => (first >> 4, usize::from(first & 0x0f).wrapping_add(1), 1),
                form if form & 0xfff0 == TWO_BYTE_FORM => {
                    (first, usize::from(*self.rest.get(1)?), 2)
                }
                _ => return None,
            };
        };
        // RFC 8285: 15 in the one-byte form ends the list.
        if self.form == ONE_BYTE_FORM && id == 15 {
            return None;
        }
        let (_, behind) = self.rest.split_at_checked(value_at)?;
        let (value, rest) = behind.split_at_checked(len)?;
        self.rest = rest;
        Some((id, value))
    }
}

/// The extensions that the forwarder knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Extension {
    Mid = 1,
    Rid,
    RepairedRid,
    AudioLevel,
    TransportCc,
    AbsSendTime,
    PlayoutDelay,
    VideoOrientation,
    AbsCaptureTime,
    DependencyDescriptor,
}

/// What each number of an incoming packet means: the sections of a bundle merged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExtensionMap([Option<Extension>; 15]);

impl ExtensionMap {
    /// Adds what a section negotiated; a number outside 1–14 is passed over.
    pub(crate) fn merge(&mut self, negotiated: &Extensions) {
        for (id, extension) in numbers(negotiated) {
            if let Some(place) = self.0.get_mut(usize::from(id)).filter(|_| id != 0) {
                *place = Some(extension);
            }
        }
    }

    pub(crate) fn meaning(&self, id: u8) -> Option<Extension> {
        *self.0.get(usize::from(id))?
    }
}

fn numbers(negotiated: &Extensions) -> impl Iterator<Item = (u8, Extension)> {
    use Extension as E;
    [
        (negotiated.mid, E::Mid),
        (negotiated.rid, E::Rid),
        (negotiated.repaired_rid, E::RepairedRid),
        (negotiated.audio_level, E::AudioLevel),
        (negotiated.transport_cc, E::TransportCc),
        (negotiated.abs_send_time, E::AbsSendTime),
        (negotiated.playout_delay, E::PlayoutDelay),
        (negotiated.video_orientation, E::VideoOrientation),
        (negotiated.abs_capture_time, E::AbsCaptureTime),
        (negotiated.dependency_descriptor, E::DependencyDescriptor),
    ]
    .into_iter()
    .filter_map(|(id, extension)| id.map(|id| (id, extension)))
}

/// What the extensions of one incoming packet say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) mid: Option<Token>,
    pub(crate) rid: Option<Token>,
    pub(crate) repaired_rid: Option<Token>,
    /// Loudness, 0 loudest to 127 silent, in −dBov.
    pub(crate) audio_level: Option<u8>,
    pub(crate) transport_cc: Option<u16>,
    /// Those that are passed on.
    pub(crate) kept: Kept,
}

/// Extensions that are passed on, as (kind, length, value) one behind the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    bytes: [u8; KEPT_BYTES_MAX],
    len: usize,
}

impl Default for Kept {
    fn default() -> Self {
        Self { bytes: [0; KEPT_BYTES_MAX], len: 0 }
    }
}

impl Kept {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, extension: Extension, value: &[u8]) -> Option<()> {
        let value_len = u8::try_from(value.len()).ok()?;
        let start = self.len.checked_add(2)?;
        let end = start.checked_add(value.len())?;
        self.bytes.get_mut(start..end)?.copy_from_slice(value);
        self.bytes.get_mut(self.len..start)?.copy_from_slice(&[extension as u8, value_len]);
        self.len = end;
        Some(())
    }
}

impl Seen {
    /// `dependencies`: whether what the packet depends on is passed on.
    pub(crate) fn read(
        header: &Header,
        packet: &[u8],
        map: &ExtensionMap,
        dependencies: bool,
    ) -> Self {
        let mut seen = Self::default();
        for (id, value) in header.extensions(packet) {
            let Some(extension) = map.meaning(id) else { continue };
            match extension {
                Extension::Mid => seen.mid = Token::from_bytes(value),
                Extension::Rid => seen.rid = Token::from_bytes(value),
                Extension::RepairedRid => seen.repaired_rid = Token::from_bytes(value),
                Extension::TransportCc => seen.transport_cc = u16_at(value, 0),
                Extension::AudioLevel => {
                    seen.audio_level = value.first().map(|byte| byte & 0x7f);
                    let _ = seen.kept.push(extension, value);
                }
                Extension::PlayoutDelay
                | Extension::VideoOrientation
                | Extension::AbsCaptureTime => {
                    let _ = seen.kept.push(extension, value);
                }
                Extension::DependencyDescriptor if dependencies => {
                    let _ = seen.kept.push(extension, value);
                }
                // The one names pictures that may be left out, the other the hop that it came over.
                Extension::DependencyDescriptor | Extension::AbsSendTime => {}
            }
        }
        seen
    }
}

/// The header of an outgoing packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    /// Numbers that the receiver gave to the extensions.
    pub(crate) numbers: &'a Extensions,
    pub(crate) mid: Option<&'a Token>,
    pub(crate) transport_cc: Option<u16>,
    /// 24 bits: seconds in 6.18 fixed point.
    pub(crate) abs_send_time: Option<u32>,
    /// As [`Kept::as_bytes`].
    pub(crate) kept: &'a [u8],
}

impl Outgoing<'_> {
    /// Writes the header; the number of bytes.
    pub(crate) fn write(&self, to: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::new(to);
        writer.u8(0x80)?;
        writer.u8(u8::from(self.marker) << 7 | self.payload_type & 0x7f)?;
        writer.u16(self.sequence)?;
        writer.u32(self.timestamp)?;
        writer.u32(self.ssrc)?;
        let form = self.form();
        writer.u16(form)?;
        writer.u16(0)?;
        self.put_extensions(&mut writer, form)?;
        let extensions = writer.len().checked_sub(HEADER_BYTES + 4)?;
        if extensions == 0 {
            return Some(HEADER_BYTES);
        }
        writer.align()?;
        let words = writer.len().checked_sub(HEADER_BYTES + 4)?.checked_div(4)?;
        writer.patch(HEADER_BYTES + 2, &u16::try_from(words).ok()?.to_be_bytes())?;
        writer.patch(0, &[0x90])?;
        Some(writer.len())
    }

    /// The one-byte form, unless something that is passed on does not fit it: the descriptor of a
    /// key frame of AV1 carries the structure of its layers.
    fn form(&self) -> u16 {
        let fits = |value: &[u8]| (1..=ONE_BYTE_FORM_MAX).contains(&value.len());
        if self.passed_on().all(|(_, value)| fits(value)) { ONE_BYTE_FORM } else { TWO_BYTE_FORM }
    }

    /// Numbers and values of what is passed on.
    fn passed_on(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let mut rest = self.kept;
        std::iter::from_fn(move || {
            let [kind, len, behind @ ..] = rest else { return None };
            let (value, next) = behind.split_at_checked(usize::from(*len))?;
            rest = next;
            Some((*kind, value))
        })
        .filter_map(|(kind, value)| Some((self.number_of(kind)?, value)))
    }

    fn put_extensions(&self, writer: &mut Writer<'_>, form: u16) -> Option<()> {
        if let (Some(id), Some(mid)) = (self.numbers.mid, self.mid) {
            put(writer, form, id, mid.as_bytes())?;
        }
        if let (Some(id), Some(number)) = (self.numbers.transport_cc, self.transport_cc) {
            put(writer, form, id, &number.to_be_bytes())?;
        }
        if let (Some(id), Some(time)) = (self.numbers.abs_send_time, self.abs_send_time) {
            put(writer, form, id, time.to_be_bytes().get(1..)?)?;
        }
        for (id, value) in self.passed_on() {
            put(writer, form, id, value)?;
        }
        Some(())
    }

    fn number_of(&self, kind: u8) -> Option<u8> {
        const LEVEL: u8 = Extension::AudioLevel as u8;
        const DELAY: u8 = Extension::PlayoutDelay as u8;
        const ORIENTATION: u8 = Extension::VideoOrientation as u8;
        const CAPTURE: u8 = Extension::AbsCaptureTime as u8;
        const DEPENDENCY: u8 = Extension::DependencyDescriptor as u8;
        match kind {
            LEVEL => self.numbers.audio_level,
            DELAY => self.numbers.playout_delay,
            ORIENTATION => self.numbers.video_orientation,
            CAPTURE => self.numbers.abs_capture_time,
            DEPENDENCY => self.numbers.dependency_descriptor,
            _ => None,
        }
    }
}

/// One extension; a number that neither form has is left off.
fn put(writer: &mut Writer<'_>, form: u16, id: u8, value: &[u8]) -> Option<()> {
    if id == 0 || id > 14 {
        return Some(());
    }
    let len = u8::try_from(value.len()).ok()?;
    if form == ONE_BYTE_FORM {
        writer.u8(id << 4 | len.checked_sub(1)? & 0x0f)?;
    } else {
        writer.u8(id)?;
        writer.u8(len)?;
    }
    writer.put(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: Extensions = Extensions {
        mid: Some(4),
        rid: Some(10),
        repaired_rid: None,
        audio_level: Some(1),
        transport_cc: Some(3),
        abs_send_time: Some(2),
        playout_delay: Some(5),
        video_orientation: None,
        abs_capture_time: None,
        dependency_descriptor: None,
    };

    fn written(kept: &[u8], mid: Option<&Token>) -> Vec<u8> {
        let header = Outgoing {
            marker: true,
            payload_type: 96,
            sequence: 7,
            timestamp: 8,
            ssrc: 9,
            numbers: &NUMBERS,
            mid,
            transport_cc: mid.map(|_| 513),
            abs_send_time: None,
            kept,
        };
        let mut bytes = vec![0; 200];
        let len = header.write(&mut bytes).expect("room");
        bytes.truncate(len);
        bytes
    }

    #[test]
    fn a_written_header_is_read_back_with_its_extensions() {
        let mid = Token::new("video0").expect("a token");
        let mut kept = Kept::default();
        kept.push(Extension::AudioLevel, &[0x85]).expect("room");
        kept.push(Extension::VideoOrientation, &[1]).expect("room");
        let packet = written(kept.as_bytes(), Some(&mid));
        let header = Header::parse(&packet).expect("whole");
        assert_eq!((header.len, header.marker, header.ssrc), (packet.len(), true, 9));
        let mut map = ExtensionMap::default();
        map.merge(&NUMBERS);
        let seen = Seen::read(&header, &packet, &map, true);
        assert_eq!(
            (seen.mid, seen.transport_cc, seen.audio_level),
            (Some(mid), Some(513), Some(5))
        );
        assert_eq!(seen.kept.as_bytes(), [Extension::AudioLevel as u8, 1, 0x85], "no orientation");
    }

    #[test]
    fn a_header_without_extensions_is_twelve_bytes() {
        let packet = written(&[], None);
        assert_eq!((packet.len(), packet[0]), (12, 0x80));
    }

    #[test]
    fn both_forms_of_extensions_are_read() {
        let one = [0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 0x31, 2, 1, 0];
        let header = Header::parse(&one).expect("whole");
        assert_eq!(header.extensions(&one).collect::<Vec<_>>(), [(3, &[2, 1][..])]);
        let two = [0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 3, 1, 2, 0];
        let header = Header::parse(&two).expect("whole");
        assert_eq!(header.extensions(&two).collect::<Vec<_>>(), [(3, &[2][..])]);
    }

    #[test]
    fn padding_is_cut_off_and_too_much_of_it_is_refused() {
        let mut packet = vec![0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 2];
        let header = Header::parse(&packet).expect("whole");
        assert_eq!(header.payload(&packet), Some(&[1, 2][..]));
        packet[15] = 4;
        assert_eq!(header.payload(&packet), Some(&[][..]));
        packet[15] = 5;
        assert_eq!(header.payload(&packet), None);
        packet[15] = 0;
        assert_eq!(header.payload(&packet), None);
    }
}
