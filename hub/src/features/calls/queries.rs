//! All SQL of calls, one function per statement.

use signaling::event::calls::Attended;
use signaling::http::calls::{CallPresence, Hand};
use signaling::{CallId, DeviceId, PersonId, RoomId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::types::{Answer, Call, Decided, Seen, Standing};

type Done<T> = Result<T, sqlx::Error>;

/// The open call of a room.
pub(super) async fn open_in(connection: &mut PgConnection, room: RoomId) -> Done<Option<Call>> {
    let row = sqlx::query!(
        r#"SELECT id, started_by, started_at, busy_at, locked_at IS NOT NULL AS "locked!" FROM call
           WHERE room = $1 AND ended_at IS NULL"#,
        room.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Call {
        id: CallId(row.id),
        room,
        started_by: PersonId(row.started_by),
        started_at: row.started_at,
        busy_at: row.busy_at,
        locked: row.locked,
    }))
}

/// The room of a call that goes on.
pub(super) async fn room_of_open(
    connection: &mut PgConnection,
    call: CallId,
) -> Done<Option<RoomId>> {
    let room = sqlx::query_scalar!(
        "SELECT room FROM call WHERE id = $1 AND ended_at IS NULL",
        call.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(room.map(RoomId))
}

/// Every call that goes on, the oldest first.
pub(super) async fn open(connection: &mut PgConnection) -> Done<Vec<Call>> {
    let rows = sqlx::query!(
        r#"SELECT id, room, started_by, started_at, busy_at, locked_at IS NOT NULL AS "locked!"
           FROM call WHERE ended_at IS NULL ORDER BY id"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Call {
            id: CallId(row.id),
            room: RoomId(row.room),
            started_by: PersonId(row.started_by),
            started_at: row.started_at,
            busy_at: row.busy_at,
            locked: row.locked,
        })
        .collect())
}

/// Opens a call; the caller holds the head of the room and knows that none is open.
pub(super) async fn start(
    connection: &mut PgConnection,
    call: CallId,
    (room, person): (RoomId, PersonId),
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO call (id, room, started_by, started_at, looked_at, busy_at)
         VALUES ($1, $2, $3, $4, $4, $4)",
        call.uuid(),
        room.uuid(),
        person.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody is about to come: the call waits for them.
pub(super) async fn expect(
    connection: &mut PgConnection,
    call: CallId,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE call SET busy_at = greatest(busy_at, $2) WHERE id = $1 AND ended_at IS NULL",
        call.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a person was let in.
pub(super) async fn let_in(
    connection: &mut PgConnection,
    call: CallId,
    (person, device): (PersonId, DeviceId),
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO call_ticket (call, person, device, made_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (call, person) DO UPDATE
         SET device = excluded.device, made_at = excluded.made_at",
        call.uuid(),
        person.uuid(),
        device.0,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Those who were let into a call and may be there no more: neither a member of its room nor let
/// in by a leader, taken out by one, or the device was signed out.
pub(super) async fn outsiders(connection: &mut PgConnection, call: CallId) -> Done<Vec<PersonId>> {
    let people = sqlx::query_scalar!(
        "SELECT t.person FROM call_ticket t
         JOIN call c ON c.id = t.call JOIN device_session d ON d.id = t.device
         LEFT JOIN call_door o ON o.call = t.call AND o.person = t.person
         WHERE t.call = $1 AND (d.revoked_at IS NOT NULL
             OR o.person IS NOT NULL AND o.admitted IS NOT TRUE
             OR o.person IS NULL AND NOT EXISTS
                 (SELECT FROM member m WHERE m.room = c.room AND m.person = t.person))",
        call.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(people.into_iter().map(PersonId).collect())
}

/// Notes that the media server was asked, and whether anybody was there.
pub(super) async fn looked(
    connection: &mut PgConnection,
    call: CallId,
    busy: bool,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "UPDATE call SET looked_at = greatest(looked_at, $2),
             busy_at = CASE WHEN $3 THEN greatest(busy_at, $2) ELSE busy_at END
         WHERE id = $1 AND ended_at IS NULL",
        call.uuid(),
        now,
        busy
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes who was seen; people whom the hub does not know are left out.
pub(super) async fn seen(
    connection: &mut PgConnection,
    call: CallId,
    seen: &[Seen],
    now: OffsetDateTime,
) -> Done<()> {
    let sessions: Vec<String> = seen.iter().map(|one| one.session.clone()).collect();
    let people: Vec<Uuid> = seen.iter().map(|one| one.person.uuid()).collect();
    sqlx::query!(
        "INSERT INTO call_presence AS known (call, session, person, joined_at, seen_at)
         SELECT $1, s.session, p.id, $4, $4
         FROM unnest($2::text[], $3::uuid[]) AS s (session, person)
         JOIN person p ON p.id = s.person
         ON CONFLICT (call, session) DO UPDATE
         SET seen_at = greatest(known.seen_at, excluded.seen_at)",
        call.uuid(),
        &sessions,
        &people,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who was there at the last look, first come first.
pub(super) async fn present(
    connection: &mut PgConnection,
    call: CallId,
) -> Done<Vec<CallPresence>> {
    let rows = sqlx::query!(
        "SELECT p.id, p.name FROM call_presence s
         JOIN call c ON c.id = s.call JOIN person p ON p.id = s.person
         WHERE s.call = $1 AND s.seen_at >= c.looked_at
         GROUP BY p.id, p.name ORDER BY min(s.joined_at), p.id",
        call.uuid()
    )
    .fetch_all(connection)
    .await?;
    let one = |(id, name)| CallPresence { person: PersonId(id), name };
    Ok(rows.into_iter().map(|row| one((row.id, row.name))).collect())
}

/// Ends a call. Says whether it went on until now.
pub(super) async fn end(
    connection: &mut PgConnection,
    call: CallId,
    now: OffsetDateTime,
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE call SET ended_at = greatest($2, looked_at, busy_at)
         WHERE id = $1 AND ended_at IS NULL",
        call.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Who was in a call and for how long, longest first. Two connections at one time count once.
pub(super) async fn attended(
    connection: &mut PgConnection,
    call: CallId,
    people_max: i64,
) -> Done<Vec<Attended>> {
    let rows = sqlx::query!(
        r#"SELECT s.person, p.name,
                  extract(epoch FROM sum(upper(s.span) - lower(s.span)))::bigint AS "seconds!"
           FROM (SELECT person, unnest(range_agg(tstzrange(joined_at, seen_at, '[]'))) AS span
                 FROM call_presence WHERE call = $1 GROUP BY person) s
           JOIN person p ON p.id = s.person
           GROUP BY s.person, p.name ORDER BY 3 DESC, s.person LIMIT $2"#,
        call.uuid(),
        people_max
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Attended { person: PersonId(row.person), name: row.name, seconds: row.seconds })
        .collect())
}

/// Whether a person was let into a call and not taken out since.
pub(super) async fn is_let_in(
    connection: &mut PgConnection,
    call: CallId,
    person: PersonId,
) -> Done<bool> {
    let row = sqlx::query_scalar!(
        r#"SELECT 1 AS "one!" FROM call_ticket t WHERE t.call = $1 AND t.person = $2 AND NOT EXISTS
               (SELECT FROM call_door o
                WHERE o.call = t.call AND o.person = t.person AND o.admitted IS NOT TRUE)"#,
        call.uuid(),
        person.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// The raised hands of a call, the first one first.
pub(super) async fn hands(connection: &mut PgConnection, call: CallId) -> Done<Vec<Hand>> {
    let rows = sqlx::query!(
        r#"SELECT p.id, p.name, h.floor_at IS NOT NULL AS "floor!" FROM call_hand h
           JOIN person p ON p.id = h.person
           WHERE h.call = $1 ORDER BY h.raised_at, p.id"#,
        call.uuid()
    )
    .fetch_all(connection)
    .await?;
    let one = |(id, name, floor)| Hand { person: PersonId(id), name, floor };
    Ok(rows.into_iter().map(|row| one((row.id, row.name, row.floor))).collect())
}

/// Raises a hand; one that is up stays where it is.
pub(super) async fn raise_hand(
    connection: &mut PgConnection,
    call: CallId,
    person: PersonId,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO call_hand (call, person, raised_at) VALUES ($1, $2, $3)
         ON CONFLICT (call, person) DO NOTHING",
        call.uuid(),
        person.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lowers a hand.
pub(super) async fn lower_hand(
    connection: &mut PgConnection,
    call: CallId,
    person: PersonId,
) -> Done<()> {
    sqlx::query!(
        "DELETE FROM call_hand WHERE call = $1 AND person = $2",
        call.uuid(),
        person.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives the floor to a raised hand. Says whether it was up.
pub(super) async fn give_floor(
    connection: &mut PgConnection,
    call: CallId,
    person: PersonId,
    now: OffsetDateTime,
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE call_hand SET floor_at = coalesce(floor_at, greatest($3, raised_at))
         WHERE call = $1 AND person = $2",
        call.uuid(),
        person.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lowers the hands of those who were seen neither at the last look nor since `before`. Says whether
/// there were any.
pub(super) async fn lower_hands_of_absent(
    connection: &mut PgConnection,
    call: CallId,
    before: OffsetDateTime,
) -> Done<bool> {
    let done = sqlx::query!(
        "DELETE FROM call_hand h WHERE h.call = $1 AND h.raised_at < $2 AND NOT EXISTS
             (SELECT FROM call_presence s
              WHERE s.call = h.call AND s.person = h.person AND s.seen_at >= $2)",
        call.uuid(),
        before
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Where a person stands at the door of a call.
pub(super) async fn standing(
    connection: &mut PgConnection,
    call: CallId,
    person: PersonId,
) -> Done<Standing> {
    let row = sqlx::query!(
        r#"SELECT c.locked_at IS NOT NULL AS "locked!",
                  EXISTS (SELECT FROM call_ticket t WHERE t.call = c.id AND t.person = $2) AS "let_in!",
                  (SELECT count(DISTINCT s.person) FROM call_presence s
                   WHERE s.call = c.id AND s.seen_at >= c.looked_at) AS "people!",
                  EXISTS (SELECT FROM call_presence s WHERE s.call = c.id AND s.person = $2
                          AND s.seen_at >= c.looked_at) AS "present!",
                  o.person IS NOT NULL AS "asked!", o.admitted, o.decided_at
           FROM call c LEFT JOIN call_door o ON o.call = c.id AND o.person = $2
           WHERE c.id = $1"#,
        call.uuid(),
        person.uuid()
    )
    .fetch_one(connection)
    .await?;
    let decided = row.admitted.zip(row.decided_at);
    let answer =
        decided.map_or(Answer::NotYet, |(admitted, at)| Answer::Given(Decided { admitted, at }));
    Ok(Standing {
        let_in: row.let_in,
        present: row.present,
        asked: row.asked.then_some(answer),
        locked: row.locked,
        people: row.people,
    })
}

/// Locks a call or opens it again.
pub(super) async fn lock(
    connection: &mut PgConnection,
    call: CallId,
    since: Option<OffsetDateTime>,
) -> Done<()> {
    sqlx::query!(
        "UPDATE call SET locked_at = CASE WHEN $2::timestamptz IS NULL THEN NULL
             ELSE coalesce(locked_at, greatest($2, started_at)) END
         WHERE id = $1 AND ended_at IS NULL",
        call.uuid(),
        since
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that somebody asks to come in; what was decided before is asked anew. Who asked since
/// `since` keeps the place.
pub(super) async fn ask(
    connection: &mut PgConnection,
    call: CallId,
    person: PersonId,
    (since, now): (OffsetDateTime, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO call_door AS o (call, person, came_at, asked_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT (call, person) DO UPDATE
         SET came_at = CASE WHEN o.admitted IS NULL AND o.asked_at >= $4 THEN o.came_at
                 ELSE excluded.came_at END,
             asked_at = excluded.asked_at, admitted = NULL, decided_by = NULL, decided_at = NULL",
        call.uuid(),
        person.uuid(),
        now,
        since
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Decides about somebody who waits, and asked since `since`. Says whether they wait.
pub(super) async fn decide(
    connection: &mut PgConnection,
    call: CallId,
    (person, admitted): (PersonId, bool),
    (by, now): (PersonId, OffsetDateTime),
    since: OffsetDateTime,
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE call_door SET admitted = $3, decided_by = $4, decided_at = $5
         WHERE call = $1 AND person = $2 AND admitted IS NULL AND asked_at >= $6",
        call.uuid(),
        person.uuid(),
        admitted,
        by.uuid(),
        now,
        since
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes somebody out who was let in. Says whether they were.
pub(super) async fn take_out(
    connection: &mut PgConnection,
    call: CallId,
    person: PersonId,
    (by, now): (PersonId, OffsetDateTime),
) -> Done<bool> {
    let done = sqlx::query!(
        "INSERT INTO call_door (call, person, came_at, asked_at, admitted, decided_by, decided_at)
         SELECT t.call, t.person, $4, $4, false, $3, $4 FROM call_ticket t
         WHERE t.call = $1 AND t.person = $2
         ON CONFLICT (call, person) DO UPDATE
         SET admitted = false, decided_by = excluded.decided_by, decided_at = excluded.decided_at",
        call.uuid(),
        person.uuid(),
        by.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Who waits before the door and asked since `since`, the first one first.
pub(super) async fn waiting(
    connection: &mut PgConnection,
    call: CallId,
    since: OffsetDateTime,
    people_max: i64,
) -> Done<Vec<CallPresence>> {
    let rows = sqlx::query!(
        "SELECT p.id, p.name FROM call_door o JOIN person p ON p.id = o.person
         WHERE o.call = $1 AND o.admitted IS NULL AND o.asked_at >= $2
         ORDER BY o.came_at, p.id LIMIT $3",
        call.uuid(),
        since,
        people_max
    )
    .fetch_all(connection)
    .await?;
    let one = |(id, name)| CallPresence { person: PersonId(id), name };
    Ok(rows.into_iter().map(|row| one((row.id, row.name))).collect())
}
