//! From the configuration to a pool of connections to a migrated database.

use std::str::FromStr as _;
use std::time::Duration;

use futures_util::FutureExt as _;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgPool};

use super::Durability;
use super::durability::ServerFacts;
use super::embedded::{Embedded, EmbeddedError, Profile, Wish};
use crate::config::Config;

/// The tables, embedded in the program.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Waiting for a free connection ends before the client's own deadline does.
const ACQUIRE_MAX: Duration = Duration::from_secs(4);
/// A connection that was idle for longer is tested before it is used; each is when it comes back.
const UNTESTED_MAX: Duration = Duration::from_secs(1);
/// Commands give up waiting for a lock; the client tries again.
const LOCK_TIMEOUT: (&str, &str) = ("lock_timeout", "2s");
/// For connections that only look up keys and live long. A plan made while a table is still small
/// reads it whole, and is kept until the next analysis finds it grown: on a fresh installation that
/// made a commit of eight messages cost five times as much.
pub const BY_KEY_ALONE: (&str, &str) = ("enable_seqscan", "off");
/// A transaction of a node that stands still must not hold a room.
const IDLE_TIMEOUT: (&str, &str) = ("idle_in_transaction_session_timeout", "10s");

/// Why there is no usable database. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0}")]
    Unfit(String),
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    #[error("read database.url: {0}")]
    Url(#[source] sqlx::Error),
    #[error("reach the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("migrate the database: {0}")]
    Migrate(#[from] MigrateError),
}

/// The database of a running hub.
#[derive(Debug)]
pub struct Store {
    pub pool: PgPool,
    embedded: Option<Embedded>,
}

impl Store {
    /// Takes the database that the configuration names, or brings up the embedded one; refuses
    /// one that breaks the promise of durability; migrates it.
    pub async fn open(config: &Config, durability: Durability) -> Result<Self, StoreError> {
        if durability == Durability::Waived {
            tracing::warn!(
                "a control run, or data to be thrown away: a crash may lose acknowledged messages"
            );
        }
        let (options, embedded) = if config.database.url.is_empty() {
            let profile = match durability {
                Durability::Required => Profile::Durable,
                Durability::Waived => Profile::Control,
            };
            let wish = Wish { profile, archive: config.backup.archive() };
            let embedded = Embedded::start(&config.data_dir, wish).await?;
            (embedded.options(), Some(embedded))
        } else {
            let options = PgConnectOptions::from_str(&config.database.url);
            (options.map_err(StoreError::Url)?, None)
        };
        let pool = pool_options(config.database.connections_max)
            .connect_with(options.application_name("hub").options([LOCK_TIMEOUT, IDLE_TIMEOUT]))
            .await?;
        let facts = ServerFacts::of(&pool).await?;
        if let Some(objection) = facts.objection(durability) {
            return Err(StoreError::Unfit(objection));
        }
        if let Some(warning) = facts.warning() {
            tracing::warn!("{warning}");
        }
        MIGRATOR.run(&pool).await?;
        Ok(Self { pool, embedded })
    }

    /// The embedded cluster, if this is one.
    #[must_use]
    pub fn embedded(&self) -> Option<&Embedded> {
        self.embedded.as_ref()
    }

    /// Closes the connections. An embedded server stays up for the next hub.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// The settings of every pool.
#[must_use]
pub fn pool_options(connections_max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_MAX)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            let tested = meta.idle_for < UNTESTED_MAX;
            async move {
                if !tested {
                    connection.ping().await?;
                }
                Ok(true)
            }
            .boxed()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fresh_data_directory_becomes_a_migrated_durable_database() {
        let home = tempfile::tempdir().expect("temporary folder");
        let mut config = Config::load(None).expect("defaults");
        config.data_dir = home.path().join("data");
        config.database.url.clear();
        for _ in 0..2 {
            let store = Store::open(&config, Durability::Required).await.expect("opened");
            let rooms = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM room"#)
                .fetch_one(&store.pool)
                .await
                .expect("the tables exist");
            assert_eq!(rooms, 0);
            store.close().await;
        }
        assert!(super::super::embedded::stop(&config.data_dir).await.expect("stopped"));
    }

    #[tokio::test]
    async fn a_database_that_may_lose_commits_is_refused_unless_a_control_run_asks() {
        let database = crate::testing::TestDatabase::new().await;
        let mut config = Config::load(None).expect("defaults");
        config.database.url = database.url();
        let error = Store::open(&config, Durability::Required).await.expect_err("refused");
        assert!(matches!(&error, StoreError::Unfit(why) if why.contains("fsync")), "{error}");
        Store::open(&config, Durability::Waived).await.expect("a control run").close().await;
    }
}
