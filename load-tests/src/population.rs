//! People, devices and rooms of a load test, written straight into the hub's database: these tests
//! measure and break the log, not the sign-in.

use std::path::Path;

use anyhow::Result;
use signaling::{DeviceId, PersonId, RoomId};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::types::time::OffsetDateTime;
use uuid::Uuid;

use crate::history::{Rooms, Stored, StoredRoom};

/// A signed-in person.
#[derive(Clone, Copy, Debug)]
pub struct Someone {
    pub person: PersonId,
    pub device: DeviceId,
}

/// People, rooms and who is where.
#[derive(Clone, Debug)]
pub struct Population {
    pub people: Vec<Someone>,
    pub rooms: Vec<RoomId>,
    /// So many people per room, in their order; 0: everyone is in every room.
    per_room: usize,
}

/// A pool of connections to the embedded database of a data directory.
pub fn embedded_pool(data_dir: &Path) -> PgPool {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(data_dir.join("database/socket"))
        .username("hub")
        .database("hub");
    PgPoolOptions::new().max_connections(2).connect_lazy_with(options)
}

impl Population {
    /// `people` who are all in all of `rooms`, with ids made from their numbers.
    #[must_use]
    pub fn new(people: usize, rooms: usize) -> Self {
        let id = |kind: u128, number: usize| Uuid::from_u128((kind << 96) + number as u128 + 1);
        Self {
            people: (0..people)
                .map(|number| Someone {
                    person: PersonId(id(0xa1, number)),
                    device: DeviceId(id(0xd1, number)),
                })
                .collect(),
            rooms: (0..rooms).map(|number| RoomId(id(0xb1, number))).collect(),
            per_room: 0,
        }
    }

    /// `people` in rooms of `per_room`, each in one.
    #[must_use]
    pub fn grouped(people: usize, per_room: usize) -> Self {
        Self { per_room, ..Self::new(people, people.div_ceil(per_room.max(1))) }
    }

    /// Writes everyone and everything into an empty database.
    pub async fn store(&self, pool: &PgPool) -> Result<()> {
        let people: Vec<Uuid> = self.people.iter().map(|someone| someone.person.uuid()).collect();
        let devices: Vec<Uuid> = self.people.iter().map(|someone| someone.device.uuid()).collect();
        let rooms: Vec<Uuid> = self.rooms.iter().map(|room| room.uuid()).collect();
        let now = OffsetDateTime::now_utc();
        let mut transaction = pool.begin().await?;
        for statement in STATEMENTS {
            sqlx::query(statement)
                .bind(&people)
                .bind(&devices)
                .bind(&rooms)
                .bind(now)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query(MEMBERS)
            .bind(&people)
            .bind(&rooms)
            .bind(now)
            .bind(i64::try_from(self.per_room)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        // The planner learns of so many rows at once, not when the autovacuum comes by.
        sqlx::query("ANALYZE").execute(pool).await?;
        Ok(())
    }
}

/// `$1` people, `$2` their devices, `$3` rooms, `$4` now. Nobody can sign in as these people: the
/// keyed hashes of number and secret are mere stand-ins.
const STATEMENTS: [&str; 8] = [
    "INSERT INTO person (id, name, created_at)
     SELECT id, '成员' || n, $4 FROM unnest($1, $2) WITH ORDINALITY AS p (id, device, n)
     WHERE cardinality($3::uuid[]) > 0",
    "INSERT INTO account (person, phone_lookup, phone_sealed, created_at)
     SELECT id, sha256(uuid_send(id)), sha256(uuid_send(id)), $4
     FROM unnest($1, $2) AS p (id, device) WHERE cardinality($3::uuid[]) > 0",
    "INSERT INTO device_session (id, person, secret, name, created_at, last_seen_at)
     SELECT device, id, sha256(uuid_send(device)), 'load', $4, $4
     FROM unnest($1, $2) AS p (id, device) WHERE cardinality($3::uuid[]) > 0",
    "INSERT INTO room (id, kind, title, created_at)
     SELECT id, 'party_group', '第' || n || '党小组', $4
     FROM unnest($3) WITH ORDINALITY AS r (id, n)
     WHERE cardinality($1::uuid[]) = cardinality($2::uuid[])",
    "INSERT INTO room_head (room) SELECT unnest($3)
     WHERE cardinality($1::uuid[]) = cardinality($2::uuid[]) AND $4::timestamptz IS NOT NULL",
    // Everyone's inbox: the room with the person's own id.
    "INSERT INTO room (id, kind, title, created_at)
     SELECT id, 'inbox', '', $4 FROM unnest($1, $2) AS p (id, device)
     WHERE cardinality($3::uuid[]) > 0",
    "INSERT INTO room_head (room) SELECT id FROM unnest($1, $2) AS p (id, device)
     WHERE cardinality($3::uuid[]) > 0 AND $4::timestamptz IS NOT NULL",
    "INSERT INTO member (room, person, role, visible_from, joined_seq, joined_at)
     SELECT id, id, 'member', 1, 0, $4 FROM unnest($1, $2) AS p (id, device)
     WHERE cardinality($3::uuid[]) > 0",
];

/// `$1` people, `$2` rooms, `$3` now, `$4` people per room.
const MEMBERS: &str = "INSERT INTO member (room, person, role, visible_from, joined_seq, joined_at)
     SELECT r.id, p.id, 'member', 1, 0, $3
     FROM unnest($2) WITH ORDINALITY AS r (id, n)
     JOIN unnest($1) WITH ORDINALITY AS p (id, n) ON $4 = 0 OR (p.n - 1) / nullif($4, 0) = r.n - 1";

/// Writes `events` messages of 150 bytes into an empty room, without a hub.
pub async fn fill_room(pool: &PgPool, room: RoomId, author: PersonId, events: i64) -> Result<()> {
    let body = serde_json::json!({"text": "会".repeat(50)}).to_string();
    let mut transaction = pool.begin().await?;
    sqlx::query(
        "INSERT INTO event (room, author, seq, nth, ts, kind, cid, body)
         SELECT $1, $2, n, n, now(), 1, 'f' || n, $4 FROM generate_series(1, $3) AS n",
    )
    .bind(room.uuid())
    .bind(author.uuid())
    .bind(events)
    .bind(body)
    .execute(&mut *transaction)
    .await?;
    sqlx::query("UPDATE room_head SET last_seq = $2, countable = $2 WHERE room = $1")
        .bind(room.uuid())
        .bind(events)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    sqlx::query("ANALYZE event").execute(pool).await?;
    Ok(())
}

/// The whole log of every room but the inboxes, as it lies in the store.
pub async fn stored_rooms(pool: &PgPool) -> Result<Rooms> {
    let heads: Vec<(Uuid, String)> = sqlx::query_as(
        "SELECT h.room, lpad(to_hex(s.epoch), 8, '0') || '-' || h.epoch
         FROM room_head h JOIN room r ON r.id = h.room CROSS JOIN store s
         WHERE r.kind <> 'inbox'",
    )
    .fetch_all(pool)
    .await?;
    let mut rooms = Rooms::new();
    for (room, epoch) in heads {
        let rows: Vec<(i64, Uuid, String)> =
            sqlx::query_as("SELECT seq, author, cid FROM event WHERE room = $1 ORDER BY seq")
                .bind(room)
                .fetch_all(pool)
                .await?;
        let rows = rows
            .into_iter()
            .map(|(seq, author, cid)| Stored { seq, author: PersonId(author), cid })
            .collect();
        rooms.insert(RoomId(room), StoredRoom { epoch, rows });
    }
    Ok(rooms)
}
