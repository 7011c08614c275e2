//! Sealing of single values: telephone numbers, later ID numbers and secrets of second factors.
//!
//! AES-256-GCM with a random nonce; a sealed value names its key and is bound to the place it
//! belongs to (table, column, row), so that one row's value never opens in another.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{KeyFile, KeyFileError, Purpose};

const KEY_ID_BYTES: usize = 4;

/// AEAD keys, newest first.
#[derive(Debug)]
pub struct SealKeys {
    keys: Vec<([u8; KEY_ID_BYTES], LessSafeKey)>,
}

/// Why a value could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the value was sealed with a key that is not in the key file")]
    UnknownKey,
    #[error("the sealed value is damaged or belongs elsewhere")]
    Damaged,
    #[error("seal a value")]
    Provider,
}

impl SealKeys {
    /// The keys of a file.
    pub fn new(file: &KeyFile) -> Result<Self, KeyFileError> {
        let keys = file.keys().iter().map(|key| {
            let unbound = UnboundKey::new(&AES_256_GCM, &key.secret)
                .map_err(|_| KeyFileError::Unusable(Purpose::Data.word()))?;
            Ok((key.id(), LessSafeKey::new(unbound)))
        });
        Ok(Self { keys: keys.collect::<Result<_, KeyFileError>>()? })
    }

    /// Seals `value` for `place`: key id, nonce, ciphertext with its tag.
    pub fn seal(&self, place: &[u8], value: &[u8]) -> Result<Vec<u8>, SealError> {
        let (id, key) = self.keys.first().ok_or(SealError::Provider)?;
        let nonce = super::secret::<NONCE_LEN>().map_err(|_| SealError::Provider)?;
        let mut body = value.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place),
            &mut body,
        )
        .map_err(|_| SealError::Provider)?;
        Ok([id.as_slice(), nonce.as_slice(), body.as_slice()].concat())
    }

    /// Opens what [`Self::seal`] made for the same `place`, under any kept key.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (id, rest) = sealed.split_first_chunk::<KEY_ID_BYTES>().ok_or(SealError::Damaged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Damaged)?;
        let key = self.keys.iter().find(|(known, _)| known == id);
        let (_, key) = key.ok_or(SealError::UnknownKey)?;
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = key
            .open_in_place(nonce, Aad::from(place), &mut body)
            .map_err(|_| SealError::Damaged)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: time::OffsetDateTime = time::OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn a_sealed_value_opens_only_where_it_belongs_and_also_after_rotation() {
        let home = tempfile::tempdir().expect("temporary folder");
        let file = KeyFile::load_or_make(home.path(), Purpose::Data, NOW).expect("made");
        let old = SealKeys::new(&file).expect("usable");
        let sealed = old.seal(b"person/1", b"10000000001").expect("sealed");
        assert!(!sealed.windows(11).any(|window| window == b"10000000001"));
        let rotated = KeyFile::rotate(home.path(), Purpose::Data, NOW).expect("rotated");
        let new = SealKeys::new(&rotated).expect("usable");
        assert_eq!(new.open(b"person/1", &sealed).expect("opened"), b"10000000001");
        assert!(matches!(new.open(b"person/2", &sealed), Err(SealError::Damaged)));
        let resealed = new.seal(b"person/1", b"10000000001").expect("sealed");
        assert!(matches!(old.open(b"person/1", &resealed), Err(SealError::UnknownKey)));
        for cut in 0..sealed.len() {
            assert!(new.open(b"person/1", &sealed[..cut]).is_err());
        }
    }
}
