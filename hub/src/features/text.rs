//! Texts of the public and to it: what may be sent, and what is shown of it.

use signaling::limits::{
    BOARD_BODY_CHARS_MAX, BOARD_NAME_CHARS_MAX, BOARD_REPLY_CHARS_MAX, BOARD_TITLE_CHARS_MAX,
    BOARD_TITLE_CHARS_MIN,
};
use signaling::{Refusal, RefusalCode};

/// Digits in a row from which on they are taken for the number of a telephone, person or card.
const NUMBER_DIGITS_MIN: usize = 11;
/// Digits that stay readable at the front of a masked number.
const NUMBER_DIGITS_SHOWN: usize = 3;

/// Letters of a passphrase: no I, L, O or U, which are read as something else.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a passphrase, five bits each.
const PHRASE_CHARS: usize = 10;

/// A text without control characters and outer space.
fn bounded(text: &str, (least, most): (usize, usize), what: &str) -> Result<String, Refusal> {
    let text: String = text.replace("\r\n", "\n").trim().to_owned();
    let broken = |c: char| (c.is_control() && c != '\n') || is_steering(c);
    let count = text.chars().count();
    if count == 0 {
        return Err(Refusal::new(RefusalCode::TextEmpty, format!("{what} is empty")));
    }
    if !(least..=most).contains(&count) || text.chars().any(broken) {
        let sentence = format!("{what} has {least} to {most} characters");
        return Err(Refusal::new(RefusalCode::InvalidInput, sentence));
    }
    Ok(text)
}

/// Marks that turn the direction of text around and hide what stands there.
const fn is_steering(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// The title of a post, one line.
pub(super) fn title(text: &str) -> Result<String, Refusal> {
    let title = bounded(text, (BOARD_TITLE_CHARS_MIN, BOARD_TITLE_CHARS_MAX), "a title")?;
    Ok(title.replace('\n', " "))
}

/// The text of a post, or of an addition to it.
pub(super) fn body(text: &str) -> Result<String, Refusal> {
    bounded(text, (1, BOARD_BODY_CHARS_MAX), "a text")
}

/// A reply, a question or a reason.
pub(super) fn reply(text: &str) -> Result<String, Refusal> {
    bounded(text, (1, BOARD_REPLY_CHARS_MAX), "a text")
}

/// The name in front.
pub(super) fn name(text: &str) -> Result<String, Refusal> {
    Ok(bounded(text, (1, BOARD_NAME_CHARS_MAX), "a name")?.replace('\n', " "))
}

/// A text on one line within bounds.
pub(super) fn line(text: &str, bounds: (usize, usize), what: &str) -> Result<String, Refusal> {
    Ok(bounded(text, bounds, what)?.replace('\n', " "))
}

/// A text as everybody may read it: long numbers are masked.
#[must_use]
pub(super) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run: Vec<char> = Vec::new();
    for c in text.chars() {
        let joins = matches!(c, ' ' | '-' | '\u{3000}') && !run.is_empty();
        if digit(c).is_some() || joins {
            run.push(c);
        } else {
            mask_run(&mut run, &mut out);
            out.push(c);
        }
    }
    mask_run(&mut run, &mut out);
    out
}

fn digit(c: char) -> Option<u32> {
    match c {
        '\u{ff10}'..='\u{ff19}' => u32::from(c).checked_sub(0xff10),
        _ => c.to_digit(10),
    }
}

fn mask_run(run: &mut Vec<char>, out: &mut String) {
    let digits = run.iter().filter(|c| digit(**c).is_some()).count();
    let mut seen = 0_usize;
    for c in run.drain(..) {
        let is_digit = digit(c).is_some();
        seen = seen.saturating_add(usize::from(is_digit));
        let hide = digits >= NUMBER_DIGITS_MIN && is_digit && seen > NUMBER_DIGITS_SHOWN;
        out.push(if hide { '*' } else { c });
    }
}

/// A passphrase from seven random bytes, in two groups of five: `K7QMX-3XPTW`.
#[must_use]
pub(super) fn phrase(random: [u8; 7]) -> String {
    let mut bits = random.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let mut out = String::new();
    for place in 0..PHRASE_CHARS {
        if place == PHRASE_CHARS / 2 {
            out.push('-');
        }
        let letter = usize::try_from(bits & 31).ok().and_then(|at| LETTERS.get(at));
        out.push(letter.map_or('2', |letter| char::from(*letter)));
        bits >>= 5;
    }
    out
}

/// A passphrase as it was typed: small letters, spaces and dashes do not matter, nor does an O for
/// a zero.
#[must_use]
pub(super) fn plain_phrase(typed: &str) -> String {
    let typed = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '—' | '－'));
    let alike = |c| match c {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    typed.take(64).flat_map(char::to_uppercase).map(alike).collect()
}

/// A number as it was typed, `261124-482913` or without the dash.
#[must_use]
pub(super) fn plain_number(typed: &str) -> Option<i64> {
    let digits = typed.chars().filter_map(digit).filter_map(|value| char::from_digit(value, 10));
    let digits: String = digits.take(13).collect();
    if digits.len() == 12 { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_masked_and_dates_and_sums_are_not() {
        let cases = [
            ("请打10012345678找我", "请打100********找我"),
            ("电话 100-1234-5678。", "电话 100-****-****。"),
            ("990000197001010017", "990***************"),
            ("１００１２３４５６７８", "１００********"),
            ("2026-11-24 交了 1500 元", "2026-11-24 交了 1500 元"),
            ("第 3 组 12 户", "第 3 组 12 户"),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn a_passphrase_is_found_again_however_it_is_typed() {
        let made = phrase([0x12, 0xff, 0x00, 0xab, 0x37, 0x5c, 0x99]);
        assert_eq!(made.chars().count(), 11);
        let typed = made.to_lowercase().replace('-', " ");
        assert_eq!(plain_phrase(&typed), plain_phrase(&made));
        assert_eq!(plain_number("261124-482913"), Some(261_124_482_913));
        assert_eq!(plain_number("２６１１２４ 482913"), Some(261_124_482_913));
        assert_eq!(plain_number("482913"), None);
    }

    #[test]
    fn texts_outside_their_bounds_or_with_hidden_marks_are_refused() {
        assert!(title("太短").is_err());
        assert!(title(&"长".repeat(BOARD_TITLE_CHARS_MAX + 1)).is_err());
        assert_eq!(
            title("  清泉村三组饮水管漏水已五天 ").as_deref(),
            Ok("清泉村三组饮水管漏水已五天")
        );
        assert!(body(&"𬱖".repeat(BOARD_BODY_CHARS_MAX)).is_ok());
        assert!(body(&"𬱖".repeat(BOARD_BODY_CHARS_MAX + 1)).is_err());
        assert!(body("a\u{202e}b").is_err());
        assert!(body("a\u{0}b").is_err());
        assert_eq!(body("一\r\n二").as_deref(), Ok("一\n二"));
    }
}
