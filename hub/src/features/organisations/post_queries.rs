//! SQL of posts and of what follows from them, one function per statement.

use signaling::http::organisations::PostKind;
use signaling::{OrganisationId, PersonId, PostId};
use sqlx::PgConnection;
use time::Date;

use super::queries::{Decision, broken};
use super::rules::{DESK_POSTS, HeldPost};
use super::types::{Organisation, kind_of, kind_word, post_of, post_word};

type Done<T> = Result<T, sqlx::Error>;

/// A post to be given.
pub(super) struct NewPost<'a> {
    pub id: PostId,
    pub at: &'a Organisation,
    pub person: PersonId,
    pub kind: PostKind,
    pub term: (Date, Option<Date>),
}

/// Gives a post.
pub(super) async fn insert_post(
    connection: &mut PgConnection,
    post: &NewPost<'_>,
    (by, reason): (Option<PersonId>, &str),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO post (id, organisation, of_kind, person, kind, from_on, term_ends_on,
                           begun_by, begun_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        post.id.uuid(),
        post.at.id.uuid(),
        kind_word(post.at.kind),
        post.person.uuid(),
        post_word(post.kind),
        post.term.0,
        post.term.1,
        by.map(PersonId::uuid),
        reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who holds a post where, while it is held.
pub(super) async fn post(
    connection: &mut PgConnection,
    id: PostId,
) -> Done<Option<(OrganisationId, PersonId, PostKind)>> {
    let row = sqlx::query!(
        "SELECT organisation, person, kind FROM post WHERE id = $1 AND in_force",
        id.uuid()
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let kind = post_of(&row.kind).map_err(broken)?;
    Ok(Some((OrganisationId(row.organisation), PersonId(row.person), kind)))
}

/// Posts of a person at an organisation that rest on the membership.
pub(super) async fn posts_at(
    connection: &mut PgConnection,
    person: PersonId,
    at: OrganisationId,
) -> Done<Vec<PostId>> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM post WHERE person = $1 AND organisation = $2 AND in_force",
        person.uuid(),
        at.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(PostId).collect())
}

/// Ends a post.
pub(super) async fn end_post(
    connection: &mut PgConnection,
    id: PostId,
    (by, reason, now): Decision<'_>,
) -> Done<()> {
    sqlx::query!(
        "UPDATE post SET until_at = $4, ended_by = $2, ended_reason = $3 WHERE id = $1 AND in_force",
        id.uuid(),
        by.map(PersonId::uuid),
        reason,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The posts that a person holds at an organisation and above it. A department counts as the
/// committee that it belongs to.
pub(super) async fn posts_over(
    connection: &mut PgConnection,
    person: PersonId,
    of: OrganisationId,
) -> Done<Vec<HeldPost>> {
    let rows = sqlx::query!(
        r#"WITH up AS (
               SELECT organisation, distance FROM organisation_up($2)
           ), reach AS (
               SELECT organisation, distance FROM up
               UNION ALL
               SELECT d.organisation, u.distance FROM up u
               JOIN organisation_version d ON d.parent = u.organisation AND d.in_force
               WHERE d.kind = 'organization_department'
           )
           SELECT p.kind, p.of_kind, min(r.distance) AS "distance!" FROM reach r
           JOIN post p ON p.organisation = r.organisation AND p.person = $1 AND p.in_force
           GROUP BY p.id, p.kind, p.of_kind"#,
        person.uuid(),
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind = post_of(&row.kind).map_err(broken)?;
            Ok(HeldPost {
                kind,
                of: kind_of(&row.of_kind).map_err(broken)?,
                distance: row.distance,
            })
        })
        .collect()
}

/// The nearest organisation above `of`, departments of the committees included, at which a person
/// holds a post.
pub(super) async fn office_over(
    connection: &mut PgConnection,
    person: PersonId,
    of: OrganisationId,
) -> Done<String> {
    sqlx::query_scalar!(
        "SELECT v.name FROM organisation_up($2) u
         JOIN organisation_version v ON v.in_force AND (v.organisation = u.organisation
             OR (v.parent = u.organisation AND v.kind = 'organization_department'))
         JOIN post p ON p.organisation = v.organisation AND p.person = $1 AND p.in_force
         WHERE v.organisation <> $2
         ORDER BY u.distance LIMIT 1",
        person.uuid(),
        of.uuid()
    )
    .fetch_one(connection)
    .await
}

/// Who answers for an organisation: holders of its leading posts, else of the nearest one above.
pub(super) async fn heads(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Done<Vec<PersonId>> {
    let rows = sqlx::query!(
        r#"SELECT p.person, u.distance AS "distance!" FROM organisation_up($1) u
           JOIN post p ON p.organisation = u.organisation AND p.in_force
           WHERE p.kind IN ('secretary', 'deputy_secretary', 'organization_officer', 'group_leader')
           ORDER BY u.distance, p.from_on, p.id"#,
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    let nearest = rows.first().map(|row| row.distance);
    let near = rows.into_iter().filter(|row| Some(row.distance) == nearest);
    let mut people: Vec<PersonId> = near.map(|row| PersonId(row.person)).collect();
    people.dedup();
    Ok(people)
}

/// Whether a person holds a post that has a desk.
pub(super) async fn has_desk(connection: &mut PgConnection, person: PersonId) -> Done<bool> {
    let posts: Vec<String> = DESK_POSTS.iter().map(|&post| post.to_owned()).collect();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM post WHERE person = $1 AND in_force AND kind = ANY ($2))
           AS "desk!""#,
        person.uuid(),
        &posts
    )
    .fetch_one(connection)
    .await
}
