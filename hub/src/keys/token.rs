//! Signature of chat tokens: `EdDSA` over Ed25519, fixed here and never taken from a token.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{KeyFile, KeyFileError, Purpose};

/// Ed25519 keys, newest first.
pub struct ChatTokenKeys {
    signing: EncodingKey,
    verifying: Vec<DecodingKey>,
    validation: Validation,
}

impl std::fmt::Debug for ChatTokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatTokenKeys").finish_non_exhaustive()
    }
}

impl ChatTokenKeys {
    /// The keys of a file.
    pub fn new(file: &KeyFile) -> Result<Self, KeyFileError> {
        let unusable = || KeyFileError::Unusable(Purpose::ChatToken.word());
        let mut pairs = Vec::new();
        for key in file.keys() {
            pairs.push(Ed25519KeyPair::from_seed_unchecked(&key.secret).map_err(|_| unusable())?);
        }
        let newest = pairs.first().ok_or_else(unusable)?;
        let document = newest.to_pkcs8().map_err(|_| unusable())?;
        // Expiry and audience are compared with the hub's own clock by the caller.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Ok(Self {
            signing: EncodingKey::from_ed_der(document.as_ref()),
            verifying: pairs
                .iter()
                .map(|pair| DecodingKey::from_ed_der(pair.public_key().as_ref()))
                .collect(),
            validation,
        })
    }

    /// Signs `claims` with the newest key; `None` only where the provider fails.
    #[must_use]
    pub fn sign<T: Serialize>(&self, claims: &T) -> Option<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &self.signing).ok()
    }

    /// The claims of a token whose signature one of the keys made.
    #[must_use]
    pub fn verify<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        self.verifying.iter().find_map(|key| {
            let decoded = jsonwebtoken::decode::<T>(token, key, &self.validation);
            decoded.ok().map(|token| token.claims)
        })
    }
}
