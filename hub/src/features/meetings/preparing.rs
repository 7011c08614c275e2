//! A draft and its notice, at the desk.

use std::collections::BTreeSet;

use signaling::event::people::NoticeKind;
use signaling::http::meetings::{
    AgendaItem, Exemption, Meeting, MeetingKind, MeetingState, PersonName, PrepareMeeting,
    PrepareVenue,
};
use signaling::http::organisations::OrganisationKind;
use signaling::limits::{
    AGENDA_ITEMS_MAX, AGENDA_MINUTES_MAX, AGENDA_TITLE_CHARS_MAX, EXEMPTIONS_MAX,
    MEETING_AHEAD_DAYS_MAX, MEETING_PLACE_CHARS_MAX, MEETING_TITLE_CHARS_MAX, MEETING_VENUES_MAX,
    VENUE_NAME_CHARS_MAX,
};
use signaling::rpc::chat::RoomKind;
use signaling::{MeetingId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::rules::{Effect, Signatures, Step};
use super::setting::setting;
use super::steps::{Ground, Reach, Work};
use super::types::MeetingRow;
use super::{queries, reading, roll_queries, words};
use crate::auth::Granted;
use crate::error::{Error, Result};
use crate::features::organisations;
use crate::timeline::{Locked, NewRoom};

/// What an organisation can meet for.
pub(super) const fn kinds_of(kind: OrganisationKind) -> &'static [MeetingKind] {
    use MeetingKind as Kind;
    match kind {
        OrganisationKind::PartyGroup => &[Kind::GroupMeeting, Kind::ThemeDay],
        OrganisationKind::Branch
        | OrganisationKind::JointBranch
        | OrganisationKind::MobileBranch
        | OrganisationKind::TemporaryBranch => &[
            Kind::MembersMeeting,
            Kind::CommitteeMeeting,
            Kind::OrganisationLife,
            Kind::ThemeDay,
            Kind::PartyLesson,
        ],
        _ => &[],
    }
}

/// Makes a draft, with the room that the meeting will have.
pub async fn prepare(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    request: &PrepareMeeting,
) -> Result<Meeting> {
    let now = ground.clock.now();
    let mut transaction = ground.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[]).await?;
    let of = organisations::organisation(&mut transaction, request.organisation).await?;
    let of = of.filter(|of| of.open).ok_or_else(no_place)?;
    let roles = organisations::roles_over(&mut transaction, by, &of).await?;
    if !granted.0.allows_over(&roles) {
        return Err(no_place());
    }
    let id = MeetingId(ground.ids.next());
    let draft = draft(request, id, now)?;
    let room = NewRoom {
        id: id.room(),
        kind: RoomKind::Meeting,
        title: draft.title.clone(),
        history_days: None,
        created_at: now,
    };
    locked.create(&mut transaction, &room).await?;
    put(&mut transaction, (&draft, request), (by, now)).await?;
    transaction.commit().await?;
    reading::one(ground, (by, id), granted).await
}

fn no_place() -> Error {
    Error::refuse(RefusalCode::NotFound, "you call no meetings there")
}

/// Replaces a draft; the organisation stays.
pub(super) async fn change(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, request): (MeetingId, &PrepareMeeting),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    if work.row.state != MeetingState::Draft {
        let sentence = "the notice is out; cancel the meeting and call another one";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    if work.row.organisation != request.organisation {
        let sentence = "the organisation of a draft stays; make another draft";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let now = work.now;
    let draft = draft(request, id, now)?;
    queries::clear_lists(work.connection(), id).await?;
    put(work.connection(), (&draft, request), (by, now)).await?;
    queries::set_title(work.connection(), id, &draft.title).await?;
    work.row = draft;
    work.finish(by).await
}

/// The draft that a request describes, its lists excepted.
fn draft(request: &PrepareMeeting, id: MeetingId, now: OffsetDateTime) -> Result<MeetingRow> {
    let ahead = request.starts_at - now;
    if ahead <= Duration::ZERO || ahead > Duration::days(MEETING_AHEAD_DAYS_MAX) {
        let sentence =
            format!("a meeting begins later than now, within {MEETING_AHEAD_DAYS_MAX} days");
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    if request.chair == request.recorder {
        let sentence = "chair and recorder are two people; choose another recorder";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let place = request.place.as_deref();
    let place = place.map(|place| organisations::text(place, MEETING_PLACE_CHARS_MAX, "a place"));
    let unnamed = |person| PersonName { person, name: String::new() };
    Ok(MeetingRow {
        id,
        organisation: request.organisation,
        kind: request.kind,
        state: MeetingState::Draft,
        title: organisations::text(&request.title, MEETING_TITLE_CHARS_MAX, "a title")?,
        starts_at: request.starts_at,
        place: place.transpose()?,
        closed: request.closed,
        chair: unnamed(request.chair),
        acting_chair: None,
        recorder: unnamed(request.recorder),
        late_reason: None,
        ended_reason: None,
        notified_at: None,
        opened_at: None,
        ended_at: None,
        judged_at: None,
        lamp: None,
        shown: String::new(),
        item: None,
        voting: false,
        signatures: Signatures::default(),
        returned_reason: None,
    })
}

/// Writes a draft with its lists, after a look at who is named in it.
async fn put(
    connection: &mut PgConnection,
    (draft, request): (&MeetingRow, &PrepareMeeting),
    (by, now): (PersonId, OffsetDateTime),
) -> Result<()> {
    let setting = setting(connection, draft.organisation, now).await?;
    if !kinds_of(setting.organisation.kind).contains(&draft.kind) {
        let sentence = "such a meeting is not held there; choose one of the list";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let roster = roll_queries::roster(connection, reading::roster_of(draft, &setting)).await?;
    let called: BTreeSet<PersonId> = roster.iter().map(|row| row.person).collect();
    let heads = request.venues.iter().map(|venue| venue.head);
    let exempted = request.exempted.iter().map(|one| one.person);
    let named = [draft.chair.person, draft.recorder.person].into_iter().chain(heads);
    if named.chain(exempted).any(|person| !called.contains(&person)) {
        let sentence = "chair, recorder, heads of venues and those exempted are called to the \
                        meeting; choose from its roll";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    queries::put_draft(connection, draft, (by, now)).await?;
    put_lists(connection, draft.id, request).await
}

async fn put_lists(
    connection: &mut PgConnection,
    id: MeetingId,
    request: &PrepareMeeting,
) -> Result<()> {
    bounded(request.agenda.len(), (1, AGENDA_ITEMS_MAX), "an agenda", "items")?;
    bounded(request.venues.len(), (0, MEETING_VENUES_MAX), "a meeting", "venues")?;
    bounded(request.exempted.len(), (0, EXEMPTIONS_MAX), "a meeting", "exemptions")?;
    let once: BTreeSet<PersonId> = request.exempted.iter().map(|one| one.person).collect();
    if once.len() != request.exempted.len() {
        let sentence = "somebody is exempted twice; name each person once";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    for (number, item) in (1..).zip(&request.agenda) {
        queries::insert_item(connection, (id, number), &checked(item)?).await?;
    }
    for (number, PrepareVenue { name, head }) in (1..).zip(&request.venues) {
        let name = organisations::text(name, VENUE_NAME_CHARS_MAX, "a venue")?;
        queries::insert_venue(connection, (id, number), (&name, *head)).await?;
    }
    for one in &request.exempted {
        let reason = organisations::reason(&one.reason)?;
        let exemption = Exemption { person: one.person, reason };
        queries::insert_exemption(connection, id, &exemption).await?;
    }
    Ok(())
}

fn bounded(count: usize, (least, most): (usize, usize), what: &str, of: &str) -> Result<()> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    let sentence = format!("{what} has {least} to {most} {of}");
    Err(Error::refuse(RefusalCode::InvalidInput, sentence))
}

fn checked(item: &AgendaItem) -> Result<AgendaItem> {
    if item.minutes.is_some_and(|minutes| !(1..=AGENDA_MINUTES_MAX).contains(&minutes)) {
        let sentence = format!("an item takes 1 to {AGENDA_MINUTES_MAX} minutes");
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let title = organisations::text(&item.title, AGENDA_TITLE_CHARS_MAX, "an item")?;
    Ok(AgendaItem { title, minutes: item.minutes })
}

/// Sends the notice: the roll is fixed and everyone on it is told.
pub async fn notify(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, late_reason): (MeetingId, Option<&str>),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Inboxes).await?;
    work.admit(by, granted).await?;
    let reason = late_reason.filter(|reason| !reason.trim().is_empty());
    let reason = reason.map(organisations::reason).transpose()?;
    let reasoned = reason.is_some();
    let effects = work.step(Some(by), Step::Notify { reasoned }).await?;
    let late = reason.filter(|_| effects.contains(&Effect::TellSuperior));
    work.row.notified_at = Some(work.now);
    work.row.late_reason.clone_from(&late);
    work.tell_roll(NoticeKind::MeetingCalled, late.as_deref()).await?;
    if late.is_some() {
        work.tell_superiors(NoticeKind::MeetingLate, late.as_deref()).await?;
    }
    let agenda = queries::items(work.connection(), id).await?;
    let detail = words::notified(&work.row, (&work.roll, &agenda), &work.figures());
    work.note(Some(by), "notify", &detail).await?;
    work.finish(by).await
}

/// Cancels a meeting that has not begun.
pub(super) async fn cancel(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, reason): (MeetingId, &str),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Inboxes).await?;
    work.admit(by, granted).await?;
    let reason = organisations::reason(reason)?;
    let effects = work.step(Some(by), Step::Cancel).await?;
    work.row.ended_at = Some(work.now);
    work.row.ended_reason = Some(reason.clone());
    if effects.contains(&Effect::TellRoll) {
        work.tell_roll(NoticeKind::MeetingCancelled, Some(&reason)).await?;
    }
    work.moved(Some(&reason)).await?;
    work.note(Some(by), "cancel", &words::cancelled(&reason)).await?;
    work.finish(by).await
}
