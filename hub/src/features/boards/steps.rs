//! Taking a step of a post: one transaction with its line of the history and its clock.

use signaling::{OrganisationId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::queries::{self, Changed, Line, PostRow};
use super::rules::{self, Assignment, Numbers, Step, Timing};
use super::types::{Actor, Ground, Kind, State};
use super::{no_post, people, reports};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::moderation;
use crate::features::policies::{self, PolicyKey, WorkingDays, day_of};
use crate::features::text;

/// Who takes a step, and as what.
#[derive(Clone, Copy, Debug)]
pub struct Taker {
    pub actor: Actor,
    /// `None` for the clock.
    pub person: Option<PersonId>,
}

/// What comes with a step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// Reason, question, addition, reply or comment.
    pub text: Option<&'a str>,
    /// To which office.
    pub office: Option<OrganisationId>,
    /// A changed title and text.
    pub edit: Option<(&'a str, &'a str)>,
}

/// The numbers of the rules for a board on a day, and its calendar.
pub(super) async fn numbers(
    connection: &mut PgConnection,
    board: OrganisationId,
    now: OffsetDateTime,
) -> Result<(Numbers, WorkingDays)> {
    let today = day_of(now);
    let keys = [
        PolicyKey::BoardReview,
        PolicyKey::BoardAssign,
        PolicyKey::BoardAccept,
        PolicyKey::BoardAnswer,
        PolicyKey::BoardExtension,
        PolicyKey::BoardAsk,
        PolicyKey::BoardRating,
        PolicyKey::BoardAppeal,
        PolicyKey::BoardLevel,
        PolicyKey::BoardLevels,
        PolicyKey::BoardReassign,
        PolicyKey::BoardHiding,
    ];
    let found = policies::values(connection, keys, board, today).await?;
    let [review, assign, accept, answer, extension, ask, rating, appeal, level, levels, rest @ ..] =
        found;
    let [reassign, hiding] = rest;
    let numbers = Numbers {
        review_days: review,
        assign_days: assign,
        accept_days: accept,
        answer_days: answer,
        extension_days: extension,
        ask_days: ask,
        rating_days: rating,
        appeal_days: appeal,
        level_days: level,
        levels_max: levels,
        reassign_max: reassign,
        hiding_days: hiding,
    };
    Ok((numbers, policies::working_days(connection, today).await?))
}

/// As what a person may act on a post at the desk. Nobody decides about an own post, and an office
/// knows of a post only while it has it or answered it.
pub(super) async fn actors(
    connection: &mut PgConnection,
    person: PersonId,
    row: &PostRow,
) -> Result<Vec<Actor>> {
    if row.author == person {
        return Ok(Vec::new());
    }
    let state = row.post.state;
    let answered = matches!(state, State::Replied | State::Closed);
    let with_office = state.is_with_office() || answered;
    let mut actors = Vec::new();
    for duty in people::duties(connection, person).await? {
        let over = match duty.actor {
            Actor::Office => with_office && row.office == Some(duty.organisation),
            _ => row.board == duty.organisation,
        };
        if over && !actors.contains(&duty.actor) {
            actors.push(duty.actor);
        }
    }
    Ok(actors)
}

/// Takes a step. The post is locked, so that two at once are one after the other.
pub(super) async fn take(
    app: &App,
    taker: Taker,
    what: (i64, Step),
    given: Given<'_>,
) -> Result<State> {
    let mut transaction = app.db.begin().await?;
    let state = take_in(&mut transaction, taker, what, given, app.clock.now()).await?;
    transaction.commit().await?;
    app.pages.moved();
    Ok(state)
}

/// As `take`, in a transaction of the caller.
pub async fn take_in(
    transaction: &mut PgConnection,
    taker: Taker,
    (number, step): (i64, Step),
    given: Given<'_>,
    now: OffsetDateTime,
) -> Result<State> {
    let row = queries::lock_post(transaction, number).await?.ok_or_else(no_post)?;
    check_taker(transaction, taker, &row).await?;
    let step = completed(transaction, &row, step, given.office).await?;
    let said = said(step, given.text)?;
    check_other_person(transaction, taker, (&row, step)).await?;
    let (numbers, days) = numbers(transaction, row.board, now).await?;
    let timing = Timing { today: day_of(now), days: &days, numbers };
    let next = rules::step(&row.post, (row.kind, taker.actor), step, &timing)?;
    if step == Step::Tick && next == row.post {
        return Ok(next.state);
    }
    let reply = match step {
        Step::ApproveReply => drafted(transaction, &row).await?,
        _ => None,
    };
    let edit = match given.edit.filter(|_| step == Step::Edit) {
        Some((title, body)) => Some((text::title(title)?, text::body(body)?)),
        None => None,
    };
    let held = words_of(transaction, step, (said.as_deref(), edit.as_ref())).await?;
    let ground = match step {
        Step::Refuse(ground) | Step::Hide(ground) => Some(ground),
        _ => None,
    }
    .map(Ground::word);
    let office = given.office.filter(|_| matches!(step, Step::Assign(_)));
    let changed = Changed {
        id: row.id,
        post: &next,
        look_after: rules::next_look(&next),
        office,
        ground,
        reply: reply.as_deref(),
        text: edit.as_ref().map(|(title, body)| (title.as_str(), body.as_str())),
        held: held.as_deref(),
    };
    queries::update_post(transaction, &changed, now).await?;
    reports::follow(transaction, (row.id, step), taker, now).await?;
    let line = Line {
        post: row.id,
        actor: taker.actor,
        person: taker.person,
        step: step.word(),
        was: Some(row.post.state),
        became: next.state,
        ground,
        text: said.as_deref(),
        office,
    };
    queries::insert_line(transaction, &line, now).await?;
    Ok(next.state)
}

/// The duty is looked at again under the lock: it may have ended, or the post may have gone on.
async fn check_taker(connection: &mut PgConnection, taker: Taker, row: &PostRow) -> Result<()> {
    let may = match (taker.actor, taker.person) {
        (Actor::Clock, None) => true,
        (Actor::Author, Some(person)) => row.author == person,
        (actor, Some(person)) => actors(connection, person, row).await?.contains(&actor),
        (_, None) => false,
    };
    if may { Ok(()) } else { Err(no_post()) }
}

/// What only the tables know about a step.
async fn completed(
    connection: &mut PgConnection,
    row: &PostRow,
    step: Step,
    office: Option<OrganisationId>,
) -> Result<Step> {
    if !matches!(step, Step::Assign(_)) {
        return Ok(step);
    }
    let offices = people::places(connection, Actor::Office).await?;
    let office = office.filter(|office| offices.iter().any(|place| place.id == *office));
    let Some(office) = office else {
        return Err(Error::refuse(RefusalCode::InvalidInput, "choose an office of the list"));
    };
    let is_subject = match row.about {
        Some(about) if row.kind == Kind::Complaint => {
            people::is_at_or_below(connection, office, about).await?
        }
        _ => false,
    };
    Ok(Step::Assign(Assignment { is_subject }))
}

/// Looks for words of the lists in what everybody will read. Returns those of a changed post for
/// which a person looks first.
async fn words_of(
    connection: &mut PgConnection,
    step: Step,
    (said, edit): (Option<&str>, Option<&(String, String)>),
) -> Result<Option<Vec<String>>> {
    if !matches!(step, Step::Edit | Step::DraftReply | Step::Extend) {
        return Ok(None);
    }
    let lists = moderation::lists(connection).await?;
    match (edit, said) {
        (Some((title, body)), _) => Ok(Some(moderation::check(&lists, &[title, body])?)),
        // The reply is reviewed, why it takes longer is read at once.
        (None, Some(said)) if step == Step::Extend => {
            moderation::check_unseen(&lists, &[said])?;
            Ok(None)
        }
        (None, Some(said)) => {
            moderation::check(&lists, &[said])?;
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}

/// The text of a step, where it needs or allows one.
fn said(step: Step, given: Option<&str>) -> Result<Option<String>> {
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    match given {
        Some(given) if step == Step::Add => Ok(Some(text::body(given)?)),
        Some(given) => Ok(Some(text::reply(given)?)),
        None if step.needs_text() => {
            Err(Error::refuse(RefusalCode::ReasonRequired, "write a few words"))
        }
        None => Ok(None),
    }
}

/// Two pairs of eyes: who drafted a reply does not approve it, who refused does not decide.
async fn check_other_person(
    connection: &mut PgConnection,
    taker: Taker,
    (row, step): (&PostRow, Step),
) -> Result<()> {
    let words: &[&str] = match step {
        Step::ApproveReply => &["draft_reply"],
        Step::ReviewHiding { .. } => &["hide"],
        Step::DecideAppeal { .. } => &["refuse", "hide", "hiding_stands"],
        _ => return Ok(()),
    };
    let mut same = false;
    for word in words {
        let last = queries::last_step(connection, (row.id, &[(*word).to_owned()])).await?;
        same |= last.is_some_and(|(person, _)| person.is_some() && person == taker.person);
    }
    if same {
        let sentence = "another person than the one who did this has to decide";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    Ok(())
}

async fn drafted(connection: &mut PgConnection, row: &PostRow) -> Result<Option<String>> {
    let words = ["draft_reply".to_owned()];
    let last = queries::last_step(connection, (row.id, &words)).await?;
    Ok(last.and_then(|(_, text)| text))
}
