//! The chat socket: the Centrifuge client protocol, server side, as pure code.
//!
//! [`command`] and [`reply`] hold the messages, each struct with both encodings on it; [`push`]
//! what the server sends unasked; [`frame`] cuts and joins frames; [`codes`] the numbers a client
//! may switch on; [`channel`] the names. [`session`] is the state machine of one connection: start
//! reading there. Nothing here owns positions or delivers publications: that is the hub's fan-out.

pub mod channel;
pub mod codes;
pub mod command;
pub mod frame;
mod payload;
pub mod push;
pub mod reply;
pub mod session;

/// How messages of one connection are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Text frames, objects joined by a newline.
    Json,
    /// Binary frames, messages prefixed by their varint length.
    Protobuf,
}
