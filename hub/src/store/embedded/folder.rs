//! Where the cluster lies, and whose it is.
//!
//! `<data_dir>/database/` holds `cluster/` (what Postgres owns), `socket/` and `log`. Started by
//! root below a folder that the unprivileged user may not enter (a checkout under `/root`), the
//! cluster lies in [`ELSEWHERE`] instead.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};

use super::EmbeddedError;
use super::account::Account;

/// Holds the clusters of data directories that the server's user can not reach.
const ELSEWHERE: &str = "/var/lib/lianxin/databases";
/// Longest path of a Unix socket, without the ending zero.
const SOCKET_PATH_BYTES_MAX: usize = 107;
/// Name of the socket inside its folder.
const SOCKET_NAME: &str = ".s.PGSQL.5432";
/// A longer log is set aside at the next start.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How much of the log's end an error shows.
const LOG_TAIL_BYTES: u64 = 800;

/// The folders of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    data_dir: PathBuf,
    home: PathBuf,
    socket: PathBuf,
    pub(super) account: Account,
}

impl Folder {
    /// Makes the folders around the cluster, owned by the user that will run the server.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self, EmbeddedError> {
        fs::create_dir_all(data_dir).map_err(EmbeddedError::io("make the folder", data_dir))?;
        let data_dir =
            fs::canonicalize(data_dir).map_err(EmbeddedError::io("resolve the path", data_dir))?;
        let (home, account) = home_of(&data_dir)?;
        own_folder(&home, account)?;
        let socket = socket_folder(&home, account)?;
        Ok(Self { data_dir, home, socket, account })
    }

    /// Postgres's own folder.
    pub(super) fn cluster(&self) -> PathBuf {
        self.home.join("cluster")
    }

    /// Where a new cluster grows until it is whole. What a hub that was killed meanwhile left
    /// behind goes, even while its `initdb` still writes there.
    pub(super) fn unfinished(&self) -> PathBuf {
        let entries = fs::read_dir(&self.home).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().as_encoded_bytes().starts_with(b"cluster.new") {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        self.home.join(format!("cluster.new.{}", std::process::id()))
    }

    /// The folder of the server's socket.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Makes a private folder of the server's user, unless it is there.
    pub(super) fn own(&self, path: &Path) -> Result<(), EmbeddedError> {
        own_folder(path, self.account)
    }

    /// Writes a file that the server's user owns.
    pub(super) fn write(&self, path: &Path, text: &str) -> Result<(), EmbeddedError> {
        fs::write(path, text).map_err(EmbeddedError::io("write", path))?;
        if self.account != Account::own() {
            chown(path, Some(self.account.uid), Some(self.account.gid))
                .map_err(EmbeddedError::io("hand over", path))?;
        }
        Ok(())
    }

    /// The folder around all of it.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// Where a Postgres for this cluster may be installed without root rights.
    pub(super) fn installs(&self) -> [PathBuf; 2] {
        [self.data_dir.join("postgres"), self.home.join("postgres")]
    }

    /// The major version that made the cluster; `None` when there is no cluster yet.
    pub(super) fn major(&self) -> Option<u32> {
        fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Takes the data directory for this process, or refuses when another one has it.
    pub(super) fn lock(&self) -> Result<File, EmbeddedError> {
        let path = self.data_dir.join("database.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(EmbeddedError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(EmbeddedError::InUse { folder: self.data_dir.clone() })
            }
            Err(TryLockError::Error(source)) => {
                Err(EmbeddedError::Io { what: "lock", path, source })
            }
        }
    }

    /// The server's log, for appending; a long one is set aside first.
    pub(super) fn log(&self) -> Result<File, EmbeddedError> {
        let path = self.log_path();
        if fs::metadata(&path).is_ok_and(|found| found.len() > LOG_BYTES_MAX) {
            let aside = self.home.join("log.1");
            fs::rename(&path, &aside).map_err(EmbeddedError::io("set aside", &path))?;
        }
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(EmbeddedError::io("open", &path))
    }

    /// The end of the server's log, for an error message.
    pub(super) fn log_tail(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(self.log_path())?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
            let mut tail = Vec::new();
            file.read_to_end(&mut tail)?;
            Ok(String::from_utf8_lossy(&tail).trim().to_owned())
        };
        read().unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.home.join("log")
    }
}

/// The folder around the cluster, and the user that owns it.
fn home_of(data_dir: &Path) -> Result<(PathBuf, Account), EmbeddedError> {
    let home = data_dir.join("database");
    let account = Account::for_folder(&home)?;
    if !Account::own().is_root() {
        return Ok((home, account));
    }
    let found = fs::metadata(data_dir).map_err(EmbeddedError::io("look at", data_dir))?;
    if found.uid() == 0 && found.mode() & 0o001 == 0 {
        let passable = fs::Permissions::from_mode(found.mode() | 0o001);
        fs::set_permissions(data_dir, passable)
            .map_err(EmbeddedError::io("open the way through", data_dir))?;
    }
    let elsewhere = Path::new(ELSEWHERE).join(short_hash(data_dir));
    if stays_beside(&home, &elsewhere, account.barrier(&home))? {
        return Ok((home, account));
    }
    fs::create_dir_all(ELSEWHERE)
        .map_err(EmbeddedError::io("make the folder", Path::new(ELSEWHERE)))?;
    let account = Account::for_folder(&elsewhere)?;
    Ok((elsewhere, account))
}

/// Whether the cluster lies beside the data, in `home`, and not `elsewhere`. Where there is one
/// already it stays, whatever became of the folders on the way to it: a second, empty one would
/// look as if everything were lost.
fn stays_beside(
    home: &Path,
    elsewhere: &Path,
    barrier: Option<PathBuf>,
) -> Result<bool, EmbeddedError> {
    let has_cluster = |home: &Path| home.join("cluster").exists();
    match barrier {
        Some(barrier) if has_cluster(home) => {
            Err(EmbeddedError::Barrier { path: home.to_owned(), barrier })
        }
        Some(barrier) => {
            tracing::warn!(
                "{} is closed to the user of the database, which is therefore kept in {}",
                barrier.display(),
                elsewhere.display()
            );
            Ok(false)
        }
        None => Ok(has_cluster(home) || !has_cluster(elsewhere)),
    }
}

/// A folder for the socket whose path is short enough, private to `account`.
fn socket_folder(home: &Path, account: Account) -> Result<PathBuf, EmbeddedError> {
    let beside = home.join("socket");
    let fits = beside.join(SOCKET_NAME).as_os_str().len() <= SOCKET_PATH_BYTES_MAX;
    // Not the environment's temporary folder: the next hub must find the same one.
    let folder =
        if fits { beside } else { Path::new("/tmp").join(format!("lianxin-{}", short_hash(home))) };
    own_folder(&folder, account)?;
    let found =
        fs::symlink_metadata(&folder).map_err(EmbeddedError::io("look at the folder", &folder))?;
    if !found.is_dir() || found.uid() != account.uid || found.mode() & 0o077 != 0 {
        return Err(EmbeddedError::SocketFolder { path: folder, owner: account.uid });
    }
    Ok(folder)
}

/// Makes a private folder of `account`, unless something is there already.
fn own_folder(folder: &Path, account: Account) -> Result<(), EmbeddedError> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        Err(source) => {
            let path = folder.to_owned();
            return Err(EmbeddedError::Io { what: "make the folder", path, source });
        }
    }
    if account != Account::own() {
        chown(folder, Some(account.uid), Some(account.gid))
            .map_err(EmbeddedError::io("hand over the folder", folder))?;
    }
    Ok(())
}

/// 16 hexadecimal digits that stand for a path.
fn short_hash(path: &Path) -> String {
    let digest = digest(&SHA256, path.as_os_str().as_encoded_bytes());
    let bytes = digest.as_ref().first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_stays_where_it_was_made_when_the_way_to_it_opens_or_closes() {
        let around = tempfile::tempdir().expect("temporary folder");
        let (home, elsewhere) = (around.path().join("home"), around.path().join("elsewhere"));
        let barrier = || Some(around.path().to_owned());
        assert!(stays_beside(&home, &elsewhere, None).expect("a place"), "the first start");
        assert!(!stays_beside(&home, &elsewhere, barrier()).expect("a place"), "closed");
        fs::create_dir_all(elsewhere.join("cluster")).expect("made");
        let opened = stays_beside(&home, &elsewhere, None).expect("a place");
        assert!(!opened, "the way was opened later: no second, empty cluster");
        fs::create_dir_all(home.join("cluster")).expect("made");
        assert!(stays_beside(&home, &elsewhere, None).expect("a place"), "beside the data first");
        let closed = stays_beside(&home, &elsewhere, barrier());
        assert!(matches!(closed, Err(EmbeddedError::Barrier { .. })), "closed later: {closed:?}");
    }
}
