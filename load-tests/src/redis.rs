//! A Redis of ours, at an address that stays while it is killed and started again.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// A `redis-server` that keeps nothing; it ends with this value.
#[derive(Debug)]
pub struct RedisProcess {
    home: TempDir,
    child: Option<Child>,
}

impl RedisProcess {
    /// Starts one on a Unix socket of its own.
    pub fn start() -> Result<Self> {
        let home = tempfile::Builder::new().prefix("lianxin-redis-").tempdir()?;
        let mut redis = Self { home, child: None };
        redis.restart()?;
        Ok(redis)
    }

    /// Where hubs reach it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// `kill -9`. An error when it was dead already.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the Redis was not started")?;
        anyhow::ensure!(child.try_wait()?.is_none(), "the Redis ended by itself");
        child.kill()?;
        child.wait()?;
        std::fs::remove_file(self.socket()).context("remove the socket of the Redis")
    }

    /// Starts it again at the same address.
    pub fn restart(&mut self) -> Result<()> {
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(self.socket())
            .current_dir(self.home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start redis-server; the Debian package redis-server holds it")?;
        self.child = Some(child);
        let started = std::time::Instant::now();
        while !self.socket().exists() {
            anyhow::ensure!(started.elapsed().as_secs() < 10, "the Redis does not listen");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Ok(())
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("redis.sock")
    }
}

impl Drop for RedisProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
