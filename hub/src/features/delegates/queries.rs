//! All SQL of threads, one function per statement; that of the directory is in `directory_queries`.

use signaling::event::EventKind;
use signaling::{OrganisationId, PersonId, RoomId};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::types::{Actor, Choice, Holder, Publication, State, Thread};
use crate::error::{InconsistentRow, Result};

type Done<T> = Result<T, sqlx::Error>;

/// A thread with what commands and pages need of it.
#[derive(Clone, Debug)]
pub(super) struct ThreadRow {
    pub id: Uuid,
    pub delegate: Uuid,
    /// Person and organisation of the delegate.
    pub delegate_person: PersonId,
    pub organisation: OrganisationId,
    /// The delegate's term is in force.
    pub in_force: bool,
    /// `None`: a visitor without a telephone.
    pub constituent: Option<PersonId>,
    pub called: String,
    pub subject: String,
    pub office: Option<OrganisationId>,
    pub opinion: Option<String>,
    pub answer: Option<String>,
    pub outcome: Option<String>,
    pub ended_reason: Option<String>,
    pub published: Option<String>,
    pub begun_at: OffsetDateTime,
    pub thread: Thread,
}

/// The columns of a thread as they lie in the tables.
struct Columns {
    id: Uuid,
    delegate: Uuid,
    person: Uuid,
    organisation: Uuid,
    in_force: bool,
    holder: String,
    constituent: Option<Uuid>,
    called: String,
    subject: String,
    state: String,
    due: Option<Date>,
    level: i32,
    next_level: Option<Date>,
    sent_on: Option<Date>,
    extended: bool,
    turned: bool,
    choice: Option<String>,
    office: Option<Uuid>,
    opinion: Option<String>,
    answer: Option<String>,
    outcome: Option<String>,
    ended_reason: Option<String>,
    rating: Option<i16>,
    publication: String,
    published: Option<String>,
    begun_at: OffsetDateTime,
}

fn broken(column: &'static str, id: Uuid) -> InconsistentRow {
    InconsistentRow { table: "delegate_thread", column, id: id.to_string() }
}

impl TryFrom<Columns> for ThreadRow {
    type Error = InconsistentRow;

    fn try_from(row: Columns) -> Result<Self, InconsistentRow> {
        let id = row.id;
        let choice = row.choice.as_deref();
        let choice = choice.map(|word| Choice::of(word).ok_or_else(|| broken("choice", id)));
        let publication = Publication::of(&row.publication);
        let thread = Thread {
            state: State::of(&row.state).ok_or_else(|| broken("state", id))?,
            holder: Holder::of(&row.holder).ok_or_else(|| broken("holder", id))?,
            visitor: row.constituent.is_none(),
            due: row.due,
            level: u32::try_from(row.level).unwrap_or_default(),
            next_level: row.next_level,
            sent_on: row.sent_on,
            extended: row.extended,
            turned: row.turned,
            choice: choice.transpose()?,
            rating: row.rating.and_then(|stars| u8::try_from(stars).ok()),
            publication: publication.ok_or_else(|| broken("publication", id))?,
        };
        Ok(Self {
            id,
            delegate: row.delegate,
            delegate_person: PersonId(row.person),
            organisation: OrganisationId(row.organisation),
            in_force: row.in_force,
            constituent: row.constituent.map(PersonId),
            called: row.called,
            subject: row.subject,
            office: row.office.map(OrganisationId),
            opinion: row.opinion,
            answer: row.answer,
            outcome: row.outcome,
            ended_reason: row.ended_reason,
            published: row.published,
            begun_at: row.begun_at,
            thread,
        })
    }
}

/// A thread by its id. Whoever changes it holds the head of its room.
pub(super) async fn thread(connection: &mut PgConnection, id: Uuid) -> Result<Option<ThreadRow>> {
    let row = sqlx::query_as!(
        Columns,
        r#"SELECT t.id, t.delegate, d.person, d.organisation, d.until_at IS NULL AS "in_force!",
                  t.holder, t.constituent, t.called, t.subject, t.state, t.due, t.level,
                  t.next_level, t.sent_on, t.extended, t.turned, t.choice, t.office, t.opinion,
                  t.answer, t.outcome, t.ended_reason, t.rating, t.publication, t.published,
                  t.begun_at
           FROM delegate_thread t JOIN delegate d ON d.id = t.delegate WHERE t.id = $1"#,
        id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(ThreadRow::try_from).transpose()?)
}

/// A thread to be written.
pub(super) struct NewThread<'a> {
    pub id: Uuid,
    pub delegate: Uuid,
    pub constituent: Option<PersonId>,
    pub begun_by: PersonId,
    pub cid: &'a str,
    pub called: &'a str,
    pub station: Option<Uuid>,
    pub subject: &'a str,
    pub thread: Thread,
}

/// Writes a thread.
pub(super) async fn insert_thread(
    connection: &mut PgConnection,
    new: &NewThread<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO delegate_thread (id, delegate, holder, constituent, begun_by, cid, called,
             station, subject, state, due, look_after, begun_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $12)",
        new.id,
        new.delegate,
        new.thread.holder.word(),
        new.constituent.map(PersonId::uuid),
        new.begun_by.uuid(),
        new.cid,
        new.called,
        new.station,
        new.subject,
        new.thread.state.word(),
        new.thread.due,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The thread that a form made.
pub(super) async fn sent_before(
    connection: &mut PgConnection,
    (begun_by, cid): (PersonId, &str),
) -> Done<Option<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM delegate_thread WHERE begun_by = $1 AND cid = $2",
        begun_by.uuid(),
        cid
    )
    .fetch_optional(connection)
    .await
}

/// Threads of one account since a moment, with the account held until the transaction ends.
pub(super) async fn begun_since(
    connection: &mut PgConnection,
    (person, since): (PersonId, OffsetDateTime),
) -> Done<i64> {
    sqlx::query!("SELECT person FROM board_account WHERE person = $1 FOR UPDATE", person.uuid())
        .fetch_optional(&mut *connection)
        .await?;
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM delegate_thread
           WHERE constituent = $1 AND begun_at > $2"#,
        person.uuid(),
        since
    )
    .fetch_one(connection)
    .await
}

/// What a step changes beside the machine's own values; `None` leaves a text as it is.
#[derive(Default)]
pub(super) struct Changed<'a> {
    pub delegate: Option<Uuid>,
    pub office: Option<OrganisationId>,
    pub opinion: Option<&'a str>,
    pub answer: Option<&'a str>,
    pub outcome: Option<&'a str>,
    pub ended_reason: Option<&'a str>,
    pub published: Option<&'a str>,
}

/// Writes a thread after a step.
pub(super) async fn update_thread(
    connection: &mut PgConnection,
    (id, thread, look_after): (Uuid, &Thread, Option<Date>),
    changed: &Changed<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE delegate_thread SET holder = $2, state = $3, due = $4, level = $5, next_level = $6,
             look_after = $7, sent_on = $8, extended = $9, turned = $10, choice = $11, rating = $12,
             publication = $13, delegate = coalesce($14, delegate), office = coalesce($15, office),
             opinion = coalesce($16, opinion), answer = coalesce($17, answer),
             outcome = coalesce($18, outcome), ended_reason = coalesce($19, ended_reason),
             published = coalesce($20, published), changed_at = $21
         WHERE id = $1",
        id,
        thread.holder.word(),
        thread.state.word(),
        thread.due,
        i32::try_from(thread.level).unwrap_or(i32::MAX),
        thread.next_level,
        look_after,
        thread.sent_on,
        thread.extended,
        thread.turned,
        thread.choice.map(Choice::word),
        thread.rating.map(i16::from),
        thread.publication.word(),
        changed.delegate,
        changed.office.map(OrganisationId::uuid),
        changed.opinion,
        changed.answer,
        changed.outcome,
        changed.ended_reason,
        changed.published,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A line of the history.
pub(super) struct Line<'a> {
    pub thread: Uuid,
    pub actor: Actor,
    pub person: Option<PersonId>,
    pub step: &'a str,
    pub was: Option<State>,
    pub became: State,
    pub text: Option<&'a str>,
    pub office: Option<OrganisationId>,
    /// Who has the thread after it.
    pub delegate: Uuid,
}

/// Adds a line to the history of a thread that the transaction holds.
pub(super) async fn insert_line(
    connection: &mut PgConnection,
    line: &Line<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO delegate_step (thread, n, at, actor, person, step, was, became, text, office,
             delegate)
         SELECT $1, 1 + count(*), $2, $3, $4, $5, $6, $7, $8, $9, $10
         FROM delegate_step WHERE thread = $1",
        line.thread,
        now,
        line.actor.word(),
        line.person.map(PersonId::uuid),
        line.step,
        line.was.map(State::word),
        line.became.word(),
        line.text,
        line.office.map(OrganisationId::uuid),
        line.delegate
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A line of the history as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub at: OffsetDateTime,
    pub actor: String,
    pub step: String,
    pub text: Option<String>,
    pub office: Option<String>,
    /// Name of the delegate who has the thread after it.
    pub delegate: String,
}

/// The history of a thread, oldest first.
pub(super) async fn history(connection: &mut PgConnection, thread: Uuid) -> Done<Vec<Told>> {
    sqlx::query_as!(
        Told,
        r#"SELECT s.at, s.actor, s.step, s.text, v.name AS "office?", p.name AS delegate
           FROM delegate_step s
           JOIN delegate d ON d.id = s.delegate
           JOIN person p ON p.id = d.person
           LEFT JOIN organisation_version v ON v.organisation = s.office AND v.in_force
           WHERE s.thread = $1 ORDER BY s.n LIMIT 500"#,
        thread
    )
    .fetch_all(connection)
    .await
}

/// A message as it lies in the log of the room.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub author: PersonId,
    pub name: String,
    pub at: OffsetDateTime,
    /// JSON of a message.
    pub body: String,
}

/// The last messages of a thread, oldest first.
pub(super) async fn messages(
    connection: &mut PgConnection,
    (room, limit): (RoomId, i64),
) -> Done<Vec<Said>> {
    let rows = sqlx::query!(
        r#"SELECT e.author, p.name, e.ts, e.body AS "body!"
           FROM (SELECT author, ts, body, seq FROM event
                 WHERE room = $1 AND kind = $2 AND body IS NOT NULL
                 ORDER BY seq DESC LIMIT $3) e
           JOIN person p ON p.id = e.author ORDER BY e.seq"#,
        room.uuid(),
        EventKind::Message.code(),
        limit
    )
    .fetch_all(connection)
    .await?;
    let said = rows.into_iter().map(|row| Said {
        author: PersonId(row.author),
        name: row.name,
        at: row.ts,
        body: row.body,
    });
    Ok(said.collect())
}

/// A thread in a list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub id: Uuid,
    pub subject: String,
    pub called: String,
    pub delegate: String,
    pub state: State,
    pub due: Option<Date>,
    pub level: i32,
    pub visitor: bool,
    pub changed_at: OffsetDateTime,
}

/// A row of a list as it lies in the tables.
struct ListedRow {
    id: Uuid,
    subject: String,
    called: String,
    delegate: String,
    state: String,
    due: Option<Date>,
    level: i32,
    visitor: bool,
    changed_at: OffsetDateTime,
}

fn listed(rows: Vec<ListedRow>) -> Vec<Listed> {
    let one = |row: ListedRow| {
        Some(Listed {
            state: State::of(&row.state)?,
            id: row.id,
            subject: row.subject,
            called: row.called,
            delegate: row.delegate,
            due: row.due,
            level: row.level,
            visitor: row.visitor,
            changed_at: row.changed_at,
        })
    };
    rows.into_iter().filter_map(one).collect()
}

/// Threads of a constituent, the newest first.
pub(super) async fn of_constituent(
    connection: &mut PgConnection,
    (person, limit): (PersonId, i64),
) -> Done<Vec<Listed>> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT t.id, t.subject, t.called, p.name AS delegate, t.state, t.due, t.level,
                  t.constituent IS NULL AS "visitor!", t.changed_at
           FROM delegate_thread t JOIN delegate d ON d.id = t.delegate
           JOIN person p ON p.id = d.person
           WHERE t.constituent = $1 ORDER BY t.changed_at DESC, t.id LIMIT $2"#,
        person.uuid(),
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(listed(rows))
}

/// Threads that a person has as a delegate whose term is in force, what waits longest first.
pub(super) async fn of_delegate(
    connection: &mut PgConnection,
    (person, limit): (PersonId, i64),
) -> Done<Vec<Listed>> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT t.id, t.subject, t.called, p.name AS delegate, t.state, t.due, t.level,
                  t.constituent IS NULL AS "visitor!", t.changed_at
           FROM delegate_thread t JOIN delegate d ON d.id = t.delegate
           JOIN person p ON p.id = d.person
           WHERE d.person = $1 AND d.until_at IS NULL AND t.holder = 'delegate'
           ORDER BY t.due NULLS LAST, t.changed_at DESC LIMIT $2"#,
        person.uuid(),
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(listed(rows))
}

/// Threads whose opinion one of `offices` has or answered, what waits longest first.
pub(super) async fn of_offices(
    connection: &mut PgConnection,
    (offices, person, limit): (&[Uuid], PersonId, i64),
) -> Done<Vec<Listed>> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT t.id, t.subject, t.called, p.name AS delegate, t.state, t.due, t.level,
                  t.constituent IS NULL AS "visitor!", t.changed_at
           FROM delegate_thread t JOIN delegate d ON d.id = t.delegate
           JOIN person p ON p.id = d.person
           WHERE t.office = ANY ($1) AND t.choice IN ('named', 'unnamed')
             AND t.state IN ('with_office', 'answered', 'closed')
             AND t.constituent IS DISTINCT FROM $2
           ORDER BY t.state = 'with_office' DESC, t.due NULLS LAST, t.changed_at DESC LIMIT $3"#,
        offices,
        person.uuid(),
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(listed(rows))
}

/// Threads that the liaison offices of `organisations` have to decide about.
pub(super) async fn of_liaison(
    connection: &mut PgConnection,
    (organisations, person, limit): (&[Uuid], PersonId, i64),
) -> Done<Vec<Listed>> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT t.id, t.subject, t.called, p.name AS delegate, t.state, t.due, t.level,
                  t.constituent IS NULL AS "visitor!", t.changed_at
           FROM delegate_thread t JOIN delegate d ON d.id = t.delegate
           JOIN person p ON p.id = d.person
           WHERE d.organisation = ANY ($1) AND t.constituent IS DISTINCT FROM $2
             AND (t.state = 'turned' OR (t.holder = 'liaison'
                  AND t.state NOT IN ('closed', 'ended', 'withdrawn')))
           ORDER BY t.due NULLS LAST, t.changed_at LIMIT $3"#,
        organisations,
        person.uuid(),
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(listed(rows))
}

/// Threads whose day is over, and those of a term that is over.
pub(super) async fn due(
    connection: &mut PgConnection,
    (today, limit): (Date, i64),
) -> Done<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM delegate_thread WHERE look_after < $1 ORDER BY look_after LIMIT $2",
        today,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Open threads of a delegate.
pub(super) async fn open_of(
    connection: &mut PgConnection,
    (delegate, limit): (Uuid, i64),
) -> Done<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM delegate_thread
         WHERE delegate = $1 AND holder = 'delegate'
           AND state NOT IN ('closed', 'ended', 'withdrawn') ORDER BY id LIMIT $2",
        delegate,
        limit
    )
    .fetch_all(connection)
    .await
}

/// A private note.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub text: String,
    pub at: OffsetDateTime,
}

/// Writes a private note.
pub(super) async fn insert_note(
    connection: &mut PgConnection,
    id: Uuid,
    (thread, person, text): (Uuid, PersonId, &str),
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO delegate_note (id, thread, person, text, at) VALUES ($1, $2, $3, $4, $5)",
        id,
        thread,
        person.uuid(),
        text,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One's own notes on a thread, oldest first.
pub(super) async fn notes(
    connection: &mut PgConnection,
    (thread, person, limit): (Uuid, PersonId, i64),
) -> Done<Vec<Note>> {
    sqlx::query_as!(
        Note,
        "SELECT text, at FROM delegate_note WHERE thread = $1 AND person = $2 ORDER BY id LIMIT $3",
        thread,
        person.uuid(),
        limit
    )
    .fetch_all(connection)
    .await
}

/// Published outcomes of a delegate, the newest first.
pub(super) async fn published(
    connection: &mut PgConnection,
    (delegate, limit): (Uuid, i64),
) -> Done<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT published AS "text!" FROM delegate_thread
           WHERE delegate = $1 AND publication = 'agreed' AND published IS NOT NULL
           ORDER BY changed_at DESC LIMIT $2"#,
        delegate,
        limit
    )
    .fetch_all(connection)
    .await
}
