//! Reads every chain and looks at each record; changes nothing.

use std::collections::BTreeMap;

use signaling::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::chain::{Break, End, Walk};
use super::queries;
use crate::error::Result;

/// What a look at every chain came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub chains: usize,
    pub records: u64,
    /// In the order of the chains.
    pub breaks: Vec<Break>,
}

/// Looks at every record of every chain, as they stand at one moment where the transaction sees
/// but one; `noted` are ends that an earlier run noted outside.
pub async fn verify(connection: &mut PgConnection, noted: &[End]) -> Result<Verified> {
    let mut walks: BTreeMap<OrganisationId, Walk> = BTreeMap::new();
    for end in ends(connection).await? {
        let of = end.organisation;
        walks.entry(of).or_insert_with(|| Walk::new(of)).set_end(end);
    }
    for end in noted {
        let of = end.organisation;
        walks.entry(of).or_insert_with(|| Walk::new(of)).note(end);
    }
    let mut verified = Verified::default();
    let mut after = (Uuid::nil(), 0);
    loop {
        let page = queries::page(connection, after).await?;
        let Some(last) = page.last() else { break };
        after = (last.organisation.uuid(), last.n);
        for record in &page {
            let of = record.organisation;
            let walk = walks.entry(of).or_insert_with(|| Walk::new(of));
            walk.take(record, &mut verified.breaks);
            verified.records = verified.records.saturating_add(1);
        }
    }
    verified.chains = walks.len();
    for walk in walks.into_values() {
        walk.finish(&mut verified.breaks);
    }
    verified.breaks.sort_by_key(|one| (one.organisation, one.n));
    Ok(verified)
}

/// Where every chain ends, to be noted outside.
pub async fn ends(connection: &mut PgConnection) -> Result<Vec<End>> {
    Ok(queries::ends(connection).await?)
}

/// From here on the transaction sees one moment and writes nothing.
pub async fn see_one_moment(connection: &mut PgConnection) -> Result<()> {
    Ok(queries::see_one_moment(connection).await?)
}
