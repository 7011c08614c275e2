//! Who a person is to the hub: sign-in, devices and the token of the chat socket.
//!
//! A signed-in device is one session; everything that acts for a person names it, and nothing acts
//! for it after it was revoked.

mod chat_token;
mod codes;
mod queries;
mod routes;
mod rules;
mod security_log;
mod sign_in;
mod types;

pub use self::chat_token::{ChatIdentity, TokenError, make_chat_token, verify_chat_token};
pub use self::codes::Codes;
pub use self::routes::{ROUTES, router};
pub use self::rules::{mask, phone};
pub use self::sign_in::{add_account, open_session};
pub use self::types::{OpenSession, Phone};
