//! A running hub: everything wired together, started and stopped as one value.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use signaling::limits::PASSWORD_HASHES_MAX;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, AppState, Chance, Clock, Ids};
use crate::auth::{Access, AccessError, Cookies};
use crate::bus::{Incoming, Joined};
use crate::config::Config;
use crate::conformance::{Conformance, StoreKind};
use crate::door::{self, Drain, ListenError, Listener, Lobby, SharedReads};
use crate::fanout::Fanout;
use crate::features::accounts::{
    self, AllDevices, Delivery, DeliveryError, DeviceRegister, StoredDevices,
};
use crate::features::calls::{self, MediaServerError};
use crate::features::chat::{self, Bumps, Elsewhere, LatestPages};
use crate::features::pages::PageMemory;
use crate::features::pictures::Cleaner;
use crate::features::{boards, delegates, joining, meetings};
use crate::keys::Keys;
use crate::metrics;
use crate::node;
use crate::timeline::{self, Admission, AnswerAt, Fed, LaneSettings, Log, MemoryLog, PostgresLog};

/// What a hub is made of.
pub struct Parts {
    pub config: Config,
    pub db: PgPool,
    pub keys: Keys,
    pub clock: Arc<dyn Clock>,
    pub chance: Chance,
    /// Who may do what; a control run gives another than the embedded one.
    pub access: Access,
    /// When sends are answered; anything but a commit is a control run.
    pub answer_at: AnswerAt,
    /// Whether the node compares its rooms with the store; always, but in a control run.
    pub compares: bool,
    /// The hub's own program, whose children clean pictures.
    pub program: PathBuf,
    /// This node's end of the bus.
    pub bus: Joined,
}

/// Why a hub does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Door(#[from] ListenError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error("find the way to the media server: {0}")]
    Media(#[from] MediaServerError),
}

/// A hub that serves.
pub struct Server {
    pub app: App,
    /// Where it listens.
    pub address: SocketAddr,
    door: JoinHandle<()>,
    node: JoinHandle<()>,
    revocations: Option<JoinHandle<()>>,
    calls: JoinHandle<()>,
}

impl Server {
    /// Starts serving. A busy port is an error, or the next free one where the configuration
    /// allows it.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        metrics::start();
        let backing = Backing::database(&parts);
        let (app, sources) = wire(parts, backing, None)?;
        let router = door::http::router(Arc::clone(&app))?;
        Self::serve(app, sources, router).await
    }

    /// Starts serving guests under the rules of the conformance mode, through its own door.
    pub async fn start_conformance(
        parts: Parts,
        rules: Conformance,
        door: fn(App) -> Router,
    ) -> Result<Self, StartError> {
        let backing = Backing::guests(&parts, &rules);
        let (app, sources) = wire(parts, backing, Some(rules))?;
        let router = door(Arc::clone(&app));
        Self::serve(app, sources, router).await
    }

    async fn serve(app: App, sources: Sources, router: Router) -> Result<Self, StartError> {
        let listener = Listener::bind(&app.config.http).await?;
        let address = listener.address;
        let node = tokio::spawn(node::run(Arc::clone(&app), sources.0, sources.1));
        // Guests of the conformance mode have no devices.
        let members = app.conformance.is_none();
        let revocations = members.then(|| tokio::spawn(accounts::listen(Arc::clone(&app))));
        if members {
            app.tasks.spawn(joining::run(Arc::clone(&app)));
            app.tasks.spawn(boards::run(Arc::clone(&app)));
            app.tasks.spawn(delegates::run(Arc::clone(&app)));
            app.tasks.spawn(meetings::run(Arc::clone(&app)));
            app.tasks.spawn(chat::tell_moved(Arc::clone(&app)));
        }
        let calls = tokio::spawn(calls::run(Arc::clone(&app)));
        let door = tokio::spawn(listener.serve(router, app.stopping.clone()));
        Ok(Self { app, address, door, node, revocations, calls })
    }

    /// Tells every client to come back elsewhere, one after the other, and waits for the sockets,
    /// at most as long as the configuration says. Until they are gone events are delivered.
    pub async fn stop(self) {
        let Self { app, door, node, revocations, calls, .. } = self;
        app.drain.begin(app.tasks.len());
        app.stopping.cancel();
        app.tasks.close();
        let left = async {
            app.tasks.wait().await;
            let _ = door.await;
        };
        let drain = Duration::from_secs(app.config.http.drain_s);
        if tokio::time::timeout(drain, left).await.is_err() {
            tracing::warn!("some sockets did not close in time");
        }
        app.drained.cancel();
        let _ = node.await;
        let _ = calls.await;
        if let Some(revocations) = revocations {
            let _ = revocations.await;
        }
    }
}

/// Where events come from: what this node commits, and what other nodes say.
pub type Sources = (Fed, Incoming);

/// What a hub keeps its truth in.
pub struct Backing {
    pub log: Arc<dyn Log>,
    pub devices: Arc<dyn DeviceRegister>,
    /// What the log commits.
    pub fed: Fed,
}

impl Backing {
    /// The database of `parts`.
    #[must_use]
    pub fn database(parts: &Parts) -> Self {
        let (feed, fed) = timeline::feed();
        let lanes = parts.config.database.lanes;
        let lane = LaneSettings { lanes, answer_at: parts.answer_at };
        let log = Arc::new(PostgresLog::start(parts.db.clone(), feed, lane));
        Self { log, devices: Arc::new(StoredDevices::start(parts.db.clone())), fed }
    }

    /// Guests of the conformance mode, on the store that its rules name.
    fn guests(parts: &Parts, rules: &Conformance) -> Self {
        let devices = Arc::new(AllDevices);
        if rules.settings.store != StoreKind::Memory {
            return Self { devices, ..Self::database(parts) };
        }
        let (feed, fed) = timeline::feed();
        let epoch = u32::try_from(parts.chance.below(u64::from(u32::MAX))).unwrap_or_default();
        let clock = Arc::clone(&parts.clock);
        let log = Arc::new(MemoryLog::new(Admission::Everyone, epoch, clock, feed));
        Self { log, devices, fed }
    }
}

/// Puts the parts together; the second half feeds the node's own task.
pub fn wire(
    parts: Parts,
    backing: Backing,
    conformance: Option<Conformance>,
) -> Result<(App, Sources), StartError> {
    let delivery = Delivery::choose(&parts.config)?;
    let chance = Arc::new(parts.chance);
    let media = calls::media_server(&parts.config, &parts.keys)?;
    let ids = Ids::new(Arc::clone(&parts.clock), Arc::clone(&chance));
    let app = Arc::new(AppState {
        media,
        timeline: backing.log,
        compares: parts.compares,
        devices: backing.devices,
        db: parts.db,
        fanout: Fanout::default(),
        reads: SharedReads::default(),
        bus: parts.bus.bus,
        bumps: Bumps::default(),
        latest_pages: LatestPages::default(),
        elsewhere: Elsewhere::new(ids.next()),
        keys: parts.keys,
        conformance,
        access: parts.access,
        cookies: Cookies::new(parts.config.secure_cookies()),
        delivery,
        pages: PageMemory::default(),
        pictures: Cleaner::new(parts.program),
        ids,
        clock: parts.clock,
        chance,
        hashes: Arc::new(Semaphore::new(PASSWORD_HASHES_MAX)),
        lobby: Arc::new(Lobby::new(parts.config.http.unauthenticated_sockets_per_address)),
        tasks: TaskTracker::new(),
        stopping: CancellationToken::new(),
        drain: Drain::over(parts.config.http.drain_s),
        drained: CancellationToken::new(),
        config: parts.config,
    });
    Ok((app, (backing.fed, parts.bus.incoming)))
}
