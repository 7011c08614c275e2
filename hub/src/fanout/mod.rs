//! From the log to the sockets of this node: rooms, their recent events, and who listens.
//!
//! Nothing here awaits, reads a clock or touches a socket; `now` comes in, and what has to be read
//! from the store goes out as a request. Committed events come in through [`Fanout::offer`] from
//! any source, in any order, any number of times; what a subscription receives is the room's log
//! from its position on, in order and without a gap that the person could see.
//!
//! A subscription is *live* (the fan-out pushes shared frames into the connection's [`Outbox`]) or
//! *behind* (nothing is queued for it; the connection pulls pages from the ring or the store as
//! its socket drains, and becomes live under the room's lock once it has caught up). Subscribing,
//! long recovery and slow readers are this one mechanism. Start reading in [`room`](Room).

mod entry;
mod log;
mod outbox;
mod people;
mod recovery;
mod room;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use dashmap::DashMap;
use signaling::chat::codes::Disconnect;
use signaling::chat::session::Millis;
use signaling::limits::{ROOM_IDLE_MS_MAX, ROOMS_IDLE_MAX};
use signaling::{DeviceId, PersonId, RoomId};

pub use self::entry::{Entry, Page, offset};
pub use self::outbox::{Close, Item, Outbox, Owner, Taken};
pub use self::people::People;
pub use self::recovery::{Asked, Plan, plan};
pub use self::room::{Ended, INSUFFICIENT_STATE, Pull, REMOVED, Room, Start, Stream, Ticket};

use self::log::Need;
use crate::timeline::{Committed, Epoch, Slice, Top};

/// Pause between two portions of a reset room's subscriptions.
const RESET_STEP_MS: u64 = 100;
/// Portions over which the subscriptions of a reset room are spread.
const RESET_STEPS: usize = 30;
/// Smallest portion.
const RESET_PORTION_MIN: usize = 16;

/// A read of the store that the fan-out waits for: events of `room` above `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    pub room: RoomId,
    pub after: i64,
}

/// The open rooms of this node.
#[derive(Debug, Default)]
pub struct Fanout {
    rooms: DashMap<RoomId, Room>,
    /// Connections by person.
    pub people: People,
    /// Rooms with a deadline, in the order of these.
    due: Mutex<BTreeSet<(Millis, RoomId)>>,
    /// The node does not know whether it is current, and pushes nothing.
    held: AtomicBool,
}

impl Fanout {
    /// Takes a place in `room` for a connection before the person's membership is read; the room
    /// is opened if it is not.
    pub fn attach(
        &self,
        room: RoomId,
        stream: Stream,
        person: PersonId,
        outbox: &Arc<Outbox>,
    ) -> Ticket {
        let open = || {
            let log = if room == person.inbox() { "user" } else { "room" };
            Room::new(room, entry::channel_name(log, room), entry::channel_name("live", room))
        };
        self.rooms.entry(room).or_insert_with(open).attach(outbox, person, stream)
    }

    /// [`Fanout::attach`] to the log of a room whose channel has a name of its own: the conformance
    /// mode's. Every call for one room names the same channel.
    pub fn attach_named(
        &self,
        (room, channel): (RoomId, &str),
        person: PersonId,
        outbox: &Arc<Outbox>,
    ) -> Ticket {
        let open = || Room::new(room, channel.into(), entry::channel_name("live", room));
        self.rooms.entry(room).or_insert_with(open).attach(outbox, person, Stream::Log)
    }

    /// Begins a subscription whose membership was read. It is behind until it has pulled.
    pub fn activate(&self, ticket: Ticket, start: Start, now: Millis) -> Result<(), Ended> {
        let mut room = self.rooms.get_mut(&ticket.room).ok_or(Ended::Gone)?;
        let done = room.activate(ticket, start, now);
        self.remember(&mut room, now);
        done
    }

    /// Gives the place back.
    pub fn detach(&self, ticket: Ticket, now: Millis) {
        if let Some(mut room) = self.rooms.get_mut(&ticket.room) {
            room.detach(ticket, now);
        }
    }

    /// Queues what a subscription that is behind needs next.
    pub fn pull(&self, ticket: Ticket) -> Pull {
        let room = self.rooms.get_mut(&ticket.room);
        room.map_or(Pull::Gone, |mut room| room.pull(ticket, self.is_held()))
    }

    /// Queues a page of the store for a subscription that is behind.
    pub fn page(&self, ticket: Ticket, page: &Page, now: Millis) -> Pull {
        let room = self.rooms.get_mut(&ticket.room);
        room.map_or(Pull::Gone, |mut room| room.page(ticket, page, now))
    }

    /// The events of `room` above `after` from memory, if the room is open in `epoch` and all of
    /// them up to the last delivered one are there.
    #[must_use]
    pub fn recent(&self, room: RoomId, epoch: Epoch, after: i64) -> Option<Vec<Arc<Entry>>> {
        let room = self.rooms.get(&room)?;
        if room.log().epoch() != Some(epoch) {
            return None;
        }
        Some(room.log().recent(after)?.cloned().collect())
    }

    /// Whether an event would change anything here: its room is open, and it is no old one.
    #[must_use]
    pub fn wants(&self, room: RoomId, epoch: Epoch, seq: i64) -> bool {
        let Some(room) = self.rooms.get(&room) else { return false };
        // Before the first read of the top nobody knows which events are old.
        room.log().epoch().is_none_or(|ours| ours != epoch || seq >= room.log().next())
    }

    /// Takes committed events from any source and delivers what is next.
    pub fn offer(&self, events: &[Arc<Committed>], now: Millis) {
        for run in events.chunk_by(|one, other| one.room == other.room) {
            let Some(room) = run.first().map(|event| event.room) else { continue };
            let Some(mut room) = self.rooms.get_mut(&room) else { continue };
            let entries: Vec<_> =
                run.iter().map(|event| Arc::new(Entry::new(Arc::clone(event)))).collect();
            room.offer(&entries, now, self.is_held());
            self.remember(&mut room, now);
        }
    }

    /// Hands ephemeral data to everyone who listens to it in `room`; `encode` is called at most
    /// once per encoding.
    pub fn ephemeral(&self, room: RoomId, data: &Bytes) {
        if let Some(room) = self.rooms.get(&room)
            && !self.is_held()
        {
            room.ephemeral(data);
        }
    }

    /// Takes what a fill read. `None`: there is no such room.
    pub fn filled(&self, room: RoomId, slice: Option<Slice>, now: Millis) {
        self.with(room, now, |room| room.filled(slice, now, self.is_held()));
    }

    /// A fill could not read.
    pub fn fill_failed(&self, room: RoomId, now: Millis) {
        self.with(room, now, |room| {
            room.log_mut().fill_failed(now);
            Need::Nothing
        });
    }

    /// Every open room, with its epoch and the last number delivered.
    #[must_use]
    pub fn positions(&self) -> Vec<(RoomId, i64, Epoch)> {
        let position = |room: &Room| room.position();
        let open = self.rooms.iter();
        let mut all: Vec<_> = open
            .filter_map(|room| position(&room).map(|(epoch, seq)| (*room.key(), seq, epoch)))
            .collect();
        all.sort_unstable_by_key(|(room, _, _)| *room);
        all
    }

    /// The store has `room` at `top` where this node had stood at `known`.
    pub fn compared(&self, room: RoomId, known: i64, top: Top, now: Millis) {
        self.with(room, now, |room| room.log_mut().compared(known, top, now));
    }

    /// Does what is due; returns the reads that are needed.
    pub fn tick(&self, now: Millis) -> Vec<Fill> {
        let mut fills = Vec::new();
        for room in self.take_due(now) {
            self.with(room, now, |open| {
                if open.is_resetting() {
                    return Need::Reset;
                }
                let need = open.log_mut().tick(now);
                if let Need::Fill { after } = need {
                    fills.push(Fill { room, after });
                }
                need
            });
        }
        fills
    }

    /// When [`Fanout::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.first().map(|(at, _)| *at)
    }

    /// Forgets rooms to which nobody has listened for a while.
    pub fn sweep(&self, now: Millis) {
        let mut idle: Vec<(Millis, RoomId)> = self
            .rooms
            .iter()
            .filter_map(|room| room.idle_since().map(|since| (since, *room.key())))
            .collect();
        idle.sort_unstable();
        let surplus = idle.len().saturating_sub(ROOMS_IDLE_MAX);
        for (index, (since, room)) in idle.into_iter().enumerate() {
            if index < surplus || now.0 >= since.0.saturating_add(ROOM_IDLE_MS_MAX) {
                self.rooms.remove_if(&room, |_, room| room.idle_since().is_some());
            }
        }
    }

    /// Stops pushing: live subscriptions fall behind and wait.
    pub fn hold(&self) {
        self.held.store(true, Ordering::Relaxed);
    }

    /// Pushes again; subscriptions that fell behind go on from where they were.
    pub fn resume(&self) {
        if self.held.swap(false, Ordering::Relaxed) {
            let mut rooms: Vec<RoomId> = self.rooms.iter().map(|room| *room.key()).collect();
            // An order of its own: a simulated run must not depend on the hasher.
            rooms.sort_unstable();
            for room in rooms.iter().filter_map(|room| self.rooms.get(room)) {
                room.wake_behind();
            }
        }
    }

    /// Closes the sockets of a revoked device.
    pub fn end_device(&self, person: PersonId, device: DeviceId) {
        let Disconnect { code, reason } = Disconnect::SIGNED_OUT;
        self.people.end(person, Some(device), Close { code, reason });
    }

    /// Closes the sockets of a person whose account was closed.
    pub fn end_person(&self, person: PersonId) {
        let Disconnect { code, reason } = Disconnect::ACCOUNT_DISABLED;
        self.people.end(person, None, Close { code, reason });
    }

    /// Whether the node pushes nothing at the moment.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// Open rooms and subscriptions of this node.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let subscriptions = self.rooms.iter().map(|room| room.subscriptions()).sum();
        (self.rooms.len(), subscriptions)
    }

    /// People who listen to `room` on this node.
    #[must_use]
    pub fn listeners(&self, room: RoomId) -> Vec<PersonId> {
        self.rooms.get(&room).map(|room| room.people()).unwrap_or_default()
    }

    /// Does something to an open room and follows what it needs.
    fn with(&self, id: RoomId, now: Millis, act: impl FnOnce(&mut Room) -> Need) {
        let Some(mut room) = self.rooms.get_mut(&id) else { return };
        if act(&mut room) == Need::Reset {
            let portion = (room.subscriptions() / RESET_STEPS).max(RESET_PORTION_MIN);
            room.reset(portion, Millis(now.0.saturating_add(RESET_STEP_MS)), now);
            if room.subscriptions() == 0 {
                drop(room);
                self.rooms.remove_if(&id, |_, room| room.subscriptions() == 0);
                return;
            }
        }
        self.remember(&mut room, now);
    }

    /// Keeps the room's deadline in the common order.
    fn remember(&self, room: &mut Room, _now: Millis) {
        if let Some(at) = room.new_deadline() {
            let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
            due.insert((at, room.id()));
        }
    }

    fn take_due(&self, now: Millis) -> BTreeSet<RoomId> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = BTreeSet::new();
        while let Some((at, room)) = due.first().copied()
            && at <= now
        {
            due.pop_first();
            taken.insert(room);
        }
        taken
    }
}

#[cfg(test)]
mod tests;
