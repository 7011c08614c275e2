//! What an SDP says about a transport, as values.

use crate::peer::srtp::Profile;

/// The username fragment and password of one side of ICE.
#[derive(Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// `a=ice-ufrag`, 4–256 characters.
    pub ufrag: String,
    /// `a=ice-pwd`, 22–256 characters.
    pub pwd: String,
}

impl std::fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceCredentials").field("ufrag", &self.ufrag).finish_non_exhaustive()
    }
}

impl IceCredentials {
    /// New ones for our side: 12 characters of name (60 bits), 24 of password (120 bits).
    pub fn generate(rng: &mut impl rand::RngCore) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut text = |len: usize| -> String {
            let mut bytes = vec![0; len];
            rng.fill_bytes(&mut bytes);
            bytes
                .iter()
                .map(|byte| char::from(*LETTERS.get(usize::from(byte % 32)).unwrap_or(&b'a')))
                .collect()
        };
        Self { ufrag: text(12), pwd: text(24) }
    }
}

/// A SHA-256 fingerprint of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// As in `a=fingerprint:sha-256 AB:CD:…`.
    pub fn to_sdp(self) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(95);
        for (n, byte) in self.0.iter().enumerate() {
            let colon = if n == 0 { "" } else { ":" };
            let _ = write!(text, "{colon}{byte:02X}");
        }
        text
    }

    /// From the hexadecimal part of `a=fingerprint:sha-256`; `None` unless it is 32 bytes.
    pub fn from_sdp(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let mut parts = text.trim().split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2)?;
            *byte = u8::from_str_radix(part, 16).ok()?;
        }
        parts.next().is_none().then_some(Self(bytes))
    }
}

/// Who sends the first DTLS flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtlsRole {
    /// The peer does (`a=setup:active` is the peer's): we wait.
    PeerStarts,
    /// We do (`a=setup:active` is ours).
    WeStart,
}

/// What the other side's description says of its transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its ICE credentials: requests from it carry `ours:theirs` as name and are keyed by our
    /// password.
    pub ice: IceCredentials,
    /// Its certificate's fingerprint; another certificate ends the peer.
    pub fingerprint: Fingerprint,
    /// Who starts the handshake.
    pub role: DtlsRole,
}

/// How a peer's packets are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protection {
    /// DTLS-SRTP.
    #[default]
    DtlsSrtp,
    /// None, for the simulation: a peer is connected with its first check. Refused unless
    /// [`Config::simulation`](crate::Config::simulation) is set.
    None,
    /// SRTP whose keys both sides have already, for benchmarks: a peer is connected with its first
    /// check. Refused unless [`Config::simulation`](crate::Config::simulation) is set.
    Given(GivenKeys),
}

/// Master keys and salts of both directions; a shorter one of a profile is the front of these.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GivenKeys {
    /// How packets are protected.
    pub profile: Profile,
    /// What the peer seals with.
    pub theirs: ([u8; 32], [u8; 14]),
    /// What we seal with.
    pub ours: ([u8; 32], [u8; 14]),
}

impl std::fmt::Debug for GivenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GivenKeys").field("profile", &self.profile).finish_non_exhaustive()
    }
}
