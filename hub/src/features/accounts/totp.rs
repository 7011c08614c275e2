//! Codes of an authenticator application (RFC 6238: SHA-1, 30 s, 6 digits), and its secret as
//! people and pictures carry it.

use aws_lc_rs::hmac;

/// Bytes of a secret.
pub(super) const SECRET_BYTES: usize = 20;
/// Seconds of one step.
const STEP_S: i64 = 30;
const CODES: u32 = 1_000_000;

/// The step of a moment in seconds since 1970.
pub(super) const fn step_at(unix_s: i64) -> i64 {
    unix_s.div_euclid(STEP_S)
}

/// The code of a step.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let four = bytes.get(offset..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    format!("{:06}", number % CODES)
}

/// The step whose code this is: the present one or one beside it, for clocks that differ, and only
/// one after `last`, since a code is taken once.
pub(super) fn step_of(secret: &[u8], given: &str, now_s: i64, last: i64) -> Option<i64> {
    let present = step_at(now_s);
    let steps = [present, present.saturating_sub(1), present.saturating_add(1)];
    let equal = |step: &i64| {
        let right = code(secret, *step);
        aws_lc_rs::constant_time::verify_slices_are_equal(right.as_bytes(), given.as_bytes())
            .is_ok()
    };
    steps.into_iter().filter(|step| *step > last).find(equal)
}

/// RFC 4648 base32 without padding.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut out, mut buffer, mut bits) = (String::new(), 0_u32, 0_u32);
    let letter = |index: u32| {
        let index = usize::try_from(index & 31).unwrap_or_default();
        LETTERS.get(index).map_or('A', |&letter| char::from(letter))
    };
    for &byte in bytes {
        buffer = (buffer << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(letter(buffer >> bits));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(letter(buffer << (5 - bits)));
    }
    out
}

/// What an authenticator application reads from a picture. The account is named by the masked
/// number, since the picture may be seen.
#[must_use]
pub fn uri(secret: &[u8], account: &str) -> String {
    let account = account.replace('*', "x");
    let secret = base32(secret);
    format!("otpauth://totp/Lianxin:{account}?secret={secret}&issuer=Lianxin&digits=6&period=30")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238 appendix B, SHA-1, the last six of eight digits.
        for (at, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, step_at(at)), expected);
        }
    }

    #[test]
    fn a_code_is_taken_a_step_early_or_late_and_once() {
        let step = step_at(1_111_111_111);
        assert_eq!(step_of(SECRET, "050471", 1_111_111_111, 0), Some(step));
        assert_eq!(step_of(SECRET, "050471", 1_111_111_141, 0), Some(step));
        assert_eq!(step_of(SECRET, "050471", 1_111_111_081, 0), Some(step));
        assert_eq!(step_of(SECRET, "050471", 1_111_111_171, 0), None);
        assert_eq!(step_of(SECRET, "050471", 1_111_111_111, step), None);
        assert_eq!(step_of(SECRET, "", 1_111_111_111, 0), None);
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        for (text, expected) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), expected);
        }
    }
}
