//! The delegate's desk: what waits with the days left, opinions out, a matter beside the list, and
//! noting a visitor without a telephone.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::{
    DELEGATE_NOTES_MAX, THREAD_LIST_ROWS_MAX, THREAD_SUBJECT_CHARS_MAX, THREAD_SUBJECT_CHARS_MIN,
};
use time::Date;
use uuid::Uuid;

use super::parts::{
    cards, office_field, office_name, opinion, papers, standing, talk, text_field, told,
};
use super::{StepForm, seen, take, unknown, words};
use crate::app::App;
use crate::auth::Caller;
use crate::error::Result;
use crate::features::boards;
use crate::features::delegates::directory_queries::{self, DelegateRow, StationRow};
use crate::features::delegates::queries::{self, Listed, ThreadRow};
use crate::features::delegates::rules::Step;
use crate::features::delegates::types::{Actor, Choice, Publication, State as ThreadState};
use crate::features::delegates::{Reception, directory, no_thread, opening};
use crate::features::pages::layout::{Lang, Look, desk_keys, lines, page};
use crate::features::pages::{PageForm, form_id};
use crate::features::policies::{self, WorkingDays, day_of};
use crate::features::text;

/// The desk without a matter.
pub(super) async fn desk(State(app): State<App>, caller: Caller, look: Look) -> Result<Response> {
    show(&app, caller, look, None).await
}

/// The desk with a matter beside the list.
pub(super) async fn desk_with(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Path(path): Path<String>,
) -> Result<Response> {
    let row = seen(&app, (caller.person, Actor::Delegate), &path).await?;
    show(&app, caller, look, Some(row)).await
}

async fn show(app: &App, caller: Caller, look: Look, row: Option<ThreadRow>) -> Result<Response> {
    let lang = look.lang;
    let today = day_of(app.clock.now());
    let mut connection = app.db.acquire().await?;
    let terms = directory_queries::of_person(&mut connection, caller.person).await?;
    let Some(first) = terms.first() else { return Err(no_thread()) };
    let of = (caller.person, THREAD_LIST_ROWS_MAX);
    let rows = queries::of_delegate(&mut connection, of).await?;
    let days = policies::working_days(&mut connection, today).await?;
    let stations = directory_queries::stations(&mut connection, first.organisation).await?;
    drop(connection);
    let current = row.as_ref().map(|row| row.id);
    let beside = match &row {
        Some(row) => matter(app, caller, look, row).await?,
        None => start(app, lang, first, &stations),
    };
    let title = lang.say("党代表工作台", "Delegate's desk");
    let main = html! {
        h1 { (title) }
        p.board-meta { (first.name) " · " (first.organisation_name) " · " (first.area) }
        (desk_keys(lang))
        div.desk {
            div.desk-columns { (columns(look, &rows, (&days, today, current))) }
            div.desk-post { (beside) }
        }
    };
    Ok(page(look, title, &main))
}

/// A column: its name and which matters stand in it.
type Column = (&'static str, &'static str, fn(ThreadState) -> bool);

const COLUMNS: [Column; 5] = [
    ("等我答复", "Wait for my answer", |state| state == ThreadState::Waiting),
    ("等我反馈结果", "Wait for the outcome", |state| state == ThreadState::Answered),
    ("交流中", "Being talked about", |state| state == ThreadState::Talking),
    ("意见在外", "Opinions out", |state| {
        matches!(state, ThreadState::Opinion | ThreadState::WithOffice)
    }),
    ("已办结", "Done", |state| state.is_done() || state == ThreadState::Turned),
];

fn columns(look: Look, rows: &[Listed], at: (&WorkingDays, Date, Option<Uuid>)) -> Markup {
    html! {
        @for (zh, en, fits) in COLUMNS {
            @let rows: Vec<&Listed> = rows.iter().filter(|row| fits(row.state)).collect();
            section {
                h2 { (look.lang.say(zh, en)) " " span.board-meta { (rows.len()) } }
                (cards(look, &rows, ("/desk/delegate", true), at))
            }
        }
    }
}

/// What a desk without an open matter offers.
fn start(app: &App, lang: Lang, delegate: &DelegateRow, stations: &[StationRow]) -> Markup {
    let cid = app.ids.next().simple().to_string();
    html! {
        p { (lang.say(
            "从列表中选一件事。等得最久的排在最前。",
            "Choose a matter of the list. What waits longest stands first.",
        )) }
        section aria-labelledby="reception" {
            h2 #reception { (lang.say("记一次接待（来访人没有手机）", "Note a visitor without a telephone")) }
            form method="post" action="/desk/delegate/reception" {
                input type="hidden" name="cid" value=(cid);
                input type="hidden" name="delegate" value=(delegate.id);
                div.field {
                    label for="called" { (lang.say("来访人称呼", "The visitor's name")) }
                    input.input #called name="called" maxlength="20" required autocomplete="off";
                }
                div.field {
                    label for="subject" { (lang.say("什么事（4至40字）", "The matter (4 to 40 characters)")) }
                    input.input #subject name="subject" required autocomplete="off"
                        minlength=(THREAD_SUBJECT_CHARS_MIN) maxlength=(THREAD_SUBJECT_CHARS_MAX);
                }
                @if !stations.is_empty() {
                    div.field {
                        label for="station" { (lang.say("接待地点", "Where")) }
                        select.input #station name="station" {
                            @for station in stations {
                                option value=(station.id) { (station.name) }
                            }
                        }
                    }
                }
                (text_field("said", lang.say("来访人反映的情况", "What the visitor said"), None))
                button.button.primary.wide type="submit" { (lang.say("记下", "Note it")) }
            }
        }
        section aria-labelledby="codes" {
            h2 #codes { (lang.say("我的二维码（可打印张贴）", "My codes to print")) }
            @if stations.is_empty() {
                p { (lang.say("联络机构还没有登记接待点。", "The liaison office has entered no station yet.")) }
            }
            @for station in stations {
                @let code = directory::code_of(&app.keys, delegate.id, station.id);
                figure {
                    a href={ "/delegates/at/" (code) } {
                        img src={ "/delegates/at/" (code) "/qr.svg" } width="240" height="240"
                            alt=(lang.say("二维码：联系这位党代表", "Code that leads to this delegate"));
                    }
                    figcaption { (delegate.name) " · " (station.name) }
                }
            }
        }
    }
}

/// A matter with what the delegate may do.
async fn matter(app: &App, caller: Caller, look: Look, row: &ThreadRow) -> Result<Markup> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let office = office_name(&mut connection, row.office).await?;
    let offices = boards::places(&mut connection, boards::Actor::Office).await?;
    let history = queries::history(&mut connection, row.id).await?;
    let notes = (row.id, caller.person, DELEGATE_NOTES_MAX);
    let notes = queries::notes(&mut connection, notes).await?;
    let talk = talk(&mut connection, look, row, caller.person).await?;
    let cid = app.ids.next().simple().to_string();
    Ok(html! {
        article aria-labelledby="matter" {
            h2 #matter { (row.subject) }
            p.board-meta {
                (row.called) " · " (words::moment(lang, row.begun_at))
                @if row.thread.visitor { " · " (lang.say("来访，由代表记录", "visitor, noted here")) }
            }
            (standing(look, row, day_of(app.clock.now())))
            (talk)
            (papers(lang, row, office.as_deref()))
            (actions(lang, row, (office.as_deref(), &offices), &cid))
            section aria-labelledby="notes" {
                h2 #notes { (lang.say("我的备忘", "My notes")) }
                p.hint { (lang.say("只有您自己看得到，不随事项移交。", "Only you read them; they never travel.")) }
                @for note in &notes {
                    div.board-card { p.board-meta { (words::moment(lang, note.at)) } (lines(&note.text)) }
                }
                form method="post" action={ "/desk/delegate/" (row.id) "/note" } {
                    (text_field("note", lang.say("添加备忘", "Add a note"), None))
                    button.button type="submit" { (lang.say("保存备忘", "Keep it")) }
                }
            }
            h2 { (lang.say("办理过程", "What happened")) }
            (told(lang, &history, Actor::Delegate))
        }
    })
}

/// What the delegate may do where the matter stands.
fn actions(
    lang: Lang,
    row: &ThreadRow,
    (office, offices): (Option<&str>, &[boards::Place]),
    cid: &str,
) -> Markup {
    let thread = &row.thread;
    let state = thread.state;
    let to = format!("/desk/delegate/{}/step", row.id);
    let open = !state.is_done() && state != ThreadState::Turned;
    html! {
        @if open {
            form method="post" action=(to) {
                input type="hidden" name="cid" value=(cid);
                (text_field("write", if thread.visitor {
                    lang.say("补记", "Add to the record")
                } else {
                    lang.say("答复", "Answer")
                }, None))
                button.button.primary.wide type="submit" name="what" value="write" {
                    (lang.say("发送", "Send"))
                }
            }
        }
        (opinion_forms(lang, row, (office, offices), &to))
        @if matches!(state, ThreadState::Talking | ThreadState::Answered) {
            form method="post" action=(to) {
                (text_field("outcome-text", lang.say("反馈结果并办结", "Tell the outcome and close"), None))
                button.button.wide type="submit" name="what" value="close" {
                    (lang.say("办结", "Close"))
                }
            }
        }
        (last_forms(lang, row, &to))
    }
}

/// Forming an opinion, and one that waits for a choice.
fn opinion_forms(
    lang: Lang,
    row: &ThreadRow,
    (office, offices): (Option<&str>, &[boards::Place]),
    to: &str,
) -> Markup {
    let thread = &row.thread;
    let state = thread.state;
    html! {
        @if matches!(state, ThreadState::Waiting | ThreadState::Talking) {
            details {
                summary { (lang.say("形成意见，转交单位", "Form an opinion for an office")) }
                form method="post" action=(to) {
                    (office_field(lang, offices))
                    (text_field("opinion-text", lang.say("意见原文", "Exact text"), Some(lang.say(
                        "群众先看这段原文并选择署名、不署名或不发送；不要写入群众的姓名、电话。",
                        "The constituent reads exactly this and chooses; leave names and numbers out.",
                    ))))
                    button.button.primary type="submit" name="what" value="opinion" {
                        (lang.say("请群众确认", "Lay it before the constituent"))
                    }
                }
            }
        }
        @if state == ThreadState::Opinion {
            section aria-labelledby="draft" {
                h2 #draft { (lang.say("意见稿，等待选择", "The opinion, waiting for a choice")) }
                (opinion(lang, row, office.unwrap_or("—"), true))
                @if thread.visitor {
                    p { (lang.say("请念给来访人听，按其选择点击：", "Read it to the visitor and press what was chosen:")) }
                    form method="post" action=(to) {
                        button.button.primary type="submit" name="what" value="named" {
                            (lang.say("来访人同意署名发送", "With the name")) }
                        button.button type="submit" name="what" value="unnamed" {
                            (lang.say("不署名发送", "Without the name")) }
                        button.button type="submit" name="what" value="not_sent" {
                            (lang.say("不发送", "Do not send")) }
                    }
                }
                form method="post" action=(to) {
                    button.button type="submit" name="what" value="take_back" {
                        (lang.say("收回意见稿", "Take the draft back"))
                    }
                }
            }
        }
    }
}

/// Publishing the outcome, and ending an abusive talk.
fn last_forms(lang: Lang, row: &ThreadRow, to: &str) -> Markup {
    let thread = &row.thread;
    let state = thread.state;
    html! {
        @if state == ThreadState::Closed && thread.publication == Publication::No && !thread.visitor {
            details {
                summary { (lang.say("公开办理结果（须群众同意）", "Publish the outcome (if the constituent agrees)")) }
                form method="post" action=(to) {
                    (text_field("publish-text", lang.say("拟公开的原文", "Exact text"), Some(lang.say(
                        "不写群众姓名、住址、电话。", "No name, address or number."))))
                    button.button type="submit" name="what" value="publish" {
                        (lang.say("征求群众同意", "Ask the constituent"))
                    }
                }
            }
        }
        @if matches!(state, ThreadState::Waiting | ThreadState::Talking | ThreadState::Opinion) {
            details {
                summary { (lang.say("有辱骂或骚扰？终止交流", "Abuse? End the talk")) }
                form method="post" action=(to) {
                    (text_field("end-text", lang.say("理由（对方看得到，可向联络机构反映一次）", "Reason (the other side reads it and may turn to the liaison office once)"), None))
                    button.button type="submit" name="what" value="end" {
                        (lang.say("终止", "End it"))
                    }
                }
            }
        }
    }
}

/// A step of the delegate.
pub(super) async fn step(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    PageForm(form): PageForm<StepForm>,
) -> Result<Response> {
    let step = match form.what.as_str() {
        "write" => Ok(Step::Write),
        "opinion" => Ok(Step::FormOpinion),
        "take_back" => Ok(Step::TakeBackOpinion),
        "named" => Ok(Step::Choose(Choice::Named)),
        "unnamed" => Ok(Step::Choose(Choice::Unnamed)),
        "not_sent" => Ok(Step::Choose(Choice::NotSent)),
        "close" => Ok(Step::Close),
        "publish" => Ok(Step::OfferPublication),
        "end" => Ok(Step::End),
        _ => Err(unknown()),
    };
    take(&app, (caller.person, Actor::Delegate), (&path, step), &form).await?;
    Ok(Redirect::to(&format!("/desk/delegate/{path}")).into_response())
}

/// A private note.
pub(super) async fn note(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    PageForm(form): PageForm<StepForm>,
) -> Result<Response> {
    let row = seen(&app, (caller.person, Actor::Delegate), &path).await?;
    let said = text::body(&form.text)?;
    let mut connection = app.db.acquire().await?;
    let note = (row.id, caller.person, said.as_str());
    queries::insert_note(&mut connection, app.ids.next(), note, app.clock.now()).await?;
    Ok(Redirect::to(&format!("/desk/delegate/{path}")).into_response())
}

/// What a delegate writes down of a visitor.
#[derive(Deserialize)]
pub(super) struct ReceptionForm {
    #[serde(default)]
    delegate: Uuid,
    #[serde(default)]
    station: Option<Uuid>,
    #[serde(default)]
    cid: String,
    #[serde(default)]
    called: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
}

/// Notes a visitor without a telephone.
pub(super) async fn receive(
    State(app): State<App>,
    caller: Caller,
    PageForm(form): PageForm<ReceptionForm>,
) -> Result<Response> {
    // Whose place it is comes before what is wrong with the form.
    let mut connection = app.db.acquire().await?;
    opening::own(&mut connection, caller.person, form.delegate).await?;
    drop(connection);
    let reception = Reception {
        delegate: form.delegate,
        station: form.station,
        cid: form_id(&form.cid)?,
        called: form.called,
        subject: form.subject,
        text: form.text,
    };
    let id = opening::receive(&app, caller.person, &reception).await?;
    Ok(Redirect::to(&format!("/desk/delegate/{id}")).into_response())
}
