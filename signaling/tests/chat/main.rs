//! Tests of the chat socket: both encodings, the session as sentences, and a model that watches
//! random conversations.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

mod channel;
mod codec;
mod codec_random;
mod limits;
mod model;
mod recovery;
mod seed;
mod session;
mod talk;
mod time;
