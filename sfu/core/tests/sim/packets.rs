//! The few packets that a peer without protection writes and reads, on its own terms.

use aws_lc_rs::hmac;
use sfu_core::IceCredentials;

/// A check by `name` on the holder of `to`, which also chooses the way.
pub fn check(to: &IceCredentials, name: &str, number: u32) -> Vec<u8> {
    let user = format!("{}:{name}", to.ufrag);
    let mut body = vec![0, 6, 0, user.len() as u8];
    body.extend(user.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend([0, 0x25, 0, 0]);
    let mut check = vec![0, 1];
    check.extend((body.len() as u16 + 24).to_be_bytes());
    check.extend([0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8]);
    check.extend(number.to_be_bytes());
    check.extend(body);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, to.pwd.as_bytes());
    let tag = hmac::sign(&key, &check);
    check.extend([0, 8, 0, 20]);
    check.extend(tag.as_ref());
    check
}

/// A packet of media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rtp {
    pub payload_type: u8,
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// Header extensions: number and bytes.
    pub extensions: Vec<(u8, Vec<u8>)>,
    pub payload: Vec<u8>,
}

impl Rtp {
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0x90, u8::from(self.marker) << 7 | self.payload_type];
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        let mut extensions = Vec::new();
        let long = self.extensions.iter().any(|(_, value)| value.len() > 16);
        for (number, value) in &self.extensions {
            let len = value.len() as u8;
            extensions.extend(if long {
                vec![*number, len]
            } else {
                vec![number << 4 | (len - 1)]
            });
            extensions.extend(value);
        }
        extensions.resize(extensions.len().next_multiple_of(4), 0);
        bytes.extend(if long { [0x10, 0] } else { [0xbe, 0xde] });
        bytes.extend((extensions.len() as u16 / 4).to_be_bytes());
        bytes.extend(extensions);
        bytes.extend(&self.payload);
        bytes
    }

    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_at_checked(12)?;
        let mut extensions = Vec::new();
        if head[0] & 0x10 != 0 {
            let long = rest.get(..2)? == [0x10, 0];
            let words = u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?);
            let (area, payload) = rest.get(4..)?.split_at_checked(usize::from(words) * 4)?;
            rest = payload;
            let mut area = area;
            while let [first, behind @ ..] = area {
                if *first == 0 {
                    area = behind;
                    continue;
                }
                let (number, len, behind) = if long {
                    (*first, usize::from(*behind.first()?), &behind[1..])
                } else {
                    (first >> 4, usize::from(first & 15) + 1, behind)
                };
                let (value, behind) = behind.split_at_checked(len)?;
                extensions.push((number, value.to_vec()));
                area = behind;
            }
        }
        let mut payload = rest.to_vec();
        if head[0] & 0x20 != 0 {
            payload.truncate(payload.len().checked_sub(usize::from(*payload.last()?))?);
        }
        Some(Self {
            payload_type: head[1] & 0x7f,
            marker: head[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes(head[4..8].try_into().ok()?),
            ssrc: u32::from_be_bytes(head[8..12].try_into().ok()?),
            extensions,
            payload,
        })
    }
}

/// What a peer is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    KeyFrame(u32),
    Again(u32, Vec<u16>),
}

/// Everything that a compound asks for.
pub fn asked(mut compound: &[u8]) -> Vec<Asked> {
    let mut asked = Vec::new();
    while compound.len() >= 4 {
        let len = usize::from(u16::from_be_bytes([compound[2], compound[3]])) * 4 + 4;
        let Some((packet, rest)) = compound.split_at_checked(len) else { break };
        compound = rest;
        let media = packet.get(8..12).map(|m| u32::from_be_bytes(m.try_into().expect("four")));
        match (packet[1], packet[0] & 31, media) {
            (206, 1, Some(media)) => asked.push(Asked::KeyFrame(media)),
            (205, 1, Some(media)) => {
                let mut numbers = Vec::new();
                for pair in packet[12..].chunks_exact(4) {
                    let first = u16::from_be_bytes([pair[0], pair[1]]);
                    let more = u16::from_be_bytes([pair[2], pair[3]]);
                    numbers.push(first);
                    let bits = (0..16).filter(|bit| more >> bit & 1 == 1);
                    numbers.extend(bits.map(|bit| first.wrapping_add(bit + 1)));
                }
                asked.push(Asked::Again(media, numbers));
            }
            _ => {}
        }
    }
    asked
}

/// Asks for one picture to begin afresh.
pub fn pli(media: u32) -> Vec<u8> {
    feedback(206, 1, media, &[])
}

/// Asks for packets again.
pub fn nack(media: u32, missing: &[u16]) -> Vec<u8> {
    let pairs: Vec<u8> =
        missing.iter().flat_map(|number| [number.to_be_bytes(), [0, 0]].concat()).collect();
    feedback(205, 1, media, &pairs)
}

pub fn feedback(kind: u8, format: u8, media: u32, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80 | format, kind];
    packet.extend((2 + body.len() as u16 / 4).to_be_bytes());
    packet.extend(1_u32.to_be_bytes());
    packet.extend(media.to_be_bytes());
    packet.extend(body);
    packet
}

/// A sender's clocks.
pub fn sender_report(ssrc: u32, us_since_1900: u64, timestamp: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 200, 0, 6];
    packet.extend(ssrc.to_be_bytes());
    let fraction = (us_since_1900 % 1_000_000 * (1 << 32) / 1_000_000) as u32;
    packet.extend(((us_since_1900 / 1_000_000) as u32).to_be_bytes());
    packet.extend(fraction.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend([0; 8]);
    packet
}
