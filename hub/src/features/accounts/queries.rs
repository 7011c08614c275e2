//! All SQL of accounts, one function per statement.

use signaling::limits::{CODE_TRIES_MAX, DEVICES_PER_PERSON_MAX};
use signaling::{DeviceId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::types::{Account, Asked, NewChallenge, NewDevice, Tried};

/// Whether a device is signed in as this person and neither it nor the account was closed.
pub(super) async fn device_is_open(
    connection: &mut PgConnection,
    person: PersonId,
    device: DeviceId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM device_session d JOIN account a ON a.person = d.person
               WHERE d.id = $1 AND d.person = $2
                 AND d.revoked_at IS NULL AND a.disabled_at IS NULL
           ) AS "open!""#,
        device.uuid(),
        person.uuid()
    )
    .fetch_one(connection)
    .await
}

/// The account behind a telephone number, under any of the lookup keys.
pub(super) async fn person_by_phone(
    connection: &mut PgConnection,
    lookups: &[Vec<u8>],
) -> Result<Option<PersonId>, sqlx::Error> {
    let person = sqlx::query_scalar!(
        "SELECT person FROM account WHERE phone_lookup = ANY ($1) AND disabled_at IS NULL",
        lookups
    )
    .fetch_optional(connection)
    .await?;
    Ok(person.map(PersonId))
}

/// Requests with the same number wait for each other until the transaction ends.
pub(super) async fn lock_phone(
    connection: &mut PgConnection,
    lookup: &[u8; 32],
) -> Result<(), sqlx::Error> {
    let key = lookup.first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes));
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", key).execute(connection).await?;
    Ok(())
}

/// What was asked for lately with a number, from a browser, from an address, and in all.
pub(super) async fn asked(
    connection: &mut PgConnection,
    challenge: &NewChallenge,
) -> Result<Asked, sqlx::Error> {
    let hour = challenge.created_at - time::Duration::HOUR;
    let day = challenge.created_at - time::Duration::DAY;
    let row = sqlx::query!(
        r#"SELECT max(created_at) FILTER (WHERE phone_lookup = $1) AS last,
                  count(*) FILTER (WHERE phone_lookup = $1 AND created_at > $4) AS "phone_hour!",
                  count(*) FILTER (WHERE phone_lookup = $1) AS "phone_day!",
                  count(*) FILTER (WHERE visitor = $2 AND created_at > $4) AS "visitor_hour!",
                  count(*) FILTER (WHERE address = $3 AND created_at > $4) AS "address_hour!",
                  count(*) FILTER (WHERE created_at > $4) AS "all_hour!"
           FROM sign_in_challenge WHERE created_at > $5"#,
        &challenge.phone_lookup[..],
        &challenge.visitor[..],
        &challenge.address[..],
        hour,
        day
    )
    .fetch_one(connection)
    .await?;
    Ok(Asked {
        last: row.last,
        phone_hour: row.phone_hour,
        phone_day: row.phone_day,
        visitor_hour: row.visitor_hour,
        address_hour: row.address_hour,
        all_hour: row.all_hour,
    })
}

/// Stores a challenge; earlier ones of the same number can no longer be used.
pub(super) async fn insert_challenge(
    connection: &mut PgConnection,
    challenge: &NewChallenge,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sign_in_challenge SET used_at = $2 WHERE phone_lookup = $1 AND used_at IS NULL",
        &challenge.phone_lookup[..],
        challenge.created_at
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO sign_in_challenge
             (id, phone_lookup, person, code, address, visitor, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        challenge.id,
        &challenge.phone_lookup[..],
        challenge.person.map(PersonId::uuid),
        &challenge.code[..],
        &challenge.address[..],
        &challenge.visitor[..],
        challenge.created_at,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a try of a challenge that can still be used.
pub(super) async fn try_challenge(
    connection: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<Option<Tried>, sqlx::Error> {
    let row = sqlx::query!(
        "UPDATE sign_in_challenge SET tries = tries + 1
         WHERE id = $1 AND used_at IS NULL AND expires_at > $2 AND tries < $3
         RETURNING person, code",
        id,
        now,
        CODE_TRIES_MAX
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Tried { person: row.person.map(PersonId), code: row.code }))
}

/// Uses a challenge up; `false` where somebody else just did.
pub(super) async fn use_challenge(
    connection: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE sign_in_challenge SET used_at = $2 WHERE id = $1 AND used_at IS NULL",
        id,
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Signs a device in; beyond the limit the ones unused for longest are revoked and returned.
pub(super) async fn insert_device(
    connection: &mut PgConnection,
    device: &NewDevice<'_>,
    now: OffsetDateTime,
) -> Result<Vec<DeviceId>, sqlx::Error> {
    sqlx::query!(
        "INSERT INTO device_session (id, person, secret, name, created_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $5)",
        device.id.uuid(),
        device.person.uuid(),
        &device.secret[..],
        device.name,
        now
    )
    .execute(&mut *connection)
    .await?;
    let revoked = sqlx::query_scalar!(
        "UPDATE device_session SET revoked_at = $2 WHERE id IN (
             SELECT id FROM device_session WHERE person = $1 AND revoked_at IS NULL
             ORDER BY last_seen_at DESC, created_at DESC OFFSET $3)
         RETURNING id",
        device.person.uuid(),
        now,
        DEVICES_PER_PERSON_MAX
    )
    .fetch_all(connection)
    .await?;
    Ok(revoked.into_iter().map(DeviceId).collect())
}

/// The session with this secret, under any of the keys, and when it was last seen.
pub(super) async fn session(
    connection: &mut PgConnection,
    secrets: &[Vec<u8>],
    seen_after: OffsetDateTime,
) -> Result<Option<(PersonId, DeviceId, OffsetDateTime)>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT d.id, d.person, d.last_seen_at
         FROM device_session d JOIN account a ON a.person = d.person
         WHERE d.secret = ANY ($1) AND d.revoked_at IS NULL AND a.disabled_at IS NULL
           AND d.last_seen_at > $2",
        secrets,
        seen_after
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (PersonId(row.person), DeviceId(row.id), row.last_seen_at)))
}

/// Records that a session is in use.
pub(super) async fn seen(
    connection: &mut PgConnection,
    device: DeviceId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE device_session SET last_seen_at = greatest(last_seen_at, $2) WHERE id = $1",
        device.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An account by its person.
pub(super) async fn account(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT p.name, a.phone_sealed, a.disabled_at
         FROM account a JOIN person p ON p.id = a.person WHERE a.person = $1",
        person.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Account {
        name: row.name,
        phone_sealed: row.phone_sealed,
        disabled_at: row.disabled_at,
    }))
}

/// Stores an account for a person.
pub(super) async fn insert_account(
    connection: &mut PgConnection,
    person: PersonId,
    (lookup, sealed): (&[u8; 32], &[u8]),
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO account (person, phone_lookup, phone_sealed, created_at)
         VALUES ($1, $2, $3, $4)",
        person.uuid(),
        &lookup[..],
        sealed,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The signed-in devices of a person, last used first.
pub(super) async fn devices_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Vec<(DeviceId, String, OffsetDateTime, OffsetDateTime)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT id, name, created_at, last_seen_at FROM device_session
         WHERE person = $1 AND revoked_at IS NULL ORDER BY last_seen_at DESC, id",
        person.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (DeviceId(row.id), row.name, row.created_at, row.last_seen_at))
        .collect())
}

/// Revokes a device of a person; `false` where there is none that is signed in.
pub(super) async fn revoke(
    connection: &mut PgConnection,
    person: PersonId,
    device: DeviceId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE device_session SET revoked_at = $3
         WHERE id = $2 AND person = $1 AND revoked_at IS NULL",
        person.uuid(),
        device.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
