//! The way into a party group or joint branch as a state machine. Time alone only ever tells
//! somebody something: it admits nobody, refuses nobody and removes nobody.

use signaling::event::people::NoticeKind;
use signaling::http::joining::{InvitationState, JoinGround, JoinState};
use signaling::{Refusal, RefusalCode};
use time::OffsetDateTime;

/// Where a case stands, as far as the machine looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub state: JoinState,
    pub ground: Option<JoinGround>,
    /// When the leader is reminded.
    pub host_due: OffsetDateTime,
    /// When the superior is told; from the acceptance on.
    pub home_due: Option<OffsetDateTime>,
    /// When the participation is flagged.
    pub inactive_due: Option<OffsetDateTime>,
    pub reminded: bool,
    pub superior_told: bool,
    pub inactive: bool,
}

/// Times that begin with a step, from the policies of the day.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub home: OffsetDateTime,
    pub inactive: OffsetDateTime,
}

/// What happens to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The leader agrees; knows the person, and why the person may take part.
    HostAccepts {
        identity_checked: bool,
        ground: Option<JoinGround>,
    },
    HostRefuses,
    HomeConfirms,
    HomeRefuses,
    /// The person takes the request back.
    Withdraw,
    /// The person leaves, or the leader ends the participation.
    End,
    /// The person's home was moved here.
    HomeMovedHere,
    /// The person's home was moved away from here.
    HomeMovedAway,
    /// A sign of activity.
    Activity,
    /// The clock.
    Tick,
}

impl Step {
    /// The word in the history.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::HostAccepts { .. } => "host_accepts",
            Self::HostRefuses => "host_refuses",
            Self::HomeConfirms => "home_confirms",
            Self::HomeRefuses => "home_refuses",
            Self::Withdraw => "withdraw",
            Self::End => "end",
            Self::HomeMovedHere => "home_moved_here",
            Self::HomeMovedAway => "home_moved_away",
            Self::Activity => "activity",
            Self::Tick => "tick",
        }
    }

    /// Whether somebody has to say why.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::HostRefuses | Self::HomeRefuses)
    }
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    Person,
    /// Who leads the group or branch that hosts.
    Host,
    /// The officers of the home branch.
    Home,
    /// Who stands above the home branch; above the host where the home is elsewhere.
    Superior,
}

/// What follows from a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The person takes part from here on: the room opens.
    Admit,
    /// The participation is over: the room closes.
    Dismiss,
    Tell(Recipient, NoticeKind),
}

/// Whether the person may read and speak.
#[must_use]
pub const fn takes_part(state: JoinState) -> bool {
    matches!(state, JoinState::Provisional | JoinState::Participating | JoinState::Home)
}

/// The case after a step, and what follows. `now` matters to the clock alone.
pub fn step(
    case: &Case,
    step: Step,
    now: OffsetDateTime,
    due: Due,
) -> Result<(Case, Vec<Effect>), Refusal> {
    use JoinState as State;
    use NoticeKind as Notice;
    use Recipient::{Home, Host, Person};
    let to = |state| Case { state, ..*case };
    Ok(match (case.state, step) {
        (State::Submitted, Step::HostAccepts { identity_checked, ground }) => {
            accept(case, (identity_checked, ground), due)?
        }
        (State::Submitted, Step::HostRefuses) => {
            (to(State::Refused), vec![Effect::Tell(Person, Notice::JoinRefused)])
        }
        (State::Submitted, Step::Withdraw) => (to(State::Withdrawn), Vec::new()),
        (State::Provisional, Step::HomeConfirms) => (
            to(State::Participating),
            vec![
                Effect::Tell(Person, Notice::HomeConfirmed),
                Effect::Tell(Host, Notice::HomeConfirmed),
            ],
        ),
        (State::Provisional, Step::HomeRefuses) => (
            to(State::Refused),
            vec![
                Effect::Dismiss,
                Effect::Tell(Person, Notice::HomeRefused),
                Effect::Tell(Host, Notice::HomeRefused),
            ],
        ),
        (State::Provisional | State::Participating, Step::End) => (
            to(State::Ended),
            vec![
                Effect::Dismiss,
                Effect::Tell(Host, Notice::JoinEnded),
                Effect::Tell(Home, Notice::JoinEnded),
            ],
        ),
        (State::Submitted | State::Provisional | State::Participating, Step::HomeMovedHere) => {
            (to(State::Home), vec![Effect::Tell(Host, Notice::HomeMoved)])
        }
        (State::Home, Step::HomeMovedAway) => (to(State::Ended), Vec::new()),
        (State::Provisional | State::Participating, Step::Activity) => {
            let next = Case { inactive_due: Some(due.inactive), inactive: false, ..*case };
            (next, Vec::new())
        }
        (_, Step::Tick) => tick(case, now),
        _ => {
            let sentence = "this step does not follow from where the case stands";
            return Err(Refusal::new(RefusalCode::StepNotAllowed, sentence));
        }
    })
}

fn accept(
    case: &Case,
    (identity_checked, ground): (bool, Option<JoinGround>),
    due: Due,
) -> Result<(Case, Vec<Effect>), Refusal> {
    if !identity_checked {
        let sentence = "check that it is this person first";
        return Err(Refusal::new(RefusalCode::StepNotAllowed, sentence));
    }
    let Some(ground) = ground else {
        let sentence = "say whether it is a mobile member or one of a covered unit";
        return Err(Refusal::new(RefusalCode::ReasonRequired, sentence));
    };
    let next = Case {
        state: JoinState::Provisional,
        ground: Some(ground),
        home_due: Some(due.home),
        inactive_due: Some(due.inactive),
        ..*case
    };
    let effects = vec![
        Effect::Admit,
        Effect::Tell(Recipient::Person, NoticeKind::JoinAccepted),
        Effect::Tell(Recipient::Home, NoticeKind::HomeAsked),
    ];
    Ok((next, effects))
}

/// What the clock does: each of its notices once.
fn tick(case: &Case, now: OffsetDateTime) -> (Case, Vec<Effect>) {
    let (mut next, mut effects) = (*case, Vec::new());
    let passed = |due: Option<OffsetDateTime>| due.is_some_and(|due| due <= now);
    if case.state == JoinState::Submitted && !case.reminded && passed(Some(case.host_due)) {
        next.reminded = true;
        effects.push(Effect::Tell(Recipient::Host, NoticeKind::JoinUnanswered));
    }
    if case.state == JoinState::Provisional && !case.superior_told && passed(case.home_due) {
        next.superior_told = true;
        effects.push(Effect::Tell(Recipient::Superior, NoticeKind::HomeSilent));
    }
    let present = matches!(case.state, JoinState::Provisional | JoinState::Participating);
    if present && !case.inactive && passed(case.inactive_due) {
        next.inactive = true;
        effects.push(Effect::Tell(Recipient::Host, NoticeKind::Inactive));
        effects.push(Effect::Tell(Recipient::Person, NoticeKind::Inactive));
    }
    (next, effects)
}

/// When the clock has to look at a case next.
#[must_use]
pub fn due_at(case: &Case) -> Option<OffsetDateTime> {
    let present = matches!(case.state, JoinState::Provisional | JoinState::Participating);
    let submitted = case.state == JoinState::Submitted;
    let provisional = case.state == JoinState::Provisional;
    let times = [
        (submitted && !case.reminded).then_some(case.host_due),
        case.home_due.filter(|_| provisional && !case.superior_told),
        case.inactive_due.filter(|_| present && !case.inactive),
    ];
    times.into_iter().flatten().min()
}

/// Whether an invitation can be used now.
#[must_use]
pub fn invitation_state(
    revoked: bool,
    valid_until: OffsetDateTime,
    (uses, uses_max): (i16, i16),
    now: OffsetDateTime,
) -> InvitationState {
    if revoked {
        InvitationState::Revoked
    } else if valid_until <= now {
        InvitationState::Expired
    } else if uses >= uses_max {
        InvitationState::UsedUp
    } else {
        InvitationState::Open
    }
}

/// A code of twelve letters and digits that can not be taken for each other: 60 random bits.
#[must_use]
pub fn invitation_code(random: [u8; 12]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let letter = |byte: u8| LETTERS.get(usize::from(byte & 31)).map_or('0', |&b| char::from(b));
    random.into_iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn at(days: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::days(days)
    }

    fn submitted() -> Case {
        Case {
            state: JoinState::Submitted,
            ground: None,
            host_due: at(5),
            home_due: None,
            inactive_due: None,
            reminded: false,
            superior_told: false,
            inactive: false,
        }
    }

    const ACCEPT: Step =
        Step::HostAccepts { identity_checked: true, ground: Some(JoinGround::Mobile) };

    fn go(case: &Case, what: Step, now: OffsetDateTime) -> (Case, Vec<Effect>) {
        step(case, what, now, Due { home: at(14), inactive: at(90) }).expect("allowed")
    }

    #[test]
    fn nobody_is_accepted_unchecked_or_without_a_ground() {
        let due = Due { home: at(14), inactive: at(90) };
        for (identity_checked, ground) in
            [(false, Some(JoinGround::Unit)), (true, None), (false, None)]
        {
            let what = Step::HostAccepts { identity_checked, ground };
            assert!(step(&submitted(), what, at(1), due).is_err());
        }
    }

    #[test]
    fn silence_of_the_home_branch_is_told_once_and_changes_nothing() {
        let (case, effects) = go(&submitted(), ACCEPT, at(1));
        assert_eq!(case.state, JoinState::Provisional);
        assert!(effects.contains(&Effect::Admit));
        assert_eq!(due_at(&case), Some(at(14)));
        assert_eq!(go(&case, Step::Tick, at(13)), (case, Vec::new()));
        let (told, effects) = go(&case, Step::Tick, at(14));
        assert_eq!(effects, [Effect::Tell(Recipient::Superior, NoticeKind::HomeSilent)]);
        assert_eq!(told.state, JoinState::Provisional);
        assert_eq!(go(&told, Step::Tick, at(15)).1, []);
        let (confirmed, _) = go(&told, Step::HomeConfirms, at(40));
        assert_eq!(confirmed.state, JoinState::Participating);
    }

    #[test]
    fn ninety_days_without_activity_are_a_flag_and_activity_takes_it_away() {
        let (case, _) = go(&submitted(), ACCEPT, at(0));
        let (case, _) = go(&case, Step::HomeConfirms, at(1));
        let (flagged, effects) = go(&case, Step::Tick, at(90));
        assert!(flagged.inactive && takes_part(flagged.state));
        assert_eq!(effects.len(), 2);
        let due = Due { home: at(14), inactive: at(180) };
        let (active, _) = step(&flagged, Step::Activity, at(91), due).expect("allowed");
        assert!(!active.inactive);
        assert_eq!(due_at(&active), Some(at(180)));
    }

    #[test]
    fn a_closed_case_takes_no_step_any_more() {
        let due = Due { home: at(14), inactive: at(90) };
        for state in [JoinState::Refused, JoinState::Withdrawn, JoinState::Ended] {
            let case = Case { state, ..submitted() };
            for what in [ACCEPT, Step::HomeConfirms, Step::End, Step::Withdraw, Step::HomeMovedHere]
            {
                assert!(step(&case, what, at(1), due).is_err(), "{state:?} {what:?}");
            }
            assert_eq!(go(&case, Step::Tick, at(999)), (case, Vec::new()));
            assert_eq!(due_at(&case), None);
        }
    }

    #[test]
    fn an_invitation_is_open_until_it_is_revoked_over_or_used_up() {
        let state = |revoked, uses, now| invitation_state(revoked, at(10), (uses, 2), now);
        assert_eq!(state(false, 1, at(9)), InvitationState::Open);
        assert_eq!(state(false, 2, at(9)), InvitationState::UsedUp);
        assert_eq!(state(false, 0, at(10)), InvitationState::Expired);
        assert_eq!(state(true, 2, at(10)), InvitationState::Revoked);
        assert_eq!(invitation_code([255; 12]), "zzzzzzzzzzzz");
    }
}
