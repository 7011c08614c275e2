//! Taking a step of a thread: one transaction under the head of its room, with its line of the
//! history, its message and its clock.

use signaling::event::EventKind;
use signaling::event::chat::Message;
use signaling::{OrganisationId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::queries::{self, Changed, Line, ThreadRow};
use super::rules::{self, Numbers, Step, Timing};
use super::types::{Actor, State};
use super::{access, directory_queries, no_thread};
use crate::app::App;
use crate::error::{Error, Fault, Result};
use crate::features::policies::{self, PolicyKey, WorkingDays, day_of};
use crate::features::text;
use crate::features::{boards, moderation};
use crate::timeline::{Append, Appended, Locked};

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
    /// Message, opinion, answer, reason or outcome.
    pub text: Option<&'a str>,
    /// For which office an opinion is.
    pub office: Option<OrganisationId>,
    /// Who has the thread from here on.
    pub delegate: Option<Uuid>,
    /// The form's own id of a message.
    pub cid: Option<&'a str>,
}

/// The numbers of the rules for an organisation's delegates on a day, and the calendar.
pub(super) async fn numbers(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    now: OffsetDateTime,
) -> Result<(Numbers, WorkingDays)> {
    let today = day_of(now);
    let keys = [
        PolicyKey::DelegateAnswer,
        PolicyKey::DelegateChoice,
        PolicyKey::DelegateOffice,
        PolicyKey::DelegateExtension,
        PolicyKey::DelegateDecline,
        PolicyKey::DelegateOutcome,
        PolicyKey::DelegateRating,
        PolicyKey::DelegateTurn,
        PolicyKey::DelegateLiaison,
        PolicyKey::DelegateLevel,
        PolicyKey::DelegateLevels,
    ];
    let [answer, choice, office, extension, decline, outcome, rating, turn, liaison, level, levels] =
        policies::values(connection, keys, organisation, today).await?;
    let numbers = Numbers {
        answer_days: answer,
        choice_days: choice,
        office_days: office,
        extension_days: extension,
        decline_days: decline,
        outcome_days: outcome,
        rating_days: rating,
        turn_days: turn,
        liaison_days: liaison,
        level_days: level,
        levels_max: levels,
    };
    Ok((numbers, policies::working_days(connection, today).await?))
}

/// Takes a step in a transaction of its own.
pub(super) async fn take(
    app: &App,
    taker: Taker,
    what: (Uuid, Step),
    given: Given<'_>,
) -> Result<State> {
    let mut transaction = app.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[RoomId(what.0)]).await?;
    let now = app.clock.now();
    let state = take_in((&mut transaction, &mut locked), taker, what, given, now).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    Ok(state)
}

/// As `take`, in a transaction of the caller that holds the head of the thread's room.
pub async fn take_in(
    (connection, locked): (&mut PgConnection, &mut Locked),
    taker: Taker,
    (id, step): (Uuid, Step),
    given: Given<'_>,
    now: OffsetDateTime,
) -> Result<State> {
    let row = queries::thread(connection, id).await?.ok_or_else(no_thread)?;
    check_taker(connection, taker, &row).await?;
    let said = said(step, given.text)?;
    if let (Step::Write, Some(person), Some(text)) = (step, taker.person, &said) {
        let cid = given.cid.unwrap_or_default().to_owned();
        if write(connection, locked, (id, person), (cid, text.clone())).await?.dup {
            return Ok(row.thread.state);
        }
    }
    if let (Step::OfferPublication, Some(text)) = (step, &said) {
        moderation::check_unseen(&moderation::lists(connection).await?, &[text])?;
    }
    let (numbers, days) = numbers(connection, row.organisation, now).await?;
    let timing = Timing { today: day_of(now), days: &days, numbers };
    let next = rules::step(&row.thread, taker.actor, step, &timing)?;
    if next == row.thread && matches!(step, Step::Tick | Step::Write) {
        return Ok(next.state);
    }
    let office = match step {
        Step::FormOpinion => Some(office(connection, given.office).await?),
        Step::Choose(_) => row.office,
        _ => None,
    };
    let delegate = match step {
        Step::PassOn | Step::Succeed { found: true } => {
            Some(next_delegate(connection, &row, given.delegate).await?)
        }
        _ => None,
    };
    let text = said.as_deref();
    let only = |wanted: Step| text.filter(|_| step == wanted);
    let changed = Changed {
        delegate,
        office,
        opinion: only(Step::FormOpinion),
        answer: only(Step::OfficeAnswer),
        outcome: only(Step::Close),
        ended_reason: only(Step::End),
        published: only(Step::OfferPublication),
    };
    let after = (id, &next, rules::next_look(&next));
    queries::update_thread(connection, after, &changed, now).await?;
    let line = Line {
        thread: id,
        actor: taker.actor,
        person: taker.person,
        step: step.word(),
        was: Some(row.thread.state),
        became: next.state,
        // What was said stands in the log of the room alone.
        text: text.filter(|_| step != Step::Write),
        office,
        delegate: delegate.unwrap_or(row.delegate),
    };
    queries::insert_line(connection, &line, now).await?;
    Ok(next.state)
}

/// Writes a message into the log of a thread that the transaction holds.
pub(super) async fn write(
    connection: &mut PgConnection,
    locked: &mut Locked,
    (thread, author): (Uuid, PersonId),
    (cid, text): (String, String),
) -> Result<Appended> {
    let message = Message { text, reply_to: None, mentions: Vec::new() };
    let append = Append {
        room: RoomId(thread),
        author,
        cid,
        kind: EventKind::Message,
        reference: None,
        body: serde_json::to_string(&message).map_err(Fault::new)?,
    };
    Ok(locked.append(connection, append).await?)
}

/// The right is looked at again under the lock: a term may have ended, the thread gone on.
async fn check_taker(connection: &mut PgConnection, taker: Taker, row: &ThreadRow) -> Result<()> {
    let may = match (taker.actor, taker.person) {
        (Actor::Clock, None) => true,
        (actor, Some(person)) => access::actors(connection, person, row).await?.contains(&actor),
        (_, None) => false,
    };
    if may { Ok(()) } else { Err(no_thread()) }
}

/// The text of a step, where it needs or allows one.
fn said(step: Step, given: Option<&str>) -> Result<Option<String>> {
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    match given {
        Some(given) if step == Step::Write => Ok(Some(text::body(given)?)),
        Some(given) => Ok(Some(text::reply(given)?)),
        None if step.needs_text() => {
            Err(Error::refuse(RefusalCode::ReasonRequired, "write a few words"))
        }
        None => Ok(None),
    }
}

async fn office(
    connection: &mut PgConnection,
    chosen: Option<OrganisationId>,
) -> Result<OrganisationId> {
    let offices = boards::places(connection, boards::Actor::Office).await?;
    let chosen = chosen.filter(|chosen| offices.iter().any(|place| place.id == *chosen));
    chosen.ok_or_else(|| Error::refuse(RefusalCode::InvalidInput, "choose an office of the list"))
}

/// Another delegate of the same congress, who is not the constituent.
async fn next_delegate(
    connection: &mut PgConnection,
    row: &ThreadRow,
    chosen: Option<Uuid>,
) -> Result<Uuid> {
    let no = || Error::refuse(RefusalCode::InvalidInput, "choose a delegate of the list");
    let chosen = chosen.ok_or_else(no)?;
    let found = directory_queries::delegate(connection, chosen).await?.ok_or_else(no)?;
    let fits = found.organisation == row.organisation.uuid()
        && found.id != row.delegate
        && row.constituent.is_none_or(|person| person.uuid() != found.person);
    if fits { Ok(found.id) } else { Err(no()) }
}
