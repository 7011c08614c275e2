//! What everybody may read: the directory, a delegate, and the signed link of a station.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, header};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::DELEGATE_ROWS_MAX;
use uuid::Uuid;

use super::id_of;
use crate::app::App;
use crate::error::Result;
use crate::features::accounts;
use crate::features::delegates::directory;
use crate::features::delegates::directory_queries::{self, DelegateRow, StationRow};
use crate::features::delegates::{no_delegate, queries};
use crate::features::moderation;
use crate::features::pages::layout::{Lang, Look, lines, page};
use crate::features::pages::sought;

/// Published outcomes on the page of a delegate.
const PUBLISHED_ROWS: i64 = 20;

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// Every delegate in office, by organisation.
pub(super) async fn directory(
    State(app): State<App>,
    look: Look,
    Query(search): Query<Search>,
) -> Result<Response> {
    let lang = look.lang;
    let wanted = sought(&search.q);
    let mut connection = app.db.acquire().await?;
    let rows = directory_queries::delegates(&mut connection, (&wanted, DELEGATE_ROWS_MAX)).await?;
    let title = lang.say("找党代表", "Delegates");
    let mut place = None;
    let main = html! {
        h1 { (title) }
        p { (lang.say(
            "一件事一个事项：写给代表，代表答复；需要单位办理的，由代表形成意见，您看过原文并选择署名、不署名或不发送。",
            "One matter, one talk: you write, the delegate answers. Where an office has to act, the delegate forms an opinion, and you read its exact text and choose: with your name, without, or not at all.",
        )) }
        form method="get" action="/delegates" role="search" {
            div.field {
                label for="q" { (lang.say("按姓名、选区或单位查找", "Name, area or organisation")) }
                input.input #q name="q" value=(wanted) maxlength="40" autocomplete="off";
            }
            button.button type="submit" { (lang.say("查找", "Search")) }
        }
        @if rows.is_empty() {
            p { (lang.say("没有找到。换个词，或看全部：", "Nobody found. Try another word, or see all: "))
                a href="/delegates" { (lang.say("全部党代表", "all delegates")) } }
        }
        @for row in &rows {
            @if place.replace(row.organisation) != Some(row.organisation) {
                h2 { (row.organisation_name) }
            }
            article.board-card {
                h3 { a href={ "/delegates/" (row.id) } { (row.name) } }
                p.board-meta { (row.area) }
                p { (lang.say("联系日：", "To meet: ")) (row.contact_days) }
            }
        }
    };
    Ok(page(look, title, &main))
}

/// A delegate's public page.
pub(super) async fn delegate(
    State(app): State<App>,
    look: Look,
    Path(path): Path<String>,
) -> Result<Response> {
    let id = id_of(&path).map_err(|_| no_delegate())?;
    profile(&app, look, (id, None), &path).await
}

/// The same, from the code of a station.
pub(super) async fn at_station(
    State(app): State<App>,
    look: Look,
    Path(code): Path<String>,
) -> Result<Response> {
    let Some((delegate, station)) = directory::read_code(&app.keys, &code) else {
        return Ok(Redirect::to("/delegates").into_response());
    };
    let mut connection = app.db.acquire().await?;
    let station = directory_queries::station(&mut connection, station).await?;
    drop(connection);
    profile(&app, look, (delegate, station), &code).await
}

async fn profile(
    app: &App,
    look: Look,
    (delegate, station): (Uuid, Option<StationRow>),
    to: &str,
) -> Result<Response> {
    let mut connection = app.db.acquire().await?;
    let row = directory_queries::delegate(&mut connection, delegate).await?;
    let Some(row) = row else { return former(app, look, delegate).await };
    let published = queries::published(&mut connection, (row.id, PUBLISHED_ROWS)).await?;
    let lists = moderation::lists(&mut connection).await?;
    let lang = look.lang;
    let main = html! {
        h1 { (row.name) " " span.board-state { (lang.say("党代表", "delegate")) } }
        @if let Some(station) = &station {
            p { (lang.say("您正在：", "You are at: ")) strong { (station.name) } }
        }
        (facts(lang, &row))
        a.button.primary.wide href={ "/threads/new?to=" (to) } {
            (lang.say("写给代表", "Write to the delegate"))
        }
        p.hint { (lang.say(
            "需用手机号登录。只有您和这位代表看得到交流内容，管理员也看不到。",
            "You sign in with a telephone number. Only you and this delegate read what you write; administrators do not.",
        )) }
        @if !published.is_empty() {
            h2 { (lang.say("公开的办理结果", "Published outcomes")) }
            @for text in &published { div.board-card { (lines(&lists.public(text))) } }
        }
        p { a href="/delegates" { (lang.say("全部党代表", "All delegates")) } }
    };
    Ok(page(look, &row.name, &main))
}

fn facts(lang: Lang, row: &DelegateRow) -> Markup {
    html! {
        div.board-card {
            p.board-meta { (row.organisation_name) " · " (row.area) }
            h2 { (lang.say("职责", "Duties")) }
            (lines(&row.duties))
            h2 { (lang.say("联系日", "To meet")) }
            p { (row.contact_days) }
            p.board-meta {
                (lang.say("任期：", "Term: ")) (row.term_from) " — " (row.term_until)
            }
        }
    }
}

/// A link that was printed for somebody whose term is over leads to the successor.
async fn former(app: &App, look: Look, delegate: Uuid) -> Result<Response> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let Some(next) = directory_queries::successor(&mut connection, delegate).await? else {
        return Err(no_delegate());
    };
    let title = lang.say("这位代表的任期已结束", "The term of this delegate is over");
    let main = html! {
        h1 { (title) }
        a.button.primary.wide href={ "/delegates/" (next) } {
            (lang.say("联系继任的代表", "To the successor"))
        }
        p { a href="/delegates" { (lang.say("全部党代表", "All delegates")) } }
    };
    Ok(page(look, title, &main))
}

/// The signed link as a picture to print.
pub(super) async fn picture(
    State(app): State<App>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response> {
    if directory::read_code(&app.keys, &code).is_none() {
        return Err(no_delegate());
    }
    let own = app.config.http.origins.first().cloned();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let site = own.unwrap_or_else(|| format!("http://{host}"));
    let svg = accounts::picture(&format!("{site}/delegates/at/{code}"))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}
