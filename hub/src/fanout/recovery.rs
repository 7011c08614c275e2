//! Where a subscription begins: what the client knows against what the log holds.

use signaling::limits::RECOVERY_EVENTS_MAX;

use crate::timeline::Standing;

/// The position a client asks to recover from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Epoch as the client has it; empty where it has none.
    pub epoch: &'a str,
    /// Last number the client has.
    pub offset: u64,
}

/// What a subscribe is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// From the next event on.
    Fresh,
    /// The missed events are sent, `first` is the first of them.
    Recovered { first: i64 },
    /// The position is of no use; the client reads pages and goes on from the top.
    Unrecovered,
}

/// Decides from the position and the member's standing.
#[must_use]
pub fn plan(asked: Option<Asked<'_>>, standing: &Standing) -> Plan {
    let Some(asked) = asked else { return Plan::Fresh };
    let top = standing.top;
    let same = asked.epoch.is_empty() || asked.epoch == top.epoch.to_string();
    let Ok(offset) = i64::try_from(asked.offset) else { return Plan::Unrecovered };
    if !same || offset > top.seq {
        return Plan::Unrecovered;
    }
    let first = offset.saturating_add(1).max(standing.visible_from);
    let missed = u64::try_from(top.seq.saturating_add(1).saturating_sub(first)).unwrap_or(0);
    if missed > RECOVERY_EVENTS_MAX {
        return Plan::Unrecovered;
    }
    Plan::Recovered { first }
}
