//! What may be written, and what may be done to a message later.

use signaling::limits::{
    EDIT_DELAY_MS_MAX, MENTIONS_MAX, MESSAGE_CHARS_MAX, REACTION_CHARS_MAX, WITHDRAW_DELAY_MS_MAX,
};
use signaling::{PersonId, RefusalCode};
use time::OffsetDateTime;

use super::types::StoredMessage;
use crate::error::{Error, Result};
use crate::timeline::millis;

/// A change of an earlier message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Edit,
    Withdraw,
}

/// A text has something to read and at most [`MESSAGE_CHARS_MAX`] characters.
pub(super) fn text(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::refuse(RefusalCode::TextEmpty, "write something first"));
    }
    let chars = text.chars().count();
    if chars > MESSAGE_CHARS_MAX {
        let detail = format!("{chars} characters; a message has at most {MESSAGE_CHARS_MAX}");
        return Err(Error::refuse(RefusalCode::TextTooLong, detail));
    }
    Ok(())
}

/// A message calls at most [`MENTIONS_MAX`] members by name.
pub(super) fn mentions(mentions: &[PersonId]) -> Result<()> {
    if mentions.len() > MENTIONS_MAX {
        let detail = format!("a message mentions at most {MENTIONS_MAX} members");
        return Err(Error::refuse(RefusalCode::TooLarge, detail));
    }
    Ok(())
}

/// A reaction is one emoji: a few characters, none of them a letter, a blank or a control.
pub(super) fn emoji(emoji: &str) -> Result<()> {
    let chars = emoji.chars().count();
    let odd = |one: char| one.is_alphabetic() || one.is_whitespace() || one.is_control();
    if chars == 0 || chars > REACTION_CHARS_MAX || emoji.chars().any(odd) || emoji.is_ascii() {
        let detail = "a reaction is one emoji";
        return Err(Error::refuse(RefusalCode::InvalidInput, detail));
    }
    Ok(())
}

/// The message, while it has its text.
pub(super) fn stands(message: Option<&StoredMessage>) -> Result<&StoredMessage> {
    let Some(message) = message else {
        return Err(Error::refuse(RefusalCode::NotFound, "no such message in this room"));
    };
    if !message.has_text {
        return Err(Error::refuse(RefusalCode::MessageGone, "the message was withdrawn or hidden"));
    }
    Ok(message)
}

/// Only the author changes a message, only while it stands, only for a while.
pub(super) fn change(
    change: Change,
    message: Option<&StoredMessage>,
    author: PersonId,
    now: OffsetDateTime,
) -> Result<()> {
    let Some(message) = message else {
        return Err(Error::refuse(RefusalCode::NotFound, "no such message in this room"));
    };
    if message.author != author {
        return Err(Error::refuse(RefusalCode::NotAllowed, "only its author changes a message"));
    }
    if !message.has_text {
        return Err(Error::refuse(RefusalCode::MessageGone, "the message was withdrawn or hidden"));
    }
    let delay_ms_max = match change {
        Change::Edit => EDIT_DELAY_MS_MAX,
        Change::Withdraw => WITHDRAW_DELAY_MS_MAX,
    };
    let age_ms = millis(now).saturating_sub(message.ts);
    if age_ms > delay_ms_max {
        let detail = format!("the time for this is over after {} seconds", delay_ms_max / 1_000);
        return Err(Error::refuse(RefusalCode::TooLate, detail));
    }
    Ok(())
}

/// The beginning of a text on one line.
pub(super) fn preview(text: &str, chars_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars_max {
        return line;
    }
    let kept = chars_max.saturating_sub(1);
    line.chars().take(kept).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use signaling::Refusal;
    use time::Duration;
    use uuid::Uuid;

    use super::*;

    fn code(result: Result<()>) -> Option<RefusalCode> {
        match result {
            Ok(()) => None,
            Err(Error::Refused(Refusal { code, .. })) => Some(code),
            Err(Error::Fault(fault)) => panic!("{fault}"),
        }
    }

    #[test]
    fn a_text_needs_a_sign_and_ends_at_the_limit_in_characters() {
        assert_eq!(code(text(" \n\t　")), Some(RefusalCode::TextEmpty));
        assert_eq!(code(text(&"𬱖".repeat(MESSAGE_CHARS_MAX))), None);
        assert_eq!(code(text(&"a".repeat(MESSAGE_CHARS_MAX + 1))), Some(RefusalCode::TextTooLong));
    }

    #[test]
    fn only_the_author_withdraws_and_only_for_two_minutes() {
        let author = PersonId(Uuid::from_u128(1));
        let sent = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let ts = millis(sent);
        let message = StoredMessage { author, ts, has_text: true };
        let gone = StoredMessage { has_text: false, ..message };
        let at = |seconds| sent + Duration::seconds(seconds);
        let withdraw = |message, who, now| code(change(Change::Withdraw, message, who, now));
        assert_eq!(withdraw(Some(&message), author, at(120)), None);
        assert_eq!(withdraw(Some(&message), author, at(121)), Some(RefusalCode::TooLate));
        let other = PersonId(Uuid::from_u128(2));
        assert_eq!(withdraw(Some(&message), other, at(1)), Some(RefusalCode::NotAllowed));
        assert_eq!(withdraw(Some(&gone), author, at(1)), Some(RefusalCode::MessageGone));
        assert_eq!(withdraw(None, author, at(1)), Some(RefusalCode::NotFound));
    }

    #[test]
    fn a_reaction_is_an_emoji_and_no_text() {
        for good in ["👍", "❤️", "👨‍👩‍👧‍👦", "🇨🇳", "1️⃣"] {
            assert_eq!(code(emoji(good)), None, "{good}");
        }
        for bad in ["", "ok", "1", " ", "好", "👍 ", "👍\n", &"👍".repeat(13)] {
            assert_eq!(code(emoji(bad)), Some(RefusalCode::InvalidInput), "{bad}");
        }
    }

    #[test]
    fn a_preview_is_one_line_of_bounded_length() {
        assert_eq!(preview("下周三\n 晚七点半", 80), "下周三 晚七点半");
        assert_eq!(preview("一二三四五", 4), "一二三…");
        assert_eq!(preview("一二三四", 4), "一二三四");
    }
}
