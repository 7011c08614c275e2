//! The state machine by itself. What may follow from what stands here a second time, as a table, and
//! so does who is told of what when; homes and participations are kept as the effects say.

use std::collections::{BTreeMap, BTreeSet};

use hub::app::Chance;
use hub::features::joining::{Case, Due, Effect, Recipient, Step, due_at, step, takes_part};
use hub::features::policies::{WorkingDays, day_of, end_of};
use signaling::event::people::NoticeKind;
use signaling::http::joining::{JoinGround, JoinState};
use time::macros::datetime;
use time::{Date, Duration, OffsetDateTime, Weekday};

const PEOPLE: u64 = 3;
/// Branches; the first two are hosts too.
const BRANCHES: u64 = 4;
const HOSTS: u64 = 2;
const OPERATIONS: usize = 40;

/// A fault planted on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Silence removes a member.
    Removal,
    /// A moved home stays a participation as well.
    TwoHomes,
    /// The clock forgets whom it told.
    Again,
    /// Silence of the home branch counts as its consent.
    Consent,
}

impl Control {
    pub const ALL: [(&str, Self); 4] = [
        ("removal", Self::Removal),
        ("two-homes", Self::TwoHomes),
        ("again", Self::Again),
        ("consent", Self::Consent),
    ];

    pub fn named(name: &str) -> Self {
        let known = Self::ALL.iter().find(|(word, _)| *word == name);
        known.unwrap_or_else(|| panic!("no control {name:?}")).1
    }

    /// What the broken machine makes of a right step.
    fn spoil(self, before: &Case, what: Step, after: &mut (Case, Vec<Effect>)) {
        let (case, effects) = after;
        match (self, what) {
            (Self::Removal, Step::Tick) if case.inactive && !before.inactive => {
                case.state = JoinState::Ended;
                effects.push(Effect::Dismiss);
            }
            (Self::TwoHomes, Step::HomeMovedHere) => case.state = before.state,
            (Self::Again, Step::Tick) => case.superior_told = false,
            (Self::Consent, Step::Tick) if case.superior_told && !before.superior_told => {
                case.state = JoinState::Participating;
            }
            _ => {}
        }
    }
}

/// What was done, in all.
#[derive(Debug, Default)]
pub struct Counts {
    pub asked: u64,
    pub steps: u64,
    pub refused: u64,
    pub moves: u64,
    pub notices: u64,
    pub flags: u64,
}

type Place = (u64, u64);

struct World<'a> {
    chance: Chance,
    now: OffsetDateTime,
    calendar: WorkingDays,
    /// By person, the one home.
    homes: BTreeMap<u64, u64>,
    /// By person and host, the newest case.
    cases: BTreeMap<Place, Case>,
    /// Who takes part where the home is elsewhere.
    inside: BTreeSet<Place>,
    /// What the clock told of the present case.
    told: BTreeMap<Place, Vec<NoticeKind>>,
    control: Option<Control>,
    counts: &'a mut Counts,
}

/// One schedule; the error says what was broken.
pub fn run(seed: u64, control: Option<Control>, counts: &mut Counts) -> Result<(), String> {
    let chance = Chance::seeded(seed);
    let now = datetime!(2026-01-05 01:00 UTC) + Duration::hours(below(&chance, 9_000));
    let mut world = World {
        calendar: calendar(&chance, now.date()),
        homes: (0..PEOPLE).map(|person| (person, chance.below(BRANCHES))).collect(),
        cases: BTreeMap::new(),
        inside: BTreeSet::new(),
        told: BTreeMap::new(),
        chance,
        now,
        control,
        counts,
    };
    for _ in 0..OPERATIONS {
        world.operation()?;
        world.check()?;
    }
    Ok(())
}

fn below(chance: &Chance, bound: u64) -> i64 {
    i64::try_from(chance.below(bound)).expect("small")
}

/// Some days are not what their weekday says.
fn calendar(chance: &Chance, from: Date) -> WorkingDays {
    let moved = (0..30).map(|_| (from + Duration::days(below(chance, 400)), chance.below(2) == 0));
    WorkingDays(moved.collect())
}

impl World<'_> {
    fn operation(&mut self) -> Result<(), String> {
        let place = (self.chance.below(PEOPLE), self.chance.below(HOSTS));
        match self.chance.below(10) {
            0 | 1 => self.ask(place),
            2 => return self.move_home(place.0),
            3 | 4 => {
                self.now += Duration::hours(below(&self.chance, 24 * 40));
                return self.clock();
            }
            _ => {
                let what = self.any_step();
                return self.step(place, what);
            }
        }
        Ok(())
    }

    fn any_step(&self) -> Step {
        let ground = [None, Some(JoinGround::Mobile), Some(JoinGround::Unit)];
        let accepts = Step::HostAccepts {
            identity_checked: self.chance.below(4) > 0,
            ground: ground[usize::try_from(self.chance.below(3)).expect("small")],
        };
        let steps = [
            accepts,
            accepts,
            Step::HostRefuses,
            Step::HomeConfirms,
            Step::HomeRefuses,
            Step::Withdraw,
            Step::End,
            Step::Activity,
            Step::Tick,
        ];
        steps[usize::try_from(self.chance.below(9)).expect("small")]
    }

    fn open(&self, place: Place) -> bool {
        let over = [JoinState::Refused, JoinState::Withdrawn, JoinState::Ended];
        self.cases.get(&place).is_some_and(|case| !over.contains(&case.state))
    }

    fn ask(&mut self, place: Place) {
        if self.open(place) || self.homes[&place.0] == place.1 {
            return;
        }
        self.counts.asked += 1;
        self.told.insert(place, Vec::new());
        let host_due = end_of(self.calendar.after(day_of(self.now), 5));
        let case = Case {
            state: JoinState::Submitted,
            ground: None,
            host_due,
            home_due: None,
            inactive_due: None,
            reminded: false,
            superior_told: false,
            inactive: false,
        };
        self.cases.insert(place, case);
    }

    /// As the command does it: the home first, then what that means for open cases.
    fn move_home(&mut self, person: u64) -> Result<(), String> {
        let (from, to) = (self.homes[&person], self.chance.below(BRANCHES));
        if from == to {
            return Ok(());
        }
        self.counts.moves += 1;
        self.homes.insert(person, to);
        self.inside.remove(&(person, to));
        for (branch, what) in [(to, Step::HomeMovedHere), (from, Step::HomeMovedAway)] {
            if branch < HOSTS && self.open((person, branch)) {
                self.step((person, branch), what)?;
            }
        }
        Ok(())
    }

    fn clock(&mut self) -> Result<(), String> {
        let places: Vec<Place> = self.cases.keys().copied().collect();
        for place in places {
            self.step(place, Step::Tick)?;
            let next = due_at(&self.cases[&place]);
            if next.is_some_and(|next| next <= self.now) {
                return Err(format!("{place:?}: the clock looked and is still due at {next:?}"));
            }
        }
        Ok(())
    }

    fn step(&mut self, place: Place, what: Step) -> Result<(), String> {
        let Some(case) = self.cases.get(&place).copied() else { return Ok(()) };
        let home_by = self.calendar.after(day_of(self.now), 10);
        let due = Due { home: end_of(home_by), inactive: self.now + Duration::days(90) };
        let wanted = follows(case.state, what);
        let mut after = match (step(&case, what, self.now, due), wanted) {
            (Ok(after), Some(_)) => after,
            (Err(_), None) => {
                self.counts.refused += 1;
                return Ok(());
            }
            (got, wanted) => return Err(format!("{what:?} of {case:?}: {got:?}, not {wanted:?}")),
        };
        if let Some(control) = self.control {
            control.spoil(&case, what, &mut after);
        }
        let (next, effects) = after;
        self.counts.steps += 1;
        if Some(next.state) != wanted {
            return Err(format!("{what:?} of {case:?} led to {next:?}, not to {wanted:?}"));
        }
        if matches!(what, Step::HostAccepts { .. }) {
            self.check_answer_day(home_by)?;
        }
        for effect in effects {
            self.apply(place, &case, (what, effect))?;
        }
        self.counts.flags += u64::from(next.inactive && !case.inactive);
        self.cases.insert(place, next);
        Ok(())
    }

    fn apply(
        &mut self,
        place: Place,
        before: &Case,
        (what, effect): (Step, Effect),
    ) -> Result<(), String> {
        let right = match effect {
            Effect::Admit => matches!(what, Step::HostAccepts { .. }) && self.inside.insert(place),
            Effect::Dismiss => what != Step::Tick && self.inside.remove(&place),
            Effect::Tell(to, kind) => {
                self.counts.notices += 1;
                what != Step::Tick || self.may_tell(place, before, (to, kind))
            }
        };
        if right { Ok(()) } else { Err(format!("{effect:?} by {what:?} of {before:?}")) }
    }

    /// The clock tells what is due, to whom it is due, and once.
    fn may_tell(&mut self, place: Place, case: &Case, (to, kind): (Recipient, NoticeKind)) -> bool {
        let due = match (to, kind) {
            (Recipient::Host, NoticeKind::JoinUnanswered) => Some(case.host_due),
            (Recipient::Superior, NoticeKind::HomeSilent) => case.home_due,
            (Recipient::Host | Recipient::Person, NoticeKind::Inactive) => case.inactive_due,
            _ => None,
        };
        let once = kind == NoticeKind::Inactive || {
            let told = self.told.entry(place).or_default();
            let first = !told.contains(&kind);
            told.push(kind);
            first
        };
        once && due.is_some_and(|due| due <= self.now)
            && !(kind == NoticeKind::Inactive && case.inactive)
    }

    /// The tenth working day after today, counted day by day.
    fn check_answer_day(&self, by: Date) -> Result<(), String> {
        let today = day_of(self.now);
        let weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let works = |day: Date| self.calendar.0.get(&day).copied().unwrap_or(!weekend(day));
        let (mut day, mut count) = (today, 0);
        while day < by {
            day += Duration::DAY;
            count += u32::from(works(day));
        }
        if count == 10 && works(by) {
            return Ok(());
        }
        Err(format!("{by} is working day {count} after {today}, not the tenth"))
    }

    /// One home each; whoever takes part does so once, elsewhere than at home, by an open case.
    fn check(&self) -> Result<(), String> {
        for (place, case) in &self.cases {
            let home = self.homes[&place.0] == place.1;
            let inside = self.inside.contains(place);
            let right = match case.state {
                JoinState::Home => home && !inside,
                JoinState::Provisional | JoinState::Participating => inside && !home,
                _ => !inside,
            };
            let counted = takes_part(case.state) == (inside || case.state == JoinState::Home);
            if !right || !counted {
                return Err(format!(
                    "{place:?} {case:?}, home {}, inside {inside}",
                    self.homes[&place.0]
                ));
            }
        }
        let lost = self.inside.iter().find(|place| !self.open(**place));
        lost.map_or(Ok(()), |place| Err(format!("{place:?} takes part without a case")))
    }
}

/// Where a step leads from a state; `None`: it is refused.
fn follows(from: JoinState, what: Step) -> Option<JoinState> {
    use JoinState as State;
    match (from, what) {
        (State::Submitted, Step::HostAccepts { identity_checked: true, ground: Some(_) }) => {
            Some(State::Provisional)
        }
        (State::Submitted, Step::HostRefuses) | (State::Provisional, Step::HomeRefuses) => {
            Some(State::Refused)
        }
        (State::Submitted, Step::Withdraw) => Some(State::Withdrawn),
        (State::Provisional, Step::HomeConfirms) => Some(State::Participating),
        (State::Provisional | State::Participating, Step::End)
        | (State::Home, Step::HomeMovedAway) => Some(State::Ended),
        (State::Submitted | State::Provisional | State::Participating, Step::HomeMovedHere) => {
            Some(State::Home)
        }
        (State::Provisional | State::Participating, Step::Activity) | (_, Step::Tick) => Some(from),
        _ => None,
    }
}
