//! The edge: how bytes come in and answers go out. Nothing here decides what a person may do.

mod answer;
mod body;
pub mod chat_socket;
pub mod conformance;
mod drain;
pub mod http;
mod listener;
pub mod openapi;
mod parameters;
mod web_client;

pub use self::body::Body;
pub use self::chat_socket::{Lobby, SharedReads};
pub use self::drain::Drain;
pub use self::listener::{ListenError, Listener};
pub use self::parameters::{Parameters, named};
