//! All SQL of the demo data.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Plan;

/// One hub at a time makes demo data.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("LOCK TABLE demo IN EXCLUSIVE MODE").execute(connection).await?;
    Ok(())
}

/// The plan of the demo data in this database.
pub(super) async fn made(connection: &mut PgConnection) -> Result<Option<Plan>, sqlx::Error> {
    let row = sqlx::query!("SELECT seed, start_date, members FROM demo")
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| Plan {
        seed: row.seed.cast_unsigned(),
        start: row.start_date,
        members: u16::try_from(row.members).unwrap_or_default(),
    }))
}

/// Whether anybody is in the database.
pub(super) async fn has_people(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM person) AS "some!""#)
        .fetch_one(connection)
        .await
}

/// Writes down what was made.
pub(super) async fn mark(
    connection: &mut PgConnection,
    plan: &Plan,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO demo (seed, start_date, members, made_at) VALUES ($1, $2, $3, $4)",
        plan.seed.cast_signed(),
        plan.start,
        i32::from(plan.members),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was made, as numbers, and one number for all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    pub organisations: i64,
    pub members: i64,
    pub mobile: i64,
    pub joins: i64,
    pub messages: i64,
    pub meetings: i64,
    /// SHA-256 over ids, names, places, posts, cases, meetings, records and events; 64 hexadecimal
    /// digits. The same for the same seed, start and number of members.
    pub checksum: String,
}

/// Counts what is there.
pub(super) async fn counts(connection: &mut PgConnection) -> Result<Counts, sqlx::Error> {
    sqlx::query_as!(
        Counts,
        r#"SELECT (SELECT count(*) FROM organisation) AS "organisations!",
                  (SELECT count(*) FROM party_member) AS "members!",
                  (SELECT count(*) FROM party_member WHERE mobile_since IS NOT NULL) AS "mobile!",
                  (SELECT count(*) FROM join_case) AS "joins!",
                  (SELECT count(*) FROM event WHERE cid LIKE 'demo-%') AS "messages!",
                  (SELECT count(*) FROM meeting) AS "meetings!",
                  encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')),
                         'hex') AS "checksum!"
           FROM (
               SELECT concat_ws(' ', 'person', id, name) FROM person
               UNION ALL SELECT concat_ws(' ', 'place', organisation, kind, name, parent)
                         FROM organisation_version
               UNION ALL SELECT concat_ws(' ', 'code', id, code, joint, room, founded_on)
                         FROM organisation
               UNION ALL SELECT concat_ws(' ', 'member', person, standing, votes, mobile_since)
                         FROM party_member
               UNION ALL SELECT concat_ws(' ', 'of', id, person, organisation, kind) FROM affiliation
               UNION ALL SELECT concat_ws(' ', 'group', id, person, party_group) FROM group_member
               UNION ALL SELECT concat_ws(' ', 'post', id, person, organisation, kind, term_ends_on)
                         FROM post
               UNION ALL SELECT concat_ws(' ', 'join', id, person, organisation, state) FROM join_case
               UNION ALL SELECT concat_ws(' ', 'meeting', id, organisation, state, title)
                         FROM meeting
               UNION ALL SELECT concat_ws(' ', 'record', organisation, n, encode(h, 'hex'))
                         FROM audit_record
               UNION ALL SELECT concat_ws(' ', 'event', room, seq, author, cid, kind, body) FROM event
           ) AS lines (line)"#
    )
    .fetch_one(connection)
    .await
}
