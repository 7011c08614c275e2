//! As what somebody may look at a thread. What is not named here may not be known of.

use signaling::PersonId;
use sqlx::PgConnection;

use super::queries::ThreadRow;
use super::types::{Actor, Holder};
use super::{directory_queries, rules};
use crate::error::Result;
use crate::features::boards;

/// As what a person may look at a thread and act on it. Nobody decides about an own matter, and a
/// delegate does not judge an own ending.
pub(super) async fn actors(
    connection: &mut PgConnection,
    person: PersonId,
    row: &ThreadRow,
) -> Result<Vec<Actor>> {
    if row.constituent == Some(person) {
        return Ok(vec![Actor::Constituent]);
    }
    let mut actors = Vec::new();
    let is_delegate = row.delegate_person == person;
    if is_delegate && row.in_force && row.thread.holder == Holder::Delegate {
        actors.push(Actor::Delegate);
    }
    if rules::office_knows(&row.thread) {
        let duties = boards::duties(connection, person).await?;
        let answers = |duty: &boards::Duty| {
            duty.actor == boards::Actor::Office && row.office == Some(duty.organisation)
        };
        if duties.iter().any(answers) {
            actors.push(Actor::Office);
        }
    }
    if rules::liaison_knows(&row.thread) && !is_delegate {
        let places = directory_queries::liaison_of(connection, person).await?;
        if places.iter().any(|(place, _)| *place == row.organisation.uuid()) {
            actors.push(Actor::Liaison);
        }
    }
    Ok(actors)
}
