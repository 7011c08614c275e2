//! Sockets of the media thread.

pub mod tcp;
pub mod udp;
