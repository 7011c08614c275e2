//! The hub as a process of ours, and its database as processes to be killed.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The planted fault of a control run, by the hub's own word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    AnswerBeforeCommit,
    CommitBeforeDisk,
}

impl Fault {
    const fn word(self) -> &'static str {
        match self {
            Self::AnswerBeforeCommit => "answer-before-commit",
            Self::CommitBeforeDisk => "commit-before-disk",
        }
    }
}

/// A hub with a data directory of its own; everything ends with this value.
#[derive(Debug)]
pub struct HubProcess {
    program: PathBuf,
    home: TempDir,
    fault: Option<Fault>,
    child: Option<Child>,
    pub address: SocketAddr,
}

impl HubProcess {
    /// Starts the hub program with a fresh data directory and a free port.
    pub fn start(program: &Path, fault: Option<Fault>) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("lianxin-crash-").tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = format!(
            "mode = \"dev\"\ndata_dir = \"{}\"\n[http]\nlisten = \"{address}\"\n\
             [log]\nfilter = \"info\"\nformat = \"text\"\n",
            home.path().join("data").display()
        );
        fs::write(home.path().join("hub.toml"), config)?;
        let mut hub = Self { program: program.to_owned(), home, fault, child: None, address };
        hub.restart()?;
        Ok(hub)
    }

    /// Starts the program again on the same data.
    pub fn restart(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.log_path())?;
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.home.path().join("hub.toml")).arg("run");
        if let Some(fault) = self.fault {
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

    fn database_pids(&self) -> Result<Vec<Pid>> {
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
