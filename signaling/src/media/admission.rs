//! What a client says of itself when it opens the signal socket.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::wire::{ClientInfo, client_info};

/// The parameters of a join or a resume over a dual connection.
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
    /// Asks for the single connection, which is announced in a `join_request`.
    pub single_connection: bool,
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
        };
        for (name, value) in pairs {
            joining.set(name, value);
        }
        joining
    }

    fn set(&mut self, name: &str, value: &str) {
        let client = &mut self.client;
        match name {
            "auto_subscribe" => self.auto_subscribe = switch(value),
            "adaptive_stream" => self.adaptive_stream = switch(value),
            "reconnect" => self.reconnect = switch(value),
            "sid" => value.clone_into(&mut self.participant_sid),
            "join_request" => self.single_connection = true,
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

    #[test]
    fn subscribing_is_automatic_unless_switched_off() {
        assert!(Joining::from_query(std::iter::empty()).auto_subscribe);
        assert!(!Joining::from_query([("auto_subscribe", "false")].into_iter()).auto_subscribe);
    }
}
