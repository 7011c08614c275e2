//! What a datagram must be before the DTLS library sees it: one forged datagram from the peer's own
//! address must not be able to end a handshake.

use super::{u16_at, u24_at, u32_at};

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const RECORD_HEADER_BYTES: usize = 13;
const HANDSHAKE_HEADER_BYTES: usize = 12;
/// Records in clear; a handshake has far fewer, and repeats of it.
const CLEAR_RECORDS_MAX: u64 = 255;
const MESSAGES_MAX: u16 = 8;
const MESSAGE_BYTES_MAX: u32 = 16 * 1024;

/// Which side of the handshake the sender is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Server,
}

/// Each record is whole and one that this sender may send.
pub(crate) fn admits(datagram: &[u8], sender: Sender) -> bool {
    let mut rest = datagram;
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        match record(rest, sender) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    true
}

/// What follows the first record; `None` when that is not admitted.
fn record(bytes: &[u8], sender: Sender) -> Option<&[u8]> {
    let kind = *bytes.first()?;
    let version = u16_at(bytes, 1)?;
    let epoch = u16_at(bytes, 3)?;
    let sequence = u64::from(u16_at(bytes, 5)?) << 32 | u64::from(u32_at(bytes, 7)?);
    let len = usize::from(u16_at(bytes, 11)?);
    let (record, behind) = bytes.split_at_checked(RECORD_HEADER_BYTES.checked_add(len)?)?;
    let body = record.get(RECORD_HEADER_BYTES..)?;
    if !matches!(version, 0xfeff | 0xfefd) || epoch > 1 {
        return None;
    }
    let admitted = if epoch == 1 {
        matches!(kind, ALERT | HANDSHAKE | APPLICATION_DATA)
    } else {
        sequence <= CLEAR_RECORDS_MAX
            && match kind {
                CHANGE_CIPHER_SPEC => body == [1],
                HANDSHAKE => messages_are_sane(body, sender),
                _ => false,
            }
    };
    admitted.then_some(behind)
}

/// All handshake messages (or fragments) of a record in clear.
fn messages_are_sane(mut body: &[u8], sender: Sender) -> bool {
    if body.is_empty() {
        return false;
    }
    while !body.is_empty() {
        match message(body, sender) {
            Some(behind) => body = behind,
            None => return false,
        }
    }
    true
}

fn message(body: &[u8], sender: Sender) -> Option<&[u8]> {
    let kind = *body.first()?;
    let known = match sender {
        // ClientHello, Certificate, CertificateVerify, ClientKeyExchange.
        Sender::Client => matches!(kind, 1 | 11 | 15 | 16),
        // ServerHello, HelloVerifyRequest, Certificate, ServerKeyExchange, CertificateRequest,
        // ServerHelloDone.
        Sender::Server => matches!(kind, 2 | 3 | 11..=14),
    };
    let len = u24_at(body, 1)?;
    let number = u16_at(body, 4)?;
    let offset = u24_at(body, 6)?;
    let fragment = u24_at(body, 9)?;
    let sane = known
        && number <= MESSAGES_MAX
        && len <= MESSAGE_BYTES_MAX
        && offset.checked_add(fragment)? <= len
        && (fragment > 0 || len == 0);
    let end = HANDSHAKE_HEADER_BYTES.checked_add(usize::try_from(fragment).ok()?)?;
    sane.then_some(body.get(end..)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(datagram: &[u8]) -> bool {
        super::admits(datagram, Sender::Client)
    }

    fn record_of(kind: u8, epoch: u16, sequence: u64, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, 0xfe, 0xfd];
        bytes.extend(epoch.to_be_bytes());
        bytes.extend(&sequence.to_be_bytes()[2..]);
        bytes.extend(u16::try_from(body.len()).expect("short").to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn hello(number: u16, len: u32, offset: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![1];
        bytes.extend(&len.to_be_bytes()[1..]);
        bytes.extend(number.to_be_bytes());
        bytes.extend(&offset.to_be_bytes()[1..]);
        bytes.extend(&u32::try_from(body.len()).expect("short").to_be_bytes()[1..]);
        bytes.extend(body);
        record_of(22, 0, 0, &bytes)
    }

    #[test]
    fn a_hello_and_its_fragments_pass() {
        assert!(admits(&hello(0, 3, 0, b"abc")));
        assert!(admits(&hello(0, 1400, 1000, &[7; 400])));
        let two = [record_of(22, 0, 3, &hello(1, 1, 0, b"x")[13..]), record_of(20, 0, 4, &[1])];
        assert!(admits(&two.concat()));
    }

    #[test]
    fn protected_records_pass_in_the_first_epoch_only() {
        assert!(admits(&record_of(23, 1, 1 << 40, b"sealed")));
        assert!(admits(&record_of(21, 1, 9, b"sealed")));
        assert!(!admits(&record_of(23, 2, 0, b"sealed")));
    }

    #[test]
    fn forged_records_are_stopped() {
        assert!(!admits(b""), "nothing");
        assert!(!admits(&record_of(21, 0, 1, &[2, 40])), "an alert in clear");
        assert!(!admits(&record_of(23, 0, 1, b"data")), "data in clear");
        assert!(!admits(&record_of(20, 0, 1, &[1, 1])), "a long change of cipher");
        assert!(!admits(&record_of(22, 0, 256, &hello(0, 1, 0, b"x")[13..])), "a late number");
        assert!(!admits(&hello(9, 1, 0, b"x")), "a late message");
        assert!(!admits(&hello(0, 1 << 20, 0, b"x")), "a huge message");
        assert!(!admits(&hello(0, 3, 1, b"abc")), "past the end of its message");
        let mut cut = hello(0, 3, 0, b"abc");
        cut.pop();
        assert!(!admits(&cut), "cut");
        cut.extend(b"c\x16");
        assert!(!admits(&cut), "a second record cut");
        let mut finished = hello(0, 3, 0, b"abc");
        finished[13] = 20;
        assert!(!admits(&finished), "a Finished in clear");
        finished[13] = 2;
        assert!(!admits(&finished), "a ServerHello from a client");
        assert!(super::admits(&finished, Sender::Server));
    }
}
