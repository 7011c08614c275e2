//! Who counts: expected, present and needed, and what a vote comes to. Exact integers, no clock but
//! the moment that is given; every number is one of the policies of the day.

use signaling::http::meetings::{LampState, MeetingKind, NoFormalVote, VoteCase, VoteOutcome};
use time::{Duration, OffsetDateTime};

/// Numbers of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Of those entitled so many in a hundred have to be present, at least.
    pub quorum_percent: u32,
    /// For an admission: more than so many in a hundred.
    pub admission_percent: u32,
    /// For an election: so many in a hundred, at least.
    pub election_percent: u32,
    /// More than so many in a hundred have to be in favour.
    pub pass_percent: u32,
    /// An election counts votes against all who are entitled, not against those present.
    pub election_of_entitled: bool,
    /// Who is silent for longer is not present any more.
    pub grace: Duration,
    /// Who is silent for longer is shown as cut off, and does not count when a vote opens.
    pub lag: Duration,
    /// Full home members below which a network joint branch has no formal vote.
    pub formal_full_min: u32,
    /// Whether members of a temporary branch vote there.
    pub temporary_counts: bool,
    /// Whether an exemption takes a person out of those who are expected.
    pub away_exempt: bool,
}

/// What holds the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A branch that is the home of its members, its committee or a group of it.
    Home,
    /// A joint branch whose members have their homes elsewhere.
    Network,
    /// A branch for a short task.
    Temporary,
}

/// Where somebody is who signed in and did not sign out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: not signed in, or signed out.
    Away,
    /// At the own device, last heard of then.
    Online(OffsetDateTime),
    /// In the room, entered by the secretary.
    OnSite,
    /// On the signed list of a venue.
    Venue,
}

/// Somebody on the roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own about a person")]
pub struct Attendee {
    /// A full member, not a probationary one.
    pub full: bool,
    /// The right to vote is not suspended.
    pub rights: bool,
    /// The home is here.
    pub home: bool,
    /// Formally exempted for this meeting.
    pub exempt: bool,
    /// Of the committee.
    pub committee: bool,
    /// Attends without a vote.
    pub observer: bool,
    pub place: Place,
}

/// Whether a meeting of this kind decides anything.
#[must_use]
pub const fn decides(kind: MeetingKind) -> bool {
    !matches!(kind, MeetingKind::ThemeDay | MeetingKind::PartyLesson)
}

/// Whether somebody may vote formally.
#[must_use]
pub const fn is_entitled(
    one: &Attendee,
    (kind, host): (MeetingKind, Host),
    numbers: &Numbers,
) -> bool {
    let may = decides(kind) && one.full && one.rights && !one.observer;
    if !may || (one.exempt && numbers.away_exempt) {
        return false;
    }
    match (kind, host) {
        (MeetingKind::CommitteeMeeting, _) => one.committee,
        (_, Host::Temporary) => numbers.temporary_counts,
        _ => one.home,
    }
}

/// Whether somebody is asked for an opinion, which is counted apart: a full member who takes part
/// and has the home elsewhere.
#[must_use]
pub const fn is_consulted(one: &Attendee, meeting: (MeetingKind, Host), numbers: &Numbers) -> bool {
    let asks = matches!(meeting.1, Host::Network)
        && decides(meeting.0)
        && !matches!(meeting.0, MeetingKind::CommitteeMeeting);
    asks && one.full
        && one.rights
        && !one.observer
        && !one.home
        && !is_entitled(one, meeting, numbers)
}

/// Whether somebody is there.
#[must_use]
pub fn is_present(one: &Attendee, now: OffsetDateTime, numbers: &Numbers) -> bool {
    within(one, now, numbers.grace)
}

/// Whether somebody is there and heard of.
#[must_use]
pub fn is_connected(one: &Attendee, now: OffsetDateTime, numbers: &Numbers) -> bool {
    within(one, now, numbers.lag.min(numbers.grace))
}

fn within(one: &Attendee, now: OffsetDateTime, silence: Duration) -> bool {
    match one.place {
        Place::Away => false,
        Place::Online(seen_at) => now - seen_at <= silence,
        Place::OnSite | Place::Venue => true,
    }
}

/// The figures of a meeting at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Entitled.
    pub expected: u32,
    /// Entitled and present.
    pub present: u32,
    /// Entitled and present, and heard of just now.
    pub connected: u32,
    /// Present that are needed; `None` where nothing is decided formally.
    pub needed: Option<u32>,
    /// Asked for an opinion, and of them present.
    pub consulted: u32,
    pub consulted_present: u32,
    /// Everybody who is there.
    pub here: u32,
    /// Why there is no formal vote.
    pub no_formal: Option<NoFormalVote>,
}

impl Figures {
    /// The quorum lamp.
    #[must_use]
    pub fn lamp(&self) -> LampState {
        match self.needed {
            None => LampState::NotNeeded,
            Some(needed) if self.present >= needed => LampState::Reached,
            Some(_) => LampState::Missing,
        }
    }

    /// Whether a formal vote may open: so many are heard of, not merely within the grace.
    #[must_use]
    pub fn may_vote(&self) -> bool {
        self.needed.is_some_and(|needed| self.connected >= needed)
    }
}

/// Counts the roll.
#[must_use]
pub fn figures(
    roll: &[Attendee],
    meeting: (MeetingKind, Host),
    now: OffsetDateTime,
    numbers: &Numbers,
) -> Figures {
    let count = |holds: &dyn Fn(&Attendee) -> bool| {
        u32::try_from(roll.iter().filter(|one| holds(one)).count()).unwrap_or(u32::MAX)
    };
    let entitled = |one: &Attendee| is_entitled(one, meeting, numbers);
    let consulted = |one: &Attendee| is_consulted(one, meeting, numbers);
    let present = |one: &Attendee| is_present(one, now, numbers);
    let expected = count(&entitled);
    let full_home = count(&|one| one.full && one.home && !one.observer);
    let no_formal = no_formal(meeting, (expected, full_home), numbers);
    Figures {
        expected,
        present: count(&|one| entitled(one) && present(one)),
        connected: count(&|one| entitled(one) && is_connected(one, now, numbers)),
        needed: no_formal.is_none().then(|| needed(case_of(meeting.0), expected, numbers)),
        consulted: count(&consulted),
        consulted_present: count(&|one| consulted(one) && present(one)),
        here: count(&present),
        no_formal,
    }
}

fn no_formal(
    (kind, host): (MeetingKind, Host),
    (expected, full_home): (u32, u32),
    numbers: &Numbers,
) -> Option<NoFormalVote> {
    let network = host == Host::Network && kind != MeetingKind::CommitteeMeeting;
    if !decides(kind) {
        Some(NoFormalVote::NothingIsDecided)
    } else if network && full_home < numbers.formal_full_min {
        Some(NoFormalVote::TooFewHomeMembers)
    } else if host == Host::Temporary && expected == 0 && !numbers.temporary_counts {
        Some(NoFormalVote::TemporaryBranch)
    } else if expected == 0 {
        Some(NoFormalVote::NobodyEntitled)
    } else {
        None
    }
}

/// Which of the cases of a vote an ordinary one at such a meeting is.
#[must_use]
pub const fn case_of(kind: MeetingKind) -> VoteCase {
    match kind {
        MeetingKind::CommitteeMeeting => VoteCase::Committee,
        _ => VoteCase::Ordinary,
    }
}

/// Present that a vote of this case needs of so many who are entitled.
#[must_use]
pub fn needed(case: VoteCase, expected: u32, numbers: &Numbers) -> u32 {
    let of = |percent: u32| u64::from(expected) * u64::from(percent);
    let needed = match case {
        VoteCase::Ordinary | VoteCase::Committee => of(numbers.quorum_percent).div_ceil(100),
        VoteCase::Election => of(numbers.election_percent).div_ceil(100),
        VoteCase::Admission => of(numbers.admission_percent) / 100 + 1,
    };
    u32::try_from(needed).unwrap_or(u32::MAX)
}

/// Votes of one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Votes {
    pub yes: u32,
    pub no: u32,
    pub abstain: u32,
}

impl Votes {
    /// All of them.
    #[must_use]
    pub const fn cast(&self) -> u32 {
        self.yes.saturating_add(self.no).saturating_add(self.abstain)
    }
}

/// What a formal vote comes to. `present` are those who are present or have cast.
#[must_use]
pub fn outcome(
    case: VoteCase,
    (expected, present): (u32, u32),
    votes: Votes,
    numbers: &Numbers,
) -> VoteOutcome {
    if expected == 0 || present < needed(case, expected, numbers) {
        return VoteOutcome::NoQuorum;
    }
    let base = match case {
        VoteCase::Election if !numbers.election_of_entitled => present,
        _ => expected,
    };
    let bar = u64::from(base) * u64::from(numbers.pass_percent);
    match (u64::from(votes.yes) * 100).cmp(&bar) {
        std::cmp::Ordering::Greater => VoteOutcome::Passed,
        std::cmp::Ordering::Equal => VoteOutcome::HalfExactly,
        std::cmp::Ordering::Less => VoteOutcome::NotPassed,
    }
}
