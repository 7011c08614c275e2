//! What a core is started with.

use std::time::Instant;

use crate::peer::Certificate;

/// What a core is started with; it holds for its whole life.
#[derive(Debug, Clone)]
pub struct Config {
    /// The instant of [`Micros`](crate::Micros) 0; only the handshake's timers need it.
    pub origin: Instant,
    /// The wall clock at `origin`, in microseconds since 1970, for sender reports.
    pub unix_origin_us: u64,
    /// Seed of every number that the core draws (SSRC offsets, sequence starts). From the system's
    /// randomness in production, a constant in tests.
    pub seed: [u8; 32],
    /// The certificate that all peers see.
    pub certificate: Certificate,
    /// Peers without protection may be opened.
    pub simulation: bool,
}
