//! All SQL that reads posts for pages.

use signaling::{OrganisationId, PersonId};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::types::{Actor, Kind, State};
use crate::error::{InconsistentRow, Result};
use crate::features::moderation::{self, Lists};

/// A post as lists show it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub number: i64,
    pub kind: Kind,
    pub title: String,
    pub body: String,
    pub display_name: String,
    pub state: State,
    pub due: Option<Date>,
    pub level: i32,
    pub office: Option<String>,
    pub support: i32,
    /// A word of the lists asks for a look before it is published.
    pub held: bool,
    /// Last day for a decision about open reports.
    pub report_due: Option<Date>,
    pub submitted_at: OffsetDateTime,
    pub published_at: Option<OffsetDateTime>,
    pub changed_at: OffsetDateTime,
}

struct ListedRow {
    number: i64,
    kind: String,
    title: String,
    body: String,
    display_name: String,
    state: String,
    due: Option<Date>,
    level: i32,
    office: Option<String>,
    support: i32,
    held: bool,
    report_due: Option<Date>,
    submitted_at: OffsetDateTime,
    published_at: Option<OffsetDateTime>,
    changed_at: OffsetDateTime,
}

impl Listed {
    /// As everybody may read it.
    fn public(self, lists: &Lists) -> Self {
        let (title, body) = (lists.public(&self.title), lists.public(&self.body));
        Self { title, body, display_name: lists.public(&self.display_name), ..self }
    }
}

impl TryFrom<ListedRow> for Listed {
    type Error = InconsistentRow;

    fn try_from(row: ListedRow) -> Result<Self, InconsistentRow> {
        let broken =
            |column| InconsistentRow { table: "board_post", column, id: row.number.to_string() };
        Ok(Self {
            number: row.number,
            kind: Kind::of(&row.kind).ok_or_else(|| broken("kind"))?,
            state: State::of(&row.state).ok_or_else(|| broken("state"))?,
            title: row.title,
            body: row.body,
            display_name: row.display_name,
            due: row.due,
            level: row.level,
            office: row.office,
            support: row.support,
            held: row.held,
            report_due: row.report_due,
            submitted_at: row.submitted_at,
            published_at: row.published_at,
            changed_at: row.changed_at,
        })
    }
}

fn listed(rows: Vec<ListedRow>) -> Result<Vec<Listed>> {
    Ok(rows.into_iter().map(Listed::try_from).collect::<Result<_, _>>()?)
}

fn words(states: impl Iterator<Item = State>) -> Vec<String> {
    states.map(|state| state.word().to_owned()).collect()
}

/// States in which a post that was published is still read by everybody.
fn public_states() -> Vec<String> {
    words(State::ALL.iter().copied().filter(|state| state.is_shown()))
}

fn owed_states() -> Vec<String> {
    words(State::ALL.iter().copied().filter(|state| state.is_owed()))
}

/// Which public posts.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter<'a> {
    pub kind: Option<Kind>,
    /// Stands in title or text.
    pub search: Option<&'a str>,
    /// Published before this moment.
    pub before: Option<OffsetDateTime>,
    /// Overdue on this day.
    pub overdue: Option<Date>,
    pub limit: i64,
}

/// Public posts as everybody may read them, the newest first.
pub(super) async fn published(
    connection: &mut PgConnection,
    filter: &Filter<'_>,
) -> Result<Vec<Listed>> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT p.number, p.kind, p.title, p.body, p.display_name, p.state, p.due, p.level,
                  v.name AS "office?", p.support, cardinality(p.held) > 0 AS "held!",
                  NULL::date AS report_due, p.submitted_at, p.published_at, p.changed_at
           FROM board_post p
           LEFT JOIN organisation_version v ON v.organisation = p.office AND v.in_force
           WHERE p.published_at IS NOT NULL AND NOT p.private AND p.state = ANY($1)
             AND ($2::text IS NULL OR p.kind = $2)
             AND ($3::text IS NULL OR strpos(p.title || ' ' || p.body, $3) > 0)
             AND ($4::timestamptz IS NULL OR p.published_at < $4)
             AND ($5::date IS NULL OR (p.due < $5 AND p.state = ANY($6)))
           ORDER BY p.published_at DESC, p.id DESC LIMIT $7"#,
        &public_states(),
        filter.kind.map(Kind::word),
        filter.search,
        filter.before,
        filter.overdue,
        &owed_states(),
        filter.limit
    )
    .fetch_all(&mut *connection)
    .await?;
    let lists = moderation::lists(connection).await?;
    Ok(listed(rows)?.into_iter().map(|row| row.public(&lists)).collect())
}

/// Posts of an author, the newest first.
pub(super) async fn own(
    connection: &mut PgConnection,
    author: PersonId,
    limit: i64,
) -> Result<Vec<Listed>> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT p.number, p.kind, p.title, p.body, p.display_name, p.state, p.due, p.level,
                  v.name AS "office?", p.support, cardinality(p.held) > 0 AS "held!",
                  NULL::date AS report_due, p.submitted_at, p.published_at, p.changed_at
           FROM board_post p
           LEFT JOIN organisation_version v ON v.organisation = p.office AND v.in_force
           WHERE p.author = $1 ORDER BY p.submitted_at DESC, p.id DESC LIMIT $2"#,
        author.uuid(),
        limit
    )
    .fetch_all(connection)
    .await?;
    listed(rows)
}

/// What lies on a desk: posts of boards that the person reviews or decides on, and those with the
/// person's office; nothing of the person's own; the longest waiting first.
pub(super) async fn at_desk(
    connection: &mut PgConnection,
    person: PersonId,
    (boards, offices): (&[Uuid], &[Uuid]),
    limit: i64,
) -> Result<Vec<Listed>> {
    let open = words(State::ALL.iter().copied().filter(|state| !state.is_done()));
    let with_office = words(State::ALL.iter().copied().filter(|state| state.is_with_office()));
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT p.number, p.kind, p.title, p.body, p.display_name, p.state, p.due, p.level,
                  v.name AS "office?", p.support, cardinality(p.held) > 0 AS "held!",
                  r.due AS report_due, p.submitted_at, p.published_at, p.changed_at
           FROM board_post p
           LEFT JOIN organisation_version v ON v.organisation = p.office AND v.in_force
           LEFT JOIN LATERAL (
               SELECT min(due) AS due FROM board_report WHERE post = p.id AND outcome IS NULL
           ) r ON p.board = ANY($3)
           WHERE p.author <> $1 AND (p.state = ANY($2) OR r.due IS NOT NULL)
             AND (p.board = ANY($3) OR (p.office = ANY($4) AND p.state = ANY($5)))
           ORDER BY least(p.due, r.due), p.submitted_at, p.id LIMIT $6"#,
        person.uuid(),
        &open,
        boards,
        offices,
        &with_office,
        limit
    )
    .fetch_all(connection)
    .await?;
    listed(rows)
}

/// A line of the history as pages show it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub at: OffsetDateTime,
    pub actor: String,
    pub person: Option<String>,
    pub step: String,
    pub ground: Option<String>,
    pub text: Option<String>,
    pub office: Option<String>,
}

/// The history of a post, the first step first.
pub(super) async fn history(connection: &mut PgConnection, post: Uuid) -> Result<Vec<Told>> {
    let rows = sqlx::query_as!(
        Told,
        r#"SELECT s.at, s.actor, p.name AS "person?", s.step, s.ground, s.text,
                  v.name AS "office?"
           FROM board_step s
           LEFT JOIN person p ON p.id = s.person
           LEFT JOIN organisation_version v ON v.organisation = s.office AND v.in_force
           WHERE s.post = $1 ORDER BY s.n"#,
        post
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The name of an organisation.
pub(super) async fn name_of_place(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Result<String> {
    let name = sqlx::query_scalar!(
        "SELECT name FROM organisation_version WHERE organisation = $1 AND in_force",
        of.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(name.unwrap_or_default())
}

/// Figures of an office.
#[derive(Clone, Debug)]
pub(super) struct OfficeFigures {
    pub office: String,
    pub given: i64,
    pub answered: i64,
    pub overdue: i64,
    pub rated: i64,
    /// Tenths of a star, of those rated.
    pub tenths: i64,
}

/// Figures of every office over public posts, those with most overdue first.
pub(super) async fn figures(
    connection: &mut PgConnection,
    today: Date,
) -> Result<Vec<OfficeFigures>> {
    let rows = sqlx::query_as!(
        OfficeFigures,
        r#"SELECT v.name AS "office!", count(*) AS "given!",
                  count(p.replied_at) AS "answered!",
                  count(*) FILTER (WHERE p.due < $1 AND p.state = ANY($2)) AS "overdue!",
                  count(p.rating) AS "rated!",
                  coalesce(round(avg(p.rating) * 10), 0)::bigint AS "tenths!"
           FROM board_post p
           JOIN organisation_version v ON v.organisation = p.office AND v.in_force
           WHERE p.published_at IS NOT NULL AND NOT p.private
           GROUP BY v.name ORDER BY 4 DESC, 1 LIMIT 200"#,
        today,
        &owed_states()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Titles of public posts that look like `title`, at most three.
pub(super) async fn similar(
    connection: &mut PgConnection,
    title: &str,
) -> Result<Vec<(i64, String)>> {
    let rows = published(connection, &Filter { limit: 200, ..Filter::default() }).await?;
    let mut alike: Vec<(usize, i64, String)> = rows
        .into_iter()
        .map(|row| (in_common(title, &row.title), row.number, row.title))
        .filter(|(score, _, _)| *score >= SIMILAR_PERCENT_MIN)
        .collect();
    alike.sort_by_key(|(score, number, _)| (std::cmp::Reverse(*score), *number));
    Ok(alike.into_iter().take(3).map(|(_, number, title)| (number, title)).collect())
}

/// Pairs of neighbouring characters in common from which on two titles look alike, in percent.
const SIMILAR_PERCENT_MIN: usize = 40;

/// Share of the pairs of neighbouring characters of `one` that stand in `other`, in percent.
fn in_common(one: &str, other: &str) -> usize {
    let pairs = |text: &str| -> Vec<(char, char)> {
        let plain: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        plain.iter().copied().zip(plain.iter().copied().skip(1)).collect()
    };
    let (ours, theirs) = (pairs(one), pairs(other));
    let shared = ours.iter().filter(|pair| theirs.contains(pair)).count();
    shared.saturating_mul(100).checked_div(ours.len()).unwrap_or_default()
}

/// Boards and offices of a person as ids for [`at_desk`].
pub(super) fn of_duties(duties: &[super::Duty]) -> (Vec<Uuid>, Vec<Uuid>) {
    let of = |office: bool| {
        let fits = move |duty: &&super::Duty| (duty.actor == Actor::Office) == office;
        duties.iter().filter(fits).map(|duty| duty.organisation.uuid()).collect()
    };
    (of(false), of(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_about_the_same_matter_look_alike() {
        assert!(in_common("清泉村三组饮水管漏水已五天", "清泉村饮水管漏水无人修理") >= 40);
        assert!(in_common("清泉村三组饮水管漏水已五天", "枫浦村活动室周末延长开放") < 40);
        assert_eq!(in_common("", "任何标题"), 0);
    }
}
