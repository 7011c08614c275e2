//! Chat tokens signed with a hub's own key file, so that a load test needs no telephone.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use signaling::limits::CHAT_TOKEN_AGE_S_MAX;
use signaling::{DeviceId, PersonId};
use uuid::Uuid;

/// Signs chat tokens in the name of one hub.
#[derive(Debug)]
pub struct TokenMint {
    key: Ed25519KeyPair,
}

impl TokenMint {
    /// Reads `keys/chat-token.key` of a data directory: lines of time and secret, newest first.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("keys/chat-token.key");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("read the key file {}", path.display()))?;
        let line = text.lines().find(|line| !line.is_empty() && !line.starts_with('#'));
        let secret = line.and_then(|line| line.split(' ').nth(1)).context("an empty key file")?;
        let seed = URL_SAFE_NO_PAD.decode(secret).context("decode the key")?;
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| anyhow!("{error}"))?;
        Ok(Self { key })
    }

    /// A token that is good for as long as the hub allows.
    pub fn token(&self, person: PersonId, device: DeviceId) -> Result<String> {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
        let claims = json!({
            "aud": "chat", "sub": person, "did": device, "jti": Uuid::new_v4(),
            "iat": now, "exp": now + CHAT_TOKEN_AGE_S_MAX,
        });
        let head = URL_SAFE_NO_PAD.encode(json!({"alg": "EdDSA", "typ": "JWT"}).to_string());
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        let signed = format!("{head}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}
