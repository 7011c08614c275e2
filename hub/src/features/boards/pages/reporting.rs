//! Reporting a published post, and letting reported posts stand at the desk.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::BOARD_REPORT_CHARS_MAX;

use super::desk_post::ground_field;
use super::layout::{Lang, Look, lines, page};
use super::tracking::text_field;
use super::{PageForm, words};
use crate::app::App;
use crate::auth::Caller;
use crate::error::Result;
use crate::features::boards::report_queries::{OwnReport, Reported};
use crate::features::boards::{Ground, no_post, people, queries, reports};
use crate::features::{moderation, text};

/// The form, for whoever may post.
pub(super) async fn ask(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Path(path): Path<String>,
) -> Result<Response> {
    let lang = look.lang;
    let number = text::plain_number(&path).ok_or_else(no_post)?;
    let mut connection = app.db.acquire().await?;
    let row = queries::post(&mut connection, number).await?.ok_or_else(no_post)?;
    if !row.post.is_public() {
        return Err(no_post());
    }
    if people::display_name(&mut connection, caller.person).await?.is_none() {
        return Ok(to_sign_in(number));
    }
    let lists = moderation::lists(&mut connection).await?;
    let title = lang.say("举报", "Report a post");
    let main = html! {
        h1 { (title) }
        p { (lists.public(&row.title)) " · " (words::number(number)) }
        p { (lang.say(
            "审核人员会在期限内决定，结果写在“查询进度”的“我的举报”里。留言人看不到是谁举报的。",
            "It is decided within the time; you find the outcome under “Follow a post”. The author does not learn who reported it.",
        )) }
        form method="post" action={ "/board/" (number) "/report" } {
            (ground_field(lang, "report-ground"))
            div.field {
                label for="report-text" { (lang.say("补充说明（可不填）", "A few words (optional)")) }
                textarea.input #report-text name="text" rows="3" maxlength=(BOARD_REPORT_CHARS_MAX) {}
            }
            button.button.primary.wide type="submit" { (lang.say("提交举报", "Report it")) }
            a.button.wide href={ "/board/" (number) } { (lang.say("返回", "Back")) }
        }
    };
    Ok(page(look, title, &main))
}

fn to_sign_in(number: i64) -> Response {
    Redirect::to(&format!("/board/sign-in?to=/board/{number}/report")).into_response()
}

#[derive(Deserialize)]
pub(super) struct ReportForm {
    #[serde(default)]
    ground: String,
    #[serde(default)]
    text: String,
}

/// Takes a report.
pub(super) async fn take(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Path(path): Path<String>,
    PageForm(form): PageForm<ReportForm>,
) -> Result<Response> {
    let number = text::plain_number(&path).ok_or_else(no_post)?;
    let mut connection = app.db.acquire().await?;
    if people::display_name(&mut connection, caller.person).await?.is_none() {
        return Ok(to_sign_in(number));
    }
    drop(connection);
    let ground = Ground::read(&form.ground)?;
    reports::report(&app, (caller.person, number), (ground, &form.text)).await?;
    let lang = look.lang;
    let title = lang.say("举报已收到", "The report was taken");
    let main = html! {
        h1 { (title) }
        p { (lang.say(
            "谢谢。结果会写在“查询进度”的“我的举报”里。",
            "Thank you. You find the outcome under “Follow a post”.",
        )) }
        p { a.button href="/track" { (lang.say("我的举报", "My reports")) } " "
            a.button href="/board" { (lang.say("返回留言板", "Back to the board")) } }
    };
    Ok(page(look, title, &main))
}

#[derive(Deserialize)]
pub(super) struct StaysForm {
    #[serde(default)]
    text: String,
}

/// Lets a reported post stand.
pub(super) async fn stays(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    PageForm(form): PageForm<StaysForm>,
) -> Result<Response> {
    let number = text::plain_number(&path).ok_or_else(no_post)?;
    reports::dismiss(&app, caller.person, (number, &form.text)).await?;
    Ok(Redirect::to(&format!("/desk/board/{number}")).into_response())
}

/// Open reports at the desk, and the form that lets the post stand.
pub(super) fn reported(lang: Lang, number: i64, open: &[Reported]) -> Markup {
    html! {
        @if !open.is_empty() {
            section.board-card aria-labelledby="reports" {
                h3 #reports { (lang.say("被举报：", "Reported: ")) (open.len()) }
                ul { @for report in open {
                    li {
                        (words::ground_of(lang, &report.ground)) " · " (words::moment(lang, report.at))
                        " · " (lang.say("须在此前决定：", "to be decided by ")) (words::day(lang, report.due))
                        @if let Some(text) = &report.text { (lines(text)) }
                    }
                } }
                form method="post" action={ "/desk/board/" (number) "/reports" } {
                    (text_field(lang, ("stays", "text"), lang.say("不予隐藏的说明（举报人可见）", "Why it stays (whoever reported it reads this)"), true))
                    button.button type="submit" { (lang.say("举报不成立，保留留言", "It stays")) }
                }
                p.hint { (lang.say("举报成立的，请在下面隐藏这条留言。", "If the report is right, hide the post below.")) }
            }
        }
    }
}

/// One's own reports with what came of them.
pub(super) fn own(lang: Lang, reports: &[OwnReport]) -> Markup {
    html! {
        @if !reports.is_empty() {
            h2 { (lang.say("我的举报", "My reports")) }
            ul { @for report in reports {
                li {
                    a href={ "/board/" (report.number) } { (words::number(report.number)) } " · "
                    (words::ground_of(lang, &report.ground)) " · " (words::moment(lang, report.at)) " · "
                    strong { @match report.outcome.as_deref() {
                        Some("hidden") => (lang.say("已隐藏，另有人员复核", "hidden; another person reviews it")),
                        Some(_) => (lang.say("不成立，保留", "it stays")),
                        None => { (lang.say("将在此前决定：", "to be decided by ")) (words::day(lang, report.due)) }
                    } }
                    @if let Some(word) = &report.word { (lines(word)) }
                }
            } }
        }
    }
}
