//! Whole calls on a virtual network: one seed, one course of events. Peers are either `bare` (our
//! own, without protection, so that thousands of seeds are cheap) or `webrtc` (an independent
//! implementation over real ICE, DTLS and SRTP).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by ending"
)]

mod attack;
mod bare;
mod call;
mod codecs;
mod data;
mod handshake;
mod mangled;
mod media;
mod net;
mod oracle;
mod packets;
mod random;
mod silence;
mod webrtc;
mod world;
