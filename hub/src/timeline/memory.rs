//! The log without a database: for conformance and simulation. It forgets everything at its end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use signaling::event::chat::RoomRole;
use signaling::{PersonId, RoomId};

use super::locked::committed;
use super::types::{
    Append, AppendError, Appended, Committed, Epoch, Slice, Standing, Standings, Top,
};
use super::{Feed, Log};
use crate::app::Clock;
use crate::timeline::queries::millis;

/// Who is a member of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Who was admitted; rooms are opened first.
    Members,
    /// Everyone, of every room; a room is there when it is first named.
    Everyone,
}

/// The log of all rooms in memory.
pub struct MemoryLog {
    rooms: Mutex<BTreeMap<RoomId, Room>>,
    admission: Admission,
    store_epoch: u32,
    clock: Arc<dyn Clock>,
    feed: Feed,
}

#[derive(Debug, Default)]
struct Room {
    events: Vec<Arc<Committed>>,
    places: HashMap<(PersonId, String), usize>,
    members: BTreeMap<PersonId, (RoomRole, i64)>,
    countable: i64,
}

impl std::fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryLog").field("admission", &self.admission).finish_non_exhaustive()
    }
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new(admission: Admission, store_epoch: u32, clock: Arc<dyn Clock>, feed: Feed) -> Self {
        Self { rooms: Mutex::default(), admission, store_epoch, clock, feed }
    }

    /// Makes a room without members.
    pub fn open(&self, room: RoomId) {
        self.rooms().entry(room).or_default();
    }

    /// Makes `person` a member who sees the log from `visible_from` on.
    pub fn admit(&self, room: RoomId, person: PersonId, role: RoomRole, visible_from: i64) {
        self.rooms().entry(room).or_default().members.insert(person, (role, visible_from));
    }

    /// Ends a membership.
    pub fn dismiss(&self, room: RoomId, person: PersonId) {
        if let Some(room) = self.rooms().get_mut(&room) {
            room.members.remove(&person);
        }
    }

    /// Takes the payload out of an event.
    pub fn erase(&self, room: RoomId, seq: i64) {
        let mut rooms = self.rooms();
        let events = rooms.get_mut(&room).map(|room| &mut room.events);
        let event = events.and_then(|events| events.iter_mut().find(|event| event.seq == seq));
        if let Some(event) = event {
            *event = Arc::new(Committed { body: None, ..Committed::clone(event) });
        }
    }

    /// Writes one event; the second half is what to show, `None` for a repeat.
    pub fn write(&self, append: Append) -> Result<(Appended, Option<Arc<Committed>>), AppendError> {
        append.check()?;
        let ts = millis(self.clock.now());
        let epoch = self.epoch();
        let mut rooms = self.rooms();
        let everyone = self.admission == Admission::Everyone;
        if everyone {
            rooms.entry(append.room).or_default();
        }
        let room = rooms.get_mut(&append.room).ok_or(AppendError::NotMember)?;
        let key = (append.author, append.cid.clone());
        if let Some(first) = room.places.get(&key).and_then(|index| room.events.get(*index)) {
            return Ok((Appended { seq: first.seq, ts: first.ts, dup: true }, None));
        }
        let allowed = everyone
            || append.author == PersonId::SYSTEM
            || room.members.contains_key(&append.author);
        if !allowed {
            return Err(AppendError::NotMember);
        }
        room.places.insert(key, room.events.len());
        let seq = room.seq().saturating_add(1);
        room.countable = room.countable.saturating_add(i64::from(append.kind.countable()));
        let event = Arc::new(committed(append, epoch, (seq, room.countable), ts));
        room.events.push(Arc::clone(&event));
        Ok((Appended { seq, ts, dup: false }, Some(event)))
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomId, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    const fn epoch(&self) -> Epoch {
        Epoch { store: self.store_epoch, room: 1 }
    }

    /// Reads of a room that exists, or that everyone may name.
    fn read<T>(&self, id: RoomId, read: impl FnOnce(&Room, Top) -> T) -> Option<T> {
        let rooms = self.rooms();
        let empty = Room::default();
        let room = match rooms.get(&id) {
            Some(room) => room,
            None if self.admission == Admission::Everyone => &empty,
            None => return None,
        };
        let top = Top { seq: room.seq(), countable: room.countable, epoch: self.epoch() };
        Some(read(room, top))
    }

    fn slice(
        &self,
        room: RoomId,
        pick: impl FnOnce(&[Arc<Committed>]) -> Vec<Committed>,
    ) -> Option<Slice> {
        self.read(room, |room, top| Slice { top, events: pick(&room.events) })
    }
}

impl Room {
    fn seq(&self) -> i64 {
        self.events.last().map_or(0, |event| event.seq)
    }
}

impl Log for MemoryLog {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        let written = self.write(append);
        async move {
            let (appended, event) = written?;
            if let Some(event) = event {
                let _ = self.feed.send(vec![event]).await;
            }
            Ok(appended)
        }
        .boxed()
    }

    fn since(
        &self,
        room: RoomId,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>> {
        let slice = self.slice(room, |events| {
            let above = events.iter().filter(|event| event.seq > after);
            above.take(limit).map(|event| Committed::clone(event)).collect()
        });
        ready(Ok(slice)).boxed()
    }

    fn before(
        &self,
        room: RoomId,
        before: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<Slice>, sqlx::Error>> {
        let slice = self.slice(room, |events| {
            let below = events.iter().rev().filter(|event| event.seq < before);
            below.take(limit).map(|event| Committed::clone(event)).collect()
        });
        ready(Ok(slice)).boxed()
    }

    fn moved<'a>(
        &'a self,
        known: &'a [(RoomId, i64, Epoch)],
    ) -> BoxFuture<'a, Result<Vec<(RoomId, Top)>, sqlx::Error>> {
        let moved = known.iter().filter_map(|(room, seq, epoch)| {
            let top = self.read(*room, |_, top| top)?;
            (top.seq != *seq || top.epoch != *epoch).then_some((*room, top))
        });
        ready(Ok(moved.collect())).boxed()
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
        let everyone = (self.admission == Admission::Everyone).then_some((RoomRole::Member, 1));
        let standing = |id: &RoomId| {
            let (member, top) =
                self.read(*id, |room, top| (room.members.get(&person).copied(), top))?;
            let (role, visible_from) = member.or(everyone)?;
            Some((*id, Standing { role, visible_from, top }))
        };
        ready(Ok(rooms.iter().filter_map(standing).collect())).boxed()
    }
}
