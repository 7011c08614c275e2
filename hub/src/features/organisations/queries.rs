//! SQL of organisations, members and posts that commands run, one function per statement. What
//! pages read stands in `reading.rs`.

use signaling::event::chat::RoomRole;
use signaling::http::organisations::{AffiliationKind, JointUnit, OrganisationKind};
use signaling::{OrganisationId, PersonId, RoomId};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::types::{
    Home, MemberRecord, NewMember, NewOrganisation, Organisation, affiliation_word, joint_of,
    joint_word, kind_of, kind_word, role_from, standing_of, standing_word,
};
use crate::timeline::role_of;

type Done<T> = Result<T, sqlx::Error>;

pub(super) fn broken(row: crate::error::InconsistentRow) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(row))
}

/// An organisation as it stands now.
pub(super) async fn organisation(
    connection: &mut PgConnection,
    id: OrganisationId,
) -> Done<Option<Organisation>> {
    let row = sqlx::query!(
        r#"SELECT o.id, o.kind, o.joint, o.room, o.open, v.name, v.parent,
                  v.parent_kind, p.name AS "parent_name?"
           FROM organisation o
           JOIN organisation_version v ON v.organisation = o.id AND v.in_force
           LEFT JOIN organisation_version p ON p.organisation = v.parent AND p.in_force
           WHERE o.id = $1"#,
        id.uuid()
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Organisation {
        id,
        kind: kind_of(&row.kind).map_err(broken)?,
        name: row.name,
        joint: row.joint.map(|word| joint_of(&word)).transpose().map_err(broken)?,
        room: row.room.map(RoomId),
        parent: row.parent.map(OrganisationId),
        parent_kind: row.parent_kind.map(|word| kind_of(&word)).transpose().map_err(broken)?,
        parent_name: row.parent_name,
        open: row.open,
    }))
}

/// The organisation of a room.
pub(super) async fn of_room(
    connection: &mut PgConnection,
    room: RoomId,
) -> Done<Option<OrganisationId>> {
    let id = sqlx::query_scalar!("SELECT id FROM organisation WHERE room = $1", room.uuid())
        .fetch_optional(connection)
        .await?;
    Ok(id.map(OrganisationId))
}

/// Writes an organisation.
pub(super) async fn insert_organisation(
    connection: &mut PgConnection,
    new: &NewOrganisation,
    room: Option<RoomId>,
    founded_on: Date,
) -> Done<()> {
    let joint = new.joint.as_ref().map(|(kind, _)| joint_word(*kind));
    sqlx::query!(
        "INSERT INTO organisation (id, kind, code, joint, room, founded_on)
         VALUES ($1, $2, $3, $4, $5, $6)",
        new.id.uuid(),
        kind_word(new.kind),
        new.code,
        joint,
        room.map(RoomId::uuid),
        founded_on
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Writes a unit of a joint branch.
pub(super) async fn insert_unit(
    connection: &mut PgConnection,
    of: OrganisationId,
    unit: &JointUnit,
) -> Done<()> {
    let full = i16::try_from(unit.full_members).unwrap_or(i16::MAX);
    sqlx::query!(
        "INSERT INTO joint_unit (organisation, name, full_members) VALUES ($1, $2, $3)",
        of.uuid(),
        unit.name.trim(),
        full
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A name and a place to begin now.
pub(super) struct NewVersion<'a> {
    pub of: OrganisationId,
    pub kind: OrganisationKind,
    pub name: &'a str,
    pub parent: Option<(OrganisationId, OrganisationKind)>,
    pub reason: &'a str,
}

/// Begins a name and a place; the one in force must be closed before.
pub(super) async fn insert_version(
    connection: &mut PgConnection,
    version: &NewVersion<'_>,
    (by, now): (Option<PersonId>, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO organisation_version
             (organisation, kind, name, parent, parent_kind, from_at, by_person, reason)
         SELECT $1, $2, $3, $4, $5, greatest($6, max(v.until_at)), $7, $8
         FROM organisation_version v WHERE v.organisation = $1",
        version.of.uuid(),
        kind_word(version.kind),
        version.name,
        version.parent.map(|(id, _)| id.uuid()),
        version.parent.map(|(_, kind)| kind_word(kind)),
        now,
        by.map(PersonId::uuid),
        version.reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes the name and place in force.
pub(super) async fn close_version(
    connection: &mut PgConnection,
    of: OrganisationId,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE organisation_version
         SET until_at = greatest($2, from_at + interval '1 microsecond')
         WHERE organisation = $1 AND in_force",
        of.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes an organisation; its constraints refuse it while anything hangs on it.
pub(super) async fn dissolve(
    connection: &mut PgConnection,
    of: OrganisationId,
    on: Date,
) -> Done<()> {
    sqlx::query!("UPDATE organisation SET dissolved_on = $2 WHERE id = $1", of.uuid(), on)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the record of a member; the home follows as an affiliation unless it is elsewhere.
pub(super) async fn insert_member(
    connection: &mut PgConnection,
    new: &NewMember,
    now: OffsetDateTime,
) -> Done<()> {
    let elsewhere = match &new.home {
        Home::Here(_) => None,
        Home::Elsewhere(name) => Some(name.as_str()),
    };
    sqlx::query!(
        "INSERT INTO party_member (person, standing, home_elsewhere, mobile_since, registered_at)
         VALUES ($1, $2, $3, $4, $5)",
        new.person.uuid(),
        standing_word(new.standing),
        elsewhere,
        new.mobile_since,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The record of a member.
pub(super) async fn member(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Option<MemberRecord>> {
    let row = sqlx::query!(
        r#"SELECT m.standing, m.votes, m.mobile_since, a.organisation AS "home?",
                  coalesce(v.name, m.home_elsewhere, '') AS "home_name!"
           FROM party_member m
           LEFT JOIN affiliation a ON a.person = m.person AND a.home
           LEFT JOIN organisation_version v ON v.organisation = a.organisation AND v.in_force
           WHERE m.person = $1 AND m.ended_at IS NULL"#,
        person.uuid()
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(MemberRecord {
        standing: standing_of(&row.standing).map_err(broken)?,
        votes: row.votes,
        mobile_since: row.mobile_since,
        home: row.home.map(OrganisationId),
        home_name: row.home_name,
    }))
}

/// Suspends or restores the right to vote.
pub(super) async fn set_votes(
    connection: &mut PgConnection,
    person: PersonId,
    votes: bool,
) -> Done<()> {
    sqlx::query!("UPDATE party_member SET votes = $2 WHERE person = $1", person.uuid(), votes)
        .execute(connection)
        .await?;
    Ok(())
}

/// Records that a member is away from home, and since when; an earlier day stays.
pub(super) async fn set_mobile(
    connection: &mut PgConnection,
    person: PersonId,
    since: Date,
) -> Done<()> {
    sqlx::query!(
        "UPDATE party_member SET mobile_since = $2 WHERE person = $1 AND mobile_since IS NULL",
        person.uuid(),
        since
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A home moved into this installation is no longer elsewhere.
pub(super) async fn home_is_here(connection: &mut PgConnection, person: PersonId) -> Done<()> {
    sqlx::query!("UPDATE party_member SET home_elsewhere = NULL WHERE person = $1", person.uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// Who decides, why, and when.
pub(super) type Decision<'a> = (Option<PersonId>, &'a str, OffsetDateTime);

/// Begins an affiliation.
pub(super) async fn insert_affiliation(
    connection: &mut PgConnection,
    id: Uuid,
    (person, to): (PersonId, &Organisation),
    kind: AffiliationKind,
    (by, reason, now): Decision<'_>,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO affiliation
             (id, person, organisation, of_kind, kind, from_at, begun_by, begun_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        person.uuid(),
        to.id.uuid(),
        kind_word(to.kind),
        affiliation_word(kind),
        now,
        by.map(PersonId::uuid),
        reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends an affiliation; `false` where there is none in force.
pub(super) async fn end_affiliation(
    connection: &mut PgConnection,
    (person, of): (PersonId, OrganisationId),
    (by, reason, now): Decision<'_>,
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE affiliation
         SET until_at = greatest($5, from_at), ended_by = $3, ended_reason = $4
         WHERE person = $1 AND organisation = $2 AND in_force",
        person.uuid(),
        of.uuid(),
        by.map(PersonId::uuid),
        reason,
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// How a person belongs to a branch now.
pub(super) async fn affiliation(
    connection: &mut PgConnection,
    person: PersonId,
    of: OrganisationId,
) -> Done<Option<AffiliationKind>> {
    let word = sqlx::query_scalar!(
        "SELECT kind FROM affiliation WHERE person = $1 AND organisation = $2 AND in_force",
        person.uuid(),
        of.uuid()
    )
    .fetch_optional(connection)
    .await?;
    word.map(|word| super::types::affiliation_of(&word)).transpose().map_err(broken)
}

/// The group of a branch in which a person is.
pub(super) async fn group_in(
    connection: &mut PgConnection,
    person: PersonId,
    branch: OrganisationId,
) -> Done<Option<OrganisationId>> {
    let id = sqlx::query_scalar!(
        "SELECT party_group FROM group_member WHERE person = $1 AND branch = $2 AND in_force",
        person.uuid(),
        branch.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(OrganisationId))
}

/// Puts a person into a group.
pub(super) async fn insert_group_member(
    connection: &mut PgConnection,
    id: Uuid,
    (person, group, branch): (PersonId, OrganisationId, OrganisationId),
    (by, now): (Option<PersonId>, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO group_member (id, party_group, person, branch, from_at, begun_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        group.uuid(),
        person.uuid(),
        branch.uuid(),
        now,
        by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a person out of a group; `false` where the person is not in it.
pub(super) async fn end_group_member(
    connection: &mut PgConnection,
    (person, group): (PersonId, OrganisationId),
    (by, reason, now): Decision<'_>,
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE group_member SET until_at = greatest($5, from_at), ended_by = $3, ended_reason = $4
         WHERE person = $1 AND party_group = $2 AND in_force",
        person.uuid(),
        group.uuid(),
        by.map(PersonId::uuid),
        reason,
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// What a person should be in the room of an organisation.
pub(super) async fn wanted_role(
    connection: &mut PgConnection,
    of: OrganisationId,
    person: PersonId,
) -> Done<Option<RoomRole>> {
    let leads = sqlx::query_scalar!(
        r#"SELECT bool_or(leads) AS leads FROM (
               SELECT true AS leads FROM post
               WHERE organisation = $1 AND person = $2 AND in_force
                 AND kind IN ('secretary', 'deputy_secretary', 'group_leader')
               UNION ALL
               SELECT false FROM affiliation
               WHERE organisation = $1 AND person = $2 AND in_force
               UNION ALL
               SELECT false FROM group_member
               WHERE party_group = $1 AND person = $2 AND in_force) w"#,
        of.uuid(),
        person.uuid()
    )
    .fetch_one(connection)
    .await?;
    Ok(role_from(leads))
}

/// What a person is in a room.
pub(super) async fn present_role(
    connection: &mut PgConnection,
    room: RoomId,
    person: PersonId,
) -> Done<Option<RoomRole>> {
    let word = sqlx::query_scalar!(
        "SELECT role FROM member WHERE room = $1 AND person = $2",
        room.uuid(),
        person.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(word.map(|word| role_of(&word)))
}

/// The name of a person.
pub(super) async fn name_of(connection: &mut PgConnection, person: PersonId) -> Done<String> {
    sqlx::query_scalar!("SELECT name FROM person WHERE id = $1", person.uuid())
        .fetch_one(connection)
        .await
}

/// Rooms that bear the name of an organisation: its own, and of a branch those of its groups.
pub(super) async fn rooms_below(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Done<Vec<(RoomId, OrganisationId)>> {
    let rows = sqlx::query!(
        r#"SELECT o.room AS "room!", o.id FROM organisation o
           JOIN organisation_version v ON v.organisation = o.id AND v.in_force
           WHERE o.room IS NOT NULL
             AND (o.id = $1 OR (v.parent = $1 AND o.kind = 'party_group'))
           ORDER BY o.room"#,
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (RoomId(row.room), OrganisationId(row.id))).collect())
}

/// Gives a room another title.
pub(super) async fn set_title(
    connection: &mut PgConnection,
    room: RoomId,
    title: &str,
) -> Done<()> {
    sqlx::query!("UPDATE room SET title = $2 WHERE id = $1", room.uuid(), title)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether there is such a person with an account.
pub(super) async fn person_exists(connection: &mut PgConnection, person: PersonId) -> Done<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM account WHERE person = $1) AS "known!""#,
        person.uuid()
    )
    .fetch_one(connection)
    .await
}
