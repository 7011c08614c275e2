//! One open room of this node: its recent log and who listens.

use std::sync::Arc;

use bytes::Bytes;
use signaling::chat::Encoding;
use signaling::chat::push::{self, Publication};
use signaling::chat::session::Millis;
use signaling::{PersonId, RoomId};

use super::entry::{Entry, Page};
use super::log::{Need, RoomLog};
use super::outbox::{Item, Outbox, Owner};
use crate::timeline::{Epoch, Slice, Top};

/// Push code: the person was removed from the room; final.
pub const REMOVED: u32 = 2100;
/// Push code: ask anew, with recovery.
pub const INSUFFICIENT_STATE: u32 = 2500;

/// What a subscription receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// The durable log: `room:` and `user:`.
    Log,
    /// Typing and the like: `live:`; may be dropped.
    Ephemeral,
}

/// The place of one subscription on this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub room: RoomId,
    pub stream: Stream,
    slot: usize,
    serial: u64,
}

/// Where a subscription begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The room as the store had it when the membership was read.
    pub top: Top,
    /// First event that is delivered by pushes.
    pub next: i64,
}

/// Why a subscription could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The membership ended after it had been read.
    Removed,
    /// The connection or the subscription is gone.
    Gone,
}

/// What a subscription that is behind has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// It caught up: events come by themselves from now on.
    Live,
    /// Something was queued; go on when the socket has drained.
    Queued,
    /// Read the events above `after` from the store and hand them to [`Room::page`].
    Read { after: i64 },
    /// The node delivers nothing at the moment.
    Held,
    /// There is no such subscription any more.
    Gone,
}

#[derive(Debug)]
struct Subscriber {
    serial: u64,
    outbox: Arc<Outbox>,
    person: PersonId,
    stream: Stream,
    state: State,
    /// Events below are not delivered: already sent, or not to be seen.
    next: i64,
}

/// How far a subscription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The membership is being read; `left` = a removal that passed meanwhile, 0 for none.
    Joining { left: i64 },
    /// Reads for itself. The membership is known to hold at the event `member_at`.
    Behind { member_at: i64 },
    /// Receives what the log delivers.
    Live { member_at: i64 },
}

/// One open room.
#[derive(Debug)]
pub struct Room {
    id: RoomId,
    channel: Arc<str>,
    live_channel: Arc<str>,
    log: RoomLog,
    slots: Vec<Option<Subscriber>>,
    free: Vec<usize>,
    serial: u64,
    /// Since when nobody listens.
    idle_since: Option<Millis>,
    /// The subscriptions are being ended; the next portion is due then.
    resetting: Option<Millis>,
    /// The deadline that was told last.
    deadline: Option<Millis>,
}

impl Room {
    /// A room whose top was not read yet. `channel` is the name of its log.
    pub fn new(id: RoomId, channel: Arc<str>, live_channel: Arc<str>) -> Self {
        let (slots, free, serial) = (Vec::new(), Vec::new(), 0);
        Self {
            id,
            channel,
            live_channel,
            log: RoomLog::default(),
            slots,
            free,
            serial,
            idle_since: None,
            resetting: None,
            deadline: None,
        }
    }

    pub fn log(&self) -> &RoomLog {
        &self.log
    }

    pub fn log_mut(&mut self) -> &mut RoomLog {
        &mut self.log
    }

    /// Subscriptions of this room.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.slots.len().saturating_sub(self.free.len())
    }

    /// Since when nobody listens.
    #[must_use]
    pub const fn idle_since(&self) -> Option<Millis> {
        self.idle_since
    }

    /// People who listen on this node, each once.
    #[must_use]
    pub fn people(&self) -> Vec<PersonId> {
        let mut people: Vec<_> = self
            .slots
            .iter()
            .flatten()
            .filter(|subscriber| !matches!(subscriber.state, State::Joining { .. }))
            .map(|subscriber| subscriber.person)
            .collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Takes a place before the membership is read, so that nothing is missed meanwhile.
    pub fn attach(&mut self, outbox: &Arc<Outbox>, person: PersonId, stream: Stream) -> Ticket {
        self.serial = self.serial.wrapping_add(1);
        self.idle_since = None;
        let subscriber = Subscriber {
            serial: self.serial,
            outbox: Arc::clone(outbox),
            person,
            stream,
            state: State::Joining { left: 0 },
            next: i64::MAX,
        };
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(None);
                self.slots.len().saturating_sub(1)
            }
        };
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(subscriber);
        }
        Ticket { room: self.id, stream, slot, serial: self.serial }
    }

    /// Begins a subscription whose membership was read. It is behind until it has pulled.
    pub fn activate(&mut self, ticket: Ticket, start: Start, now: Millis) -> Result<(), Ended> {
        let Some(subscriber) = self.subscriber(ticket) else { return Err(Ended::Gone) };
        if let State::Joining { left } = subscriber.state
            && left > start.top.seq
        {
            self.detach(ticket, now);
            return Err(Ended::Removed);
        }
        subscriber.next = start.next;
        let member_at = start.top.seq;
        subscriber.state = match subscriber.stream {
            Stream::Log => State::Behind { member_at },
            Stream::Ephemeral => State::Live { member_at },
        };
        if self.log.epoch().is_some_and(|epoch| epoch != start.top.epoch) {
            self.restart(start.top, now, Some(ticket));
        } else {
            let ready = self.log.open(start.top.epoch, start.top.seq, now);
            self.deliver(&ready, now, false);
        }
        Ok(())
    }

    /// Gives the place back.
    pub fn detach(&mut self, ticket: Ticket, now: Millis) {
        if self.subscriber(ticket).is_some() {
            self.vacate(ticket.slot, now);
        }
    }

    /// Takes an event from any source and delivers what is next. `held`: nothing is pushed;
    /// subscriptions fall behind.
    pub fn offer(&mut self, entries: &[Arc<Entry>], now: Millis, held: bool) {
        let mut ready = Vec::with_capacity(entries.len());
        for entry in entries {
            self.log.offer(Arc::clone(entry), now, &mut ready);
        }
        self.deliver(&ready, now, held);
    }

    /// Takes what a fill read; returns whether the room must be reset.
    pub fn filled(&mut self, slice: Option<Slice>, now: Millis, held: bool) -> Need {
        let mut ready = Vec::new();
        let need = self.log.filled(slice, now, &mut ready);
        self.deliver(&ready, now, held);
        need
    }

    /// Queues what a subscription that is behind needs next.
    pub fn pull(&mut self, ticket: Ticket, held: bool) -> Pull {
        let next = self.log.next();
        let channel = Arc::clone(&self.channel);
        let Some(subscriber) = subscriber_of(&mut self.slots, ticket) else { return Pull::Gone };
        let State::Behind { member_at } = subscriber.state else {
            return match subscriber.state {
                State::Live { .. } => Pull::Live,
                _ => Pull::Gone,
            };
        };
        if held {
            return Pull::Held;
        }
        if subscriber.next < next {
            let Some(recent) = self.log.recent(subscriber.next.saturating_sub(1)) else {
                return Pull::Read { after: subscriber.next.saturating_sub(1) };
            };
            let encoding = subscriber.outbox.encoding;
            let frames = recent.map(|entry| (entry.frame(encoding, &channel), Owner::Shared));
            let pushed = subscriber.outbox.push_all(frames);
            subscriber.next = subscriber.next.saturating_add(signed(pushed));
        }
        if subscriber.next < next {
            return Pull::Queued;
        }
        subscriber.state = State::Live { member_at };
        Pull::Live
    }

    /// Queues a page that was read for a subscription that is behind.
    pub fn page(&mut self, ticket: Ticket, page: &Page, now: Millis) -> Pull {
        let epoch = self.log.epoch();
        let channel = Arc::clone(&self.channel);
        let Some(subscriber) = subscriber_of(&mut self.slots, ticket) else { return Pull::Gone };
        let State::Behind { member_at } = subscriber.state else { return Pull::Queued };
        if epoch.is_some_and(|epoch| epoch != page.top.epoch) {
            self.end(ticket.slot, INSUFFICIENT_STATE, now);
            return Pull::Gone;
        }
        let (next, person) = (subscriber.next, subscriber.person);
        let ends_here = |entry: &Entry| entry.seq() > member_at && entry.ends() == Some(person);
        let mut ended = false;
        let encoding = subscriber.outbox.encoding;
        let wanted = page.entries.iter().filter(|entry| entry.seq() >= next);
        let frames = wanted
            .take_while(|entry| {
                ended = ends_here(entry);
                !ended
            })
            .map(|entry| (entry.frame(encoding, &channel), Owner::Connection));
        let pushed = subscriber.outbox.push_all(frames);
        let wanted = page.entries.iter().filter(|entry| entry.seq() >= next);
        let last = wanted.take(pushed).last().map(|entry| entry.seq());
        subscriber.next = last.map_or(next, |last| last.saturating_add(1));
        if ended {
            self.end(ticket.slot, REMOVED, now);
            return Pull::Gone;
        }
        Pull::Queued
    }

    /// Hands ephemeral data to everyone who listens; what does not fit is dropped.
    pub fn ephemeral(&self, data: &Bytes) {
        let publication = Publication { data: data.clone(), ..Publication::default() };
        let (mut json, mut protobuf) = (None, None);
        let listening = self.slots.iter().flatten().filter(|subscriber| {
            subscriber.stream == Stream::Ephemeral && matches!(subscriber.state, State::Live { .. })
        });
        for subscriber in listening {
            let encoding = subscriber.outbox.encoding;
            let slot = match encoding {
                Encoding::Json => &mut json,
                Encoding::Protobuf => &mut protobuf,
            };
            let frame: &Bytes = slot.get_or_insert_with(|| {
                push::publication(encoding, &self.live_channel, &publication)
            });
            subscriber.outbox.push_ephemeral(Item::Frame(frame.clone()));
        }
    }

    /// Lets subscriptions that are behind look again.
    pub fn wake_behind(&self) {
        for (slot, place) in self.slots.iter().enumerate() {
            if let Some(subscriber) = place
                && matches!(subscriber.state, State::Behind { .. })
            {
                subscriber.outbox.fall_behind(self.ticket(slot, subscriber));
            }
        }
    }

    /// Whether the subscriptions are being ended.
    #[must_use]
    pub const fn is_resetting(&self) -> bool {
        self.resetting.is_some()
    }

    /// Ends at most `portion` subscriptions; the next portion is due at `next`. Clients ask anew.
    pub fn reset(&mut self, portion: usize, next: Millis, now: Millis) {
        self.resetting = Some(next);
        let taken = self.slots.iter().enumerate().filter(|(_, place)| place.is_some());
        let taken: Vec<usize> = taken.map(|(slot, _)| slot).take(portion).collect();
        for slot in taken {
            self.end(slot, INSUFFICIENT_STATE, now);
        }
    }

    /// The room's deadline, if it is another one than at the last call.
    pub fn new_deadline(&mut self) -> Option<Millis> {
        let deadline = self.resetting.or_else(|| self.log.deadline());
        if deadline == self.deadline {
            return None;
        }
        self.deadline = deadline;
        deadline
    }

    /// The room.
    #[must_use]
    pub const fn id(&self) -> RoomId {
        self.id
    }

    /// Ends every subscription but `kept`; clients ask anew. The log begins at `top`.
    pub fn restart(&mut self, top: Top, now: Millis, kept: Option<Ticket>) {
        for slot in 0..self.slots.len() {
            if kept.is_none_or(|ticket| ticket.slot != slot) {
                self.end(slot, INSUFFICIENT_STATE, now);
            }
        }
        self.log = RoomLog::default();
        let _ = self.log.open(top.epoch, top.seq, now);
        self.resetting = None;
    }

    /// The epoch, and the last number that was delivered.
    #[must_use]
    pub fn position(&self) -> Option<(Epoch, i64)> {
        Some((self.log.epoch()?, self.log.next().saturating_sub(1)))
    }

    /// Delivers events that follow each other, ending memberships at their place.
    fn deliver(&mut self, ready: &[Arc<Entry>], now: Millis, held: bool) {
        let mut rest = ready;
        while !rest.is_empty() {
            let end = rest.iter().position(|entry| entry.ends().is_some());
            let (before, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.push(before, held);
            let Some((leaving, after)) = after.split_first() else { break };
            if let Some(person) = leaving.ends() {
                self.remove(person, leaving.seq(), now);
            }
            self.push(std::slice::from_ref(leaving), held);
            rest = after;
        }
    }

    fn push(&mut self, entries: &[Arc<Entry>], held: bool) {
        let Some(last) = entries.last().map(|entry| entry.seq()) else { return };
        for (slot, place) in self.slots.iter_mut().enumerate() {
            let Some(subscriber) = place else { continue };
            let State::Live { member_at } = subscriber.state else { continue };
            if subscriber.stream == Stream::Ephemeral || subscriber.next > last {
                continue;
            }
            let next = subscriber.next;
            let due = || entries.iter().filter(|entry| entry.seq() >= next);
            let encoding = subscriber.outbox.encoding;
            let pushed = if held {
                0
            } else {
                let frames =
                    due().map(|entry| (entry.frame(encoding, &self.channel), Owner::Shared));
                subscriber.outbox.push_all(frames)
            };
            if let Some(missed) = due().nth(pushed) {
                subscriber.next = missed.seq();
                subscriber.state = State::Behind { member_at };
                let (stream, serial) = (subscriber.stream, subscriber.serial);
                let ticket = Ticket { room: self.id, stream, slot, serial };
                subscriber.outbox.fall_behind(ticket);
            }
        }
    }

    /// Ends the subscriptions of a person whose membership ended at `seq`.
    fn remove(&mut self, person: PersonId, seq: i64, now: Millis) {
        for slot in 0..self.slots.len() {
            let Some(Some(subscriber)) = self.slots.get_mut(slot) else { continue };
            if subscriber.person != person {
                continue;
            }
            match &mut subscriber.state {
                State::Joining { left } => *left = (*left).max(seq),
                State::Behind { member_at } | State::Live { member_at } if *member_at < seq => {
                    self.end(slot, REMOVED, now);
                }
                State::Behind { .. } | State::Live { .. } => {}
            }
        }
    }

    /// Ends one subscription and tells the client.
    fn end(&mut self, slot: usize, code: u32, now: Millis) {
        let Some(Some(subscriber)) = self.slots.get(slot) else { return };
        let channel = match subscriber.stream {
            Stream::Log => Arc::clone(&self.channel),
            Stream::Ephemeral => Arc::clone(&self.live_channel),
        };
        let reason = match code {
            REMOVED => "removed from the room",
            _ => "insufficient state",
        };
        subscriber.outbox.push_own(Item::End { channel, code, reason });
        self.vacate(slot, now);
    }

    fn vacate(&mut self, slot: usize, now: Millis) {
        if let Some(place) = self.slots.get_mut(slot)
            && place.take().is_some()
        {
            self.free.push(slot);
        }
        if self.subscriptions() == 0 {
            self.idle_since = Some(now);
            self.slots = Vec::new();
            self.free = Vec::new();
        }
    }

    fn ticket(&self, slot: usize, subscriber: &Subscriber) -> Ticket {
        let (stream, serial) = (subscriber.stream, subscriber.serial);
        Ticket { room: self.id, stream, slot, serial }
    }

    fn subscriber(&mut self, ticket: Ticket) -> Option<&mut Subscriber> {
        subscriber_of(&mut self.slots, ticket)
    }
}

fn subscriber_of(slots: &mut [Option<Subscriber>], ticket: Ticket) -> Option<&mut Subscriber> {
    slots.get_mut(ticket.slot)?.as_mut().filter(|subscriber| subscriber.serial == ticket.serial)
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
