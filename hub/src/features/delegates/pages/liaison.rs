//! The desk of the liaison office: matters whose delegate left, endings that were objected to, the
//! delegates with their terms, and the stations. Nothing of any talk.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::{DELEGATE_ROWS_MAX, THREAD_LIST_ROWS_MAX};
use signaling::{OrganisationId, PersonId, RefusalCode};
use time::Date;
use time::macros::format_description;
use uuid::Uuid;

use super::parts::{cards, papers, standing, text_field, told};
use super::{StepForm, id_of, seen, take, unknown, words};
use crate::app::App;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::features::accounts;
use crate::features::delegates::directory::{self, NewDelegate};
use crate::features::delegates::directory_queries::{self, DelegateRow};
use crate::features::delegates::queries::{self, Listed, ThreadRow};
use crate::features::delegates::rules::Step;
use crate::features::delegates::types::{Actor, State as ThreadState};
use crate::features::delegates::{no_delegate, no_thread};
use crate::features::pages::PageForm;
use crate::features::pages::layout::{Lang, Look, page};
use crate::features::policies::{self, day_of};

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
    let row = seen(&app, (caller.person, Actor::Liaison), &path).await?;
    show(&app, caller, look, Some(row)).await
}

/// The organisations whose liaison office the caller works in; none: there is no such desk.
async fn places(app: &App, person: PersonId) -> Result<Vec<(Uuid, String)>> {
    let mut connection = app.db.acquire().await?;
    let places = directory_queries::liaison_of(&mut connection, person).await?;
    if places.is_empty() { Err(no_thread()) } else { Ok(places) }
}

async fn show(app: &App, caller: Caller, look: Look, row: Option<ThreadRow>) -> Result<Response> {
    let lang = look.lang;
    let today = day_of(app.clock.now());
    let places = places(app, caller.person).await?;
    let ids: Vec<Uuid> = places.iter().map(|(place, _)| *place).collect();
    let mut connection = app.db.acquire().await?;
    let of = (ids.as_slice(), caller.person, THREAD_LIST_ROWS_MAX);
    let rows = queries::of_liaison(&mut connection, of).await?;
    let days = policies::working_days(&mut connection, today).await?;
    let delegates = directory_queries::delegates(&mut connection, ("", DELEGATE_ROWS_MAX)).await?;
    let delegates: Vec<DelegateRow> =
        delegates.into_iter().filter(|row| ids.contains(&row.organisation)).collect();
    drop(connection);
    let current = row.as_ref().map(|row| row.id);
    let beside = match &row {
        Some(row) => matter(app, look, row, &delegates).await?,
        None => offices(lang, &places, &delegates),
    };
    let title = lang.say("代表联络工作台", "Liaison desk");
    let main = html! {
        h1 { (title) }
        div.desk {
            div.desk-columns {
                h2 { (lang.say("等我处理", "Wait for us")) " " span.board-meta { (rows.len()) } }
                @if rows.is_empty() { p { (lang.say("没有等待处理的事项。", "Nothing waits.")) } }
                (cards(look, &rows.iter().collect::<Vec<&Listed>>(), ("/desk/liaison", true),
                    (&days, today, current)))
            }
            div.desk-post { (beside) }
        }
    };
    Ok(page(look, title, &main))
}

async fn matter(
    app: &App,
    look: Look,
    row: &ThreadRow,
    delegates: &[DelegateRow],
) -> Result<Markup> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let history = queries::history(&mut connection, row.id).await?;
    let to = format!("/desk/liaison/{}/step", row.id);
    // The papers between the two are not the liaison office's.
    let shown = ThreadRow { opinion: None, answer: None, outcome: None, ..row.clone() };
    let fits = |one: &&DelegateRow| {
        one.organisation == row.organisation.uuid()
            && one.id != row.delegate
            && row.constituent.is_none_or(|person| person.uuid() != one.person)
    };
    Ok(html! {
        article aria-labelledby="matter" {
            h2 #matter { (row.subject) }
            p.board-meta { (row.called) " · " (words::moment(lang, row.begun_at)) }
            (standing(look, &shown, day_of(app.clock.now())))
            (papers(lang, &shown, None))
            @if row.thread.state == ThreadState::Turned {
                form method="post" action=(to) {
                    (text_field("decision-text", lang.say("决定的理由（双方看得到）", "Reason (both read it)"), None))
                    button.button.primary type="submit" name="what" value="lifted" {
                        (lang.say("恢复交流", "The matter goes on")) }
                    button.button type="submit" name="what" value="stands" {
                        (lang.say("维持终止", "The ending stands")) }
                }
            }
            form method="post" action=(to) {
                div.field {
                    label for="delegate" { (lang.say("转给另一位代表", "Give it to another delegate")) }
                    select.input #delegate name="delegate" required {
                        @for one in delegates.iter().filter(fits) {
                            option value=(one.id) { (one.name) " · " (one.area) }
                        }
                    }
                    p.hint { (lang.say("新代表能看到全部交流；双方都会看到这次转交。", "The new delegate reads the whole talk; both sides see that it was given on.")) }
                }
                button.button type="submit" name="what" value="pass_on" {
                    (lang.say("转交", "Give it on")) }
            }
            h2 { (lang.say("办理过程", "What happened")) }
            (told(lang, &history, Actor::Liaison))
        }
    })
}

/// The delegates, and what can be entered.
fn offices(lang: Lang, places: &[(Uuid, String)], delegates: &[DelegateRow]) -> Markup {
    let place_field = |id: &str| {
        html! {
            div.field {
                label for=(id) { (lang.say("哪一级党组织", "Of which organisation")) }
                select.input id=(id) name="organisation" required {
                    @for (place, name) in places { option value=(place) { (name) } }
                }
            }
        }
    };
    let field = |id: &str, label: &str, kind: &str| {
        html! {
            div.field {
                label for=(id) { (label) }
                input.input id=(id) name=(id) type=(kind) required autocomplete="off";
            }
        }
    };
    html! {
        section aria-labelledby="in-office" {
            h2 #in-office { (lang.say("在任代表", "Delegates in office")) }
            @for one in delegates {
                article.board-card {
                    h3 { a href={ "/delegates/" (one.id) } { (one.name) } }
                    p.board-meta { (one.organisation_name) " · " (one.area) " · "
                        (lang.say("任期至", "until ")) (one.term_until.year())
                        (lang.say("年", " ")) (words::day(lang, one.term_until)) }
                    details {
                        summary { (lang.say("任期提前结束", "End the term early")) }
                        form method="post" action={ "/desk/liaison/delegates/" (one.id) "/end" } {
                            (text_field(&format!("end-{}", one.id), lang.say("理由", "Reason"), Some(lang.say(
                                "办理中的事项转给同一选区的继任代表；没有继任的，转到这里。",
                                "Open matters go to the successor of the same area, or come here."))))
                            button.button type="submit" { (lang.say("结束任期", "End the term")) }
                        }
                    }
                }
            }
        }
        details {
            summary { (lang.say("登记一位代表", "Enter a delegate")) }
            form method="post" action="/desk/liaison/delegates" {
                (place_field("appoint-place"))
                (field("phone", lang.say("手机号（须已有账号）", "Telephone number (of an account)"), "tel"))
                (field("area", lang.say("选区或单位", "Area or unit"), "text"))
                (field("duties", lang.say("职责", "Duties"), "text"))
                (field("contact_days", lang.say("联系日和地点", "When and where to meet"), "text"))
                (field("term_from", lang.say("任期开始", "Term from"), "date"))
                (field("term_until", lang.say("任期结束", "Term until"), "date"))
                button.button.primary type="submit" { (lang.say("登记", "Enter")) }
            }
        }
        details {
            summary { (lang.say("登记一个接待点", "Enter a station")) }
            form method="post" action="/desk/liaison/stations" {
                (place_field("station-place"))
                (field("name", lang.say("接待点名称", "Name"), "text"))
                button.button type="submit" { (lang.say("登记", "Enter")) }
            }
        }
    }
}

/// A step of the liaison office.
pub(super) async fn step(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    PageForm(form): PageForm<StepForm>,
) -> Result<Response> {
    let step = match form.what.as_str() {
        "lifted" => Ok(Step::Decide { stands: false }),
        "stands" => Ok(Step::Decide { stands: true }),
        "pass_on" => Ok(Step::PassOn),
        _ => Err(unknown()),
    };
    take(&app, (caller.person, Actor::Liaison), (&path, step), &form).await?;
    Ok(Redirect::to("/desk/liaison").into_response())
}

/// A delegate to be entered, as the form says.
#[derive(Deserialize)]
pub(super) struct AppointForm {
    #[serde(default)]
    organisation: Uuid,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    duties: String,
    #[serde(default)]
    contact_days: String,
    #[serde(default)]
    term_from: String,
    #[serde(default)]
    term_until: String,
}

fn date(text: &str) -> Result<Date> {
    let parsed = Date::parse(text, format_description!("[year]-[month]-[day]"));
    parsed.map_err(|_| Error::refuse(RefusalCode::InvalidInput, "give a day as YYYY-MM-DD"))
}

/// One of the organisations whose liaison office the caller works in.
async fn own_place(app: &App, person: PersonId, chosen: Uuid) -> Result<OrganisationId> {
    let places = places(app, person).await?;
    let found = places.iter().find(|(place, _)| *place == chosen);
    found.map(|(place, _)| OrganisationId(*place)).ok_or_else(no_thread)
}

/// Enters a delegate.
pub(super) async fn appoint(
    State(app): State<App>,
    caller: Caller,
    PageForm(form): PageForm<AppointForm>,
) -> Result<Response> {
    let organisation = own_place(&app, caller.person, form.organisation).await?;
    let phone = accounts::phone(&form.phone)?;
    let mut connection = app.db.acquire().await?;
    let person = accounts::person_by_phone(&app.keys, &mut connection, &phone).await?;
    let person = person.ok_or_else(|| {
        let sentence = "nobody has an account with this number; let them sign in once first";
        Error::refuse(RefusalCode::InvalidInput, sentence)
    })?;
    let new = NewDelegate {
        person,
        organisation,
        area: form.area,
        duties: form.duties,
        contact_days: form.contact_days,
        term_from: date(&form.term_from)?,
        term_until: date(&form.term_until)?,
    };
    let id = app.ids.next();
    directory::appoint_in(&mut connection, id, &new, Some(caller.person)).await?;
    Ok(Redirect::to("/desk/liaison").into_response())
}

/// Ends a term early.
pub(super) async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    PageForm(form): PageForm<StepForm>,
) -> Result<Response> {
    let delegate = id_of(&path)?;
    let mut connection = app.db.acquire().await?;
    let row = directory_queries::delegate(&mut connection, delegate).await?;
    drop(connection);
    let row = row.ok_or_else(no_delegate)?;
    own_place(&app, caller.person, row.organisation).await?;
    directory::end_term(&app, Some(caller.person), (delegate, &form.text)).await?;
    Ok(Redirect::to("/desk/liaison").into_response())
}

/// A station to be entered.
#[derive(Deserialize)]
pub(super) struct StationForm {
    #[serde(default)]
    organisation: Uuid,
    #[serde(default)]
    name: String,
}

/// Enters a station.
pub(super) async fn station(
    State(app): State<App>,
    caller: Caller,
    PageForm(form): PageForm<StationForm>,
) -> Result<Response> {
    let organisation = own_place(&app, caller.person, form.organisation).await?;
    let mut connection = app.db.acquire().await?;
    let what = (organisation, form.name.as_str());
    directory::make_station(&mut connection, app.ids.next(), what, Some(caller.person)).await?;
    Ok(Redirect::to("/desk/liaison").into_response())
}
