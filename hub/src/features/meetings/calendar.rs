//! A meeting for a calendar: one event after RFC 5545.

use std::fmt::Write as _;

use time::OffsetDateTime;

use super::types::MeetingRow;
use super::words;

/// Bytes of one line, its end excepted (RFC 5545 §3.1).
const LINE_BYTES_MAX: usize = 75;

/// The file; `origin` is where the hub is, `now` when it was made.
pub(super) fn file(row: &MeetingRow, of: &str, (origin, now): (&str, OffsetDateTime)) -> String {
    let id = row.id;
    let status =
        if row.ended_at.is_some() && row.opened_at.is_none() { "CANCELLED" } else { "CONFIRMED" };
    let address = format!("{origin}/meet/{id}");
    let place = row.place.clone().unwrap_or_else(|| address.clone());
    let description = format!("{}·{of}\n主持人：{}", words::kind(row.kind), row.chair.name);
    let lines = [
        ("BEGIN", "VCALENDAR".to_owned()),
        ("VERSION", "2.0".to_owned()),
        ("PRODID", "-//Lianxin//Hub//ZH".to_owned()),
        ("METHOD", "PUBLISH".to_owned()),
        ("BEGIN", "VEVENT".to_owned()),
        ("UID", format!("{id}@lianxin")),
        ("DTSTAMP", utc(now)),
        ("DTSTART", utc(row.starts_at)),
        ("SUMMARY", escaped(&row.title)),
        ("LOCATION", escaped(&place)),
        ("DESCRIPTION", escaped(&description)),
        ("URL", address),
        ("STATUS", status.to_owned()),
        ("END", "VEVENT".to_owned()),
        ("END", "VCALENDAR".to_owned()),
    ];
    lines.iter().map(|(name, value)| folded(&format!("{name}:{value}"))).collect()
}

fn utc(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => {
                let _ = write!(out, "\\{sign}");
            }
            _ => out.push(sign),
        }
    }
    out
}

/// A line broken so that none is too long, never inside a character.
fn folded(line: &str) -> String {
    let (mut out, mut width) = (String::with_capacity(line.len() + 8), 0);
    for sign in line.chars() {
        if width + sign.len_utf8() > LINE_BYTES_MAX {
            out.push_str("\r\n ");
            width = 1;
        }
        width += sign.len_utf8();
        out.push(sign);
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_folded_between_characters_and_unfolds_to_itself() {
        let line = format!("SUMMARY:{}", "听澜镇落霞村第一支部党员大会".repeat(6));
        let folded = folded(&line);
        assert!(folded.lines().all(|line| line.len() <= LINE_BYTES_MAX), "{folded}");
        assert!(folded.lines().count() > 3);
        assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
    }

    #[test]
    fn what_has_a_meaning_in_a_calendar_is_escaped() {
        assert_eq!(escaped("一;二,三\\四\n五"), "一\\;二\\,三\\\\四\\n五");
    }
}
