//! SQL of a meeting itself, its agenda, venues and lists, one function per statement.

use signaling::http::meetings::{AgendaItem, Exemption, MeetingState, PersonName, Venue};
use signaling::{MeetingId, OrganisationId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::rules::Signatures;
use super::types::{MeetingRow, kind_of, kind_word, lamp_of, lamp_word, state_of, state_word};

type Done<T> = Result<T, sqlx::Error>;

pub(super) fn broken(row: crate::error::InconsistentRow) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(row))
}

pub(super) fn number(stored: i16) -> u16 {
    u16::try_from(stored).unwrap_or_default()
}

pub(super) fn stored(number: u16) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}

/// Which meetings a list has.
#[derive(Clone, Debug, Default)]
pub(super) struct Meetings {
    pub id: Option<MeetingId>,
    /// Of a person: those to whose roll he or she is called.
    pub called: Option<PersonId>,
    /// Of these organisations.
    pub of: Vec<OrganisationId>,
    /// Over, or to come and under way.
    pub over: Option<bool>,
}

/// States in which a meeting is over for those who were called.
const OVER: &[MeetingState] = &[
    MeetingState::Adjourned,
    MeetingState::Cancelled,
    MeetingState::Closed,
    MeetingState::MinutesDraft,
    MeetingState::Signed,
    MeetingState::Archived,
];

/// Meetings, the latest start first, at most 200.
pub(super) async fn meetings(
    connection: &mut PgConnection,
    which: &Meetings,
) -> Done<Vec<MeetingRow>> {
    let over: Vec<String> = OVER.iter().map(|state| state_word(*state).to_owned()).collect();
    let of: Vec<_> = which.of.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT m.id, m.organisation, m.kind, m.state, m.title, m.starts_at, m.place, m.closed,
                  m.chair, c.name AS chair_name, m.acting_chair,
                  a.name AS "acting_name?", m.recorder, r.name AS recorder_name,
                  m.late_reason, m.ended_reason, m.notified_at, m.opened_at, m.ended_at,
                  m.judged_at, m.lamp, m.shown, m.item, m.returned_reason,
                  EXISTS (SELECT 1 FROM meeting_vote v
                          WHERE v.meeting = m.id AND v.closed_at IS NULL) AS "voting!",
                  EXISTS (SELECT 1 FROM meeting_signature s
                          WHERE s.meeting = m.id AND s.role = 'chair' AND s.version = l.version)
                      AS "chair_signed!",
                  EXISTS (SELECT 1 FROM meeting_signature s
                          WHERE s.meeting = m.id AND s.role = 'recorder' AND s.version = l.version)
                      AS "recorder_signed!"
           FROM meeting m
           JOIN person c ON c.id = m.chair
           JOIN person r ON r.id = m.recorder
           LEFT JOIN person a ON a.id = m.acting_chair
           CROSS JOIN LATERAL (SELECT max(t.version) AS version FROM meeting_minutes t
                               WHERE t.meeting = m.id) l
           WHERE (m.id = $1 OR m.organisation = ANY ($2)
                  OR (m.state <> 'draft' AND EXISTS (
                      SELECT 1 FROM meeting_roll o WHERE o.meeting = m.id AND o.person = $3)))
             AND ($4::boolean IS NULL OR (m.state = ANY ($5)) = $4)
           ORDER BY m.starts_at DESC, m.id DESC LIMIT 200"#,
        which.id.map(MeetingId::uuid),
        &of,
        which.called.map(PersonId::uuid),
        which.over,
        &over
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let named = |person, name| PersonName { person: PersonId(person), name };
            Ok(MeetingRow {
                id: MeetingId(row.id),
                organisation: OrganisationId(row.organisation),
                kind: kind_of(&row.kind).map_err(broken)?,
                state: state_of(&row.state).map_err(broken)?,
                title: row.title,
                starts_at: row.starts_at,
                place: row.place,
                closed: row.closed,
                chair: named(row.chair, row.chair_name),
                acting_chair: row
                    .acting_chair
                    .map(|person| named(person, row.acting_name.unwrap_or_default())),
                recorder: named(row.recorder, row.recorder_name),
                late_reason: row.late_reason,
                ended_reason: row.ended_reason,
                notified_at: row.notified_at,
                opened_at: row.opened_at,
                ended_at: row.ended_at,
                judged_at: row.judged_at,
                lamp: row.lamp.map(|word| lamp_of(&word)).transpose().map_err(broken)?,
                shown: row.shown,
                item: row.item.map(number),
                voting: row.voting,
                signatures: Signatures { chair: row.chair_signed, recorder: row.recorder_signed },
                returned_reason: row.returned_reason,
            })
        })
        .collect()
}

/// Writes a draft anew, or over the earlier one.
pub(super) async fn put_draft(
    connection: &mut PgConnection,
    row: &MeetingRow,
    (by, now): (PersonId, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting (id, organisation, kind, state, title, starts_at, place, closed, chair,
                              recorder, prepared_by, prepared_at)
         VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE
         SET kind = excluded.kind, title = excluded.title, starts_at = excluded.starts_at,
             place = excluded.place, closed = excluded.closed, chair = excluded.chair,
             recorder = excluded.recorder, prepared_by = excluded.prepared_by,
             prepared_at = excluded.prepared_at",
        row.id.uuid(),
        row.organisation.uuid(),
        kind_word(row.kind),
        row.title,
        row.starts_at,
        row.place,
        row.closed,
        row.chair.person.uuid(),
        row.recorder.person.uuid(),
        by.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives the room of a draft its title.
pub(super) async fn set_title(
    connection: &mut PgConnection,
    of: MeetingId,
    title: &str,
) -> Done<()> {
    sqlx::query!("UPDATE room SET title = $2 WHERE id = $1", of.uuid(), title)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes where a meeting stands now.
pub(super) async fn update(
    connection: &mut PgConnection,
    row: &MeetingRow,
    look_at: Option<OffsetDateTime>,
) -> Done<()> {
    sqlx::query!(
        "UPDATE meeting
         SET state = $2, acting_chair = $3, late_reason = $4, ended_reason = $5, notified_at = $6,
             opened_at = $7, ended_at = $8, judged_at = $9, lamp = $10, shown = $11, item = $12,
             look_at = $13, returned_reason = $14
         WHERE id = $1",
        row.id.uuid(),
        state_word(row.state),
        row.acting_chair.as_ref().map(|one| one.person.uuid()),
        row.late_reason,
        row.ended_reason,
        row.notified_at,
        row.opened_at,
        row.ended_at,
        row.judged_at,
        row.lamp.map(lamp_word),
        row.shown,
        row.item.map(stored),
        look_at,
        row.returned_reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the agenda, the venues and the exemptions of a draft away, to be written anew.
pub(super) async fn clear_lists(connection: &mut PgConnection, of: MeetingId) -> Done<()> {
    sqlx::query!(
        "WITH items AS (DELETE FROM meeting_item WHERE meeting = $1),
              venues AS (DELETE FROM meeting_venue WHERE meeting = $1)
         DELETE FROM meeting_exemption WHERE meeting = $1",
        of.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts an item on the agenda.
pub(super) async fn insert_item(
    connection: &mut PgConnection,
    (of, place): (MeetingId, u16),
    item: &AgendaItem,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_item (meeting, number, title, minutes) VALUES ($1, $2, $3, $4)",
        of.uuid(),
        stored(place),
        item.title,
        item.minutes.map(stored)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The agenda, in order.
pub(super) async fn items(connection: &mut PgConnection, of: MeetingId) -> Done<Vec<AgendaItem>> {
    let rows = sqlx::query!(
        "SELECT title, minutes FROM meeting_item WHERE meeting = $1 ORDER BY number",
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    let item = |title, minutes: Option<i16>| AgendaItem { title, minutes: minutes.map(number) };
    Ok(rows.into_iter().map(|row| item(row.title, row.minutes)).collect())
}

/// Names a venue.
pub(super) async fn insert_venue(
    connection: &mut PgConnection,
    (of, place): (MeetingId, u16),
    (name, head): (&str, PersonId),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_venue (meeting, number, name, head) VALUES ($1, $2, $3, $4)",
        of.uuid(),
        stored(place),
        name,
        head.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The venues, in order.
pub(super) async fn venues(connection: &mut PgConnection, of: MeetingId) -> Done<Vec<Venue>> {
    let rows = sqlx::query!(
        "SELECT v.name, v.head, n.name AS head_name, v.signed_at
         FROM meeting_venue v JOIN person n ON n.id = v.head
         WHERE v.meeting = $1 ORDER BY v.number",
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    let venue = |name, person, head_name, signed_at| Venue {
        name,
        head: PersonName { person: PersonId(person), name: head_name },
        signed_at,
    };
    Ok(rows
        .into_iter()
        .map(|row| venue(row.name, row.head, row.head_name, row.signed_at))
        .collect())
}

/// The list of a venue was handed in.
pub(super) async fn sign_venue(
    connection: &mut PgConnection,
    (of, place): (MeetingId, u16),
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE meeting_venue SET signed_at = $3 WHERE meeting = $1 AND number = $2",
        of.uuid(),
        stored(place),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Exempts somebody.
pub(super) async fn insert_exemption(
    connection: &mut PgConnection,
    of: MeetingId,
    exemption: &Exemption,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_exemption (meeting, person, reason) VALUES ($1, $2, $3)",
        of.uuid(),
        exemption.person.uuid(),
        exemption.reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What nodes share that look at the meetings, and whoever makes some on another clock holds alone.
const CLOCK_LOCK: i64 = 0x6d65_6574_696e_6773;

/// Keeps the clock from being held until the transaction ends; `false` where somebody holds it.
pub(super) async fn share_clock(connection: &mut PgConnection) -> Done<bool> {
    sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock_shared($1) AS "shared!""#, CLOCK_LOCK)
        .fetch_one(connection)
        .await
}

/// Holds the clock alone until the transaction ends, however long that stands still.
pub(super) async fn hold_clock(connection: &mut PgConnection) -> Done<()> {
    sqlx::query!("SET LOCAL idle_in_transaction_session_timeout = 0")
        .execute(&mut *connection)
        .await?;
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", CLOCK_LOCK).execute(connection).await?;
    Ok(())
}

/// Meetings at which the clock has to look: those whose moment came, and those that go on.
pub(super) async fn due(
    connection: &mut PgConnection,
    (now, rows_max): (OffsetDateTime, i64),
) -> Done<Vec<MeetingId>> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM meeting
         WHERE look_at <= $1 OR state IN ('sign_in', 'open')
         ORDER BY starts_at, id LIMIT $2",
        now,
        rows_max
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(MeetingId).collect())
}

/// Branches and groups whose desk a person keeps.
pub(super) async fn desk_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Vec<OrganisationId>> {
    let ids = sqlx::query_scalar!(
        r#"WITH kept AS (
               SELECT p.organisation FROM post p
               WHERE p.person = $1 AND p.in_force
                 AND p.kind IN ('secretary', 'deputy_secretary', 'organization_officer')
                 AND p.of_kind IN ('branch', 'joint_branch', 'mobile_branch', 'temporary_branch'))
           SELECT organisation AS "organisation!" FROM kept
           UNION
           SELECT v.organisation FROM organisation_version v JOIN kept k ON k.organisation = v.parent
           WHERE v.in_force AND v.kind = 'party_group'"#,
        person.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(OrganisationId).collect())
}
