//! The hub as a process of ours, and its database as processes to be killed.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The hub is reachable within this after a start, first start with an empty disk included.
const START_MAX: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);

/// The planted fault of a control run, by the hub's own word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    AnswerBeforeCommit,
    CommitBeforeDisk,
    HintsOnly,
}

impl Fault {
    const fn word(self) -> &'static str {
        match self {
            Self::AnswerBeforeCommit => "answer-before-commit",
            Self::CommitBeforeDisk => "commit-before-disk",
            Self::HintsOnly => "hints-only",
        }
    }
}

/// How a hub is started.
#[derive(Clone, Debug)]
pub struct Setting {
    pub fault: Option<Fault>,
    /// Address of the Redis between the hubs of one installation.
    pub redis: Option<String>,
    /// The one processor that the hub and its database run on.
    pub core: Option<usize>,
    /// What is logged.
    pub log: String,
    /// More sections of the configuration.
    pub more: String,
}

impl Default for Setting {
    fn default() -> Self {
        let (log, more) = ("info".to_owned(), String::new());
        Self { fault: None, redis: None, core: None, log, more }
    }
}

/// A hub with a data directory of its own; everything ends with this value.
#[derive(Debug)]
pub struct HubProcess {
    program: PathBuf,
    home: TempDir,
    setting: Setting,
    child: Option<Child>,
    pub address: SocketAddr,
}

/// The hub program in the folder of this program.
pub fn hub_beside_us() -> Result<PathBuf> {
    let ours = std::env::current_exe()?;
    let hub = ours.with_file_name("hub");
    ensure!(
        hub.exists(),
        "{} does not exist; build it with `cargo build -p hub`, or name one with --hub",
        hub.display()
    );
    Ok(hub)
}

/// A command for `program`, on one processor where one is named.
pub fn pinned(program: &Path, core: Option<usize>) -> Command {
    match core {
        None => Command::new(program),
        Some(core) => {
            let mut command = Command::new("taskset");
            command.arg("-c").arg(core.to_string()).arg(program);
            command
        }
    }
}

impl HubProcess {
    /// Starts the hub program with a fresh data directory and a free port.
    pub fn start(program: &Path, setting: Setting) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("lianxin-crash-").tempdir()?;
        Self::start_in(home, program, setting, "")
    }

    /// Starts a second hub of the same installation: the database and the keys of the first one.
    pub fn start_beside(&self) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("lianxin-crash-").tempdir()?;
        let keys = home.path().join("data/keys");
        fs::create_dir_all(&keys)?;
        for entry in fs::read_dir(self.data_dir().join("keys"))? {
            let entry = entry?;
            fs::copy(entry.path(), keys.join(entry.file_name()))?;
        }
        let socket = self.data_dir().join("database/socket");
        let url = format!("postgres://hub@localhost/hub?host={}", socket.display());
        Self::start_in(home, &self.program, self.setting.clone(), &url)
    }

    fn start_in(home: TempDir, program: &Path, setting: Setting, database: &str) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let redis = setting.redis.clone().unwrap_or_default();
        let config = format!(
            "mode = \"dev\"\ndata_dir = \"{}\"\n[http]\nlisten = \"{address}\"\n\
             unauthenticated_sockets_per_address = 512\n\
             [database]\nurl = \"{database}\"\n[bus]\nredis_url = \"{redis}\"\n\
             [log]\nfilter = \"{}\"\nformat = \"text\"\n{}",
            home.path().join("data").display(),
            setting.log,
            setting.more
        );
        fs::write(home.path().join("hub.toml"), config)?;
        let program = program.to_owned();
        let mut hub = Self { program, home, setting, child: None, address };
        hub.restart()?;
        Ok(hub)
    }

    /// Returns when it listens.
    pub async fn reachable(&mut self) -> Result<()> {
        let started = Instant::now();
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            self.still_runs()?;
            ensure!(started.elapsed() < START_MAX, "the hub does not listen on {}", self.address);
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Starts the program again on the same data.
    pub fn restart(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.log_path())?;
        let mut command = pinned(&self.program, self.setting.core);
        command.arg("--config").arg(self.home.path().join("hub.toml")).arg("run");
        if let Some(fault) = self.setting.fault {
            command.args(["--control", fault.word()]);
        }
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"HUB__") || name == "DATABASE_URL" {
                command.env_remove(name);
            }
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", self.program.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Runs another command of the program on the same data; its output.
    pub fn run_once(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        let config = self.home.path().join("hub.toml");
        let output = command.arg("--config").arg(config).args(arguments).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(text)
    }

    /// Everything the hub has logged.
    pub fn log_text(&self) -> Result<String> {
        fs::read_to_string(self.log_path()).context("read the hub's log")
    }

    /// Adds a line to the hub's log.
    pub fn write_log(&self, line: &str) -> Result<()> {
        let mut file = File::options().append(true).open(self.log_path())?;
        writeln!(file, "{line}").context("write the hub's log")
    }

    /// Where the hub keeps its data.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// An error when the hub has ended by itself.
    pub fn still_runs(&mut self) -> Result<()> {
        if let Some(child) = &mut self.child
            && let Some(status) = child.try_wait()?
        {
            bail!("the hub ended by itself with {status}:\n{}", self.log_tail());
        }
        Ok(())
    }

    /// `kill -9` of the hub. An error when it was dead already.
    pub fn kill(&mut self) -> Result<()> {
        self.still_runs()?;
        let mut child = self.child.take().context("the hub was not started")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// `kill -9` of every process of the embedded database at once. Returns how many there were.
    pub fn kill_database(&self) -> Result<usize> {
        let pids = self.database_pids()?;
        for pid in &pids {
            // A process may have ended between the look and the kill.
            let _ = kill_process(*pid, Signal::KILL);
        }
        Ok(pids.len())
    }

    /// The end of the hub's log, for an error message.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines
            .iter()
            .skip(lines.len().saturating_sub(20))
            .fold(String::new(), |tail, line| tail + line + "\n")
    }

    fn log_path(&self) -> PathBuf {
        self.home.path().join("hub.log")
    }

    /// The hub's own process.
    pub fn pids(&self) -> Result<Vec<Pid>> {
        let child = self.child.as_ref().context("the hub was not started")?;
        Ok(vec![Pid::from_child(child)])
    }

    /// Every process of the embedded database.
    pub fn database_pids(&self) -> Result<Vec<Pid>> {
        let Ok(cluster) = fs::canonicalize(self.data_dir().join("database/cluster")) else {
            return Ok(Vec::new());
        };
        let mut pids = Vec::new();
        for entry in fs::read_dir("/proc")?.flatten() {
            let at_home = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == cluster);
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if let (true, Some(pid)) = (at_home, pid.and_then(Pid::from_raw)) {
                pids.push(pid);
            }
        }
        Ok(pids)
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = self.kill_database();
    }
}
