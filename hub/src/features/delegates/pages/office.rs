//! The desk of an office: opinions it was sent, with their exact text and nothing of the talk.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use signaling::limits::THREAD_LIST_ROWS_MAX;

use super::parts::{cards, office_name, papers, standing, text_field, told};
use super::{StepForm, seen, take, unknown};
use crate::app::App;
use crate::auth::Caller;
use crate::error::Result;
use crate::features::boards;
use crate::features::delegates::no_thread;
use crate::features::delegates::queries::{self, Listed, ThreadRow};
use crate::features::delegates::rules::Step;
use crate::features::delegates::types::{Actor, State as ThreadState};
use crate::features::pages::PageForm;
use crate::features::pages::layout::{Look, page};
use crate::features::policies::{self, day_of};

/// The desk without an opinion.
pub(super) async fn desk(State(app): State<App>, caller: Caller, look: Look) -> Result<Response> {
    show(&app, caller, look, None).await
}

/// The desk with an opinion beside the list.
pub(super) async fn desk_with(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Path(path): Path<String>,
) -> Result<Response> {
    let row = seen(&app, (caller.person, Actor::Office), &path).await?;
    show(&app, caller, look, Some(row)).await
}

async fn show(app: &App, caller: Caller, look: Look, row: Option<ThreadRow>) -> Result<Response> {
    let lang = look.lang;
    let today = day_of(app.clock.now());
    let mut connection = app.db.acquire().await?;
    let duties = boards::duties(&mut connection, caller.person).await?;
    let offices: Vec<_> = duties
        .iter()
        .filter(|duty| duty.actor == boards::Actor::Office)
        .map(|duty| duty.organisation.uuid())
        .collect();
    if offices.is_empty() {
        return Err(no_thread());
    }
    let of = (offices.as_slice(), caller.person, THREAD_LIST_ROWS_MAX);
    let mut rows = queries::of_offices(&mut connection, of).await?;
    for row in &mut rows {
        // The matter as the constituent calls it is not the office's: it reads the opinion.
        row.subject = format!("{} · {}", lang.say("代表意见", "Opinion"), row.delegate);
    }
    let days = policies::working_days(&mut connection, today).await?;
    drop(connection);
    let current = row.as_ref().map(|row| row.id);
    let beside = match &row {
        Some(row) => opinion(app, look, row).await?,
        None => html! { p { (lang.say(
            "从列表中选一份意见。等得最久的排在最前。",
            "Choose an opinion of the list. What waits longest stands first.",
        )) } },
    };
    let title = lang.say("代表意见办理", "Opinions of delegates");
    let main = html! {
        h1 { (title) }
        div.desk {
            div.desk-columns {
                @if rows.is_empty() { p { (lang.say("没有收到意见。", "No opinion has come.")) } }
                (cards(look, &rows.iter().collect::<Vec<&Listed>>(), ("/desk/opinions", false),
                    (&days, today, current)))
            }
            div.desk-post { (beside) }
        }
    };
    Ok(page(look, title, &main))
}

async fn opinion(app: &App, look: Look, row: &ThreadRow) -> Result<Markup> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let office = office_name(&mut connection, row.office).await?;
    let history = queries::history(&mut connection, row.id).await?;
    let to = format!("/desk/opinions/{}/step", row.id);
    // What the delegate told the constituent is not the office's.
    let row = ThreadRow { outcome: None, ..row.clone() };
    Ok(html! {
        article {
            (standing(look, &row, day_of(app.clock.now())))
            (papers(lang, &row, office.as_deref()))
            @if row.thread.state == ThreadState::WithOffice {
                form method="post" action=(to) {
                    (text_field("answer-text", lang.say("答复", "Answer"), Some(lang.say(
                        "代表和群众都看得到。", "The delegate and the constituent read it."))))
                    button.button.primary.wide type="submit" name="what" value="answer" {
                        (lang.say("答复代表", "Answer"))
                    }
                }
                @if !row.thread.extended {
                    details {
                        summary { (lang.say("需要更多时间（一次）", "More time (once)")) }
                        form method="post" action=(to) {
                            (text_field("extend-text", lang.say("延长的理由", "Why"), None))
                            button.button type="submit" name="what" value="extend" {
                                (lang.say("延长", "Take more time")) }
                        }
                    }
                }
                details {
                    summary { (lang.say("不属于本单位职责（收到后前几日内）", "Not for this office (in the first days)")) }
                    form method="post" action=(to) {
                        (text_field("decline-text", lang.say("理由", "Why"), None))
                        button.button type="submit" name="what" value="decline" {
                            (lang.say("退回代表", "Give it back")) }
                    }
                }
            }
            h2 { (lang.say("办理过程", "What happened")) }
            (told(lang, &history, Actor::Office))
        }
    })
}

/// A step of the office.
pub(super) async fn step(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    PageForm(form): PageForm<StepForm>,
) -> Result<Response> {
    let step = match form.what.as_str() {
        "answer" => Ok(Step::OfficeAnswer),
        "extend" => Ok(Step::Extend),
        "decline" => Ok(Step::Decline),
        _ => Err(unknown()),
    };
    take(&app, (caller.person, Actor::Office), (&path, step), &form).await?;
    Ok(Redirect::to("/desk/opinions").into_response())
}
