//! The desk: what waits, in columns, the longest first, and one post beside it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::BOARD_PAGE_ROWS_MAX;
use time::Date;

use super::layout::{Look, desk_keys, lines, page};
use super::public::{Reader, progress, reply, state_mark, told};
use super::{PageForm, desk_post, own_address, pictures, reporting, words};
use crate::app::App;
use crate::auth::{Caller, Session, Visitor};
use crate::error::Result;
use crate::features::accounts;
use crate::features::boards::people::{self, Duty};
use crate::features::boards::reading::{self, Listed};
use crate::features::boards::types::{Actor, State as PostState};
use crate::features::boards::{is_overdue, no_post, picture_queries, queries, reports, steps};
use crate::features::policies::day_of;
use crate::features::text;

/// Days before the last one from which on a post stands in the column of those soon overdue.
const SOON_DAYS: i64 = 2;
/// Posts that one desk shows: several columns.
const DESK_ROWS_MAX: i64 = BOARD_PAGE_ROWS_MAX * 10;

/// The desk without a post.
pub(super) async fn desk(State(app): State<App>, caller: Caller, look: Look) -> Result<Response> {
    show(&app, caller, look, None).await
}

/// The desk with a post beside the list.
pub(super) async fn desk_with(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Path(path): Path<String>,
) -> Result<Response> {
    let number = text::plain_number(&path).ok_or_else(no_post)?;
    show(&app, caller, look, Some(number)).await
}

async fn show(app: &App, caller: Caller, look: Look, number: Option<i64>) -> Result<Response> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let duties = people::duties(&mut connection, caller.person).await?;
    if duties.is_empty() {
        return Err(no_post());
    }
    let (boards, offices) = reading::of_duties(&duties);
    let rows = reading::at_desk(&mut connection, caller.person, (&boards, &offices), DESK_ROWS_MAX)
        .await?;
    let beside = match number {
        Some(number) => Some(beside(app, caller, look, number).await?),
        None => None,
    };
    let title = lang.say("留言工作台", "Board desk");
    let today = day_of(app.clock.now());
    let main = html! {
        h1 { (title) }
        (desk_keys(lang))
        @if !boards.is_empty() {
            p { a href="/desk/words" { (lang.say("词表（拦截、待核、遮盖）", "Word lists (block, hold, mask)")) } }
        }
        div.desk {
            div.desk-columns { (columns(look, (&rows, &duties), (today, number))) }
            div.desk-post {
                @match beside {
                    Some(beside) => (beside),
                    None => p { (lang.say(
                        "从列表中选一条留言。等得最久的排在最前。",
                        "Choose a post of the list. What waits longest stands first.",
                    )) }
                }
            }
        }
    };
    Ok(page(look, title, &main))
}

/// A column: its name and which posts stand in it.
type Column = (&'static str, &'static str, fn(PostState) -> bool);

const COLUMNS: [Column; 7] = [
    ("隐藏待复核", "Hidings to review", |state| state == PostState::HidingReview),
    ("待审核", "To review", |state| state == PostState::Pending),
    ("待复核申诉", "Appeals", |state| state == PostState::Appealed),
    ("待转办", "To assign", |state| {
        matches!(
            state,
            PostState::Published
                | PostState::Accepted
                | PostState::Reassigned
                | PostState::Reopened
        )
    }),
    ("办理中", "In progress", |state| {
        matches!(state, PostState::Assigned | PostState::InProgress)
    }),
    ("待答复审核", "Replies to review", |state| state == PostState::ReplyReview),
    ("等待留言人", "With the author", |state| {
        matches!(state, PostState::AwaitingAuthor | PostState::Replied)
    }),
];

fn columns(
    look: Look,
    (rows, duties): (&[Listed], &[Duty]),
    (today, current): (Date, Option<i64>),
) -> Markup {
    let lang = look.lang;
    let soon = |row: &&Listed| {
        let soon = |due: Date| (due - today).whole_days() <= SOON_DAYS;
        row.state.is_owed() && row.due.is_some_and(soon) || row.report_due.is_some_and(soon)
    };
    let reviews = duties.iter().any(|duty| duty.actor != Actor::Office);
    html! {
        (column(look, lang.say("即将超期和已超期", "Soon or already overdue"),
            rows.iter().filter(soon), (today, current)))
        @if reviews {
            (column(look, lang.say("被举报", "Reported"),
                rows.iter().filter(|row| row.report_due.is_some()), (today, current)))
        }
        @for (zh, en, fits) in COLUMNS {
            @if reviews || matches!(zh, "办理中" | "待答复审核" | "等待留言人") {
                (column(look, lang.say(zh, en), rows.iter().filter(|row| fits(row.state)),
                    (today, current)))
            }
        }
    }
}

fn column<'a>(
    look: Look,
    name: &str,
    rows: impl Iterator<Item = &'a Listed>,
    (today, current): (Date, Option<i64>),
) -> Markup {
    let rows: Vec<&Listed> = rows.collect();
    html! {
        section {
            h2 { (name) " " span.board-meta { (rows.len()) } }
            @for row in rows {
                article.board-card aria-current=[(current == Some(row.number)).then_some("true")] {
                    h3 { a href={ "/desk/board/" (row.number) } { (row.title) } }
                    p.board-meta {
                        (words::kind(look.lang, row.kind)) " · "
                        (state_mark(look, row.state,
                            row.state.is_owed() && row.due.is_some_and(|due| today > due)))
                        @if row.held { span.board-state.late { (look.lang.say("含待核词", "Words to look at")) } }
                        @if let Some(due) = row.report_due {
                            span.board-state.late[due < today] { (look.lang.say("举报须决定：", "Report due ")) (words::day(look.lang, due)) }
                        }
                        @if row.level > 0 { (look.lang.say("已上报 ", "raised ")) (row.level) " " }
                        @if let Some(due) = row.due {
                            (look.lang.say("截至", "until ")) (words::day(look.lang, due))
                        }
                    }
                }
            }
        }
    }
}

async fn beside(app: &App, caller: Caller, look: Look, number: i64) -> Result<Markup> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let row = queries::post(&mut connection, number).await?.ok_or_else(no_post)?;
    let actors = steps::actors(&mut connection, caller.person, &row).await?;
    if actors.is_empty() {
        return Err(no_post());
    }
    let history = reading::history(&mut connection, row.id).await?;
    let office = match row.office {
        Some(office) => Some(reading::name_of_place(&mut connection, office).await?),
        None => None,
    };
    let about = match row.about {
        Some(about) => Some(reading::name_of_place(&mut connection, about).await?),
        None => None,
    };
    let offices = people::places(&mut connection, Actor::Office).await?;
    let judges = actors.iter().any(|actor| *actor != Actor::Office);
    let shown = picture_queries::of(&mut connection, row.id).await?;
    let reported = reports::open_of(&mut connection, row.id).await?;
    let late = is_overdue(&row.post, day_of(app.clock.now()));
    Ok(html! {
        article aria-labelledby="post-title" {
            h2 #post-title { (row.title) }
            p.board-meta {
                (words::number(row.number)) " · " (words::kind(lang, row.kind)) " · "
                (row.display_name) " " (state_mark(look, row.post.state, late))
            }
            p.board-meta { (lang.say("我的身份：", "I act as: "))
                @for actor in &actors { (words::actor(lang, *actor)) " " } }
            @if row.post.private {
                p { strong { (lang.say("不公开", "Not published")) } }
            }
            @if let Some(about) = about { p { (lang.say("涉及：", "About: ")) (about) } }
            @if !row.held.is_empty() {
                p { strong { (lang.say("含待核词：", "Words to look at: ")) (row.held.join("、")) } }
            }
            (progress(look, &row, office.as_deref()))
            div.board-card {
                (lines(&row.body))
                (pictures::shown(lang, ("/desk/board", row.number), &shown))
            }
            (reply(look, &row))
            @if judges { (reporting::reported(lang, row.number, &reported)) }
            (desk_post::forms(lang, (&row, &history), &actors, &offices))
            h2 { (lang.say("办理过程", "What happened")) }
            (told(look, history.iter(), Reader::Desk))
        }
    })
}

#[derive(Deserialize)]
pub(super) struct OpenForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    to: String,
}

/// Opens the desk with the second factor.
pub(super) async fn open(
    State(app): State<App>,
    session: Session,
    visitor: Visitor,
    PageForm(form): PageForm<OpenForm>,
) -> Result<Response> {
    accounts::open_desk(&app, &session, (&form.code, accounts::CodeFor::Desk), &visitor).await?;
    let to = own_address(&form.to);
    let to = if to.starts_with("/desk") { to } else { "/desk/board" };
    Ok(Redirect::to(to).into_response())
}
