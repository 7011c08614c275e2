//! What each fuzz target does with its bytes. The ordinary tests of the crate replay the committed
//! corpora through the same functions.

mod drive;
mod media;
mod payloads;
mod stream;

pub use drive::{channel_name, json_frame, protobuf_frame};
pub use media::{join_request, media_signal, media_token};
pub use payloads::{http_body, room_service, rpc_payload};
pub use stream::session_stream;
