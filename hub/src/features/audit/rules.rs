//! How a record follows from the one before. Pure.

use aws_lc_rs::digest::{Context, SHA256};
use signaling::PersonId;
use time::OffsetDateTime;

use super::Entry;
use super::queries::Record;

/// The moment as the store keeps it, so that the hash can be computed from the row.
#[must_use]
pub fn whole_micros(at: OffsetDateTime) -> OffsetDateTime {
    let micros = at.unix_timestamp_nanos().div_euclid(1_000);
    OffsetDateTime::from_unix_timestamp_nanos(micros.saturating_mul(1_000)).unwrap_or(at)
}

/// The record that `entry` becomes as number `n` after the one with the hash `prev`.
pub(super) fn chained(entry: &Entry<'_>, n: i64, at: OffsetDateTime, prev: Vec<u8>) -> Record {
    let mut record = Record {
        organisation: entry.organisation,
        n,
        at,
        actor: entry.actor.map(PersonId::uuid),
        action: entry.action.to_owned(),
        object: entry.object,
        detail: entry.detail.to_owned(),
        prev,
        h: Vec::new(),
    };
    record.h = hash(&record);
    record
}

/// SHA-256 over the fields in the order of the table, each with its length.
pub(super) fn hash(record: &Record) -> Vec<u8> {
    let micros = i64::try_from(record.at.unix_timestamp_nanos() / 1_000).unwrap_or_default();
    let fields: [&[u8]; 8] = [
        &record.prev,
        record.organisation.0.as_bytes(),
        &record.n.to_be_bytes(),
        &micros.to_be_bytes(),
        record.actor.as_ref().map_or(&[], |id| id.as_bytes().as_slice()),
        record.action.as_bytes(),
        record.object.as_bytes(),
        record.detail.as_bytes(),
    ];
    digest(&fields)
}

/// SHA-256 over fields, each with its length.
#[must_use]
pub fn digest(fields: &[&[u8]]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for field in fields {
        context.update(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(field);
    }
    context.finish().as_ref().to_vec()
}
