//! Access tokens: JWT signed with HMAC-SHA-256 under an API key's secret, and the grants in them.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::limits::{NAME_BYTES_MAX, TOKEN_LEEWAY_S};
use super::wire::{ParticipantPermission, TrackSource, participant_info};

/// API keys with their secrets.
pub type Keys = BTreeMap<String, String>;

/// What a token says of its holder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Claims {
    /// The API key whose secret signed the token.
    pub iss: String,
    /// The identity of the holder.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub: String,
    /// The identity in old tokens; `sub` wins.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity: String,
    /// Seconds since 1970 after which the token is void.
    pub exp: i64,
    /// Seconds since 1970 before which the token is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Seconds since 1970 when the token was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub metadata: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Hash of a webhook's body.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoGrant>,
}

/// What the holder may do. A missing `can_publish`, `can_subscribe` or `can_publish_data` allows,
/// a missing `can_update_own_metadata` does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the grant's own fields")]
pub struct VideoGrant {
    pub room_join: bool,
    pub room: String,
    pub room_create: bool,
    pub room_list: bool,
    pub room_admin: bool,
    pub hidden: bool,
    pub recorder: bool,
    pub agent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_subscribe: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish_data: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub can_publish_sources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_update_own_metadata: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_subscribe_metrics: Option<bool>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub destination_room: String,
}

/// Why a token opens nothing. The text goes to the client; it never repeats the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("no permissions to access the room")]
    Missing,
    #[error("invalid authorization token")]
    Malformed,
    #[error("invalid API key: {0}")]
    UnknownKey(String),
    #[error("invalid token: {0}")]
    Invalid(&'static str),
    #[error("permissions denied")]
    NotGranted,
    #[error("identity cannot be empty")]
    IdentityEmpty,
    #[error("identity is too long")]
    IdentityTooLong,
    #[error("no room name")]
    RoomEmpty,
    #[error("room name is too long")]
    RoomTooLong,
}

impl TokenError {
    /// The HTTP status that carries this error.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Missing
            | Self::Malformed
            | Self::UnknownKey(_)
            | Self::Invalid(_)
            | Self::NotGranted => 401,
            Self::IdentityEmpty | Self::IdentityTooLong | Self::RoomEmpty | Self::RoomTooLong => {
                400
            }
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// Checks signature and times of `token` at `now_s` (seconds since 1970).
pub fn verify(token: &str, keys: &Keys, now_s: i64) -> Result<Claims, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, body) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    let header: Header = part(header)?;
    let claims: Claims = part(body)?;
    if header.alg != "HS256" {
        return Err(TokenError::Invalid("algorithm is not HS256"));
    }
    let secret = keys.get(&claims.iss).ok_or_else(|| TokenError::UnknownKey(shown(&claims.iss)))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Malformed)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, signed.as_bytes(), &signature)
        .map_err(|_| TokenError::Invalid("signature does not match"))?;
    if claims.exp.saturating_add(TOKEN_LEEWAY_S) < now_s {
        return Err(TokenError::Invalid("token is expired"));
    }
    if claims.nbf.is_some_and(|nbf| nbf.saturating_sub(TOKEN_LEEWAY_S) > now_s) {
        return Err(TokenError::Invalid("token is not valid yet"));
    }
    Ok(claims)
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}

fn shown(key: &str) -> String {
    key.chars().filter(char::is_ascii_graphic).take(64).collect()
}

/// Signs `claims` with the secret of `claims.iss`.
#[must_use]
pub fn sign(claims: &Claims, secret: &str) -> String {
    let body = serde_json::to_vec(claims).unwrap_or_default();
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#),
        URL_SAFE_NO_PAD.encode(body)
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

impl Claims {
    /// The identity, from `sub` or the old claim.
    #[must_use]
    pub fn holder(&self) -> &str {
        if self.sub.is_empty() { &self.identity } else { &self.sub }
    }

    /// When the token was made, seconds since 1970; revocations compare with it.
    #[must_use]
    pub fn made_at(&self) -> Option<i64> {
        self.nbf.or(self.iat)
    }

    /// The grant, where the token may join and names a usable identity and room.
    pub fn joins(&self) -> Result<&VideoGrant, TokenError> {
        let grant = self.video.as_ref().ok_or(TokenError::Missing)?;
        if !grant.room_join {
            return Err(TokenError::NotGranted);
        }
        match self.holder().len() {
            0 => return Err(TokenError::IdentityEmpty),
            length if length > NAME_BYTES_MAX => return Err(TokenError::IdentityTooLong),
            _ => {}
        }
        match grant.room.len() {
            0 => Err(TokenError::RoomEmpty),
            length if length > NAME_BYTES_MAX => Err(TokenError::RoomTooLong),
            _ => Ok(grant),
        }
    }

    /// The kind of participant that the token names.
    #[must_use]
    pub fn participant_kind(&self) -> participant_info::Kind {
        match self.kind.as_str() {
            "agent" => participant_info::Kind::Agent,
            "ingress" => participant_info::Kind::Ingress,
            "egress" => participant_info::Kind::Egress,
            "sip" => participant_info::Kind::Sip,
            _ => participant_info::Kind::Standard,
        }
    }
}

impl VideoGrant {
    /// The permission record that clients see.
    #[must_use]
    pub fn permission(&self) -> ParticipantPermission {
        let sources: Vec<i32> = self
            .can_publish_sources
            .iter()
            .filter_map(|source| source_named(source))
            .map(i32::from)
            .collect();
        let can_publish = self.can_publish.unwrap_or(true) || !sources.is_empty();
        #[expect(deprecated, reason = "clients of old versions read these fields")]
        ParticipantPermission {
            can_subscribe: self.can_subscribe.unwrap_or(true),
            can_publish,
            can_publish_data: self.can_publish_data.unwrap_or(can_publish),
            can_publish_sources: sources,
            hidden: self.hidden,
            recorder: self.recorder,
            can_update_metadata: self.can_update_own_metadata.unwrap_or(false),
            agent: self.agent,
            can_subscribe_metrics: self.can_subscribe_metrics.unwrap_or(false),
            can_manage_agent_session: false,
        }
    }
}

/// The sources of a permission by their names in a grant.
#[must_use]
pub fn source_names(permission: &ParticipantPermission) -> Vec<String> {
    let name = |source: i32| match TrackSource::try_from(source) {
        Ok(TrackSource::Camera) => Some("camera"),
        Ok(TrackSource::Microphone) => Some("microphone"),
        Ok(TrackSource::ScreenShare) => Some("screen_share"),
        Ok(TrackSource::ScreenShareAudio) => Some("screen_share_audio"),
        Ok(TrackSource::Unknown) | Err(_) => None,
    };
    permission.can_publish_sources.iter().filter_map(|s| name(*s)).map(str::to_owned).collect()
}

/// A source by its name in a grant.
fn source_named(name: &str) -> Option<TrackSource> {
    match name.to_ascii_lowercase().as_str() {
        "camera" => Some(TrackSource::Camera),
        "microphone" => Some(TrackSource::Microphone),
        "screen_share" => Some(TrackSource::ScreenShare),
        "screen_share_audio" => Some(TrackSource::ScreenShareAudio),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn keys() -> Keys {
        Keys::from([("devkey".to_owned(), "secret".repeat(6))])
    }

    fn claims() -> Claims {
        Claims {
            iss: "devkey".to_owned(),
            sub: "li".to_owned(),
            exp: NOW + 60,
            video: Some(VideoGrant {
                room_join: true,
                room: "hall".to_owned(),
                ..VideoGrant::default()
            }),
            ..Claims::default()
        }
    }

    fn signed(claims: &Claims) -> String {
        sign(claims, &"secret".repeat(6))
    }

    #[test]
    fn a_signed_token_opens_the_room_it_names() {
        let claims = verify(&signed(&claims()), &keys(), NOW).expect("valid");
        let grant = claims.joins().expect("joins");
        assert_eq!((claims.holder(), grant.room.as_str()), ("li", "hall"));
        assert!(grant.permission().can_publish_data);
        assert!(!grant.permission().can_update_metadata);
    }

    #[test]
    fn a_token_with_other_order_and_unknown_claims_is_read() {
        let header = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"HS256"}"#);
        let body = URL_SAFE_NO_PAD.encode(
            br#"{"video":{"roomJoin":true,"room":"r","canPublish":false},"sub":"a","iss":"devkey","nbf":1799999990,"exp":1800000100,"unknown":[1]}"#,
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, "secret".repeat(6).as_bytes());
        let tag = hmac::sign(&key, format!("{header}.{body}").as_bytes());
        let token = format!("{header}.{body}.{}", URL_SAFE_NO_PAD.encode(tag));
        let claims = verify(&token, &keys(), NOW).expect("valid");
        assert_eq!(claims.made_at(), Some(1_799_999_990));
        let permission = claims.joins().expect("joins").permission();
        assert!(!permission.can_publish && !permission.can_publish_data);
    }

    #[test]
    fn times_are_compared_with_a_minute_of_leeway() {
        let token = signed(&claims());
        assert!(verify(&token, &keys(), NOW + 120).is_ok());
        assert_eq!(
            verify(&token, &keys(), NOW + 121),
            Err(TokenError::Invalid("token is expired"))
        );
        let early = Claims { nbf: Some(NOW + 61), ..claims() };
        assert_eq!(
            verify(&signed(&early), &keys(), NOW),
            Err(TokenError::Invalid("token is not valid yet"))
        );
    }

    #[test]
    fn a_changed_token_is_refused_without_being_repeated() {
        let token = signed(&claims());
        let (body, _) = token.rsplit_once('.').expect("dots");
        let forged = format!("{body}.{}", URL_SAFE_NO_PAD.encode([7; 32]));
        let error = verify(&forged, &keys(), NOW).expect_err("forged");
        assert_eq!(error.http_status(), 401);
        assert!(!error.to_string().contains(body));
        assert_eq!(verify("x", &keys(), NOW), Err(TokenError::Malformed));
        let none = format!("{}.e30.", URL_SAFE_NO_PAD.encode(br#"{"alg":"none"}"#));
        assert!(verify(&none, &keys(), NOW).is_err());
    }

    #[test]
    fn an_unknown_key_is_named() {
        let other = Claims { iss: "who".to_owned(), ..claims() };
        let error = verify(&signed(&other), &keys(), NOW).expect_err("unknown");
        assert_eq!(error.to_string(), "invalid API key: who");
    }

    #[test]
    fn joining_needs_grant_identity_and_room() {
        let table: [(Claims, TokenError); 4] = [
            (Claims { video: None, ..claims() }, TokenError::Missing),
            (Claims { video: Some(VideoGrant::default()), ..claims() }, TokenError::NotGranted),
            (Claims { sub: String::new(), ..claims() }, TokenError::IdentityEmpty),
            (Claims { sub: "x".repeat(257), ..claims() }, TokenError::IdentityTooLong),
        ];
        for (claims, error) in table {
            assert_eq!(claims.joins().expect_err("refused"), error);
        }
    }

    #[test]
    fn listed_sources_allow_publishing_those_only() {
        let grant = VideoGrant {
            can_publish: Some(false),
            can_publish_sources: vec!["microphone".to_owned()],
            ..VideoGrant::default()
        };
        let permission = grant.permission();
        assert!(permission.can_publish);
        assert_eq!(permission.can_publish_sources, vec![i32::from(TrackSource::Microphone)]);
    }
}
