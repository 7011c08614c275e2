//! All SQL of the word lists, one function per statement.

use signaling::PersonId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rules::Treatment;
use crate::error::{InconsistentRow, Result};

type Done<T> = Result<T, sqlx::Error>;

/// A word of a list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub id: Uuid,
    pub word: String,
    pub treatment: Treatment,
}

/// A word with who entered it and when.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub id: Uuid,
    pub word: String,
    pub treatment: String,
    pub by: String,
    pub at: OffsetDateTime,
}

/// The words of now.
pub(super) async fn in_force(connection: &mut PgConnection) -> Result<Vec<Entry>> {
    let rows = sqlx::query!("SELECT id, word, treatment FROM word_entry WHERE in_force")
        .fetch_all(connection)
        .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let broken =
            || InconsistentRow { table: "word_entry", column: "treatment", id: row.id.to_string() };
        let treatment = Treatment::of(&row.treatment).ok_or_else(broken)?;
        entries.push(Entry { id: row.id, word: row.word, treatment });
    }
    Ok(entries)
}

/// The words of now for the page, by list and word.
pub(super) async fn told(connection: &mut PgConnection) -> Done<Vec<Told>> {
    sqlx::query_as!(
        Told,
        r#"SELECT w.id, w.word, w.treatment, p.name AS by, w.from_at AS at
           FROM word_entry w JOIN person p ON p.id = w.begun_by
           WHERE w.in_force ORDER BY w.treatment, w.word"#
    )
    .fetch_all(connection)
    .await
}

/// Makes changes of the lists follow each other.
pub(super) async fn lock(connection: &mut PgConnection) -> Done<()> {
    sqlx::query!("LOCK TABLE word_entry IN SHARE ROW EXCLUSIVE MODE").execute(connection).await?;
    Ok(())
}

/// Enters a word.
pub(super) async fn insert(
    connection: &mut PgConnection,
    (id, word, treatment): (Uuid, &str, Treatment),
    (by, now): (PersonId, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO word_entry (id, word, treatment, from_at, begun_by)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT word_entry_once DO NOTHING",
        id,
        word,
        treatment.word(),
        now,
        by.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a word off; `false` where it does not stand.
pub(super) async fn end(
    connection: &mut PgConnection,
    id: Uuid,
    (by, now): (PersonId, OffsetDateTime),
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE word_entry SET until_at = $2, ended_by = $3 WHERE id = $1 AND until_at IS NULL",
        id,
        now,
        by.uuid()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
