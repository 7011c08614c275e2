//! All SQL of policies and of the calendar, one function per statement.

use signaling::http::administration::CalendarDay;
use signaling::{OrganisationId, PersonId};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{PolicyKey, WorkingDays};

type Done<T> = Result<T, sqlx::Error>;

/// A policy as it lies in the table.
pub(super) struct PolicyRow {
    pub key: String,
    pub scope: Option<Uuid>,
    pub effective_from: Date,
    pub value: i64,
    pub source: String,
}

/// The value of a key for an organisation on a day: of the nearest one at or above it that has one.
pub(super) async fn value(
    connection: &mut PgConnection,
    key: PolicyKey,
    of: OrganisationId,
    day: Date,
) -> Done<Option<i64>> {
    sqlx::query_scalar!(
        "SELECT p.value FROM policy p
         LEFT JOIN organisation_up($2) u ON u.organisation = p.scope
         WHERE p.key = $1 AND p.effective_from <= $3
           AND (p.scope IS NULL OR u.organisation IS NOT NULL)
         ORDER BY coalesce(u.distance, 1000), p.effective_from DESC LIMIT 1",
        key.word(),
        of.uuid(),
        day
    )
    .fetch_optional(connection)
    .await
}

/// As [`value`] for several keys at once; a key without a value is missing.
pub(super) async fn values(
    connection: &mut PgConnection,
    keys: &[String],
    of: OrganisationId,
    day: Date,
) -> Done<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (p.key) p.key, p.value FROM policy p
         LEFT JOIN organisation_up($2) u ON u.organisation = p.scope
         WHERE p.key = ANY($1) AND p.effective_from <= $3
           AND (p.scope IS NULL OR u.organisation IS NOT NULL)
         ORDER BY p.key, coalesce(u.distance, 1000), p.effective_from DESC",
        keys,
        of.uuid(),
        day
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.value)).collect())
}

/// Every policy on record, by key, scope and day.
pub(super) async fn all(connection: &mut PgConnection) -> Done<Vec<PolicyRow>> {
    sqlx::query_as!(
        PolicyRow,
        "SELECT key, scope, effective_from, value, source FROM policy
         ORDER BY key, scope NULLS FIRST, effective_from"
    )
    .fetch_all(connection)
    .await
}

/// Puts a value on record.
pub(super) async fn insert(
    connection: &mut PgConnection,
    row: &PolicyRow,
    (by, now): (PersonId, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO policy (key, scope, effective_from, value, source, set_by, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        row.key,
        row.scope,
        row.effective_from,
        row.value,
        row.source,
        by.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The moved days from `from` to `until`, both included.
pub(super) async fn moved_days(
    connection: &mut PgConnection,
    from: Date,
    until: Date,
) -> Done<WorkingDays> {
    let rows = sqlx::query!(
        "SELECT day, working FROM calendar_day WHERE day BETWEEN $1 AND $2",
        from,
        until
    )
    .fetch_all(connection)
    .await?;
    Ok(WorkingDays(rows.into_iter().map(|row| (row.day, row.working)).collect()))
}

/// The moved days of a year with their names.
pub(super) async fn days_of(
    connection: &mut PgConnection,
    from: Date,
    until: Date,
) -> Done<Vec<CalendarDay>> {
    sqlx::query_as!(
        CalendarDay,
        "SELECT day, working, name FROM calendar_day WHERE day BETWEEN $1 AND $2 ORDER BY day",
        from,
        until
    )
    .fetch_all(connection)
    .await
}

/// Years for which the calendar has entries.
pub(super) async fn years(connection: &mut PgConnection) -> Done<Vec<i32>> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT extract(year FROM day)::integer AS "year!" FROM calendar_day ORDER BY 1"#
    )
    .fetch_all(connection)
    .await
}

/// Sets a day.
pub(super) async fn set_day(
    connection: &mut PgConnection,
    day: &CalendarDay,
    (by, now): (PersonId, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO calendar_day (day, working, name, set_by, set_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (day) DO UPDATE
         SET working = excluded.working, name = excluded.name, set_by = excluded.set_by,
             set_at = excluded.set_at",
        day.day,
        day.working,
        day.name,
        by.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}
