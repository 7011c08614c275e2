//! What waits for one connection's socket. Bounded: what does not fit is not queued, and the
//! subscription is refilled from the ring or the store once the socket drains.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use signaling::chat::Encoding;
use signaling::limits::{OUTBOX_BYTES_MAX, OUTBOX_FRAMES_EPHEMERAL_MAX, OUTBOX_FRAMES_MAX};

use super::room::Ticket;

/// One thing that waits for the socket, in its place.
#[derive(Clone, Debug)]
pub enum Item {
    /// An encoded message, without frame assembly.
    Frame(Bytes),
    /// The subscription ended here: the session tells the client.
    End { channel: Arc<str>, code: u32, reason: &'static str },
    /// JSON for the client alone: the session wraps it as a `message` push.
    Message(Bytes),
}

/// Who pays for the bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The frame exists anyway, for other subscribers or in the ring.
    Shared,
    /// Made for this connection.
    Connection,
}

/// The queue of one connection. The fan-out fills it, the connection's task drains it.
#[derive(Debug)]
pub struct Outbox {
    pub id: u64,
    pub encoding: Encoding,
    queue: Mutex<Queue>,
    waker: AtomicWaker,
    /// Frames that were written so far.
    taken: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<(Item, usize)>,
    owned_bytes: usize,
    /// Subscriptions that have something to read and wait for the socket to drain.
    behind: Vec<Ticket>,
    close: Option<Close>,
    /// The task waits for something to come.
    asleep: bool,
}

/// An order to close the connection, before anything that still waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: &'static str,
}

/// What the task finds.
#[derive(Debug, Default)]
pub struct Taken {
    pub items: Vec<Item>,
    pub behind: Vec<Ticket>,
    pub close: Option<Close>,
}

impl Outbox {
    /// An empty outbox.
    #[must_use]
    pub fn new(id: u64, encoding: Encoding) -> Self {
        let (queue, waker, taken) = (Mutex::default(), AtomicWaker::new(), AtomicU64::new(0));
        Self { id, encoding, queue, waker, taken }
    }

    /// Pushes frames of the log while they fit; returns how many did.
    pub fn push_all(&self, frames: impl Iterator<Item = (Bytes, Owner)>) -> usize {
        let mut queue = self.queue();
        let mut pushed = 0;
        for (frame, owner) in frames {
            if queue.is_full() {
                break;
            }
            queue.push(Item::Frame(frame), owner);
            pushed += 1;
        }
        self.wake(queue);
        pushed
    }

    /// Pushes what may be dropped; returns whether it was queued.
    pub fn push_ephemeral(&self, item: Item) -> bool {
        let mut queue = self.queue();
        let fits = queue.items.len() < OUTBOX_FRAMES_EPHEMERAL_MAX && !queue.is_full();
        if fits {
            queue.push(item, Owner::Shared);
        }
        self.wake(queue);
        fits
    }

    /// Pushes a reply or a notice of the connection itself. Their number is bounded by the
    /// commands under way: a task whose outbox is full reads no further commands.
    pub fn push_own(&self, item: Item) {
        let mut queue = self.queue();
        queue.push(item, Owner::Connection);
        self.wake(queue);
    }

    /// Marks a subscription as one that reads for itself when the socket has drained.
    pub fn fall_behind(&self, ticket: Ticket) {
        let mut queue = self.queue();
        if !queue.behind.contains(&ticket) {
            queue.behind.push(ticket);
        }
        self.wake(queue);
    }

    /// Orders the connection to close before anything that still waits. The first order counts.
    pub fn close(&self, close: Close) {
        let mut queue = self.queue();
        queue.close.get_or_insert(close);
        self.wake(queue);
    }

    /// Whether so much waits that no more commands should be read.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.queue().is_full()
    }

    /// Whether the socket has drained enough for subscriptions that are behind.
    #[must_use]
    pub fn has_drained(&self) -> bool {
        let queue = self.queue();
        queue.items.len() < OUTBOX_FRAMES_MAX / 4 && queue.owned_bytes < OUTBOX_BYTES_MAX / 2
    }

    /// Frames and owned bytes that wait.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let queue = self.queue();
        (queue.items.len(), queue.owned_bytes)
    }

    /// Frames that were taken so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Takes at most about `bytes_max` bytes of what waits. If nothing waits, `waker` is woken
    /// when something comes.
    pub fn take(&self, bytes_max: usize, waker: &Waker) -> Taken {
        self.waker.register(waker);
        let mut queue = self.queue();
        let mut taken = Taken {
            close: queue.close.take(),
            behind: std::mem::take(&mut queue.behind),
            items: Vec::new(),
        };
        let mut bytes: usize = 0;
        while bytes < bytes_max
            && let Some((item, owned)) = queue.items.pop_front()
        {
            bytes = bytes.saturating_add(item.len());
            queue.owned_bytes = queue.owned_bytes.saturating_sub(owned);
            taken.items.push(item);
        }
        if queue.items.is_empty() && queue.items.capacity() > 64 {
            queue.items.shrink_to(8);
        }
        queue.asleep = taken.is_empty();
        drop(queue);
        let count = u64::try_from(taken.items.len()).unwrap_or_default();
        self.taken.fetch_add(count, Ordering::Relaxed);
        taken
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, mut queue: MutexGuard<'_, Queue>) {
        let asleep = std::mem::take(&mut queue.asleep);
        drop(queue);
        if asleep {
            self.waker.wake();
        }
    }
}

impl Queue {
    fn push(&mut self, item: Item, owner: Owner) {
        let owned = match owner {
            Owner::Shared => 0,
            Owner::Connection => item.len(),
        };
        self.owned_bytes = self.owned_bytes.saturating_add(owned);
        self.items.push_back((item, owned));
    }

    fn is_full(&self) -> bool {
        self.items.len() >= OUTBOX_FRAMES_MAX || self.owned_bytes >= OUTBOX_BYTES_MAX
    }
}

impl Item {
    fn len(&self) -> usize {
        match self {
            Self::Frame(bytes) | Self::Message(bytes) => bytes.len(),
            Self::End { .. } => 64,
        }
    }
}

impl Taken {
    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.behind.is_empty() && self.close.is_none()
    }
}
