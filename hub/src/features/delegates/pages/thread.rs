//! The constituent's pages: one's matters, a new one, and a matter with what can be done now.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::RefusalCode;
use signaling::limits::{THREAD_LIST_ROWS_MAX, THREAD_SUBJECT_CHARS_MAX, THREAD_SUBJECT_CHARS_MIN};
use uuid::Uuid;

use super::parts::{cards, office_name, opinion, papers, standing, talk, text_field, told};
use super::{StepForm, seen, take, unknown};
use crate::app::App;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::features::boards;
use crate::features::delegates::directory_queries::{self, DelegateRow};
use crate::features::delegates::queries::ThreadRow;
use crate::features::delegates::rules::Step;
use crate::features::delegates::types::{Actor, Choice, Publication, State as ThreadState};
use crate::features::delegates::{Draft, directory, no_delegate, opening, queries};
use crate::features::pages::layout::{Lang, Look, answer, lines, page, problem};
use crate::features::pages::words::refusal;
use crate::features::pages::{PageForm, form_id};
use crate::features::policies::{self, day_of};

/// One's own matters.
pub(super) async fn own(State(app): State<App>, caller: Caller, look: Look) -> Result<Response> {
    let lang = look.lang;
    let today = day_of(app.clock.now());
    let mut connection = app.db.acquire().await?;
    let of = (caller.person, THREAD_LIST_ROWS_MAX);
    let rows = queries::of_constituent(&mut connection, of).await?;
    let days = policies::working_days(&mut connection, today).await?;
    let title = lang.say("我的事项", "My matters");
    let main = html! {
        h1 { (title) }
        @if rows.is_empty() {
            p { (lang.say("您还没有写给代表的事项。", "You have not written to a delegate yet.")) }
        }
        (cards(look, &rows.iter().collect::<Vec<_>>(), ("/threads", false), (&days, today, None)))
        a.button.wide href="/delegates" { (lang.say("找党代表", "Find a delegate")) }
    };
    Ok(page(look, title, &main))
}

#[derive(Deserialize)]
pub(super) struct Compose {
    #[serde(default)]
    to: String,
}

/// The fields of a new matter.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct NewForm {
    #[serde(default)]
    to: String,
    #[serde(default)]
    called: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    cid: String,
}

/// To whom an address leads: an id, or the code of a station.
async fn addressee(app: &App, to: &str) -> Result<(DelegateRow, Option<Uuid>)> {
    let coded = directory::read_code(&app.keys, to);
    let (delegate, station) = match (coded, to.parse()) {
        (Some((delegate, station)), _) => (delegate, Some(station)),
        (None, Ok(delegate)) => (delegate, None),
        (None, Err(_)) => return Err(no_delegate()),
    };
    let mut connection = app.db.acquire().await?;
    let row = directory_queries::delegate(&mut connection, delegate).await?;
    Ok((row.ok_or_else(no_delegate)?, station))
}

/// The form of a new matter.
pub(super) async fn compose(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Query(query): Query<Compose>,
) -> Result<Response> {
    let (row, _) = addressee(&app, &query.to).await?;
    let mut connection = app.db.acquire().await?;
    let Some(called) = boards::display_name(&mut connection, caller.person).await? else {
        let to = format!("/board/sign-in?to=/threads/new?to={}", query.to);
        return Ok(Redirect::to(&to).into_response());
    };
    let cid = app.ids.next().simple().to_string();
    let form = NewForm { to: query.to, called, cid, ..NewForm::default() };
    let title = look.lang.say("写给代表", "Write to the delegate");
    Ok(page(look, title, &new_form(look.lang, &row, &form, None)))
}

fn new_form(lang: Lang, row: &DelegateRow, form: &NewForm, trouble: Option<&str>) -> Markup {
    html! {
        h1 { (lang.say("写给代表：", "Write to ")) (row.name) }
        @if let Some(trouble) = trouble { (problem(lang, trouble)) }
        p { (lang.say("请勿上传涉密或内部资料。", "No secret or internal matter, please.")) }
        form method="post" action="/threads/new" {
            input type="hidden" name="to" value=(form.to);
            input type="hidden" name="cid" value=(form.cid);
            div.field {
                label for="called" { (lang.say("怎么称呼您", "How to call you")) }
                input.input #called name="called" maxlength="20" required value=(form.called)
                    aria-describedby="called-hint";
                p.hint #called-hint { (lang.say(
                    "代表看得到；转交单位时是否署名由您另行选择。",
                    "The delegate reads it; whether an office does is for you to choose later.",
                )) }
            }
            div.field {
                label for="subject" { (lang.say("什么事（一句话）", "The matter in a few words")) }
                input.input #subject name="subject" required value=(form.subject)
                    minlength=(THREAD_SUBJECT_CHARS_MIN) maxlength=(THREAD_SUBJECT_CHARS_MAX)
                    aria-describedby="subject-hint";
                p.hint #subject-hint { (lang.say("4至40个字，一件事写一次。", "4 to 40 characters, one matter each.")) }
            }
            div.field {
                label for="text" { (lang.say("具体情况", "What it is about")) }
                textarea.input #text name="text" rows="6" maxlength="2000" required { (form.text) }
            }
            button.button.primary.wide type="submit" { (lang.say("发送给代表", "Send")) }
        }
    }
}

/// Begins a matter.
pub(super) async fn begin(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    PageForm(form): PageForm<NewForm>,
) -> Result<Response> {
    let (row, station) = addressee(&app, &form.to).await?;
    let draft = Draft {
        delegate: row.id,
        station,
        cid: form_id(&form.cid)?,
        called: form.called.clone(),
        subject: form.subject.clone(),
        text: form.text.clone(),
    };
    match opening::begin(&app, caller.person, &draft).await {
        Ok(id) => Ok(Redirect::to(&format!("/threads/{id}")).into_response()),
        Err(Error::Refused(no)) if is_of_fields(no.code) => {
            let trouble = refusal(look.lang, no.code, &no.detail);
            let main = new_form(look.lang, &row, &form, Some(&trouble));
            let title = look.lang.say("写给代表", "Write to the delegate");
            Ok(answer(look, http::StatusCode::UNPROCESSABLE_ENTITY, title, &main))
        }
        Err(other) => Err(other),
    }
}

/// Whether changing the form helps.
const fn is_of_fields(code: RefusalCode) -> bool {
    matches!(code, RefusalCode::InvalidInput | RefusalCode::TextEmpty)
}

/// A matter.
pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Path(path): Path<String>,
) -> Result<Response> {
    let lang = look.lang;
    let row = seen(&app, (caller.person, Actor::Constituent), &path).await?;
    let mut connection = app.db.acquire().await?;
    let office = office_name(&mut connection, row.office).await?;
    let history = queries::history(&mut connection, row.id).await?;
    let talk = talk(&mut connection, look, &row, caller.person).await?;
    let cid = app.ids.next().simple().to_string();
    let main = html! {
        h1 { (row.subject) }
        (standing(look, &row, day_of(app.clock.now())))
        (talk)
        (papers(lang, &row, office.as_deref()))
        (actions(lang, &row, office.as_deref(), &cid))
        h2 { (lang.say("办理过程", "What happened")) }
        (told(lang, &history, Actor::Constituent))
        p { a href="/threads" { (lang.say("全部事项", "All my matters")) } }
    };
    Ok(page(look, &row.subject, &main))
}

/// What the constituent may do where the matter stands.
fn actions(lang: Lang, row: &ThreadRow, office: Option<&str>, cid: &str) -> Markup {
    let thread = &row.thread;
    let to = format!("/threads/{}/step", row.id);
    let writes = !thread.state.is_done() && thread.state != ThreadState::Turned;
    let withdraws =
        matches!(thread.state, ThreadState::Waiting | ThreadState::Talking | ThreadState::Opinion);
    html! {
        @if thread.state == ThreadState::Opinion { (choice(lang, row, office, &to)) }
        @if thread.state == ThreadState::Closed && thread.rating.is_none() && thread.due.is_some() {
            (rating(lang, &to))
        }
        @if let (Publication::Offered, Some(text)) = (thread.publication, &row.published) {
            (publication(lang, text, &to))
        }
        @if writes {
            form method="post" action=(to) {
                input type="hidden" name="cid" value=(cid);
                (text_field("write", lang.say("继续说", "Write more"), None))
                button.button.primary.wide type="submit" name="what" value="write" {
                    (lang.say("发送", "Send"))
                }
            }
        }
        @if thread.state == ThreadState::Ended && !thread.turned && thread.due.is_some() {
            form method="post" action=(to) {
                (text_field("turn", lang.say("不同意终止？向联络机构说明（一次）", "Do you disagree? Tell the liaison office (once)"),
                    Some(lang.say("联络机构看不到您与代表的交流，只看到终止的理由和您写的话。", "It reads the reason and your words, not the talk."))))
                button.button.wide type="submit" name="what" value="turn" {
                    (lang.say("请联络机构复核", "Ask the liaison office"))
                }
            }
        }
        @if withdraws {
            details {
                summary { (lang.say("不用再办了", "No longer needed")) }
                form method="post" action=(to) {
                    button.button type="submit" name="what" value="withdraw" {
                        (lang.say("撤回这件事", "Withdraw the matter"))
                    }
                }
            }
        }
    }
}

fn choice(lang: Lang, row: &ThreadRow, office: Option<&str>, to: &str) -> Markup {
    html! {
        section aria-labelledby="choose" {
            h2 #choose { (lang.say("代表拟了这份意见，请您选择", "The delegate wrote this; please choose")) }
            p { (lang.say("单位收到的就是下面的原文，一字不改：", "The office reads exactly this text:")) }
            (opinion(lang, row, office.unwrap_or("—"), true))
            form method="post" action=(to) {
                button.button.primary.wide type="submit" name="what" value="named" {
                    (lang.say("署名发送（反映人：", "Send with my name (")) (row.called)
                    (lang.say("）", ")"))
                }
                button.button.wide type="submit" name="what" value="unnamed" {
                    (lang.say("不署名发送", "Send without my name"))
                }
                button.button.wide type="submit" name="what" value="not_sent" {
                    (lang.say("不发送", "Do not send"))
                }
            }
        }
    }
}

fn rating(lang: Lang, to: &str) -> Markup {
    html! {
        form method="post" action=(to) {
            fieldset {
                legend { (lang.say("您对结果满意吗？", "Are you satisfied?")) }
                @for (stars, zh, en) in [(5, "很满意", "Very"), (4, "满意", "Yes"),
                    (3, "基本满意", "Somewhat"), (2, "不太满意", "Hardly"), (1, "不满意", "No")] {
                    label.choice {
                        input type="radio" name="stars" value=(stars) required;
                        (stars) " " (lang.say(zh, en))
                    }
                }
            }
            button.button.primary.wide type="submit" name="what" value="rate" {
                (lang.say("提交评价", "Rate"))
            }
        }
    }
}

fn publication(lang: Lang, text: &str, to: &str) -> Markup {
    html! {
        section aria-labelledby="publish" {
            h2 #publish { (lang.say("代表想公开这段文字，您同意吗？", "May the delegate publish this?")) }
            blockquote.board-card { (lines(text)) }
            form method="post" action=(to) {
                button.button type="submit" name="what" value="agree" {
                    (lang.say("同意公开", "Yes, publish it"))
                }
                button.button type="submit" name="what" value="disagree" {
                    (lang.say("不同意", "No"))
                }
            }
        }
    }
}

/// A step of the constituent.
pub(super) async fn step(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    PageForm(form): PageForm<StepForm>,
) -> Result<Response> {
    let step = match form.what.as_str() {
        "write" => Ok(Step::Write),
        "named" => Ok(Step::Choose(Choice::Named)),
        "unnamed" => Ok(Step::Choose(Choice::Unnamed)),
        "not_sent" => Ok(Step::Choose(Choice::NotSent)),
        "rate" => Ok(Step::Rate(form.stars)),
        "agree" => Ok(Step::AnswerPublication { agrees: true }),
        "disagree" => Ok(Step::AnswerPublication { agrees: false }),
        "turn" => Ok(Step::Turn),
        "withdraw" => Ok(Step::Withdraw),
        _ => Err(unknown()),
    };
    take(&app, (caller.person, Actor::Constituent), (&path, step), &form).await?;
    Ok(Redirect::to(&format!("/threads/{path}")).into_response())
}
