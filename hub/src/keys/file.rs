//! A key file: `keys/<purpose>.key` in the data directory, readable by its owner alone.
//!
//! Lines of `<made, RFC 3339> <secret, base64url>`, newest first; `#` begins a comment.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Purpose, secret};

/// Bytes of every secret.
pub const SECRET_BYTES: usize = 32;

/// The keys of one purpose, newest first, never empty.
#[derive(Debug)]
pub struct KeyFile {
    keys: Vec<StoredKey>,
}

/// One key.
#[derive(Clone)]
pub struct StoredKey {
    pub made_at: OffsetDateTime,
    pub secret: [u8; SECRET_BYTES],
}

impl StoredKey {
    /// First four bytes of the secret's hash: names the key without telling it.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        digest(&SHA256, &self.secret).as_ref().first_chunk().copied().unwrap_or_default()
    }
}

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredKey").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// Why the keys are not usable.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("the key file {0} is missing; `hub keys make` makes it")]
    Missing(PathBuf),
    #[error("read or write the key file {path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the key file {0} can be read by others; set its mode to 600")]
    Exposed(PathBuf),
    #[error("the key file {0} is damaged; restore it from its backup")]
    Damaged(PathBuf),
    #[error("the key of purpose {0} is not usable")]
    Unusable(&'static str),
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl KeyFile {
    /// Where the keys of a purpose are kept.
    #[must_use]
    pub fn path(data_dir: &Path, purpose: Purpose) -> PathBuf {
        data_dir.join("keys").join(format!("{}.key", purpose.word()))
    }

    /// Reads the file.
    pub fn load(data_dir: &Path, purpose: Purpose) -> Result<Self, KeyFileError> {
        let path = Self::path(data_dir, purpose);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeyFileError::Missing(path));
            }
            Err(source) => return Err(KeyFileError::Io { path, source }),
        };
        let mode = fs::metadata(&path).map_err(|source| io(&path, source))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed(path));
        }
        let keys = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Option<Vec<_>> = keys.map(read_line).collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Self { keys }),
            _ => Err(KeyFileError::Damaged(path)),
        }
    }

    /// Reads the file, or makes it with one new key.
    pub fn load_or_make(
        data_dir: &Path,
        purpose: Purpose,
        now: OffsetDateTime,
    ) -> Result<Self, KeyFileError> {
        if !Self::path(data_dir, purpose).exists() {
            let file = Self { keys: vec![new_key(now)?] };
            file.write(data_dir, purpose)?;
        }
        // Read back: of two hubs that start at once, both use what lies on the disk.
        Self::load(data_dir, purpose)
    }

    /// Puts a new key in front of the older ones, which stay for what they signed or sealed.
    pub fn rotate(
        data_dir: &Path,
        purpose: Purpose,
        now: OffsetDateTime,
    ) -> Result<Self, KeyFileError> {
        let mut file = Self::load(data_dir, purpose)?;
        file.keys.insert(0, new_key(now)?);
        file.write(data_dir, purpose)?;
        Ok(file)
    }

    /// The keys, newest first.
    #[must_use]
    pub fn keys(&self) -> &[StoredKey] {
        &self.keys
    }

    fn write(&self, data_dir: &Path, purpose: Purpose) -> Result<(), KeyFileError> {
        let path = Self::path(data_dir, purpose);
        let folder = data_dir.join("keys");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| io(&folder, source))?;
        let mut text = format!(
            "# Lianxin keys, purpose: {}. Newest first. Keep a copy apart from the database.\n",
            purpose.word()
        );
        for key in &self.keys {
            let made = key.made_at.format(&Rfc3339);
            let made = made.map_err(|_| KeyFileError::Damaged(path.clone()))?;
            let _ = writeln!(text, "{made} {}", URL_SAFE_NO_PAD.encode(key.secret));
        }
        let beside = path.with_extension(format!("key.{}", std::process::id()));
        let written = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&beside, &path))
            .and_then(|()| fs::File::open(&folder)?.sync_all());
        written.map_err(|source| io(&path, source))
    }
}

fn read_line(line: &str) -> Option<StoredKey> {
    let (made, secret) = line.split_once(' ')?;
    let made_at = OffsetDateTime::parse(made, &Rfc3339).ok()?;
    let secret = URL_SAFE_NO_PAD.decode(secret.trim()).ok()?.try_into().ok()?;
    Some(StoredKey { made_at, secret })
}

fn new_key(made_at: OffsetDateTime) -> Result<StoredKey, KeyFileError> {
    Ok(StoredKey { made_at, secret: secret()? })
}

fn io(path: &Path, source: std::io::Error) -> KeyFileError {
    KeyFileError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn a_key_file_is_for_its_owner_alone_and_refused_when_others_can_read_it() {
        let home = tempfile::tempdir().expect("temporary folder");
        KeyFile::load_or_make(home.path(), Purpose::Data, NOW).expect("made");
        let path = KeyFile::path(home.path(), Purpose::Data);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("folder")), 0o700);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("opened up");
        let error = KeyFile::load(home.path(), Purpose::Data).expect_err("exposed");
        assert!(matches!(error, KeyFileError::Exposed(_)), "{error}");
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_never_replaced() {
        let home = tempfile::tempdir().expect("temporary folder");
        KeyFile::load_or_make(home.path(), Purpose::Lookup, NOW).expect("made");
        let path = KeyFile::path(home.path(), Purpose::Lookup);
        fs::write(&path, "2026-11-23T00:00:00Z c2hvcnQ\n").expect("damaged");
        for _ in 0..2 {
            let error =
                KeyFile::load_or_make(home.path(), Purpose::Lookup, NOW).expect_err("damaged");
            assert!(matches!(error, KeyFileError::Damaged(_)), "{error}");
        }
    }

    #[test]
    fn a_key_is_named_without_being_told() {
        let key = StoredKey { made_at: OffsetDateTime::UNIX_EPOCH, secret: [7; SECRET_BYTES] };
        assert!(!format!("{key:?}").contains("7, 7"));
    }
}
