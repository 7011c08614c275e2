//! All SQL of the chain, one function per statement.

use signaling::OrganisationId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

type Done<T> = Result<T, sqlx::Error>;

/// A record as it lies in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub organisation: OrganisationId,
    pub n: i64,
    pub at: OffsetDateTime,
    pub actor: Option<Uuid>,
    pub action: String,
    pub object: Uuid,
    pub detail: String,
    pub prev: Vec<u8>,
    pub h: Vec<u8>,
}

/// Locks the end of a chain, which it begins where there is none: number and hash of the last
/// record.
pub(super) async fn take_head(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Done<(i64, Vec<u8>)> {
    sqlx::query!(
        "INSERT INTO audit_head (organisation, n, h) VALUES ($1, 0, decode(repeat('00', 32), 'hex'))
         ON CONFLICT (organisation) DO NOTHING",
        of.uuid()
    )
    .execute(&mut *connection)
    .await?;
    let head =
        sqlx::query!("SELECT n, h FROM audit_head WHERE organisation = $1 FOR UPDATE", of.uuid())
            .fetch_one(connection)
            .await?;
    Ok((head.n, head.h))
}

/// Adds a record behind the locked end.
pub(super) async fn append(connection: &mut PgConnection, record: &Record) -> Done<()> {
    sqlx::query!(
        "WITH added AS (
             INSERT INTO audit_record (organisation, n, at, actor, action, object, detail, prev, h)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         )
         UPDATE audit_head SET n = $2, h = $9 WHERE organisation = $1",
        record.organisation.uuid(),
        record.n,
        record.at,
        record.actor,
        record.action,
        record.object,
        record.detail,
        record.prev,
        record.h
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The records of an object, oldest first.
pub(super) async fn of_object(connection: &mut PgConnection, object: Uuid) -> Done<Vec<Record>> {
    sqlx::query_as!(
        Record,
        "SELECT organisation, n, at, actor, action, object, detail, prev, h FROM audit_record
         WHERE object = $1 ORDER BY organisation, n LIMIT 5000",
        object
    )
    .fetch_all(connection)
    .await
}
