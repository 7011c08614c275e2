//! What all parts of a simulated run share: one store, one clock, chance, the weather, and the list
//! of what clients saw.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hub::app::{Chance, Clock};
use hub::timeline::{Admission, Append, AppendError, Appended, Committed, MemoryLog};
use signaling::chat::session::Millis;
use signaling::event::EventKind;
use signaling::event::chat::{Left, RoomRole};
use signaling::{PersonId, RoomId};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Control;
use super::history::{Entry, Recorder, Rooms, Stored, StoredRoom};

/// Time of the paused runtime.
pub struct SimClock {
    origin: Instant,
}

impl Clock for SimClock {
    fn now(&self) -> OffsetDateTime {
        time::macros::datetime!(2026-11-24 08:00 UTC) + self.origin.elapsed()
    }

    fn monotonic(&self) -> Millis {
        Millis(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// How bad things are at the moment, per hundred.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub hints_lost: u64,
    pub hints_doubled: u64,
    pub hint_ms_max: u64,
    pub store_ms_max: u64,
    pub reads_failed: u64,
    pub wire_ms_max: u64,
}

/// How often something happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<&'static str, usize>);

impl Counts {
    pub fn add(&mut self, what: &'static str, count: usize) {
        *self.0.entry(what).or_default() += count;
    }
}

/// One run.
pub struct World {
    pub clock: Arc<SimClock>,
    pub chance: Arc<Chance>,
    pub log: MemoryLog,
    pub rooms: Vec<RoomId>,
    pub weather: Mutex<Weather>,
    pub store_down: AtomicBool,
    /// When the bus went away that is away now.
    pub bus_down_since: Mutex<Option<Instant>>,
    /// No more faults and no new messages: everyone catches up.
    pub quiet: AtomicBool,
    /// When a read or commit failed last: the bound of the delay does not hold for an event that
    /// was under way then.
    failed_at: Mutex<Option<Instant>>,
    /// The longest way of an event for which the bound holds.
    pub delay_ms_max: AtomicUsize,
    /// The same of events during whose whole way the bus was away.
    pub alone_ms_max: AtomicUsize,
    /// Messages that wait for their answer.
    pub unanswered: AtomicUsize,
    pub counts: Mutex<Counts>,
    pub control: Option<Control>,
    recorder: Recorder,
    trace: Mutex<DefaultHasher>,
    commits: Mutex<HashMap<(RoomId, i64), Instant>>,
    tops: Mutex<HashMap<RoomId, i64>>,
    left: Mutex<BTreeMap<(RoomId, PersonId), i64>>,
}

impl World {
    pub fn new(seed: u64, rooms: usize, control: Option<Control>) -> Arc<Self> {
        let clock = Arc::new(SimClock { origin: Instant::now() });
        // Nobody reads this feed: every node has one of its own.
        let (feed, _) = hub::timeline::feed();
        let log = MemoryLog::new(Admission::Members, 7, Arc::clone(&clock) as Arc<dyn Clock>, feed);
        let rooms = (0..rooms).map(|number| RoomId(Uuid::from_u128(0xb000 + number as u128)));
        Arc::new(Self {
            clock,
            chance: Arc::new(Chance::seeded(seed)),
            log,
            rooms: rooms.collect(),
            weather: Mutex::default(),
            store_down: AtomicBool::new(false),
            bus_down_since: Mutex::default(),
            quiet: AtomicBool::new(false),
            failed_at: Mutex::default(),
            delay_ms_max: AtomicUsize::new(0),
            alone_ms_max: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            counts: Mutex::default(),
            control,
            recorder: Recorder::default(),
            trace: Mutex::default(),
            commits: Mutex::default(),
            tops: Mutex::default(),
            left: Mutex::default(),
        })
    }

    /// Makes a person a member of every room, with an inbox.
    pub fn admit(&self, person: PersonId) {
        for room in self.rooms.iter().copied().chain([person.inbox()]) {
            self.log.open(room);
            self.log.admit(room, person, RoomRole::Member, 1);
        }
    }

    /// A number below `bound`.
    pub fn below(&self, bound: u64) -> u64 {
        self.chance.below(bound)
    }

    /// Whether something with a chance of `percent` happens.
    pub fn happens(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Waits up to `ms_max`.
    pub async fn nap(&self, ms_max: u64) {
        sleep(Duration::from_millis(self.below(ms_max.saturating_add(1)))).await;
    }

    pub fn weather(&self) -> Weather {
        *lock(&self.weather)
    }

    pub fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Relaxed)
    }

    pub fn count(&self, what: &'static str) {
        lock(&self.counts).add(what, 1);
    }

    /// Writes down what a client saw.
    pub fn saw(&self, entry: Entry) {
        let mut trace = lock(&self.trace);
        self.clock.monotonic().hash(&mut *trace);
        format!("{entry:?}").hash(&mut *trace);
        drop(trace);
        self.recorder.write(entry);
    }

    /// The whole run as a number: the same for the same seed.
    pub fn trace(&self) -> u64 {
        lock(&self.trace).finish()
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.recorder.entries()
    }

    /// The commit itself.
    pub fn write(&self, append: Append) -> Result<(Appended, Option<Arc<Committed>>), AppendError> {
        let written = self.log.write(append)?;
        if let Some(event) = &written.1 {
            lock(&self.commits).insert((event.room, event.seq), Instant::now());
            lock(&self.tops).insert(event.room, event.seq);
        }
        Ok(written)
    }

    /// Ends a membership, as the command's transaction does.
    pub fn remove(&self, room: RoomId, person: PersonId) -> Option<Arc<Committed>> {
        let left = Left { person, name: "x".to_owned(), removed: true };
        let append = Append {
            room,
            author: PersonId::SYSTEM,
            cid: format!("left-{person}"),
            kind: EventKind::Left,
            reference: None,
            body: serde_json::to_string(&left).expect("JSON"),
        };
        self.log.dismiss(room, person);
        let (appended, event) = self.write(append).expect("written");
        lock(&self.left).insert((room, person), appended.seq);
        event
    }

    /// Where a membership ended.
    pub fn left_at(&self, room: RoomId, person: PersonId) -> Option<i64> {
        lock(&self.left).get(&(room, person)).copied()
    }

    /// The store could not be read or written.
    pub fn store_failed(&self) {
        *lock(&self.failed_at) = Some(Instant::now());
    }

    /// An event reached a reader who had been listening since `since`.
    pub fn reached(&self, room: RoomId, seq: i64, since: Instant) {
        let Some(committed) = lock(&self.commits).get(&(room, seq)).copied() else { return };
        let failed = lock(&self.failed_at).is_some_and(|at| at >= committed);
        if committed > since && !failed {
            let late = usize::try_from(committed.elapsed().as_millis()).unwrap_or(usize::MAX);
            self.delay_ms_max.fetch_max(late, Ordering::Relaxed);
            if lock(&self.bus_down_since).is_some_and(|down| down <= committed) {
                self.alone_ms_max.fetch_max(late, Ordering::Relaxed);
            }
        }
    }

    /// The log at the end, as readers know it: events of the system have no cid.
    pub fn stored(&self) -> Rooms {
        self.rooms.iter().map(|room| (*room, self.stored_room(*room))).collect()
    }

    /// The number of the last event.
    pub fn top(&self, room: RoomId) -> i64 {
        lock(&self.tops).get(&room).copied().unwrap_or_default()
    }

    fn stored_room(&self, room: RoomId) -> StoredRoom {
        use futures_util::FutureExt as _;
        use hub::timeline::Log as _;
        let slice = self.log.since(room, 0, usize::MAX).now_or_never().expect("in memory");
        let slice = slice.expect("read").expect("a room");
        let row = |event: Committed| {
            let system = event.author == PersonId::SYSTEM;
            let cid = if system { String::new() } else { event.cid };
            Stored { seq: event.seq, author: event.author, cid }
        };
        let epoch = slice.top.epoch.to_string();
        StoredRoom { epoch, rows: slice.events.into_iter().map(row).collect() }
    }
}

/// A lock that no panic of another run poisons.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
