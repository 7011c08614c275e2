//! The `LiveKit` client protocol, seen from the server: who may join, what a session of a
//! participant goes through, what is offered and answered, which tracks and data go to whom.
//!
//! Everything here is pure: time, chance and addresses come in as values; sockets and packets
//! belong to the sfu. Start reading in [`session`], which owns the rooms of a node; [`token`] and
//! [`admission`] decide before it, [`sdp`] and [`negotiation`] speak the session descriptions,
//! [`tracks`] and [`data`] hold the rules of single tracks and packets, [`room_service`] the
//! administrator's calls.
//!
//! It never reads a media payload and never answers a packet.

pub mod admission;
pub mod data;
pub mod identifiers;
pub mod limits;
pub mod negotiation;
pub mod plane;
pub mod room_service;
pub mod sdp;
pub mod session;
pub mod token;
pub mod tracks;

/// The messages of the protocol, protobuf and proto3-JSON.
pub use livekit_protocol as wire;
