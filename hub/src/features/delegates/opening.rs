//! Beginning a thread: by a constituent with a first message, by a delegate for a visitor.

use signaling::limits::{THREAD_SUBJECT_CHARS_MAX, THREAD_SUBJECT_CHARS_MIN};
use signaling::rpc::chat::RoomKind;
use signaling::{OrganisationId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::directory_queries::{self, DelegateRow};
use super::queries::{self, Line, NewThread};
use super::rules::{self, Timing};
use super::types::{Actor, Thread};
use super::{no_delegate, steps};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::boards;
use crate::features::policies::{self, PolicyKey, day_of};
use crate::features::text;
use crate::timeline::{Locked, NewRoom};

/// A thread as its constituent begins it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub delegate: Uuid,
    pub station: Option<Uuid>,
    /// The form's own id.
    pub cid: String,
    /// How the constituent wants to be called.
    pub called: String,
    pub subject: String,
    pub text: String,
}

/// What a delegate notes of a visitor.
pub type Reception = Draft;

/// Begins a thread; a form that is sent twice is one thread.
pub(super) async fn begin(app: &App, constituent: PersonId, draft: &Draft) -> Result<Uuid> {
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    let before = queries::sent_before(&mut transaction, (constituent, &draft.cid)).await?;
    if let Some(id) = before {
        return Ok(id);
    }
    let row = directory_queries::delegate(&mut transaction, draft.delegate).await?;
    let row = row.ok_or_else(no_delegate)?;
    let of = OrganisationId(row.organisation);
    let most =
        policies::value(&mut transaction, PolicyKey::DelegateThreads, of, day_of(now)).await?;
    let since = (constituent, now - Duration::DAY);
    if queries::begun_since(&mut transaction, since).await? >= most {
        let sentence = format!("one account begins {most} matters a day; come back tomorrow");
        return Err(Error::refuse_for(RefusalCode::TooManyRequests, sentence, 86_400));
    }
    let mut locked = Locked::rooms(&mut transaction, &[]).await?;
    let id = app.ids.next();
    begin_in(&mut transaction, &mut locked, (id, constituent), draft, now).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    Ok(id)
}

/// As `begin`, in a transaction of the caller; no limit of the day is looked at.
pub async fn begin_in(
    connection: &mut PgConnection,
    locked: &mut Locked,
    (id, constituent): (Uuid, PersonId),
    draft: &Draft,
    now: OffsetDateTime,
) -> Result<()> {
    if boards::display_name(connection, constituent).await?.is_none() {
        let sentence = "choose a name and agree to the rules first";
        return Err(Error::refuse(RefusalCode::NameRequired, sentence));
    }
    let row = directory_queries::delegate(connection, draft.delegate).await?;
    let row = row.ok_or_else(no_delegate)?;
    if row.person == constituent.uuid() {
        let sentence = "you are this delegate; write to another one";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    let opened = Opened { id, by: constituent, constituent: Some(constituent), row: &row };
    open(connection, locked, opened, draft, now).await
}

/// Notes the matter of a visitor without a telephone.
pub(super) async fn receive(app: &App, delegate: PersonId, reception: &Reception) -> Result<Uuid> {
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    let before = queries::sent_before(&mut transaction, (delegate, &reception.cid)).await?;
    if let Some(id) = before {
        return Ok(id);
    }
    let mut locked = Locked::rooms(&mut transaction, &[]).await?;
    let id = app.ids.next();
    receive_in(&mut transaction, &mut locked, (id, delegate), reception, now).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    Ok(id)
}

/// As `receive`, in a transaction of the caller.
pub async fn receive_in(
    connection: &mut PgConnection,
    locked: &mut Locked,
    (id, delegate): (Uuid, PersonId),
    reception: &Reception,
    now: OffsetDateTime,
) -> Result<()> {
    let row = own(connection, delegate, reception.delegate).await?;
    let opened = Opened { id, by: delegate, constituent: None, row: &row };
    open(connection, locked, opened, reception, now).await
}

/// The delegate's place, where it is this person's; else as if there were none.
pub(super) async fn own(
    connection: &mut PgConnection,
    person: PersonId,
    place: Uuid,
) -> Result<DelegateRow> {
    let row = directory_queries::delegate(connection, place).await?;
    row.filter(|row| row.person == person.uuid()).ok_or_else(no_delegate)
}

/// Who opens what with whom.
struct Opened<'a> {
    id: Uuid,
    by: PersonId,
    constituent: Option<PersonId>,
    row: &'a DelegateRow,
}

/// The matter in a few words.
pub(super) fn subject(text: &str) -> Result<String> {
    let bounds = (THREAD_SUBJECT_CHARS_MIN, THREAD_SUBJECT_CHARS_MAX);
    Ok(text::line(text, bounds, "a matter")?)
}

async fn open(
    connection: &mut PgConnection,
    locked: &mut Locked,
    opened: Opened<'_>,
    draft: &Draft,
    now: OffsetDateTime,
) -> Result<()> {
    let Opened { id, by, constituent, row } = opened;
    let (called, subject) = (text::name(&draft.called)?, subject(&draft.subject)?);
    let first = text::body(&draft.text)?;
    let station = match draft.station {
        Some(station) => directory_queries::station(connection, station).await?,
        None => None,
    };
    let station = station.filter(|station| station.organisation == row.organisation);
    let (numbers, days) = steps::numbers(connection, OrganisationId(row.organisation), now).await?;
    let timing = Timing { today: day_of(now), days: &days, numbers };
    let (thread, actor): (Thread, Actor) = match constituent {
        Some(_) => (rules::begun(&timing), Actor::Constituent),
        None => (rules::received(&timing), Actor::Delegate),
    };
    let room = NewRoom {
        id: RoomId(id),
        kind: RoomKind::DelegateThread,
        // The matter is nobody else's business: the room does not repeat it.
        title: String::new(),
        history_days: None,
        created_at: now,
    };
    locked.create(connection, &room).await?;
    let new = NewThread {
        id,
        delegate: row.id,
        constituent,
        begun_by: by,
        cid: &draft.cid,
        called: &called,
        station: station.map(|station| station.id),
        subject: &subject,
        thread,
    };
    match queries::insert_thread(connection, &new, now).await {
        Ok(()) => {}
        Err(sqlx::Error::Database(error)) if error.constraint() == Some("delegate_thread_once") => {
            let sentence = "this was sent already; look among your matters";
            return Err(Error::refuse(RefusalCode::Conflict, sentence));
        }
        Err(error) => return Err(error.into()),
    }
    let word = if constituent.is_some() { "begin" } else { "receive" };
    let line = Line {
        thread: id,
        actor,
        person: Some(by),
        step: word,
        was: None,
        became: thread.state,
        text: None,
        office: None,
        delegate: row.id,
    };
    queries::insert_line(connection, &line, now).await?;
    steps::write(connection, locked, (id, by), ("first".to_owned(), first)).await?;
    Ok(())
}
