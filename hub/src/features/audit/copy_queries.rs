//! SQL of the control, one function per statement. It runs behind [`shadow`]: the names of the tables
//! then mean empty copies of this transaction alone; the tables refuse every change.

use signaling::OrganisationId;
use sqlx::PgConnection;

type Done<T> = Result<T, sqlx::Error>;

/// Puts empty copies before the tables until the transaction ends.
pub(super) async fn shadow(connection: &mut PgConnection) -> Done<()> {
    sqlx::query!("CREATE TEMP TABLE audit_record (LIKE public.audit_record) ON COMMIT DROP")
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "CREATE TEMP TABLE audit_head (LIKE public.audit_head INCLUDING ALL) ON COMMIT DROP"
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The longest chain, if it has so many records.
pub(super) async fn longest(
    connection: &mut PgConnection,
    records_min: i64,
) -> Done<Option<OrganisationId>> {
    let of = sqlx::query_scalar!(
        "SELECT organisation FROM public.audit_head WHERE n >= $1
         ORDER BY n DESC, organisation LIMIT 1",
        records_min
    )
    .fetch_optional(connection)
    .await?;
    Ok(of.map(OrganisationId))
}

/// Copies a chain.
pub(super) async fn copy(copy: &mut PgConnection, of: OrganisationId) -> Done<()> {
    sqlx::query!(
        "INSERT INTO audit_record SELECT * FROM public.audit_record WHERE organisation = $1",
        of.uuid()
    )
    .execute(&mut *copy)
    .await?;
    sqlx::query!(
        "INSERT INTO audit_head SELECT * FROM public.audit_head WHERE organisation = $1",
        of.uuid()
    )
    .execute(copy)
    .await?;
    Ok(())
}

/// Changes what a record says.
pub(super) async fn edit(copy: &mut PgConnection, (of, n): (OrganisationId, i64)) -> Done<()> {
    sqlx::query!(
        "UPDATE audit_record SET detail = 'x' || detail WHERE organisation = $1 AND n = $2",
        of.uuid(),
        n
    )
    .execute(copy)
    .await?;
    Ok(())
}

/// Takes records away.
pub(super) async fn delete(
    copy: &mut PgConnection,
    of: OrganisationId,
    (from, to): (i64, i64),
) -> Done<()> {
    sqlx::query!(
        "DELETE FROM audit_record WHERE organisation = $1 AND n BETWEEN $2 AND $3",
        of.uuid(),
        from,
        to
    )
    .execute(copy)
    .await?;
    Ok(())
}

/// Gives two records the number of each other.
pub(super) async fn swap(
    copy: &mut PgConnection,
    of: OrganisationId,
    (one, other): (i64, i64),
) -> Done<()> {
    sqlx::query!(
        "UPDATE audit_record SET n = $2 + $3 - n WHERE organisation = $1 AND n IN ($2, $3)",
        of.uuid(),
        one,
        other
    )
    .execute(copy)
    .await?;
    Ok(())
}

/// Writes both hashes of a record.
pub(super) async fn set_hashes(
    copy: &mut PgConnection,
    (of, n): (OrganisationId, i64),
    (prev, h): (&[u8], &[u8]),
) -> Done<()> {
    sqlx::query!(
        "UPDATE audit_record SET prev = $3, h = $4 WHERE organisation = $1 AND n = $2",
        of.uuid(),
        n,
        prev,
        h
    )
    .execute(copy)
    .await?;
    Ok(())
}

/// Notes a record as the end.
pub(super) async fn end_at(copy: &mut PgConnection, (of, n): (OrganisationId, i64)) -> Done<()> {
    sqlx::query!(
        "UPDATE audit_head SET n = r.n, h = r.h FROM audit_record r
         WHERE r.organisation = $1 AND r.n = $2 AND audit_head.organisation = $1",
        of.uuid(),
        n
    )
    .execute(copy)
    .await?;
    Ok(())
}
