//! Who may post, and who works on a board.

use signaling::{OrganisationId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::types::Actor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::policies::day_of;
use crate::features::{moderation, text};

/// Years below which nobody has an account on a board.
const AGE_YEARS_MIN: i32 = 14;

/// What an organisation does on boards: [`Actor::Reviewer`], [`Actor::Decider`] or
/// [`Actor::Office`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    pub organisation: OrganisationId,
    pub actor: Actor,
}

/// The name in front of an account; `None`: has not agreed to the rules of posting.
pub async fn display_name(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "SELECT display_name FROM board_account WHERE person = $1",
        person.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(name)
}

/// Makes an account one that may post: a free name in front, old enough, agreed to the rules.
pub async fn agree(
    app: &App,
    person: PersonId,
    (display_name, birth_year): (&str, i32),
) -> Result<()> {
    let mut connection = app.db.acquire().await?;
    agree_in(&mut connection, person, (display_name, birth_year), app.clock.now()).await
}

/// As [`agree`], in a transaction of the caller.
pub async fn agree_in(
    connection: &mut PgConnection,
    person: PersonId,
    (display_name, birth_year): (&str, i32),
    now: OffsetDateTime,
) -> Result<()> {
    let year = may_post(birth_year, now)?;
    let name = text::name(display_name)?;
    let lists = moderation::lists(connection).await?;
    moderation::check_unseen(&lists, &[&name])?;
    let name = lists.public(&name);
    sqlx::query!(
        "INSERT INTO board_account (person, display_name, birth_year, agreed_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (person) DO UPDATE SET display_name = excluded.display_name",
        person.uuid(),
        name,
        year,
        now
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Refuses who is too young; returns the year as it is stored.
pub fn may_post(birth_year: i32, now: OffsetDateTime) -> Result<i16> {
    let this_year = day_of(now).year();
    if !(1900..=this_year).contains(&birth_year) {
        let sentence = "give the year of your birth with four digits";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    if this_year.saturating_sub(birth_year) < AGE_YEARS_MIN {
        let sentence = "whoever is younger than 14 can not post here";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    i16::try_from(birth_year)
        .map_err(|_| Error::refuse(RefusalCode::InvalidInput, "this is not a year"))
}

/// Duties of a person, by place.
pub async fn duties(connection: &mut PgConnection, person: PersonId) -> Result<Vec<Duty>> {
    let rows = sqlx::query!(
        "SELECT organisation, duty FROM board_duty WHERE person = $1 AND until_at IS NULL
         ORDER BY organisation, duty",
        person.uuid()
    )
    .fetch_all(connection)
    .await?;
    let duty = |organisation, word: &str| {
        Actor::of(word).map(|actor| Duty { organisation: OrganisationId(organisation), actor })
    };
    Ok(rows.iter().filter_map(|row| duty(row.organisation, &row.duty)).collect())
}

/// An organisation that has a board, or that answers posts.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: OrganisationId,
    pub name: String,
}

/// Organisations where somebody has this duty, by name.
pub async fn places(connection: &mut PgConnection, actor: Actor) -> Result<Vec<Place>> {
    let rows = sqlx::query!(
        r#"SELECT v.organisation AS id, v.name FROM organisation_version v
           WHERE v.in_force AND EXISTS (
               SELECT 1 FROM board_duty d
               WHERE d.organisation = v.organisation AND d.duty = $1 AND d.until_at IS NULL)
           ORDER BY v.name LIMIT 200"#,
        actor.word()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Place { id: OrganisationId(row.id), name: row.name }).collect())
}

/// Whether `office` is `subject` or stands below it.
pub(super) async fn is_at_or_below(
    connection: &mut PgConnection,
    office: OrganisationId,
    subject: OrganisationId,
) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM organisation_up($1) WHERE organisation = $2) AS "found!""#,
        office.uuid(),
        subject.uuid()
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// Gives a duty; `None` for `by`: the hub's own command.
pub async fn give_duty(
    connection: &mut PgConnection,
    id: Uuid,
    (person, duty): (PersonId, Duty),
    (by, now): (Option<PersonId>, OffsetDateTime),
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO board_duty (id, organisation, person, duty, from_at, begun_by)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT ON CONSTRAINT board_duty_once DO NOTHING",
        id,
        duty.organisation.uuid(),
        person.uuid(),
        duty.actor.word(),
        now,
        by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a duty; `false` where the person did not have it.
pub async fn end_duty(
    connection: &mut PgConnection,
    (person, duty): (PersonId, Duty),
    (by, now): (Option<PersonId>, OffsetDateTime),
) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE board_duty SET until_at = $4, ended_by = $5
         WHERE organisation = $1 AND person = $2 AND duty = $3 AND until_at IS NULL",
        duty.organisation.uuid(),
        person.uuid(),
        duty.actor.word(),
        now,
        by.map(PersonId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
