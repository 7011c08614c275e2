//! The chat socket: the Centrifuge client protocol, server side.

pub mod session;
