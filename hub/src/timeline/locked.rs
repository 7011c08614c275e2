//! Commands that change more than the log: the heads of their rooms are taken first, everything
//! else is read and written under that lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use signaling::event::chat::RoomRole;
use signaling::rpc::chat::RoomKind;
use signaling::{PersonId, RoomId};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::queries::{self, millis};
use super::types::{Append, AppendError, Appended, Committed, Epoch, Top};

/// Rooms whose heads this transaction holds, and what was appended under them.
///
/// Taking them is the first statement of a command: a membership read before the lock was held
/// may be an old one. Nothing here checks membership; the command has decided who may.
#[derive(Debug)]
pub struct Locked {
    store_epoch: i64,
    heads: BTreeMap<RoomId, Head>,
    events: Vec<Arc<Committed>>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    seq: i64,
    countable: i64,
    epoch: i32,
}

/// A room to be made.
#[derive(Clone, Debug)]
pub struct NewRoom {
    pub id: RoomId,
    pub kind: RoomKind,
    /// At most 200 characters; empty for an inbox.
    pub title: String,
    /// Days before joining that a new member may read: `Some(0)` nothing, `None` everything.
    pub history_days: Option<u16>,
    pub created_at: OffsetDateTime,
}

/// The word of a kind in the column `room.kind`.
const fn kind_word(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::PartyGroup => "party_group",
        RoomKind::Branch => "branch",
        RoomKind::JointBranch => "joint_branch",
        RoomKind::Inbox => "inbox",
        RoomKind::DelegateThread => "delegate_thread",
        RoomKind::Meeting => "meeting",
    }
}

/// The kind behind a word of the column `room.kind`, which a check bounds.
#[must_use]
pub fn kind_of(word: &str) -> RoomKind {
    match word {
        "branch" => RoomKind::Branch,
        "joint_branch" => RoomKind::JointBranch,
        "inbox" => RoomKind::Inbox,
        "delegate_thread" => RoomKind::DelegateThread,
        "meeting" => RoomKind::Meeting,
        _ => RoomKind::PartyGroup,
    }
}

const fn role_word(role: RoomRole) -> &'static str {
    match role {
        RoomRole::Member => "member",
        RoomRole::Leader => "leader",
    }
}

/// The role behind a word of the column `member.role`, which a check bounds.
#[must_use]
pub fn role_of(word: &str) -> RoomRole {
    if word == "leader" { RoomRole::Leader } else { RoomRole::Member }
}

/// Makes a room with an empty log and no members in one statement, where nothing else is written
/// with it.
pub async fn create_room(db: &PgPool, room: &NewRoom) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH made AS (
             INSERT INTO room (id, kind, title, history_days, created_at)
             VALUES ($1, $2, $3, $4, $5) RETURNING id
         )
         INSERT INTO room_head (room) SELECT id FROM made",
        room.id.uuid(),
        kind_word(room.kind),
        room.title,
        room.history_days.map(i32::from),
        room.created_at
    )
    .execute(db)
    .await?;
    Ok(())
}

impl Locked {
    /// Locks the heads of `rooms` in the order of their ids, as every transaction does. A room
    /// that does not exist is left out; [`Locked::top`] tells.
    pub async fn rooms(
        connection: &mut PgConnection,
        rooms: &[RoomId],
    ) -> Result<Self, sqlx::Error> {
        let ids: Vec<Uuid> = rooms.iter().map(|room| room.uuid()).collect();
        let heads = sqlx::query!(
            "SELECT room, last_seq, countable, epoch FROM room_head
             WHERE room = ANY ($1) ORDER BY room FOR UPDATE",
            &ids
        )
        .fetch_all(&mut *connection)
        .await?;
        let heads = heads
            .into_iter()
            .map(|row| {
                let head = Head { seq: row.last_seq, countable: row.countable, epoch: row.epoch };
                (RoomId(row.room), head)
            })
            .collect();
        let store_epoch = queries::store_epoch(connection).await?;
        Ok(Self { store_epoch, heads, events: Vec::new() })
    }

    /// Where a locked room stands now, what this transaction wrote included.
    #[must_use]
    pub fn top(&self, room: RoomId) -> Option<Top> {
        self.heads.get(&room).map(|head| Top {
            seq: head.seq,
            countable: head.countable,
            epoch: Epoch::from_columns(self.store_epoch, head.epoch),
        })
    }

    /// Makes a room with an empty log and no members; this transaction holds its head.
    pub async fn create(
        &mut self,
        connection: &mut PgConnection,
        room: &NewRoom,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "INSERT INTO room (id, kind, title, history_days, created_at)
             VALUES ($1, $2, $3, $4, $5)",
            room.id.uuid(),
            kind_word(room.kind),
            room.title,
            room.history_days.map(i32::from),
            room.created_at
        )
        .execute(&mut *connection)
        .await?;
        let epoch = sqlx::query_scalar!(
            "INSERT INTO room_head (room) VALUES ($1) RETURNING epoch",
            room.id.uuid()
        )
        .fetch_one(connection)
        .await?;
        self.heads.insert(room.id, Head { seq: 0, countable: 0, epoch });
        Ok(())
    }

    /// Writes one event into a locked room; a repeat of `(room, author, cid)` writes nothing and
    /// returns the first one's place.
    pub async fn append(
        &mut self,
        connection: &mut PgConnection,
        append: Append,
    ) -> Result<Appended, AppendError> {
        append.check()?;
        let fault = |error: sqlx::Error| AppendError::Fault(Arc::new(error));
        let head = self.heads.get_mut(&append.room).ok_or(AppendError::NotMember)?;
        let first = sqlx::query!(
            "SELECT seq, ts FROM event WHERE room = $1 AND author = $2 AND cid = $3",
            append.room.uuid(),
            append.author.uuid(),
            append.cid
        )
        .fetch_optional(&mut *connection)
        .await
        .map_err(fault)?;
        if let Some(first) = first {
            return Ok(Appended { seq: first.seq, ts: millis(first.ts), dup: true });
        }
        let row = sqlx::query!(
            "WITH moved AS (
                 UPDATE room_head SET last_seq = last_seq + 1, countable = countable + $2
                 WHERE room = $1 RETURNING last_seq, countable
             )
             INSERT INTO event (room, author, seq, nth, ts, ref, kind, cid, body)
             SELECT $1, $3, last_seq, countable, date_trunc('milliseconds', clock_timestamp()),
                    $4, $5, $6, $7 FROM moved
             RETURNING seq, nth, ts",
            append.room.uuid(),
            i64::from(append.kind.countable()),
            append.author.uuid(),
            append.reference,
            append.kind.code(),
            append.cid,
            append.body
        )
        .fetch_one(connection)
        .await
        .map_err(fault)?;
        (head.seq, head.countable) = (row.seq, row.nth);
        let ts = millis(row.ts);
        let epoch = Epoch::from_columns(self.store_epoch, head.epoch);
        self.events.push(Arc::new(committed(append, epoch, (row.seq, row.nth), ts)));
        Ok(Appended { seq: row.seq, ts, dup: false })
    }

    /// Makes `person` a member of a locked room, with the history that the room's policy gives,
    /// and marks what came before as read. Returns the first number the member may see, also
    /// where the person was a member already.
    pub async fn admit(
        &self,
        connection: &mut PgConnection,
        room: RoomId,
        (person, role): (PersonId, RoomRole),
        now: OffsetDateTime,
    ) -> Result<i64, sqlx::Error> {
        let head = self.heads.get(&room).ok_or(sqlx::Error::RowNotFound)?;
        let days = sqlx::query_scalar!("SELECT history_days FROM room WHERE id = $1", room.uuid())
            .fetch_one(&mut *connection)
            .await?;
        let visible_from = match days {
            None => 1,
            Some(0) => head.seq.saturating_add(1),
            Some(days) => {
                first_since(connection, room, now - Duration::days(i64::from(days))).await?
            }
        };
        let visible_from = sqlx::query_scalar!(
            "INSERT INTO member (room, person, role, visible_from, joined_seq, joined_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (room, person) DO UPDATE SET role = excluded.role
             RETURNING visible_from",
            room.uuid(),
            person.uuid(),
            role_word(role),
            visible_from,
            head.seq,
            now
        )
        .fetch_one(&mut *connection)
        .await?;
        sqlx::query!(
            "INSERT INTO read_marker AS m (room, person, seq, nth, read_at)
             SELECT $1, $2, j.joined_seq, $3, $4 FROM member j
             WHERE j.room = $1 AND j.person = $2 AND j.joined_seq = $5
             ON CONFLICT (room, person) DO UPDATE
             SET seq = excluded.seq, nth = excluded.nth, read_at = excluded.read_at
             WHERE m.seq < excluded.seq",
            room.uuid(),
            person.uuid(),
            head.countable,
            now,
            head.seq
        )
        .execute(connection)
        .await?;
        Ok(visible_from)
    }

    /// Ends a membership in a locked room. Returns whether there was one.
    pub async fn dismiss(
        &self,
        connection: &mut PgConnection,
        room: RoomId,
        person: PersonId,
    ) -> Result<bool, sqlx::Error> {
        if !self.heads.contains_key(&room) {
            return Err(sqlx::Error::RowNotFound);
        }
        let done = sqlx::query!(
            "DELETE FROM member WHERE room = $1 AND person = $2",
            room.uuid(),
            person.uuid()
        )
        .execute(connection)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes the payload out of an event of a locked room for good and returns it; `None` where
    /// there is no such event or it had none.
    pub async fn erase(
        &self,
        connection: &mut PgConnection,
        room: RoomId,
        seq: i64,
    ) -> Result<Option<String>, sqlx::Error> {
        if !self.heads.contains_key(&room) {
            return Err(sqlx::Error::RowNotFound);
        }
        let body = sqlx::query_scalar!(
            "UPDATE event e SET body = NULL
             FROM (SELECT room, seq, body FROM event WHERE room = $1 AND seq = $2) old
             WHERE e.room = old.room AND e.seq = old.seq
             RETURNING old.body",
            room.uuid(),
            seq
        )
        .fetch_optional(connection)
        .await?;
        Ok(body.flatten())
    }

    /// What was appended, to be handed to [`super::Log::publish`] after the commit and
    /// never before it.
    #[must_use]
    pub fn into_events(self) -> Vec<Arc<Committed>> {
        self.events
    }
}

/// The first number whose event is not older than `moment`. Times rise with the numbers.
async fn first_since(
    connection: &mut PgConnection,
    room: RoomId,
    moment: OffsetDateTime,
) -> Result<i64, sqlx::Error> {
    let last_older = sqlx::query_scalar!(
        "SELECT seq FROM event WHERE room = $1 AND ts < $2 ORDER BY seq DESC LIMIT 1",
        room.uuid(),
        moment
    )
    .fetch_optional(connection)
    .await?;
    Ok(last_older.map_or(1, |seq| seq.saturating_add(1)))
}

/// The event that `append` became at `place`: its number and its running countable number.
pub(super) fn committed(append: Append, epoch: Epoch, place: (i64, i64), ts: i64) -> Committed {
    let (seq, nth) = place;
    Committed {
        room: append.room,
        epoch,
        seq,
        nth,
        author: append.author,
        cid: append.cid,
        ts,
        kind: append.kind,
        reference: append.reference,
        body: Some(append.body),
    }
}
