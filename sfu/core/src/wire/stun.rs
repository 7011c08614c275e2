//! STUN binding requests and the answers of an ICE-lite agent (RFC 8489, RFC 8445).

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::{constant_time, hmac};

use super::{Writer, u16_at, u32_at};

const COOKIE: u32 = 0x2112_A442;
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;
const FINGERPRINT_XOR: u32 = 0x5354_554e;
/// "Role conflict": class 4, number 87.
const ROLE_CONFLICT: u32 = 4 << 8 | 0x57;
const HEADER_BYTES: usize = 20;
const INTEGRITY_BYTES: usize = 20;

/// The key of the short-term password `pwd`.
pub(crate) fn key_of(pwd: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, pwd.as_bytes())
}

/// A well-formed binding request that carries a name and an integrity check, not yet verified.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    message: &'a [u8],
    integrity_at: usize,
    /// The first part of the name: the receiver's.
    pub(crate) ours: &'a [u8],
    /// The second part: the sender's.
    pub(crate) theirs: &'a [u8],
    /// The sender chooses this way.
    pub(crate) use_candidate: bool,
    /// The sender believes that we are the controlling side.
    pub(crate) controlled: bool,
}

impl<'a> Request<'a> {
    /// `None` unless it is a whole binding request with a name of two parts, an integrity check
    /// and, if it has one, a right fingerprint.
    pub(crate) fn parse(message: &'a [u8]) -> Option<Self> {
        if u16_at(message, 0)? != BINDING_REQUEST || u32_at(message, 4)? != COOKIE {
            return None;
        }
        if usize::from(u16_at(message, 2)?).checked_add(HEADER_BYTES)? != message.len() {
            return None;
        }
        let (mut name, mut integrity_at) = (None, None);
        let (mut use_candidate, mut controlled) = (false, false);
        let mut at = HEADER_BYTES;
        while at < message.len() {
            let len = usize::from(u16_at(message, at.checked_add(2)?)?);
            let start = at.checked_add(4)?;
            let value = message.get(start..start.checked_add(len)?)?;
            match u16_at(message, at)? {
                FINGERPRINT => {
                    fingerprint_is_right(message, at, value)?;
                    break;
                }
                // Nothing but the fingerprint counts behind the integrity check.
                _ if integrity_at.is_some() => {}
                MESSAGE_INTEGRITY if len == INTEGRITY_BYTES => integrity_at = Some(at),
                USERNAME => name = Some(value),
                USE_CANDIDATE => use_candidate = true,
                ICE_CONTROLLED => controlled = true,
                _ => {}
            }
            at = start.checked_add(len.checked_next_multiple_of(4)?)?;
        }
        let name = name?;
        let colon = name.iter().position(|byte| *byte == b':')?;
        let (ours, theirs) = name.split_at_checked(colon)?;
        let theirs = theirs.get(1..)?;
        let integrity_at = integrity_at?;
        Some(Self { message, integrity_at, ours, theirs, use_candidate, controlled })
    }

    /// The sender knows the password.
    pub(crate) fn is_authentic(&self, key: &hmac::Key) -> bool {
        self.check(key).is_some()
    }

    fn check(&self, key: &hmac::Key) -> Option<()> {
        let start = self.integrity_at.checked_add(4)?;
        let given = self.message.get(start..start.checked_add(INTEGRITY_BYTES)?)?;
        let signed = self.message.get(..self.integrity_at)?;
        let tag = integrity_of(key, signed)?;
        constant_time::verify_slices_are_equal(tag.as_ref(), given).ok()
    }

    /// Writes "your check came from `from`"; the number of bytes.
    pub(crate) fn answer(&self, key: &hmac::Key, from: SocketAddr, to: &mut [u8]) -> Option<usize> {
        let mut writer = self.start(BINDING_SUCCESS, to)?;
        put_address(&mut writer, from, self.message.get(4..HEADER_BYTES)?)?;
        finish(writer, key)
    }

    /// Writes "you are the controlling side, not I"; the number of bytes.
    pub(crate) fn role_conflict(&self, key: &hmac::Key, to: &mut [u8]) -> Option<usize> {
        let mut writer = self.start(BINDING_ERROR, to)?;
        writer.u16(ERROR_CODE)?;
        writer.u16(4)?;
        writer.u32(ROLE_CONFLICT)?;
        finish(writer, key)
    }

    fn start<'b>(&self, kind: u16, to: &'b mut [u8]) -> Option<Writer<'b>> {
        let mut writer = Writer::new(to);
        writer.u16(kind)?;
        writer.u16(0)?;
        writer.put(self.message.get(4..HEADER_BYTES)?)?;
        Some(writer)
    }
}

/// The HMAC of `signed` (all in front of the check), with the length of a message that ends with
/// the check.
fn integrity_of(key: &hmac::Key, signed: &[u8]) -> Option<hmac::Tag> {
    let len = signed.len().checked_add(4 + INTEGRITY_BYTES)?.checked_sub(HEADER_BYTES)?;
    let mut context = hmac::Context::with_key(key);
    context.update(signed.get(..2)?);
    context.update(&u16::try_from(len).ok()?.to_be_bytes());
    context.update(signed.get(4..)?);
    Some(context.sign())
}

fn put_address(writer: &mut Writer<'_>, address: SocketAddr, cookie_id: &[u8]) -> Option<()> {
    let xored = |octets: &[u8], writer: &mut Writer<'_>| {
        octets.iter().zip(cookie_id).try_for_each(|(octet, with)| writer.u8(octet ^ with))
    };
    let port = address.port() ^ u16_at(cookie_id, 0)?;
    let ip = address.ip().to_canonical();
    let (family, len) = match ip {
        IpAddr::V4(_) => (1, 8),
        IpAddr::V6(_) => (2, 20),
    };
    writer.u16(XOR_MAPPED_ADDRESS)?;
    writer.u16(len)?;
    writer.u16(family)?;
    writer.u16(port)?;
    match ip {
        IpAddr::V4(v4) => xored(&v4.octets(), writer),
        IpAddr::V6(v6) => xored(&v6.octets(), writer),
    }
}

fn finish(mut writer: Writer<'_>, key: &hmac::Key) -> Option<usize> {
    let tag = integrity_of(key, writer.written())?;
    writer.u16(MESSAGE_INTEGRITY)?;
    writer.u16(20)?;
    writer.put(tag.as_ref())?;
    let len = writer.len().checked_add(8)?.checked_sub(HEADER_BYTES)?;
    writer.patch(2, &u16::try_from(len).ok()?.to_be_bytes())?;
    let sum = crc32(writer.written()) ^ FINGERPRINT_XOR;
    writer.u16(FINGERPRINT)?;
    writer.u16(4)?;
    writer.u32(sum)?;
    Some(writer.len())
}

fn fingerprint_is_right(message: &[u8], at: usize, value: &[u8]) -> Option<()> {
    let given = u32_at(value, 0)?;
    let ends_here = at.checked_add(8)? == message.len();
    (ends_here && given == crc32(message.get(..at)?) ^ FINGERPRINT_XOR).then_some(())
}

/// CRC-32 of ISO 3309, as in Ethernet.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = crc_table();
    let step = |crc: u32, byte: &u8| {
        let index = usize::from(crc.to_le_bytes().first().copied().unwrap_or(0) ^ byte);
        TABLE.get(index).copied().unwrap_or(0) ^ (crc >> 8)
    };
    !bytes.iter().fold(!0, step)
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs while compiling"
)]
#[expect(clippy::cast_possible_truncation, reason = "the index is below 256")]
const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut crc = n as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
}

/// The asking side, for tests.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::api::transport::IceCredentials;

    /// A check by `name` on the holder of `to`.
    pub(crate) fn request(to: &IceCredentials, name: &str, use_candidate: bool) -> Vec<u8> {
        let mut bytes = [0; 256];
        let mut writer = Writer::new(&mut bytes);
        let username = format!("{}:{name}", to.ufrag);
        let write = |writer: &mut Writer<'_>| {
            writer.u16(BINDING_REQUEST)?;
            writer.u16(0)?;
            writer.u32(COOKIE)?;
            writer.put(&[7; 12])?;
            writer.u16(USERNAME)?;
            writer.u16(u16::try_from(username.len()).ok()?)?;
            writer.put(username.as_bytes())?;
            writer.align()?;
            if use_candidate {
                writer.u16(USE_CANDIDATE)?;
                writer.u16(0)?;
            }
            Some(())
        };
        write(&mut writer).expect("room");
        let len = finish(writer, &key_of(&to.pwd)).expect("room");
        bytes[..len].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 §2.1.
    const SAMPLE: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
        \x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\
        \x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\
        \x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20\
        \x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\
        \x80\x28\x00\x04\xe5\x7a\x3b\xcf";
    const PWD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
    const FINGERPRINT_AT: usize = 100;

    #[test]
    fn the_sample_request_of_the_rfc_is_authentic() {
        let request = Request::parse(SAMPLE).expect("a request");
        assert_eq!((request.ours, request.theirs), (&b"evtj"[..], &b"h6vY"[..]));
        assert!(request.controlled && !request.use_candidate);
        assert!(request.is_authentic(&key_of(PWD)));
        assert!(!request.is_authentic(&key_of("another")));
    }

    #[test]
    fn a_request_with_any_byte_changed_is_not_authentic() {
        for at in 0..SAMPLE.len() {
            let mut message = SAMPLE.to_vec();
            message[at] ^= 1;
            let accepted = Request::parse(&message).is_some_and(|r| r.is_authentic(&key_of(PWD)));
            // What is no fingerprint any more is an unknown thing behind the check, and ignored.
            let kind_of_fingerprint = (FINGERPRINT_AT..FINGERPRINT_AT + 2).contains(&at);
            assert_eq!(accepted, kind_of_fingerprint, "byte {at}");
        }
    }

    #[test]
    fn a_request_cut_anywhere_is_no_request() {
        for len in 0..SAMPLE.len() {
            assert!(Request::parse(&SAMPLE[..len]).is_none(), "{len} bytes");
        }
    }

    #[test]
    fn an_answer_is_no_larger_than_the_request_and_carries_the_xored_address() {
        let request = Request::parse(SAMPLE).expect("a request");
        let mut answer = [0; 128];
        let from = "192.0.2.1:32853".parse().expect("an address");
        let len = request.answer(&key_of(PWD), from, &mut answer).expect("room");
        assert!(len <= SAMPLE.len());
        // RFC 5769 §2.2: the same address, cookie and transaction.
        assert_eq!(&answer[20..32], b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43");
        assert_eq!(usize::from(u16_at(&answer, 2).expect("a length")) + 20, len);
    }
}
