//! Offers and answers of the two transports of a participant: the client offers what it publishes
//! and [`answer`] decides what is taken; [`subscriber::Subscriber`] offers what the client
//! receives, one offer at a time.

mod answer;
mod subscriber;
#[cfg(test)]
mod tests;
mod text;

pub use text::candidate;

pub use answer::{Answered, answer};
pub use subscriber::{Sent, Subscriber, SubscriberError};

use super::plane::{DtlsRole, RemoteTransport};
use super::sdp::{Sdp, SdpError};

/// The client's half of a transport, read from its description.
///
/// `role` is the sfu's side where the client leaves the choice (`actpass`).
pub fn remote_transport(sdp: &Sdp, role: DtlsRole) -> Result<RemoteTransport, SdpError> {
    let of = |name: &'static str| {
        sdp.transport_value(name).filter(|value| !value.is_empty()).ok_or(SdpError::Lacks(name))
    };
    let ufrag = of("ice-ufrag")?;
    let password = of("ice-pwd")?;
    if !(4..=256).contains(&ufrag.len()) {
        return Err(SdpError::Unusable("ice-ufrag"));
    }
    if !(22..=256).contains(&password.len()) {
        return Err(SdpError::Unusable("ice-pwd"));
    }
    let role = match sdp.transport_value("setup").unwrap_or("actpass") {
        "active" => DtlsRole::Server,
        "passive" => DtlsRole::Client,
        _ => role,
    };
    Ok(RemoteTransport {
        ufrag: ufrag.to_owned(),
        password: password.to_owned(),
        fingerprint: fingerprint(of("fingerprint")?).ok_or(SdpError::Unusable("fingerprint"))?,
        role,
    })
}

fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let (hash, hex) = text.split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        hex.trim().split(':').map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
    bytes?.try_into().ok()
}
