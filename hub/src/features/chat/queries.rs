//! All SQL of the chat, one function per statement.

use signaling::event::EventKind;
use signaling::rpc::chat::{ReadMarked, RoomMember};
use signaling::{PersonId, RoomId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::types::{LastRow, LaterRow, Line, RoomRow, StoredMessage};
use crate::timeline::{kind_of, millis, role_of};

/// Whether a person is a member of a room that exists.
pub(super) async fn is_member(
    connection: &mut PgConnection,
    room: RoomId,
    person: PersonId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM member WHERE room = $1 AND person = $2) AS "member!""#,
        room.uuid(),
        person.uuid()
    )
    .fetch_one(connection)
    .await
}

/// Place and time of an event by its author's own id.
pub(super) async fn place_of(
    connection: &mut PgConnection,
    room: RoomId,
    author: PersonId,
    cid: &str,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT seq, ts FROM event WHERE room = $1 AND author = $2 AND cid = $3",
        room.uuid(),
        author.uuid(),
        cid
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.seq, millis(row.ts))))
}

/// A message of a room by its place.
pub(super) async fn message(
    connection: &mut PgConnection,
    room: RoomId,
    seq: i64,
) -> Result<Option<StoredMessage>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT author, ts, body IS NOT NULL AS "has_text!"
           FROM event WHERE room = $1 AND seq = $2 AND kind = 1"#,
        room.uuid(),
        seq
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| StoredMessage {
        author: PersonId(row.author),
        ts: millis(row.ts),
        has_text: row.has_text,
    }))
}

/// The places of the edits of a message.
pub(super) async fn edits_of(
    connection: &mut PgConnection,
    room: RoomId,
    seq: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT seq FROM event WHERE room = $1 AND ref = $2 AND kind = 2",
        room.uuid(),
        seq
    )
    .fetch_all(connection)
    .await
}

/// The rooms of a person, last activity first. Mentions are counted among the last 200 unread.
pub(super) async fn rooms_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Vec<RoomRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT r.id, r.kind, r.title, m.role, h.last_seq,
                  greatest(h.countable - coalesce(k.nth, 0), 0) AS "unread!",
                  coalesce(k.seq, 0) AS "read_seq!",
                  (SELECT count(*) FROM member c WHERE c.room = r.id) AS "members!",
                  (SELECT count(*) FROM (
                       SELECT e.body FROM event e
                       WHERE e.room = r.id AND e.kind = 1 AND e.seq > coalesce(k.seq, 0)
                         AND e.seq >= m.visible_from
                       ORDER BY e.seq DESC LIMIT 200) u
                   WHERE u.body LIKE '%"mentions":[%' || m.person || '%') AS "mentions!",
                  l.seq AS "last_seq_shown?", l.author AS "last_author?", l.ts AS "last_ts?",
                  l.body AS "last_body?", p.name AS "last_name?",
                  (SELECT x.body::json ->> 'text' FROM event x
                   WHERE x.room = r.id AND x.ref = l.seq AND x.kind = 2
                   ORDER BY x.seq DESC LIMIT 1) AS last_edit
           FROM member m
           JOIN room r ON r.id = m.room
           JOIN room_head h ON h.room = m.room
           LEFT JOIN read_marker k ON k.room = m.room AND k.person = m.person
           LEFT JOIN LATERAL (
               SELECT e.seq, e.author, e.ts, e.body FROM event e
               WHERE e.room = r.id AND e.kind = 1 AND e.body IS NOT NULL
                 AND e.seq >= m.visible_from
               ORDER BY e.seq DESC LIMIT 1) l ON true
           LEFT JOIN person p ON p.id = l.author
           WHERE m.person = $1 AND r.kind <> 'inbox'
           ORDER BY coalesce(l.ts, r.created_at) DESC, r.id"#,
        person.uuid()
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| RoomRow {
        room: RoomId(row.id),
        title: row.title,
        kind: kind_of(&row.kind),
        role: role_of(&row.role),
        members: row.members,
        top: row.last_seq,
        unread: row.unread,
        mentions: row.mentions,
        read_seq: row.read_seq,
        last: (|| {
            Some(LastRow {
                seq: row.last_seq_shown?,
                from: PersonId(row.last_author?),
                name: row.last_name?,
                body: row.last_body?,
                edited: row.last_edit,
                ts: millis(row.last_ts?),
            })
        })(),
    });
    Ok(rows.collect())
}

/// The members of a room, leaders first, then by name.
pub(super) async fn members_of(
    connection: &mut PgConnection,
    room: RoomId,
) -> Result<Vec<RoomMember>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT p.id, p.name, m.role FROM member m JOIN person p ON p.id = m.person
         WHERE m.room = $1 ORDER BY m.role, p.name, p.id",
        room.uuid()
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| RoomMember {
        person: PersonId(row.id),
        name: row.name,
        role: role_of(&row.role),
    });
    Ok(rows.collect())
}

/// Who of `people` is a member of which of `rooms`: a row per room.
pub(super) async fn members_among(
    connection: &mut PgConnection,
    rooms: &[Uuid],
    people: &[Uuid],
) -> Result<Vec<(RoomId, Vec<Uuid>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT room, array_agg(person) AS "people!" FROM member
           WHERE room = ANY ($1) AND person = ANY ($2) GROUP BY room"#,
        rooms,
        people
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (RoomId(row.room), row.people)).collect())
}

/// Moves a read marker forward, never back, at most to the top; `None` for a stranger.
pub(super) async fn mark_read(
    connection: &mut PgConnection,
    (room, person): (RoomId, PersonId),
    seq: i64,
    now: OffsetDateTime,
) -> Result<Option<ReadMarked>, sqlx::Error> {
    let row = sqlx::query!(
        r#"INSERT INTO read_marker AS k (room, person, seq, nth, read_at)
           SELECT m.room, m.person, least($3, h.last_seq),
                  coalesce((SELECT e.nth FROM event e
                            WHERE e.room = m.room AND e.seq <= least($3, h.last_seq)
                            ORDER BY e.seq DESC LIMIT 1), 0),
                  $4
           FROM member m JOIN room_head h ON h.room = m.room
           WHERE m.room = $1 AND m.person = $2
           ON CONFLICT (room, person) DO UPDATE
           SET seq = greatest(k.seq, excluded.seq), nth = greatest(k.nth, excluded.nth),
               read_at = excluded.read_at
           RETURNING seq, greatest(0, (SELECT h.countable FROM room_head h WHERE h.room = $1) - nth)
               AS "unread!""#,
        room.uuid(),
        person.uuid(),
        seq,
        now
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| ReadMarked { seq: row.seq, unread: row.unread }))
}

/// A line as it is stored.
struct LineRow {
    seq: i64,
    nth: i64,
    author: Uuid,
    cid: String,
    ts: OffsetDateTime,
    kind: i16,
    body: Option<String>,
}

impl From<LineRow> for Line {
    fn from(row: LineRow) -> Self {
        let message = (row.kind == EventKind::Message.code()).then_some(row.body.as_deref());
        Self {
            seq: row.seq,
            nth: row.nth,
            author: PersonId(row.author),
            cid: row.cid,
            ts: millis(row.ts),
            kind: row.kind,
            message: message.flatten().and_then(|body| serde_json::from_str(body).ok()),
            body: row.body,
        }
    }
}

/// The lines of a room between two places (exclusive), newest first.
pub(super) async fn lines_before(
    connection: &mut PgConnection,
    room: RoomId,
    (from, before): (i64, i64),
    limit: i64,
) -> Result<Vec<Line>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LineRow,
        "SELECT seq, nth, author, cid, ts, kind, body FROM event
         WHERE room = $1 AND seq >= $2 AND seq < $3 AND kind IN (1, 10, 11, 12, 14, 15)
         ORDER BY seq DESC LIMIT $4",
        room.uuid(),
        from,
        before,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Line::from).collect())
}

/// The lines of a room from a place on, oldest first.
pub(super) async fn lines_after(
    connection: &mut PgConnection,
    room: RoomId,
    after: i64,
    limit: i64,
) -> Result<Vec<Line>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LineRow,
        "SELECT seq, nth, author, cid, ts, kind, body FROM event
         WHERE room = $1 AND seq > $2 AND kind IN (1, 10, 11, 12, 14, 15)
         ORDER BY seq LIMIT $3",
        room.uuid(),
        after,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Line::from).collect())
}

/// The lines of a room at these places.
pub(super) async fn lines_at(
    connection: &mut PgConnection,
    room: RoomId,
    seqs: &[i64],
) -> Result<Vec<Line>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LineRow,
        "SELECT seq, nth, author, cid, ts, kind, body FROM event
         WHERE room = $1 AND seq = ANY ($2)",
        room.uuid(),
        seqs
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Line::from).collect())
}

/// Messages of a room by their places, as they were first written.
pub(super) async fn messages_at(
    connection: &mut PgConnection,
    room: RoomId,
    seqs: &[i64],
) -> Result<Vec<(i64, PersonId, Option<String>)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT seq, author, body FROM event WHERE room = $1 AND seq = ANY ($2) AND kind = 1",
        room.uuid(),
        seqs
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.seq, PersonId(row.author), row.body)).collect())
}

/// Edits, withdrawals and hidings of the messages at these places, in their order.
pub(super) async fn later_about(
    connection: &mut PgConnection,
    room: RoomId,
    seqs: &[i64],
) -> Result<Vec<LaterRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT ref AS "of!", kind, body FROM event
           WHERE room = $1 AND ref = ANY ($2) AND kind IN (2, 3, 4) ORDER BY seq"#,
        room.uuid(),
        seqs
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LaterRow { of: row.of, kind: row.kind, body: row.body })
        .collect())
}

/// Names of people.
pub(super) async fn names_of(
    connection: &mut PgConnection,
    people: &[Uuid],
) -> Result<Vec<(PersonId, String)>, sqlx::Error> {
    let rows = sqlx::query!("SELECT id, name FROM person WHERE id = ANY ($1)", people)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.id), row.name)).collect())
}
