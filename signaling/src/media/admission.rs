//! What a client says of itself when it opens the signal socket.

use std::collections::BTreeMap;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use prost::Message as _;

use super::limits::JOIN_REQUEST_BYTES_MAX;
use super::wire::{
    AddTrackRequest, ClientInfo, ConnectionSettings, JoinRequest, SessionDescription, SyncState,
    WrappedJoinRequest, client_info, wrapped_join_request::Compression,
};

/// The parameters of a join or a resume.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent switches of the protocol")]
pub struct Joining {
    pub client: ClientInfo,
    pub auto_subscribe: bool,
    pub adaptive_stream: bool,
    /// The socket continues a session; `participant_sid` names it.
    pub reconnect: bool,
    pub participant_sid: String,
    /// Attributes that the client asks for; needs the right to change its own metadata.
    pub attributes: BTreeMap<String, String>,
    /// The client has one connection for both directions and alone makes offers.
    pub single_connection: bool,
    /// Metadata that the client asks for; needs the right to change its own.
    pub metadata: String,
    /// Tracks that it announces with the join.
    pub announced: Vec<AddTrackRequest>,
    /// The first offer of its single connection.
    pub publisher_offer: Option<SessionDescription>,
    /// What it has, with a resume.
    pub sync_state: Option<SyncState>,
}

/// Why a join request can not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinRequestError {
    #[error("join_request is required")]
    Missing,
    #[error("cannot base64 decode wrapped join request")]
    Encoding,
    #[error("cannot read the join request")]
    Unreadable,
    #[error("join request too large")]
    TooLarge,
}

impl Joining {
    /// Reads the pairs of a query string, percent-decoded; unknown ones are ignored.
    #[must_use]
    pub fn from_query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut joining = Self {
            client: ClientInfo::default(),
            auto_subscribe: true,
            adaptive_stream: false,
            reconnect: false,
            participant_sid: String::new(),
            attributes: BTreeMap::new(),
            single_connection: false,
            metadata: String::new(),
            announced: Vec::new(),
            publisher_offer: None,
            sync_state: None,
        };
        for (name, value) in pairs {
            joining.set(name, value);
        }
        joining
    }

    /// Reads the value of `join_request`, the form of the single connection.
    pub fn from_join_request(text: &str) -> Result<Self, JoinRequestError> {
        let wrapped = WrappedJoinRequest::decode(unwrapped(text)?.as_slice())
            .map_err(|_| JoinRequestError::Unreadable)?;
        let bytes = match wrapped.compression() {
            Compression::None => wrapped.join_request,
            Compression::Gzip => inflated(&wrapped.join_request)?,
        };
        if bytes.len() > JOIN_REQUEST_BYTES_MAX {
            return Err(JoinRequestError::TooLarge);
        }
        let request =
            JoinRequest::decode(bytes.as_slice()).map_err(|_| JoinRequestError::Unreadable)?;
        let settings = request.connection_settings.unwrap_or(ConnectionSettings {
            auto_subscribe: true,
            ..ConnectionSettings::default()
        });
        Ok(Self {
            client: request.client_info.unwrap_or_default(),
            auto_subscribe: settings.auto_subscribe,
            adaptive_stream: settings.adaptive_stream,
            reconnect: request.reconnect,
            participant_sid: request.participant_sid,
            attributes: request.participant_attributes.into_iter().collect(),
            single_connection: true,
            metadata: request.metadata,
            announced: request.add_track_requests,
            publisher_offer: request.publisher_offer,
            sync_state: request.sync_state,
        })
    }

    /// Whether the client reads the answer to the offer in its join before it has set that offer
    /// itself, and then loses it.
    #[must_use]
    pub fn sets_its_offer_late(&self) -> bool {
        self.client.sdk() == client_info::Sdk::Go
    }

    fn set(&mut self, name: &str, value: &str) {
        let client = &mut self.client;
        match name {
            "auto_subscribe" => self.auto_subscribe = switch(value),
            "adaptive_stream" => self.adaptive_stream = switch(value),
            "reconnect" => self.reconnect = switch(value),
            "sid" => value.clone_into(&mut self.participant_sid),
            "attributes" => self.attributes = attributes(value).unwrap_or_default(),
            "sdk" => client.sdk = sdk(value).into(),
            "protocol" => client.protocol = value.parse().unwrap_or_default(),
            "client_protocol" => client.client_protocol = value.parse().unwrap_or_default(),
            "version" => value.clone_into(&mut client.version),
            "os" => value.clone_into(&mut client.os),
            "os_version" => value.clone_into(&mut client.os_version),
            "device_model" => value.clone_into(&mut client.device_model),
            "browser" => value.clone_into(&mut client.browser),
            "browser_version" => value.clone_into(&mut client.browser_version),
            "network" => value.clone_into(&mut client.network),
            "capabilities" => {
                client.capabilities =
                    value.split(',').filter_map(|number| number.parse().ok()).collect();
            }
            _ => {}
        }
    }
}

fn unwrapped(text: &str) -> Result<Vec<u8>, JoinRequestError> {
    let text = text.trim_end_matches('=');
    let decoded = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
    decoded.map_err(|_| JoinRequestError::Encoding)
}

fn inflated(bytes: &[u8]) -> Result<Vec<u8>, JoinRequestError> {
    let most = u64::try_from(JOIN_REQUEST_BYTES_MAX).unwrap_or(u64::MAX);
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .take(most + 1)
        .read_to_end(&mut inflated)
        .map_err(|_| JoinRequestError::Unreadable)?;
    Ok(inflated)
}

fn switch(value: &str) -> bool {
    value == "1" || value.eq_ignore_ascii_case("true")
}

fn attributes(value: &str) -> Option<BTreeMap<String, String>> {
    let value = value.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(value).or_else(|_| STANDARD_NO_PAD.decode(value)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn sdk(name: &str) -> client_info::Sdk {
    client_info::Sdk::from_str_name(&name.to_ascii_uppercase().replace('-', "_"))
        .unwrap_or(client_info::Sdk::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_query_is_read() {
        let pairs = [
            ("auto_subscribe", "1"),
            ("sdk", "js"),
            ("version", "2.23.0"),
            ("protocol", "17"),
            ("adaptive_stream", "true"),
            ("attributes", "eyJhIjoiYiJ9"),
            ("never_heard_of", "x"),
        ];
        let joining = Joining::from_query(pairs.into_iter());
        assert!(joining.auto_subscribe && joining.adaptive_stream && !joining.reconnect);
        assert_eq!(joining.client.sdk(), client_info::Sdk::Js);
        assert_eq!(joining.client.protocol, 17);
        assert_eq!(joining.attributes.get("a").map(String::as_str), Some("b"));
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, bytes).expect("written");
        encoder.finish().expect("finished")
    }

    fn wrapped(join_request: Vec<u8>) -> String {
        let compression = Compression::Gzip.into();
        let wrapped = WrappedJoinRequest { compression, join_request };
        base64::engine::general_purpose::URL_SAFE.encode(wrapped.encode_to_vec())
    }

    #[test]
    fn a_join_request_is_read_with_its_offer() {
        let request = JoinRequest {
            metadata: "m".to_owned(),
            publisher_offer: Some(SessionDescription::default()),
            connection_settings: Some(ConnectionSettings::default()),
            ..JoinRequest::default()
        };
        let text = wrapped(gzipped(&request.encode_to_vec()));
        let joining = Joining::from_join_request(&text).expect("reads");
        assert!(joining.single_connection && !joining.auto_subscribe);
        assert_eq!(joining.metadata, "m");
        assert!(joining.publisher_offer.is_some());
    }

    #[test]
    fn a_join_request_that_inflates_over_the_limit_is_refused() {
        let text = wrapped(gzipped(&vec![0; JOIN_REQUEST_BYTES_MAX + 1]));
        assert_eq!(Joining::from_join_request(&text), Err(JoinRequestError::TooLarge));
        assert_eq!(Joining::from_join_request("!"), Err(JoinRequestError::Encoding));
    }

    #[test]
    fn subscribing_is_automatic_unless_switched_off() {
        assert!(Joining::from_query(std::iter::empty()).auto_subscribe);
        assert!(!Joining::from_query([("auto_subscribe", "false")].into_iter()).auto_subscribe);
    }
}
