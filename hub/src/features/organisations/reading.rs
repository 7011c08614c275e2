//! What pages show of the tree, of members and of posts: the statements and their rows.

use std::collections::HashMap;

use signaling::event::chat::RoomRole;
use signaling::http::organisations::{
    AffiliationKind, JointUnit, MemberRow, OrganisationName, OrganisationRow, OrganisationVersion,
    OwnPlace, PostKind, PostRow,
};
use signaling::{OrganisationId, PersonId, PostId, RoomId};
use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::queries::broken;
use super::rules::Figures;
use super::types::{affiliation_of, joint_of, kind_of, post_of, standing_of};
use crate::timeline::role_of;

type Done<T> = Result<T, sqlx::Error>;

/// Rows of one list.
pub(super) const LIST_ROWS_MAX: usize = 200;

/// Which organisations a list shows.
#[derive(Clone, Debug)]
pub(super) enum Listing {
    Roots,
    Below(OrganisationId),
    One(OrganisationId),
    /// Part of a name, or a code.
    Named(String),
}

/// Organisations with their figures, one more than a list shows.
pub(super) async fn rows(
    connection: &mut PgConnection,
    listing: &Listing,
) -> Done<Vec<OrganisationRow>> {
    let (roots, parent, one, text) = match listing {
        Listing::Roots => (true, None, None, None),
        Listing::Below(id) => (false, Some(id.uuid()), None, None),
        Listing::One(id) => (false, None, Some(id.uuid()), None),
        Listing::Named(text) => (false, None, None, Some(text.as_str())),
    };
    let rows = sqlx::query!(
        r#"SELECT o.id, o.kind, o.code, o.joint, o.room, o.dissolved_on, v.name, v.parent,
                  (SELECT count(*) FROM organisation_version c
                   WHERE c.parent = o.id AND c.in_force) AS "children!",
                  (SELECT count(*) FROM affiliation a
                   WHERE a.organisation = o.id AND a.home)
                  + (SELECT count(*) FROM group_member g
                     WHERE g.party_group = o.id AND g.in_force) AS "members!",
                  (SELECT count(*) FROM affiliation a
                   WHERE a.organisation = o.id AND a.in_force AND a.kind = 'participating')
                      AS "participating!",
                  (SELECT n.name FROM post p JOIN person n ON n.id = p.person
                   WHERE p.organisation = o.id AND p.sole) AS head
           FROM organisation o
           JOIN organisation_version v ON v.organisation = o.id AND v.in_force
           JOIN organisation_kind k ON k.kind = o.kind
           WHERE ($1 AND v.parent IS NULL AND o.open) OR (v.parent = $2 AND o.open) OR o.id = $3
              OR (o.open AND (o.code = $4 OR position($4 IN v.name) > 0))
           ORDER BY k.level, v.name, o.id LIMIT 201"#,
        roots,
        parent,
        one,
        text
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OrganisationRow {
                organisation: OrganisationId(row.id),
                kind: kind_of(&row.kind).map_err(broken)?,
                name: row.name,
                code: row.code,
                parent: row.parent.map(OrganisationId),
                joint: row.joint.map(|word| joint_of(&word)).transpose().map_err(broken)?,
                room: row.room.map(RoomId),
                children: row.children,
                members: row.members,
                participating: row.participating,
                head: row.head,
                dissolved_on: row.dissolved_on,
            })
        })
        .collect()
}

/// From the root down to an organisation.
pub(super) async fn path(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Done<Vec<OrganisationName>> {
    let rows = sqlx::query!(
        r#"SELECT v.organisation, v.kind, v.name FROM organisation_up($1) u
           JOIN organisation_version v ON v.organisation = u.organisation AND v.in_force
           ORDER BY u.distance DESC"#,
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    let name = |id: Uuid, kind: String, name| {
        let kind = kind_of(&kind).map_err(broken)?;
        Ok(OrganisationName { organisation: OrganisationId(id), kind, name })
    };
    rows.into_iter().map(|row| name(row.organisation, row.kind, row.name)).collect()
}

/// Names and places that an organisation had, the present one last.
pub(super) async fn history(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Done<Vec<OrganisationVersion>> {
    let rows = sqlx::query!(
        r#"SELECT v.name, v.parent, v.parent_kind, v.from_at, v.until_at, v.reason,
                  (SELECT p.name FROM organisation_version p
                   WHERE p.organisation = v.parent AND p.from_at <= coalesce(v.until_at, v.from_at)
                   ORDER BY p.from_at DESC LIMIT 1) AS parent_name
           FROM organisation_version v WHERE v.organisation = $1 ORDER BY v.from_at"#,
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let parent = match (row.parent, row.parent_kind) {
                (Some(id), Some(kind)) => Some(OrganisationName {
                    organisation: OrganisationId(id),
                    kind: kind_of(&kind).map_err(broken)?,
                    name: row.parent_name.unwrap_or_default(),
                }),
                _ => None,
            };
            let (name, from, until, reason) = (row.name, row.from_at, row.until_at, row.reason);
            Ok(OrganisationVersion { name, parent, from, until, reason })
        })
        .collect()
}

/// Posts that are held at an organisation, or one of them.
pub(super) async fn posts(
    connection: &mut PgConnection,
    of: Option<OrganisationId>,
    one: Option<PostId>,
) -> Done<Vec<PostRow>> {
    let rows = sqlx::query!(
        "SELECT p.id, p.kind, p.of_kind, p.organisation, v.name AS organisation_name,
                p.person, n.name, p.from_on, p.term_ends_on
         FROM post p JOIN person n ON n.id = p.person
         JOIN organisation_version v ON v.organisation = p.organisation AND v.in_force
         WHERE p.in_force AND (p.organisation = $1 OR p.id = $2)
         ORDER BY p.from_on, p.id",
        of.map(OrganisationId::uuid),
        one.map(PostId::uuid)
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PostRow {
                post: PostId(row.id),
                kind: post_of(&row.kind).map_err(broken)?,
                organisation: OrganisationName {
                    organisation: OrganisationId(row.organisation),
                    kind: kind_of(&row.of_kind).map_err(broken)?,
                    name: row.organisation_name,
                },
                person: PersonId(row.person),
                name: row.name,
                from: row.from_on,
                term_ends_on: row.term_ends_on,
            })
        })
        .collect()
}

/// The day of founding, and the units of a joint branch.
pub(super) async fn founding(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Done<(Date, Vec<JointUnit>)> {
    let founded_on =
        sqlx::query_scalar!("SELECT founded_on FROM organisation WHERE id = $1", of.uuid())
            .fetch_one(&mut *connection)
            .await?;
    let units = sqlx::query!(
        "SELECT name, full_members FROM joint_unit WHERE organisation = $1 ORDER BY name",
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    let unit =
        |name, full: i16| JointUnit { name, full_members: u16::try_from(full).unwrap_or_default() };
    Ok((founded_on, units.into_iter().map(|row| unit(row.name, row.full_members)).collect()))
}

/// What the warnings of an organisation look at, the units excepted.
pub(super) async fn figures(connection: &mut PgConnection, of: OrganisationId) -> Done<Figures> {
    let row = sqlx::query!(
        r#"SELECT
               (SELECT count(*) FROM affiliation a WHERE a.organisation = $1 AND a.home) AS "home!",
               (SELECT count(*) FROM affiliation a JOIN party_member m ON m.person = a.person
                WHERE a.organisation = $1 AND a.home AND m.standing = 'full') AS "full!",
               (SELECT count(*) FROM group_member g
                WHERE g.party_group = $1 AND g.in_force) AS "group_members!",
               EXISTS (SELECT 1 FROM post p WHERE p.organisation = $1 AND p.sole) AS "has_head!",
               (SELECT min(p.term_ends_on) FROM post p
                WHERE p.organisation = $1 AND p.in_force) AS earliest"#,
        of.uuid()
    )
    .fetch_one(connection)
    .await?;
    Ok(Figures {
        home: row.home,
        full: row.full,
        group_members: row.group_members,
        has_head: row.has_head,
        earliest_term_end: row.earliest,
        units: Vec::new(),
    })
}

/// Members of a branch or group by the id of the person, after one of them, one more than a list
/// shows; the numbers are masked by the caller.
pub(super) async fn members(
    connection: &mut PgConnection,
    of: OrganisationId,
    after: Option<PersonId>,
    only: Option<PersonId>,
) -> Done<Vec<MemberRow>> {
    let rows = sqlx::query!(
        r#"SELECT m.person, n.name, m.standing, m.mobile_since IS NOT NULL AS "mobile!",
                  coalesce(w.kind, CASE WHEN h.organisation = b.branch THEN 'home'
                                        ELSE 'participating' END) AS "affiliation!",
                  coalesce(v.name, m.home_elsewhere, '') AS "home!",
                  ARRAY(SELECT p.kind FROM post p WHERE p.person = m.person AND p.in_force
                        AND p.organisation = $1 ORDER BY p.kind) AS "posts!"
           FROM (SELECT a.person, a.organisation AS branch FROM affiliation a
                 WHERE a.organisation = $1 AND a.in_force
                 UNION
                 SELECT g.person, g.branch FROM group_member g
                 WHERE g.party_group = $1 AND g.in_force) b
           JOIN party_member m ON m.person = b.person
           JOIN person n ON n.id = m.person
           LEFT JOIN affiliation w ON w.person = m.person AND w.organisation = $1 AND w.in_force
           LEFT JOIN affiliation h ON h.person = m.person AND h.home
           LEFT JOIN organisation_version v ON v.organisation = h.organisation AND v.in_force
           WHERE ($2::uuid IS NULL OR m.person > $2) AND ($3::uuid IS NULL OR m.person = $3)
           ORDER BY m.person LIMIT 201"#,
        of.uuid(),
        after.map(PersonId::uuid),
        only.map(PersonId::uuid)
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let posts = row.posts.iter().map(|word| post_of(word).map_err(broken));
            Ok(MemberRow {
                person: PersonId(row.person),
                name: row.name,
                standing: standing_of(&row.standing).map_err(broken)?,
                affiliation: affiliation_of(&row.affiliation).map_err(broken)?,
                mobile: row.mobile,
                home: row.home,
                phone_masked: String::new(),
                posts: posts.collect::<Done<_>>()?,
            })
        })
        .collect()
}

/// Branches, groups and posts of a person, the home first.
pub(super) async fn places(connection: &mut PgConnection, person: PersonId) -> Done<Vec<OwnPlace>> {
    let rows = sqlx::query!(
        r#"SELECT o.id, o.kind, v.name, o.room, w.kind AS "affiliation?", r.role AS "role?",
                  ARRAY(SELECT p.kind FROM post p WHERE p.person = $1 AND p.in_force
                        AND p.organisation = o.id ORDER BY p.kind) AS "posts!"
           FROM (SELECT organisation FROM affiliation WHERE person = $1 AND in_force
                 UNION SELECT party_group FROM group_member WHERE person = $1 AND in_force
                 UNION SELECT organisation FROM post WHERE person = $1 AND in_force) b
           JOIN organisation o ON o.id = b.organisation
           JOIN organisation_version v ON v.organisation = o.id AND v.in_force
           LEFT JOIN affiliation w
               ON w.person = $1 AND w.organisation = o.id AND w.in_force
           LEFT JOIN member r ON r.room = o.room AND r.person = $1
           ORDER BY w.home NULLS LAST, w.kind NULLS LAST, v.name, o.id"#,
        person.uuid()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let posts = row.posts.iter().map(|word| post_of(word).map_err(broken));
            let affiliation: Option<AffiliationKind> =
                row.affiliation.map(|word| affiliation_of(&word)).transpose().map_err(broken)?;
            let role: Option<RoomRole> = row.role.map(|word| role_of(&word));
            Ok(OwnPlace {
                organisation: OrganisationName {
                    organisation: OrganisationId(row.id),
                    kind: kind_of(&row.kind).map_err(broken)?,
                    name: row.name,
                },
                affiliation,
                room: row.room.map(RoomId),
                role,
                posts: posts.collect::<Done<Vec<PostKind>>>()?,
            })
        })
        .collect()
}

/// Posts that people hold at an organisation, by person.
pub(super) async fn posts_by_person(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Done<HashMap<PersonId, Vec<PostKind>>> {
    let mut by_person: HashMap<PersonId, Vec<PostKind>> = HashMap::new();
    for post in posts(connection, Some(of), None).await? {
        by_person.entry(post.person).or_default().push(post.kind);
    }
    Ok(by_person)
}
