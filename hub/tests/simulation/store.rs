//! The log as one node sees it: a lane that commits what waits, reads that take time and fail.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hub::timeline::{
    Append, AppendError, Appended, Committed, Epoch, Feed, Log, Slice, Standings, Top,
};
use signaling::limits::{BATCH_ROWS_MAX, LANE_QUEUE_MAX};
use signaling::{PersonId, RoomId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::Control;
use super::world::World;

/// One node's way to the store.
pub struct SimLog {
    world: Arc<World>,
    lane: mpsc::Sender<Pending>,
    feed: Feed,
}

type Answer = oneshot::Sender<Result<Appended, AppendError>>;

/// A send that waits.
pub struct Pending {
    append: Append,
    answer: Answer,
}

impl std::fmt::Debug for SimLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SimLog")
    }
}

impl SimLog {
    /// The log, and the queue that its [`lane`] empties.
    pub fn new(world: &Arc<World>, feed: Feed) -> (Self, mpsc::Receiver<Pending>) {
        let (lane, queue) = mpsc::channel(LANE_QUEUE_MAX);
        (Self { world: Arc::clone(world), lane, feed }, queue)
    }

    /// A way to the store and back; it may fail, and fails while the store is down.
    async fn trip(world: &World) -> Result<(), sqlx::Error> {
        let weather = world.weather();
        world.nap(weather.store_ms_max).await;
        if world.store_down.load(Ordering::Relaxed) || world.happens(weather.reads_failed) {
            world.store_failed();
            world.count("reads failed");
            return Err(sqlx::Error::PoolTimedOut);
        }
        Ok(())
    }
}

/// Commits what waits until its node ends. Between the commit and its answer the node may die.
pub async fn lane(world: Arc<World>, mut queue: mpsc::Receiver<Pending>, feed: Feed) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, BATCH_ROWS_MAX).await > 0 {
        world.nap(world.weather().store_ms_max).await;
        while world.store_down.load(Ordering::Relaxed) {
            world.store_failed();
            sleep(Duration::from_millis(50)).await;
        }
        if world.control == Some(Control::Turn) {
            batch.reverse();
        }
        let (mut events, mut answers) = (Vec::new(), Vec::new());
        for Pending { append, answer } in batch.drain(..) {
            let forgotten = world.control == Some(Control::Ack) && world.happens(2);
            let written = if forgotten { Ok(forget(&world, &append)) } else { world.write(append) };
            let (result, event) = match written {
                Ok((appended, event)) => (Ok(appended), event),
                Err(error) => (Err(error), None),
            };
            events.extend(event);
            answers.push((answer, result));
        }
        world.nap(3).await;
        // Answers and events follow the commit in no fixed order.
        if world.happens(50) {
            show(&world, &feed, events).await;
            answer_all(answers);
        } else {
            answer_all(answers);
            show(&world, &feed, events).await;
        }
    }
}

/// The planted fault: an answer without a commit.
fn forget(world: &World, append: &Append) -> (Appended, Option<Arc<Committed>>) {
    let seq = world.top(append.room).saturating_add(1);
    (Appended { seq, ts: 0, dup: false }, None)
}

async fn show(world: &World, feed: &Feed, events: Vec<Arc<Committed>>) {
    if !events.is_empty() {
        world.nap(2).await;
        let _ = feed.send(events).await;
    }
}

fn answer_all(answers: Vec<(Answer, Result<Appended, AppendError>)>) {
    for (answer, result) in answers {
        let _ = answer.send(result);
    }
}

impl Log for SimLog {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        let (answer, answered) = oneshot::channel();
        let queued = self.lane.try_send(Pending { append, answer });
        async move {
            queued.map_err(|_| AppendError::Full)?;
            answered.await.unwrap_or(Err(AppendError::Closed))
        }
        .boxed()
    }

    fn since(
        &self,
        room: RoomId,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>> {
        async move {
            Self::trip(&self.world).await?;
            let mut slice = self.world.log.since(room, after, limit).await?;
            if let Some(slice) = &mut slice
                && self.world.control == Some(Control::Page)
                && slice.events.len() > 2
            {
                slice.events.remove(1);
            }
            self.world.nap(2).await;
            Ok(slice)
        }
        .boxed()
    }

    fn before(
        &self,
        room: RoomId,
        before: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>> {
        self.world.log.before(room, before, limit)
    }

    fn moved<'a>(
        &'a self,
        known: &'a [(RoomId, i64, Epoch)],
    ) -> BoxFuture<'a, Result<Vec<(RoomId, Top)>, sqlx::Error>> {
        async move {
            Self::trip(&self.world).await?;
            let moved = self.world.log.moved(known).await?;
            self.world.nap(2).await;
            Ok(if self.world.control == Some(Control::Compare) { Vec::new() } else { moved })
        }
        .boxed()
    }

    fn publish(&self, events: Vec<Arc<Committed>>) -> BoxFuture<'_, ()> {
        async move {
            let _ = self.feed.send(events).await;
        }
        .boxed()
    }

    fn standings<'a>(
        &'a self,
        person: PersonId,
        rooms: &'a [RoomId],
    ) -> BoxFuture<'a, Result<Standings, sqlx::Error>> {
        async move {
            Self::trip(&self.world).await?;
            let standings = self.world.log.standings(person, rooms).await;
            self.world.nap(2).await;
            standings
        }
        .boxed()
    }
}
