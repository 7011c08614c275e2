//! Bringing the conformance mode up: a hub without members on one of the two stores.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Conformance, Settings, StoreKind};
use crate::app::{Chance, Clock as _, SystemClock};
use crate::bus::Ether;
use crate::config::{Config, ConfigError, Mode};
use crate::door;
use crate::keys::{KeyFileError, Keys, Missing};
use crate::server::{self, Parts, Server};
use crate::store::{Durability, Store, StoreError, embedded};
use crate::timeline::AnswerAt;

/// Connections to the throw-away database. The suites count on the answer to a first subscribe
/// coming before that to a connect sent right behind it, and a first subscribe makes a room: it must
/// find a connection that has seen its statements, and must not wait for a disk.
const CONNECTIONS_MAX: u32 = 4;

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("make a folder for it: {0}")]
    Folder(#[from] io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Hub(#[from] server::StartError),
}

/// A hub in conformance mode; everything it keeps is thrown away when it stops.
pub struct ConformanceServer {
    /// Where it listens.
    pub address: SocketAddr,
    server: Server,
    store: Option<Store>,
    home: tempfile::TempDir,
}

impl ConformanceServer {
    /// Starts serving at `listen`.
    pub async fn start(settings: Settings, listen: SocketAddr) -> Result<Self, StartError> {
        let home = tempfile::Builder::new().prefix("hub-conformance").tempdir()?;
        let mut config = Config::load(None)?;
        config.mode = Mode::Dev;
        config.demo_data = false;
        config.data_dir = home.path().join("data");
        config.database.url.clear();
        config.http.listen = listen;
        config.http.port_search = false;
        config.database.connections_max = CONNECTIONS_MAX;
        let clock = SystemClock::start();
        std::fs::create_dir_all(&config.data_dir)?;
        let keys = Keys::load(&config.data_dir, Missing::Make { now: clock.now() })?;
        let store = match settings.store {
            StoreKind::Memory => None,
            // See `CONNECTIONS_MAX`: no disk either.
            StoreKind::Postgres => Some(Store::open(&config, Durability::Waived).await?),
        };
        let db = match &store {
            Some(store) => store.pool.clone(),
            // Nothing is asked of it.
            None => PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new()),
        };
        let parts = Parts {
            config,
            db,
            keys,
            clock: Arc::new(clock),
            chance: Chance::from_os(),
            access: crate::auth::Access::embedded().map_err(server::StartError::from)?,
            answer_at: AnswerAt::Commit,
            compares: true,
            // Nobody sends a picture.
            program: PathBuf::new(),
            bus: Arc::new(Ether::default()).join(),
        };
        let rules = Conformance::new(settings);
        let server = Server::start_conformance(parts, rules, door::conformance::router).await?;
        Ok(Self { address: server.address, server, store, home })
    }

    /// Stops serving and throws the data away.
    pub async fn stop(self) {
        let data_dir = self.server.app.config.data_dir.clone();
        self.server.stop().await;
        if let Some(store) = self.store {
            store.close().await;
            if let Err(error) = embedded::stop(&data_dir).await {
                tracing::warn!(%error, "failed to stop the throw-away database");
            }
        }
        if let Err(error) = self.home.close() {
            tracing::warn!(%error, "failed to remove the folder");
        }
    }
}
