//! Clients of the hub's doors, written against the protocol and not against the hub's code.

pub mod http;
pub mod token;
pub mod ws;
