//! All SQL of the log.

use signaling::event::EventKind;
use signaling::limits::LOOP_BATCH_ROWS_MAX;
use signaling::{PersonId, RoomId};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use super::locked::role_of;
use super::types::{Append, Committed, Epoch, Slice, Standing, Top};
use crate::error::InconsistentRow;

/// What became of one row of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    New(Place),
    /// The same author had written the same `cid` before.
    Repeat(Place),
    /// No such room, or the author is not a member.
    Refused,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) seq: i64,
    pub(super) nth: i64,
    /// Milliseconds since 1970-01-01 UTC.
    pub(super) ts: i64,
    /// Second half of the room's epoch.
    pub(super) epoch: i32,
}

/// A batch as parallel arrays: sorted by room, no `(room, author, cid)` twice.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    rooms: Vec<Uuid>,
    authors: Vec<Uuid>,
    cids: Vec<&'a str>,
    kinds: Vec<i16>,
    counts: Vec<bool>,
    references: Vec<Option<i64>>,
    bodies: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(rows: impl Iterator<Item = &'a Append>) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.rooms.push(row.room.uuid());
            columns.authors.push(row.author.uuid());
            columns.cids.push(&row.cid);
            columns.kinds.push(row.kind.code());
            columns.counts.push(row.kind.countable());
            columns.references.push(row.reference);
            columns.bodies.push(&row.body);
        }
        columns
    }
}

/// Writes a batch in a transaction of its own and tells what became of each row, in order.
pub(super) async fn append(
    connection: &mut PgConnection,
    batch: &Columns<'_>,
) -> Result<Vec<Outcome>, sqlx::Error> {
    if batch.rooms.len() <= LOOP_BATCH_ROWS_MAX {
        append_loop(connection, batch).await
    } else {
        append_set(connection, batch).await
    }
}

/// One statement for all rows: cheap for many.
pub(super) async fn append_set(
    connection: &mut PgConnection,
    batch: &Columns<'_>,
) -> Result<Vec<Outcome>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT outcome AS "outcome!", seq, nth, ts, epoch
           FROM timeline_append_set($1, $2, $3, $4, $5, $6, $7)"#,
        &batch.rooms,
        &batch.authors,
        &batch.cids as &[&str],
        &batch.kinds,
        &batch.counts,
        &batch.references as &[Option<i64>],
        &batch.bodies as &[&str],
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| outcome(row.outcome, row.seq, row.nth, row.ts, row.epoch)).collect()
}

/// Plain statements per row: cheap for few.
pub(super) async fn append_loop(
    connection: &mut PgConnection,
    batch: &Columns<'_>,
) -> Result<Vec<Outcome>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT outcomes AS "outcomes!: Vec<i16>", seqs AS "seqs!: Vec<Option<i64>>",
                  nths AS "nths!: Vec<Option<i64>>",
                  times AS "times!: Vec<Option<OffsetDateTime>>",
                  epochs AS "epochs!: Vec<Option<i32>>"
           FROM timeline_append_loop($1, $2, $3, $4, $5, $6, $7)"#,
        &batch.rooms,
        &batch.authors,
        &batch.cids as &[&str],
        &batch.kinds,
        &batch.counts,
        &batch.references as &[Option<i64>],
        &batch.bodies as &[&str],
    )
    .fetch_one(connection)
    .await?;
    let places = row.seqs.into_iter().zip(row.nths).zip(row.times.into_iter().zip(row.epochs));
    row.outcomes
        .into_iter()
        .zip(places)
        .map(|(code, ((seq, nth), (ts, epoch)))| outcome(code, seq, nth, ts, epoch))
        .collect()
}

fn outcome(
    code: i16,
    seq: Option<i64>,
    nth: Option<i64>,
    ts: Option<OffsetDateTime>,
    epoch: Option<i32>,
) -> Result<Outcome, sqlx::Error> {
    let place = match (seq, nth, ts, epoch) {
        (Some(seq), Some(nth), Some(ts), Some(epoch)) => {
            Some(Place { seq, nth, ts: millis(ts), epoch })
        }
        _ => None,
    };
    match (code, place) {
        (0, Some(place)) => Ok(Outcome::New(place)),
        (1, Some(place)) => Ok(Outcome::Repeat(place)),
        (2, _) => Ok(Outcome::Refused),
        _ => Err(sqlx::Error::Decode(format!("unknown outcome {code} of an append").into())),
    }
}

/// First half of every room's epoch.
pub(super) async fn store_epoch(executor: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("SELECT epoch FROM store").fetch_one(executor).await
}

/// Which of these rooms somebody else has locked at this moment. Waits for nobody.
pub(super) async fn locked_now(
    executor: impl PgExecutor<'_>,
    rooms: &[Uuid],
) -> Result<Vec<RoomId>, sqlx::Error> {
    let rooms = sqlx::query_scalar!(
        "WITH free AS MATERIALIZED (
             SELECT room FROM room_head WHERE room = ANY ($1) ORDER BY room
             FOR UPDATE SKIP LOCKED
         )
         SELECT h.room FROM room_head h
         WHERE h.room = ANY ($1) AND NOT EXISTS (SELECT 1 FROM free f WHERE f.room = h.room)",
        rooms
    )
    .fetch_all(executor)
    .await?;
    Ok(rooms.into_iter().map(RoomId).collect())
}

/// A row of the log beside the head it was read with; the event is missing where none matched.
struct SliceRow {
    last_seq: i64,
    countable: i64,
    room_epoch: i32,
    store_epoch: i64,
    seq: Option<i64>,
    nth: Option<i64>,
    author: Option<Uuid>,
    cid: Option<String>,
    ts: Option<OffsetDateTime>,
    kind: Option<i16>,
    reference: Option<i64>,
    body: Option<String>,
}

impl SliceRow {
    fn top(&self) -> Top {
        Top {
            seq: self.last_seq,
            countable: self.countable,
            epoch: Epoch::from_columns(self.store_epoch, self.room_epoch),
        }
    }

    fn event(self, room: RoomId) -> Result<Option<Committed>, sqlx::Error> {
        let epoch = Epoch::from_columns(self.store_epoch, self.room_epoch);
        let (Some(seq), Some(nth), Some(author), Some(cid), Some(ts), Some(code)) =
            (self.seq, self.nth, self.author, self.cid, self.ts, self.kind)
        else {
            return Ok(None);
        };
        let kind = EventKind::from_code(code).ok_or_else(|| {
            let row =
                InconsistentRow { table: "event", column: "kind", id: format!("{room}/{seq}") };
            sqlx::Error::Decode(Box::new(row))
        })?;
        let author = PersonId(author);
        let ts = millis(ts);
        let (reference, body) = (self.reference, self.body);
        Ok(Some(Committed { room, epoch, seq, nth, author, cid, ts, kind, reference, body }))
    }
}

fn slice(room: RoomId, rows: Vec<SliceRow>) -> Result<Option<Slice>, sqlx::Error> {
    let Some(top) = rows.first().map(SliceRow::top) else { return Ok(None) };
    let events =
        rows.into_iter().filter_map(|row| row.event(room).transpose()).collect::<Result<_, _>>()?;
    Ok(Some(Slice { top, events }))
}

/// Events above `after`, oldest first, with the head of the same moment.
pub(super) async fn since(
    executor: impl PgExecutor<'_>,
    room: RoomId,
    after: i64,
    limit: i64,
) -> Result<Option<Slice>, sqlx::Error> {
    let rows = sqlx::query_as!(
        SliceRow,
        r#"SELECT h.last_seq, h.countable, h.epoch AS room_epoch, s.epoch AS store_epoch,
                  e.seq AS "seq?", e.nth AS "nth?", e.author AS "author?", e.cid AS "cid?",
                  e.ts AS "ts?", e.kind AS "kind?", e.ref AS "reference?", e.body AS "body?"
           FROM room_head h CROSS JOIN store s
           LEFT JOIN LATERAL (
               SELECT * FROM event e WHERE e.room = h.room AND e.seq > $2
               ORDER BY e.seq LIMIT $3
           ) e ON true
           WHERE h.room = $1 ORDER BY e.seq"#,
        room.uuid(),
        after,
        limit
    )
    .fetch_all(executor)
    .await?;
    slice(room, rows)
}

/// Events below `before`, newest first, with the head of the same moment.
pub(super) async fn before(
    executor: impl PgExecutor<'_>,
    room: RoomId,
    before: i64,
    limit: i64,
) -> Result<Option<Slice>, sqlx::Error> {
    let rows = sqlx::query_as!(
        SliceRow,
        r#"SELECT h.last_seq, h.countable, h.epoch AS room_epoch, s.epoch AS store_epoch,
                  e.seq AS "seq?", e.nth AS "nth?", e.author AS "author?", e.cid AS "cid?",
                  e.ts AS "ts?", e.kind AS "kind?", e.ref AS "reference?", e.body AS "body?"
           FROM room_head h CROSS JOIN store s
           LEFT JOIN LATERAL (
               SELECT * FROM event e WHERE e.room = h.room AND e.seq < $2
               ORDER BY e.seq DESC LIMIT $3
           ) e ON true
           WHERE h.room = $1 ORDER BY e.seq DESC"#,
        room.uuid(),
        before,
        limit
    )
    .fetch_all(executor)
    .await?;
    slice(room, rows)
}

/// The named rooms whose head stands elsewhere than named.
pub(super) async fn moved(
    executor: impl PgExecutor<'_>,
    known: &[(RoomId, i64, Epoch)],
) -> Result<Vec<(RoomId, Top)>, sqlx::Error> {
    let rooms: Vec<Uuid> = known.iter().map(|(room, ..)| room.uuid()).collect();
    let seqs: Vec<i64> = known.iter().map(|(_, seq, _)| *seq).collect();
    let stores: Vec<i64> = known.iter().map(|(.., epoch)| i64::from(epoch.store)).collect();
    let epochs: Vec<i64> = known.iter().map(|(.., epoch)| i64::from(epoch.room)).collect();
    let rows = sqlx::query!(
        r#"SELECT h.room, h.last_seq, h.countable, h.epoch AS room_epoch, s.epoch AS store_epoch
           FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
                    AS k (room, seq, store, epoch)
           JOIN room_head h ON h.room = k.room
           CROSS JOIN store s
           WHERE h.last_seq <> k.seq OR s.epoch <> k.store OR h.epoch <> k.epoch"#,
        &rooms,
        &seqs,
        &stores,
        &epochs
    )
    .fetch_all(executor)
    .await?;
    let top = |last_seq, countable, store, room| Top {
        seq: last_seq,
        countable,
        epoch: Epoch::from_columns(store, room),
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            (RoomId(row.room), top(row.last_seq, row.countable, row.store_epoch, row.room_epoch))
        })
        .collect())
}

/// What each person may see of the room named beside them, with the head of the same moment, in
/// the order of the questions; `None` where the person is no member.
pub(super) async fn standings(
    executor: impl PgExecutor<'_>,
    asked: &[(PersonId, RoomId)],
) -> Result<Vec<Option<Standing>>, sqlx::Error> {
    let people: Vec<Uuid> = asked.iter().map(|(person, _)| person.uuid()).collect();
    let rooms: Vec<Uuid> = asked.iter().map(|(_, room)| room.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT a.nr AS "nr!", m.role, m.visible_from, h.last_seq, h.countable,
                  h.epoch AS room_epoch, s.epoch AS store_epoch
           FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS a (person, room, nr)
           JOIN member m ON m.room = a.room AND m.person = a.person
           JOIN room_head h ON h.room = a.room CROSS JOIN store s"#,
        &people,
        &rooms
    )
    .fetch_all(executor)
    .await?;
    let mut standings = vec![None; asked.len()];
    for row in rows {
        let epoch = Epoch::from_columns(row.store_epoch, row.room_epoch);
        let top = Top { seq: row.last_seq, countable: row.countable, epoch };
        let standing = Standing { role: role_of(&row.role), visible_from: row.visible_from, top };
        let place = usize::try_from(row.nr).ok().and_then(|nr| nr.checked_sub(1));
        if let Some(place) = place.and_then(|place| standings.get_mut(place)) {
            *place = Some(standing);
        }
    }
    Ok(standings)
}

/// Whole milliseconds since 1970-01-01 UTC.
#[must_use]
pub fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or_default()
}
