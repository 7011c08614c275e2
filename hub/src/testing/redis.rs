//! A Redis of a test's own, on a Unix socket, so that it comes back at the same address.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A running `redis-server`; it ends with this value.
pub struct TestRedis {
    home: tempfile::TempDir,
    child: Option<Child>,
}

impl TestRedis {
    /// Starts one; it may not listen yet.
    #[must_use]
    pub fn start() -> Self {
        let home = tempfile::Builder::new().prefix("lianxin-redis-").tempdir().expect("a folder");
        let mut redis = Self { home, child: None };
        redis.restart();
        redis
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("ended");
        }
        let _ = std::fs::remove_file(self.socket());
    }

    /// Starts it again at the same address.
    pub fn restart(&mut self) {
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(self.socket())
            .current_dir(self.home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server runs; the Debian package redis-server holds it");
        self.child = Some(child);
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("redis.sock")
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        self.kill();
    }
}
