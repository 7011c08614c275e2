//! Decisions about calls.

use signaling::event::chat::RoomRole;
use signaling::limits::{CALL_EMPTY_S_MAX, CALL_PEOPLE_MAX, CALL_REMOVED_S};
use time::{Duration, OffsetDateTime};

use super::types::{Answer, Decided, Standing};

/// Whether a call is over: nobody was seen in it for long.
pub(super) fn is_over(busy_at: OffsetDateTime, now: OffsetDateTime) -> bool {
    now - busy_at >= Duration::seconds(CALL_EMPTY_S_MAX)
}

/// How somebody who asks to come into a call is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Open,
    /// A leader is asked.
    Wait,
    Locked,
    Full,
    /// A leader said no a moment ago.
    Removed,
}

/// Members come straight in, everybody else by a leader's word; so does whoever was taken out.
/// `role` is nothing for a guest.
pub(super) fn entry(role: Option<RoomRole>, standing: &Standing, now: OffsetDateTime) -> Entry {
    let Standing { let_in, present, asked, locked, people } = *standing;
    if role == Some(RoomRole::Leader) || present && asked.is_none() {
        return Entry::Open;
    }
    let recent = |at| now - at < Duration::seconds(CALL_REMOVED_S);
    let invited = match asked {
        Some(Answer::Given(Decided { admitted: true, .. })) => true,
        Some(Answer::Given(Decided { at, .. })) if recent(at) => return Entry::Removed,
        Some(Answer::Given(_) | Answer::NotYet) => false,
        None => role.is_some(),
    };
    let comes_back = invited && let_in;
    if locked && !comes_back {
        return Entry::Locked;
    }
    if people >= i64::from(CALL_PEOPLE_MAX) {
        return Entry::Full;
    }
    if invited { Entry::Open } else { Entry::Wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-24 12:00 UTC);
    const NEW: Standing =
        Standing { let_in: false, present: false, asked: None, locked: false, people: 2 };
    const MEMBER: Option<RoomRole> = Some(RoomRole::Member);
    const LEADER: Option<RoomRole> = Some(RoomRole::Leader);

    fn decided(admitted: bool, s_ago: i64) -> Standing {
        let at = NOW - Duration::seconds(s_ago);
        Standing { asked: Some(Answer::Given(Decided { admitted, at })), let_in: true, ..NEW }
    }

    #[test]
    fn members_come_straight_in_and_guests_by_a_leaders_word() {
        assert_eq!(entry(MEMBER, &NEW, NOW), Entry::Open);
        assert_eq!(entry(None, &NEW, NOW), Entry::Wait);
        assert_eq!(entry(None, &Standing { asked: Some(Answer::NotYet), ..NEW }, NOW), Entry::Wait);
        assert_eq!(entry(None, &decided(true, 1), NOW), Entry::Open);
        assert_eq!(entry(None, &decided(false, 1), NOW), Entry::Removed);
    }

    #[test]
    fn whoever_was_taken_out_is_refused_for_a_minute_and_then_waits_though_still_seen() {
        for present in [false, true] {
            let after = |s_ago| Standing { present, ..decided(false, s_ago) };
            assert_eq!(entry(MEMBER, &after(CALL_REMOVED_S - 1), NOW), Entry::Removed);
            assert_eq!(entry(MEMBER, &after(CALL_REMOVED_S), NOW), Entry::Wait);
            let asked = Standing { present, asked: Some(Answer::NotYet), let_in: true, ..NEW };
            assert_eq!(entry(MEMBER, &asked, NOW), Entry::Wait);
        }
        assert_eq!(entry(LEADER, &decided(false, 1), NOW), Entry::Open);
    }

    #[test]
    fn a_locked_call_takes_back_who_was_in_it_and_its_leaders() {
        let locked = |standing| Standing { locked: true, ..standing };
        assert_eq!(entry(MEMBER, &locked(NEW), NOW), Entry::Locked);
        assert_eq!(entry(None, &locked(NEW), NOW), Entry::Locked);
        assert_eq!(entry(LEADER, &locked(NEW), NOW), Entry::Open);
        assert_eq!(entry(MEMBER, &locked(Standing { let_in: true, ..NEW }), NOW), Entry::Open);
        assert_eq!(entry(None, &locked(decided(true, 900)), NOW), Entry::Open);
        assert_eq!(entry(None, &locked(decided(false, 900)), NOW), Entry::Locked);
    }

    #[test]
    fn a_full_call_takes_leaders_and_who_is_in_it() {
        let full = Standing { people: i64::from(CALL_PEOPLE_MAX), ..NEW };
        assert_eq!(entry(MEMBER, &full, NOW), Entry::Full);
        assert_eq!(entry(None, &full, NOW), Entry::Full);
        assert_eq!(entry(MEMBER, &Standing { people: full.people - 1, ..full }, NOW), Entry::Open);
        assert_eq!(entry(MEMBER, &Standing { present: true, ..full }, NOW), Entry::Open);
        assert_eq!(entry(LEADER, &full, NOW), Entry::Open);
    }
}
