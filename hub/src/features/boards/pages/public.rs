//! What everybody may read: the board, a post, figures, the feed and the map of the site.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, header};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::BOARD_PAGE_ROWS_MAX;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::layout::{DESK_SCRIPT, LIVE_SCRIPT, Look, STYLE, answer, lines, live, page, xml};
use super::{Asked, own_address, pictures, words};
use crate::app::App;
use crate::auth::Caller;
use crate::error::Result;
use crate::features::boards::queries::{self, PostRow};
use crate::features::boards::reading::{self, Filter, Listed, Told};
use crate::features::boards::types::{Kind, State as PostState};
use crate::features::boards::{no_post, people, picture_queries};
use crate::features::pages::sought;
use crate::features::policies::day_of;
use crate::features::{moderation, text};

/// Characters of a text that a list shows.
const EXCERPT_CHARS: usize = 80;
/// Posts in the feed and in the map of the site.
const FEED_ROWS: i64 = 50;
const SITEMAP_ROWS: i64 = 1_000;

/// The style sheet of the pages.
pub(super) async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=600"),
    ];
    (headers, STYLE).into_response()
}

/// The keys of the desks.
pub(super) async fn desk_script() -> Response {
    script(DESK_SCRIPT)
}

/// What keeps open pages current.
pub(super) async fn live_script() -> Response {
    script(LIVE_SCRIPT)
}

fn script(text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=600"),
    ];
    (headers, text).into_response()
}

#[derive(Deserialize)]
pub(super) struct ChooseLook {
    #[serde(default)]
    to: String,
}

/// Keeps how this browser wants to read, and goes back.
pub(super) async fn choose_look(
    look: Look,
    headers: HeaderMap,
    Query(choose): Query<ChooseLook>,
) -> Response {
    // Only the path of the page that was left is used, and only if it is one of ours.
    let from = headers.get(header::REFERER).and_then(|from| from.to_str().ok());
    let path = from.and_then(|from| from.splitn(4, '/').nth(3)).map(|path| format!("/{path}"));
    let back = own_address(path.as_deref().unwrap_or("/board")).to_owned();
    let mut response = Redirect::to(&back).into_response();
    if let Some(cookie) = look.changed(&choose.to).cookie() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Default, Deserialize)]
pub(super) struct BoardQuery {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    before: String,
}

/// Public posts, with the look-up on top.
pub(super) async fn board(
    State(app): State<App>,
    look: Look,
    asked: Asked,
    Query(query): Query<BoardQuery>,
) -> Result<Response> {
    asked.answer(&app, board_page(&app, look, &query)).await
}

async fn board_page(app: &App, look: Look, query: &BoardQuery) -> Result<Response> {
    let lang = look.lang;
    let kind = Kind::of(&query.kind);
    let search = sought(&query.q);
    let before = OffsetDateTime::parse(&query.before, &Rfc3339).ok();
    let filter = Filter {
        kind,
        search: Some(search.as_str()).filter(|search| !search.is_empty()),
        before,
        overdue: None,
        limit: BOARD_PAGE_ROWS_MAX,
    };
    let mut connection = app.db.acquire().await?;
    let rows = reading::published(&mut connection, &filter).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == BOARD_PAGE_ROWS_MAX);
    let last = rows.last().and_then(|row| row.published_at).filter(|_| full);
    let last = last.and_then(|at| at.format(&Rfc3339).ok());
    let title = lang.say("留言板", "Message board");
    let main = html! {
        h1 { (title) }
        (live(lang, true))
        p {
            a.button.primary href="/board/new" { (lang.say("我要留言", "Write a post")) } " "
            a.button href="/track" { (lang.say("凭编号查询进度", "Follow by number")) }
        }
        form method="get" action="/board" role="search" {
            label for="q" { (lang.say("查找留言", "Find a post")) }
            input.input #q type="search" name="q" value=(search) maxlength="40";
            label for="kind" { (lang.say("类型", "Kind")) }
            select.input #kind name="kind" {
                option value="" { (lang.say("全部类型", "All kinds")) }
                @for each in Kind::ALL {
                    option value=(each.word()) selected[kind == Some(*each)] {
                        (words::kind(lang, *each))
                    }
                }
            }
            button.button type="submit" { (lang.say("查找", "Find")) }
        }
        h2 { (lang.say("已公开的留言", "Published posts")) }
        @if rows.is_empty() {
            p { (lang.say(
                "还没有这样的留言。您可以写第一条。",
                "There is no such post yet. You can write the first one.",
            )) }
        }
        @for row in &rows { (listed(look, row, app)) }
        @if let Some(last) = last {
            p {
                a.button href={ "/board?kind=" (query.kind) "&q=" (search) "&before=" (last) } {
                    (lang.say("更早的留言", "Earlier posts"))
                }
            }
        }
    };
    Ok(page(look, title, &main))
}

/// A post in a list.
pub(super) fn listed(look: Look, row: &Listed, app: &App) -> Markup {
    let lang = look.lang;
    let late = row.state.is_owed() && row.due.is_some_and(|due| day_of(app.clock.now()) > due);
    let excerpt: String = row.body.chars().take(EXCERPT_CHARS).collect();
    let more = row.body.chars().count() > EXCERPT_CHARS;
    html! {
        article.board-card {
            h3 { a href={ "/board/" (row.number) } { (row.title) } }
            p { (excerpt) @if more { "…" } }
            p.board-meta {
                span.board-state { (words::kind(lang, row.kind)) }
                (state_mark(look, row.state, late))
                span { (row.display_name) " · " (words::moment(lang, row.submitted_at)) }
                @if let Some(office) = &row.office { " · " (office) }
                @if row.support > 0 { " · " (lang.say("附议 ", "Supported by ")) (row.support) }
            }
        }
    }
}

/// The state in words, never in colour alone.
pub(super) fn state_mark(look: Look, state: PostState, late: bool) -> Markup {
    let lang = look.lang;
    let done = matches!(state, PostState::Replied | PostState::Closed);
    html! {
        span.board-state.done[done] { (words::state(lang, state)) }
        @if late { span.board-state.late { (lang.say("已超期", "Overdue")) } }
    }
}

fn number_of(path: &str) -> Result<i64> {
    text::plain_number(path).ok_or_else(no_post)
}

/// One public post with its progress; a tombstone where it was hidden.
pub(super) async fn post(
    State(app): State<App>,
    look: Look,
    asked: Asked,
    Path(path): Path<String>,
) -> Result<Response> {
    asked.answer(&app, post_page(&app, look, &path)).await
}

async fn post_page(app: &App, look: Look, path: &str) -> Result<Response> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let row = queries::post(&mut connection, number_of(path)?).await?.ok_or_else(no_post)?;
    let hidden = matches!(row.post.state, PostState::Hidden | PostState::HidingReview);
    if hidden && row.published_at.is_some() && !row.post.private {
        return Ok(tombstone(look, &row));
    }
    if !row.post.is_public() {
        return Err(no_post());
    }
    let lists = moderation::lists(&mut connection).await?;
    let row = row.public(&lists);
    let mut history = reading::history(&mut connection, row.id).await?;
    for told in &mut history {
        told.text = told.text.as_deref().map(|text| lists.public(text));
    }
    let mut shown = picture_queries::of(&mut connection, row.id).await?;
    for picture in &mut shown {
        picture.alt = picture.alt.as_deref().map(|alt| lists.public(alt));
    }
    let office = match row.office {
        Some(office) => Some(reading::name_of_place(&mut connection, office).await?),
        None => None,
    };
    let late = crate::features::boards::is_overdue(&row.post, day_of(app.clock.now()));
    let main = html! {
        h1 { (row.title) }
        (live(lang, true))
        p.board-meta {
            span.board-state { (words::kind(lang, row.kind)) }
            (state_mark(look, row.post.state, late))
            span { (row.display_name) " · " (words::moment(lang, row.submitted_at)) }
        }
        p.board-meta { (lang.say("编号 ", "Number ")) (words::number(row.number)) }
        div.board-card { (lines(&row.body)) (pictures::shown(lang, ("/board", row.number), &shown)) }
        (progress(look, &row, office.as_deref()))
        (reply(look, &row))
        form method="post" action={ "/board/" (row.number) "/support" } {
            button.button type="submit" { (lang.say("附议", "Support")) }
            " " span { (row.support) (lang.say(" 人附议（每个账号一次）", " in support (once per account)")) }
        }
        p { a href={ "/board/" (row.number) "/report" } { (lang.say("举报", "Report")) } }
        h2 { (lang.say("办理过程", "What happened")) }
        (told(look, history.iter().filter(|told| is_public_step(told)), Reader::Public))
        p { a href="/track" { (lang.say("我是留言人，查询和补充", "I wrote this: follow and add")) } }
    };
    Ok(page(look, &row.title, &main))
}

fn tombstone(look: Look, row: &PostRow) -> Response {
    let lang = look.lang;
    let title = lang.say("这条留言已隐藏", "This post was hidden");
    let main = html! {
        h1 { (title) }
        p { (lang.say("编号 ", "Number ")) (words::number(row.number)) }
        @if let Some(ground) = &row.ground {
            p { (lang.say("原因：", "Reason: ")) (words::ground_of(lang, ground)) }
        }
        @if row.post.state == PostState::HidingReview {
            p { (lang.say(
                "另一位工作人员正在复核这次隐藏。",
                "Another person is reviewing this hiding.",
            )) }
        }
        p { (lang.say(
            "留言人可以在“查询进度”中看到说明并申诉一次。",
            "Its author can read why and appeal once under “Follow a post”.",
        )) }
    };
    answer(look, http::StatusCode::GONE, title, &main)
}

/// What is awaited, from whom and until when.
pub(super) fn progress(look: Look, row: &PostRow, office: Option<&str>) -> Markup {
    let lang = look.lang;
    html! {
        @if let Some(office) = office { p { (lang.say("承办单位：", "Office: ")) (office) } }
        @if let Some(awaited) = words::awaited(lang, (row.post.state, row.post.due)) {
            p { strong { (awaited) } }
        }
        @if row.post.level > 0 {
            p { (lang.say("已超期，已报上一级督办。", "Overdue; the level above was told.")) }
        }
    }
}

/// The approved reply.
pub(super) fn reply(look: Look, row: &PostRow) -> Markup {
    let lang = look.lang;
    html! {
        @if let (Some(reply), Some(at)) = (&row.reply, row.replied_at) {
            section.board-card.board-reply aria-labelledby="reply" {
                h2 #reply { (lang.say("答复", "Reply")) }
                (lines(reply))
                p.board-meta { (words::moment(lang, at)) }
            }
        }
        @if let Some(stars) = row.post.rating {
            p { (lang.say("留言人评价：", "Rated by its author: ")) (stars) " / 5" }
        }
    }
}

/// Who reads a history.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Public,
    Author,
    Desk,
}

/// Steps that everybody may know of.
fn is_public_step(told: &Told) -> bool {
    matches!(
        told.step.as_str(),
        "submit"
            | "publish"
            | "assign"
            | "accept"
            | "not_ours"
            | "ask_back"
            | "extend"
            | "approve_reply"
            | "rate"
            | "unsatisfied"
            | "appeal_succeeds"
            | "hiding_lifted"
    )
}

/// Texts that the author may read too; a draft of a reply is the desk's alone.
fn is_text_for(reader: Reader, told: &Told) -> bool {
    let word = told.step.as_str();
    match reader {
        Reader::Public => word == "extend",
        Reader::Author => !matches!(word, "draft_reply" | "return_reply" | "not_ours"),
        Reader::Desk => true,
    }
}

/// The history as a list.
pub(super) fn told<'a>(
    look: Look,
    history: impl Iterator<Item = &'a Told>,
    reader: Reader,
) -> Markup {
    let lang = look.lang;
    let hidden = |told: &&Told| {
        reader == Reader::Author && matches!(told.step.as_str(), "draft_reply" | "return_reply")
    };
    html! {
        ol.board-history {
            @for told in history.filter(|told| !hidden(told)) {
                li {
                    span.board-meta { (words::moment(lang, told.at)) } " "
                    strong { (words::step(lang, told)) }
                    @if let Some(office) = &told.office { " → " (office) }
                    @if let Some(ground) = &told.ground {
                        @if reader != Reader::Public { "：" (words::ground_of(lang, ground)) }
                    }
                    @if let (Reader::Desk, Some(person), true) =
                        (reader, &told.person, told.actor != "author") { " · " (person) }
                    @if let (Some(text), true) = (&told.text, is_text_for(reader, told)) {
                        (lines(text))
                    }
                }
            }
        }
    }
}

/// Supports a post once.
pub(super) async fn support(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
) -> Result<Response> {
    let number = number_of(&path)?;
    let mut transaction = app.db.begin().await?;
    let row = queries::post(&mut transaction, number).await?.ok_or_else(no_post)?;
    if !row.post.is_public() {
        return Err(no_post());
    }
    if people::display_name(&mut transaction, caller.person).await?.is_none() {
        return Ok(Redirect::to(&format!("/board/sign-in?to=/board/{number}")).into_response());
    }
    queries::support(&mut transaction, (row.id, caller.person), app.clock.now()).await?;
    transaction.commit().await?;
    app.pages.moved();
    Ok(Redirect::to(&format!("/board/{number}")).into_response())
}

/// Figures of the offices, and what is overdue.
pub(super) async fn statistics(
    State(app): State<App>,
    look: Look,
    asked: Asked,
) -> Result<Response> {
    asked.answer(&app, statistics_page(&app, look)).await
}

async fn statistics_page(app: &App, look: Look) -> Result<Response> {
    let lang = look.lang;
    let today = day_of(app.clock.now());
    let mut connection = app.db.acquire().await?;
    let figures = reading::figures(&mut connection, today).await?;
    let overdue = Filter { overdue: Some(today), limit: 200, ..Filter::default() };
    let overdue = reading::published(&mut connection, &overdue).await?;
    let title = lang.say("办理统计", "Statistics");
    let main = html! {
        h1 { (title) }
        (live(lang, true))
        div.board-table tabindex="0" role="region" aria-label=(lang.say("各单位办理情况", "Figures of the offices")) {
            table {
                thead { tr {
                    th scope="col" { (lang.say("承办单位", "Office")) }
                    th scope="col" { (lang.say("收到", "Given")) }
                    th scope="col" { (lang.say("已答复", "Answered")) }
                    th scope="col" { (lang.say("超期", "Overdue")) }
                    th scope="col" { (lang.say("平均评分", "Mean rating")) }
                } }
                tbody {
                    @for row in &figures {
                        tr {
                            th scope="row" { (row.office) }
                            td { (row.given) }
                            td { (row.answered) }
                            td { (row.overdue) }
                            td {
                                @if row.rated > 0 { (row.tenths / 10) "." (row.tenths % 10) }
                                @else { "—" }
                            }
                        }
                    }
                }
            }
        }
        h2 #overdue { (lang.say("超期未办结的留言", "Overdue posts")) }
        @if overdue.is_empty() { p { (lang.say("没有超期的留言。", "Nothing is overdue.")) } }
        @for row in &overdue { (listed(look, row, app)) }
    };
    Ok(page(look, title, &main))
}

/// Where this site is, as the request names it.
fn site(app: &App, headers: &HeaderMap) -> String {
    if let Some(origin) = app.config.http.origins.first() {
        return origin.clone();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("http://{host}")
}

/// The newest public posts as an Atom feed.
pub(super) async fn feed(
    State(app): State<App>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response> {
    asked.answer(&app, feed_page(&app, site(&app, &headers))).await
}

async fn feed_page(app: &App, site: String) -> Result<Response> {
    let mut connection = app.db.acquire().await?;
    let filter = Filter { limit: FEED_ROWS, ..Filter::default() };
    let rows = reading::published(&mut connection, &filter).await?;
    let stamp = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let updated = rows.iter().map(|row| row.changed_at).max().unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let markup = html! {
        feed xmlns="http://www.w3.org/2005/Atom" {
            title { "连心留言板" }
            id { (site) "/board" }
            updated { (stamp(updated)) }
            link rel="self" href={ (site) "/board/feed.atom" } {}
            author { name { "连心" } }
            @for row in &rows {
                entry {
                    title { (row.title) }
                    id { (site) "/board/" (row.number) }
                    link href={ (site) "/board/" (row.number) } {}
                    updated { (stamp(row.changed_at)) }
                    summary { (row.body) }
                }
            }
        }
    };
    let markup = maud::PreEscaped(markup.into_string().replace("></link>", "/>"));
    Ok(xml("application/atom+xml; charset=utf-8", &markup))
}

/// Addresses for search engines.
pub(super) async fn sitemap(
    State(app): State<App>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response> {
    asked.answer(&app, sitemap_page(&app, site(&app, &headers))).await
}

async fn sitemap_page(app: &App, site: String) -> Result<Response> {
    let mut connection = app.db.acquire().await?;
    let filter = Filter { limit: SITEMAP_ROWS, ..Filter::default() };
    let rows = reading::published(&mut connection, &filter).await?;
    let markup = html! {
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            url { loc { (site) "/board" } }
            @for row in &rows { url { loc { (site) "/board/" (row.number) } } }
        }
    };
    Ok(xml("application/xml; charset=utf-8", &markup))
}
