//! Sockets of the media thread.

pub mod udp;
