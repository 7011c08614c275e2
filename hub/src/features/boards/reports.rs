//! Reports of readers about published posts, and what is decided about them.

use signaling::limits::{BOARD_REPORT_CHARS_MAX, BOARD_REPORTS_SHOWN_MAX};
use signaling::{PersonId, RefusalCode};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::report_queries::{self, OwnReport, Reported};
use super::rules::Step;
use super::steps::Taker;
use super::types::{Actor, Ground};
use super::{no_post, queries, steps};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::policies::{self, PolicyKey, day_of};
use crate::features::text;

/// Reports a published post; a second report of one reader changes nothing.
pub(super) async fn report(
    app: &App,
    (person, number): (PersonId, i64),
    (ground, words): (Ground, &str),
) -> Result<()> {
    let mut transaction = app.db.begin().await?;
    let id = app.ids.next();
    report_in(&mut transaction, (id, person, number), (ground, words), app.clock.now()).await?;
    transaction.commit().await?;
    Ok(())
}

/// As `report`, in a transaction of the caller.
pub async fn report_in(
    connection: &mut PgConnection,
    (id, person, number): (uuid::Uuid, PersonId, i64),
    (ground, words): (Ground, &str),
    now: OffsetDateTime,
) -> Result<()> {
    let today = day_of(now);
    let row = queries::lock_post(connection, number).await?.ok_or_else(no_post)?;
    if !row.post.is_public() {
        return Err(no_post());
    }
    if row.author == person {
        let sentence = "this is your own post; you can withdraw it or add to it";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    let words = match words.trim() {
        "" => None,
        words => Some(text::line(words, (1, BOARD_REPORT_CHARS_MAX), "a report")?),
    };
    let keys = [PolicyKey::BoardReport, PolicyKey::BoardReports];
    let [days, most] = policies::values(connection, keys, row.board, today).await?;
    let since = now - time::Duration::DAY;
    if report_queries::count_of(connection, person, since).await? >= i64::from(most) {
        let sentence = format!("one account reports {most} posts a day; come back tomorrow");
        return Err(Error::refuse_for(RefusalCode::TooManyRequests, sentence, 86_400));
    }
    let due = policies::working_days(connection, today).await?.after(today, days);
    let new = (id, row.id, person);
    report_queries::insert(connection, new, (ground, words.as_deref()), (now, due)).await?;
    Ok(())
}

/// Lets a reported post stand, with a word for those who reported it.
pub(super) async fn dismiss(
    app: &App,
    person: PersonId,
    (number, words): (i64, &str),
) -> Result<()> {
    let mut transaction = app.db.begin().await?;
    let row = queries::lock_post(&mut transaction, number).await?.ok_or_else(no_post)?;
    let actors = steps::actors(&mut transaction, person, &row).await?;
    if !actors.iter().any(|actor| matches!(actor, Actor::Reviewer | Actor::Decider)) {
        return Err(no_post());
    }
    let words = match words.trim() {
        "" => return Err(Error::refuse(RefusalCode::ReasonRequired, "write a few words")),
        words => text::reply(words)?,
    };
    let what = ("stays", Some(words.as_str()));
    let decided =
        report_queries::decide(&mut transaction, row.id, what, (person, app.clock.now())).await?;
    if decided == 0 {
        let sentence = "no report of this post is open";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    transaction.commit().await?;
    Ok(())
}

/// What a step means for the open reports of a post: hiding is what they asked for.
pub(super) async fn follow(
    connection: &mut PgConnection,
    (post, step): (uuid::Uuid, Step),
    taker: Taker,
    now: OffsetDateTime,
) -> Result<()> {
    if let (Step::Hide(_), Some(person)) = (step, taker.person) {
        report_queries::decide(connection, post, ("hidden", None), (person, now)).await?;
    }
    Ok(())
}

/// Open reports of a post, without who made them.
pub(super) async fn open_of(
    connection: &mut PgConnection,
    post: uuid::Uuid,
) -> Result<Vec<Reported>> {
    Ok(report_queries::open_of(connection, post, BOARD_REPORTS_SHOWN_MAX).await?)
}

/// What one reported, the newest first.
pub(super) async fn own(connection: &mut PgConnection, person: PersonId) -> Result<Vec<OwnReport>> {
    Ok(report_queries::own(connection, person, BOARD_REPORTS_SHOWN_MAX).await?)
}
