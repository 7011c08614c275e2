//! SQL of votes and of the choices in them, one function per statement.

use signaling::http::meetings::{RollPart, VoteChoice, VoteOutcome};
use signaling::{MeetingId, PersonId, VoteId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::queries::{broken, number, stored};
use super::types::{
    BallotRow, VoteRow, case_of_word, case_word, choice_of, choice_word, outcome_of, outcome_word,
    part_of, part_word, way_of, way_word,
};

type Done<T> = Result<T, sqlx::Error>;

fn count(stored: Option<i32>) -> u32 {
    stored.and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
}

fn kept(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// The votes of a meeting, in the order in which they were called.
pub(super) async fn votes(connection: &mut PgConnection, of: MeetingId) -> Done<Vec<VoteRow>> {
    let rows = sqlx::query!(
        "SELECT id, number, cid, item, motion, way, of_case, formal, opened_at, closed_at, expected,
                present, needed, outcome
         FROM meeting_vote WHERE meeting = $1 ORDER BY number",
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let outcome = row.outcome.map(|word| outcome_of(&word));
            Ok(VoteRow {
                id: VoteId(row.id),
                number: number(row.number),
                cid: row.cid,
                item: row.item.map(number),
                motion: row.motion,
                way: way_of(&row.way).map_err(broken)?,
                case: case_of_word(&row.of_case).map_err(broken)?,
                formal: row.formal,
                opened_at: row.opened_at,
                closed_at: row.closed_at,
                expected: count(row.expected),
                present: count(row.present),
                needed: count(row.needed),
                outcome: outcome.transpose().map_err(broken)?,
            })
        })
        .collect()
}

/// The choices in the votes of a meeting, in the order of casting.
pub(super) async fn ballots(connection: &mut PgConnection, of: MeetingId) -> Done<Vec<BallotRow>> {
    let rows = sqlx::query!(
        r#"SELECT b.vote, b.person, n.name, b.part, b.choice, e.name AS "entered_by?"
           FROM meeting_ballot b
           JOIN meeting_vote v ON v.id = b.vote
           JOIN person n ON n.id = b.person
           LEFT JOIN person e ON e.id = b.entered_by
           WHERE v.meeting = $1 ORDER BY b.cast_at, b.person"#,
        of.uuid()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(BallotRow {
                vote: VoteId(row.vote),
                person: PersonId(row.person),
                name: row.name,
                part: part_of(&row.part).map_err(broken)?,
                choice: choice_of(&row.choice).map_err(broken)?,
                entered_by: row.entered_by,
            })
        })
        .collect()
}

/// Opens a vote.
pub(super) async fn insert(
    connection: &mut PgConnection,
    of: MeetingId,
    vote: &VoteRow,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_vote (id, meeting, number, cid, item, motion, way, of_case, formal,
                                   opened_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vote.id.uuid(),
        of.uuid(),
        stored(vote.number),
        vote.cid,
        vote.item.map(stored),
        vote.motion,
        way_word(vote.way),
        case_word(vote.case),
        vote.formal,
        vote.opened_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes a vote with what it came to.
pub(super) async fn close(
    connection: &mut PgConnection,
    vote: VoteId,
    ((expected, present), needed): ((u32, u32), u32),
    (outcome, now): (Option<VoteOutcome>, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "UPDATE meeting_vote
         SET closed_at = greatest($6, opened_at), expected = $2, present = $3, needed = $4,
             outcome = $5
         WHERE id = $1 AND closed_at IS NULL",
        vote.uuid(),
        kept(expected),
        kept(present),
        kept(needed),
        outcome.map(outcome_word),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a choice.
pub(super) async fn cast(
    connection: &mut PgConnection,
    (vote, person): (VoteId, PersonId),
    (part, choice): (RollPart, VoteChoice),
    (entered_by, now): (Option<PersonId>, OffsetDateTime),
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO meeting_ballot (vote, person, part, choice, cast_at, entered_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        vote.uuid(),
        person.uuid(),
        part_word(part),
        choice_word(choice),
        now,
        entered_by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}
