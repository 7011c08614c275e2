//! All SQL that changes a post, one function per statement.

use signaling::{OrganisationId, PersonId};
use sqlx::PgConnection;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::types::{Actor, Kind, Post, State};
use crate::error::{InconsistentRow, Result};
use crate::features::accounts::PasswordRow;
use crate::features::moderation::Lists;

type Done<T> = Result<T, sqlx::Error>;

/// A post with what commands need of it.
#[derive(Clone, Debug)]
pub(super) struct PostRow {
    pub id: Uuid,
    pub number: i64,
    pub board: OrganisationId,
    pub about: Option<OrganisationId>,
    pub office: Option<OrganisationId>,
    pub author: PersonId,
    pub kind: Kind,
    pub display_name: String,
    pub title: String,
    pub body: String,
    pub ground: Option<String>,
    pub reply: Option<String>,
    pub support: i32,
    pub held: Vec<String>,
    pub submitted_at: OffsetDateTime,
    pub published_at: Option<OffsetDateTime>,
    pub replied_at: Option<OffsetDateTime>,
    pub post: Post,
}

/// The columns of a post as they lie in the table.
#[expect(clippy::struct_excessive_bools, reason = "the columns of the table")]
pub(super) struct Columns {
    pub id: Uuid,
    pub number: i64,
    pub board: Uuid,
    pub about: Option<Uuid>,
    pub office: Option<Uuid>,
    pub author: Uuid,
    pub display_name: String,
    pub kind: String,
    pub title: String,
    pub body: String,
    pub state: String,
    pub private: bool,
    pub before_state: Option<String>,
    pub due: Option<Date>,
    pub days_left: Option<i32>,
    pub asked: bool,
    pub extended: bool,
    pub reopened: bool,
    pub appealed: bool,
    pub passed_on: i32,
    pub level: i32,
    pub next_level: Option<Date>,
    pub rating: Option<i16>,
    pub ground: Option<String>,
    pub reply: Option<String>,
    pub support: i32,
    pub held: Vec<String>,
    pub submitted_at: OffsetDateTime,
    pub published_at: Option<OffsetDateTime>,
    pub replied_at: Option<OffsetDateTime>,
}

fn broken(column: &'static str, id: Uuid) -> InconsistentRow {
    InconsistentRow { table: "board_post", column, id: id.to_string() }
}

fn small(value: i32) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

impl PostRow {
    /// As everybody may read it.
    pub(super) fn public(mut self, lists: &Lists) -> Self {
        for text in [&mut self.title, &mut self.body, &mut self.display_name] {
            *text = lists.public(text);
        }
        self.reply = self.reply.map(|reply| lists.public(&reply));
        self
    }
}

impl TryFrom<Columns> for PostRow {
    type Error = InconsistentRow;

    fn try_from(row: Columns) -> Result<Self, InconsistentRow> {
        let state = State::of(&row.state).ok_or_else(|| broken("state", row.id))?;
        let before = row
            .before_state
            .as_deref()
            .map(|word| State::of(word).ok_or_else(|| broken("before_state", row.id)));
        let post = Post {
            state,
            private: row.private,
            before: before.transpose()?,
            due: row.due,
            left: row.days_left.map(small),
            asked: row.asked,
            extended: row.extended,
            reopened: row.reopened,
            appealed: row.appealed,
            passed_on: small(row.passed_on),
            level: small(row.level),
            next_level: row.next_level,
            rating: row.rating.and_then(|stars| u8::try_from(stars).ok()),
        };
        Ok(Self {
            id: row.id,
            number: row.number,
            board: OrganisationId(row.board),
            about: row.about.map(OrganisationId),
            office: row.office.map(OrganisationId),
            author: PersonId(row.author),
            kind: Kind::of(&row.kind).ok_or_else(|| broken("kind", row.id))?,
            display_name: row.display_name,
            title: row.title,
            body: row.body,
            ground: row.ground,
            reply: row.reply,
            support: row.support,
            held: row.held,
            submitted_at: row.submitted_at,
            published_at: row.published_at,
            replied_at: row.replied_at,
            post,
        })
    }
}

/// A post by its number.
pub(super) async fn post(connection: &mut PgConnection, number: i64) -> Result<Option<PostRow>> {
    let row = sqlx::query_as!(
        Columns,
        "SELECT id, number, board, about, office, author, display_name, kind, title, body, state,
                private, before_state, due, days_left, asked, extended, reopened, appealed,
                passed_on, level, next_level, rating, ground, reply, support, held,
                submitted_at, published_at, replied_at
         FROM board_post WHERE number = $1",
        number
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(PostRow::try_from).transpose()?)
}

/// The same, held until the transaction ends.
pub(super) async fn lock_post(
    connection: &mut PgConnection,
    number: i64,
) -> Result<Option<PostRow>> {
    let row = sqlx::query_as!(
        Columns,
        "SELECT id, number, board, about, office, author, display_name, kind, title, body, state,
                private, before_state, due, days_left, asked, extended, reopened, appealed,
                passed_on, level, next_level, rating, ground, reply, support, held,
                submitted_at, published_at, replied_at
         FROM board_post WHERE number = $1 FOR UPDATE",
        number
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(PostRow::try_from).transpose()?)
}

/// A post to be written.
pub(super) struct NewPost<'a> {
    pub id: Uuid,
    pub number: i64,
    pub board: OrganisationId,
    pub about: Option<OrganisationId>,
    pub author: PersonId,
    pub cid: &'a str,
    pub display_name: &'a str,
    pub kind: Kind,
    pub title: &'a str,
    pub body: &'a str,
    /// Words for which a person looks first.
    pub held: &'a [String],
    pub post: Post,
}

/// Whether a number has a post.
pub(super) async fn is_taken(connection: &mut PgConnection, number: i64) -> Done<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM board_post WHERE number = $1) AS "taken!""#,
        number
    )
    .fetch_one(connection)
    .await
}

/// Writes a post.
pub(super) async fn insert_post(
    connection: &mut PgConnection,
    new: &NewPost<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO board_post (id, number, board, about, author, cid, display_name, kind, title,
             body, state, private, due, look_after, submitted_at, changed_at, held)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $14, $15)",
        new.id,
        new.number,
        new.board.uuid(),
        new.about.map(OrganisationId::uuid),
        new.author.uuid(),
        new.cid,
        new.display_name,
        new.kind.word(),
        new.title,
        new.body,
        new.post.state.word(),
        new.post.private,
        new.post.due,
        now,
        new.held
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a step changes beside the machine's own values.
pub(super) struct Changed<'a> {
    pub id: Uuid,
    pub post: &'a Post,
    pub look_after: Option<Date>,
    pub office: Option<OrganisationId>,
    pub ground: Option<&'a str>,
    pub reply: Option<&'a str>,
    /// A new title and text.
    pub text: Option<(&'a str, &'a str)>,
    /// Words of a new text for which a person looks first.
    pub held: Option<&'a [String]>,
}

/// Writes a post after a step.
pub(super) async fn update_post(
    connection: &mut PgConnection,
    changed: &Changed<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    let post = changed.post;
    let count = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    sqlx::query!(
        "UPDATE board_post SET state = $2, private = $3, before_state = $4, due = $5,
             days_left = $6, asked = $7, extended = $8, reopened = $9, appealed = $10,
             passed_on = $11, level = $12, next_level = $13, rating = $14, look_after = $15,
             office = coalesce($16, office), ground = coalesce($17, ground),
             reply = coalesce($18, reply), title = coalesce($19, title), body = coalesce($20, body),
             published_at = CASE WHEN $21 THEN coalesce(published_at, $22) ELSE published_at END,
             replied_at = CASE WHEN $18::text IS NULL THEN replied_at ELSE $22 END,
             changed_at = $22, held = coalesce($23, held)
         WHERE id = $1",
        changed.id,
        post.state.word(),
        post.private,
        post.before.map(State::word),
        post.due,
        post.left.map(count),
        post.asked,
        post.extended,
        post.reopened,
        post.appealed,
        count(post.passed_on),
        count(post.level),
        post.next_level,
        post.rating.map(i16::from),
        changed.look_after,
        changed.office.map(OrganisationId::uuid),
        changed.ground,
        changed.reply,
        changed.text.map(|(title, _)| title),
        changed.text.map(|(_, body)| body),
        post.is_public(),
        now,
        changed.held
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A line of the history.
pub(super) struct Line<'a> {
    pub post: Uuid,
    pub actor: Actor,
    pub person: Option<PersonId>,
    pub step: &'a str,
    pub was: Option<State>,
    pub became: State,
    pub ground: Option<&'a str>,
    pub text: Option<&'a str>,
    pub office: Option<OrganisationId>,
}

/// Adds a line to the history of a post that the transaction holds.
pub(super) async fn insert_line(
    connection: &mut PgConnection,
    line: &Line<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO board_step (post, n, at, actor, person, step, was, became, ground, text, office)
         SELECT $1, 1 + count(*), $2, $3, $4, $5, $6, $7, $8, $9, $10
         FROM board_step WHERE post = $1",
        line.post,
        now,
        line.actor.word(),
        line.person.map(PersonId::uuid),
        line.step,
        line.was.map(State::word),
        line.became.word(),
        line.ground,
        line.text,
        line.office.map(OrganisationId::uuid)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who took a step last, of those named `word`, with its text.
pub(super) async fn last_step(
    connection: &mut PgConnection,
    (post, words): (Uuid, &[String]),
) -> Done<Option<(Option<PersonId>, Option<String>)>> {
    let row = sqlx::query!(
        "SELECT person, text FROM board_step WHERE post = $1 AND step = ANY($2)
         ORDER BY n DESC LIMIT 1",
        post,
        words
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.person.map(PersonId), row.text)))
}

/// Keeps the hash of a passphrase.
pub(super) async fn insert_receipt(
    connection: &mut PgConnection,
    post: Uuid,
    row: &PasswordRow,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO board_receipt (post, salt, hash, memory_kib, passes)
         VALUES ($1, $2, $3, $4, $5)",
        post,
        row.salt,
        row.hash,
        row.memory_kib,
        row.passes
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The hash of the passphrase of a number.
pub(super) async fn receipt(
    connection: &mut PgConnection,
    number: i64,
) -> Done<Option<PasswordRow>> {
    sqlx::query_as!(
        PasswordRow,
        "SELECT r.salt, r.hash, r.memory_kib, r.passes
         FROM board_receipt r JOIN board_post p ON p.id = r.post WHERE p.number = $1",
        number
    )
    .fetch_optional(connection)
    .await
}

/// Counts a look-up and drops those older than an hour; returns how many there were before, of
/// the number and of the network.
pub(super) async fn count_try(
    connection: &mut PgConnection,
    id: Uuid,
    (number, address): (i64, &[u8]),
    now: OffsetDateTime,
) -> Done<(i64, i64)> {
    let since = now - Duration::hours(1);
    sqlx::query!(
        "DELETE FROM board_try WHERE id IN (
             SELECT id FROM board_try WHERE at < $1 ORDER BY at LIMIT 50 FOR UPDATE SKIP LOCKED)",
        since
    )
    .execute(&mut *connection)
    .await?;
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE number = $1) AS "number!",
                  count(*) FILTER (WHERE address = $2) AS "address!"
           FROM board_try WHERE at >= $3 AND (number = $1 OR address = $2)"#,
        number,
        address,
        since
    )
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO board_try (id, number, address, at) VALUES ($1, $2, $3, $4)",
        id,
        number,
        address,
        now
    )
    .execute(connection)
    .await?;
    Ok((row.number, row.address))
}

/// Makes look-ups of one number, and those of one network, follow each other.
pub(super) async fn lock_tries(connection: &mut PgConnection, keys: [i64; 2]) -> Done<()> {
    for key in keys {
        sqlx::query!("SELECT pg_advisory_xact_lock($1)", key).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Supports a post; `false` where the account did already.
pub(super) async fn support(
    connection: &mut PgConnection,
    (post, person): (Uuid, PersonId),
    now: OffsetDateTime,
) -> Done<bool> {
    let done = sqlx::query!(
        "INSERT INTO board_support (post, person, at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        post,
        person.uuid(),
        now
    )
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 1 {
        sqlx::query!("UPDATE board_post SET support = support + 1 WHERE id = $1", post)
            .execute(connection)
            .await?;
        return Ok(true);
    }
    Ok(false)
}

/// Posts that the clock has to look at, the longest due first.
pub(super) async fn due(connection: &mut PgConnection, today: Date, limit: i64) -> Done<Vec<i64>> {
    sqlx::query_scalar!(
        "SELECT number FROM board_post WHERE look_after < $1 ORDER BY look_after LIMIT $2",
        today,
        limit
    )
    .fetch_all(connection)
    .await
}
