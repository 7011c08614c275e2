//! The keys of an installation: one file per purpose in the data directory, never in the database
//! and never in its backup.
//!
//! Each file holds the newest key first and behind it the older ones that still verify or open
//! what was made with them. A dev hub makes missing files; a production hub refuses to start
//! without them (`hub keys make`). Start reading in [`Keys`].

mod file;
mod seal;
mod token;

use std::path::Path;

use aws_lc_rs::{constant_time, hmac};
use time::OffsetDateTime;

pub use self::file::{KeyFile, KeyFileError, StoredKey};
pub use self::seal::{SealError, SealKeys};
pub use self::token::ChatTokenKeys;

/// What a key is for. A key never serves two purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Purpose {
    /// Ed25519 signature of chat tokens.
    ChatToken,
    /// HMAC under which telephone and ID numbers are found.
    Lookup,
    /// AEAD that seals telephone and ID numbers.
    Data,
    /// HMAC of session secrets and one-time codes.
    Session,
    /// HMAC of hints between hubs.
    Bus,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &'static [Self] =
        &[Self::ChatToken, Self::Lookup, Self::Data, Self::Session, Self::Bus];

    /// Name of the purpose and stem of its file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ChatToken => "chat-token",
            Self::Lookup => "lookup",
            Self::Data => "data",
            Self::Session => "session",
            Self::Bus => "bus",
        }
    }
}

/// All keys of a running hub.
#[derive(Debug)]
pub struct Keys {
    pub chat_token: ChatTokenKeys,
    pub lookup: MacKeys,
    pub data: SealKeys,
    pub session: MacKeys,
    pub bus: MacKeys,
}

impl Keys {
    /// Reads the key files of `data_dir`.
    pub fn load(data_dir: &Path, missing: Missing) -> Result<Self, KeyFileError> {
        let file = |purpose| match missing {
            Missing::Make { now } => KeyFile::load_or_make(data_dir, purpose, now),
            Missing::Refuse => KeyFile::load(data_dir, purpose),
        };
        Ok(Self {
            chat_token: ChatTokenKeys::new(&file(Purpose::ChatToken)?)?,
            lookup: MacKeys::new(&file(Purpose::Lookup)?),
            data: SealKeys::new(&file(Purpose::Data)?)?,
            session: MacKeys::new(&file(Purpose::Session)?),
            bus: MacKeys::new(&file(Purpose::Bus)?),
        })
    }
}

/// What to do about a missing key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make it, dated `now`.
    Make {
        now: OffsetDateTime,
    },
    Refuse,
}

/// HMAC-SHA-256 keys of one purpose, newest first.
#[derive(Debug)]
pub struct MacKeys {
    keys: Vec<hmac::Key>,
}

impl MacKeys {
    /// The keys of a file.
    #[must_use]
    pub fn new(file: &KeyFile) -> Self {
        let keys = file.keys().iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key.secret));
        Self { keys: keys.collect() }
    }

    /// The code of `parts` under the newest key. The parts are told apart by their lengths.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.keys.first().map(|key| code(key, parts)).unwrap_or_default()
    }

    /// The codes of `parts` under every key, newest first: what a store may hold.
    #[must_use]
    pub fn sign_all(&self, parts: &[&[u8]]) -> Vec<[u8; 32]> {
        self.keys.iter().map(|key| code(key, parts)).collect()
    }

    /// Whether `mac` is the code of `parts` under any of the keys, in constant time for each.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.keys
            .iter()
            .any(|key| constant_time::verify_slices_are_equal(&code(key, parts), mac).is_ok())
    }
}

fn code(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        context.update(&length.to_be_bytes());
        context.update(part);
    }
    context.sign().as_ref().first_chunk().copied().unwrap_or_default()
}

/// Fills an array from the operating system's source of secrets.
pub fn secret<const N: usize>() -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0_u8; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyFileError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAKE: Missing = Missing::Make { now: OffsetDateTime::UNIX_EPOCH };

    #[test]
    fn a_rotated_key_still_verifies_and_the_newest_signs() {
        let home = tempfile::tempdir().expect("temporary folder");
        let old = Keys::load(home.path(), MAKE).expect("made");
        let mac = old.session.sign(&[b"secret"]);
        KeyFile::rotate(home.path(), Purpose::Session, OffsetDateTime::UNIX_EPOCH)
            .expect("rotated");
        let new = Keys::load(home.path(), Missing::Refuse).expect("loaded");
        assert!(new.session.verify(&[b"secret"], &mac));
        assert_ne!(new.session.sign(&[b"secret"]), mac);
        assert!(new.session.sign_all(&[b"secret"]).contains(&mac));
        assert!(!old.session.verify(&[b"secret"], &new.session.sign(&[b"secret"])));
    }

    #[test]
    fn parts_can_not_be_shifted_against_each_other() {
        let home = tempfile::tempdir().expect("temporary folder");
        let keys = Keys::load(home.path(), MAKE).expect("made");
        assert_ne!(keys.bus.sign(&[b"ab", b"c"]), keys.bus.sign(&[b"a", b"bc"]));
        assert!(!keys.bus.verify(&[b"ab"], &[]));
    }

    #[test]
    fn a_production_hub_does_not_start_without_its_keys() {
        let home = tempfile::tempdir().expect("temporary folder");
        let error = Keys::load(home.path(), Missing::Refuse).expect_err("no keys");
        assert!(error.to_string().contains("hub keys make"), "{error}");
    }
}
