//! SQL of desks, second factors, passwords and consents, one function per statement.

use signaling::{DeviceId, PersonId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

type Done<T> = Result<T, sqlx::Error>;

/// A second factor as it lies in the store.
pub(super) struct FactorRow {
    pub sealed: Vec<u8>,
    pub confirmed: bool,
    pub last_step: i64,
    pub failures: i16,
    pub locked_until: Option<OffsetDateTime>,
}

/// The second factor of a person.
pub(super) async fn second_factor(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Option<FactorRow>> {
    sqlx::query_as!(
        FactorRow,
        r#"SELECT sealed, confirmed_at IS NOT NULL AS "confirmed!", last_step, failures, locked_until
           FROM second_factor WHERE person = $1"#,
        person.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// The second factor of a person; nobody else tries a code meanwhile.
pub(super) async fn lock_second_factor(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Option<FactorRow>> {
    sqlx::query_as!(
        FactorRow,
        r#"SELECT sealed, confirmed_at IS NOT NULL AS "confirmed!", last_step, failures, locked_until
           FROM second_factor WHERE person = $1 FOR UPDATE"#,
        person.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Stores a secret over one that does not count; `false` where one counts.
pub(super) async fn put_second_factor(
    connection: &mut PgConnection,
    person: PersonId,
    sealed: &[u8],
    (now, confirmed_at): (OffsetDateTime, Option<OffsetDateTime>),
) -> Done<bool> {
    let done = sqlx::query!(
        "INSERT INTO second_factor AS f (person, sealed, made_at, confirmed_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (person) DO UPDATE
         SET sealed = excluded.sealed, made_at = excluded.made_at,
             confirmed_at = excluded.confirmed_at, last_step = 0
         WHERE f.confirmed_at IS NULL",
        person.uuid(),
        sealed,
        now,
        confirmed_at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Counts a wrong code.
pub(super) async fn failed(
    connection: &mut PgConnection,
    person: PersonId,
    (failures, locked_until): (i16, Option<OffsetDateTime>),
) -> Done<()> {
    sqlx::query!(
        "UPDATE second_factor SET failures = $2, locked_until = $3 WHERE person = $1",
        person.uuid(),
        failures,
        locked_until
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a right code.
pub(super) async fn succeeded(
    connection: &mut PgConnection,
    person: PersonId,
    (step, now): (i64, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "UPDATE second_factor
         SET last_step = $2, failures = 0, locked_until = NULL,
             confirmed_at = coalesce(confirmed_at, $3)
         WHERE person = $1",
        person.uuid(),
        step,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// When a desk was used and proven last.
pub(super) struct DeskRow {
    pub seen_at: Option<OffsetDateTime>,
    pub proven_at: Option<OffsetDateTime>,
}

/// The desk of a device.
pub(super) async fn desk_of(connection: &mut PgConnection, device: DeviceId) -> Done<DeskRow> {
    sqlx::query_as!(
        DeskRow,
        "SELECT desk_seen_at AS seen_at, proven_at FROM device_session WHERE id = $1",
        device.uuid()
    )
    .fetch_one(connection)
    .await
}

/// Opens the desk of a device.
pub(super) async fn open_desk(
    connection: &mut PgConnection,
    device: DeviceId,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE device_session SET desk_seen_at = $2, proven_at = $2 WHERE id = $1",
        device.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Records that a desk was used.
pub(super) async fn see_desk(
    connection: &mut PgConnection,
    device: DeviceId,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE device_session SET desk_seen_at = $2 WHERE id = $1 AND desk_seen_at < $2",
        device.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes the desk of a device.
pub(super) async fn close_desk(connection: &mut PgConnection, device: DeviceId) -> Done<()> {
    sqlx::query!(
        "UPDATE device_session SET desk_seen_at = NULL, proven_at = NULL WHERE id = $1",
        device.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A password as it lies in the store.
#[derive(Clone)]
pub struct PasswordRow {
    pub salt: Vec<u8>,
    pub hash: Vec<u8>,
    pub memory_kib: i32,
    pub passes: i16,
}

/// The password of a person.
pub(super) async fn password(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Option<PasswordRow>> {
    sqlx::query_as!(
        PasswordRow,
        "SELECT salt, hash, memory_kib, passes FROM password WHERE person = $1",
        person.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Sets a password.
pub(super) async fn set_password(
    connection: &mut PgConnection,
    person: PersonId,
    row: &PasswordRow,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO password (person, salt, hash, memory_kib, passes, set_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (person) DO UPDATE
         SET salt = excluded.salt, hash = excluded.hash, memory_kib = excluded.memory_kib,
             passes = excluded.passes, set_at = excluded.set_at",
        person.uuid(),
        row.salt,
        row.hash,
        row.memory_kib,
        row.passes,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Passwords tried lately with this number in a quarter of an hour, and from this address in an
/// hour.
pub(super) async fn tried(
    connection: &mut PgConnection,
    (lookups, address): (&[Vec<u8>], &[u8]),
    now: OffsetDateTime,
) -> Done<(i64, i64)> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM password_try
                   WHERE phone_lookup = ANY ($1) AND at > $3) AS "phone!",
                  (SELECT count(*) FROM password_try
                   WHERE address = $2 AND at > $4) AS "address!""#,
        lookups,
        address,
        now - Duration::minutes(15),
        now - Duration::hours(1)
    )
    .fetch_one(connection)
    .await?;
    Ok((row.phone, row.address))
}

/// Counts a try, and forgets what no limit looks at any more.
pub(super) async fn insert_try(
    connection: &mut PgConnection,
    id: Uuid,
    (lookup, address): (&[u8], &[u8]),
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO password_try (id, phone_lookup, address, at) VALUES ($1, $2, $3, $4)",
        id,
        lookup,
        address,
        now
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM password_try WHERE id IN (
             SELECT id FROM password_try WHERE at < $1 LIMIT 20 FOR UPDATE SKIP LOCKED)",
        now - Duration::days(1)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the tries of a number after a right one.
pub(super) async fn forget_tries(connection: &mut PgConnection, lookups: &[Vec<u8>]) -> Done<()> {
    sqlx::query!("DELETE FROM password_try WHERE phone_lookup = ANY ($1)", lookups)
        .execute(connection)
        .await?;
    Ok(())
}

/// When a person agreed to a version of a page.
pub(super) async fn agreed_at(
    connection: &mut PgConnection,
    person: PersonId,
    (document, version): (&str, &str),
) -> Done<Option<OffsetDateTime>> {
    sqlx::query_scalar!(
        "SELECT agreed_at FROM consent WHERE person = $1 AND document = $2 AND version = $3",
        person.uuid(),
        document,
        version
    )
    .fetch_optional(connection)
    .await
}

/// Records an agreement; the first one counts.
pub(super) async fn agree(
    connection: &mut PgConnection,
    person: PersonId,
    (document, version): (&str, &str),
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO consent (person, document, version, agreed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        person.uuid(),
        document,
        version,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes a person an administrator of the installation; the first time counts.
pub(super) async fn make_administrator(
    connection: &mut PgConnection,
    person: PersonId,
    now: OffsetDateTime,
) -> Done<bool> {
    let done = sqlx::query!(
        "INSERT INTO installation_role (person, role, given_at) VALUES ($1, 'admin', $2)
         ON CONFLICT DO NOTHING",
        person.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends every session of a person but one.
pub(super) async fn end_other_sessions(
    connection: &mut PgConnection,
    (person, but): (PersonId, DeviceId),
    now: OffsetDateTime,
) -> Done<Vec<DeviceId>> {
    let ended = sqlx::query_scalar!(
        "UPDATE device_session SET revoked_at = $3
         WHERE person = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id",
        person.uuid(),
        but.uuid(),
        now
    )
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().map(DeviceId).collect())
}

/// The sealed numbers of people.
pub(super) async fn sealed_phones(
    connection: &mut PgConnection,
    people: &[Uuid],
) -> Done<Vec<(Uuid, Vec<u8>)>> {
    let rows =
        sqlx::query!("SELECT person, phone_sealed FROM account WHERE person = ANY ($1)", people)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|row| (row.person, row.phone_sealed)).collect())
}
