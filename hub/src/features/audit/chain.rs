//! Walks chains record by record and says where they break. Pure.

use std::collections::BTreeMap;
use std::fmt;

use signaling::OrganisationId;

use super::queries::Record;
use super::rules::hash;

/// What is wrong at a place of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// What stands there is not what was written.
    Edited,
    /// It was written under another number.
    Moved { from: i64 },
    /// It was not written behind the record before: that one was replaced, or this one was.
    NotBehind,
    /// Up to this number nothing is there, and then the chain goes on.
    Missing { last: i64 },
    /// From here to this number the end was cut off.
    CutOff { last: i64 },
    /// The end of the chain is noted otherwise than what stands there.
    EndDiffers,
    /// An earlier run noted another hash: the chain was written anew up to here.
    Rewritten,
}

/// A place at which a chain breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    pub organisation: OrganisationId,
    /// Number of the record.
    pub n: i64,
    pub damage: Damage,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.n;
        match self.damage {
            Damage::Edited => write!(f, "record {n} was changed after it was written"),
            Damage::Moved { from } => write!(f, "record {n} was written as number {from}"),
            Damage::NotBehind => {
                write!(f, "record {n} does not follow from the one before: one was replaced")
            }
            Damage::Missing { last } if last == n => write!(f, "record {n} is missing"),
            Damage::Missing { last } => write!(f, "records {n} to {last} are missing"),
            Damage::CutOff { last } => write!(f, "records {n} to {last} were cut off the end"),
            Damage::EndDiffers => write!(f, "record {n} is not the end that is noted"),
            Damage::Rewritten => write!(f, "record {n} is another one than was noted outside"),
        }
    }
}

/// Where a chain ends, or ended when somebody wrote it down elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub organisation: OrganisationId,
    pub n: i64,
    pub h: Vec<u8>,
}

/// A chain that is walked.
#[derive(Debug)]
pub(super) struct Walk {
    organisation: OrganisationId,
    end: Option<End>,
    /// Hashes that were noted outside, by number.
    noted: BTreeMap<i64, Vec<u8>>,
    n: i64,
    /// Hash of the last record; `None` where it says nothing about the next one.
    h: Option<Vec<u8>>,
}

impl Walk {
    pub fn new(organisation: OrganisationId) -> Self {
        Self { organisation, end: None, noted: BTreeMap::new(), n: 0, h: Some(vec![0; 32]) }
    }

    /// The end as the store notes it.
    pub fn set_end(&mut self, end: End) {
        self.end = Some(end);
    }

    /// An end that was noted outside.
    pub fn note(&mut self, end: &End) {
        self.noted.insert(end.n, end.h.clone());
    }

    /// Looks at the next record.
    pub fn take(&mut self, record: &Record, breaks: &mut Vec<Break>) {
        let mut found =
            |n, damage| breaks.push(Break { organisation: self.organisation, n, damage });
        let expected = self.n.saturating_add(1);
        let gap = record.n > expected;
        if gap {
            found(expected, Damage::Missing { last: record.n.saturating_sub(1) });
        }
        let follows = gap || self.h.as_ref().is_none_or(|h| *h == record.prev);
        let damage = match (hash(record) == record.h, follows) {
            (true, true) => None,
            (true, false) => Some(Damage::NotBehind),
            (false, _) => {
                let until = self.end.as_ref().map_or(record.n, |end| end.n.max(record.n));
                Some(
                    written_as(record, until).map_or(Damage::Edited, |from| Damage::Moved { from }),
                )
            }
        };
        if let Some(damage) = damage {
            found(record.n, damage);
        }
        if self.noted.remove(&record.n).is_some_and(|noted| noted != record.h) {
            found(record.n, Damage::Rewritten);
        }
        self.n = record.n;
        let moved = matches!(damage, Some(Damage::Moved { .. }));
        self.h = (!moved).then(|| record.h.clone());
    }

    /// Looks at where the chain ends.
    pub fn finish(self, breaks: &mut Vec<Break>) {
        let Self { organisation, end, noted, n, h } = self;
        let noted_outside = noted.keys().next_back().copied().unwrap_or_default();
        let last = end.as_ref().map_or(0, |end| end.n).max(noted_outside);
        let damage = match end {
            _ if last > n => Some((n.saturating_add(1), Damage::CutOff { last })),
            Some(end) if end.n == n && h.is_none_or(|h| h == end.h) => None,
            None if n == 0 => None,
            _ => Some((n, Damage::EndDiffers)),
        };
        breaks.extend(damage.map(|(n, damage)| Break { organisation, n, damage }));
    }
}

/// The number under which a record was written, where that is another one.
fn written_as(record: &Record, until: i64) -> Option<i64> {
    let mut other = record.clone();
    (1..=until).find(|n| {
        other.n = *n;
        hash(&other) == record.h
    })
}
