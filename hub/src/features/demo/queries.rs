//! All SQL of the demo data.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Plan;

/// One hub at a time makes demo data.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("LOCK TABLE demo IN EXCLUSIVE MODE").execute(connection).await?;
    Ok(())
}

/// The plan of the demo data in this database.
pub(super) async fn made(connection: &mut PgConnection) -> Result<Option<Plan>, sqlx::Error> {
    let row = sqlx::query!("SELECT seed, start_date, members FROM demo")
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| Plan {
        seed: row.seed.cast_unsigned(),
        start: row.start_date,
        members: u16::try_from(row.members).unwrap_or_default(),
    }))
}

/// Whether anybody is in the database.
pub(super) async fn has_people(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM person) AS "some!""#)
        .fetch_one(connection)
        .await
}

/// Writes down what was made.
pub(super) async fn mark(
    connection: &mut PgConnection,
    plan: &Plan,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO demo (seed, start_date, members, made_at) VALUES ($1, $2, $3, $4)",
        plan.seed.cast_signed(),
        plan.start,
        i32::from(plan.members),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}
