//! Sending a post, its receipt, and finding it again by number and passphrase.

use signaling::limits::{
    BOARD_TRACK_S_MAX, BOARD_TRIES_PER_ADDRESS_HOUR_MAX, BOARD_TRIES_PER_NUMBER_HOUR_MAX,
};
use signaling::{OrganisationId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::pictures::{Attached, Sent};
use super::queries::{self, Line, NewPost};
use super::rules::{self, Timing};
use super::types::{Actor, Kind};
use super::{people, pictures, steps};
use crate::app::App;
use crate::auth::Visitor;
use crate::error::{Error, Fault, Result};
use crate::features::policies::{self, PolicyKey, day_of};
use crate::features::{accounts, moderation, text};
use crate::keys::secret;

/// How often a number is drawn anew where it is taken.
const NUMBER_DRAWS_MAX: u32 = 8;
/// Numbers of one day.
const NUMBERS_PER_DAY: u64 = 1_000_000;

/// A post as its author sends it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub board: OrganisationId,
    pub about: Option<OrganisationId>,
    /// The form's own id.
    pub cid: String,
    pub kind: Kind,
    pub title: String,
    pub body: String,
    /// Never to be public.
    pub private: bool,
    pub pictures: Vec<Attached>,
}

/// What the author keeps.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub number: i64,
    /// `None` where the form was sent before: the passphrase is shown once.
    pub phrase: Option<String>,
}

/// Refuses a draft that can not be sent, and trims it.
pub fn checked(draft: &Draft) -> Result<Draft> {
    Ok(Draft { title: text::title(&draft.title)?, body: text::body(&draft.body)?, ..draft.clone() })
}

/// Sends a post with its pictures as they came; a form that is sent twice is one post.
pub async fn submit(
    app: &App,
    author: PersonId,
    (draft, sent): (&Draft, &[Sent]),
) -> Result<Receipt> {
    let mut draft = checked(draft)?;
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    if let Some(number) = sent_before(&mut connection, author, &draft.cid).await? {
        return Ok(Receipt { number, phrase: None });
    }
    // Who may send no more today costs no work.
    check_rate(&mut connection, (author, draft.board), now).await?;
    drop(connection);
    // Pictures and the slow hash stand outside the transaction.
    draft.pictures = pictures::cleaned(app, sent).await?;
    let phrase = text::phrase(secret::<7>().map_err(Fault::new)?);
    let stored = accounts::hashed_secret(app, &text::plain_phrase(&phrase)).await?;
    let mut transaction = app.db.begin().await?;
    lock_author(&mut transaction, author).await?;
    check_rate(&mut transaction, (author, draft.board), now).await?;
    let first = first_number(now);
    for _ in 0..NUMBER_DRAWS_MAX {
        let chance = i64::try_from(app.chance.below(NUMBERS_PER_DAY)).unwrap_or_default();
        let number = first.saturating_add(chance);
        if queries::is_taken(&mut transaction, number).await? {
            continue;
        }
        let id = app.ids.next();
        submit_in(&mut transaction, (id, number), (author, &draft), now).await?;
        queries::insert_receipt(&mut transaction, id, &stored).await?;
        transaction.commit().await?;
        return Ok(Receipt { number, phrase: Some(phrase) });
    }
    Err(Error::refuse(RefusalCode::Unavailable, "no free number was found; try again"))
}

/// Writes a checked post with its first line of history, in a transaction of the caller; returns
/// its number. No limit of the day is looked at, and no passphrase is made.
pub async fn submit_in(
    connection: &mut PgConnection,
    (id, number): (Uuid, i64),
    (author, draft): (PersonId, &Draft),
    now: OffsetDateTime,
) -> Result<i64> {
    let display_name = people::display_name(connection, author).await?;
    let display_name = display_name.ok_or_else(|| {
        Error::refuse(RefusalCode::NameRequired, "choose a name and agree to the rules first")
    })?;
    check_place(connection, draft).await?;
    let lists = moderation::lists(connection).await?;
    let mut texts = vec![draft.title.as_str(), &draft.body, &display_name];
    texts.extend(draft.pictures.iter().filter_map(|picture| picture.alt.as_deref()));
    let held = moderation::check(&lists, &texts)?;
    let (numbers, days) = steps::numbers(connection, draft.board, now).await?;
    let timing = Timing { today: day_of(now), days: &days, numbers };
    let new = NewPost {
        id,
        number,
        board: draft.board,
        about: draft.about,
        author,
        cid: &draft.cid,
        display_name: &display_name,
        kind: draft.kind,
        title: &draft.title,
        body: &draft.body,
        held: &held,
        post: rules::submitted(draft.private, &timing),
    };
    match queries::insert_post(connection, &new, now).await {
        Ok(()) => {}
        Err(sqlx::Error::Database(error)) if is_twice(error.constraint()) => {
            let sentence = "this was sent already, or the number is taken; try again";
            return Err(Error::refuse(RefusalCode::Conflict, sentence));
        }
        Err(error) => return Err(error.into()),
    }
    let line = Line {
        post: id,
        actor: Actor::Author,
        person: Some(author),
        step: "submit",
        was: None,
        became: new.post.state,
        ground: None,
        text: None,
        office: None,
    };
    queries::insert_line(connection, &line, now).await?;
    pictures::insert(connection, id, &draft.pictures).await?;
    Ok(number)
}

fn is_twice(constraint: Option<&str>) -> bool {
    matches!(constraint, Some("board_post_once" | "board_post_number"))
}

/// The first number of a day. A number is the day and six digits by chance, so that it tells
/// nothing about the others.
#[must_use]
pub fn first_number(now: OffsetDateTime) -> i64 {
    let day = day_of(now);
    let date = i64::from(day.year() % 100) * 10_000
        + i64::from(u8::from(day.month())) * 100
        + i64::from(day.day());
    date.saturating_mul(1_000_000)
}

async fn sent_before(
    connection: &mut PgConnection,
    author: PersonId,
    cid: &str,
) -> Result<Option<i64>> {
    let found = sqlx::query_scalar!(
        "SELECT number FROM board_post WHERE author = $1 AND cid = $2",
        author.uuid(),
        cid
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Posts of one author follow each other, so that the limit of the day is exact.
async fn lock_author(connection: &mut PgConnection, author: PersonId) -> Result<()> {
    sqlx::query!("SELECT person FROM board_account WHERE person = $1 FOR UPDATE", author.uuid())
        .fetch_optional(connection)
        .await?;
    Ok(())
}

async fn check_place(connection: &mut PgConnection, draft: &Draft) -> Result<()> {
    let boards = people::places(connection, Actor::Reviewer).await?;
    let has_board = boards.iter().any(|place| place.id == draft.board);
    let offices = match draft.about {
        Some(_) => people::places(connection, Actor::Office).await?,
        None => Vec::new(),
    };
    let knows = draft.about.is_none_or(|about| offices.iter().any(|place| place.id == about));
    if has_board && knows {
        return Ok(());
    }
    Err(Error::refuse(RefusalCode::InvalidInput, "choose a place of the list"))
}

async fn check_rate(
    connection: &mut PgConnection,
    (author, board): (PersonId, OrganisationId),
    now: OffsetDateTime,
) -> Result<()> {
    let most = policies::value(connection, PolicyKey::BoardPosts, board, day_of(now)).await?;
    let sent = sqlx::query_scalar!(
        r#"SELECT count(*) AS "sent!" FROM board_post WHERE author = $1 AND submitted_at > $2"#,
        author.uuid(),
        now - time::Duration::DAY
    )
    .fetch_one(connection)
    .await?;
    if sent < most {
        return Ok(());
    }
    let sentence = format!("one account sends {most} posts a day; come back tomorrow");
    Err(Error::refuse_for(RefusalCode::TooManyRequests, sentence, 86_400))
}

/// Whether number and passphrase belong together. A wrong number and a wrong passphrase are one
/// answer and take the same time; tries are counted before they are judged.
pub async fn look_up(app: &App, visitor: &Visitor, (number, phrase): (&str, &str)) -> Result<i64> {
    let now = app.clock.now();
    let number = text::plain_number(number).unwrap_or_default();
    let network = accounts::network(visitor);
    let address = app.keys.session.sign(&[b"board", &network]);
    let key = i64::from_be_bytes(address.first_chunk().copied().unwrap_or_default());
    let mut transaction = app.db.begin().await?;
    queries::lock_tries(&mut transaction, [key, number]).await?;
    let what = (number, address.as_slice());
    let (of_number, of_address) =
        queries::count_try(&mut transaction, app.ids.next(), what, now).await?;
    let stored = queries::receipt(&mut transaction, number).await?;
    transaction.commit().await?;
    if of_number >= BOARD_TRIES_PER_NUMBER_HOUR_MAX
        || of_address >= BOARD_TRIES_PER_ADDRESS_HOUR_MAX
    {
        let sentence = "too many look-ups; try again in an hour";
        return Err(Error::refuse_for(RefusalCode::TooManyRequests, sentence, 3_600));
    }
    if accounts::secret_matches(app, &text::plain_phrase(phrase), stored).await? {
        return Ok(number);
    }
    Err(Error::refuse(RefusalCode::NotFound, "number and passphrase do not belong together"))
}

/// What a browser keeps after number and passphrase were right: number, end and a code.
pub(super) fn pass(app: &App, number: i64) -> [u8; 48] {
    let until = app.clock.now().unix_timestamp().saturating_add(BOARD_TRACK_S_MAX);
    let mac = app.keys.session.sign(&pass_parts(&number.to_be_bytes(), &until.to_be_bytes()));
    let mut pass = [0_u8; 48];
    let bytes = number.to_be_bytes().into_iter().chain(until.to_be_bytes()).chain(mac);
    for (place, byte) in pass.iter_mut().zip(bytes) {
        *place = byte;
    }
    pass
}

fn pass_parts<'a>(number: &'a [u8], until: &'a [u8]) -> [&'a [u8]; 3] {
    [b"board pass", number, until]
}

/// The number that a pass is for, while it lasts.
pub(super) fn passed(app: &App, pass: &[u8; 48]) -> Option<i64> {
    let (number, rest) = pass.split_first_chunk::<8>()?;
    let (until, mac) = rest.split_first_chunk::<8>()?;
    let right = app.keys.session.verify(&pass_parts(number, until), mac);
    let lasts = i64::from_be_bytes(*until) > app.clock.now().unix_timestamp();
    (right && lasts).then(|| i64::from_be_bytes(*number))
}
