//! All SQL of the leader's view, one function per statement.

use signaling::http::leading::{Candidate, Contact};
use signaling::{OrganisationId, PersonId, RoomId};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

type Done<T> = Result<T, sqlx::Error>;

/// A person in a room, and what the tables know of the membership.
pub(super) struct RosterRow {
    pub person: PersonId,
    pub name: String,
    pub role: String,
    /// `home` or `participating` in the branch; none for officers from elsewhere.
    pub affiliation: Option<String>,
    pub home: String,
    pub full: bool,
    pub votes: bool,
}

/// Everyone in a room, leaders first, then by name.
pub(super) async fn roster(
    connection: &mut PgConnection,
    (room, branch): (RoomId, OrganisationId),
) -> Done<Vec<RosterRow>> {
    let rows = sqlx::query!(
        r#"SELECT r.person, n.name, r.role, a.kind AS "affiliation?",
                  coalesce(v.name, m.home_elsewhere, '') AS "home!",
                  coalesce(m.standing = 'full', false) AS "full!",
                  coalesce(m.votes, false) AS "votes!"
           FROM member r JOIN person n ON n.id = r.person
           LEFT JOIN party_member m ON m.person = r.person AND m.ended_at IS NULL
           LEFT JOIN affiliation a
               ON a.person = r.person AND a.organisation = $2 AND a.in_force
           LEFT JOIN affiliation h ON h.person = r.person AND h.home
           LEFT JOIN organisation_version v ON v.organisation = h.organisation AND v.in_force
           WHERE r.room = $1 ORDER BY (r.role = 'leader') DESC, n.name, r.person LIMIT 2000"#,
        room.uuid(),
        branch.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| RosterRow {
            person: PersonId(row.person),
            name: row.name,
            role: row.role,
            affiliation: row.affiliation,
            home: row.home,
            full: row.full,
            votes: row.votes,
        })
        .collect())
}

/// Members of a branch who are in none of its groups.
pub(super) async fn candidates(
    connection: &mut PgConnection,
    branch: OrganisationId,
) -> Done<Vec<Candidate>> {
    let rows = sqlx::query!(
        "SELECT a.person, n.name FROM affiliation a JOIN person n ON n.id = a.person
         WHERE a.organisation = $1 AND a.in_force AND NOT EXISTS (
             SELECT 1 FROM group_member g
             WHERE g.person = a.person AND g.branch = $1 AND g.in_force)
         ORDER BY n.name, a.person LIMIT 500",
        branch.uuid()
    )
    .fetch_all(connection)
    .await?;
    let candidate = |person, name| Candidate { person: PersonId(person), name };
    Ok(rows.into_iter().map(|row| candidate(row.person, row.name)).collect())
}

/// What one member did from a moment to another.
pub(super) struct ActivityRow {
    pub person: PersonId,
    pub name: String,
    pub mobile: bool,
    pub messages: i64,
    pub contacts: i64,
    pub last_on: Option<Date>,
    pub last_by: Option<String>,
    pub last_text: Option<String>,
    pub last_noted_at: Option<OffsetDateTime>,
}

/// What the members of a room did from a moment to another, by name.
pub(super) async fn activity(
    connection: &mut PgConnection,
    room: RoomId,
    (from, until): (OffsetDateTime, OffsetDateTime),
    (first, last): (Date, Date),
) -> Done<Vec<ActivityRow>> {
    let rows = sqlx::query!(
        r#"SELECT r.person, n.name, coalesce(m.mobile_since IS NOT NULL, false) AS "mobile!",
                  (SELECT count(*) FROM event e
                   WHERE e.room = r.room AND e.author = r.person AND e.kind = 1
                     AND e.ts >= $2 AND e.ts < $3) AS "messages!",
                  (SELECT count(*) FROM contact_note c
                   WHERE c.person = r.person AND c.organisation = o.id
                     AND c.made_on BETWEEN $4 AND $5) AS "contacts!",
                  l.made_on AS "last_on?", b.name AS "last_by?", l.text AS "last_text?",
                  l.noted_at AS "last_noted_at?"
           FROM member r JOIN person n ON n.id = r.person
           JOIN organisation o ON o.room = r.room
           LEFT JOIN party_member m ON m.person = r.person AND m.ended_at IS NULL
           LEFT JOIN LATERAL (
               SELECT c.made_on, c.made_by, c.text, c.noted_at FROM contact_note c
               WHERE c.person = r.person AND c.organisation = o.id
               ORDER BY c.made_on DESC, c.id DESC LIMIT 1) l ON true
           LEFT JOIN person b ON b.id = l.made_by
           WHERE r.room = $1 ORDER BY n.name, r.person LIMIT 2000"#,
        room.uuid(),
        from,
        until,
        first,
        last
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ActivityRow {
            person: PersonId(row.person),
            name: row.name,
            mobile: row.mobile,
            messages: row.messages,
            contacts: row.contacts,
            last_on: row.last_on,
            last_by: row.last_by,
            last_text: row.last_text,
            last_noted_at: row.last_noted_at,
        })
        .collect())
}

/// Notes a contact.
pub(super) async fn insert_contact(
    connection: &mut PgConnection,
    (id, person, of): (Uuid, PersonId, OrganisationId),
    by: PersonId,
    (on, text, now): (Date, &str, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO contact_note (id, person, organisation, made_by, made_on, text, noted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        person.uuid(),
        of.uuid(),
        by.uuid(),
        on,
        text,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Contacts that were noted about a person, the newest first.
pub(super) async fn contacts_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Vec<Contact>> {
    sqlx::query_as!(
        Contact,
        r#"SELECT c.made_on AS "on", b.name AS by, c.text, c.noted_at
           FROM contact_note c JOIN person b ON b.id = c.made_by
           WHERE c.person = $1 ORDER BY c.made_on DESC, c.id DESC LIMIT 200"#,
        person.uuid()
    )
    .fetch_all(connection)
    .await
}
