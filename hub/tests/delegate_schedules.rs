//! The machine of a delegate's thread on schedules by chance, judged by rules written apart from it.
//!
//! `DELEGATE_SCHEDULES` says how many (2,000), `DELEGATE_SEED` where they begin; `DELEGATE_CONTROL`
//! sends an opinion without consent, or shifts a due day, and must be found.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

mod calendar_2026;

use std::collections::HashSet;
use std::env;

use calendar_2026::{calendar, count_between, nth_after};
use hub::features::delegates::{
    Actor, Choice, Holder, Numbers, Publication, State, Step, Thread, Timing, begun, liaison_knows,
    next_look, office_knows, received, step,
};
use hub::features::policies::WorkingDays;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use time::macros::date;
use time::{Date, Duration};

const NUMBERS: Numbers = Numbers {
    answer_days: 5,
    choice_days: 10,
    office_days: 30,
    extension_days: 15,
    decline_days: 5,
    outcome_days: 4,
    rating_days: 20,
    turn_days: 8,
    liaison_days: 3,
    level_days: 2,
    levels_max: 3,
};

/// What a schedule breaks on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    No,
    /// An opinion goes to the office before the constituent chose.
    Consent,
    /// The day of the office is a day late.
    Day,
}

/// What the oracle knows of a thread from its own book-keeping.
struct Book {
    visitor: bool,
    taken: Vec<(&'static str, Actor)>,
    /// The day on which the office got the opinion, and the days it has.
    sent: Option<(Date, u32)>,
    /// Since when the present wait runs, and for how many days.
    wait: Option<(Date, u32)>,
}

impl Book {
    fn times(&self, word: &str) -> usize {
        self.taken.iter().filter(|(taken, _)| *taken == word).count()
    }

    fn last(&self, words: &[&str]) -> Option<(&'static str, Actor)> {
        self.taken.iter().rev().find(|(taken, _)| words.contains(taken)).copied()
    }

    fn write(
        &mut self,
        before: &Thread,
        after: &Thread,
        (taken, actor): (Step, Actor),
        today: Date,
    ) {
        self.taken.push((taken.word(), actor));
        let moved = before.state != after.state;
        let answer = if after.holder == Holder::Liaison {
            NUMBERS.liaison_days
        } else {
            NUMBERS.answer_days
        };
        let first_word = matches!(taken, Step::PassOn | Step::Succeed { .. });
        self.wait = match (after.state, taken) {
            (State::Waiting, _) if moved || first_word => Some((today, answer)),
            (State::Answered, Step::PassOn | Step::Succeed { found: true }) => {
                Some((today, NUMBERS.outcome_days))
            }
            (State::Closed, Step::Rate(_)) => None,
            (State::Closed | State::Ended, Step::Tick) if after.due.is_none() => None,
            (State::Ended, _) if before.state == State::Turned => None,
            (_, Step::Extend) => {
                self.wait.map(|(since, days)| (since, days + NUMBERS.extension_days))
            }
            _ if !moved => self.wait,
            (State::Opinion, _) => Some((today, NUMBERS.choice_days)),
            (State::WithOffice, _) => {
                self.sent = Some((today, NUMBERS.office_days));
                Some((today, NUMBERS.office_days))
            }
            (State::Answered, _) => Some((today, NUMBERS.outcome_days)),
            (State::Closed, _) if !self.visitor => Some((today, NUMBERS.rating_days)),
            (State::Ended, _) if !self.visitor && self.times("turn") == 0 => {
                Some((today, NUMBERS.turn_days))
            }
            (State::Turned, _) => Some((today, NUMBERS.liaison_days)),
            _ => None,
        };
    }
}

/// What must hold of a thread whatever was done.
fn judge(
    book: &Book,
    (before, after): (&Thread, &Thread),
    (taken, actor): (Step, Actor),
    today: Date,
) -> Result<(), String> {
    let mut say = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            say.push(what.to_owned());
        }
    };
    for once in ["turn", "rate", "offer_publication", "close", "withdraw"] {
        check(book.times(once) <= 1, &format!("{once} twice"));
    }
    let chooser = if book.visitor { Actor::Delegate } else { Actor::Constituent };
    let choice =
        book.last(&["form_opinion", "send_named", "send_unnamed", "do_not_send", "decline"]);
    let consented = matches!(choice, Some(("send_named" | "send_unnamed", by)) if by == chooser);
    check(after.state != State::WithOffice || consented, "an office has it without consent");
    check(!office_knows(after) || consented, "an office knows of it without consent");
    check(
        before.state != State::Opinion || taken != Step::Tick || after.state != State::WithOffice,
        "silence was taken for consent",
    );
    check(after.state != State::Answered || book.times("office_answer") > 0, "answered by nobody");
    check(
        before.state == after.state
            || after.state != State::Closed
            || matches!(before.state, State::Talking | State::Answered),
        "closed before anybody answered",
    );
    check(
        taken != Step::Write || !(before.state.is_done() || before.state == State::Turned),
        "written to after the end",
    );
    check(
        actor != Actor::Delegate || before.holder == Holder::Delegate,
        "a delegate acted on what the liaison office has",
    );
    check(after.state != State::Turned || book.times("end") > 0, "turned without an ending");
    if taken == Step::Decline {
        let (since, _) = book.sent.expect("it was sent");
        check(count_between(since, today) <= NUMBERS.decline_days, "declined too late");
    }
    if taken == Step::Extend {
        check(before.due.is_some_and(|due| today <= due), "extended when the time was over");
        check(!before.extended, "extended twice");
    }
    if matches!(taken, Step::Rate(_) | Step::Turn) {
        check(before.due.is_some_and(|due| today <= due), "too late");
        check(actor == Actor::Constituent, "not the constituent's word");
    }
    let agreed = book.last(&["agree_publication", "decline_publication", "offer_publication"]);
    check(
        after.publication != Publication::Agreed
            || matches!(agreed, Some(("agree_publication", Actor::Constituent))),
        "published without both consents",
    );
    check(
        !liaison_knows(after) || after.state == State::Turned || after.holder == Holder::Liaison,
        "the liaison office knows of what nobody asked it",
    );
    let due = book.wait.map(|(since, days)| nth_after(since, days));
    check(after.due == due, &format!("due {:?} and not {due:?}", after.due));
    check(after.level <= NUMBERS.levels_max, "more reminders than there are");
    let late = after.due.is_some_and(|due| today > due);
    check(after.level == 0 || (late && after.state.is_owed()), "reminded before its time");
    if say.is_empty() {
        Ok(())
    } else {
        Err(format!("{}: {before:?} -> {after:?}", say.join("; ")))
    }
}

fn any_step(rng: &mut StdRng) -> (Step, Actor) {
    let choice = Choice::ALL[rng.random_range(0..Choice::ALL.len())];
    let steps = [
        (Step::Write, Actor::Constituent),
        (Step::Write, Actor::Delegate),
        (Step::Write, Actor::Delegate),
        (Step::FormOpinion, Actor::Delegate),
        (Step::FormOpinion, Actor::Delegate),
        (Step::TakeBackOpinion, Actor::Delegate),
        (Step::Choose(choice), Actor::Constituent),
        (Step::Choose(choice), Actor::Delegate),
        (Step::OfficeAnswer, Actor::Office),
        (Step::Extend, Actor::Office),
        (Step::Decline, Actor::Office),
        (Step::Close, Actor::Delegate),
        (Step::Rate(rng.random_range(0..7)), Actor::Constituent),
        (Step::OfferPublication, Actor::Delegate),
        (Step::AnswerPublication { agrees: rng.random() }, Actor::Constituent),
        (Step::End, Actor::Delegate),
        (Step::Turn, Actor::Constituent),
        (Step::Decide { stands: rng.random() }, Actor::Liaison),
        (Step::PassOn, Actor::Liaison),
        (Step::Succeed { found: rng.random() }, Actor::Clock),
        (Step::Withdraw, Actor::Constituent),
    ];
    let (taken, actor) = steps[rng.random_range(0..steps.len())];
    // Once in a while somebody tries what is not his.
    let actor = if rng.random_bool(0.1) {
        Actor::ALL[rng.random_range(0..Actor::ALL.len())]
    } else {
        actor
    };
    (taken, actor)
}

/// One schedule; returns the states that were seen.
fn schedule(seed: u64, control: Control, days: &WorkingDays) -> Result<HashSet<State>, String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut today = date!(2026 - 01 - 05) + Duration::days(rng.random_range(0..90));
    let timing = |today| Timing { today, days, numbers: NUMBERS };
    let visitor = rng.random_bool(0.2);
    let mut thread = if visitor { received(&timing(today)) } else { begun(&timing(today)) };
    let wait = (!visitor).then_some((today, NUMBERS.answer_days));
    let mut book = Book { visitor, taken: Vec::new(), sent: None, wait };
    let mut seen = HashSet::from([thread.state]);
    for _ in 0..80 {
        let wanted = if rng.random_bool(0.35) {
            today += Duration::days([1, 1, 1, 2, 9][rng.random_range(0..5)]);
            (Step::Tick, Actor::Clock)
        } else {
            any_step(&mut rng)
        };
        if today > date!(2026 - 09 - 01) {
            break;
        }
        if next_look(&thread).is_some_and(|day| today <= day) && wanted.0 == Step::Tick {
            let after = step(&thread, Actor::Clock, Step::Tick, &timing(today));
            if after.as_ref() != Ok(&thread) {
                return Err(format!("seed {seed}: the clock acted before its day: {thread:?}"));
            }
        }
        let Ok(mut after) = step(&thread, wanted.1, wanted.0, &timing(today)) else { continue };
        if control == Control::Consent && wanted.0 == Step::FormOpinion {
            let due = Some(days.after(today, NUMBERS.office_days));
            after = Thread { state: State::WithOffice, sent_on: Some(today), due, ..after };
        }
        if control == Control::Day && after.state == State::WithOffice {
            after.due = after.due.map(|due| days.after(due, 1));
        }
        if !wanted.0.may(wanted.1, visitor) {
            return Err(format!("seed {seed}: {wanted:?} was let through"));
        }
        book.write(&thread, &after, wanted, today);
        let told = judge(&book, (&thread, &after), wanted, today);
        told.map_err(|what| format!("seed {seed}, {today}, {wanted:?}: {what}"))?;
        thread = after;
        seen.insert(thread.state);
    }
    Ok(seen)
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn first_failure(control: Control, first: u64, count: u64) -> Result<HashSet<State>, String> {
    let days = calendar();
    let mut seen = HashSet::new();
    for seed in first..first + count {
        seen.extend(schedule(seed, control, &days)?);
    }
    Ok(seen)
}

#[test]
fn every_schedule_keeps_the_rules_of_a_thread() {
    let (first, count) = (number("DELEGATE_SEED", 1), number("DELEGATE_SCHEDULES", 2_000));
    let control = match env::var("DELEGATE_CONTROL").as_deref() {
        Err(_) => Control::No,
        Ok("consent") => Control::Consent,
        Ok("day") => Control::Day,
        Ok(other) => panic!("DELEGATE_CONTROL is consent or day, not {other}"),
    };
    println!("{count} schedules from seed {first}");
    let seen = first_failure(control, first, count).unwrap_or_else(|what| panic!("{what}"));
    if count >= 2_000 {
        let missing: Vec<_> = State::ALL.iter().filter(|state| !seen.contains(state)).collect();
        assert!(missing.is_empty(), "never reached: {missing:?}");
    }
}

#[test]
fn a_machine_that_sends_without_consent_or_counts_wrong_is_found() {
    for control in [Control::Consent, Control::Day] {
        first_failure(control, 1, 500).expect_err("found");
    }
}
