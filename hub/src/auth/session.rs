//! What a signed-in device has proven, and how lately.

use axum::extract::FromRequestParts;
use http::request::Parts;
use signaling::RefusalCode;
use signaling::limits::{DESK_IDLE_S_MAX, DESK_SEEN_S_MIN, PROOF_AGE_S_MAX};
use time::OffsetDateTime;

use super::guard::Caller;
use crate::error::{Error, Result};

/// The session behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub caller: Caller,
    pub begun_at: OffsetDateTime,
    /// Begun by a one-time code, not by the password.
    pub by_code: bool,
    /// Last use of the desk; `None`: it is closed.
    pub desk_seen_at: Option<OffsetDateTime>,
    /// When the second factor was given last.
    pub proven_at: Option<OffsetDateTime>,
    /// The person administers the installation.
    pub administrator: bool,
}

impl Session {
    /// Whether it began by a one-time code within the last `seconds`.
    #[must_use]
    pub fn is_fresh(&self, now: OffsetDateTime, seconds: i64) -> bool {
        self.by_code && age(self.begun_at, now) <= seconds
    }

    /// Whether the desk is open at `now`.
    #[must_use]
    pub fn desk_is_open(&self, now: OffsetDateTime) -> bool {
        self.desk_seen_at.is_some_and(|seen| age(seen, now) < DESK_IDLE_S_MAX)
    }

    /// Whether the use of an open desk should be recorded again.
    pub(super) fn desk_is_due(&self, now: OffsetDateTime) -> bool {
        self.desk_seen_at.is_some_and(|seen| age(seen, now) >= DESK_SEEN_S_MIN)
    }

    /// Whether the second factor was given so lately that what is most sensitive may be done.
    #[must_use]
    pub fn is_proven(&self, now: OffsetDateTime) -> bool {
        self.proven_at.is_some_and(|proven| age(proven, now) < PROOF_AGE_S_MAX)
    }
}

fn age(since: OffsetDateTime, now: OffsetDateTime) -> i64 {
    (now - since).whole_seconds()
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let session = parts.extensions.get::<Self>().copied();
        session.ok_or_else(|| Error::refuse(RefusalCode::SignInRequired, "sign in first"))
    }
}
