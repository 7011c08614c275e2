//! Tokens of the conformance mode: HS256 with the secret that the public suites use.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The secret of the public suites.
const SECRET: &[u8] = b"secret";

/// What a token says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// The user.
    pub sub: String,
    /// The channel of a subscription token.
    pub channel: String,
    /// End in seconds since 1970; 0: none.
    pub exp: i64,
    /// Shown in presence and publications.
    pub info: Option<Box<RawValue>>,
    /// Channels that are subscribed with the connect.
    pub channels: Vec<String>,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadToken {
    Invalid,
    Expired,
}

/// Reads a token at `now`, seconds since 1970.
pub fn read(token: &str, now: i64) -> Result<Claims, BadToken> {
    // The end is compared with the hub's own clock.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(SECRET);
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .map_err(|_| BadToken::Invalid)?
        .claims;
    if claims.exp != 0 && claims.exp <= now {
        return Err(BadToken::Expired);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};

    use super::*;

    fn token(secret: &[u8], claims: &serde_json::Value) -> String {
        let key = EncodingKey::from_secret(secret);
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("signed")
    }

    #[test]
    fn a_token_needs_the_secret_and_time_left() {
        let claims = serde_json::json!({"sub": "42", "channel": "test", "exp": 100});
        let good = read(&token(b"secret", &claims), 99).expect("accepted");
        assert_eq!((good.sub.as_str(), good.channel.as_str()), ("42", "test"));
        assert_eq!(read(&token(b"secret", &claims), 100).err(), Some(BadToken::Expired));
        assert_eq!(read(&token(b"other", &claims), 99).err(), Some(BadToken::Invalid));
        assert_eq!(read("invalid_token", 99).err(), Some(BadToken::Invalid));
        let endless = token(b"secret", &serde_json::json!({"sub": "42"}));
        assert!(read(&endless, i64::MAX).is_ok());
    }
}
