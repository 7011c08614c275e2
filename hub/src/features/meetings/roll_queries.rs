//! SQL of rolls: whom a meeting calls, what they answer, where they are.

use signaling::http::meetings::{MeetingKind, MeetingPlace};
use signaling::{DeviceId, MeetingId, OrganisationId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::queries::{broken, number, stored};
use super::quorum::{Attendee, Place};
use super::types::{RollRow, RosterRow, place_of, place_word};

type Done<T> = Result<T, sqlx::Error>;

/// Where a roster is read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roster {
    pub branch: OrganisationId,
    /// Of a group meeting.
    pub group: Option<OrganisationId>,
    pub kind: MeetingKind,
    /// Whose exemptions count.
    pub meeting: MeetingId,
}

/// Whom the tables of members call to a meeting, by name, at most 2,000.
pub(super) async fn roster(connection: &mut PgConnection, of: Roster) -> Done<Vec<RosterRow>> {
    let rows = sqlx::query!(
        r#"SELECT b.* FROM (
               SELECT a.person AS "person!", n.name AS "name!", m.standing = 'full' AS "full!",
                      m.votes AS "rights!", a.kind = 'home' AS "home!",
                      EXISTS (SELECT 1 FROM post p
                              WHERE p.person = a.person AND p.organisation = $1 AND p.in_force)
                          AS "committee!",
                      EXISTS (SELECT 1 FROM meeting_exemption x
                              WHERE x.meeting = $4 AND x.person = a.person) AS "exempt!"
               FROM affiliation a
               JOIN party_member m ON m.person = a.person AND m.ended_at IS NULL
               JOIN account c ON c.person = a.person
               JOIN person n ON n.id = a.person
               WHERE a.organisation = $1 AND a.in_force
                 AND ($2::uuid IS NULL OR EXISTS (
                     SELECT 1 FROM group_member g
                     WHERE g.party_group = $2 AND g.person = a.person AND g.in_force))) b
           WHERE b."committee!" OR NOT $3
           ORDER BY b."name!", b."person!" LIMIT 2000"#,
        of.branch.uuid(),
        of.group.map(OrganisationId::uuid),
        of.kind == MeetingKind::CommitteeMeeting,
        of.meeting.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| RosterRow {
            person: PersonId(row.person),
            name: row.name,
            full: row.full,
            rights: row.rights,
            home: row.home,
            committee: row.committee,
            exempt: row.exempt,
        })
        .collect())
}

/// Writes whom a meeting calls. What somebody answered, and where somebody is, stays; who is not
/// called any more and did not come as an observer is taken off.
pub(super) async fn fix(
    connection: &mut PgConnection,
    of: MeetingId,
    roster: &[RosterRow],
) -> Done<()> {
    let people: Vec<Uuid> = roster.iter().map(|row| row.person.uuid()).collect();
    let of_each = |holds: fn(&RosterRow) -> bool| roster.iter().map(holds).collect::<Vec<bool>>();
    sqlx::query!(
        "DELETE FROM meeting_roll WHERE meeting = $1 AND NOT observer AND person <> ALL ($2)",
        of.uuid(),
        &people
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO meeting_roll (meeting, person, full_member, rights, home, exempt, committee)
         SELECT $1, * FROM unnest($2::uuid[], $3::boolean[], $4::boolean[], $5::boolean[],
                                  $6::boolean[], $7::boolean[])
         ON CONFLICT (meeting, person) DO UPDATE
         SET full_member = excluded.full_member, rights = excluded.rights, home = excluded.home,
             exempt = excluded.exempt, committee = excluded.committee",
        of.uuid(),
        &people,
        &of_each(|row| row.full),
        &of_each(|row| row.rights),
        &of_each(|row| row.home),
        &of_each(|row| row.exempt),
        &of_each(|row| row.committee)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts an observer on the roll.
pub(super) async fn insert_observer(
    connection: &mut PgConnection,
    (of, person): (MeetingId, PersonId),
    office: &str,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_roll (meeting, person, full_member, rights, home, exempt, committee,
                                   observer, office)
         VALUES ($1, $2, false, false, false, false, false, true, $3)
         ON CONFLICT (meeting, person) DO NOTHING",
        of.uuid(),
        person.uuid(),
        office
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A roll by name, or one person on it.
pub(super) async fn roll(
    connection: &mut PgConnection,
    of: MeetingId,
    only: Option<PersonId>,
) -> Done<Vec<RollRow>> {
    let rows = sqlx::query!(
        "SELECT o.person, n.name, o.full_member, o.rights, o.home, o.exempt, o.committee,
                o.observer, o.office, o.attends, o.answer_reason, o.delivered_at, o.place,
                o.device, o.seen_at, o.venue, o.signed_in_at, o.late
         FROM meeting_roll o JOIN person n ON n.id = o.person
         WHERE o.meeting = $1 AND ($2::uuid IS NULL OR o.person = $2)
         ORDER BY n.name, o.person",
        of.uuid(),
        only.map(PersonId::uuid)
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = match (place_of(&row.place).map_err(broken)?, row.seen_at) {
                (MeetingPlace::Online, Some(seen_at)) => Place::Online(seen_at),
                (MeetingPlace::OnSite, _) => Place::OnSite,
                (MeetingPlace::Venue, _) => Place::Venue,
                _ => Place::Away,
            };
            Ok(RollRow {
                person: PersonId(row.person),
                name: row.name,
                attendee: Attendee {
                    full: row.full_member,
                    rights: row.rights,
                    home: row.home,
                    exempt: row.exempt,
                    committee: row.committee,
                    observer: row.observer,
                    place,
                },
                office: row.office,
                attends: row.attends,
                answer_reason: row.answer_reason,
                delivered_at: row.delivered_at,
                device: row.device.map(DeviceId),
                venue: row.venue.map(number),
                signed_in_at: row.signed_in_at,
                late: row.late,
            })
        })
        .collect()
}

/// Writes an answer to the notice.
pub(super) async fn answer(
    connection: &mut PgConnection,
    (of, person): (MeetingId, PersonId),
    (attends, reason): (bool, Option<&str>),
) -> Done<()> {
    sqlx::query!(
        "UPDATE meeting_roll SET attends = $3, answer_reason = $4
         WHERE meeting = $1 AND person = $2",
        of.uuid(),
        person.uuid(),
        attends,
        reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The notices of these meetings reached a person.
pub(super) async fn deliver(
    connection: &mut PgConnection,
    person: PersonId,
    (meetings, now): (&[Uuid], OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "UPDATE meeting_roll SET delivered_at = $3
         WHERE person = $1 AND meeting = ANY ($2) AND delivered_at IS NULL",
        person.uuid(),
        meetings,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Where somebody is from now on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub place: MeetingPlace,
    /// Of somebody who is online.
    pub device: Option<DeviceId>,
    /// Of somebody at a venue.
    pub venue: Option<u16>,
    /// The meeting had opened.
    pub late: bool,
}

/// Writes where somebody is; the first arrival stays on record.
pub(super) async fn place(
    connection: &mut PgConnection,
    (of, person): (MeetingId, PersonId),
    arrival: Arrival,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE meeting_roll
         SET place = $3, device = $4, seen_at = $7, venue = $5,
             late = CASE WHEN signed_in_at IS NULL AND $3 <> 'away' THEN $6 ELSE late END,
             signed_in_at = CASE WHEN $3 = 'away' THEN signed_in_at
                                 ELSE coalesce(signed_in_at, $7) END
         WHERE meeting = $1 AND person = $2",
        of.uuid(),
        person.uuid(),
        place_word(arrival.place),
        arrival.device.map(DeviceId::uuid),
        arrival.venue.map(stored),
        arrival.late,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody at a device was heard of; `false` where nobody is signed in there.
pub(super) async fn hear(
    connection: &mut PgConnection,
    (of, person): (MeetingId, PersonId),
    (device, now): (DeviceId, OffsetDateTime),
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE meeting_roll o SET seen_at = greatest(seen_at, $4)
         FROM meeting m
         WHERE o.meeting = $1 AND o.person = $2 AND o.place = 'online' AND o.device = $3
           AND m.id = $1 AND m.state IN ('sign_in', 'open')",
        of.uuid(),
        person.uuid(),
        device.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
