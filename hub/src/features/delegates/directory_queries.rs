//! All SQL of the directory: delegates, stations, liaison offices.

use signaling::{OrganisationId, PersonId};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::directory::NewDelegate;
use crate::error::Result;

type Done<T> = Result<T, sqlx::Error>;

/// A delegate as everybody may know of one.
#[derive(Clone, Debug)]
pub(super) struct DelegateRow {
    pub id: Uuid,
    pub person: Uuid,
    pub organisation: Uuid,
    pub organisation_name: String,
    pub name: String,
    pub area: String,
    pub duties: String,
    pub contact_days: String,
    pub term_from: Date,
    pub term_until: Date,
}

/// Delegates in office whose name, area or organisation contains `search`, by organisation and
/// area.
pub(super) async fn delegates(
    connection: &mut PgConnection,
    (search, limit): (&str, i64),
) -> Done<Vec<DelegateRow>> {
    sqlx::query_as!(
        DelegateRow,
        "SELECT d.id, d.person, d.organisation, v.name AS organisation_name, p.name, d.area,
                d.duties, d.contact_days, d.term_from, d.term_until
         FROM delegate d JOIN person p ON p.id = d.person
         JOIN organisation_version v ON v.organisation = d.organisation AND v.in_force
         WHERE d.until_at IS NULL
           AND ($1 = '' OR position($1 IN p.name) > 0 OR position($1 IN d.area) > 0
                OR position($1 IN v.name) > 0)
         ORDER BY v.name, d.area, p.name, d.id LIMIT $2",
        search,
        limit
    )
    .fetch_all(connection)
    .await
}

/// A delegate in office by id.
pub(super) async fn delegate(connection: &mut PgConnection, id: Uuid) -> Done<Option<DelegateRow>> {
    sqlx::query_as!(
        DelegateRow,
        "SELECT d.id, d.person, d.organisation, v.name AS organisation_name, p.name, d.area,
                d.duties, d.contact_days, d.term_from, d.term_until
         FROM delegate d JOIN person p ON p.id = d.person
         JOIN organisation_version v ON v.organisation = d.organisation AND v.in_force
         WHERE d.id = $1 AND d.until_at IS NULL",
        id
    )
    .fetch_optional(connection)
    .await
}

/// What a person is a delegate of now.
pub(super) async fn of_person(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Vec<DelegateRow>> {
    sqlx::query_as!(
        DelegateRow,
        "SELECT d.id, d.person, d.organisation, v.name AS organisation_name, p.name, d.area,
                d.duties, d.contact_days, d.term_from, d.term_until
         FROM delegate d JOIN person p ON p.id = d.person
         JOIN organisation_version v ON v.organisation = d.organisation AND v.in_force
         WHERE d.person = $1 AND d.until_at IS NULL ORDER BY d.id",
        person.uuid()
    )
    .fetch_all(connection)
    .await
}

/// Writes a delegate.
pub(super) async fn insert_delegate(
    connection: &mut PgConnection,
    id: Uuid,
    new: &NewDelegate,
    by: Option<PersonId>,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO delegate (id, person, organisation, area, duties, contact_days, term_from,
             term_until, begun_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id,
        new.person.uuid(),
        new.organisation.uuid(),
        new.area,
        new.duties,
        new.contact_days,
        new.term_from,
        new.term_until,
        by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a term; `false` where it is over already.
pub(super) async fn end_delegate(
    connection: &mut PgConnection,
    (id, reason): (Uuid, &str),
    (by, now): (Option<PersonId>, OffsetDateTime),
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE delegate SET until_at = $2, ended_reason = $3, ended_by = $4
         WHERE id = $1 AND until_at IS NULL",
        id,
        now,
        reason,
        by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Delegates in office whose last day is over.
pub(super) async fn over(
    connection: &mut PgConnection,
    (today, limit): (Date, i64),
) -> Done<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM delegate WHERE until_at IS NULL AND term_until < $1
         ORDER BY term_until LIMIT $2",
        today,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Delegates whose term is over and who still have open threads.
pub(super) async fn left_behind(connection: &mut PgConnection, limit: i64) -> Done<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT d.id FROM delegate d WHERE d.until_at IS NOT NULL AND EXISTS (
             SELECT 1 FROM delegate_thread t WHERE t.delegate = d.id AND t.holder = 'delegate'
               AND t.state NOT IN ('closed', 'ended', 'withdrawn'))
         ORDER BY d.id LIMIT $1",
        limit
    )
    .fetch_all(connection)
    .await
}

/// The delegate in office for the same organisation and area; the term that began last.
pub(super) async fn successor(connection: &mut PgConnection, of: Uuid) -> Done<Option<Uuid>> {
    sqlx::query_scalar!(
        "SELECT s.id FROM delegate d JOIN delegate s
           ON s.organisation = d.organisation AND s.area = d.area AND s.until_at IS NULL
         WHERE d.id = $1 AND s.id <> d.id ORDER BY s.term_from DESC, s.id LIMIT 1",
        of
    )
    .fetch_optional(connection)
    .await
}

/// A station.
#[derive(Clone, Debug)]
pub(super) struct StationRow {
    pub id: Uuid,
    pub organisation: Uuid,
    pub name: String,
}

/// Stations of an organisation.
pub(super) async fn stations(
    connection: &mut PgConnection,
    organisation: Uuid,
) -> Done<Vec<StationRow>> {
    sqlx::query_as!(
        StationRow,
        "SELECT id, organisation, name FROM delegate_station WHERE organisation = $1
         ORDER BY id LIMIT 100",
        organisation
    )
    .fetch_all(connection)
    .await
}

/// A station by id.
pub(super) async fn station(connection: &mut PgConnection, id: Uuid) -> Done<Option<StationRow>> {
    sqlx::query_as!(
        StationRow,
        "SELECT id, organisation, name FROM delegate_station WHERE id = $1",
        id
    )
    .fetch_optional(connection)
    .await
}

/// Writes a station; one of that name stays what it is.
pub(super) async fn insert_station(
    connection: &mut PgConnection,
    id: Uuid,
    (organisation, name): (OrganisationId, &str),
    by: Option<PersonId>,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO delegate_station (id, organisation, name, made_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT ON CONSTRAINT delegate_station_once DO NOTHING",
        id,
        organisation.uuid(),
        name,
        by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Organisations whose liaison office a person works in, with their names.
pub(super) async fn liaison_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Vec<(Uuid, String)>> {
    let rows = sqlx::query!(
        "SELECT l.organisation, v.name FROM delegate_liaison l
         JOIN organisation_version v ON v.organisation = l.organisation AND v.in_force
         WHERE l.person = $1 AND l.until_at IS NULL ORDER BY v.name LIMIT 50",
        person.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.organisation, row.name)).collect())
}

/// Gives the duty of a liaison office.
pub(super) async fn insert_liaison(
    connection: &mut PgConnection,
    id: Uuid,
    (organisation, person): (OrganisationId, PersonId),
    (by, now): (Option<PersonId>, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO delegate_liaison (id, organisation, person, from_at, begun_by)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT delegate_liaison_once DO NOTHING",
        id,
        organisation.uuid(),
        person.uuid(),
        now,
        by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}
