//! Names of the things that the edge creates. The edge chooses them, so that a command needs no
//! answer; a number is never used twice in the life of one `Sfu`.

use std::net::SocketAddr;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);
    };
}

id! {
    /// A room: tracks are forwarded within it only.
    RoomId
}
id! {
    /// A participant of a room; it owns peers.
    ParticipantId
}
id! {
    /// One peer connection (one ICE and DTLS transport) of a participant.
    PeerId
}
id! {
    /// A published track: everything that one m-section sends to us, all layers together.
    TrackId
}

/// The socket that a datagram came through and that an answer leaves by: a number that the edge
/// gives its UDP sockets and TCP connections. The core only copies it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Via(pub u32);

/// Where a datagram came from, or goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// Our side.
    pub via: Via,
    /// The other side.
    pub remote: SocketAddr,
}
