//! Joining: invitations, and a person's way into a party group or joint branch that is not the
//! home.
//!
//! A link alone admits nobody: who is on the roster is let in, anyone else asks the leader. Every
//! step is one of the machine in `rules.rs`, with its history; rights and rooms change in the same
//! transaction. A member keeps exactly one home through all of it.

mod invitations;
mod queries;
mod routes;
mod rules;
mod steps;
mod timers;

use signaling::http::joining::{
    HomeAnswer, HostAnswer, JoinCase, JoinList, JoinState, UseInvitation,
};
use signaling::http::organisations::OrganisationName;
use signaling::{JoinId, OrganisationId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;

pub use self::invitations::{invite, open_invitation};
use self::queries::{CaseRow, Cases};
pub use self::routes::router;
pub use self::rules::{Case, Due, Effect, Recipient, Step, due_at, step, takes_part};
use self::steps::{Given, Parties, Request};
pub use self::timers::{run, run_due};
use crate::app::App;
use crate::auth::{Granted, Role};
use crate::error::{Error, Result};
use crate::features::organisations::{self, Change, Organisation};
use crate::features::policies::day_of;

fn no_case() -> Error {
    Error::refuse(RefusalCode::NotFound, "there is no such case")
}

async fn case(app: &App, id: JoinId) -> Result<CaseRow> {
    let mut connection = app.db.acquire().await?;
    let which = Cases { id: Some(id), ..Cases::default() };
    queries::cases(&mut connection, which).await?.into_iter().next().ok_or_else(no_case)
}

/// The organisation of a room over which the caller may do what was granted; anything else is
/// answered as if there were no such room.
pub async fn led(
    app: &App,
    (person, room): (PersonId, RoomId),
    granted: &Granted,
) -> Result<Organisation> {
    let mut connection = app.db.acquire().await?;
    let no_room = || Error::refuse(RefusalCode::NotFound, "there is no such room for you");
    let of = organisations::of_room(&mut connection, room).await?.ok_or_else(no_room)?;
    let mut roles = organisations::roles_over(&mut connection, person, &of).await?;
    if queries::is_in_room(&mut connection, room, person).await? {
        roles.push(Role::Member);
    }
    if granted.0.allows_over(&roles) { Ok(of) } else { Err(no_room()) }
}

/// Uses an invitation: who is on the roster is in at once, anyone else asks the leader.
async fn enter(
    app: &App,
    person: PersonId,
    (code, request): (&str, &UseInvitation),
) -> Result<JoinCase> {
    let invitation = invitations::usable(app, code).await?;
    let organisation = OrganisationId(invitation.organisation);
    let mut connection = app.db.acquire().await?;
    if let Some(present) = standing(app, &mut connection, person, organisation).await? {
        return Ok(present);
    }
    let member = organisations::member(&mut connection, person).await?;
    let (home, known) = member.map_or((None, None), |member| (member.home, Some(member.home_name)));
    let parties = Parties::read(&mut connection, person, (organisation, home)).await?;
    let branch = parties.branch.id;
    let of_branch = organisations::affiliation(&mut connection, person, branch).await?.is_some();
    let rooms = parties.rooms(&mut connection).await?;
    drop(connection);
    let mut change =
        Change::begin(&app.db, &app.ids, (Some(person), app.clock.now()), &rooms).await?;
    invitations::count(&mut change, invitation.id, person).await?;
    if of_branch && parties.host.id != branch {
        organisations::enter_group(&mut change, (person, &parties.host)).await?;
    } else {
        let said = request.home_branch.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let home_name = known.as_deref().or(said).ok_or_else(|| {
            Error::refuse(RefusalCode::InvalidInput, "say which branch is your home")
        })?;
        let home_name = organisations::text(home_name, 60, "a branch")?;
        let note = request.note.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let note = note.map(|text| organisations::text(text, 200, "a word")).transpose()?;
        let invitation = Some(invitation.id);
        let (home_name, note) = (home_name.as_str(), note.as_deref());
        let request = Request { invitation, home, home_name, note };
        steps::submit(&mut change, &parties, &request).await?;
    }
    change.commit(&*app.timeline).await?;
    let mut connection = app.db.acquire().await?;
    standing(app, &mut connection, person, organisation).await?.ok_or_else(no_case)
}

/// Where a person stands at a group or branch: by the open case, or in it without one.
async fn standing(
    app: &App,
    connection: &mut PgConnection,
    person: PersonId,
    organisation: OrganisationId,
) -> Result<Option<JoinCase>> {
    let of = organisations::found_organisation(connection, organisation).await?;
    let which = Cases {
        person: Some(person),
        organisation: Some(organisation),
        open: true,
        ..Cases::default()
    };
    if let Some(row) = queries::cases(connection, which).await?.into_iter().next() {
        return Ok(Some(view(connection, row).await?));
    }
    let inside = match of.room {
        Some(room) => queries::is_in_room(connection, room, person).await?,
        None => false,
    };
    if !inside {
        return Ok(None);
    }
    let name = organisations::name_of(connection, person).await?;
    let home = organisations::member(connection, person).await?.map(|member| member.home_name);
    let kind = organisations::affiliation(connection, person, of.branch()).await?;
    let participating =
        kind == Some(signaling::http::organisations::AffiliationKind::Participating);
    Ok(Some(JoinCase {
        join: None,
        state: if participating { JoinState::Participating } else { JoinState::Home },
        organisation: short(&of),
        room: of.room,
        person,
        name,
        home_branch: home,
        note: None,
        asked: None,
        submitted_at: app.clock.now(),
        answered_at: None,
        answer_by: None,
        inactive: false,
        reason: None,
    }))
}

fn short(of: &Organisation) -> OrganisationName {
    OrganisationName { organisation: of.id, kind: of.kind, name: of.title() }
}

/// A case as people see it.
async fn view(connection: &mut PgConnection, row: CaseRow) -> Result<JoinCase> {
    let of = organisations::found_organisation(connection, row.organisation).await?;
    let (asks, due) = match row.case.state {
        JoinState::Submitted => (Some(of.id), Some(row.case.host_due)),
        JoinState::Provisional => (row.home, row.case.home_due),
        _ => (None, None),
    };
    let head = match asks {
        Some(asks) => organisations::heads(connection, asks).await?.into_iter().next(),
        None => None,
    };
    let asked = match head {
        Some(head) => Some(organisations::name_of(connection, head).await?),
        None => None,
    };
    Ok(JoinCase {
        join: Some(row.id),
        state: row.case.state,
        room: of.room.filter(|_| takes_part(row.case.state)),
        organisation: short(&of),
        person: row.person,
        name: row.person_name,
        home_branch: Some(row.home_name),
        note: row.note,
        asked,
        submitted_at: row.submitted_at,
        answered_at: row.answered_at,
        // The time is the end of the day.
        answer_by: due.map(|due| day_of(due - time::Duration::SECOND)),
        inactive: row.case.inactive,
        reason: row.reason,
    })
}

async fn views(connection: &mut PgConnection, rows: Vec<CaseRow>) -> Result<JoinList> {
    let mut joins = Vec::new();
    for row in rows {
        joins.push(view(connection, row).await?);
    }
    Ok(JoinList { joins })
}

/// One's own cases.
async fn own(app: &App, person: PersonId) -> Result<JoinList> {
    let mut connection = app.db.acquire().await?;
    let which = Cases { person: Some(person), ..Cases::default() };
    let rows = queries::cases(&mut connection, which).await?;
    views(&mut connection, rows).await
}

/// Cases of a group or branch, for its leader.
async fn of_host(app: &App, host: &Organisation) -> Result<JoinList> {
    let mut connection = app.db.acquire().await?;
    let which = Cases { organisation: Some(host.id), ..Cases::default() };
    let rows = queries::cases(&mut connection, which).await?;
    views(&mut connection, rows).await
}

/// Cases that concern the branches whose roster the person keeps.
async fn at_desk(app: &App, person: PersonId) -> Result<JoinList> {
    let mut connection = app.db.acquire().await?;
    let rows = queries::cases_at_desk(&mut connection, person).await?;
    views(&mut connection, rows).await
}

/// The person takes a request back, or leaves.
async fn step_of_person(app: &App, person: PersonId, id: JoinId, what: Step) -> Result<JoinCase> {
    if case(app, id).await?.person != person {
        return Err(no_case());
    }
    steps::take_alone(app, Some(person), (id, what), Given::default()).await?;
    shown(app, id).await
}

async fn shown(app: &App, id: JoinId) -> Result<JoinCase> {
    let row = case(app, id).await?;
    let mut connection = app.db.acquire().await?;
    view(&mut connection, row).await
}

/// The leader answers for the host.
async fn host_answers(
    app: &App,
    person: PersonId,
    (host, id): (&Organisation, JoinId),
    answer: &HostAnswer,
) -> Result<JoinCase> {
    let row = case(app, id).await?;
    if row.organisation != host.id {
        return Err(no_case());
    }
    let reason = answer.reason.as_deref().map(organisations::reason).transpose()?;
    let home = answer.home.filter(|_| row.home.is_none());
    if let Some(home) = home {
        let mut connection = app.db.acquire().await?;
        organisations::found_organisation(&mut connection, home).await?;
    }
    let what = if answer.accept {
        let identity_checked = answer.identity_checked;
        Step::HostAccepts { identity_checked, ground: answer.ground }
    } else {
        Step::HostRefuses
    };
    let given = Given { reason: reason.as_deref(), home };
    steps::take_alone(app, Some(person), (id, what), given).await?;
    shown(app, id).await
}

/// An officer of the home branch answers, or one of the host for a home outside.
async fn home_answers(
    app: &App,
    (person, granted): (PersonId, &Granted),
    id: JoinId,
    answer: &HomeAnswer,
) -> Result<JoinCase> {
    let row = case(app, id).await?;
    let mut connection = app.db.acquire().await?;
    let asked = row.home.unwrap_or(row.organisation);
    let asked = organisations::found_organisation(&mut connection, asked).await?;
    let roles = organisations::roles_over(&mut connection, person, &asked).await?;
    if !granted.0.allows_over(&roles) {
        return Err(no_case());
    }
    drop(connection);
    let reason = answer.reason.as_deref().map(organisations::reason).transpose()?;
    if row.home.is_none() && reason.is_none() {
        let sentence = "say how the home branch answered";
        return Err(Error::refuse(RefusalCode::ReasonRequired, sentence));
    }
    let what = if answer.confirm { Step::HomeConfirms } else { Step::HomeRefuses };
    let given = Given { reason: reason.as_deref(), home: None };
    steps::take_alone(app, Some(person), (id, what), given).await?;
    shown(app, id).await
}

/// Requests of a place that wait for its leader.
pub async fn waiting(connection: &mut PgConnection, of: OrganisationId) -> Result<i64> {
    Ok(queries::waiting(connection, of).await?)
}

/// Cases whose answer is overdue.
pub async fn overdue(connection: &mut PgConnection) -> Result<i64> {
    Ok(queries::overdue(connection).await?)
}

/// Where people stand whose cases at a group or branch go on.
pub async fn open_states(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Result<Vec<(PersonId, JoinId, JoinState)>> {
    let which = Cases { organisation: Some(of), open: true, ..Cases::default() };
    let rows = queries::cases(connection, which).await?;
    Ok(rows.into_iter().map(|row| (row.person, row.id, row.case.state)).collect())
}

/// The leader ends a participation.
pub async fn end(app: &App, by: PersonId, id: JoinId, reason: &str) -> Result<()> {
    let given = Given { reason: Some(reason), home: None };
    steps::take_alone(app, Some(by), (id, Step::End), given).await.map(|_| ())
}

/// A sign of activity in a participation.
pub async fn active(app: &App, by: PersonId, id: JoinId) -> Result<()> {
    let what = (id, Step::Activity);
    steps::take_alone(app, Some(by), what, Given::default()).await.map(|_| ())
}

/// A person whom the leader knows and adds: asked and accepted in one transaction.
pub async fn add_known(
    change: &mut Change,
    (person, host, home_name): (PersonId, &Organisation, &str),
) -> Result<()> {
    let id = ask(change, (person, host), (home_name, None)).await?;
    let ground = Some(signaling::http::joining::JoinGround::Mobile);
    let what = Step::HostAccepts { identity_checked: true, ground };
    advance(change, (person, host), (id, what), None).await
}

/// Asks the leader of a group or branch for a person, in a transaction of the caller. `home_name`
/// counts only of somebody without a member's record.
pub async fn ask(
    change: &mut Change,
    (person, host): (PersonId, &Organisation),
    (home_name, note): (&str, Option<&str>),
) -> Result<JoinId> {
    let member = organisations::member(change.connection(), person).await?;
    let home = member.as_ref().and_then(|member| member.home);
    let home_name = member.map_or_else(|| home_name.to_owned(), |member| member.home_name);
    let parties = Parties::read(change.connection(), person, (host.id, home)).await?;
    let request = Request { invitation: None, home, home_name: &home_name, note };
    steps::submit(change, &parties, &request).await
}

/// Takes a step of a case, in a transaction of the caller that holds [`rooms_to_add`].
pub async fn advance(
    change: &mut Change,
    (person, host): (PersonId, &Organisation),
    what: (JoinId, Step),
    reason: Option<&str>,
) -> Result<()> {
    let home = organisations::member(change.connection(), person).await?.and_then(|one| one.home);
    let parties = Parties::read(change.connection(), person, (host.id, home)).await?;
    let given = Given { reason, home: None };
    steps::take(change, &parties, what, given).await.map(|_| ())
}

/// The rooms that [`add_known`] writes to.
pub async fn rooms_to_add(
    connection: &mut PgConnection,
    (person, host): (PersonId, OrganisationId),
) -> Result<Vec<RoomId>> {
    let home = organisations::member(connection, person).await?.and_then(|member| member.home);
    let parties = Parties::read(connection, person, (host, home)).await?;
    parties.rooms(connection).await
}

/// What a moved home means for the person's open cases, in the transaction that moved it.
pub async fn home_moved(
    change: &mut Change,
    person: PersonId,
    (from, to): (Option<OrganisationId>, OrganisationId),
) -> Result<()> {
    let places = [(Some(to), Step::HomeMovedHere), (from, Step::HomeMovedAway)];
    for (branch, what) in places {
        let Some(branch) = branch else { continue };
        for id in queries::open_at_branch(change.connection(), person, branch).await? {
            let row = queries::lock_case(change.connection(), id).await?.ok_or_else(no_case)?;
            let parties =
                Parties::read(change.connection(), person, (row.organisation, row.home)).await?;
            // Nobody is told twice: the move itself told the person, the rooms tell the rest.
            let quiet = Parties { heads_of_host: Vec::new(), ..parties };
            steps::take(change, &quiet, (id, what), Given::default()).await?;
        }
    }
    Ok(())
}
