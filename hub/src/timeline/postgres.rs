//! The log in Postgres: reads through the pool, appends through lanes.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, try_join_all};
use signaling::limits::{LANE_QUEUE_MAX, LOCK_WAIT_MS_MAX};
use signaling::{PersonId, RoomId};
use sqlx::PgPool;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::lane::{AnswerAt, Lane, Pending};
use super::types::{
    Append, AppendError, Appended, Committed, Epoch, Slice, Standing, Standings, Top,
};
use super::{Feed, Log, queries};
use crate::store::{BY_KEY_ALONE, Gathered};

/// How many lanes, and when they answer.
#[derive(Clone, Copy, Debug)]
pub struct LaneSettings {
    /// 1 but where Postgres has several cores.
    pub lanes: u8,
    pub answer_at: AnswerAt,
}

impl Default for LaneSettings {
    fn default() -> Self {
        Self { lanes: 1, answer_at: AnswerAt::Commit }
    }
}

/// The log of all rooms in one database.
#[derive(Debug)]
pub struct PostgresLog {
    pool: PgPool,
    standings: Gathered<(PersonId, RoomId), Option<Standing>>,
    lanes: Vec<mpsc::Sender<Pending>>,
    tasks: Vec<JoinHandle<()>>,
    feed: Feed,
}

impl PostgresLog {
    /// Starts the lanes, each with a connection of its own to the database of `pool`. What they
    /// commit goes to `feed`. The lanes end with this value; sends that wait then are not written.
    #[must_use]
    pub fn start(pool: PgPool, feed: Feed, settings: LaneSettings) -> Self {
        let wait = LOCK_WAIT_MS_MAX.to_string();
        let settings_of_lanes = [("lock_timeout", wait.as_str()), BY_KEY_ALONE];
        let options = pool.connect_options().as_ref().clone().options(settings_of_lanes);
        let (lanes, tasks) = (0..settings.lanes.max(1))
            .map(|_| {
                let (sender, queue) = mpsc::channel(LANE_QUEUE_MAX);
                let lane = Lane::new(queue, options.clone(), feed.clone(), settings.answer_at);
                (sender, tokio::spawn(lane.run()))
            })
            .unzip();
        let standings = Gathered::start(pool.clone(), |connection, asked| {
            queries::standings(connection, asked).boxed()
        });
        Self { pool, standings, lanes, tasks, feed }
    }

    /// The lane of a room: always the same one, so that a room's events keep their order.
    fn lane(&self, room: RoomId) -> Option<&mpsc::Sender<Pending>> {
        let lanes = u128::try_from(self.lanes.len()).ok()?;
        let index = room.uuid().as_u128().checked_rem(lanes)?;
        self.lanes.get(usize::try_from(index).ok()?)
    }

    fn enqueue(
        &self,
        append: Append,
    ) -> Result<oneshot::Receiver<Result<Appended, AppendError>>, AppendError> {
        append.check()?;
        let lane = self.lane(append.room).ok_or(AppendError::Closed)?;
        let (answer, answered) = oneshot::channel();
        match lane.try_send(Pending { append, answer }) {
            Ok(()) => Ok(answered),
            Err(TrySendError::Full(_)) => Err(AppendError::Full),
            Err(TrySendError::Closed(_)) => Err(AppendError::Closed),
        }
    }
}

impl Drop for PostgresLog {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Log for PostgresLog {
    fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.max_capacity().saturating_sub(lane.capacity())).sum()
    }

    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        // Queued at once, so that two sends of one caller keep their order.
        let queued = self.enqueue(append);
        async move { queued?.await.unwrap_or(Err(AppendError::Closed)) }.boxed()
    }

    fn since(
        &self,
        room: RoomId,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>> {
        queries::since(&self.pool, room, after, rows(limit)).boxed()
    }

    fn before(
        &self,
        room: RoomId,
        before: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>> {
        queries::before(&self.pool, room, before, rows(limit)).boxed()
    }

    fn moved<'a>(
        &'a self,
        known: &'a [(RoomId, i64, Epoch)],
    ) -> BoxFuture<'a, Result<Vec<(RoomId, Top)>, sqlx::Error>> {
        queries::moved(&self.pool, known).boxed()
    }

    fn publish(&self, events: Vec<Arc<Committed>>) -> BoxFuture<'_, ()> {
        async move {
            if !events.is_empty() {
                // Without a reader nobody is connected, and the store has it all.
                let _ = self.feed.send(events).await;
            }
        }
        .boxed()
    }

    fn standings<'a>(
        &'a self,
        person: PersonId,
        rooms: &'a [RoomId],
    ) -> BoxFuture<'a, Result<Standings, sqlx::Error>> {
        async move {
            let asked = rooms.iter().map(|room| self.standings.ask((person, *room)));
            let found = try_join_all(asked).await?;
            let found = rooms.iter().zip(found);
            Ok(found.filter_map(|(room, standing)| Some((*room, standing?))).collect())
        }
        .boxed()
    }
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
