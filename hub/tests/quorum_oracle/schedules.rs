//! The machine of a meeting on schedules by chance, against a second table of what may follow.

use std::collections::HashSet;

use hub::features::meetings::{Effect, Meeting, Moment, Signatures, Spans, Step, due_at, step};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use signaling::http::meetings::{LampState, MeetingState as State};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::{first_seed, number};

const SPANS: Spans = Spans {
    notice: Duration::days(3),
    sign_in: Duration::minutes(30),
    wait: Duration::minutes(30),
};

/// Which state may follow which, by which word. Nothing else may.
const FOLLOWS: &[(State, &str, State)] = &[
    (State::Draft, "notify", State::Notified),
    (State::Draft, "cancel", State::Cancelled),
    (State::Notified, "cancel", State::Cancelled),
    (State::Notified, "open_sign_in", State::SignIn),
    (State::Notified, "tick", State::SignIn),
    (State::SignIn, "cancel", State::Cancelled),
    (State::SignIn, "open", State::Open),
    (State::SignIn, "tick", State::Adjourned),
    (State::SignIn, "adjourn", State::Adjourned),
    (State::Open, "adjourn", State::Adjourned),
    (State::Open, "close", State::Closed),
    (State::Closed, "write_minutes", State::MinutesDraft),
    (State::MinutesDraft, "sign_as_chair", State::Signed),
    (State::MinutesDraft, "sign_as_recorder", State::Signed),
    (State::Signed, "return", State::MinutesDraft),
    (State::Signed, "archive", State::Archived),
];

/// What a schedule breaks on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    No,
    /// The lamp is always good.
    Lamp,
    /// A vote that goes on is forgotten.
    Vote,
    /// Signatures outlive a change of the text.
    Signatures,
}

/// The oracle's own book.
#[derive(Default)]
struct Book {
    notified: bool,
    voting: bool,
    /// Signatures since the text last changed.
    signed: HashSet<&'static str>,
    sign_in_at: Option<OffsetDateTime>,
}

fn any_step(rng: &mut StdRng) -> Step {
    let steps = [
        Step::Notify { reasoned: rng.random() },
        Step::OpenSignIn,
        Step::Open,
        Step::Open,
        Step::CallVote { formal: rng.random() },
        Step::CloseVote,
        Step::Close,
        Step::Close,
        Step::WriteMinutes,
        Step::SignAsChair,
        Step::SignAsRecorder,
        Step::Return,
        Step::Archive,
    ];
    match rng.random_range(0..40) {
        0 => Step::Cancel,
        1 => Step::Adjourn,
        _ => steps[rng.random_range(0..steps.len())],
    }
}

fn judge(
    book: &Book,
    (before, after): (&Meeting, &Meeting),
    (taken, effects): (Step, &[Effect]),
    moment: &Moment,
) -> Result<(), String> {
    let moved = before.state != after.state;
    let known = FOLLOWS.contains(&(before.state, taken.word(), after.state));
    let late = before.starts_at - moment.now < SPANS.notice;
    let wrong = if moved && !known {
        "this state does not follow"
    } else if after.state == State::Notified
        && moved
        && late
        && taken == (Step::Notify { reasoned: false })
    {
        "a late notice went out without a reason"
    } else if moved
        && after.state == State::Notified
        && late
        && !effects.contains(&Effect::TellSuperior)
    {
        "a late notice and the superior not told"
    } else if moved && after.state == State::SignIn && moment.now < before.starts_at - SPANS.sign_in
    {
        "the sign-in opened early"
    } else if moved && after.state == State::Open && moment.lamp == LampState::Missing {
        "opened without a quorum"
    } else if matches!(taken, Step::CallVote { formal: true }) && !moment.may_vote {
        "a vote opened without enough connected"
    } else if matches!(taken, Step::CallVote { .. }) && book.voting {
        "two votes at once"
    } else if moved && before.state == State::Open && book.voting {
        "ended while a vote went on"
    } else if taken == Step::Tick
        && moved
        && after.state == State::Adjourned
        && (moment.lamp != LampState::Missing || !waited(book, before, moment))
    {
        "adjourned by the clock too early, or with a quorum"
    } else if after.state == State::Signed && moved && book.signed.len() != 1 {
        "signed by one alone"
    } else if moved && matches!(after.state, State::Open | State::SignIn) && !book.notified {
        "held without a notice"
    } else if before.state == State::Archived && after != before {
        "the archive changed"
    } else if matches!(before.state, State::SignIn | State::Open)
        && moved
        && !matches!(after.state, State::SignIn | State::Open)
        && !effects.contains(&Effect::CloseRoom)
    {
        "over, and the room still open"
    } else {
        return Ok(());
    };
    Err(format!("{wrong}: {before:?} -> {after:?}, {moment:?}"))
}

/// Half an hour after the beginning, or after the sign-in where that came later.
fn waited(book: &Book, before: &Meeting, moment: &Moment) -> bool {
    let since = book.sign_in_at.map_or(before.starts_at, |at| at.max(before.starts_at));
    moment.now >= since + SPANS.wait
}

fn write(book: &mut Book, (before, after): (&Meeting, &Meeting), taken: Step, now: OffsetDateTime) {
    book.notified |= after.state == State::Notified;
    match taken {
        Step::CallVote { .. } => book.voting = true,
        Step::CloseVote => book.voting = false,
        Step::WriteMinutes | Step::Return => book.signed.clear(),
        Step::SignAsChair | Step::SignAsRecorder => {
            book.signed.insert(taken.word());
        }
        _ => {}
    }
    if before.state != after.state && after.state == State::SignIn {
        book.sign_in_at = Some(now);
    }
}

fn schedule(seed: u64, control: Control, seen: &mut HashSet<State>) -> Result<u64, String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut now = datetime!(2026-11-20 09:00 +8);
    let mut meeting = Meeting {
        state: State::Draft,
        starts_at: now + Duration::minutes(rng.random_range(-60..10_000)),
        judged_at: None,
        lamp: None,
        voting: false,
        signatures: Signatures::default(),
    };
    let mut book = Book::default();
    let mut steps = 0;
    for _ in 0..120 {
        // Time goes on, in small steps or, where nobody looked for long, in a jump.
        let until_due = due_at(&meeting, &SPANS).map_or(0, |due| (due - now).whole_seconds());
        let jump = [0, 1, 20, 300, until_due.max(0), until_due.max(1) - 1, 90_000];
        let which = if rng.random_bool(0.02) { 6 } else { rng.random_range(0..6) };
        now += Duration::seconds(jump[which]);
        let reached = rng.random_bool(0.6);
        let moment = Moment {
            now,
            lamp: match rng.random_range(0..10) {
                0 => LampState::NotNeeded,
                _ if reached => LampState::Reached,
                _ => LampState::Missing,
            },
            may_vote: reached && rng.random_bool(0.8),
            spans: SPANS,
        };
        let taken = if rng.random_bool(0.3) { Step::Tick } else { any_step(&mut rng) };
        let told = match control {
            Control::Lamp => Moment { lamp: LampState::Reached, may_vote: true, ..moment },
            _ => moment,
        };
        let given = match control {
            Control::Vote => Meeting { voting: false, ..meeting },
            _ => meeting,
        };
        let Ok((mut after, effects)) = step(&given, taken, &told) else { continue };
        if control == Control::Signatures && taken == Step::WriteMinutes {
            after.signatures = meeting.signatures;
        }
        let changed = (&meeting, &after);
        judge(&book, changed, (taken, &effects), &moment)
            .map_err(|what| format!("SEED={seed}, {taken:?}: {what}"))?;
        write(&mut book, changed, taken, now);
        meeting = after;
        seen.insert(meeting.state);
        steps += 1;
    }
    Ok(steps)
}

fn run(control: Control, first: u64, count: u64) -> Result<(HashSet<State>, u64), String> {
    let (mut seen, mut steps) = (HashSet::new(), 0);
    for seed in first..first + count {
        steps += schedule(seed, control, &mut seen)?;
    }
    Ok((seen, steps))
}

#[test]
fn every_schedule_keeps_the_order_of_a_meeting() {
    let (first, count) = (first_seed(), number("MEETING_SCHEDULES", 2_000));
    let (seen, steps) = run(Control::No, first, count).unwrap_or_else(|what| panic!("{what}"));
    println!("{count} schedules, SEED={first}: {steps} steps, nothing broken");
    assert_eq!(seen.len(), 10, "not every state was reached: {seen:?}");
}

#[test]
fn a_machine_that_forgets_is_found() {
    for (name, control) in
        [("lamp", Control::Lamp), ("vote", Control::Vote), ("signatures", Control::Signatures)]
    {
        assert!(run(control, first_seed(), 2_000).is_err(), "{name} was not found");
    }
}
