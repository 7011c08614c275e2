//! The chain of records: what happened in an organisation, each record with the hash of the one
//! before. A record is written in the transaction of what it tells, and never changed. `verify.rs`
//! finds where somebody changed one nevertheless, `control.rs` shows that it would.

mod chain;
mod control;
mod copy_queries;
mod queries;
mod rules;
#[cfg(test)]
mod tests;
mod verify;

use signaling::{OrganisationId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub use self::chain::{Break, Damage, End};
pub use self::control::{Controlled, Tampering, control};
pub use self::queries::Record;
pub use self::rules::{digest, whole_micros};
pub use self::verify::{Verified, ends, see_one_moment, verify};
use crate::error::Result;

/// Something to put on record.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub organisation: OrganisationId,
    /// `None` for the clock.
    pub actor: Option<PersonId>,
    /// A word, at most 40 characters.
    pub action: &'a str,
    pub object: Uuid,
    /// A sentence, at most 4,000 characters.
    pub detail: &'a str,
}

/// Adds a record. The end of the organisation's chain stays locked until the transaction ends.
pub async fn record(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    entry: &Entry<'_>,
) -> Result<()> {
    let (n, prev) = queries::take_head(connection, entry.organisation).await?;
    let record = rules::chained(entry, n.saturating_add(1), whole_micros(now), prev);
    Ok(queries::append(connection, &record).await?)
}

/// The records of an object, oldest first.
pub async fn of_object(connection: &mut PgConnection, object: Uuid) -> Result<Vec<Record>> {
    Ok(queries::of_object(connection, object).await?)
}
