//! A post of a board as a state machine. Who may take which step, what follows from it, and when
//! the clock acts. Every number comes with [`Numbers`], from the policies of the day.

use signaling::{Refusal, RefusalCode};
use time::Date;

use super::types::{Actor, Ground, Kind, Post, State};
use crate::features::policies::WorkingDays;

/// The numbers of the rules, from the policies of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    pub review_days: u32,
    pub assign_days: u32,
    pub accept_days: u32,
    pub answer_days: u32,
    pub extension_days: u32,
    pub ask_days: u32,
    pub rating_days: u32,
    pub appeal_days: u32,
    pub level_days: u32,
    pub levels_max: u32,
    pub reassign_max: u32,
    pub hiding_days: u32,
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
    #[expect(clippy::unnecessary_wraps, reason = "a wait of a post is an optional day")]
    fn after(&self, count: u32) -> Option<Date> {
        Some(self.days.after(self.today, count))
    }
}

/// To which office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// It is the office that the post complains about, or stands below it.
    pub is_subject: bool,
}

/// What happens to a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Publish,
    /// Taken in, not published.
    AcceptPrivately,
    Refuse(Ground),
    /// The author changes a refused post.
    Edit,
    Withdraw,
    Appeal,
    /// The decision on an appeal: whether the refusal or hiding stands.
    DecideAppeal {
        stands: bool,
    },
    Assign(Assignment),
    Accept,
    NotOurs,
    AskBack,
    /// The author adds a text.
    Add,
    Extend,
    DraftReply,
    ReturnReply,
    ApproveReply,
    /// 1–5.
    Rate(u8),
    Unsatisfied,
    /// At once; another person reviews it.
    Hide(Ground),
    /// The review of a hiding: whether it stands.
    ReviewHiding {
        stands: bool,
    },
    Tick,
}

impl Step {
    /// The word in the history.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::AcceptPrivately => "accept_privately",
            Self::Refuse(_) => "refuse",
            Self::Edit => "edit",
            Self::Withdraw => "withdraw",
            Self::Appeal => "appeal",
            Self::DecideAppeal { stands: true } => "appeal_fails",
            Self::DecideAppeal { stands: false } => "appeal_succeeds",
            Self::Assign(_) => "assign",
            Self::Accept => "accept",
            Self::NotOurs => "not_ours",
            Self::AskBack => "ask_back",
            Self::Add => "add",
            Self::Extend => "extend",
            Self::DraftReply => "draft_reply",
            Self::ReturnReply => "return_reply",
            Self::ApproveReply => "approve_reply",
            Self::Rate(_) => "rate",
            Self::Unsatisfied => "unsatisfied",
            Self::Hide(_) => "hide",
            Self::ReviewHiding { stands: true } => "hiding_stands",
            Self::ReviewHiding { stands: false } => "hiding_lifted",
            Self::Tick => "clock",
        }
    }

    /// Whether a text has to come with it.
    #[must_use]
    pub const fn needs_text(self) -> bool {
        matches!(
            self,
            Self::Appeal
                | Self::DecideAppeal { .. }
                | Self::ReviewHiding { .. }
                | Self::NotOurs
                | Self::AskBack
                | Self::Add
                | Self::Extend
                | Self::DraftReply
                | Self::ReturnReply
                | Self::Unsatisfied
        )
    }

    /// Whether this kind of actor ever takes it.
    #[must_use]
    pub const fn may(self, actor: Actor) -> bool {
        match self {
            Self::Publish
            | Self::AcceptPrivately
            | Self::Refuse(_)
            | Self::ReturnReply
            | Self::ApproveReply => matches!(actor, Actor::Reviewer),
            Self::Assign(_) | Self::ReviewHiding { .. } => {
                matches!(actor, Actor::Reviewer | Actor::Decider)
            }
            Self::Hide(_) => matches!(actor, Actor::Reviewer | Actor::Decider | Actor::Office),
            Self::DecideAppeal { .. } => matches!(actor, Actor::Decider),
            Self::Edit
            | Self::Withdraw
            | Self::Appeal
            | Self::Add
            | Self::Rate(_)
            | Self::Unsatisfied => matches!(actor, Actor::Author),
            Self::Accept | Self::NotOurs | Self::AskBack | Self::Extend | Self::DraftReply => {
                matches!(actor, Actor::Office)
            }
            Self::Tick => matches!(actor, Actor::Clock),
        }
    }
}

/// A post that its author just sent.
#[must_use]
pub fn submitted(private: bool, timing: &Timing<'_>) -> Post {
    Post {
        state: State::Pending,
        private,
        before: None,
        due: timing.after(timing.numbers.review_days),
        left: None,
        asked: false,
        extended: false,
        reopened: false,
        appealed: false,
        passed_on: 0,
        level: 0,
        next_level: None,
        rating: None,
    }
}

/// The post after a step of `actor`.
pub fn step(
    post: &Post,
    (kind, actor): (Kind, Actor),
    step: Step,
    timing: &Timing<'_>,
) -> Result<Post, Refusal> {
    if !step.may(actor) {
        return Err(not_now());
    }
    let numbers = &timing.numbers;
    let to = |state, due| enter(post, state, due);
    let next = match (post.state, step) {
        (State::Pending, Step::Publish) if !post.private => {
            to(State::Published, timing.after(numbers.assign_days))
        }
        (State::Pending, Step::AcceptPrivately) => {
            let due = timing.after(numbers.assign_days);
            Post { private: true, ..to(State::Accepted, due) }
        }
        (State::Pending, Step::Refuse(_)) => to(State::Refused, None),
        (State::Refused, Step::Edit) => to(State::Pending, timing.after(numbers.review_days)),
        (State::Pending | State::Refused | State::Published | State::Accepted, Step::Withdraw) => {
            to(State::Withdrawn, None)
        }
        (State::Refused | State::Hidden, Step::Appeal) => appeal(post, timing)?,
        (State::Appealed, Step::DecideAppeal { stands }) => decided(post, stands, timing),
        (_, Step::Assign(assignment)) => assign(post, (kind, actor), assignment, timing)?,
        (_, Step::Hide(_)) if post.is_public() => hidden(post, timing),
        (State::HidingReview, Step::ReviewHiding { stands: true }) => to(State::Hidden, None),
        (State::HidingReview, Step::ReviewHiding { stands: false }) => decided(post, false, timing),
        (_, Step::Add) => added(post, timing)?,
        (State::Replied, Step::Rate(stars)) if (1..=5).contains(&stars) => {
            Post { rating: Some(stars), ..to(State::Closed, None) }
        }
        (State::Replied, Step::Unsatisfied) if !post.reopened => {
            let due = timing.after(numbers.assign_days);
            // A new round for the office, but what may happen once per post stays used.
            Post { reopened: true, left: None, ..to(State::Reopened, due) }
        }
        (_, Step::Tick) => tick(post, timing),
        _ => office(post, step, timing)?,
    };
    Ok(next)
}

/// Steps of the office and of who reviews its reply.
fn office(post: &Post, step: Step, timing: &Timing<'_>) -> Result<Post, Refusal> {
    let numbers = &timing.numbers;
    let to = |state, due| enter(post, state, due);
    let left = || Some(post.due.map_or(0, |due| timing.days.between(timing.today, due)));
    Ok(match (post.state, step) {
        (State::Assigned, Step::Accept) => to(State::InProgress, timing.after(numbers.answer_days)),
        (State::Assigned, Step::NotOurs) if post.passed_on <= numbers.reassign_max => {
            let next = to(State::Reassigned, timing.after(numbers.assign_days));
            Post { passed_on: post.passed_on.saturating_add(1), ..next }
        }
        (State::InProgress, Step::AskBack) if !post.asked => {
            let next = to(State::AwaitingAuthor, timing.after(numbers.ask_days));
            Post { asked: true, left: left(), ..next }
        }
        (State::InProgress, Step::Extend) if !post.extended => {
            let Some(due) = post.due.filter(|due| timing.today <= *due) else {
                let sentence = "the time is over; it can not be extended any more";
                return Err(Refusal::new(RefusalCode::TooLate, sentence));
            };
            let due = timing.days.after(due, numbers.extension_days);
            Post { extended: true, due: Some(due), ..*post }
        }
        (State::InProgress, Step::DraftReply) => {
            let next = to(State::ReplyReview, timing.after(numbers.review_days));
            Post { left: left(), ..next }
        }
        (State::ReplyReview, Step::ReturnReply) => go_on(post, timing),
        (State::ReplyReview, Step::ApproveReply) => {
            Post { left: None, ..to(State::Replied, timing.after(numbers.rating_days)) }
        }
        _ => return Err(not_now()),
    })
}

fn not_now() -> Refusal {
    let sentence = "this step does not follow from where the post stands";
    Refusal::new(RefusalCode::StepNotAllowed, sentence)
}

/// The post in another state, with a wait of its own.
fn enter(post: &Post, state: State, due: Option<Date>) -> Post {
    Post { state, due, level: 0, next_level: None, ..*post }
}

/// The office works on with the days it had left.
fn go_on(post: &Post, timing: &Timing<'_>) -> Post {
    let due = timing.after(post.left.unwrap_or_default());
    Post { left: None, ..enter(post, State::InProgress, due) }
}

fn appeal(post: &Post, timing: &Timing<'_>) -> Result<Post, Refusal> {
    if post.appealed {
        let sentence = "one appeal was decided already";
        return Err(Refusal::new(RefusalCode::StepNotAllowed, sentence));
    }
    let next = enter(post, State::Appealed, timing.after(timing.numbers.appeal_days));
    let before = if post.state == State::Refused { None } else { post.before };
    Ok(Post { appealed: true, before, ..next })
}

/// A refused post is published, a hidden one is where it was, or all stays as it is.
fn decided(post: &Post, stands: bool, timing: &Timing<'_>) -> Post {
    let hidden = post.before.is_some();
    match (stands, post.before) {
        (true, _) if hidden => enter(post, State::Hidden, None),
        (true, _) => enter(post, State::Refused, None),
        (false, None) if post.private => {
            enter(post, State::Accepted, timing.after(timing.numbers.assign_days))
        }
        (false, None) => enter(post, State::Published, timing.after(timing.numbers.assign_days)),
        (false, Some(State::InProgress)) => Post { before: None, ..go_on(post, timing) },
        (false, Some(State::Closed)) => Post { before: None, ..enter(post, State::Closed, None) },
        (false, Some(State::Replied)) => {
            let due = timing.after(timing.numbers.rating_days);
            Post { before: None, ..enter(post, State::Replied, due) }
        }
        (false, Some(State::Assigned)) => {
            let due = timing.after(timing.numbers.accept_days);
            Post { before: None, ..enter(post, State::Assigned, due) }
        }
        (false, Some(state)) => {
            let due = timing.after(timing.numbers.assign_days);
            Post { before: None, ..enter(post, state, due) }
        }
    }
}

fn hidden(post: &Post, timing: &Timing<'_>) -> Post {
    let today = timing.today;
    let (before, left) = match post.state {
        // What waited for somebody else goes on with the office.
        State::AwaitingAuthor | State::ReplyReview => (State::InProgress, post.left),
        State::InProgress => {
            (State::InProgress, post.due.map(|due| timing.days.between(today, due)))
        }
        state => (state, post.left),
    };
    let due = timing.after(timing.numbers.hiding_days);
    Post { before: Some(before), left, ..enter(post, State::HidingReview, due) }
}

fn assign(
    post: &Post,
    (kind, actor): (Kind, Actor),
    assignment: Assignment,
    timing: &Timing<'_>,
) -> Result<Post, Refusal> {
    let waits = matches!(
        post.state,
        State::Published | State::Accepted | State::Reassigned | State::Reopened
    );
    if !waits {
        return Err(not_now());
    }
    if kind == Kind::Complaint && assignment.is_subject {
        let sentence = "a complaint is never given to whom it is about; choose the office above";
        return Err(Refusal::new(RefusalCode::PlaceNotAllowed, sentence));
    }
    if post.passed_on > timing.numbers.reassign_max && actor != Actor::Decider {
        let sentence = "it was passed on too often; the superior decides who answers";
        return Err(Refusal::new(RefusalCode::StepNotAllowed, sentence));
    }
    Ok(enter(post, State::Assigned, timing.after(timing.numbers.accept_days)))
}

fn added(post: &Post, timing: &Timing<'_>) -> Result<Post, Refusal> {
    match post.state {
        State::AwaitingAuthor => Ok(go_on(post, timing)),
        state if state.is_done() || state == State::Replied => Err(not_now()),
        _ => Ok(*post),
    }
}

/// What the clock does: each of its steps once.
fn tick(post: &Post, timing: &Timing<'_>) -> Post {
    let passed = |day: Option<Date>| day.is_some_and(|day| timing.today > day);
    match post.state {
        State::AwaitingAuthor if passed(post.due) => go_on(post, timing),
        // Silence is no satisfaction: closed without a rating.
        State::Replied if passed(post.due) => enter(post, State::Closed, None),
        state if state.is_owed() && passed(next_look(post)) => {
            let level = post.level.saturating_add(1).min(timing.numbers.levels_max);
            let more = level < timing.numbers.levels_max;
            let next_level = timing.after(timing.numbers.level_days).filter(|_| more);
            Post { level, next_level, ..*post }
        }
        _ => *post,
    }
}

/// The day after whose end the clock has to look at a post.
#[must_use]
pub fn next_look(post: &Post) -> Option<Date> {
    if post.level == 0 { post.due } else { post.next_level }
}

/// Whether the present wait is over and somebody owes the next step.
#[must_use]
pub fn is_overdue(post: &Post, today: Date) -> bool {
    post.state.is_owed() && post.due.is_some_and(|due| today > due)
}
