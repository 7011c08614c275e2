//! The machine of a post on schedules by chance, judged by rules written apart from it.
//!
//! `BOARD_SCHEDULES` says how many (2,000), `BOARD_SEED` where they begin; `BOARD_CONTROL` forgets
//! what may happen once, or shifts a due day, and must be found.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

mod calendar_2026;

use std::collections::HashSet;
use std::env;

use calendar_2026::{calendar, count_between, nth_after};
use hub::features::boards::{
    Actor, Assignment, Ground, Kind, Numbers, Post, State, Step, Timing, next_look, step, submitted,
};
use hub::features::policies::WorkingDays;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use time::macros::date;
use time::{Date, Duration, Month};

#[test]
fn working_days_are_those_of_a_table_written_by_hand() {
    let days = calendar();
    let mut day = date!(2026 - 01 - 01);
    while day.month() != Month::December {
        for count in 0..20 {
            let expected = nth_after(day, count);
            assert_eq!(days.after(day, count), expected, "{count} after {day}");
            assert_eq!(days.between(day, expected), count, "from {day} to {expected}");
            let later = day + Duration::days(i64::from(count));
            assert_eq!(days.between(day, later), count_between(day, later), "{day} to {later}");
        }
        day = day.next_day().expect("a day");
    }
    assert_eq!(days.between(date!(2026 - 03 - 05), date!(2026 - 03 - 02)), 0);
}

const NUMBERS: Numbers = Numbers {
    review_days: 1,
    assign_days: 1,
    accept_days: 5,
    answer_days: 10,
    extension_days: 15,
    ask_days: 10,
    rating_days: 20,
    appeal_days: 3,
    level_days: 2,
    levels_max: 3,
    reassign_max: 2,
    hiding_days: 1,
};

/// What a schedule breaks on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    No,
    /// The machine forgets what happened once.
    Once,
    /// A due day is a day late.
    Day,
}

/// What the oracle knows of a post from its own book-keeping.
#[derive(Default)]
struct Book {
    taken: Vec<(&'static str, Actor)>,
    /// Days of the office's clock that were left when it last began, and on which day.
    running: Option<(u32, Date)>,
    stopped: Option<u32>,
}

impl Book {
    fn times(&self, word: &str) -> usize {
        self.taken.iter().filter(|(taken, _)| *taken == word).count()
    }

    fn remaining(&self, today: Date) -> u32 {
        let (left, since) = self.running.expect("the clock runs");
        left.saturating_sub(count_between(since, today))
    }

    fn write(&mut self, before: &Post, after: &Post, (taken, actor): (Step, Actor), today: Date) {
        let changed = before.state != after.state;
        if taken != Step::Tick || changed {
            self.taken.push((taken.word(), actor));
        }
        match (before.state, after.state) {
            (State::InProgress, State::InProgress) if taken == Step::Extend => {
                let (left, since) = self.running.expect("the clock runs");
                self.running = Some((left + NUMBERS.extension_days, since));
            }
            (State::InProgress, State::InProgress) => {}
            (State::Assigned, State::InProgress) => {
                self.running = Some((NUMBERS.answer_days, today));
            }
            (_, State::InProgress) => {
                self.running = Some((self.stopped.expect("it was stopped"), today));
            }
            (State::InProgress, _) => {
                self.stopped = Some(self.remaining(today));
                self.running = None;
            }
            _ => {}
        }
    }
}

fn expected_due(book: &Book, before: &Post, after: &Post, today: Date) -> Option<Date> {
    if after.state == State::InProgress {
        let (left, since) = book.running.expect("the clock runs");
        return Some(nth_after(since, left));
    }
    if before.state == after.state {
        return before.due;
    }
    let days = match after.state {
        State::Published | State::Accepted | State::Reassigned | State::Reopened => {
            NUMBERS.assign_days
        }
        State::Assigned => NUMBERS.accept_days,
        State::AwaitingAuthor => NUMBERS.ask_days,
        State::Pending | State::ReplyReview => NUMBERS.review_days,
        State::Replied => NUMBERS.rating_days,
        State::Appealed => NUMBERS.appeal_days,
        State::HidingReview => NUMBERS.hiding_days,
        _ => return None,
    };
    Some(nth_after(today, days))
}

/// What must hold of a post whatever was done.
fn judge(book: &Book, before: &Post, after: &Post, today: Date) -> Result<(), String> {
    let mut say = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            say.push(what.to_owned());
        }
    };
    for once in ["ask_back", "extend", "unsatisfied", "appeal", "rate"] {
        check(book.times(once) <= 1, &format!("{once} twice"));
    }
    check(book.times("not_ours") <= 3, "passed on more than twice, and once to the superior");
    let decided = book.taken.iter().rev().find(|(word, _)| *word == "assign");
    if book.times("not_ours") == 3
        && let Some((_, by)) = decided
        && after.state == State::Assigned
        && before.state == State::Reassigned
    {
        check(*by == Actor::Decider, "after two re-assignments the superior decides");
    }
    let shown = book.times("publish") > 0 || book.times("appeal_succeeds") > 0;
    check(!after.is_public() || shown, "public before anybody let it be");
    check(!(after.private && after.is_public()), "a private post is public");
    let hidden = matches!(after.state, State::Hidden | State::HidingReview);
    check(!hidden || shown, "hidden before it was public");
    let fresh = before.state != State::Hidden && after.state == State::Hidden;
    let reviewed = matches!(before.state, State::HidingReview | State::Appealed);
    check(!fresh || reviewed, "hidden for good without a review");
    let answered = book.times("approve_reply") > 0;
    check(after.state != State::Closed || answered, "closed without an answer");
    check(after.state != State::Assigned || !before.state.is_done(), "assigned after the end");
    check(
        before.state != State::Withdrawn || after.state == State::Withdrawn,
        "withdrawn is for good",
    );
    let withdrawn = before.state != State::Withdrawn && after.state == State::Withdrawn;
    let office = book.times("assign") > 0;
    check(!withdrawn || !office, "withdrawn after it was assigned");
    check(!after.state.is_done() || after.due.is_none(), "a clock runs on a post that is done");
    check(after.state.is_done() || after.due.is_some(), "no clock on an open post");
    let due = expected_due(book, before, after, today);
    check(after.due == due, &format!("due {:?} and not {due:?}", after.due));
    check(after.level <= NUMBERS.levels_max, "above the highest level");
    let late = after.due.is_some_and(|due| today > due);
    check(after.level == 0 || late, "raised before its time");
    if say.is_empty() {
        Ok(())
    } else {
        Err(format!("{}: {before:?} -> {after:?}", say.join("; ")))
    }
}

fn any_step(rng: &mut StdRng) -> (Step, Actor) {
    let ground = Ground::ALL[rng.random_range(0..Ground::ALL.len())];
    let steps = [
        (Step::Publish, Actor::Reviewer),
        (Step::Publish, Actor::Reviewer),
        (Step::AcceptPrivately, Actor::Reviewer),
        (Step::Refuse(ground), Actor::Reviewer),
        (Step::Edit, Actor::Author),
        (Step::Withdraw, Actor::Author),
        (Step::Appeal, Actor::Author),
        (Step::DecideAppeal { stands: rng.random() }, Actor::Decider),
        (Step::Assign(Assignment { is_subject: rng.random_bool(0.2) }), Actor::Reviewer),
        (Step::Assign(Assignment { is_subject: false }), Actor::Reviewer),
        (Step::Assign(Assignment { is_subject: false }), Actor::Decider),
        (Step::Accept, Actor::Office),
        (Step::NotOurs, Actor::Office),
        (Step::AskBack, Actor::Office),
        (Step::Add, Actor::Author),
        (Step::Extend, Actor::Office),
        (Step::DraftReply, Actor::Office),
        (Step::ReturnReply, Actor::Reviewer),
        (Step::ApproveReply, Actor::Reviewer),
        (Step::Rate(rng.random_range(0..7)), Actor::Author),
        (Step::Unsatisfied, Actor::Author),
        (Step::Hide(ground), Actor::Reviewer),
        (Step::ReviewHiding { stands: rng.random() }, Actor::Decider),
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

/// One schedule: the seed, every step and what came of it. Returns the states that were seen.
fn schedule(seed: u64, control: Control, days: &WorkingDays) -> Result<HashSet<State>, String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let kind = Kind::ALL[rng.random_range(0..Kind::ALL.len())];
    let mut today = date!(2026 - 01 - 05) + Duration::days(rng.random_range(0..120));
    let timing = |today| Timing { today, days, numbers: NUMBERS };
    let mut post = submitted(rng.random_bool(0.2), &timing(today));
    let mut book = Book::default();
    let mut seen = HashSet::from([post.state]);
    for _ in 0..80 {
        let wanted = if rng.random_bool(0.35) {
            // Time goes on; a clock that is looked at rarely jumps.
            today += Duration::days([1, 1, 1, 2, 9][rng.random_range(0..5)]);
            (Step::Tick, Actor::Clock)
        } else {
            any_step(&mut rng)
        };
        if today > date!(2026 - 11 - 01) {
            break;
        }
        let before = match control {
            Control::Once => Post { asked: false, extended: false, ..post },
            Control::No | Control::Day => post,
        };
        if next_look(&post).is_some_and(|day| today <= day) && wanted.0 == Step::Tick {
            let after = step(&post, (kind, Actor::Clock), Step::Tick, &timing(today));
            if after.as_ref() != Ok(&post) {
                return Err(format!("seed {seed}: the clock acted before its day: {post:?}"));
            }
        }
        let Ok(mut after) = step(&before, (kind, wanted.1), wanted.0, &timing(today)) else {
            continue;
        };
        if control == Control::Day && wanted.0 == Step::Accept {
            after.due = after.due.map(|due| days.after(due, 1));
        }
        if let Step::Assign(Assignment { is_subject: true }) = wanted.0
            && kind == Kind::Complaint
        {
            return Err(format!("seed {seed}: a complaint went to whom it is about"));
        }
        if !wanted.0.may(wanted.1) {
            return Err(format!("seed {seed}: {wanted:?} was let through"));
        }
        book.write(&post, &after, wanted, today);
        let told = judge(&book, &post, &after, today);
        told.map_err(|what| format!("seed {seed}, {today}, {wanted:?}: {what}"))?;
        post = after;
        seen.insert(post.state);
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
fn every_schedule_keeps_the_rules_of_the_board() {
    let (first, count) = (number("BOARD_SEED", 1), number("BOARD_SCHEDULES", 2_000));
    let control = match env::var("BOARD_CONTROL").as_deref() {
        Err(_) => Control::No,
        Ok("once") => Control::Once,
        Ok("day") => Control::Day,
        Ok(other) => panic!("BOARD_CONTROL is once or day, not {other}"),
    };
    println!("{count} schedules from seed {first}");
    let seen = first_failure(control, first, count).unwrap_or_else(|what| panic!("{what}"));
    if count >= 2_000 {
        let missing: Vec<_> = State::ALL.iter().filter(|state| !seen.contains(state)).collect();
        assert!(missing.is_empty(), "never reached: {missing:?}");
    }
}

#[test]
fn a_machine_that_forgets_or_counts_wrong_is_found() {
    for control in [Control::Once, Control::Day] {
        first_failure(control, 1, 500).expect_err("found");
    }
}
