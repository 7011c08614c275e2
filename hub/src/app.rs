//! What a running hub holds, and the only place where time and chance enter.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng as _};
use signaling::chat::session::Millis;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::{Access, Cookies};
use crate::bus::{Bus, Hint};
use crate::config::Config;
use crate::conformance::Conformance;
use crate::door::{Drain, Lobby, SharedReads};
use crate::fanout::Fanout;
use crate::features::accounts::{Delivery, DeviceRegister};
use crate::features::calls::MediaServer;
use crate::features::chat::{Bumps, Elsewhere, LatestPages};
use crate::features::pages::PageMemory;
use crate::features::pictures::Cleaner;
use crate::keys::Keys;
use crate::timeline::Log;

/// A running hub, shared by everything that serves.
pub type App = Arc<AppState>;

/// What a running hub holds.
pub struct AppState {
    pub config: Config,
    pub db: PgPool,
    pub timeline: Arc<dyn Log>,
    /// Whether the node compares its rooms with the store; always, but in a control run.
    pub compares: bool,
    /// Which devices may have a socket.
    pub devices: Arc<dyn DeviceRegister>,
    pub fanout: Fanout,
    /// Reads of the log that connections share.
    pub reads: SharedReads,
    /// Rooms that moved, to be told to members who do not listen.
    pub bumps: Bumps,
    /// The latest page of rooms that many open.
    pub latest_pages: LatestPages,
    /// Who is in a room on the other nodes.
    pub elsewhere: Elsewhere,
    /// The way to the other nodes; see [`AppState::tell`].
    pub bus: Arc<dyn Bus>,
    /// Sockets that have not signed in yet.
    pub lobby: Arc<Lobby>,
    /// Places for password hashes under way.
    pub hashes: Arc<Semaphore>,
    /// The tasks of open sockets, which a stopping hub waits for.
    pub tasks: TaskTracker,
    /// Cancelled when the hub stops: nobody new, and the sockets leave.
    pub stopping: CancellationToken,
    /// In which order they leave.
    pub drain: Drain,
    /// Cancelled when the sockets are gone, or their time is over: nothing is delivered any more.
    pub drained: CancellationToken,
    pub keys: Keys,
    /// The rules of the conformance mode; `None` in the product.
    pub conformance: Option<Conformance>,
    /// Who may do what.
    pub access: Access,
    pub cookies: Cookies,
    /// How one-time codes reach people.
    pub delivery: Delivery,
    /// Public pages in memory.
    pub pages: PageMemory,
    /// The way to the children that clean pictures.
    pub pictures: Cleaner,
    /// The media server; `None` where calls are not offered.
    pub media: Option<MediaServer>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<Chance>,
    pub ids: Ids,
}

impl AppState {
    /// Tells the other nodes something they would otherwise find out a little later, or (data for
    /// sockets that is never stored) not at all. Never waits, and may be lost.
    pub fn tell(&self, hint: &Hint) {
        if self.bus.reaches_others()
            && let Some(sealed) = hint.seal(&self.keys.bus)
        {
            self.bus.publish(sealed);
        }
    }
}

/// Time as a parameter.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, UTC.
    fn now(&self) -> OffsetDateTime;
    /// A clock that never runs back, milliseconds from an arbitrary origin.
    fn monotonic(&self) -> Millis;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

#[expect(clippy::disallowed_methods, reason = "the one place where the machine's time enters")]
impl SystemClock {
    /// Clocks whose monotonic origin is now.
    #[must_use]
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the machine's time enters")]
impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn monotonic(&self) -> Millis {
        Millis(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug)]
pub struct MockClock {
    state: Mutex<(OffsetDateTime, u64)>,
}

impl MockClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: OffsetDateTime) -> Self {
        Self { state: Mutex::new((now, 0)) }
    }

    /// Moves both clocks forward.
    pub fn advance(&self, step: time::Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += step;
        state.1 =
            state.1.saturating_add(u64::try_from(step.whole_milliseconds()).unwrap_or_default());
    }
}

impl Clock for MockClock {
    fn now(&self) -> OffsetDateTime {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn monotonic(&self) -> Millis {
        Millis(self.state.lock().unwrap_or_else(PoisonError::into_inner).1)
    }
}

/// Chance as a parameter: seeded from the operating system, or from a number in tests.
#[derive(Debug)]
pub struct Chance(Mutex<StdRng>);

impl Chance {
    /// Seeded by the operating system. Never used for secrets; those come from the cryptographic
    /// provider.
    #[must_use]
    pub fn from_os() -> Self {
        Self(Mutex::new(StdRng::from_os_rng()))
    }

    /// The same sequence for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// Fills `bytes`.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }

    /// A number below `bound`; 0 where `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        let draw = self.0.lock().unwrap_or_else(PoisonError::into_inner).next_u64();
        draw.checked_rem(bound).unwrap_or_default()
    }
}

/// Makes time-ordered ids from a clock and chance.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    chance: Arc<Chance>,
}

impl Ids {
    /// Ids whose leading bits are `clock`'s milliseconds.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, chance: Arc<Chance>) -> Self {
        Self { clock, chance }
    }

    /// A new UUID version 7 (RFC 9562 §5.7).
    #[must_use]
    pub fn next(&self) -> Uuid {
        let mut random = [0_u8; 10];
        self.chance.fill(&mut random);
        let millis = self.clock.now().unix_timestamp_nanos() / 1_000_000;
        let millis = u64::try_from(millis).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
