//! All SQL of reports, one function per statement.

use signaling::PersonId;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::types::Ground;

type Done<T> = Result<T, sqlx::Error>;

/// An open report as the desk sees it.
#[derive(Clone, Debug)]
pub(super) struct Reported {
    pub ground: String,
    pub text: Option<String>,
    pub at: OffsetDateTime,
    pub due: Date,
}

/// A report as whoever made it sees it.
#[derive(Clone, Debug)]
pub(super) struct OwnReport {
    pub number: i64,
    pub ground: String,
    pub at: OffsetDateTime,
    pub due: Date,
    pub outcome: Option<String>,
    pub word: Option<String>,
}

/// Keeps a report; a second one of the same reader changes nothing.
pub(super) async fn insert(
    connection: &mut PgConnection,
    (id, post, person): (Uuid, Uuid, PersonId),
    (ground, text): (Ground, Option<&str>),
    (now, due): (OffsetDateTime, Date),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO board_report (id, post, person, ground, text, at, due)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT ON CONSTRAINT board_report_once DO NOTHING",
        id,
        post,
        person.uuid(),
        ground.word(),
        text,
        now,
        due
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Reports of a reader since a moment.
pub(super) async fn count_of(
    connection: &mut PgConnection,
    person: PersonId,
    since: OffsetDateTime,
) -> Done<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM board_report WHERE person = $1 AND at > $2"#,
        person.uuid(),
        since
    )
    .fetch_one(connection)
    .await
}

/// Decides the open reports of a post; returns how many there were.
pub(super) async fn decide(
    connection: &mut PgConnection,
    post: Uuid,
    (outcome, word): (&str, Option<&str>),
    (by, now): (PersonId, OffsetDateTime),
) -> Done<u64> {
    let done = sqlx::query!(
        "UPDATE board_report SET outcome = $2, word = $3, decided_by = $4, decided_at = $5
         WHERE post = $1 AND outcome IS NULL",
        post,
        outcome,
        word,
        by.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Open reports of a post, the first to decide first.
pub(super) async fn open_of(
    connection: &mut PgConnection,
    post: Uuid,
    limit: i64,
) -> Done<Vec<Reported>> {
    sqlx::query_as!(
        Reported,
        "SELECT ground, text, at, due FROM board_report
         WHERE post = $1 AND outcome IS NULL ORDER BY due, at LIMIT $2",
        post,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Reports of a reader, the newest first.
pub(super) async fn own(
    connection: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Done<Vec<OwnReport>> {
    sqlx::query_as!(
        OwnReport,
        "SELECT p.number, r.ground, r.at, r.due, r.outcome, r.word
         FROM board_report r JOIN board_post p ON p.id = r.post
         WHERE r.person = $1 ORDER BY r.at DESC LIMIT $2",
        person.uuid(),
        limit
    )
    .fetch_all(connection)
    .await
}
