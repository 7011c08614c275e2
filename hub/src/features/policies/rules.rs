//! Which numbers there are, and what a working day is.

use std::collections::BTreeMap;

use signaling::http::administration::PolicyUnit;
use signaling::{Refusal, RefusalCode};
use time::{Date, Duration, OffsetDateTime, UtcOffset, Weekday};

macro_rules! policy_keys {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $unit:ident, $least:literal..=$most:literal;)*) => {
        /// A number that a rule takes from the table of policies.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PolicyKey {
            $($(#[$doc])* $name,)*
        }

        impl PolicyKey {
            /// Every key.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in the table.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What the number counts.
            #[must_use]
            pub const fn unit(self) -> PolicyUnit {
                match self { $(Self::$name => PolicyUnit::$unit,)* }
            }

            /// The least and the most it may be.
            #[must_use]
            pub const fn bounds(self) -> (i64, i64) {
                match self { $(Self::$name => ($least, $most),)* }
            }
        }
    };
}

policy_keys! {
    /// After how long the leader is reminded of a request.
    JoinHostAnswer = "join.host_answer_days", WorkingDays, 1..=60;
    /// After how long without an answer of the home branch its superior is told.
    JoinHomeAnswer = "join.home_answer_days", WorkingDays, 1..=60;
    /// After how long without activity a participation is flagged.
    JoinInactive = "join.inactive_days", Days, 7..=730;
    /// After how long without a noted contact a member counts as silent.
    ContactSilent = "contact.silent_days", Days, 7..=730;
    /// How long an invitation is good where its maker says nothing.
    InvitationDays = "invitation.days", Days, 1..=90;
    /// How many people may use an invitation where its maker says nothing.
    InvitationUses = "invitation.uses", People, 1..=500;
    /// Members of a branch above which a warning is shown.
    BranchMembersMax = "branch.members_max", Members, 1..=1_000;
    /// Full members below which a warning is shown.
    BranchFullMembersMin = "branch.full_members_min", Members, 1..=100;
    /// Members of a party group below which a warning is shown.
    GroupMembersMin = "group.members_min", Members, 1..=100;
    /// Units of a joint branch above which a warning is shown.
    JointUnitsMax = "joint.units_max", Units, 1..=100;
    /// Term of a branch of a village or community.
    TermVillage = "term.village_years", Years, 1..=10;
    /// Term of any other branch.
    TermBranch = "term.branch_years", Years, 1..=10;
    /// Term of a committee.
    TermCommittee = "term.committee_years", Years, 1..=10;
    /// Until a post on a board is reviewed; until a reply is.
    BoardReview = "board.review_days", WorkingDays, 1..=30;
    /// Until a published post is assigned.
    BoardAssign = "board.assign_days", WorkingDays, 1..=30;
    /// Until an office accepts a post or says that it is not for it.
    BoardAccept = "board.accept_days", WorkingDays, 1..=60;
    /// Until an office that accepted a post answers.
    BoardAnswer = "board.answer_days", WorkingDays, 1..=120;
    /// By how much the time for an answer is extended, once.
    BoardExtension = "board.extension_days", WorkingDays, 1..=120;
    /// How long the clock stops while the author is asked back.
    BoardAsk = "board.ask_days", WorkingDays, 1..=60;
    /// How long an author may rate an answer.
    BoardRating = "board.rating_days", WorkingDays, 1..=120;
    /// Until an appeal is decided.
    BoardAppeal = "board.appeal_days", WorkingDays, 1..=30;
    /// After how long an overdue post goes up one more level.
    BoardLevel = "board.level_days", WorkingDays, 1..=30;
    /// Levels that an overdue post goes up at most.
    BoardLevels = "board.levels_max", Times, 1..=5;
    /// How often offices may pass a post on before the superior decides.
    BoardReassign = "board.reassign_max", Times, 0..=5;
    /// Until another person reviews that a post was hidden.
    BoardHiding = "board.hiding_days", WorkingDays, 1..=30;
    /// Until reports of readers about a post are decided.
    BoardReport = "board.report_days", WorkingDays, 1..=30;
    /// Reports of one account on one day.
    BoardReports = "board.reports_per_day", Times, 1..=100;
    /// Posts of one account on one day.
    BoardPosts = "board.posts_per_day", Times, 1..=100;
    /// Until a delegate answers a constituent.
    DelegateAnswer = "delegate.answer_days", WorkingDays, 1..=60;
    /// How long a constituent may choose how an opinion goes.
    DelegateChoice = "delegate.choice_days", WorkingDays, 1..=60;
    /// Until an office answers an opinion.
    DelegateOffice = "delegate.office_days", WorkingDays, 1..=120;
    /// By how much an office extends its time, once.
    DelegateExtension = "delegate.extension_days", WorkingDays, 1..=120;
    /// In which first days an office may decline an opinion.
    DelegateDecline = "delegate.decline_days", WorkingDays, 1..=60;
    /// Until the delegate tells the outcome after the office answered.
    DelegateOutcome = "delegate.outcome_days", WorkingDays, 1..=60;
    /// How long a constituent may rate.
    DelegateRating = "delegate.rating_days", WorkingDays, 1..=120;
    /// How long a constituent may turn to the liaison office about an ending.
    DelegateTurn = "delegate.turn_days", WorkingDays, 1..=60;
    /// Until the liaison office decides, or finds a successor.
    DelegateLiaison = "delegate.liaison_days", WorkingDays, 1..=60;
    /// After how long an overdue thread is reminded of again.
    DelegateLevel = "delegate.level_days", WorkingDays, 1..=30;
    /// Reminders at most.
    DelegateLevels = "delegate.levels_max", Times, 1..=5;
    /// Threads that one account begins on one day.
    DelegateThreads = "delegate.threads_per_day", Times, 1..=50;
    /// Of those entitled so many in a hundred have to be present, at least.
    MeetingQuorum = "meeting.quorum_percent", Percent, 1..=100;
    /// For an admission more than so many in a hundred have to be present.
    MeetingAdmission = "meeting.admission_percent", Percent, 1..=99;
    /// For an election so many in a hundred have to be present, at least.
    MeetingElection = "meeting.election_percent", Percent, 1..=100;
    /// More than so many in a hundred have to be in favour.
    MeetingPass = "meeting.pass_percent", Percent, 1..=99;
    /// Whether an election counts votes against all who are entitled.
    ElectionOfEntitled = "election.base_entitled", Switch, 0..=1;
    /// Who is silent for longer is not present at a meeting.
    PresenceGrace = "presence.grace_s", Seconds, 15..=600;
    /// Who is silent for longer is shown as cut off.
    PresenceLag = "presence.lag_s", Seconds, 15..=600;
    /// Full home members below which a network joint branch has no formal vote.
    JointFormalMin = "joint.formal_full_min", Members, 1..=50;
    /// Whether members of a temporary branch vote there.
    TemporaryCounts = "vote.temporary_org_counts", Switch, 0..=1;
    /// Whether somebody who is exempted from a meeting is not expected.
    AwayExempt = "eligibility.away_exempt", Switch, 0..=1;
    /// Until when before a meeting its notice has to be out.
    MeetingNotice = "meeting.notice_days", Days, 0..=60;
    /// How long before a meeting its sign-in opens.
    MeetingSignIn = "meeting.sign_in_minutes", Minutes, 5..=240;
    /// How long after its beginning a meeting without quorum is given up.
    MeetingWait = "meeting.wait_minutes", Minutes, 5..=240;
}

impl PolicyKey {
    /// The key behind a word.
    pub fn of(word: &str) -> Result<Self, Refusal> {
        let found = Self::ALL.iter().copied().find(|key| key.word() == word);
        found.ok_or_else(|| Refusal::new(RefusalCode::InvalidInput, "there is no such policy"))
    }

    /// Refuses a number outside the bounds of this key.
    pub fn check(self, value: i64) -> Result<(), Refusal> {
        let (least, most) = self.bounds();
        if (least..=most).contains(&value) {
            return Ok(());
        }
        let sentence = format!("{} is {least} to {most}", self.word());
        Err(Refusal::new(RefusalCode::InvalidInput, sentence))
    }
}

/// Offset of the product's days: all of them are those of Asia/Shanghai, which has no summer time.
const SHANGHAI: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// A moment on the product's clocks.
#[must_use]
pub fn local(at: OffsetDateTime) -> OffsetDateTime {
    at.to_offset(SHANGHAI)
}

/// The day on which a moment falls.
#[must_use]
pub fn day_of(at: OffsetDateTime) -> Date {
    at.to_offset(SHANGHAI).date()
}

/// The first moment after a day.
#[must_use]
pub fn end_of(day: Date) -> OffsetDateTime {
    day.next_day().unwrap_or(day).midnight().assume_offset(SHANGHAI)
}

/// Days that are not what their weekday says: `true` for a working day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays(pub BTreeMap<Date, bool>);

/// Days that one count of working days looks at; beyond, the calendar holds no working day at all.
const DAYS_LOOKED_AT_MAX: u32 = 3_660;

impl WorkingDays {
    /// Whether people work on a day.
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.0.get(&day).copied().unwrap_or(!weekend)
    }

    /// Working days after `day` up to and with `until`; none where `until` is not later.
    #[must_use]
    pub fn between(&self, day: Date, until: Date) -> u32 {
        let (mut at, mut count) = (day, 0_u32);
        for _ in 0..DAYS_LOOKED_AT_MAX {
            if at >= until {
                break;
            }
            at = at.saturating_add(Duration::DAY);
            count = count.saturating_add(u32::from(self.is_working(at)));
        }
        count
    }

    /// The `count`-th working day after `day`, which itself does not count.
    #[must_use]
    pub fn after(&self, day: Date, count: u32) -> Date {
        let (mut at, mut left) = (day, count);
        for _ in 0..DAYS_LOOKED_AT_MAX {
            if left == 0 {
                break;
            }
            at = at.saturating_add(Duration::DAY);
            left = left.saturating_sub(u32::from(self.is_working(at)));
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    fn spring() -> WorkingDays {
        let holidays =
            (15..=23).map(|day| (date!(2026 - 02 - 01).replace_day(day).unwrap(), false));
        let moved = [date!(2026 - 02 - 14), date!(2026 - 02 - 28)].map(|day| (day, true));
        WorkingDays(holidays.chain(moved).collect())
    }

    #[test]
    fn working_days_leave_out_weekends_and_holidays_and_count_moved_saturdays() {
        let days = spring();
        let cases = [
            (date!(2026 - 03 - 02), 1, date!(2026 - 03 - 03)),
            (date!(2026 - 03 - 06), 1, date!(2026 - 03 - 09)),
            // Friday; the Saturday is a working day, then nine days off.
            (date!(2026 - 02 - 13), 1, date!(2026 - 02 - 14)),
            (date!(2026 - 02 - 13), 2, date!(2026 - 02 - 24)),
            (date!(2026 - 02 - 13), 6, date!(2026 - 02 - 28)),
            (date!(2026 - 02 - 13), 7, date!(2026 - 03 - 02)),
            (date!(2026 - 02 - 13), 0, date!(2026 - 02 - 13)),
        ];
        for (from, count, expected) in cases {
            assert_eq!(days.after(from, count), expected, "{count} after {from}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight_in_shanghai() {
        assert_eq!(day_of(datetime!(2026-03-01 15:59 UTC)), date!(2026 - 03 - 01));
        assert_eq!(day_of(datetime!(2026-03-01 16:00 UTC)), date!(2026 - 03 - 02));
        assert_eq!(end_of(date!(2026 - 03 - 01)), datetime!(2026-03-01 16:00 UTC));
    }

    #[test]
    fn a_calendar_without_working_days_ends_the_search() {
        let none = (0..4_000).map(|n| (date!(2026 - 01 - 01) + Duration::days(n), false));
        let days = WorkingDays(none.collect());
        assert!(days.after(date!(2026 - 01 - 01), 3) > date!(2035 - 01 - 01));
    }

    #[test]
    fn a_number_outside_the_bounds_of_its_key_is_refused() {
        let key = PolicyKey::of("join.home_answer_days").expect("known");
        assert_eq!(key, PolicyKey::JoinHomeAnswer);
        assert!(key.check(10).is_ok());
        assert!(key.check(0).is_err());
        assert!(key.check(61).is_err());
        assert!(PolicyKey::of("join.home_answer").is_err());
    }
}
