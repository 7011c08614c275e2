//! The leader's view of a party group or joint branch: who belongs to it and how, adding and
//! removing, who took part.
//!
//! Taking part is what somebody did or noted; opening the application counts for nothing. What is
//! noted about a member, the member sees.

mod queries;
mod routes;

use std::collections::HashMap;

use signaling::event::chat::RoomRole;
use signaling::http::joining::JoinState;
use signaling::http::leading::{
    AddMember, CandidateList, Contact, MemberParticipation, NoteContact, Participation, RoomInfo,
    RosterLine,
};
use signaling::http::organisations::{OrganisationKind, OrganisationName, PostKind};
use signaling::{JoinId, PersonId, RefusalCode, RoomId};
use time::{Date, Duration, Month};

use self::queries::RosterRow;
pub use self::routes::router;
use super::accounts::{self, NewAccount};
use super::joining;
use super::organisations::{self, Change, Organisation};
use super::policies::{self, PolicyKey, day_of, end_of};
use crate::app::App;
use crate::auth::Role;
use crate::error::{Error, Result};
use crate::timeline::role_of;

/// What a room belongs to and who is in it; a leader sees the duties too.
async fn info(
    app: &App,
    caller: PersonId,
    (of, room): (&Organisation, RoomId),
) -> Result<RoomInfo> {
    let mut connection = app.db.acquire().await?;
    let roles = organisations::roles_over(&mut connection, caller, of).await?;
    let leads = roles.iter().any(|role| matches!(role, Role::Leader | Role::Secretary));
    let posts = organisations::posts_of(&mut connection, of.id).await?;
    let states = joining::open_states(&mut connection, of.id).await?;
    let states: HashMap<_, _> = states.into_iter().map(|(who, _, state)| (who, state)).collect();
    let rows = queries::roster(&mut connection, (room, of.branch())).await?;
    let members: Vec<RosterLine> =
        rows.into_iter().map(|row| line(row, of, (&posts, &states))).collect();
    let own = members.iter().find(|member| member.person == caller).map(|member| member.role);
    let warnings = if leads {
        organisations::warnings(&mut connection, of, app.clock.now()).await?
    } else {
        Vec::new()
    };
    let joins_waiting = if leads { joining::waiting(&mut connection, of.id).await? } else { 0 };
    Ok(RoomInfo {
        room,
        organisation: OrganisationName {
            organisation: of.id,
            kind: of.kind,
            name: of.name.clone(),
        },
        of: of.parent_name.clone().unwrap_or_default(),
        role: own.unwrap_or(RoomRole::Leader),
        leads,
        joins_waiting,
        warnings,
        members,
    })
}

type Known<'a> = (&'a HashMap<PersonId, Vec<PostKind>>, &'a HashMap<PersonId, JoinState>);

fn line(row: RosterRow, of: &Organisation, (posts, states): Known<'_>) -> RosterLine {
    let home_here = row.affiliation.as_deref() == Some("home");
    let state = match states.get(&row.person) {
        Some(state) => *state,
        None if home_here => JoinState::Home,
        None => JoinState::Participating,
    };
    RosterLine {
        person: row.person,
        name: row.name,
        role: role_of(&row.role),
        state,
        home: (!home_here && !row.home.is_empty()).then_some(row.home),
        posts: posts.get(&row.person).cloned().unwrap_or_default(),
        votes: home_here && row.full && row.votes && of.kind != OrganisationKind::TemporaryBranch,
    }
}

async fn roster_line(app: &App, of: &Organisation, person: PersonId) -> Result<RosterLine> {
    let room = of.room.ok_or_else(|| not_here("it has no room"))?;
    let info = info(app, person, (of, room)).await?;
    let found = info.members.into_iter().find(|member| member.person == person);
    found.ok_or_else(|| not_here("the person is not in it"))
}

fn not_here(sentence: &str) -> Error {
    Error::refuse(RefusalCode::NotFound, sentence)
}

async fn begin(app: &App, by: PersonId, rooms: &[RoomId]) -> Result<Change> {
    Change::begin(&app.db, &app.ids, (Some(by), app.clock.now()), rooms).await
}

/// Adds somebody by the number: a member of the branch to its group, anyone the leader knows to a
/// joint branch, where the person then takes part provisionally.
async fn add(
    app: &App,
    by: PersonId,
    of: &Organisation,
    request: &AddMember,
) -> Result<RosterLine> {
    let phone = accounts::phone(&request.phone)?;
    let name = organisations::text(&request.name, 100, "a name")?;
    let mut connection = app.db.acquire().await?;
    let known = accounts::person_by_phone(&app.keys, &mut connection, &phone).await?;
    if let Some(person) = known
        && organisations::name_of(&mut connection, person).await? != name
    {
        let sentence = "this number is registered under another name";
        return Err(Error::refuse(RefusalCode::NameDiffers, sentence));
    }
    if let Some(person) = known
        && of.kind == OrganisationKind::PartyGroup
    {
        drop(connection);
        return put(app, by, of, person).await;
    }
    if of.kind == OrganisationKind::PartyGroup {
        let sentence = "the person is no member of the branch; send the link instead";
        return Err(Error::refuse(RefusalCode::NotOfBranch, sentence));
    }
    let person = known.unwrap_or_else(|| PersonId(app.ids.next()));
    let rooms = joining::rooms_to_add(&mut connection, (person, of.id)).await?;
    drop(connection);
    let mut change = begin(app, by, &rooms).await?;
    if known.is_none() {
        let account = NewAccount { person, name, phone };
        let now = change.now;
        let (connection, locked) = change.parts();
        accounts::make_account(&app.keys, connection, locked, (&account, now)).await?;
    }
    let member = organisations::member(change.connection(), person).await?;
    let said = request.home_branch.as_deref().unwrap_or_default();
    let home = match (&member, said.trim()) {
        (Some(member), _) => member.home_name.clone(),
        (None, "") => {
            let sentence = "say which branch is the home";
            return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
        }
        (None, said) => organisations::text(said, 60, "a branch")?,
    };
    joining::add_known(&mut change, (person, of, &home)).await?;
    change.commit(&*app.timeline).await?;
    roster_line(app, of, person).await
}

/// Puts a member of the branch into the group.
async fn put(app: &App, by: PersonId, of: &Organisation, person: PersonId) -> Result<RosterLine> {
    let rooms: Vec<RoomId> = of.room.into_iter().chain([person.inbox()]).collect();
    let mut change = begin(app, by, &rooms).await?;
    organisations::enter_group(&mut change, (person, of)).await?;
    change.commit(&*app.timeline).await?;
    roster_line(app, of, person).await
}

/// Takes somebody out: of a group, who stays in the branch; of a joint branch, whose participation
/// ends. A home is never ended here.
async fn remove(
    app: &App,
    by: PersonId,
    (of, person): (&Organisation, PersonId),
    reason: &str,
) -> Result<()> {
    let reason = organisations::reason(reason)?;
    let mut connection = app.db.acquire().await?;
    let open = joining::open_states(&mut connection, of.id).await?;
    let case = open.into_iter().find(|(who, ..)| *who == person);
    let case: Option<JoinId> = case
        .filter(|(_, _, state)| joining::takes_part(*state) && *state != JoinState::Home)
        .map(|(_, id, _)| id);
    if let Some(case) = case {
        drop(connection);
        return joining::end(app, by, case, &reason).await;
    }
    let kind = organisations::affiliation(&mut connection, person, of.id).await?;
    if kind == Some(signaling::http::organisations::AffiliationKind::Home) {
        let sentence = "the home of a member is moved, not ended; ask the committee";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    let rooms = organisations::rooms_of_place(&mut connection, person, of).await?;
    drop(connection);
    let mut change = begin(app, by, &rooms).await?;
    if of.kind == OrganisationKind::PartyGroup {
        organisations::leave_group(&mut change, (person, of), &reason).await?;
    } else {
        organisations::end_affiliation(&mut change, (person, of), &reason).await?;
    }
    change.commit(&*app.timeline).await
}

/// Members of the branch who are in none of its groups.
async fn candidates(app: &App, of: &Organisation) -> Result<CandidateList> {
    let mut connection = app.db.acquire().await?;
    Ok(CandidateList { candidates: queries::candidates(&mut connection, of.branch()).await? })
}

/// Who took part in a month.
async fn participation(
    app: &App,
    (of, room): (&Organisation, RoomId),
    month: &str,
) -> Result<Participation> {
    let (first, last) = month_of(month)
        .ok_or_else(|| Error::refuse(RefusalCode::InvalidInput, "the month is like 2026-11"))?;
    let before = first.previous_day().unwrap_or(first);
    let span = (end_of(before), end_of(last));
    let mut connection = app.db.acquire().await?;
    let rows = queries::activity(&mut connection, room, span, (first, last)).await?;
    let today = day_of(app.clock.now());
    let days = policies::value(&mut connection, PolicyKey::ContactSilent, of.id, today).await?;
    let since = today.saturating_sub(Duration::days(days));
    let members = rows
        .into_iter()
        .map(|row| MemberParticipation {
            person: row.person,
            name: row.name,
            mobile: row.mobile,
            messages: row.messages,
            contacts: row.contacts,
            silent: row.last_on.is_none_or(|on| on < since),
            last_contact: (|| {
                let (on, by) = (row.last_on?, row.last_by?);
                Some(Contact { on, by, text: row.last_text?, noted_at: row.last_noted_at? })
            })(),
        })
        .collect();
    Ok(Participation { month: month.to_owned(), members })
}

/// First and last day of `YYYY-MM`.
fn month_of(text: &str) -> Option<(Date, Date)> {
    let (year, month) = text.split_once('-').filter(|(y, m)| y.len() == 4 && m.len() == 2)?;
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let first = Date::from_calendar_date(year.parse().ok()?, month, 1).ok()?;
    let last = first.replace_day(month.length(first.year())).ok()?;
    Some((first, last))
}

/// Notes a contact with a member; for a participation it is a sign of activity.
async fn note(
    app: &App,
    by: PersonId,
    (of, person): (&Organisation, PersonId),
    request: &NoteContact,
) -> Result<Contact> {
    let now = app.clock.now();
    if request.on > day_of(now) {
        return Err(Error::refuse(RefusalCode::InvalidInput, "the day lies in the future"));
    }
    let text = organisations::text(&request.text, 200, "a note")?;
    roster_line(app, of, person).await?;
    let mut connection = app.db.acquire().await?;
    let about = (app.ids.next(), person, of.id);
    queries::insert_contact(&mut connection, about, by, (request.on, &text, now)).await?;
    let by_name = organisations::name_of(&mut connection, by).await?;
    let open = joining::open_states(&mut connection, of.id).await?;
    drop(connection);
    for (_, case, state) in open.into_iter().filter(|(who, ..)| *who == person) {
        if matches!(state, JoinState::Provisional | JoinState::Participating) {
            joining::active(app, by, case).await?;
        }
    }
    Ok(Contact { on: request.on, by: by_name, text, noted_at: now })
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_month_is_read_whole_or_not_at_all() {
        assert_eq!(month_of("2028-02"), Some((date!(2028 - 02 - 01), date!(2028 - 02 - 29))));
        for bad in ["2028-13", "2028-2", "28-02", "2028", "2028-00", "x-y"] {
            assert_eq!(month_of(bad), None, "{bad}");
        }
    }
}
