//! Taking a step of a case: the machine decides, the tables and rooms follow, people are told.

use signaling::event::people::{Notice, NoticeKind};
use signaling::http::joining::{JoinGround, JoinState};
use signaling::http::organisations::{AffiliationKind, OrganisationKind, Standing};
use signaling::{JoinId, OrganisationId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::queries::{self, CaseRow, Changed, Line, NewCase};
use super::rules::{self, Due, Effect, Recipient, Step};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::organisations::{self, Change, Home, NewMember, Organisation};
use crate::features::policies::{self, PolicyKey, day_of, end_of};

/// Who a case concerns.
pub(super) struct Parties {
    pub person: PersonId,
    pub host: Organisation,
    /// The branch that hosts: of a party group the one above it.
    pub branch: Organisation,
    pub home: Option<OrganisationId>,
    pub heads_of_host: Vec<PersonId>,
    pub heads_of_home: Vec<PersonId>,
    pub superiors: Vec<PersonId>,
}

impl Parties {
    /// Reads who a case at `host` concerns.
    pub(super) async fn read(
        connection: &mut PgConnection,
        person: PersonId,
        (host, home): (OrganisationId, Option<OrganisationId>),
    ) -> Result<Self> {
        let host = organisations::found_organisation(connection, host).await?;
        let branch = organisations::found_organisation(connection, host.branch()).await?;
        let heads_of_host = organisations::heads(connection, host.id).await?;
        let (heads_of_home, below) = match home {
            Some(home) => {
                let heads = organisations::heads(connection, home).await?;
                (heads, organisations::found_organisation(connection, home).await?.parent)
            }
            None => (Vec::new(), branch.parent),
        };
        let superiors = match below {
            Some(above) => organisations::heads(connection, above).await?,
            None => Vec::new(),
        };
        Ok(Self { person, host, branch, home, heads_of_host, heads_of_home, superiors })
    }

    /// Every room that a step may write to.
    pub(super) async fn rooms(&self, connection: &mut PgConnection) -> Result<Vec<RoomId>> {
        let mut rooms =
            organisations::rooms_of_place(connection, self.person, &self.branch).await?;
        rooms.extend(self.host.room);
        if let Some(home) = self.home {
            rooms.extend(organisations::found_organisation(connection, home).await?.room);
        }
        let told = self.heads_of_host.iter().chain(&self.heads_of_home).chain(&self.superiors);
        rooms.extend(told.map(|person| person.inbox()));
        rooms.sort_unstable();
        rooms.dedup();
        Ok(rooms)
    }

    fn recipients(&self, to: Recipient) -> Vec<PersonId> {
        match to {
            Recipient::Person => vec![self.person],
            Recipient::Host => self.heads_of_host.clone(),
            Recipient::Home => self.heads_of_home.clone(),
            Recipient::Superior => self.superiors.clone(),
        }
    }
}

/// What somebody wants a step to carry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given<'a> {
    pub reason: Option<&'a str>,
    /// The home branch to ask from here on.
    pub home: Option<OrganisationId>,
}

/// A request to begin.
pub(super) struct Request<'a> {
    pub invitation: Option<uuid::Uuid>,
    pub home: Option<OrganisationId>,
    pub home_name: &'a str,
    pub note: Option<&'a str>,
}

/// Begins a case and tells the leaders. Refuses somebody who belongs to the branch already: as at
/// home, or as one who takes part.
pub(super) async fn submit(
    change: &mut Change,
    parties: &Parties,
    request: &Request<'_>,
) -> Result<JoinId> {
    let now = change.now;
    let place = (parties.person, parties.branch.id);
    if organisations::affiliation(change.connection(), place.0, place.1).await?.is_some() {
        return Err(Error::refuse(RefusalCode::Conflict, "the person belongs to it already"));
    }
    let from = (parties.host.id, day_of(now));
    let by = policies::answer_by(change.connection(), PolicyKey::JoinHostAnswer, from).await?;
    let id = JoinId(change.ids.next());
    let new = NewCase {
        id,
        person: parties.person,
        organisation: parties.host.id,
        invitation: request.invitation,
        home: request.home,
        home_name: request.home_name,
        note: request.note,
        host_due: end_of(by),
    };
    match queries::insert_case(change.connection(), &new, now).await {
        Ok(()) => {}
        Err(sqlx::Error::Database(error)) if error.constraint() == Some("join_case_once") => {
            return Err(Error::refuse(RefusalCode::Conflict, "the leader was asked already"));
        }
        Err(error) => return Err(error.into()),
    }
    record(change, (id, "submit"), (None, JoinState::Submitted), request.note).await?;
    let told = (id, Recipient::Host, NoticeKind::JoinRequested);
    tell(change, parties, told, (request.note, Some(by))).await?;
    Ok(id)
}

/// Takes a step. The case is locked, so that two answers at once are one after the other.
pub(super) async fn take(
    change: &mut Change,
    parties: &Parties,
    (id, step): (JoinId, Step),
    given: Given<'_>,
) -> Result<JoinState> {
    if step.needs_reason() && given.reason.is_none() {
        return Err(Error::refuse(RefusalCode::ReasonRequired, "say why"));
    }
    let now = change.now;
    let row = queries::lock_case(change.connection(), id).await?;
    let row = row.ok_or_else(|| Error::refuse(RefusalCode::NotFound, "there is no such case"))?;
    let (due, home_by) = due(change, parties, now).await?;
    let (next, effects) = rules::step(&row.case, step, now, due)?;
    let accepted = matches!(step, Step::HostAccepts { .. });
    let changed = Changed {
        id,
        case: &next,
        due_at: rules::due_at(&next),
        answered: accepted || step == Step::HostRefuses,
        home: given.home,
        reason: given.reason.filter(|_| !rules::takes_part(next.state)),
    };
    queries::update_case(change.connection(), &changed, now).await?;
    if next != row.case && step != Step::Activity {
        record(change, (id, step.word()), (Some(row.case.state), next.state), given.reason).await?;
    }
    for effect in effects {
        match effect {
            Effect::Admit => admit(change, parties, &row, next.ground).await?,
            Effect::Dismiss => dismiss(change, parties, given.reason).await?,
            Effect::Tell(to, kind) => {
                let by = (kind == NoticeKind::HomeAsked).then_some(home_by);
                tell(change, parties, (id, to, kind), (given.reason, by)).await?;
            }
        }
    }
    if step == Step::HomeConfirms {
        recognise(change, parties, &row).await?;
    }
    Ok(next.state)
}

/// The times that begin now.
async fn due(
    change: &mut Change,
    parties: &Parties,
    now: OffsetDateTime,
) -> Result<(Due, time::Date)> {
    let (of, today) = (parties.host.id, day_of(now));
    let home_of = (parties.home.unwrap_or(of), today);
    let connection = change.connection();
    let home = policies::answer_by(connection, PolicyKey::JoinHomeAnswer, home_of).await?;
    let days = policies::value(connection, PolicyKey::JoinInactive, of, today).await?;
    Ok((Due { home: end_of(home), inactive: now + Duration::days(days) }, home))
}

/// Opens the branch and the group to the person. Of somebody without a member's record one is made
/// whose home is outside this installation, until the branch that was named confirms it.
async fn admit(
    change: &mut Change,
    parties: &Parties,
    row: &CaseRow,
    ground: Option<JoinGround>,
) -> Result<()> {
    let (person, now) = (parties.person, change.now);
    let mobile_since = (ground == Some(JoinGround::Mobile)).then(|| day_of(now));
    if organisations::member(change.connection(), person).await?.is_none() {
        let home = Home::Elsewhere(row.home_name.clone());
        let new = NewMember { person, standing: Standing::Full, home, mobile_since };
        organisations::register(change, &new, "加入时登记").await?;
    } else if let Some(since) = mobile_since {
        organisations::set_mobile(change.connection(), person, since).await?;
    }
    let branch = &parties.branch;
    if organisations::affiliation(change.connection(), person, branch.id).await?.is_none() {
        let to = (person, branch);
        organisations::affiliate(change, to, AffiliationKind::Participating, "负责人同意加入")
            .await?;
    }
    let grouped = organisations::group_in(change.connection(), person, branch.id).await?;
    if parties.host.kind == OrganisationKind::PartyGroup && grouped.is_none() {
        organisations::enter_group(change, (person, &parties.host)).await?;
    }
    Ok(())
}

/// Closes the branch, with its groups and rooms, to a person who took part.
async fn dismiss(change: &mut Change, parties: &Parties, reason: Option<&str>) -> Result<()> {
    let of = (parties.person, &parties.branch);
    organisations::end_affiliation(change, of, reason.unwrap_or("退出")).await
}

/// A home branch of this installation that confirms a person it had no record of makes that record
/// the person's home.
async fn recognise(change: &mut Change, parties: &Parties, row: &CaseRow) -> Result<()> {
    let Some(home) = row.home else { return Ok(()) };
    let member = organisations::member(change.connection(), parties.person).await?;
    if member.is_some_and(|member| member.home.is_none()) {
        let home = organisations::found_organisation(change.connection(), home).await?;
        organisations::move_home(change, (parties.person, &home), "原支部确认").await?;
    }
    Ok(())
}

async fn record(
    change: &mut Change,
    (case, step): (JoinId, &str),
    (from, to): (Option<JoinState>, JoinState),
    reason: Option<&str>,
) -> Result<()> {
    let (id, by, now) = (change.ids.next(), change.by, change.now);
    let line = Line { id, case, by, step, from, to, reason };
    Ok(queries::insert_line(change.connection(), &line, now).await?)
}

async fn tell(
    change: &mut Change,
    parties: &Parties,
    (join, to, kind): (JoinId, Recipient, NoticeKind),
    (reason, answer_by): (Option<&str>, Option<time::Date>),
) -> Result<()> {
    let name = organisations::name_of(change.connection(), parties.person).await?;
    for recipient in parties.recipients(to) {
        let other = recipient != parties.person;
        let notice = Notice {
            notice: kind,
            organisation: parties.host.id,
            title: parties.host.title(),
            join: Some(join),
            person: other.then_some(parties.person),
            name: other.then(|| name.clone()),
            reason: reason.map(ToOwned::to_owned),
            answer_by,
            meeting: None,
            starts_at: None,
        };
        change.notify(recipient, &notice).await?;
    }
    Ok(())
}

/// Reads a case, holds its rooms and takes one step in a transaction of its own.
pub(super) async fn take_alone(
    app: &App,
    by: Option<PersonId>,
    (id, step): (JoinId, Step),
    given: Given<'_>,
) -> Result<JoinState> {
    let row = super::case(app, id).await?;
    let mut connection = app.db.acquire().await?;
    let asked = given.home.or(row.home);
    let parties = Parties::read(&mut connection, row.person, (row.organisation, asked)).await?;
    let rooms = parties.rooms(&mut connection).await?;
    drop(connection);
    let mut change = Change::begin(&app.db, &app.ids, (by, app.clock.now()), &rooms).await?;
    let state = take(&mut change, &parties, (id, step), given).await?;
    change.commit(&*app.timeline).await?;
    Ok(state)
}
