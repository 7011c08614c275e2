//! A meeting as a state machine: draft, notice, sign-in, the meeting itself, its minutes. Time opens
//! the sign-in and ends one that nobody comes to; it decides nothing else.

use signaling::http::meetings::{LampState, MeetingState};
use signaling::{Refusal, RefusalCode};
use time::{Duration, OffsetDateTime};

/// Where a meeting stands, as far as the machine looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    pub state: MeetingState,
    pub starts_at: OffsetDateTime,
    /// When those present are counted and the meeting does not take place if they are too few.
    pub judged_at: Option<OffsetDateTime>,
    /// The lamp as it was last written down.
    pub lamp: Option<LampState>,
    /// A vote goes on.
    pub voting: bool,
    pub signatures: Signatures,
}

/// Who signed the minutes as they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    pub chair: bool,
    pub recorder: bool,
}

/// What happens to a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The notice goes out; `reasoned`: somebody said why it is late.
    Notify {
        reasoned: bool,
    },
    OpenSignIn,
    Open,
    /// A vote begins: a formal one, or one that asks for opinions alone.
    CallVote {
        formal: bool,
    },
    CloseVote,
    /// The chair ends it before its end; it is held another day.
    Adjourn,
    Close,
    Cancel,
    WriteMinutes,
    SignAsChair,
    SignAsRecorder,
    /// The superior sends the minutes back.
    Return,
    Archive,
    /// The clock.
    Tick,
}

impl Step {
    /// The word in the history.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Notify { .. } => "notify",
            Self::OpenSignIn => "open_sign_in",
            Self::Open => "open",
            Self::CallVote { .. } => "call_vote",
            Self::CloseVote => "close_vote",
            Self::Adjourn => "adjourn",
            Self::Close => "close",
            Self::Cancel => "cancel",
            Self::WriteMinutes => "write_minutes",
            Self::SignAsChair => "sign_as_chair",
            Self::SignAsRecorder => "sign_as_recorder",
            Self::Return => "return",
            Self::Archive => "archive",
            Self::Tick => "tick",
        }
    }

    /// Whether somebody has to say why.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Adjourn | Self::Cancel | Self::Return)
    }
}

/// What follows from a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The roll is read anew from the tables of members.
    FixRoll,
    /// Everybody on the roll is told.
    TellRoll,
    /// The superior is told that the notice was late.
    TellSuperior,
    /// The room closes: nobody is in the meeting any more.
    CloseRoom,
    /// The lamp changed while the meeting was open.
    Lamp(LampState),
}

/// Spans of the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// A notice goes out so long before the meeting.
    pub notice: Duration,
    /// The sign-in opens so long before the meeting.
    pub sign_in: Duration,
    /// Those present are counted so long after the beginning.
    pub wait: Duration,
}

/// What the machine is told of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub now: OffsetDateTime,
    pub lamp: LampState,
    /// Enough are heard of for a formal vote.
    pub may_vote: bool,
    pub spans: Spans,
}

/// Whether people can sign in.
#[must_use]
pub const fn takes_sign_ins(state: MeetingState) -> bool {
    matches!(state, MeetingState::SignIn | MeetingState::Open)
}

/// The meeting after a step, and what follows.
pub fn step(
    meeting: &Meeting,
    step: Step,
    moment: &Moment,
) -> Result<(Meeting, Vec<Effect>), Refusal> {
    use MeetingState as State;
    let to = |state| Meeting { state, ..*meeting };
    let Moment { now, spans, .. } = *moment;
    Ok(match (meeting.state, step) {
        (State::Draft, Step::Notify { reasoned }) => notify(meeting, reasoned, moment)?,
        (State::Draft, Step::Cancel) => (to(State::Cancelled), Vec::new()),
        (State::Notified, Step::Cancel) => (to(State::Cancelled), vec![Effect::TellRoll]),
        (State::SignIn, Step::Cancel) => {
            let next = Meeting { judged_at: None, ..to(State::Cancelled) };
            (next, vec![Effect::CloseRoom, Effect::TellRoll])
        }
        (State::Notified, Step::OpenSignIn | Step::Tick) => {
            if now < meeting.starts_at - spans.sign_in {
                if step == Step::Tick {
                    return Ok((*meeting, Vec::new()));
                }
                return refuse("the sign-in opens shortly before the meeting; wait until then");
            }
            // A hub that was not there leaves people their time.
            let judged_at = Some(meeting.starts_at.max(now) + spans.wait);
            (Meeting { judged_at, ..to(State::SignIn) }, vec![Effect::FixRoll])
        }
        (State::SignIn, Step::Open) => open(meeting, moment)?,
        (State::SignIn, Step::Tick) => judge(meeting, moment),
        (State::Open, Step::Tick) => look(meeting, moment),
        (State::Open, Step::CallVote { formal }) => call_vote(meeting, formal, moment)?,
        (State::Open, Step::CloseVote) if meeting.voting => {
            (Meeting { voting: false, ..*meeting }, Vec::new())
        }
        (State::Open, Step::Close | Step::Adjourn) if meeting.voting => {
            return refuse("a vote goes on; close it first");
        }
        (State::SignIn | State::Open, Step::Adjourn) => adjourn(meeting),
        (State::Open, Step::Close) => (to(State::Closed), vec![Effect::CloseRoom]),
        (State::Closed | State::MinutesDraft, Step::WriteMinutes) => {
            // Whoever signed an earlier text did not sign this one.
            let signatures = Signatures::default();
            (Meeting { signatures, ..to(State::MinutesDraft) }, Vec::new())
        }
        (State::MinutesDraft, Step::SignAsChair) if !meeting.signatures.chair => {
            signed(meeting, Signatures { chair: true, ..meeting.signatures })
        }
        (State::MinutesDraft, Step::SignAsRecorder) if !meeting.signatures.recorder => {
            signed(meeting, Signatures { recorder: true, ..meeting.signatures })
        }
        (State::Signed, Step::Return) => {
            let signatures = Signatures::default();
            (Meeting { signatures, ..to(State::MinutesDraft) }, Vec::new())
        }
        (State::Signed, Step::Archive) => (to(State::Archived), Vec::new()),
        (_, Step::Tick) => (*meeting, Vec::new()),
        _ => return refuse("this step does not follow from where the meeting stands"),
    })
}

fn refuse<T>(sentence: &str) -> Result<T, Refusal> {
    Err(Refusal::new(RefusalCode::StepNotAllowed, sentence))
}

fn notify(
    meeting: &Meeting,
    reasoned: bool,
    moment: &Moment,
) -> Result<(Meeting, Vec<Effect>), Refusal> {
    if meeting.starts_at <= moment.now {
        return refuse("the meeting lies in the past; choose a later time first");
    }
    let late = meeting.starts_at - moment.now < moment.spans.notice;
    if late && !reasoned {
        let sentence =
            "the notice is shorter than the rule asks for; say why, the superior is told";
        return Err(Refusal::new(RefusalCode::ReasonRequired, sentence));
    }
    let mut effects = vec![Effect::FixRoll, Effect::TellRoll];
    if late {
        effects.push(Effect::TellSuperior);
    }
    Ok((Meeting { state: MeetingState::Notified, ..*meeting }, effects))
}

fn open(meeting: &Meeting, moment: &Moment) -> Result<(Meeting, Vec<Effect>), Refusal> {
    if moment.lamp == LampState::Missing {
        let sentence = "fewer are present than the meeting needs; wait, or adjourn it";
        return Err(Refusal::new(RefusalCode::QuorumMissing, sentence));
    }
    let next =
        Meeting { state: MeetingState::Open, judged_at: None, lamp: Some(moment.lamp), ..*meeting };
    Ok((next, Vec::new()))
}

/// Half an hour after the beginning those present are counted, once.
fn judge(meeting: &Meeting, moment: &Moment) -> (Meeting, Vec<Effect>) {
    if meeting.judged_at.is_none_or(|at| moment.now < at) {
        return (*meeting, Vec::new());
    }
    if moment.lamp == LampState::Missing {
        return adjourn(meeting);
    }
    (Meeting { judged_at: None, ..*meeting }, Vec::new())
}

fn adjourn(meeting: &Meeting) -> (Meeting, Vec<Effect>) {
    let next = Meeting { state: MeetingState::Adjourned, judged_at: None, ..*meeting };
    (next, vec![Effect::CloseRoom, Effect::TellRoll])
}

/// The lamp of an open meeting is written down when it changes.
fn look(meeting: &Meeting, moment: &Moment) -> (Meeting, Vec<Effect>) {
    if meeting.lamp == Some(moment.lamp) {
        return (*meeting, Vec::new());
    }
    (Meeting { lamp: Some(moment.lamp), ..*meeting }, vec![Effect::Lamp(moment.lamp)])
}

fn call_vote(
    meeting: &Meeting,
    formal: bool,
    moment: &Moment,
) -> Result<(Meeting, Vec<Effect>), Refusal> {
    if meeting.voting {
        return refuse("another vote goes on; close it first");
    }
    if formal && !moment.may_vote {
        let sentence = "too few are connected for a vote; talk goes on, the vote waits";
        return Err(Refusal::new(RefusalCode::QuorumMissing, sentence));
    }
    Ok((Meeting { voting: true, ..*meeting }, Vec::new()))
}

fn signed(meeting: &Meeting, signatures: Signatures) -> (Meeting, Vec<Effect>) {
    let both = signatures.chair && signatures.recorder;
    let state = if both { MeetingState::Signed } else { MeetingState::MinutesDraft };
    (Meeting { state, signatures, ..*meeting }, Vec::new())
}

/// When the clock has to look at a meeting next; those that people are in are looked at always.
#[must_use]
pub fn due_at(meeting: &Meeting, spans: &Spans) -> Option<OffsetDateTime> {
    match meeting.state {
        MeetingState::Notified => Some(meeting.starts_at - spans.sign_in),
        MeetingState::SignIn => meeting.judged_at,
        _ => None,
    }
}
