//! How packets get from a published track to those who want it. A packet is kept once, in the
//! cache of its stream; what a receiver gets is written from there, with numbers of its own.
//!
//! - [`track`]: a published track and the streams (layers) that it comes in
//! - [`cache`]: the last second of a stream, in clear
//! - [`loss`]: what is missing of a stream, and asking for it
//! - [`layers`]: which layer a receiver gets
//! - [`rewrite`]: the numbers that a receiver sees
//! - [`keyframes`]: asking for a key frame, not too often
//! - [`speakers`]: who speaks in a room
//!
//! Nothing here knows keys, addresses or sockets.

pub(crate) mod cache;
pub(crate) mod keyframes;
pub(crate) mod layers;
pub(crate) mod loss;
pub(crate) mod rewrite;
pub(crate) mod speakers;
pub(crate) mod track;
