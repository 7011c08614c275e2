//! What each fuzz target does with its bytes. The ordinary tests of the crate replay the committed
//! corpora through the same functions.

mod drive;
mod stream;

pub use drive::{channel_name, json_frame, protobuf_frame};
pub use stream::session_stream;
