//! The negative control of [`super::verify`]: a chain is copied, broken on purpose in every way there
//! is, and each has to be found at its place. The chains themselves are not touched.

use signaling::{OrganisationId, PersonId};
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::chain::{Break, Damage, End};
use super::queries::{self, Record};
use super::{Entry, copy_queries, ends, record, rules, verify};
use crate::error::Result;

/// A way to break a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    Edit,
    /// With its own hash computed anew.
    EditRehashed,
    Deletion,
    Reorder,
    Truncation,
    /// And the noted end set back.
    TruncationOfEnd,
    /// Everything behind it, and the noted end, computed anew.
    Rewrite,
}

impl Tampering {
    pub const ALL: [Self; 7] = [
        Self::Edit,
        Self::EditRehashed,
        Self::Deletion,
        Self::Reorder,
        Self::Truncation,
        Self::TruncationOfEnd,
        Self::Rewrite,
    ];

    /// What has to be found of it in a chain of so many records.
    fn expected(self, last: i64) -> (i64, Damage) {
        match self {
            Self::Edit => (PLACE, Damage::Edited),
            Self::EditRehashed => (PLACE + 1, Damage::NotBehind),
            Self::Deletion => (PLACE, Damage::Missing { last: PLACE }),
            Self::Reorder => (PLACE, Damage::Moved { from: PLACE + 1 }),
            Self::Truncation | Self::TruncationOfEnd => (PLACE + 1, Damage::CutOff { last }),
            Self::Rewrite => (last, Damage::Rewritten),
        }
    }
}

/// Number of the record that is broken.
const PLACE: i64 = 2;
/// Records that a chain needs for it.
const RECORDS_MIN: i64 = 5;

/// What the control did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controlled {
    /// Whose chain was copied; `None`: none was long enough, and one was made up.
    pub copied: Option<OrganisationId>,
    pub records: u64,
    /// What was not found; nothing, if all is well.
    pub missed: Vec<Tampering>,
    /// What was found in the copy as it was.
    pub broken: Vec<Break>,
}

/// Breaks a copy in every way and looks whether it is found. The connection must be a new one: what
/// it once prepared for the tables does not see the copies that stand before them.
pub async fn control(connection: &mut PgConnection, now: OffsetDateTime) -> Result<Controlled> {
    let mut copy = connection.begin().await?;
    copy_queries::shadow(&mut copy).await?;
    let longest = copy_queries::longest(&mut copy, RECORDS_MIN).await?;
    match longest {
        Some(of) => copy_queries::copy(&mut copy, of).await?,
        None => make_up(&mut copy, now).await?,
    }
    let noted = ends(&mut copy).await?;
    let intact = verify(&mut copy, &noted).await?;
    let mut missed = Vec::new();
    for tampering in Tampering::ALL {
        let mut broken = copy.begin().await?;
        for end in &noted {
            apply(&mut broken, tampering, end).await?;
        }
        let verified = verify(&mut broken, &noted).await?;
        let found = noted.iter().all(|end| {
            let (n, damage) = tampering.expected(end.n);
            verified.breaks.contains(&Break { organisation: end.organisation, n, damage })
        });
        if !found {
            missed.push(tampering);
        }
        broken.rollback().await?;
    }
    copy.rollback().await?;
    Ok(Controlled { copied: longest, records: intact.records, missed, broken: intact.breaks })
}

async fn make_up(copy: &mut PgConnection, now: OffsetDateTime) -> Result<()> {
    for _ in 0..RECORDS_MIN {
        let entry = Entry {
            organisation: OrganisationId(Uuid::nil()),
            actor: Some(PersonId::SYSTEM),
            action: "control",
            object: Uuid::nil(),
            detail: "control",
        };
        record(copy, now, &entry).await?;
    }
    Ok(())
}

async fn apply(copy: &mut PgConnection, tampering: Tampering, end: &End) -> Result<()> {
    let of = end.organisation;
    match tampering {
        Tampering::Edit => copy_queries::edit(copy, (of, PLACE)).await?,
        Tampering::EditRehashed => {
            copy_queries::edit(copy, (of, PLACE)).await?;
            rehash(copy, of, (PLACE, PLACE)).await?;
        }
        Tampering::Deletion => copy_queries::delete(copy, of, (PLACE, PLACE)).await?,
        Tampering::Reorder => copy_queries::swap(copy, of, (PLACE, PLACE + 1)).await?,
        Tampering::Truncation => copy_queries::delete(copy, of, (PLACE + 1, i64::MAX)).await?,
        Tampering::TruncationOfEnd => {
            copy_queries::delete(copy, of, (PLACE + 1, i64::MAX)).await?;
            copy_queries::end_at(copy, (of, PLACE)).await?;
        }
        Tampering::Rewrite => {
            copy_queries::edit(copy, (of, PLACE)).await?;
            rehash(copy, of, (PLACE, end.n)).await?;
            copy_queries::end_at(copy, (of, end.n)).await?;
        }
    }
    Ok(())
}

/// Computes the hashes of records anew, each over the one before.
async fn rehash(copy: &mut PgConnection, of: OrganisationId, (from, to): (i64, i64)) -> Result<()> {
    let mut before: Option<Vec<u8>> = None;
    let mut after = (of.uuid(), from.saturating_sub(1));
    loop {
        let page = queries::page(copy, after).await?;
        for record in page.iter().filter(|record| record.organisation == of && record.n <= to) {
            let prev = before.take().unwrap_or_else(|| record.prev.clone());
            let changed = Record { prev, ..record.clone() };
            let h = rules::hash(&changed);
            copy_queries::set_hashes(copy, (of, record.n), (&changed.prev, &h)).await?;
            before = Some(h);
        }
        match page.last() {
            Some(last) if last.organisation == of && last.n < to => after = (of.uuid(), last.n),
            _ => return Ok(()),
        }
    }
}
