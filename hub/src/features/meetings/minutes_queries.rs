//! SQL of minutes and of the signatures under them, one function per statement.

use signaling::http::meetings::{MinutesRole, MinutesSignature, PersonName};
use signaling::{DeviceId, MeetingId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::queries::{broken, number, stored};
use super::types::{role_of, role_word};

type Done<T> = Result<T, sqlx::Error>;

/// A version of minutes.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub number: u16,
    pub text: String,
    pub hash: Vec<u8>,
    pub written_by: PersonName,
    pub written_at: OffsetDateTime,
}

/// The version that counts; `None`: nothing was written yet.
pub(super) async fn latest(connection: &mut PgConnection, of: MeetingId) -> Done<Option<Version>> {
    let row = sqlx::query!(
        "SELECT m.version, m.text, m.hash, m.written_by, n.name, m.written_at
         FROM meeting_minutes m JOIN person n ON n.id = m.written_by
         WHERE m.meeting = $1 ORDER BY m.version DESC LIMIT 1",
        of.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Version {
        number: number(row.version),
        text: row.text,
        hash: row.hash,
        written_by: PersonName { person: PersonId(row.written_by), name: row.name },
        written_at: row.written_at,
    }))
}

/// Adds a version.
pub(super) async fn insert(
    connection: &mut PgConnection,
    of: MeetingId,
    version: &Version,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_minutes (meeting, version, text, hash, written_by, written_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        of.uuid(),
        stored(version.number),
        version.text,
        version.hash,
        version.written_by.person.uuid(),
        version.written_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The signatures under a version.
pub(super) async fn signatures(
    connection: &mut PgConnection,
    (of, version): (MeetingId, u16),
) -> Done<Vec<MinutesSignature>> {
    let rows = sqlx::query!(
        "SELECT s.role, s.person, n.name, s.signed_at, s.hash
         FROM meeting_signature s JOIN person n ON n.id = s.person
         WHERE s.meeting = $1 AND s.version = $2 ORDER BY s.role",
        of.uuid(),
        stored(version)
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(MinutesSignature {
                role: role_of(&row.role).map_err(broken)?,
                person: PersonId(row.person),
                name: row.name,
                at: row.signed_at,
                hash: super::minutes::hex(&row.hash),
            })
        })
        .collect()
}

/// Adds a signature.
pub(super) async fn sign(
    connection: &mut PgConnection,
    (of, version): (MeetingId, u16),
    (role, person, device): (MinutesRole, PersonId, DeviceId),
    (hash, now): (&[u8], OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_signature (meeting, version, role, person, device, hash, signed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        of.uuid(),
        stored(version),
        role_word(role),
        person.uuid(),
        device.uuid(),
        hash,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}
