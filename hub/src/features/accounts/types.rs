//! Rows and values of accounts.

use signaling::PersonId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::auth::Session;

/// A telephone number: 11 digits that begin with 1.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(pub(super) String);

impl Phone {
    /// The 11 digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// Never shows the number.
impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// A session that is open now.
#[derive(Clone, Copy, Debug)]
pub struct OpenSession {
    pub session: Session,
    /// Its use was recorded just now: the cookie's life begins anew.
    pub renewed: bool,
}

/// What was asked for lately, for the limits of one-time codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// When a code was last asked for with this number.
    pub last: Option<OffsetDateTime>,
    pub phone_hour: i64,
    pub phone_day: i64,
    pub visitor_hour: i64,
    pub address_hour: i64,
    pub all_hour: i64,
}

/// A one-time code to be stored.
pub(super) struct NewChallenge {
    pub id: Uuid,
    pub phone_lookup: [u8; 32],
    pub person: Option<PersonId>,
    /// The sealed number of somebody without an account who came from a public page, or with an
    /// open invitation.
    pub enrols: Option<(Option<Uuid>, Vec<u8>)>,
    pub code: [u8; 32],
    pub address: [u8; 32],
    pub visitor: [u8; 32],
    pub created_at: OffsetDateTime,
}

/// A one-time code that may still be tried.
pub(super) struct Tried {
    pub person: Option<PersonId>,
    /// The sealed number of somebody who came with an invitation and has no account.
    pub enrols: Option<Vec<u8>>,
    pub code: Vec<u8>,
}

/// An account as sign-in and `GET /api/me` need it.
pub(super) struct Account {
    pub name: String,
    pub phone_sealed: Vec<u8>,
    pub disabled_at: Option<OffsetDateTime>,
}
