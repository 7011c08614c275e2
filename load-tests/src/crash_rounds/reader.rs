//! One reader: follows every room, and comes back to where it was.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use signaling::RoomId;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Field, Goal};
use crate::client::ws::{ChatSocket, Incoming, Publication, Subscribed};
use crate::history::{Entry, Key};
use crate::population::Someone;

/// Every second reader hangs up by itself after a while like this.
const HANG_UP_MS: std::ops::Range<u64> = 100..1_500;
const RECONNECT_MS: std::ops::Range<u64> = 10..120;

/// Where a reader stands in a room.
#[derive(Clone, Debug)]
struct Position {
    epoch: String,
    offset: i64,
}

struct Reader {
    field: Arc<Field>,
    number: usize,
    positions: BTreeMap<RoomId, Position>,
    /// Subscribes under way on this socket.
    asked: HashMap<u64, RoomId>,
    /// Since when each room is followed on this socket.
    since: HashMap<RoomId, std::time::Instant>,
}

/// Reads until told how far; returns when it is there.
pub(super) async fn run(
    field: Arc<Field>,
    number: usize,
    someone: Someone,
    mut goal: watch::Receiver<Goal>,
) -> Result<()> {
    let seed = field.seed.wrapping_mul(7_000).wrapping_add(number as u64);
    let mut rng = StdRng::seed_from_u64(seed);
    let (positions, asked) = (BTreeMap::new(), HashMap::new());
    let mut reader = Reader { field, number, positions, asked, since: HashMap::new() };
    while !reader.is_there(&goal.borrow()) {
        if let Ok(mut socket) = reader.field.connect(number, someone).await {
            let hang_up =
                (number % 2 == 1).then(|| Duration::from_millis(rng.random_range(HANG_UP_MS)));
            // An error means that the socket is gone: the next one carries on.
            let _ = reader.on_socket(&mut socket, &mut goal, hang_up).await;
        }
        sleep(Duration::from_millis(rng.random_range(RECONNECT_MS))).await;
    }
    Ok(())
}

impl Reader {
    fn is_there(&self, goal: &Goal) -> bool {
        let Goal::Reach(tops) = goal else { return false };
        tops.iter().all(|(room, top)| {
            self.positions.get(room).is_some_and(|position| position.offset >= *top)
        })
    }

    async fn on_socket(
        &mut self,
        socket: &mut ChatSocket,
        goal: &mut watch::Receiver<Goal>,
        hang_up: Option<Duration>,
    ) -> Result<()> {
        self.asked.clear();
        self.since.clear();
        let mut at = None;
        for room in self.field.rooms.clone() {
            self.subscribe(socket, room).await?;
        }
        while !self.is_there(&goal.borrow()) {
            // Not before every room was resumed: who hangs up earlier falls behind for ever.
            if self.asked.is_empty() && at.is_none() {
                at = hang_up.map(|after| Instant::now() + after);
            }
            tokio::select! {
                incoming = socket.next() => self.take(socket, incoming?).await?,
                changed = goal.changed() => changed?,
                () = until(at) => bail!("hung up"),
            }
        }
        Ok(())
    }

    async fn subscribe(&mut self, socket: &mut ChatSocket, room: RoomId) -> Result<()> {
        let position = self.positions.get(&room);
        let position = position.map(|position| (position.offset, position.epoch.as_str()));
        let id = socket.subscribe(room, position).await?;
        self.asked.insert(id, room);
        Ok(())
    }

    async fn take(&mut self, socket: &mut ChatSocket, incoming: Incoming) -> Result<()> {
        match incoming {
            Incoming::Publication { room, publication } => {
                if let Some(since) = self.since.get(&room) {
                    self.field.delays.seen(room, publication.offset, *since);
                }
                self.seen(room, publication);
            }
            Incoming::Reply { id, result } => {
                let Some(room) = self.asked.remove(&id) else { return Ok(()) };
                match result {
                    Ok(value) => self.subscribed(room, serde_json::from_value(value)?),
                    Err(refused) if refused.temporary => {
                        sleep(Duration::from_millis(100)).await;
                        self.subscribe(socket, room).await?;
                    }
                    Err(refused) => bail!("subscribe: {} {}", refused.code, refused.message),
                }
            }
        }
        Ok(())
    }

    fn subscribed(&mut self, room: RoomId, reply: Subscribed) {
        let (reader, epoch) = (self.number, reply.epoch.clone());
        let offset = match self.positions.get(&room) {
            None => {
                let offset = reply.offset;
                self.field.recorder.write(Entry::Began { reader, room, epoch, offset });
                offset
            }
            Some(position) if reply.was_recovering && reply.recovered => {
                let offset = position.offset;
                self.field.recorder.write(Entry::Resumed { reader, room, epoch, offset });
                offset
            }
            Some(_) => {
                let offset = reply.offset;
                self.field.recorder.write(Entry::Lost { reader, room, epoch, offset });
                offset
            }
        };
        self.positions.insert(room, Position { epoch: reply.epoch, offset });
        self.since.insert(room, std::time::Instant::now());
        for publication in reply.publications {
            self.seen(room, publication);
        }
    }

    fn seen(&mut self, room: RoomId, publication: Publication) {
        let Publication { offset: seq, data } = publication;
        let key = Key { room, author: data.from, cid: data.cid };
        self.field.recorder.write(Entry::Seen { reader: self.number, key, seq });
        if let Some(position) = self.positions.get_mut(&room) {
            position.offset = seq;
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
