//! Who calls, and whether they may: the one place where a request meets the access file.
//!
//! [`guard`] stands before every route. It finds the route's action in [`Access`], refuses
//! requests of other sites, reads the session cookie and lets nobody through whom the file does
//! not name. What a handler needs of this it takes as [`Caller`], [`Visitor`] or [`Granted`].
//! Calls over the chat socket ask [`Access::rpc`].

mod access;
mod address;
mod cookie;
mod guard;
mod origin;
mod session;

pub use self::access::{Access, AccessError, Action, Role, Scope};
pub use self::address::client_address;
pub use self::cookie::{Cookie, Cookies};
pub use self::guard::{Caller, Granted, Visitor, guard};
pub use self::origin::is_same_origin;
pub use self::session::Session;
