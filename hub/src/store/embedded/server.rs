//! The server process of one cluster: made, adopted, waited for, ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::account::Account;
use super::backup;
use super::binaries::{self, Binaries, Places};
use super::folder::Folder;
use super::{DATABASE, EmbeddedError, Profile, Wish};

/// Pause between two looks at a server that is not ready yet.
const POLL: Duration = Duration::from_millis(25);
/// Pause between two looks at a server that is not this process's child.
const ADOPTED_POLL: Duration = Duration::from_millis(100);
/// A connection that is not answered within this counts as not ready.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// How often a wait for the backends of a dead server looks again.
const ORPHAN_LOOKS_MAX: u32 = 400;
/// The oldest commit that only this disk has, where an archive is kept; as Postgres writes it.
const ARCHIVE_TIMEOUT: &str = "1min";
/// Connections of the server.
const CONNECTIONS: &str = "200";

/// Everything needed to bring one cluster up.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) folder: Folder,
    binaries: Binaries,
    profile: Profile,
    /// The shell command that keeps a finished file of the write-ahead log.
    archive: Option<String>,
}

/// A running server.
#[derive(Debug)]
pub(super) enum Server {
    /// Started by this process, which must collect it when it ends.
    Child(Child),
    /// Started by an earlier process.
    Adopted(Pid),
}

impl Setup {
    /// Finds the programs for the cluster in `folder`.
    pub(super) fn find(folder: Folder, wish: Wish) -> Result<Self, EmbeddedError> {
        let archive =
            wish.archive.map(|path| backup::archive_command(&folder, &path)).transpose()?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut installs = folder.installs().to_vec();
        installs.extend(std::env::var_os("VIRTUAL_ENV").map(PathBuf::from));
        let places = Places {
            named: std::env::var_os("POSTGRES_BIN").map(PathBuf::from),
            system: PathBuf::from("/usr/lib/postgresql"),
            path: std::env::split_paths(&path).collect(),
            installs,
        };
        let wanted = folder.major();
        let version = |bin: &Path| version_in(bin, &folder);
        let binaries = match (binaries::choose(&places.candidates(), wanted, version), wanted) {
            (Ok(binaries), _) => binaries,
            (Err(Some(present)), Some(found)) => {
                return Err(EmbeddedError::OtherMajor { folder: folder.cluster(), found, present });
            }
            (Err(_), _) => {
                let [_, target] = folder.installs();
                return Err(EmbeddedError::NoBinaries { target });
            }
        };
        Ok(Self { folder, binaries, profile: wish.profile, archive })
    }

    /// The programs in use.
    pub(super) fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// How to connect to `database`.
    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder.socket())
            .port(5432)
            .username(DATABASE)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Returns when the server process has ended.
    pub(super) async fn ended(&self, server: &mut Server) {
        match server {
            Server::Child(child) => {
                let _ = child.wait().await;
            }
            Server::Adopted(pid) => {
                while self.serves_here(pid.as_raw_nonzero().get()) {
                    sleep(ADOPTED_POLL).await;
                }
            }
        }
    }

    /// Adopts the running server, or starts one; returns when it answers queries. Makes the
    /// cluster first where there is none.
    pub(super) async fn bring_up(&self) -> Result<Server, EmbeddedError> {
        self.initialise().await?;
        if let Some(pid) = self.running()
            && let Some(server) = self.adopt(pid).await?
        {
            return Ok(server);
        }
        self.outlive_orphans().await?;
        let mut child = self.launch()?;
        self.ready(|| matches!(child.try_wait(), Ok(None))).await?;
        Ok(Server::Child(child))
    }

    /// The process that serves this cluster: named in the pid file, a Postgres, and at home in
    /// this cluster's folder.
    pub(super) fn running(&self) -> Option<Pid> {
        let pid = self.pid_on_file()?;
        self.serves_here(pid.as_raw_nonzero().get()).then_some(pid)
    }

    /// Ends the server in good order and waits for its end; nothing to do if none runs.
    pub(super) async fn stop(&self) -> Result<(), EmbeddedError> {
        let Some(pid) = self.running() else { return Ok(()) };
        kill_process(pid, Signal::INT).map_err(|error| {
            EmbeddedError::io("stop the server of", &self.folder.cluster())(error.into())
        })?;
        while self.running() == Some(pid) {
            sleep(POLL).await;
        }
        Ok(())
    }

    fn pid_on_file(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.folder.cluster().join("postmaster.pid")).ok()?;
        Pid::from_raw(file.lines().next()?.trim().parse().ok()?)
    }

    fn serves_here(&self, pid: i32) -> bool {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let program = fs::read_link(process.join("exe")).unwrap_or_default();
        let is_postgres = program
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"postgres"));
        is_postgres
            && fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == self.folder.cluster())
    }

    /// Whether any process of this cluster lives: a backend may outlive its server for a moment.
    fn anyone_here(&self) -> bool {
        let Ok(entries) = fs::read_dir("/proc") else { return false };
        let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.into_iter().any(|pid| self.serves_here(pid))
    }

    /// Waits until no backend of a dead server is left, then removes a pid file whose number now
    /// belongs to another program; Postgres itself removes one whose number is free, and checks
    /// the shared memory that it names.
    async fn outlive_orphans(&self) -> Result<(), EmbeddedError> {
        for _ in 0..ORPHAN_LOOKS_MAX {
            if !self.anyone_here() {
                break;
            }
            sleep(POLL).await;
        }
        let Some(pid) = self.pid_on_file() else { return Ok(()) };
        let reused = Path::new(&format!("/proc/{}", pid.as_raw_nonzero())).exists();
        if reused && !self.anyone_here() {
            let path = self.folder.cluster().join("postmaster.pid");
            fs::remove_file(&path).map_err(EmbeddedError::io("remove the stale", &path))?;
        }
        Ok(())
    }

    /// Makes the cluster, whole or not at all.
    async fn initialise(&self) -> Result<(), EmbeddedError> {
        if self.folder.major().is_some() {
            return Ok(());
        }
        let unfinished = self.folder.unfinished();
        let mut command = self.command(&self.binaries.program("initdb"));
        command.args(["-k", "-E", "UTF8", "-A", "trust", "-U", DATABASE, "-D"]);
        command.arg(&unfinished);
        // Sorted by bytes, but with a character type that knows Chinese letters: under plain C the
        // trigram search finds none.
        if self.binaries.major >= 17 {
            command.args(["--locale-provider=builtin", "--locale=C.UTF-8"]);
            command.arg("--builtin-locale=C.UTF-8");
        } else {
            command.args(["--locale=C", "--lc-ctype=C.UTF-8"]);
        }
        let output =
            command.output().await.map_err(EmbeddedError::io("run initdb for", &unfinished))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(EmbeddedError::Initdb(text));
        }
        fs::rename(&unfinished, self.folder.cluster())
            .map_err(EmbeddedError::io("rename", &unfinished))
    }

    /// Takes over a server that is already running. `None`: it ended, or it ran with other
    /// promises and was ended.
    async fn adopt(&self, pid: Pid) -> Result<Option<Server>, EmbeddedError> {
        match self.ready(|| self.running() == Some(pid)).await {
            Ok(()) => {}
            Err(EmbeddedError::Died(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
        if self.keeps_profile().await? {
            tracing::info!(pid = pid.as_raw_nonzero(), "adopted the running database");
            return Ok(Some(Server::Adopted(pid)));
        }
        tracing::warn!("the running database was started with other settings; starting it anew");
        self.stop().await?;
        Ok(None)
    }

    /// Whether the running server has the settings that this profile asks for.
    async fn keeps_profile(&self) -> Result<bool, EmbeddedError> {
        let mut connection = self.connect("postgres").await?;
        let mut same = true;
        for (name, value) in self.settings() {
            let now = sqlx::query_scalar!("SELECT current_setting($1, true)", name)
                .fetch_one(&mut connection)
                .await?;
            same &= now.as_deref() == Some(value);
        }
        connection.close().await?;
        Ok(same)
    }

    fn settings(&self) -> Vec<(&'static str, &str)> {
        let (fsync, commit, pages) = match self.profile {
            Profile::Durable => ("on", "on", "on"),
            Profile::Control => ("on", "off", "on"),
            Profile::Scratch => ("off", "off", "off"),
        };
        let mut settings =
            vec![("fsync", fsync), ("synchronous_commit", commit), ("full_page_writes", pages)];
        match &self.archive {
            None => settings.push(("archive_mode", "off")),
            Some(command) => settings.extend([
                ("archive_mode", "on"),
                ("archive_timeout", ARCHIVE_TIMEOUT),
                ("archive_command", command),
            ]),
        }
        settings
    }

    fn launch(&self) -> Result<Child, EmbeddedError> {
        let log = self.folder.log()?;
        let errors = log.try_clone().map_err(EmbeddedError::io("share", self.folder.home()))?;
        let postgres = self.binaries.program("postgres");
        // A session of its own: signals of the hub's terminal must not reach the server.
        let setsid =
            ["/usr/bin/setsid", "/bin/setsid"].into_iter().find(|path| Path::new(path).exists());
        let mut command = if let Some(setsid) = setsid {
            let mut command = self.command(Path::new(setsid));
            command.arg(&postgres);
            command
        } else {
            let mut command = self.command(&postgres);
            command.process_group(0);
            command
        };
        command.arg("-D").arg(self.folder.cluster());
        let mut set = |name: &str, value: &str| {
            command.arg("-c").arg(format!("{name}={value}"));
        };
        set("listen_addresses", "");
        set("port", "5432");
        set("unix_socket_directories", &self.folder.socket().to_string_lossy());
        set("unix_socket_permissions", "0700");
        set("max_connections", CONNECTIONS);
        for (name, value) in self.settings() {
            set(name, value);
        }
        command.stdout(Stdio::from(log)).stderr(Stdio::from(errors));
        command.spawn().map_err(EmbeddedError::io("start", &postgres))
    }

    /// A command that runs as the cluster's user with a known environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        command_as(self.folder.account, program, self.folder.home())
    }

    /// Returns when the server answers queries for this very cluster and has the hub's database.
    async fn ready(&self, mut alive: impl FnMut() -> bool) -> Result<(), EmbeddedError> {
        let mut connection = loop {
            match timeout(ANSWER_MAX, self.connect("postgres")).await {
                Ok(Ok(connection)) => break connection,
                Ok(Err(error)) => tracing::debug!(%error, "the database is not ready yet"),
                Err(_) => tracing::info!("the database does not answer yet"),
            }
            if !alive() {
                return Err(EmbeddedError::Died(self.folder.log_tail()));
            }
            sleep(POLL).await;
        };
        let home = sqlx::query_scalar!("SELECT current_setting('data_directory')")
            .fetch_one(&mut connection)
            .await?
            .unwrap_or_default();
        if Path::new(&home) != self.folder.cluster() {
            return Err(EmbeddedError::Died(format!("another cluster answers: {home}")));
        }
        let found = sqlx::query_scalar!("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE)
            .fetch_optional(&mut connection)
            .await?;
        if found.is_none() {
            sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {DATABASE}")))
                .execute(&mut connection)
                .await?;
        }
        connection.close().await?;
        Ok(())
    }

    async fn connect(&self, database: &str) -> Result<PgConnection, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.options(database)).await?;
        sqlx::query_scalar!("SELECT 1").fetch_one(&mut connection).await?;
        Ok(connection)
    }
}

/// The major version of the Postgres in `bin`, if the cluster's user can run it.
fn version_in(bin: &Path, folder: &Folder) -> Option<u32> {
    let mut command = command_as(folder.account, &bin.join("postgres"), folder.home());
    let output = command.as_std_mut().arg("--version").output().ok()?;
    binaries::major_in(&String::from_utf8_lossy(&output.stdout))
}

pub(super) fn command_as(account: Account, program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").env("HOME", home);
    for name in ["PATH", "LD_LIBRARY_PATH", "LD_PRELOAD"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.current_dir(home).stdin(Stdio::null());
    if account != Account::own() {
        // The standard library drops the supplementary groups with the user.
        command.gid(account.gid).uid(account.uid);
    }
    command
}
