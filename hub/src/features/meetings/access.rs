//! What somebody is over a meeting, and what may be done there now. What is not named here may not
//! be known of.

use signaling::PersonId;
use signaling::http::meetings::{MeetingPlace, MeetingRight, MeetingState};
use sqlx::PgConnection;

use super::rules::takes_sign_ins;
use super::setting::Setting;
use super::types::{MeetingRow, RollRow};
use crate::auth::Role;
use crate::error::Result;
use crate::features::organisations;

/// What a person is over a meeting: called to it, running it, an officer of the branch, or above.
/// A draft is known to those who prepare it alone, and a closed meeting to nobody above.
pub(super) async fn roles(
    connection: &mut PgConnection,
    person: PersonId,
    (row, setting, on_roll): (&MeetingRow, &Setting, bool),
) -> Result<Vec<Role>> {
    let mut roles = Vec::new();
    let known = row.state != MeetingState::Draft;
    if known && on_roll {
        roles.push(Role::Member);
    }
    if known && [row.chair.person, row.chairs(), row.recorder.person].contains(&person) {
        roles.push(Role::Leader);
    }
    let over = organisations::roles_over(connection, person, &setting.organisation).await?;
    roles.extend(over.into_iter().filter(|role| match role {
        Role::Secretary => true,
        Role::Superior => known && !row.closed,
        _ => false,
    }));
    Ok(roles)
}

/// What of the moment the rights depend on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Present {
    /// A vote waits for the person.
    pub votes: bool,
    /// The person heads a venue.
    pub heads_venue: bool,
    /// Whoever chairs is there.
    pub chair: bool,
}

/// What the person may do now; buttons follow from it, the steps check again.
pub(super) fn rights(
    person: PersonId,
    (row, roles): (&MeetingRow, &[Role]),
    mine: Option<&RollRow>,
    present: Present,
) -> Vec<MeetingRight> {
    use MeetingRight as Right;
    use MeetingState as State;
    let is = |role| roles.contains(&role);
    let there = mine.is_some_and(|mine| mine.place() != MeetingPlace::Away);
    let online = mine.is_some_and(|mine| mine.place() == MeetingPlace::Online);
    let committee = mine.is_some_and(|mine| mine.attendee.committee);
    let called = mine.is_some_and(|mine| !mine.attendee.observer);
    let (live, chairs) = (takes_sign_ins(row.state), row.chairs() == person);
    let records = row.recorder.person == person;
    let before = matches!(row.state, State::Notified | State::SignIn);
    let written = matches!(row.state, State::MinutesDraft | State::Signed | State::Archived);
    let signs = (chairs && !row.signatures.chair) || (records && !row.signatures.recorder);
    let stands_in = !present.chair && committee && !records;
    let writes = chairs || records;
    [
        (Right::Edit, is(Role::Secretary) && row.state == State::Draft),
        (Right::Notify, is(Role::Secretary) && row.state == State::Draft),
        (Right::Cancel, is(Role::Secretary) && (row.state == State::Draft || before)),
        (Right::Answer, called && before),
        (Right::SignIn, live && !there && (mine.is_some() || is(Role::Superior))),
        (Right::SignOut, live && online),
        (Right::TakeChair, live && there && !chairs && (stands_in || row.chair.person == person)),
        (Right::Run, live && chairs),
        (Right::EnterOnSite, live && (is(Role::Leader) || is(Role::Secretary))),
        (Right::HandInVenue, live && present.heads_venue),
        (Right::Vote, live && online && present.votes),
        (Right::WriteMinutes, writes && matches!(row.state, State::Closed | State::MinutesDraft)),
        (Right::SignMinutes, signs && row.state == State::MinutesDraft),
        (Right::TakeNote, is(Role::Superior) && row.state == State::Signed),
        (Right::ReadMinutes, written || row.state == State::Closed),
    ]
    .into_iter()
    .filter_map(|(right, may)| may.then_some(right))
    .collect()
}
