//! SQL of reactions, pins, readers and versions, one function per statement.

use std::collections::HashSet;

use signaling::rpc::chat::Reader;
use signaling::{PersonId, RoomId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::types::{Mark, Membership, ReactionRow};
use crate::timeline::{millis, role_of};

/// What a person is in a room; `None` for a stranger.
pub(super) async fn membership(
    connection: &mut PgConnection,
    room: RoomId,
    person: PersonId,
) -> Result<Option<Membership>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT role, visible_from FROM member WHERE room = $1 AND person = $2",
        room.uuid(),
        person.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Membership { role: role_of(&row.role), visible_from: row.visible_from }))
}

/// The last change of one reaction of a member.
pub(super) async fn reaction_of(
    connection: &mut PgConnection,
    (room, seq): (RoomId, i64),
    author: PersonId,
    emoji: &str,
) -> Result<Option<Mark>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT seq, ts, (body::json ->> 'on')::boolean AS "on!" FROM event
           WHERE room = $1 AND ref = $2 AND kind = 5 AND author = $3
             AND body::json ->> 'emoji' = $4
           ORDER BY seq DESC LIMIT 1"#,
        room.uuid(),
        seq,
        author.uuid(),
        emoji
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Mark { seq: row.seq, ts: millis(row.ts), on: row.on }))
}

/// How many other reactions than this one a message was ever given.
pub(super) async fn other_reactions(
    connection: &mut PgConnection,
    (room, seq): (RoomId, i64),
    emoji: &str,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(DISTINCT body::json ->> 'emoji') AS "count!" FROM event
           WHERE room = $1 AND ref = $2 AND kind = 5 AND body::json ->> 'emoji' <> $3"#,
        room.uuid(),
        seq,
        emoji
    )
    .fetch_one(connection)
    .await
}

/// The reactions that stand on these messages, each message's first one first.
pub(super) async fn reactions_about(
    connection: &mut PgConnection,
    room: RoomId,
    seqs: &[i64],
) -> Result<Vec<ReactionRow>, sqlx::Error> {
    sqlx::query_as!(
        ReactionRow,
        r#"SELECT l.ref AS "of!", l.emoji AS "emoji!", count(*) AS "count!"
           FROM (SELECT DISTINCT ON (e.ref, e.author, e.body::json ->> 'emoji')
                        e.ref, e.author, e.seq, e.body::json ->> 'emoji' AS emoji,
                        (e.body::json ->> 'on')::boolean AS is_on
                 FROM event e WHERE e.room = $1 AND e.ref = ANY ($2) AND e.kind = 5
                 ORDER BY e.ref, e.author, e.body::json ->> 'emoji', e.seq DESC) l
           WHERE l.is_on GROUP BY l.ref, l.emoji ORDER BY l.ref, min(l.seq)"#,
        room.uuid(),
        seqs
    )
    .fetch_all(connection)
    .await
}

/// Which reactions of one member stand on these messages.
pub(super) async fn reactions_by(
    connection: &mut PgConnection,
    (room, author): (RoomId, PersonId),
    seqs: &[i64],
) -> Result<HashSet<(i64, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT l.ref AS "of!", l.emoji AS "emoji!"
           FROM (SELECT DISTINCT ON (ref, body::json ->> 'emoji')
                        ref, body::json ->> 'emoji' AS emoji,
                        (body::json ->> 'on')::boolean AS is_on
                 FROM event WHERE room = $1 AND ref = ANY ($2) AND kind = 5 AND author = $3
                 ORDER BY ref, body::json ->> 'emoji', seq DESC) l
           WHERE l.is_on"#,
        room.uuid(),
        seqs,
        author.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.of, row.emoji)).collect())
}

/// The last pinning or unpinning of a message.
pub(super) async fn pin_of(
    connection: &mut PgConnection,
    room: RoomId,
    seq: i64,
) -> Result<Option<Mark>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT seq, ts, (body::json ->> 'on')::boolean AS "on!" FROM event
           WHERE room = $1 AND ref = $2 AND kind = 6 ORDER BY seq DESC LIMIT 1"#,
        room.uuid(),
        seq
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Mark { seq: row.seq, ts: millis(row.ts), on: row.on }))
}

/// The pinned messages that have their text, from a place on, last pinned first.
pub(super) async fn pins(
    connection: &mut PgConnection,
    room: RoomId,
    from: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT l.ref AS "seq!"
           FROM (SELECT DISTINCT ON (ref) ref, seq, (body::json ->> 'on')::boolean AS is_on
                 FROM event WHERE room = $1 AND kind = 6 AND ref >= $2
                 ORDER BY ref, seq DESC) l
           JOIN event m ON m.room = $1 AND m.seq = l.ref AND m.body IS NOT NULL
           WHERE l.is_on ORDER BY l.seq DESC"#,
        room.uuid(),
        from
    )
    .fetch_all(connection)
    .await
}

/// Which of these messages are pinned.
pub(super) async fn pinned_among(
    connection: &mut PgConnection,
    room: RoomId,
    seqs: &[i64],
) -> Result<HashSet<i64>, sqlx::Error> {
    let pinned = sqlx::query_scalar!(
        r#"SELECT l.ref AS "seq!"
           FROM (SELECT DISTINCT ON (ref) ref, (body::json ->> 'on')::boolean AS is_on
                 FROM event WHERE room = $1 AND kind = 6 AND ref = ANY ($2)
                 ORDER BY ref, seq DESC) l
           WHERE l.is_on"#,
        room.uuid(),
        seqs
    )
    .fetch_all(connection)
    .await?;
    Ok(pinned.into_iter().collect())
}

/// How many members but the author have read up to a message, and how many may see it.
pub(super) async fn count_readers(
    connection: &mut PgConnection,
    (room, seq): (RoomId, i64),
    author: PersonId,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE k.seq >= $2) AS "read!", count(*) AS "all!"
           FROM member m LEFT JOIN read_marker k ON k.room = m.room AND k.person = m.person
           WHERE m.room = $1 AND m.person <> $3 AND m.visible_from <= $2"#,
        room.uuid(),
        seq,
        author.uuid()
    )
    .fetch_one(connection)
    .await?;
    Ok((row.read, row.all))
}

/// The members but the author who have read up to a message, by name.
pub(super) async fn readers(
    connection: &mut PgConnection,
    (room, seq): (RoomId, i64),
    author: PersonId,
    limit: i64,
) -> Result<Vec<Reader>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT p.id, p.name
         FROM member m
         JOIN read_marker k ON k.room = m.room AND k.person = m.person AND k.seq >= $2
         JOIN person p ON p.id = m.person
         WHERE m.room = $1 AND m.person <> $3 AND m.visible_from <= $2
         ORDER BY p.name, p.id LIMIT $4",
        room.uuid(),
        seq,
        author.uuid(),
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Reader { person: PersonId(row.id), name: row.name }).collect())
}

/// A message and its edits that have their text, oldest first: place, time, payload. The message
/// itself and the latest edits, `limit` in all.
pub(super) async fn versions(
    connection: &mut PgConnection,
    room: RoomId,
    seq: i64,
    limit: i64,
) -> Result<Vec<(i64, i64, String)>, sqlx::Error> {
    let mut rows = sqlx::query!(
        r#"SELECT seq, ts, body AS "body!" FROM event
           WHERE room = $1 AND body IS NOT NULL
             AND (seq = $2 OR (ref = $2 AND kind = 2))
           ORDER BY (seq = $2) DESC, seq DESC LIMIT $3"#,
        room.uuid(),
        seq,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.sort_by_key(|row| row.seq);
    Ok(rows.into_iter().map(|row| (row.seq, millis(row.ts), row.body)).collect())
}

/// Who of these people hides their presence.
pub(super) async fn hidden_among(
    connection: &mut PgConnection,
    people: &[Uuid],
) -> Result<HashSet<PersonId>, sqlx::Error> {
    let hidden =
        sqlx::query_scalar!("SELECT person FROM presence_hidden WHERE person = ANY ($1)", people)
            .fetch_all(connection)
            .await?;
    Ok(hidden.into_iter().map(PersonId).collect())
}

/// Hides a person's presence.
pub(super) async fn hide_presence(
    connection: &mut PgConnection,
    person: PersonId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO presence_hidden (person, since) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        person.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Shows a person's presence again.
pub(super) async fn show_presence(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM presence_hidden WHERE person = $1", person.uuid())
        .execute(connection)
        .await?;
    Ok(())
}
