//! All SQL of accounts, one function per statement.

use signaling::http::accounts::Device;
use signaling::limits::{
    CODE_AGE_S_MAX, CODE_TRIES_MAX, DEVICES_PER_PERSON_MAX, SESSION_SEEN_S_MIN,
};
use signaling::{DeviceId, PersonId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::sign_in::{Opening, session_ends_before};
use super::types::{Account, Asked, NewChallenge, Tried};
use crate::auth::{Caller, Session};

type Done<T> = Result<T, sqlx::Error>;

/// The channel on which nodes hear that a device was revoked: `<person> <device>`.
pub(super) const REVOKED: &str = "lianxin_revoked";

/// Of each person and device whether the device is signed in as this person and neither it nor the
/// account was closed, in the order of the questions.
pub(super) async fn devices_open(
    connection: &mut PgConnection,
    asked: &[(PersonId, DeviceId)],
) -> Done<Vec<bool>> {
    let people: Vec<Uuid> = asked.iter().map(|(person, _)| person.uuid()).collect();
    let devices: Vec<Uuid> = asked.iter().map(|(_, device)| device.uuid()).collect();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM device_session d JOIN account a ON a.person = d.person
               WHERE d.id = q.device AND d.person = q.person
                 AND d.revoked_at IS NULL AND a.disabled_at IS NULL
           ) AS "open!"
           FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS q (person, device, nr)
           ORDER BY q.nr"#,
        &people,
        &devices
    )
    .fetch_all(connection)
    .await
}

/// One request for a code at a time per number, until the transaction ends.
pub(super) async fn lock_number(connection: &mut PgConnection, lookup: [u8; 32]) -> Done<()> {
    let key = lookup.first_chunk().copied().map(i64::from_be_bytes).unwrap_or_default();
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", key).execute(connection).await?;
    Ok(())
}

/// Whose number it is, under any key.
pub(super) async fn person_by_phone(
    connection: &mut PgConnection,
    lookups: &[[u8; 32]],
) -> Done<Option<PersonId>> {
    let person = sqlx::query_scalar!(
        "SELECT person FROM account WHERE phone_lookup = ANY ($1)",
        &bytes(lookups)
    )
    .fetch_optional(connection)
    .await?;
    Ok(person.map(PersonId))
}

/// What was asked for lately with this number, by this browser, from this address, and in all.
pub(super) async fn asked(
    connection: &mut PgConnection,
    lookups: &[[u8; 32]],
    challenge: &NewChallenge,
) -> Done<Asked> {
    let row = sqlx::query!(
        r#"SELECT
               (SELECT max(created_at) FROM sign_in_challenge
                WHERE phone_lookup = ANY ($1)) AS last,
               (SELECT count(*) FROM sign_in_challenge
                WHERE phone_lookup = ANY ($1) AND created_at > $4) AS "phone_hour!",
               (SELECT count(*) FROM sign_in_challenge
                WHERE phone_lookup = ANY ($1) AND created_at > $5) AS "phone_day!",
               (SELECT count(*) FROM sign_in_challenge
                WHERE visitor = $2 AND created_at > $4) AS "visitor_hour!",
               (SELECT count(*) FROM sign_in_challenge
                WHERE address = $3 AND created_at > $4) AS "address_hour!",
               (SELECT count(*) FROM sign_in_challenge
                WHERE created_at > $4) AS "all_hour!""#,
        &bytes(lookups),
        challenge.visitor.as_slice(),
        challenge.address.as_slice(),
        challenge.created_at - Duration::hours(1),
        challenge.created_at - Duration::days(1)
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

/// Stores a code that was asked for.
pub(super) async fn insert_challenge(
    connection: &mut PgConnection,
    challenge: &NewChallenge,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO sign_in_challenge
             (id, phone_lookup, person, code, address, visitor, created_at, expires_at,
              invitation, phone_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        challenge.id,
        challenge.phone_lookup.as_slice(),
        challenge.person.map(PersonId::uuid),
        challenge.code.as_slice(),
        challenge.address.as_slice(),
        challenge.visitor.as_slice(),
        challenge.created_at,
        challenge.created_at + Duration::seconds(CODE_AGE_S_MAX),
        challenge.enrols.as_ref().and_then(|(invitation, _)| *invitation),
        challenge.enrols.as_ref().map(|(_, sealed)| sealed.as_slice())
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops codes that no limit looks at any more, a few at a time.
pub(super) async fn forget_challenges(
    connection: &mut PgConnection,
    before: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "DELETE FROM sign_in_challenge WHERE id IN (
             SELECT id FROM sign_in_challenge WHERE created_at < $1
             ORDER BY created_at LIMIT 20 FOR UPDATE SKIP LOCKED)",
        before
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a try of a code; `None` where it can not be tried any more.
pub(super) async fn try_challenge(
    connection: &mut PgConnection,
    challenge: Uuid,
    now: OffsetDateTime,
) -> Done<Option<Tried>> {
    let row = sqlx::query!(
        "UPDATE sign_in_challenge SET tries = tries + 1
         WHERE id = $1 AND tries < $2 AND used_at IS NULL AND expires_at > $3
         RETURNING person, code, phone_sealed",
        challenge,
        CODE_TRIES_MAX,
        now
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Tried {
        person: row.person.map(PersonId),
        enrols: row.phone_sealed,
        code: row.code,
    }))
}

/// A code works once.
pub(super) async fn use_challenge(
    connection: &mut PgConnection,
    challenge: Uuid,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!("UPDATE sign_in_challenge SET used_at = $2 WHERE id = $1", challenge, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// The account of a person.
pub(super) async fn account(connection: &mut PgConnection, person: PersonId) -> Done<Account> {
    sqlx::query_as!(
        Account,
        "SELECT p.name, a.phone_sealed, a.disabled_at
         FROM account a JOIN person p ON p.id = a.person WHERE a.person = $1",
        person.uuid()
    )
    .fetch_one(connection)
    .await
}

/// Whether a person administers the installation.
pub(super) async fn is_administrator(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM installation_role
                          WHERE person = $1 AND role = 'admin' AND in_force) AS "admin!""#,
        person.uuid()
    )
    .fetch_one(connection)
    .await
}

/// Stores an account for an existing person.
pub(super) async fn insert_account(
    connection: &mut PgConnection,
    person: PersonId,
    lookup: [u8; 32],
    sealed: &[u8],
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO account (person, phone_lookup, phone_sealed, created_at)
         VALUES ($1, $2, $3, $4)",
        person.uuid(),
        lookup.as_slice(),
        sealed,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores a person.
pub(super) async fn insert_person(
    connection: &mut PgConnection,
    person: PersonId,
    name: &str,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO person (id, name, created_at) VALUES ($1, $2, $3)",
        person.uuid(),
        name,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Begins a session.
pub(super) async fn insert_session(
    connection: &mut PgConnection,
    device: DeviceId,
    secret: &[u8; 32],
    (opening, now): (&Opening, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO device_session (id, person, secret, name, created_at, last_seen_at, by_code)
         VALUES ($1, $2, $3, $4, $5, $5, $6)",
        device.uuid(),
        opening.person.uuid(),
        secret.as_slice(),
        opening.name,
        now,
        opening.by_code
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the sessions beyond those a person may have, the ones unused for longest.
pub(super) async fn end_surplus_sessions(
    connection: &mut PgConnection,
    person: PersonId,
    now: OffsetDateTime,
) -> Done<Vec<DeviceId>> {
    let ended = sqlx::query_scalar!(
        "UPDATE device_session SET revoked_at = $2 WHERE id IN (
             SELECT id FROM device_session WHERE person = $1 AND revoked_at IS NULL
             ORDER BY last_seen_at DESC, id DESC OFFSET $3)
         RETURNING id",
        person.uuid(),
        now,
        DEVICES_PER_PERSON_MAX
    )
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().map(DeviceId).collect())
}

/// The open session behind a secret, and when its use was last recorded.
pub(super) async fn session(
    connection: &mut PgConnection,
    secrets: &[[u8; 32]],
    now: OffsetDateTime,
) -> Done<Option<(Session, OffsetDateTime)>> {
    let row = sqlx::query!(
        r#"SELECT d.id, d.person, d.last_seen_at, d.created_at, d.by_code, d.desk_seen_at,
                d.proven_at,
                EXISTS (SELECT 1 FROM installation_role r
                        WHERE r.person = d.person AND r.role = 'admin' AND r.in_force)
                    AS "administrator!"
         FROM device_session d JOIN account a ON a.person = d.person
         WHERE d.secret = ANY ($1) AND d.last_seen_at > $2
           AND d.revoked_at IS NULL AND a.disabled_at IS NULL"#,
        &bytes(secrets),
        session_ends_before(now)
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let session = Session {
            caller: Caller { person: PersonId(row.person), device: DeviceId(row.id) },
            begun_at: row.created_at,
            by_code: row.by_code,
            desk_seen_at: row.desk_seen_at,
            proven_at: row.proven_at,
            administrator: row.administrator,
        };
        (session, row.last_seen_at)
    }))
}

/// Whether a session's use should be recorded again.
pub(super) fn is_due(seen_at: OffsetDateTime, now: OffsetDateTime) -> bool {
    (now - seen_at).whole_seconds() >= SESSION_SEEN_S_MIN
}

/// Records that a session was used.
pub(super) async fn see_session(
    connection: &mut PgConnection,
    device: DeviceId,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE device_session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
        device.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The open devices of a person, last used first; none is marked as the caller's.
pub(super) async fn devices(
    connection: &mut PgConnection,
    person: PersonId,
    ends: OffsetDateTime,
) -> Done<Vec<Device>> {
    let rows = sqlx::query!(
        "SELECT id, name, created_at, last_seen_at FROM device_session
         WHERE person = $1 AND revoked_at IS NULL AND last_seen_at > $2
         ORDER BY last_seen_at DESC, id DESC",
        person.uuid(),
        ends
    )
    .fetch_all(connection)
    .await?;
    let device = |row: DeviceRow| Device {
        device: DeviceId(row.0),
        name: row.1,
        current: false,
        signed_in_at: row.2,
        last_seen_at: row.3,
    };
    let rows = rows.into_iter().map(|row| (row.id, row.name, row.created_at, row.last_seen_at));
    Ok(rows.map(device).collect())
}

type DeviceRow = (Uuid, String, OffsetDateTime, OffsetDateTime);

/// Ends a session; `false` where the person has no such open one.
pub(super) async fn end_session(
    connection: &mut PgConnection,
    person: PersonId,
    device: DeviceId,
    now: OffsetDateTime,
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE device_session SET revoked_at = $3
         WHERE id = $1 AND person = $2 AND revoked_at IS NULL",
        device.uuid(),
        person.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Tells every node, with the commit, that a device was revoked.
pub(super) async fn tell_nodes(
    connection: &mut PgConnection,
    person: PersonId,
    device: DeviceId,
) -> Done<()> {
    sqlx::query!("SELECT pg_notify($1, $2)", REVOKED, format!("{person} {device}"))
        .execute(connection)
        .await?;
    Ok(())
}

/// Devices that were revoked and people whose accounts were closed after `moment`.
pub(super) async fn revoked_after(
    connection: &mut PgConnection,
    moment: OffsetDateTime,
) -> Done<Vec<(PersonId, Option<DeviceId>)>> {
    let rows = sqlx::query!(
        r#"SELECT person AS "person!", id AS device FROM device_session WHERE revoked_at > $1
           UNION ALL SELECT person, NULL FROM account WHERE disabled_at > $1"#,
        moment
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person), row.device.map(DeviceId))).collect())
}

fn bytes(hashes: &[[u8; 32]]) -> Vec<Vec<u8>> {
    hashes.iter().map(|hash| hash.to_vec()).collect()
}
