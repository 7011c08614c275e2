//! Who a person is to the hub: sign-in, devices and the token of the chat socket.
//!
//! A signed-in device is one session; everything that acts for a person names it, and nothing acts
//! for it after it was revoked.

mod chat_token;
mod queries;

pub use self::chat_token::{ChatIdentity, TokenError, make_chat_token, verify_chat_token};
