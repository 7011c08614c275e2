//! What each fuzz target does with its bytes. The ordinary tests of the hub replay the committed
//! corpora through the same functions.

mod doors;

pub use doors::{bus_hint, chat_token, config, request_head};
