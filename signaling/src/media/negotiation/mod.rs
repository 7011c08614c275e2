//! Offers and answers of a participant's transports. With two of them the client offers what it
//! publishes and [`answer`] decides what is taken, and [`Subscriber`] offers what the client
//! receives, one offer at a time. With a single one only the client offers, and [`Single`] finds
//! its receiving sections a track each.

mod answer;
mod codecs;
mod single;
mod subscriber;
#[cfg(test)]
mod tests;
mod text;

pub use text::candidate;

pub use answer::{Answered, Answering, answer};
pub use single::{Arranged, Single};
pub use subscriber::{Accepted, Subscriber, SubscriberError};

use super::plane::{
    CodecKind, DtlsRole, Extension, MediaKind, Outgoing, Payload, RemoteTransport, TrackId,
};
use super::sdp::{Sdp, SdpError};

/// A track as a client will see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub track: TrackId,
    /// The sid of the track; it is the track id of the browser.
    pub track_sid: String,
    /// The sid of the publishing participant; first half of the stream id.
    pub participant_sid: String,
    /// Tracks of one stream are played in step: the second half of the stream id.
    pub stream: String,
    /// What the publisher sends, and after it what it can send when asked; never empty.
    pub codecs: Vec<CodecKind>,
    pub ssrc: u32,
    pub rtx_ssrc: u32,
}

impl Sent {
    fn media(&self) -> MediaKind {
        self.codecs.first().map_or(MediaKind::Audio, |codec| codec.media())
    }

    /// The first codec of the track that is among `payloads`.
    fn playable(&self, payloads: &[Payload]) -> Option<Payload> {
        self.codecs.iter().find_map(|codec| {
            payloads.iter().copied().find(|payload| codec.plays_as(payload.codec))
        })
    }

    fn outgoing(&self, mid: &str, payload: Payload, extensions: &[(u8, Extension)]) -> Outgoing {
        Outgoing {
            mid: mid.to_owned(),
            payload,
            ssrc: self.ssrc,
            rtx_ssrc: if payload.rtx.is_some() { self.rtx_ssrc } else { 0 },
            extensions: extensions.to_vec(),
        }
    }
}

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
