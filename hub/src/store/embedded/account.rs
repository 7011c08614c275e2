//! As whom the server runs: Postgres refuses root, so a hub started by root hands the server to an
//! unprivileged user.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::EmbeddedError;

/// An unprivileged user by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// The user this process runs as.
    pub(super) fn own() -> Self {
        Self { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() }
    }

    /// Whether this is root.
    pub(super) const fn is_root(self) -> bool {
        self.uid == 0
    }

    /// The user for the server whose files are in `folder`: the owner of what is there, else this
    /// process's user, else (under root) `postgres` or `nobody`.
    pub(super) fn for_folder(folder: &Path) -> Result<Self, EmbeddedError> {
        let own = Self::own();
        if let Ok(found) = fs::symlink_metadata(folder) {
            let owner = Self { uid: found.uid(), gid: found.gid() };
            if !owner.is_root() && (own.is_root() || own.uid == owner.uid) {
                return Ok(owner);
            }
            if !own.is_root() {
                return Err(EmbeddedError::OtherOwner {
                    folder: folder.to_owned(),
                    owner: owner.uid,
                });
            }
        }
        if !own.is_root() {
            return Ok(own);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        unprivileged(&users).ok_or(EmbeddedError::NoAccount)
    }

    /// The first folder on the way to `path` that this user may not pass, if any.
    pub(super) fn barrier(self, path: &Path) -> Option<PathBuf> {
        let closed = |folder: &&Path| {
            fs::metadata(folder).is_ok_and(|found| {
                let bit = if found.uid() == self.uid {
                    0o100
                } else if found.gid() == self.gid {
                    0o010
                } else {
                    0o001
                };
                found.mode() & bit == 0
            })
        };
        path.ancestors().skip(1).filter(closed).last().map(Path::to_owned)
    }
}

/// `postgres` or `nobody` out of a user table in the format of passwd(5).
fn unprivileged(users: &str) -> Option<Account> {
    let number_of = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next()? != name {
                return None;
            }
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Account { uid, gid })
        })
    };
    number_of("postgres").or_else(|| number_of("nobody")).filter(|account| !account.is_root())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: &str = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533::/:/bin/false\n";

    #[test]
    fn the_database_user_is_preferred_to_nobody() {
        let users = format!("{NOBODY}postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n");
        assert_eq!(unprivileged(&users), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(unprivileged(NOBODY), Some(Account { uid: 65534, gid: 65533 }));
        assert_eq!(unprivileged("root:x:0:0::/:/bin/sh\npostgres:x:0:0::/:/bin/sh\n"), None);
        assert_eq!(unprivileged("nonsense"), None);
    }

    #[test]
    fn a_closed_folder_on_the_way_is_named() {
        use std::os::unix::fs::PermissionsExt as _;
        let outer = tempfile::tempdir().expect("temporary folder");
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).expect("folder");
        let set = |mode| fs::set_permissions(outer.path(), fs::Permissions::from_mode(mode));
        let stranger = Account { uid: 4_000_001, gid: 4_000_001 };
        set(0o700).expect("closed");
        assert_eq!(stranger.barrier(&inner).as_deref(), Some(outer.path()));
        set(0o711).expect("opened");
        assert_eq!(stranger.barrier(&inner), None);
    }
}
