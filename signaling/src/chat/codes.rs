//! The numbers a client may switch on. Errors 0–399, closes 3000–3999 and unsubscribes 2000–2099
//! and 2500–2599 are the protocol's; the others are ours.

use crate::refusal::{Refusal, RefusalCode};

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $temporary:literal, $text:literal;)*) => {
        /// Errors of the protocol itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// Every error of the protocol that the hub sends.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The number.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $code,)* }
            }

            /// Whether the same command may succeed later.
            #[must_use]
            pub const fn temporary(self) -> bool {
                match self { $(Self::$name => $temporary,)* }
            }

            /// A short text for developers.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

errors! {
    /// The hub can not answer now.
    Internal = 100, true, "internal server error";
    /// Not signed in.
    Unauthorized = 101, false, "unauthorized";
    /// No such namespace.
    UnknownChannel = 102, false, "unknown channel";
    /// No such room, or not for this person.
    PermissionDenied = 103, false, "permission denied";
    /// No such call.
    MethodNotFound = 104, false, "method not found";
    /// The channel is subscribed already.
    AlreadySubscribed = 105, false, "already subscribed";
    /// Too large or too many.
    LimitExceeded = 106, false, "limit exceeded";
    /// The command makes no sense.
    BadRequest = 107, false, "bad request";
    /// Not offered here.
    NotAvailable = 108, false, "not available";
    /// Fetch a new token and try again.
    TokenExpired = 109, false, "token expired";
    /// The connection has expired.
    Expired = 110, false, "expired";
    /// Slow down.
    TooManyRequests = 111, true, "too many requests";
    /// The position can not be recovered from.
    UnrecoverablePosition = 112, false, "unrecoverable position";
}

/// An error in a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyError {
    pub code: u32,
    pub message: String,
    pub temporary: bool,
}

impl From<ErrorCode> for ReplyError {
    fn from(code: ErrorCode) -> Self {
        Self { code: code.number(), message: code.text().to_owned(), temporary: code.temporary() }
    }
}

impl From<Refusal> for ReplyError {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.number(),
            message: format!("{}: {}", refusal.code.word(), refusal.detail),
            temporary: matches!(
                refusal.code,
                RefusalCode::Unavailable | RefusalCode::TooManyRequests
            ),
        }
    }
}

/// A close of the socket: code and reason. A reason is never empty and never JSON, since SDKs
/// misread both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disconnect {
    pub code: u16,
    pub reason: &'static str,
}

macro_rules! disconnects {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $reason:literal;)*) => {
        impl Disconnect {
            /// Every close the hub sends.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            $($(#[$doc])* pub const $name: Self = Self { code: $code, reason: $reason };)*
        }
    };
}

disconnects! {
    /// The hub stops; come back.
    SHUTDOWN = 3001, "shutdown";
    /// The hub failed.
    SERVER_ERROR = 3004, "internal server error";
    /// The token ran out and was not refreshed.
    EXPIRED = 3005, "connection expired";
    /// The token of a subscription made by the server ran out.
    SUBSCRIPTION_EXPIRED = 3006, "subscription expired";
    /// The reader makes no progress.
    SLOW = 3008, "slow";
    /// No pong came.
    NO_PONG = 3012, "no pong";
    /// Too many commands.
    TOO_MANY_REQUESTS = 3013, "too many requests";
    /// The token is no token of ours.
    INVALID_TOKEN = 3500, "invalid token";
    /// The frame or the order of commands breaks the protocol.
    BAD_REQUEST = 3501, "bad request";
    /// No connect command came in time.
    STALE = 3502, "stale";
    /// Text frames on a protobuf connection, or the reverse; bytes that are no JSON.
    INAPPROPRIATE_PROTOCOL = 3506, "inappropriate protocol";
    /// The device was signed out or revoked.
    SIGNED_OUT = 4500, "signed out";
    /// The account was closed.
    ACCOUNT_DISABLED = 4501, "account disabled";
}

/// An unsubscribe push: from 2500 on the client subscribes again at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unsubscribe {
    pub code: u32,
    pub reason: &'static str,
}

impl Unsubscribe {
    /// Every unsubscribe the hub sends.
    pub const ALL: &'static [Self] = &[
        Self::REMOVED,
        Self::DISSOLVED,
        Self::MEETING_CLOSED,
        Self::EXPIRED,
        Self::INSUFFICIENT_STATE,
    ];
    /// The person is no member any more (final).
    pub const REMOVED: Self = Self { code: 2100, reason: "removed" };
    /// The room was dissolved (final).
    pub const DISSOLVED: Self = Self { code: 2101, reason: "dissolved" };
    /// The meeting was closed (final).
    pub const MEETING_CLOSED: Self = Self { code: 2102, reason: "meeting closed" };
    /// The token of the subscription ran out; subscribe again with a new one.
    pub const EXPIRED: Self = Self { code: 2501, reason: "subscription expired" };
    /// The node could not fill a gap; subscribe again.
    pub const INSUFFICIENT_STATE: Self = Self { code: 2500, reason: "insufficient state" };
}
