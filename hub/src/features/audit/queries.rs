//! All SQL of the chain, one function per statement.

use signaling::OrganisationId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::chain::End;

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

/// Records behind a place, chain by chain.
pub(super) async fn page(connection: &mut PgConnection, (of, n): (Uuid, i64)) -> Done<Vec<Record>> {
    sqlx::query_as!(
        Record,
        "SELECT organisation, n, at, actor, action, object, detail, prev, h FROM audit_record
         WHERE (organisation, n) > ($1, $2) ORDER BY organisation, n LIMIT 1000",
        of,
        n
    )
    .fetch_all(connection)
    .await
}

/// Where every chain ends.
pub(super) async fn ends(connection: &mut PgConnection) -> Done<Vec<End>> {
    sqlx::query_as!(End, "SELECT organisation, n, h FROM audit_head ORDER BY organisation")
        .fetch_all(connection)
        .await
}

/// From here on the transaction sees one moment and writes nothing.
pub(super) async fn see_one_moment(connection: &mut PgConnection) -> Done<()> {
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .execute(connection)
        .await?;
    Ok(())
}
