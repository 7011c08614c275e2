//! Decisions of sign-in: what a number and a code look like, and who has to wait.

use signaling::limits::{
    CODE_RESEND_S_MIN, CODES_PER_ADDRESS_HOUR_MAX, CODES_PER_PHONE_DAY_MAX,
    CODES_PER_PHONE_HOUR_MAX, CODES_PER_VISITOR_HOUR_MAX, DEVICE_NAME_CHARS_MAX,
};
use signaling::{Refusal, RefusalCode};
use time::OffsetDateTime;

use super::types::{Asked, Phone};

const HOUR_S: u32 = 3600;

/// Reads a number as people write it: `+86`, `86`, `0086`, spaces, hyphens, full-width digits.
pub fn phone(text: &str) -> Result<Phone, Refusal> {
    let refuse = || {
        let sentence = "the telephone number must have 11 digits and begin with 1";
        Refusal::new(RefusalCode::PhoneInvalid, sentence)
    };
    if text.chars().count() > 32 {
        return Err(refuse());
    }
    let plus = text.trim_start().starts_with(['+', '＋']);
    let digits = digits(text, &[' ', '\u{a0}', '\u{3000}', '-', '+', '＋']).ok_or_else(refuse)?;
    let national = match (digits.len(), plus) {
        (11, false) => digits.as_str(),
        (13, _) => digits.strip_prefix("86").unwrap_or_default(),
        (15, false) => digits.strip_prefix("0086").unwrap_or_default(),
        _ => "",
    };
    if national.len() == 11 && national.starts_with('1') {
        Ok(Phone(national.to_owned()))
    } else {
        Err(refuse())
    }
}

/// Reads a code as people write it; `None` where it can not be one.
pub(super) fn code(text: &str) -> Option<String> {
    if text.chars().count() > 16 {
        return None;
    }
    digits(text, &[' ', '\u{a0}', '\u{3000}', '-']).filter(|digits| digits.len() == 6)
}

/// The digits of `text` in half width, without the characters `between`; `None` where anything
/// else stands in it.
fn digits(text: &str, between: &[char]) -> Option<String> {
    let kept = text.chars().filter(|letter| !between.contains(letter));
    kept.map(|letter| match letter {
        '0'..='9' => Some(letter),
        '０'..='９' => {
            u32::from(letter).checked_sub(0xff10).and_then(|n| char::from_digit(n, 10))
        }
        _ => None,
    })
    .collect()
}

/// A number as its owner recognizes it: `100****0001`.
#[must_use]
pub fn mask(phone: &Phone) -> String {
    let digits = phone.digits();
    let (head, tail) = (digits.get(..3).unwrap_or_default(), digits.get(7..).unwrap_or_default());
    format!("{head}****{tail}")
}

/// A six-digit code from uniformly random bytes; `None` where these would favour some codes.
pub(super) fn draw_code(random: [u8; 4]) -> Option<String> {
    const CODES: u32 = 1_000_000;
    let number = u32::from_be_bytes(random);
    (number < u32::MAX / CODES * CODES).then(|| format!("{:06}", number % CODES))
}

/// Whether another code may be asked for now; the same for numbers with and without an account.
pub(super) fn may_ask(
    asked: &Asked,
    now: OffsetDateTime,
    codes_per_hour_max: u32,
) -> Result<(), Refusal> {
    let waited = asked.last.map_or(i64::MAX, |last| (now - last).whole_seconds());
    if waited < CODE_RESEND_S_MIN {
        let rest = CODE_RESEND_S_MIN.saturating_sub(waited).clamp(1, CODE_RESEND_S_MIN);
        return Err(wait("a code was just sent", u32::try_from(rest).unwrap_or(HOUR_S)));
    }
    if asked.phone_day >= CODES_PER_PHONE_DAY_MAX {
        return Err(wait("too many codes were asked for with this number today", HOUR_S));
    }
    if asked.phone_hour >= CODES_PER_PHONE_HOUR_MAX
        || asked.visitor_hour >= CODES_PER_VISITOR_HOUR_MAX
        || asked.address_hour >= CODES_PER_ADDRESS_HOUR_MAX
        || asked.all_hour >= i64::from(codes_per_hour_max)
    {
        return Err(wait("too many codes were asked for", HOUR_S));
    }
    Ok(())
}

fn wait(sentence: &str, seconds: u32) -> Refusal {
    let text = format!("{sentence}; try again later");
    Refusal::new(RefusalCode::TooManyRequests, text).retry_after(seconds)
}

/// What a device is called in the list: the person's own word, else what its browser says.
pub fn device_name(given: Option<&str>, user_agent: &str) -> String {
    let given: String = given
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|letter| !letter.is_control())
        .take(DEVICE_NAME_CHARS_MAX)
        .collect();
    if given.is_empty() { described(user_agent) } else { given }
}

fn described(user_agent: &str) -> String {
    const BROWSERS: &[(&str, &str)] = &[
        ("MicroMessenger", "微信"),
        ("MiuiBrowser", "小米浏览器"),
        ("HuaweiBrowser", "华为浏览器"),
        ("HeyTapBrowser", "OPPO 浏览器"),
        ("VivoBrowser", "vivo 浏览器"),
        ("QQBrowser", "QQ 浏览器"),
        ("UCBrowser", "UC 浏览器"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: &[(&str, &str)] = &[
        ("OpenHarmony", "HarmonyOS"),
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let named = |table: &[(&str, &'static str)]| {
        table.iter().find(|(word, _)| user_agent.contains(word)).map(|(_, name)| *name)
    };
    let parts: Vec<_> = [named(BROWSERS), named(SYSTEMS)].into_iter().flatten().collect();
    if parts.is_empty() { "—".to_owned() } else { parts.join(" · ") }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let written = [
            "10000000001",
            "100 0000 0001",
            "100-0000-0001",
            "+86 100 0000 0001",
            "+8610000000001",
            "8610000000001",
            "008610000000001",
            "１００００００００01",
            " 10000000001 ",
        ];
        for text in written {
            let phone = phone(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(phone.digits(), "10000000001", "{text}");
        }
    }

    #[test]
    fn what_can_not_receive_a_code_is_no_number() {
        let bad = [
            "",
            "1000000000",
            "100000000011",
            "20000000001",
            "+1 100000 00001",
            "+10000000001",
            "1000000000a",
            "861000000000",
            "9910000000001",
            "١٠٠٠٠٠٠٠٠٠١",
            "1 0 0 0 0 0 0 0 0 0 1 - - - - - - - - - - -",
        ];
        for text in bad {
            let error = phone(text).expect_err(text);
            assert_eq!(error.code, RefusalCode::PhoneInvalid);
            assert!(text.is_empty() || !error.detail.contains(text));
        }
    }

    #[test]
    fn a_number_is_masked_and_never_shown_by_debug() {
        let phone = phone("10012345678").expect("a number");
        assert_eq!(mask(&phone), "100****5678");
        assert_eq!(format!("{phone:?}"), "Phone(…)");
    }

    #[test]
    fn codes_are_six_digits_in_any_writing() {
        for text in ["012345", " 012 345", "０１２３４５", "012-345"] {
            assert_eq!(code(text).as_deref(), Some("012345"), "{text}");
        }
        for text in ["", "12345", "1234567", "12345a", "1 2 3 4 5 6      "] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn drawn_codes_keep_their_zeros_and_favour_none() {
        assert_eq!(draw_code([0, 0, 0, 7]).as_deref(), Some("000007"));
        assert_eq!(draw_code(999_999_u32.to_be_bytes()).as_deref(), Some("999999"));
        assert_eq!(draw_code(4_294_000_000_u32.to_be_bytes()), None);
        assert_eq!(draw_code(4_293_999_999_u32.to_be_bytes()).as_deref(), Some("999999"));
    }

    #[test]
    fn each_limit_of_codes_stands_alone() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let quiet = Asked::default();
        may_ask(&quiet, now, 100).expect("nothing was asked for");
        let full = Asked {
            last: Some(now - Duration::seconds(60)),
            phone_hour: 4,
            phone_day: 9,
            visitor_hour: 9,
            address_hour: 59,
            all_hour: 99,
        };
        may_ask(&full, now, 100).expect("one below every limit");
        let over = [
            Asked { last: Some(now - Duration::seconds(59)), ..full },
            Asked { phone_hour: 5, ..full },
            Asked { phone_day: 10, ..full },
            Asked { visitor_hour: 10, ..full },
            Asked { address_hour: 60, ..full },
            Asked { all_hour: 100, ..full },
        ];
        for asked in over {
            let error = may_ask(&asked, now, 100).expect_err("over the limit");
            assert_eq!(error.code, RefusalCode::TooManyRequests, "{asked:?}");
            assert!(error.retry_after_s.is_some_and(|seconds| seconds >= 1), "{asked:?}");
        }
        let just = Asked { last: Some(now - Duration::seconds(45)), ..quiet };
        assert_eq!(may_ask(&just, now, 100).expect_err("too early").retry_after_s, Some(15));
    }

    #[test]
    fn a_device_is_called_by_its_owner_or_by_its_browser() {
        assert_eq!(device_name(Some("  妈妈的 \n手机 "), "x"), "妈妈的 手机");
        assert_eq!(device_name(Some(&"长".repeat(60)), "").chars().count(), 40);
        let wechat = "Mozilla/5.0 (Linux; Android 10) Chrome/86.0 MicroMessenger/8.0";
        assert_eq!(device_name(None, wechat), "微信 · Android");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_3 like Mac OS X) Safari/604.1";
        assert_eq!(device_name(Some(" \u{7} "), safari), "Safari · iPhone");
        assert_eq!(device_name(None, "curl/8"), "—");
    }
}
