//! A thread with a delegate as a state machine: who may take which step, what follows, when the
//! clock acts, and who may read what. Every number comes with [`Numbers`].

use signaling::{Refusal, RefusalCode};
use time::Date;

use super::types::{Actor, Choice, Holder, Publication, State, Thread};
use crate::features::policies::WorkingDays;

/// The numbers of the rules, from the policies of the day; all but the last in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    pub answer_days: u32,
    pub choice_days: u32,
    pub office_days: u32,
    pub extension_days: u32,
    pub decline_days: u32,
    pub outcome_days: u32,
    pub rating_days: u32,
    pub turn_days: u32,
    pub liaison_days: u32,
    pub level_days: u32,
    pub levels_max: u32,
}

/// The day on which a step is taken, and what counts as a working day.
#[derive(Clone, Copy, Debug)]
pub struct Timing<'a> {
    /// In Asia/Shanghai.
    pub today: Date,
    pub days: &'a WorkingDays,
    pub numbers: Numbers,
}

impl Timing<'_> {
    #[expect(clippy::unnecessary_wraps, reason = "a wait of a thread is an optional day")]
    fn after(&self, count: u32) -> Option<Date> {
        Some(self.days.after(self.today, count))
    }
}

/// What happens to a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A message of either side.
    Write,
    /// The delegate lays the exact text of an opinion before the constituent.
    FormOpinion,
    TakeBackOpinion,
    Choose(Choice),
    OfficeAnswer,
    Extend,
    /// The office says that it is not for it.
    Decline,
    /// The delegate tells the outcome.
    Close,
    /// 1–5.
    Rate(u8),
    /// The delegate asks whether the outcome may be published.
    OfferPublication,
    AnswerPublication {
        agrees: bool,
    },
    /// The delegate ends an abusive thread.
    End,
    /// The constituent turns to the liaison office, once.
    Turn,
    /// The liaison office decides about an ending.
    Decide {
        stands: bool,
    },
    /// The liaison office gives the thread to another delegate.
    PassOn,
    /// The delegate's term is over; whether there is a successor.
    Succeed {
        found: bool,
    },
    /// The constituent needs nothing any more.
    Withdraw,
    Tick,
}

impl Step {
    /// The word in the history.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::FormOpinion => "form_opinion",
            Self::TakeBackOpinion => "take_back_opinion",
            Self::Choose(Choice::Named) => "send_named",
            Self::Choose(Choice::Unnamed) => "send_unnamed",
            Self::Choose(Choice::NotSent) => "do_not_send",
            Self::OfficeAnswer => "office_answer",
            Self::Extend => "extend",
            Self::Decline => "decline",
            Self::Close => "close",
            Self::Rate(_) => "rate",
            Self::OfferPublication => "offer_publication",
            Self::AnswerPublication { agrees: true } => "agree_publication",
            Self::AnswerPublication { agrees: false } => "decline_publication",
            Self::End => "end",
            Self::Turn => "turn",
            Self::Decide { stands: true } => "ending_stands",
            Self::Decide { stands: false } => "ending_lifted",
            Self::PassOn => "pass_on",
            Self::Succeed { found: true } => "succeeded",
            Self::Succeed { found: false } => "to_liaison",
            Self::Withdraw => "withdraw",
            Self::Tick => "clock",
        }
    }

    /// Whether a text has to come with it.
    #[must_use]
    pub const fn needs_text(self) -> bool {
        matches!(
            self,
            Self::Write
                | Self::FormOpinion
                | Self::OfficeAnswer
                | Self::Extend
                | Self::Decline
                | Self::Close
                | Self::OfferPublication
                | Self::End
                | Self::Turn
                | Self::Decide { .. }
        )
    }

    /// Whether this kind of actor ever takes it; of a visitor's thread the delegate notes what the
    /// visitor chose.
    #[must_use]
    pub const fn may(self, actor: Actor, visitor: bool) -> bool {
        match self {
            Self::Write => {
                matches!(actor, Actor::Delegate)
                    || (matches!(actor, Actor::Constituent) && !visitor)
            }
            Self::FormOpinion
            | Self::TakeBackOpinion
            | Self::Close
            | Self::OfferPublication
            | Self::End => matches!(actor, Actor::Delegate),
            Self::Choose(_) if visitor => matches!(actor, Actor::Delegate),
            Self::Choose(_)
            | Self::Rate(_)
            | Self::AnswerPublication { .. }
            | Self::Turn
            | Self::Withdraw => matches!(actor, Actor::Constituent),
            Self::OfficeAnswer | Self::Extend | Self::Decline => matches!(actor, Actor::Office),
            Self::Decide { .. } | Self::PassOn => matches!(actor, Actor::Liaison),
            Self::Succeed { .. } | Self::Tick => matches!(actor, Actor::Clock),
        }
    }
}

/// A thread that a constituent began with a first message.
#[must_use]
pub fn begun(timing: &Timing<'_>) -> Thread {
    Thread {
        state: State::Waiting,
        holder: Holder::Delegate,
        visitor: false,
        due: timing.after(timing.numbers.answer_days),
        level: 0,
        next_level: None,
        sent_on: None,
        extended: false,
        turned: false,
        choice: None,
        rating: None,
        publication: Publication::No,
    }
}

/// A thread that a delegate noted for a visitor: the two have talked.
#[must_use]
pub fn received(timing: &Timing<'_>) -> Thread {
    Thread { state: State::Talking, visitor: true, due: None, ..begun(timing) }
}

/// The thread after a step of `actor`.
pub fn step(
    thread: &Thread,
    actor: Actor,
    step: Step,
    timing: &Timing<'_>,
) -> Result<Thread, Refusal> {
    let held = actor != Actor::Delegate || thread.holder == Holder::Delegate;
    if !held || !step.may(actor, thread.visitor) {
        return Err(not_now());
    }
    let numbers = &timing.numbers;
    let to = |state, due| enter(thread, state, due);
    let talking = to(State::Talking, None);
    Ok(match (thread.state, step) {
        (_, Step::Write) => written(thread, actor, timing)?,
        (State::Waiting | State::Talking, Step::FormOpinion) => {
            Thread { choice: None, ..to(State::Opinion, timing.after(numbers.choice_days)) }
        }
        (State::Opinion, Step::TakeBackOpinion) => talking,
        (State::Opinion, Step::Choose(choice)) => chosen(thread, choice, timing),
        (State::WithOffice, Step::OfficeAnswer) => {
            to(State::Answered, timing.after(numbers.outcome_days))
        }
        (State::WithOffice, Step::Extend) if !thread.extended => extended(thread, timing)?,
        (State::WithOffice, Step::Decline) => declined(thread, timing)?,
        (State::Talking | State::Answered, Step::Close) => {
            let due = timing.after(numbers.rating_days).filter(|_| !thread.visitor);
            to(State::Closed, due)
        }
        (State::Closed, Step::Rate(stars))
            if (1..=5).contains(&stars) && in_time(thread, timing) =>
        {
            Thread { rating: Some(stars), ..to(State::Closed, None) }
        }
        (State::Closed, Step::OfferPublication)
            if thread.publication == Publication::No && !thread.visitor =>
        {
            Thread { publication: Publication::Offered, ..*thread }
        }
        (State::Closed, Step::AnswerPublication { agrees })
            if thread.publication == Publication::Offered =>
        {
            let publication = if agrees { Publication::Agreed } else { Publication::Declined };
            Thread { publication, ..*thread }
        }
        (State::Waiting | State::Talking | State::Opinion, Step::End) => {
            let turns = !thread.visitor && !thread.turned;
            to(State::Ended, timing.after(numbers.turn_days).filter(|_| turns))
        }
        (State::Ended, Step::Turn) if !thread.turned && in_time(thread, timing) => {
            Thread { turned: true, ..to(State::Turned, timing.after(numbers.liaison_days)) }
        }
        (State::Turned, Step::Decide { stands: true }) => to(State::Ended, None),
        (State::Turned, Step::Decide { stands: false }) => waiting(thread, timing),
        (State::Turned, Step::PassOn) => given(&waiting(thread, timing), timing),
        (state, Step::PassOn) if !state.is_done() => given(thread, timing),
        (state, Step::Succeed { found }) if !state.is_done() => succeeded(thread, found, timing),
        (State::Waiting | State::Talking | State::Opinion, Step::Withdraw) => {
            to(State::Withdrawn, None)
        }
        (_, Step::Tick) => tick(thread, timing),
        _ => return Err(not_now()),
    })
}

fn not_now() -> Refusal {
    let sentence = "this step does not follow from where the matter stands; reload the page";
    Refusal::new(RefusalCode::StepNotAllowed, sentence)
}

/// The thread in another state, with a wait of its own.
fn enter(thread: &Thread, state: State, due: Option<Date>) -> Thread {
    Thread { state, due, level: 0, next_level: None, ..*thread }
}

fn in_time(thread: &Thread, timing: &Timing<'_>) -> bool {
    thread.due.is_some_and(|due| timing.today <= due)
}

/// Waits for whoever has the thread.
fn waiting(thread: &Thread, timing: &Timing<'_>) -> Thread {
    let days = match thread.holder {
        Holder::Delegate => timing.numbers.answer_days,
        Holder::Liaison => timing.numbers.liaison_days,
    };
    enter(thread, State::Waiting, timing.after(days))
}

fn written(thread: &Thread, actor: Actor, timing: &Timing<'_>) -> Result<Thread, Refusal> {
    match (thread.state, actor) {
        (State::Waiting, Actor::Delegate) => Ok(enter(thread, State::Talking, None)),
        (State::Talking, Actor::Constituent) => Ok(waiting(thread, timing)),
        (
            State::Waiting | State::Talking | State::Opinion | State::WithOffice | State::Answered,
            _,
        ) => Ok(*thread),
        _ => Err(not_now()),
    }
}

fn chosen(thread: &Thread, choice: Choice, timing: &Timing<'_>) -> Thread {
    let kept = Thread { choice: Some(choice), ..*thread };
    match choice {
        Choice::NotSent => enter(&kept, State::Talking, None),
        Choice::Named | Choice::Unnamed => {
            let due = timing.after(timing.numbers.office_days);
            let sent = Thread { sent_on: Some(timing.today), extended: false, ..kept };
            enter(&sent, State::WithOffice, due)
        }
    }
}

fn extended(thread: &Thread, timing: &Timing<'_>) -> Result<Thread, Refusal> {
    let Some(due) = thread.due.filter(|due| timing.today <= *due) else {
        let sentence = "the time is over; it can not be extended any more";
        return Err(Refusal::new(RefusalCode::TooLate, sentence));
    };
    let due = timing.days.after(due, timing.numbers.extension_days);
    Ok(Thread { extended: true, due: Some(due), ..*thread })
}

fn declined(thread: &Thread, timing: &Timing<'_>) -> Result<Thread, Refusal> {
    let last = thread.sent_on.map(|day| timing.days.after(day, timing.numbers.decline_days));
    if last.is_none_or(|last| timing.today > last) {
        let sentence = "an opinion can only be declined in its first days; answer it instead";
        return Err(Refusal::new(RefusalCode::TooLate, sentence));
    }
    Ok(Thread { choice: None, ..enter(thread, State::Talking, None) })
}

/// Another delegate has it; who owes a first word has the full time for it.
fn given(thread: &Thread, timing: &Timing<'_>) -> Thread {
    let next = Thread { holder: Holder::Delegate, ..*thread };
    match thread.state {
        State::Waiting => waiting(&next, timing),
        State::Answered => enter(&next, State::Answered, timing.after(timing.numbers.outcome_days)),
        _ => next,
    }
}

fn succeeded(thread: &Thread, found: bool, timing: &Timing<'_>) -> Thread {
    if found {
        return given(thread, timing);
    }
    let next = Thread { holder: Holder::Liaison, ..*thread };
    if thread.state == State::Waiting { waiting(&next, timing) } else { next }
}

/// What the clock does: each of its steps once.
fn tick(thread: &Thread, timing: &Timing<'_>) -> Thread {
    let passed = |day: Option<Date>| day.is_some_and(|day| timing.today > day);
    match thread.state {
        // Silence is no consent: nothing is sent.
        State::Opinion if passed(thread.due) => enter(thread, State::Talking, None),
        State::Closed | State::Ended if passed(thread.due) => Thread { due: None, ..*thread },
        state if state.is_owed() && passed(next_look(thread)) => {
            let level = thread.level.saturating_add(1).min(timing.numbers.levels_max);
            let more = level < timing.numbers.levels_max;
            let next_level = timing.after(timing.numbers.level_days).filter(|_| more);
            Thread { level, next_level, ..*thread }
        }
        _ => *thread,
    }
}

/// The day after whose end the clock has to look at a thread.
#[must_use]
pub fn next_look(thread: &Thread) -> Option<Date> {
    if thread.level == 0 { thread.due } else { thread.next_level }
}

/// Whether the present wait is over and somebody owes the next step.
#[must_use]
pub fn is_overdue(thread: &Thread, today: Date) -> bool {
    thread.state.is_owed() && thread.due.is_some_and(|due| today > due)
}

/// Whether an office knows of a thread: it has the opinion, or answered it.
#[must_use]
pub fn office_knows(thread: &Thread) -> bool {
    let was_sent = matches!(thread.choice, Some(Choice::Named | Choice::Unnamed));
    was_sent && matches!(thread.state, State::WithOffice | State::Answered | State::Closed)
}

/// Whether the liaison office knows of a thread: nobody has it, or it is asked about an ending.
#[must_use]
pub fn liaison_knows(thread: &Thread) -> bool {
    (thread.holder == Holder::Liaison && !thread.state.is_done()) || thread.state == State::Turned
}
