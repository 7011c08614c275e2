//! The media plane of the SFU: datagrams and commands in, datagrams and events out.
//!
//! It has no socket, no thread and no clock: the edge hands it batches of datagrams and the time,
//! and takes from it what is to be sent. It must never block, never reply to a stranger with more
//! than it was asked with, and never end because of bytes from the network.
//!
//! ```text
//! loop {
//!     sfu.handle(Input::Datagrams(batch), now);            // or Command, or Tick
//!     loop {
//!         match sfu.poll(now) {
//!             Output::Transmits(batch) => send(batch),     // sendmmsg
//!             Output::Event(event) => tell(event),
//!             Output::Deadline(at) => break wait_until(at),
//!         }
//!     }
//! }
//! ```
//!
//! Start reading with [`Command`], [`Event`] and [`Sfu`].

// A wrap and a cut are written as such.
#![deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]

mod allocate;
pub mod api;
mod arena;
mod bandwidth;
mod config;
mod connection;
mod demux;
mod dispatch;
mod feedback;
mod forward;
mod ids;
mod intake;
mod orders;
mod outbox;
mod participant;
mod peer;
mod reports;
mod room;
mod send;
mod sfu;
mod silence;
mod time;
mod timers;
mod wire;

pub use api::command::{Command, Delivery};
pub use api::event::{Event, GoneReason, PeerState, PeerStats, Refused, Speaker, TrackStats};
pub use api::media::{Codec, Extensions, Format, Kind, Receive, Send, Ssrcs, Token, Wish};
pub use api::transmit::{Received, Slot, Transmits};
pub use api::transport::{DtlsRole, Fingerprint, GivenKeys, IceCredentials, Protection, Remote};
pub use config::Config;
pub use ids::{ParticipantId, Path, PeerId, RoomId, TrackId, Via};
pub use peer::srtp::{Direction as SrtpDirection, Profile as SrtpProfile};
pub use peer::{Certificate, CertificateFault};
pub use sfu::{Input, Output, Sfu};
pub use time::Micros;
