//! What administrators do with the tree: by order of the organisation concerned, whose decision
//! every command names.

use signaling::http::organisations::{
    AppointOfficer, ChangeOrganisation, FoundOrganisation, MemberRow, MoveHome, OrganisationKind,
    OrganisationList, OrganisationMembers, OrganisationPage, OrganisationWarning, PostRow,
    RegisterMember,
};
use signaling::{OrganisationId, PersonId, PostId, RefusalCode, RoomId};
use sqlx::PgConnection;

use super::reading::{self, LIST_ROWS_MAX, Listing};
use super::rules::{self, Bounds};
use super::types::{Home, NewMember, NewOrganisation, Organisation};
use super::{Change, found_organisation, members, post_queries, posts, queries, tree};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::accounts::{self, NewAccount};
use crate::features::joining;
use crate::features::policies::{self, PolicyKey, day_of};
use crate::security_log::{self, Action, Entry, Outcome};

/// The children of an organisation, the roots, or what bears a text.
pub(super) async fn list(
    app: &App,
    parent: Option<OrganisationId>,
    search: Option<&str>,
) -> Result<OrganisationList> {
    let mut connection = app.db.acquire().await?;
    let search = search.map(str::trim).filter(|text| !text.is_empty());
    let listing = match (search, parent) {
        (Some(text), _) => Listing::Named(rules::text(text, rules::NAME_CHARS_MAX, "a search")?),
        (None, Some(parent)) => Listing::Below(parent),
        (None, None) => Listing::Roots,
    };
    let path = match parent {
        Some(parent) => {
            found_organisation(&mut connection, parent).await?;
            reading::path(&mut connection, parent).await?
        }
        None => Vec::new(),
    };
    let mut organisations = reading::rows(&mut connection, &listing).await?;
    let more = organisations.len() > LIST_ROWS_MAX;
    organisations.truncate(LIST_ROWS_MAX);
    Ok(OrganisationList { path, organisations, more })
}

/// An organisation with its history.
pub(super) async fn page(app: &App, id: OrganisationId) -> Result<OrganisationPage> {
    let mut connection = app.db.acquire().await?;
    let organisation = found_organisation(&mut connection, id).await?;
    let row = reading::rows(&mut connection, &Listing::One(id)).await?.into_iter().next();
    let row =
        row.ok_or_else(|| Error::refuse(RefusalCode::NotFound, "there is no such organisation"))?;
    let (founded_on, units) = reading::founding(&mut connection, id).await?;
    Ok(OrganisationPage {
        path: reading::path(&mut connection, id).await?,
        founded_on,
        units,
        posts: reading::posts(&mut connection, Some(id), None).await?,
        history: reading::history(&mut connection, id).await?,
        warnings: warnings(&mut connection, &organisation, app.clock.now()).await?,
        row,
    })
}

/// What is unusual about an organisation today.
pub async fn warnings(
    connection: &mut PgConnection,
    organisation: &Organisation,
    now: time::OffsetDateTime,
) -> Result<Vec<OrganisationWarning>> {
    let today = day_of(now);
    let mut figures = reading::figures(connection, organisation.id).await?;
    figures.units = reading::founding(connection, organisation.id).await?.1;
    let of = organisation.id;
    let bounds = Bounds {
        branch_members_max: policies::value(connection, PolicyKey::BranchMembersMax, of, today)
            .await?,
        branch_full_min: policies::value(connection, PolicyKey::BranchFullMembersMin, of, today)
            .await?,
        group_min: policies::value(connection, PolicyKey::GroupMembersMin, of, today).await?,
        units_max: policies::value(connection, PolicyKey::JointUnitsMax, of, today).await?,
    };
    Ok(rules::warnings(organisation.kind, organisation.joint, &figures, bounds, today))
}

async fn begin(app: &App, by: PersonId, rooms: &[RoomId]) -> Result<Change> {
    Change::begin(&app.db, &app.ids, (Some(by), app.clock.now()), rooms).await
}

/// Founds an organisation.
pub(super) async fn found(
    app: &App,
    by: PersonId,
    request: FoundOrganisation,
) -> Result<OrganisationPage> {
    let FoundOrganisation { kind, name, parent, code, joint, units, reason } = request;
    let joint = match (joint, units.is_empty()) {
        (Some(kind), _) => Some((kind, units)),
        (None, true) => None,
        (None, false) => {
            let sentence = "only a joint branch covers units";
            return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
        }
    };
    let id = OrganisationId(app.ids.next());
    let new = NewOrganisation { id, kind, name, parent, code, joint };
    let mut change = begin(app, by, &[]).await?;
    tree::found(&mut change, &new, &reason).await?;
    change.commit(&*app.timeline).await?;
    page(app, id).await
}

/// Renames or moves an organisation.
pub(super) async fn rearrange(
    app: &App,
    by: PersonId,
    id: OrganisationId,
    request: &ChangeOrganisation,
) -> Result<OrganisationPage> {
    let mut connection = app.db.acquire().await?;
    let rooms = tree::rooms_named_after(&mut connection, id).await?;
    drop(connection);
    let mut change = begin(app, by, &rooms).await?;
    let wanted = (request.name.as_deref(), request.parent);
    tree::rearrange(&mut change, id, wanted, &request.reason).await?;
    change.commit(&*app.timeline).await?;
    page(app, id).await
}

/// Dissolves an organisation on which nothing hangs.
pub(super) async fn dissolve(
    app: &App,
    by: PersonId,
    id: OrganisationId,
    reason: &str,
) -> Result<OrganisationPage> {
    let mut change = begin(app, by, &[]).await?;
    tree::dissolve(&mut change, id, reason).await?;
    change.commit(&*app.timeline).await?;
    page(app, id).await
}

/// Members of an organisation, a page at a time.
pub(super) async fn members_of(
    app: &App,
    of: OrganisationId,
    after: Option<PersonId>,
) -> Result<OrganisationMembers> {
    let mut connection = app.db.acquire().await?;
    found_organisation(&mut connection, of).await?;
    let mut members = reading::members(&mut connection, of, after, None).await?;
    let more = members.len() > LIST_ROWS_MAX;
    members.truncate(LIST_ROWS_MAX);
    mask(app, &mut connection, &mut members).await?;
    Ok(OrganisationMembers { members, more })
}

async fn mask(app: &App, connection: &mut PgConnection, members: &mut [MemberRow]) -> Result<()> {
    let people: Vec<PersonId> = members.iter().map(|member| member.person).collect();
    let mut phones = accounts::masked_phones(&app.keys, connection, &people).await?;
    for member in members {
        member.phone_masked = phones.remove(&member.person).unwrap_or_default();
    }
    Ok(())
}

async fn member_row(app: &App, of: OrganisationId, person: PersonId) -> Result<MemberRow> {
    let mut connection = app.db.acquire().await?;
    let mut rows = reading::members(&mut connection, of, None, Some(person)).await?;
    mask(app, &mut connection, &mut rows).await?;
    let row = rows.into_iter().next();
    row.ok_or_else(|| Error::refuse(RefusalCode::NotFound, "the person does not belong to it"))
}

/// Registers a member with the home in a branch, or puts a member of the branch into its group. A
/// new number gets an account.
pub(super) async fn register(
    app: &App,
    by: PersonId,
    of: OrganisationId,
    request: &RegisterMember,
) -> Result<MemberRow> {
    let phone = accounts::phone(&request.phone)?;
    let name = rules::text(&request.name, 100, "a name")?;
    let mut connection = app.db.acquire().await?;
    let place = found_organisation(&mut connection, of).await?;
    let known = accounts::person_by_phone(&app.keys, &mut connection, &phone).await?;
    let mut rooms: Vec<RoomId> = place.room.into_iter().collect();
    if let Some(person) = known {
        if queries::name_of(&mut connection, person).await? != name {
            let sentence = "this number is registered under another name";
            return Err(Error::refuse(RefusalCode::NameDiffers, sentence));
        }
        rooms.push(person.inbox());
    }
    drop(connection);
    let person = known.unwrap_or_else(|| PersonId(app.ids.next()));
    let mut change = begin(app, by, &rooms).await?;
    if known.is_none() {
        let account = NewAccount { person, name, phone };
        let now = change.now;
        let (connection, locked) = change.parts();
        accounts::make_account(&app.keys, connection, locked, (&account, now)).await?;
    }
    if place.kind == OrganisationKind::PartyGroup {
        members::enter_group(&mut change, (person, &place)).await?;
    } else {
        let home = Home::Here(of);
        let new = NewMember { person, standing: request.standing, home, mobile_since: None };
        members::register(&mut change, &new, &request.reason).await?;
    }
    change.commit(&*app.timeline).await?;
    member_row(app, of, person).await
}

/// Moves a member's home.
pub(super) async fn move_home(
    app: &App,
    by: PersonId,
    person: PersonId,
    request: &MoveHome,
) -> Result<MemberRow> {
    let mut connection = app.db.acquire().await?;
    let to = found_organisation(&mut connection, request.organisation).await?;
    let rooms = members::rooms_of_move(&mut connection, person, to.id).await?;
    drop(connection);
    let reason = rules::reason(&request.reason)?;
    let mut change = begin(app, by, &rooms).await?;
    let from = queries::member(change.connection(), person).await?.and_then(|one| one.home);
    members::move_home(&mut change, (person, &to), &reason).await?;
    joining::home_moved(&mut change, person, (from, to.id)).await?;
    change.commit(&*app.timeline).await?;
    member_row(app, to.id, person).await
}

/// Gives a post.
pub(super) async fn appoint(
    app: &App,
    by: PersonId,
    at: OrganisationId,
    request: &AppointOfficer,
) -> Result<PostRow> {
    let mut connection = app.db.acquire().await?;
    let at = found_organisation(&mut connection, at).await?;
    if !queries::person_exists(&mut connection, request.person).await? {
        return Err(Error::refuse(RefusalCode::NotFound, "there is no such person"));
    }
    drop(connection);
    let rooms: Vec<RoomId> = at.room.into_iter().chain([request.person.inbox()]).collect();
    let mut change = begin(app, by, &rooms).await?;
    let made = (request.person, &at);
    let post = posts::appoint(&mut change, made, request.kind, &request.reason).await?;
    change.commit(&*app.timeline).await?;
    let mut connection = app.db.acquire().await?;
    let row = reading::posts(&mut connection, None, Some(post)).await?.into_iter().next();
    row.ok_or_else(|| Error::refuse(RefusalCode::Conflict, "the post was ended just now"))
}

/// Ends a post.
pub(super) async fn end_post(app: &App, by: PersonId, post: PostId, reason: &str) -> Result<()> {
    let mut connection = app.db.acquire().await?;
    let held = post_queries::post(&mut connection, post).await?;
    let Some((at, person, _)) = held else {
        return Err(Error::refuse(RefusalCode::NotFound, "nobody holds this post"));
    };
    let at = found_organisation(&mut connection, at).await?;
    drop(connection);
    let rooms: Vec<RoomId> = at.room.into_iter().chain([person.inbox()]).collect();
    let mut change = begin(app, by, &rooms).await?;
    posts::end(&mut change, post, reason).await?;
    change.commit(&*app.timeline).await
}

/// The whole telephone number of a person; who looked and why is told to that person.
pub(super) async fn unmask(
    app: &App,
    (by, device): (PersonId, signaling::DeviceId),
    person: PersonId,
    (reason, address): (&str, std::net::IpAddr),
) -> Result<String> {
    let reason = rules::reason(reason)?;
    let mut change = begin(app, by, &[person.inbox()]).await?;
    let phone = accounts::whole_phone(&app.keys, change.connection(), person).await?;
    let phone =
        phone.ok_or_else(|| Error::refuse(RefusalCode::NotFound, "there is no such person"))?;
    let name = queries::name_of(change.connection(), by).await?;
    let notice = members::phone_seen(by, name, reason);
    change.notify(person, &notice).await?;
    let entry = Entry {
        person: Some(by),
        device: Some(device),
        action: Action::SeePhone,
        result: Outcome::Done,
        address: Some(address),
    };
    let now = change.now;
    security_log::record(change.connection(), now, entry).await?;
    change.commit(&*app.timeline).await?;
    Ok(phone.digits().to_owned())
}
