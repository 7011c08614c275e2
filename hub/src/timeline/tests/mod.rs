//! The log under test: one set for both logs, random batches against a model, and what only a
//! database can do.

mod batches;
mod database;
mod rooms;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use signaling::event::EventKind;
use signaling::event::chat::RoomRole;
use signaling::rpc::chat::RoomKind;
use signaling::{PersonId, RoomId};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::*;
use crate::app::MockClock;
use crate::testing::TestDatabase;

const START: OffsetDateTime = time::macros::datetime!(2026-11-02 08:00 UTC);

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(0xa000 + number))
}

fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(0xb000 + number))
}

fn message(room: RoomId, author: PersonId, cid: &str) -> Append {
    let body = format!(r#"{{"text":"{cid}"}}"#);
    let (cid, kind) = (cid.to_owned(), EventKind::Message);
    Append { room, author, cid, kind, reference: None, body }
}

/// People and rooms for a test, the same in either log.
#[derive(Debug)]
enum Stage {
    Memory { log: Arc<MemoryLog>, fed: Fed },
    Postgres { log: Arc<PostgresLog>, fed: Fed, database: Box<TestDatabase> },
}

impl Stage {
    fn memory() -> Self {
        let (sender, fed) = feed();
        let clock = Arc::new(MockClock::at(START));
        let log = Arc::new(MemoryLog::new(Admission::Members, 7, clock, sender));
        Self::Memory { log, fed }
    }

    async fn postgres() -> Self {
        let database = Box::new(TestDatabase::new().await);
        let (sender, fed) = feed();
        let log = PostgresLog::start(database.pool.clone(), sender, LaneSettings::default());
        Self::Postgres { log: Arc::new(log), fed, database }
    }

    fn log(&self) -> Arc<dyn Log> {
        match self {
            Self::Memory { log, .. } => Arc::clone(log) as Arc<dyn Log>,
            Self::Postgres { log, .. } => Arc::clone(log) as Arc<dyn Log>,
        }
    }

    async fn fed(&mut self) -> Vec<Arc<Committed>> {
        let (Self::Memory { fed, .. } | Self::Postgres { fed, .. }) = self;
        fed.recv().await.expect("the log lives")
    }

    async fn open(&self, room: RoomId, members: &[PersonId]) {
        match self {
            Self::Memory { log, .. } => {
                log.open(room);
                for member in members {
                    log.admit(room, *member, RoomRole::Member, 1);
                }
            }
            Self::Postgres { database, .. } => open_room(&database.pool, room, members).await,
        }
    }

    async fn dismiss(&self, room: RoomId, person: PersonId) {
        match self {
            Self::Memory { log, .. } => log.dismiss(room, person),
            Self::Postgres { database, .. } => {
                let mut transaction = database.pool.begin().await.expect("begun");
                let locked = Locked::rooms(&mut transaction, &[room]).await.expect("locked");
                assert!(locked.dismiss(&mut transaction, room, person).await.expect("dismissed"));
                transaction.commit().await.expect("committed");
            }
        }
    }

    async fn erase(&self, room: RoomId, seq: i64) {
        match self {
            Self::Memory { log, .. } => log.erase(room, seq),
            Self::Postgres { database, .. } => {
                let mut transaction = database.pool.begin().await.expect("begun");
                let locked = Locked::rooms(&mut transaction, &[room]).await.expect("locked");
                locked.erase(&mut transaction, room, seq).await.expect("erased");
                transaction.commit().await.expect("committed");
            }
        }
    }
}

async fn add_person(pool: &PgPool, person: PersonId) {
    sqlx::query!(
        "INSERT INTO person (id, name, created_at) VALUES ($1, '某人', $2) ON CONFLICT DO NOTHING",
        person.uuid(),
        START
    )
    .execute(pool)
    .await
    .expect("person");
}

fn new_room(id: RoomId, history_days: Option<u16>) -> NewRoom {
    let (kind, title) = (RoomKind::PartyGroup, "第一党小组".to_owned());
    NewRoom { id, kind, title, history_days, created_at: START }
}

/// A room in which `members` see everything.
async fn open_room(pool: &PgPool, room: RoomId, members: &[PersonId]) {
    let mut transaction = pool.begin().await.expect("begun");
    let mut locked = Locked::rooms(&mut transaction, &[]).await.expect("locked");
    locked.create(&mut transaction, &new_room(room, None)).await.expect("created");
    for member in members {
        add_person(pool, *member).await;
        let member = (*member, RoomRole::Member);
        locked.admit(&mut transaction, room, member, START).await.expect("admitted");
    }
    transaction.commit().await.expect("committed");
}

/// Asserts that the stored log of `room` is 1, 2, 3, … with no `(author, cid)` twice, and returns
/// the numbers by author and cid.
async fn whole_log(log: &dyn Log, room: RoomId) -> BTreeMap<(PersonId, String), i64> {
    let slice = log.since(room, 0, usize::MAX).await.expect("read").expect("a room");
    let seqs: Vec<i64> = slice.events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=slice.top.seq).collect::<Vec<_>>(), "no gap, no double, in order");
    let countable = slice.events.iter().filter(|event| event.kind.countable()).count();
    assert_eq!(slice.top.countable, i64::try_from(countable).expect("small"));
    let cids: BTreeSet<_> =
        slice.events.iter().map(|event| (event.author, event.cid.clone())).collect();
    assert_eq!(cids.len(), slice.events.len(), "no cid twice");
    slice.events.into_iter().map(|event| ((event.author, event.cid), event.seq)).collect()
}
