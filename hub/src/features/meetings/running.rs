//! What the chair does: opens, goes through the agenda, adjourns, closes; and what the clock does.

use signaling::event::EventKind;
use signaling::event::meetings::{ChairTaken, ItemChanged, LampChanged};
use signaling::event::people::NoticeKind;
use signaling::http::meetings::{
    LampState, Meeting, MeetingPlace, MeetingState, MeetingStep, PersonName, TakeMeetingStep,
};
use signaling::http::organisations::PostKind;
use signaling::{MeetingId, PersonId, RefusalCode};

use super::rules::{self, Effect, Step, takes_sign_ins};
use super::steps::{Ground, Reach, Work, machine, moment, shown};
use super::{no_meeting, queries, reading, words};
use crate::auth::Granted;
use crate::error::{Error, Result};
use crate::features::organisations;

/// Takes a step of the chair.
pub async fn take(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, request): (MeetingId, &TakeMeetingStep),
) -> Result<Meeting> {
    let reach = match request.step {
        MeetingStep::Adjourn => Reach::Inboxes,
        MeetingStep::OpenSignIn | MeetingStep::Open | MeetingStep::Close => Reach::Room,
    };
    let mut work = Work::begin(ground, id, reach).await?;
    work.admit(by, granted).await?;
    let chair = chair(&work, by)?;
    match request.step {
        MeetingStep::OpenSignIn => {
            work.step(Some(by), Step::OpenSignIn).await?;
            sign_in_opened(&mut work, Some(by)).await?;
        }
        MeetingStep::Open => {
            check_there(&work, by)?;
            work.step(Some(by), Step::Open).await?;
            work.row.opened_at = Some(work.now);
            let detail = words::opened(&chair, &work.figures());
            work.note(Some(by), "open", &detail).await?;
            work.moved(None).await?;
        }
        MeetingStep::Adjourn => {
            let reason = organisations::reason(request.reason.as_deref().unwrap_or_default())?;
            adjourn(&mut work, (Some(by), Step::Adjourn), &reason).await?;
        }
        MeetingStep::Close => {
            let detail = words::closed(&chair, &work.figures());
            work.step(Some(by), Step::Close).await?;
            work.row.ended_at = Some(work.now);
            work.row.item = None;
            work.note(Some(by), "close", &detail).await?;
            work.moved(None).await?;
        }
    }
    work.finish(by).await
}

/// The name of whoever chairs; refuses anybody else.
pub(super) fn chair(work: &Work<'_>, by: PersonId) -> Result<String> {
    if work.row.chairs() != by {
        let sentence = "only whoever chairs the meeting does this";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    let acting = work.row.acting_chair.as_ref();
    Ok(acting.unwrap_or(&work.row.chair).name.clone())
}

/// Nobody opens a meeting from outside.
fn check_there(work: &Work<'_>, person: PersonId) -> Result<()> {
    let there = work.line_of(person).is_some_and(|line| line.place() != MeetingPlace::Away);
    if there {
        return Ok(());
    }
    Err(Error::refuse(RefusalCode::StepNotAllowed, "sign in first, then open the meeting"))
}

async fn sign_in_opened(work: &mut Work<'_>, by: Option<PersonId>) -> Result<()> {
    let detail = words::sign_in_opened(&work.figures());
    work.note(by, "open_sign_in", &detail).await?;
    work.moved(None).await
}

async fn adjourn(
    work: &mut Work<'_>,
    (by, step): (Option<PersonId>, Step),
    reason: &str,
) -> Result<()> {
    let detail = words::adjourned(reason, &work.figures());
    work.step(by, step).await?;
    adjourned(work, (by, &detail), reason).await
}

async fn adjourned(
    work: &mut Work<'_>,
    (by, detail): (Option<PersonId>, &str),
    reason: &str,
) -> Result<()> {
    work.row.ended_at = Some(work.now);
    work.row.ended_reason = Some(reason.to_owned());
    work.row.item = None;
    work.note(by, "adjourn", detail).await?;
    work.tell_roll(NoticeKind::MeetingAdjourned, Some(reason)).await?;
    work.moved(Some(reason)).await
}

/// Chairs while the chair is not there: the deputy, else the first of the committee who is present.
pub(super) async fn take_chair(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    id: MeetingId,
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    let refuse = |sentence: &str| Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    if !takes_sign_ins(work.row.state) {
        return refuse("the chair is taken while people are in the meeting");
    }
    if work.row.chairs() == by {
        return work.finish(by).await;
    }
    let returns = by == work.row.chair.person;
    if !returns && work.is_present(work.row.chairs()) {
        return refuse("the chair is present");
    }
    if by == work.row.recorder.person {
        return refuse("the recorder writes the minutes and does not chair");
    }
    let recorder = work.row.recorder.person;
    let order = succession(&mut work).await?;
    let mut order = order.into_iter().filter(|person| *person != recorder);
    if !returns && order.find(|person| work.is_present(*person)) != Some(by) {
        return refuse("the deputy chairs, else the first of the committee who is present");
    }
    let line = work.line_of(by).cloned().ok_or_else(no_meeting)?;
    let name = PersonName { person: by, name: line.name.clone() };
    let chair = work.row.chair.clone();
    work.row.acting_chair = (by != chair.person).then(|| name.clone());
    work.enter_room(&line).await?;
    let event = ChairTaken { person: by, name: name.name.clone() };
    work.append(id.room(), EventKind::MeetingChair, &event).await?;
    let detail = words::chair_taken(&name.name, &chair.name);
    work.note(Some(by), "take_chair", &detail).await?;
    work.finish(by).await
}

/// Who may chair instead of the chair, the first one first.
async fn succession(work: &mut Work<'_>) -> Result<Vec<PersonId>> {
    let branch = work.setting.branch.id;
    let posts = organisations::posts_of(work.connection(), branch).await?;
    let rank = |kind: &PostKind| match kind {
        PostKind::Secretary => Some(0),
        PostKind::DeputySecretary => Some(1),
        PostKind::OrganizationOfficer => Some(2),
        PostKind::PublicityOfficer => Some(3),
        PostKind::DisciplineOfficer => Some(4),
        PostKind::CommitteeMember => Some(5),
        PostKind::GroupLeader | PostKind::DepartmentOfficer => None,
    };
    let mut order: Vec<(u8, PersonId)> = posts
        .into_iter()
        .filter_map(|(person, kinds)| Some((kinds.iter().filter_map(rank).min()?, person)))
        .collect();
    order.sort_unstable();
    Ok(order.into_iter().map(|(_, person)| person).collect())
}

/// Sets the item under discussion.
pub async fn set_item(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, item): (MeetingId, Option<u16>),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    chair(&work, by)?;
    if work.row.state != MeetingState::Open {
        let sentence = "open the meeting first, then go through its agenda";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    let agenda = queries::items(work.connection(), id).await?;
    let chosen = match item {
        None => None,
        Some(number) => {
            let found = usize::from(number).checked_sub(1).and_then(|place| agenda.get(place));
            let no = || Error::refuse(RefusalCode::InvalidInput, "the agenda has no such item");
            Some((number, found.ok_or_else(no)?.title.clone()))
        }
    };
    if work.row.item == item {
        return work.finish(by).await;
    }
    work.row.item = item;
    let event = ItemChanged { item, title: chosen.as_ref().map(|(_, title)| title.clone()) };
    work.append(id.room(), EventKind::MeetingItem, &event).await?;
    let named = chosen.as_ref().map(|(number, title)| (*number, title.as_str()));
    work.note(Some(by), "item", &words::item(named)).await?;
    work.finish(by).await
}

/// What the clock does at a meeting: the sign-in opens, a meeting without its quorum is given up, the
/// lamp of an open one is written down, the room is told of figures that changed by silence.
pub(super) async fn tick(ground: Ground<'_>, id: MeetingId) -> Result<()> {
    let Some(reach) = due(ground, id).await? else { return Ok(()) };
    let mut work = Work::begin(ground, id, reach).await?;
    let (was, count) = (work.row.state, work.figures());
    let effects = work.step(None, Step::Tick).await?;
    match (was, work.row.state) {
        (MeetingState::Notified, MeetingState::SignIn) => {
            sign_in_opened(&mut work, None).await?;
        }
        (MeetingState::SignIn, MeetingState::Adjourned) => {
            let detail = words::adjourned(words::QUORUM_MISSING, &count);
            adjourned(&mut work, (None, &detail), words::QUORUM_MISSING).await?;
        }
        _ => {
            for effect in &effects {
                if let Effect::Lamp(state) = effect {
                    let detail = words::lamp(*state == LampState::Reached, &count);
                    work.note(None, "lamp", &detail).await?;
                }
            }
            let lamp = work.lamp();
            let now_shown = shown(&lamp);
            if takes_sign_ins(work.row.state) && work.row.shown != now_shown {
                work.row.shown = now_shown;
                work.append(id.room(), EventKind::MeetingLamp, &LampChanged { lamp }).await?;
            }
        }
    }
    work.commit().await
}

/// Whether the clock would change anything at a meeting, and whom it would tell.
async fn due(ground: Ground<'_>, id: MeetingId) -> Result<Option<Reach>> {
    let now = ground.clock.now();
    let mut connection = ground.db.acquire().await?;
    let (row, setting, roll) = reading::read(&mut connection, id, now).await?;
    let figures = reading::figures(&row, &setting, (&roll, now));
    let is = machine(&row);
    let (next, _) = rules::step(&is, Step::Tick, &moment(&figures, &setting, now))?;
    let told = !takes_sign_ins(row.state) || row.shown == shown(&reading::lamp(&figures));
    Ok(match next.state {
        _ if next == is && told => None,
        MeetingState::Adjourned => Some(Reach::Inboxes),
        _ => Some(Reach::Room),
    })
}
