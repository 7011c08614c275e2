//! Open votes: called by the chair, cast by whoever is there, closed by the chair. One choice per
//! person and vote; a drop ends no vote, and who has cast counts as present for it.

use std::collections::BTreeSet;

use signaling::event::EventKind;
use signaling::event::meetings::{VoteCast, VoteClosed, VoteOpened};
use signaling::http::meetings::{
    CallVote, CastLine, CastVote, Meeting, MeetingPlace, MeetingVote, PersonName, RollPart,
    VoteChoice, VoteTally,
};
use signaling::limits::{CID_BYTES_MAX, MOTION_CHARS_MAX};
use signaling::{MeetingId, PersonId, RefusalCode, VoteId};

use super::quorum::{self, Votes, is_present};
use super::rules::Step;
use super::running::chair;
use super::setting::Setting;
use super::steps::{Ground, Reach, Work};
use super::types::{BallotRow, MeetingRow, RollRow, VoteRow};
use super::{no_meeting, queries, vote_queries, words};
use crate::auth::Granted;
use crate::error::{Error, Result};
use crate::features::organisations;

/// Calls a vote; a repeat with the same `cid` opens no second one.
pub async fn call(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, request): (MeetingId, &CallVote),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    let chair = chair(&work, by)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !(1..=CID_BYTES_MAX).contains(&request.cid.len()) || !request.cid.bytes().all(good) {
        let sentence = "cid must be 1 to 64 letters, digits, '-' or '_'";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let earlier = vote_queries::votes(work.connection(), id).await?;
    if earlier.iter().any(|vote| vote.cid == request.cid) {
        return work.finish(by).await;
    }
    let motion = organisations::text(&request.motion, MOTION_CHARS_MAX, "a motion")?;
    let items = queries::items(work.connection(), id).await?.len();
    if request.item.is_some_and(|item| item == 0 || usize::from(item) > items) {
        return Err(Error::refuse(RefusalCode::InvalidInput, "the agenda has no such item"));
    }
    let formal = !request.opinion;
    if formal && work.figures().no_formal.is_some() {
        let sentence = "this meeting has no formal vote; ask for opinions instead";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    work.step(Some(by), Step::CallVote { formal }).await?;
    let vote = VoteRow {
        id: VoteId(ground.ids.next()),
        number: u16::try_from(earlier.len()).unwrap_or(u16::MAX).saturating_add(1),
        cid: request.cid.clone(),
        item: request.item,
        motion,
        way: request.way,
        case: quorum::case_of(work.row.kind),
        formal,
        opened_at: work.now,
        closed_at: None,
        expected: 0,
        present: 0,
        needed: 0,
        outcome: None,
    };
    vote_queries::insert(work.connection(), id, &vote).await?;
    let event = VoteOpened {
        vote: vote.id,
        number: vote.number,
        motion: vote.motion.clone(),
        way: vote.way,
        formal,
        lamp: work.lamp(),
    };
    work.append(id.room(), EventKind::VoteOpened, &event).await?;
    let detail = words::vote_called(&chair, &vote, &work.figures());
    work.note(Some(by), "call_vote", &detail).await?;
    work.finish(by).await
}

/// Casts the own choice, or enters that of somebody in the room or at a venue.
pub async fn cast(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, vote, request): (MeetingId, VoteId, &CastVote),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    let person = request.person.unwrap_or(by);
    let votes = vote_queries::votes(work.connection(), id).await?;
    let vote = votes
        .into_iter()
        .find(|one| one.id == vote)
        .ok_or_else(|| Error::refuse(RefusalCode::NotFound, "this meeting has no such vote"))?;
    let line = work.line_of(person).cloned().ok_or_else(no_meeting)?;
    let entered_by = may_enter(&mut work, (by, &line)).await?;
    let ballots = vote_queries::ballots(work.connection(), id).await?;
    let before = ballots.iter().find(|one| one.vote == vote.id && one.person == person);
    match before {
        Some(before) if before.choice == request.choice => return work.finish(by).await,
        Some(_) => {
            let sentence = "a choice is final, and another one was cast";
            return Err(Error::refuse(RefusalCode::Conflict, sentence));
        }
        None => {}
    }
    if vote.closed_at.is_some() {
        return Err(Error::refuse(RefusalCode::StepNotAllowed, "the vote is closed"));
    }
    let part = part(&line, (&work.row, &work.setting), vote.formal).ok_or_else(|| {
        let sentence = "there is no vote for this person; talk is free to everybody";
        Error::refuse(RefusalCode::StepNotAllowed, sentence)
    })?;
    let (about, now) = ((vote.id, person), work.now);
    let by_other = entered_by.as_ref().map(|_| by);
    let given = (part, request.choice);
    vote_queries::cast(work.connection(), about, given, (by_other, now)).await?;
    let event = VoteCast {
        vote: vote.id,
        person,
        name: line.name.clone(),
        part,
        choice: request.choice,
        entered_by: entered_by.clone(),
    };
    work.append(id.room(), EventKind::VoteCast, &event).await?;
    let detail = words::vote_cast(&vote, (&line.name, part, request.choice), entered_by.as_deref());
    work.note(Some(by), "cast_vote", &detail).await?;
    work.finish(by).await
}

/// Who enters the choice of somebody; `None` for the person. One way each: at the own device, in the
/// room by those who run the meeting, at a venue by its head.
async fn may_enter(
    work: &mut Work<'_>,
    (by, line): (PersonId, &RollRow),
) -> Result<Option<String>> {
    let refuse = |sentence: &str| Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    let id = work.row.id;
    let runs = [work.row.chairs(), work.row.recorder.person].contains(&by);
    let may = match (line.place(), by == line.person) {
        (MeetingPlace::Online, true) => return Ok(None),
        (MeetingPlace::Online, false) => {
            return refuse("the person votes at the own device");
        }
        (MeetingPlace::Away, _) => return refuse("sign in first; then vote until it closes"),
        (MeetingPlace::OnSite, _) => runs,
        (MeetingPlace::Venue, _) => {
            let venues = queries::venues(work.connection(), id).await?;
            let place = line.venue.and_then(|number| usize::from(number).checked_sub(1));
            let venue = place.and_then(|place| venues.get(place));
            venue.is_some_and(|venue| venue.head.person == by)
        }
    };
    if !may {
        return refuse("chair or recorder enter votes of the room, its head those of a venue");
    }
    Ok(Some(organisations::name_of(work.connection(), by).await?))
}

/// As what somebody takes part in a vote; `None`: not at all.
fn part(line: &RollRow, (row, setting): (&MeetingRow, &Setting), formal: bool) -> Option<RollPart> {
    let part = line.part((row.kind, setting.host), &setting.numbers);
    match part {
        RollPart::Entitled | RollPart::Consulted => Some(part),
        RollPart::Attends => (!formal && !line.attendee.observer).then_some(part),
    }
}

/// Closes a vote.
pub async fn close(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, vote): (MeetingId, VoteId),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    chair(&work, by)?;
    let votes = vote_queries::votes(work.connection(), id).await?;
    let vote = votes
        .into_iter()
        .find(|one| one.id == vote)
        .ok_or_else(|| Error::refuse(RefusalCode::NotFound, "this meeting has no such vote"))?;
    if vote.closed_at.is_some() {
        return work.finish(by).await;
    }
    work.step(Some(by), Step::CloseVote).await?;
    let ballots = vote_queries::ballots(work.connection(), id).await?;
    let vote = counted(vote, &ballots, (&work.row, &work.setting, &work.roll), work.now);
    let (formal, opinions) = tallies(&vote, &ballots);
    let votes = Votes { yes: formal.yes, no: formal.no, abstain: formal.abstain };
    let numbers = (vote.expected, vote.present);
    let outcome =
        vote.formal.then(|| quorum::outcome(vote.case, numbers, votes, &work.setting.numbers));
    let now = work.now;
    let counts = (numbers, vote.needed);
    vote_queries::close(work.connection(), vote.id, counts, (outcome, now)).await?;
    let event = VoteClosed { vote: vote.id, number: vote.number, outcome };
    work.append(id.room(), EventKind::VoteClosed, &event).await?;
    let detail = words::vote_closed(&vote, (formal, opinions), outcome);
    work.note(Some(by), "close_vote", &detail).await?;
    work.finish(by).await
}

/// A vote that goes on with the figures of a moment: who has cast counts as present.
fn counted(
    vote: VoteRow,
    ballots: &[BallotRow],
    (row, setting, roll): (&MeetingRow, &Setting, &[RollRow]),
    now: time::OffsetDateTime,
) -> VoteRow {
    let cast: BTreeSet<PersonId> =
        ballots.iter().filter(|one| one.vote == vote.id).map(|one| one.person).collect();
    let meeting = (row.kind, setting.host);
    let numbers = &setting.numbers;
    let entitled = |line: &&RollRow| line.part(meeting, numbers) == RollPart::Entitled;
    let there =
        |line: &&RollRow| is_present(&line.attendee, now, numbers) || cast.contains(&line.person);
    let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    let expected = count(roll.iter().filter(entitled).count());
    let present = count(roll.iter().filter(entitled).filter(there).count());
    let needed = quorum::needed(vote.case, expected, numbers);
    VoteRow { expected, present, needed, ..vote }
}

/// What was cast by those entitled in a formal vote, and what are opinions.
fn tallies(vote: &VoteRow, ballots: &[BallotRow]) -> (VoteTally, VoteTally) {
    let (mut formal, mut opinions) = (VoteTally::default(), VoteTally::default());
    for ballot in ballots.iter().filter(|ballot| ballot.vote == vote.id) {
        let decides = vote.formal && ballot.part == RollPart::Entitled;
        let tally = if decides { &mut formal } else { &mut opinions };
        let count = match ballot.choice {
            VoteChoice::Yes => &mut tally.yes,
            VoteChoice::No => &mut tally.no,
            VoteChoice::Abstain => &mut tally.abstain,
        };
        *count = count.saturating_add(1);
    }
    (formal, opinions)
}

/// The votes of a meeting as somebody sees them.
pub(super) fn views(
    (votes, ballots): (Vec<VoteRow>, &[BallotRow]),
    (row, setting, roll): (&MeetingRow, &Setting, &[RollRow]),
    (person, now): (PersonId, time::OffsetDateTime),
) -> Vec<MeetingVote> {
    let view = |vote: VoteRow| {
        let open = vote.closed_at.is_none();
        let vote = if open { counted(vote, ballots, (row, setting, roll), now) } else { vote };
        let of_vote = || ballots.iter().filter(|ballot| ballot.vote == vote.id);
        let has_cast = |line: &RollRow| of_vote().any(|ballot| ballot.person == line.person);
        let (votes, opinions) = tallies(&vote, ballots);
        let waits = |line: &&RollRow| {
            line.place() != MeetingPlace::Away
                && part(line, (row, setting), vote.formal).is_some()
                && !has_cast(line)
        };
        let missing = roll.iter().filter(|_| open).filter(waits);
        MeetingVote {
            vote: vote.id,
            number: vote.number,
            item: vote.item,
            motion: vote.motion.clone(),
            way: vote.way,
            case: vote.case,
            formal: vote.formal,
            opened_at: vote.opened_at,
            closed_at: vote.closed_at,
            expected: vote.expected,
            present: vote.present,
            needed: vote.needed,
            votes,
            opinions,
            outcome: vote.outcome,
            cast: of_vote()
                .map(|ballot| CastLine {
                    person: ballot.person,
                    name: ballot.name.clone(),
                    part: ballot.part,
                    choice: ballot.choice,
                    entered_by: ballot.entered_by.clone(),
                })
                .collect(),
            missing: missing
                .map(|line| PersonName { person: line.person, name: line.name.clone() })
                .collect(),
            mine: of_vote().find(|ballot| ballot.person == person).map(|ballot| ballot.choice),
        }
    };
    votes.into_iter().map(view).collect()
}
