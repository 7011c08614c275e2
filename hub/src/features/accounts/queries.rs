//! All SQL of accounts, one function per statement.

use signaling::{DeviceId, PersonId};
use sqlx::PgConnection;

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
