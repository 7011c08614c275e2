//! Organisations: the tree with its history, members with one home each, party groups, posts.
//!
//! The tables hold the truth and their constraints the invariants; rooms follow the tables inside
//! the same transaction ([`Change::settle`]). Nothing here decides about a membership: every
//! command rests on somebody's decision and keeps who, when and why.
//!
//! A command names the rooms it will write to, begins a [`Change`] that holds them, checks again,
//! writes, and commits.

mod administration;
mod change;
mod members;
mod post_queries;
mod posts;
mod queries;
mod reading;
mod routes;
mod rules;
mod tree;
mod types;

use signaling::event::chat::RoomRole;
use signaling::http::organisations::{
    AffiliationKind, MemberRow, OrganisationName, OwnPlace, PostKind,
};
use signaling::{OrganisationId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;

pub use self::administration::warnings;
pub use self::change::Change;
pub use self::members::{
    affiliate, end_affiliation, enter_group, leave_group, move_home, register, rooms_of_move,
    rooms_of_place,
};
pub use self::posts::{appoint, end as end_post};
pub use self::routes::router;
pub use self::rules::{reason, text};
pub use self::tree::found;
pub use self::types::{Home, MemberRecord, NewMember, NewOrganisation, Organisation};
use crate::auth::Role;
use crate::error::{Error, Result};

/// An organisation as it stands now.
pub async fn organisation(
    connection: &mut PgConnection,
    id: OrganisationId,
) -> Result<Option<Organisation>> {
    Ok(queries::organisation(connection, id).await?)
}

/// As [`organisation`]; refuses one that does not exist.
pub async fn found_organisation(
    connection: &mut PgConnection,
    id: OrganisationId,
) -> Result<Organisation> {
    let found = queries::organisation(connection, id).await?;
    found.ok_or_else(|| Error::refuse(RefusalCode::NotFound, "there is no such organisation"))
}

/// The organisation of a room.
pub async fn of_room(connection: &mut PgConnection, room: RoomId) -> Result<Option<Organisation>> {
    match queries::of_room(connection, room).await? {
        Some(id) => Ok(queries::organisation(connection, id).await?),
        None => Ok(None),
    }
}

/// An organisation in a few words.
pub async fn name(
    connection: &mut PgConnection,
    id: OrganisationId,
) -> Result<Option<OrganisationName>> {
    let found = queries::organisation(connection, id).await?;
    Ok(found.map(|one| OrganisationName { organisation: one.id, kind: one.kind, name: one.name }))
}

/// What a person is over an organisation: its leader, an officer of its branch, of an organisation
/// above it. Membership alone gives no role here.
pub async fn roles_over(
    connection: &mut PgConnection,
    person: PersonId,
    of: &Organisation,
) -> Result<Vec<Role>> {
    let posts = post_queries::posts_over(connection, person, of.id).await?;
    Ok(rules::roles(of.kind, &posts))
}

/// The organisation above another at which a person holds a post, the nearest one, by its name.
pub async fn office_over(
    connection: &mut PgConnection,
    person: PersonId,
    of: OrganisationId,
) -> Result<String> {
    Ok(post_queries::office_over(connection, person, of).await?)
}

/// Who answers for an organisation: holders of its leading posts, else those of the nearest one
/// above that has some.
pub async fn heads(connection: &mut PgConnection, of: OrganisationId) -> Result<Vec<PersonId>> {
    Ok(post_queries::heads(connection, of).await?)
}

/// The record of a member.
pub async fn member(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<MemberRecord>> {
    Ok(queries::member(connection, person).await?)
}

/// How a person belongs to a branch.
pub async fn affiliation(
    connection: &mut PgConnection,
    person: PersonId,
    of: OrganisationId,
) -> Result<Option<AffiliationKind>> {
    Ok(queries::affiliation(connection, person, of).await?)
}

/// The group of a branch in which a person is.
pub async fn group_in(
    connection: &mut PgConnection,
    person: PersonId,
    branch: OrganisationId,
) -> Result<Option<OrganisationId>> {
    Ok(queries::group_in(connection, person, branch).await?)
}

/// Whether a person holds a post that has a desk.
pub async fn has_desk(connection: &mut PgConnection, person: PersonId) -> Result<bool> {
    Ok(post_queries::has_desk(connection, person).await?)
}

/// Records that a member is away from home; an earlier day stays.
pub async fn set_mobile(
    connection: &mut PgConnection,
    person: PersonId,
    since: time::Date,
) -> Result<()> {
    Ok(queries::set_mobile(connection, person, since).await?)
}

/// Records that the right of a member to vote is suspended, or is not any more.
pub async fn set_votes(connection: &mut PgConnection, person: PersonId, votes: bool) -> Result<()> {
    Ok(queries::set_votes(connection, person, votes).await?)
}

/// What a person is in a room; `None` for anyone who is no member.
pub async fn role_in(
    connection: &mut PgConnection,
    room: RoomId,
    person: PersonId,
) -> Result<Option<RoomRole>> {
    Ok(queries::present_role(connection, room, person).await?)
}

/// The name of a person.
pub async fn name_of(connection: &mut PgConnection, person: PersonId) -> Result<String> {
    Ok(queries::name_of(connection, person).await?)
}

/// Branches, groups and posts of a person, the home first, and the name of the home.
pub async fn places(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<(Vec<OwnPlace>, Option<String>)> {
    let places = reading::places(connection, person).await?;
    let home = queries::member(connection, person).await?.map(|member| member.home_name);
    Ok((places, home))
}

/// Members of a branch or group, at most 200, without their numbers.
pub async fn members_of(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Result<Vec<MemberRow>> {
    Ok(reading::members(connection, of, None, None).await?)
}

/// Posts that people hold at an organisation.
pub async fn posts_of(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Result<std::collections::HashMap<PersonId, Vec<PostKind>>> {
    Ok(reading::posts_by_person(connection, of).await?)
}
