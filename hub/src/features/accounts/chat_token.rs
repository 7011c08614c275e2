//! The token that opens the chat socket: made for a signed-in device, good for minutes.

use serde::{Deserialize, Serialize};
use signaling::limits::CHAT_TOKEN_AGE_S_MAX;
use signaling::{DeviceId, PersonId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Fault, Result};

/// The audience of chat tokens.
const AUDIENCE: &str = "chat";

/// Who opens a socket, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatIdentity {
    pub person: PersonId,
    pub device: DeviceId,
    /// When the token ends; the client brings a new one before.
    pub expires_at: OffsetDateTime,
}

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not made by this installation for this use, or its device or account is closed. The client
    /// has to sign in again.
    #[error("the chat token is not valid")]
    Invalid,
    /// The client should fetch a new one.
    #[error("the chat token has expired")]
    Expired,
    /// Whether it is valid could not be found out now; try again.
    #[error("check a chat token: {0}")]
    Unchecked(#[from] Fault),
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    sub: PersonId,
    did: DeviceId,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// Makes a token for a signed-in device.
pub fn make_chat_token(
    app: &App,
    person: PersonId,
    device: DeviceId,
) -> Result<(String, OffsetDateTime)> {
    let now = app.clock.now();
    let lifetime = Duration::seconds(CHAT_TOKEN_AGE_S_MAX);
    let expires_at = now.replace_nanosecond(0).unwrap_or(now) + lifetime;
    let claims = Claims {
        aud: AUDIENCE.to_owned(),
        sub: person,
        did: device,
        iat: now.unix_timestamp(),
        exp: expires_at.unix_timestamp(),
        jti: app.ids.next(),
    };
    let token = app.keys.chat_token.sign(&claims);
    let token = token.ok_or_else(|| Fault::new("sign a chat token"))?;
    Ok((token, expires_at))
}

/// Who a token stands for. The device and the account are read from the store: a token of a
/// revoked device is refused although it has not expired.
pub async fn verify_chat_token(app: &App, token: &str) -> Result<ChatIdentity, TokenError> {
    let claims: Claims = app.keys.chat_token.verify(token).ok_or(TokenError::Invalid)?;
    let lifetime = claims.exp.checked_sub(claims.iat).ok_or(TokenError::Invalid)?;
    if claims.aud != AUDIENCE || !(0..=CHAT_TOKEN_AGE_S_MAX).contains(&lifetime) {
        return Err(TokenError::Invalid);
    }
    let expires_at =
        OffsetDateTime::from_unix_timestamp(claims.exp).map_err(|_| TokenError::Invalid)?;
    if expires_at <= app.clock.now() {
        return Err(TokenError::Expired);
    }
    let open = app.devices.is_open(claims.sub, claims.did).await;
    if !open.map_err(Fault::new)? {
        return Err(TokenError::Invalid);
    }
    Ok(ChatIdentity { person: claims.sub, device: claims.did, expires_at })
}
