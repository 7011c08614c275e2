//! Policies: every number of a rule is a row with a scope, a first day and a source. And the
//! calendar, since answers are waited for in working days.
//!
//! A value never changes: a new one takes effect from a day on, and the earlier ones stay on
//! record. The rule that reads a number asks for the day on which it judges.

mod queries;
mod routes;
mod rules;

use std::collections::BTreeMap;

use signaling::http::administration::{Calendar, CalendarDay, Policy, PolicyList, SetPolicy};
use signaling::{OrganisationId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::{Date, Duration};

use self::queries::PolicyRow;
pub use self::routes::router;
pub use self::rules::{PolicyKey, WorkingDays, day_of, end_of, local};
use super::organisations;
use crate::app::App;
use crate::error::{Error, InconsistentRow, Result};

/// Calendar days within which every wait in working days ends.
const WAIT_DAYS_MAX: i64 = 800;
/// Characters of a source.
const SOURCE_CHARS_MAX: usize = 200;
/// Characters of a day's name.
const DAY_NAME_CHARS_MAX: usize = 40;

/// The value of a key for an organisation on a day.
pub async fn value(
    connection: &mut PgConnection,
    key: PolicyKey,
    of: OrganisationId,
    day: Date,
) -> Result<i64> {
    let found = queries::value(connection, key, of, day).await?;
    let missing = || InconsistentRow { table: "policy", column: "key", id: key.word().to_owned() };
    Ok(found.ok_or_else(missing)?)
}

/// As [`value`] for several keys, in their order; counts below zero are zero.
pub async fn values<const N: usize>(
    connection: &mut PgConnection,
    keys: [PolicyKey; N],
    of: OrganisationId,
    day: Date,
) -> Result<[u32; N]> {
    let words: Vec<String> = keys.iter().map(|key| key.word().to_owned()).collect();
    let found = queries::values(connection, &words, of, day).await?;
    let found: BTreeMap<String, i64> = found.into_iter().collect();
    let mut values = [0; N];
    for (place, word) in values.iter_mut().zip(words) {
        let missing = || InconsistentRow { table: "policy", column: "key", id: word.clone() };
        let value = found.get(&word).ok_or_else(missing)?;
        *place = u32::try_from(*value).unwrap_or_default();
    }
    Ok(values)
}

/// The last day of an answer that is waited for from `day` on: so many working days later as the
/// key says for the organisation.
pub async fn answer_by(
    connection: &mut PgConnection,
    key: PolicyKey,
    (of, day): (OrganisationId, Date),
) -> Result<Date> {
    let count = u32::try_from(value(connection, key, of, day).await?).unwrap_or_default();
    // The longest count with the longest holidays ends well within this span.
    let until = day.saturating_add(Duration::days(i64::from(count) * 4 + 60));
    let days = queries::moved_days(connection, day, until).await?;
    Ok(days.after(day, count))
}

/// The days that are not what their weekday says, from `day` on as far as any wait reaches.
pub async fn working_days(connection: &mut PgConnection, day: Date) -> Result<WorkingDays> {
    let until = day.saturating_add(Duration::days(WAIT_DAYS_MAX));
    Ok(queries::moved_days(connection, day, until).await?)
}

/// Every policy on record.
async fn list(app: &App) -> Result<PolicyList> {
    let mut connection = app.db.acquire().await?;
    let rows = queries::all(&mut connection).await?;
    let today = day_of(app.clock.now());
    let mut in_force = BTreeMap::new();
    for row in rows.iter().filter(|row| row.effective_from <= today) {
        in_force.insert((row.key.clone(), row.scope), row.effective_from);
    }
    let mut policies = Vec::new();
    for row in rows {
        let current = in_force.get(&(row.key.clone(), row.scope)) == Some(&row.effective_from);
        // A key that this program does not know any more stands in the table and is not shown.
        if let Some(policy) = policy(&mut connection, row, current).await? {
            policies.push(policy);
        }
    }
    Ok(PolicyList { policies })
}

async fn policy(
    connection: &mut PgConnection,
    row: PolicyRow,
    in_force: bool,
) -> Result<Option<Policy>> {
    let Ok(key) = PolicyKey::of(&row.key) else { return Ok(None) };
    let scope = match row.scope.map(OrganisationId) {
        Some(scope) => organisations::name(connection, scope).await?,
        None => None,
    };
    let (least, most) = key.bounds();
    let PolicyRow { key: word, effective_from, value, source, .. } = row;
    let unit = key.unit();
    Ok(Some(Policy {
        key: word,
        scope,
        effective_from,
        value,
        unit,
        source,
        least,
        most,
        in_force,
    }))
}

/// Puts a value on record from a day on.
async fn set(app: &App, by: PersonId, request: SetPolicy) -> Result<Policy> {
    let key = PolicyKey::of(&request.key)?;
    key.check(request.value)?;
    let now = app.clock.now();
    if request.effective_from < day_of(now) {
        let sentence = "a policy takes effect today or later; what was counted stays counted";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let source = bounded(&request.source, SOURCE_CHARS_MAX)?;
    let row = PolicyRow {
        key: request.key,
        scope: request.scope.map(OrganisationId::uuid),
        effective_from: request.effective_from,
        value: request.value,
        source,
    };
    let mut connection = app.db.acquire().await?;
    if let Some(scope) = request.scope
        && organisations::name(&mut connection, scope).await?.is_none()
    {
        return Err(Error::refuse(RefusalCode::NotFound, "there is no such organisation"));
    }
    match queries::insert(&mut connection, &row, (by, now)).await {
        Ok(()) => {}
        Err(sqlx::Error::Database(error)) if error.constraint() == Some("policy_once") => {
            let sentence = "there is a value from this day on already; choose a later day";
            return Err(Error::refuse(RefusalCode::Conflict, sentence));
        }
        Err(error) => return Err(error.into()),
    }
    let in_force = row.effective_from <= day_of(now);
    let made = policy(&mut connection, row, in_force).await?;
    made.ok_or_else(|| Error::refuse(RefusalCode::InvalidInput, "there is no such policy"))
}

/// The moved days of a year.
async fn calendar(app: &App, year: i32) -> Result<Calendar> {
    let bad = |_| Error::refuse(RefusalCode::InvalidInput, "the year is 2000 to 2100");
    if !(2000..=2100).contains(&year) {
        return Err(Error::refuse(RefusalCode::InvalidInput, "the year is 2000 to 2100"));
    }
    let first = Date::from_calendar_date(year, time::Month::January, 1).map_err(bad)?;
    let last = Date::from_calendar_date(year, time::Month::December, 31).map_err(bad)?;
    let mut connection = app.db.acquire().await?;
    Ok(Calendar { year, days: queries::days_of(&mut connection, first, last).await? })
}

/// Says what a day is.
async fn set_day(app: &App, by: PersonId, day: &CalendarDay) -> Result<()> {
    let day = CalendarDay { name: bounded(&day.name, DAY_NAME_CHARS_MAX)?, ..day.clone() };
    let mut connection = app.db.acquire().await?;
    queries::set_day(&mut connection, &day, (by, app.clock.now())).await?;
    Ok(())
}

/// Years for which the calendar has moved days.
pub async fn calendar_years(connection: &mut PgConnection) -> Result<Vec<i32>> {
    Ok(queries::years(connection).await?)
}

fn bounded(text: &str, chars_max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > chars_max || text.chars().any(char::is_control) {
        let sentence = format!("a text of 1 to {chars_max} characters is needed");
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    Ok(text.to_owned())
}
