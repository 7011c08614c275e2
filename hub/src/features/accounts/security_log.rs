//! The security log: who did what to which account, chained so that an edit shows.

use std::net::IpAddr;

use aws_lc_rs::digest;
use signaling::{DeviceId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// One line of the log.
pub(super) struct Entry {
    pub person: Option<PersonId>,
    pub device: Option<DeviceId>,
    pub action: &'static str,
    pub result: &'static str,
    pub address: IpAddr,
}

/// Adds a line; `h` = SHA-256 over the line before and this line's fields.
pub(super) async fn record(
    connection: &mut PgConnection,
    entry: &Entry,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let head = sqlx::query!("SELECT n, h FROM security_log_head FOR UPDATE")
        .fetch_one(&mut *connection)
        .await?;
    let n = head.n.saturating_add(1);
    let at = now.replace_nanosecond(now.nanosecond() / 1_000 * 1_000).unwrap_or(now);
    let (person, device) = (entry.person.map(PersonId::uuid), entry.device.map(DeviceId::uuid));
    let address = entry.address.to_string();
    let fields = serde_json::json!([
        n,
        at.unix_timestamp_nanos().to_string(),
        person,
        device,
        entry.action,
        entry.result,
        address
    ]);
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&head.h);
    context.update(fields.to_string().as_bytes());
    let h = context.finish();
    sqlx::query!(
        "INSERT INTO security_log (n, at, person, device, action, result, address, prev, h)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        n,
        at,
        person,
        device,
        entry.action,
        entry.result,
        address,
        head.h,
        h.as_ref()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE security_log_head SET n = $1, h = $2", n, h.as_ref())
        .execute(connection)
        .await?;
    Ok(())
}
