//! Where this installation's media server listens, and the note of the process that does.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use signaling::limits::PORTS_TRIED_MAX;

use crate::config::{CallsConfig, Config};

/// The folder of the media server in the data directory.
pub(super) fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("sfu")
}

/// The sockets of a media server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The clients' door.
    pub(super) listen: SocketAddr,
    /// The door of the hub's own calls.
    pub(super) service: SocketAddr,
    pub(super) media: SocketAddr,
    /// Not told by notes of old.
    #[serde(default = "nowhere")]
    pub(super) media_tcp: SocketAddr,
}

fn nowhere() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 0))
}

/// A media server process, as the hub that started it noted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) pid: i32,
    /// Start of the process, ticks since the machine's start: a number given again to another
    /// process does not pass for it.
    pub(super) started: u64,
    pub(super) place: Place,
    /// What it was configured with; a hub that wants something else starts its own.
    pub(super) wanted: Wanted,
}

/// The settings that a running media server can not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    calls: serde_json::Value,
    tls_certificate: PathBuf,
    tls_key: PathBuf,
}

impl Wanted {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            calls: serde_json::to_value(&config.calls).unwrap_or_default(),
            tls_certificate: config.http.tls_certificate.clone(),
            tls_key: config.http.tls_key.clone(),
        }
    }
}

impl Place {
    /// The place of the running process where it was configured alike, else the configured one,
    /// with free ports where the configuration leaves them open.
    pub(super) fn choose(config: &Config) -> io::Result<Self> {
        if let Some(noted) = Noted::read(&config.data_dir)
            && noted.is_alive()
            && noted.wanted == Wanted::of(config)
        {
            return Ok(noted.place);
        }
        let CallsConfig { listen, service_listen, media_listen, media_tcp_listen, .. } =
            config.calls;
        let search = config.http.port_search;
        let listen = free(listen, search, &[], tcp)?;
        let service = free(service_listen, search, &[listen.port()], tcp)?;
        let taken = [listen.port(), service.port()];
        let media_tcp = free(media_tcp_listen, search, &taken, tcp)?;
        Ok(Self { listen, service, media: free(media_listen, search, &[], udp)?, media_tcp })
    }
}

fn tcp(address: SocketAddr) -> io::Result<SocketAddr> {
    TcpListener::bind(address)?.local_addr()
}

fn udp(address: SocketAddr) -> io::Result<SocketAddr> {
    UdpSocket::bind(address)?.local_addr()
}

/// The address itself, or with the next free port where one may be looked for.
fn free(
    wanted: SocketAddr,
    search: bool,
    taken: &[u16],
    bind: fn(SocketAddr) -> io::Result<SocketAddr>,
) -> io::Result<SocketAddr> {
    if wanted.port() == 0 {
        return bind(wanted);
    }
    if !search {
        return Ok(wanted);
    }
    let ports = (0..PORTS_TRIED_MAX).filter_map(|step| wanted.port().checked_add(step));
    let mut free = ports
        .filter(|port| !taken.contains(port))
        .filter_map(|port| bind(SocketAddr::new(wanted.ip(), port)).ok());
    free.next().ok_or_else(|| io::ErrorKind::AddrInUse.into())
}

impl Noted {
    fn file(data_dir: &Path) -> PathBuf {
        folder(data_dir).join("process.json")
    }

    /// The note of a process that may have ended since.
    pub(super) fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::file(data_dir)).ok()?).ok()
    }

    /// Notes a process that runs.
    pub(super) fn of(pid: u32, place: Place, wanted: Wanted) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        Some(Self { pid, started: started(pid)?, place, wanted })
    }

    pub(super) fn write(&self, data_dir: &Path) -> io::Result<()> {
        write(&Self::file(data_dir), &serde_json::to_string(self)?)
    }

    /// Whether this very process runs.
    pub(super) fn is_alive(&self) -> bool {
        started(self.pid) == Some(self.started)
    }

    pub(super) fn signal(&self, signal: Signal) {
        if self.is_alive()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            let _ = kill_process(pid, signal);
        }
    }
}

/// When a process started, in ticks since the machine's start; `None` for one that has ended.
fn started(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; the fields after it are numbers but the state.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    if state == "Z" || state == "X" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Makes the folder of the media server, for its owner alone.
pub(super) fn make_folder(data_dir: &Path) -> io::Result<PathBuf> {
    let folder = folder(data_dir);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    Ok(folder)
}

/// Replaces a file that only its owner may read.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file: File =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_number_and_its_start() {
        let pid = std::process::id();
        let place = Place::choose(&Config::load(None).expect("defaults")).expect("a place");
        let wanted = Wanted::of(&Config::load(None).expect("defaults"));
        let noted = Noted::of(pid, place, wanted).expect("this process runs");
        assert!(noted.is_alive());
        let another = Noted { started: noted.started + 1, ..noted };
        assert!(!another.is_alive());
    }

    #[test]
    fn a_busy_port_is_passed_over_where_one_may_be_looked_for() {
        let busy = TcpListener::bind("127.0.0.1:0").expect("bound");
        let wanted = busy.local_addr().expect("an address");
        assert_eq!(free(wanted, false, &[], tcp).expect("as configured"), wanted);
        let found = free(wanted, true, &[], tcp).expect("a free one");
        assert!(found.port() > wanted.port());
        let other = free(wanted, true, &[found.port()], tcp).expect("another");
        assert!(other.port() > found.port());
    }
}
