//! The pages of delegates and their threads, complete without scripts.

mod desk;
mod liaison;
mod office;
mod parts;
mod public;
mod thread;
mod words;

use axum::Router;
use axum::routing::{get, post};
use serde::Deserialize;
use signaling::{OrganisationId, PersonId, RefusalCode};
use uuid::Uuid;

use super::queries::{self, ThreadRow};
use super::rules::Step;
use super::steps::{self, Given, Taker};
use super::types::Actor;
use super::{access, no_thread};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::pages::form_id;

/// Every route of the pages as `METHOD /path`, for the access file.
pub const ROUTES: &[&str] = &[
    "GET /delegates",
    "GET /delegates/{delegate}",
    "GET /delegates/at/{code}",
    "GET /delegates/at/{code}/qr.svg",
    "GET /threads",
    "GET /threads/new",
    "POST /threads/new",
    "GET /threads/{thread}",
    "POST /threads/{thread}/step",
    "GET /desk/delegate",
    "GET /desk/delegate/{thread}",
    "POST /desk/delegate/reception",
    "POST /desk/delegate/{thread}/step",
    "POST /desk/delegate/{thread}/note",
    "GET /desk/opinions",
    "GET /desk/opinions/{thread}",
    "POST /desk/opinions/{thread}/step",
    "GET /desk/liaison",
    "GET /desk/liaison/{thread}",
    "POST /desk/liaison/{thread}/step",
    "POST /desk/liaison/delegates",
    "POST /desk/liaison/delegates/{delegate}/end",
    "POST /desk/liaison/stations",
];

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/delegates", get(public::directory))
        .route("/delegates/{delegate}", get(public::delegate))
        .route("/delegates/at/{code}", get(public::at_station))
        .route("/delegates/at/{code}/qr.svg", get(public::picture))
        .route("/threads", get(thread::own))
        .route("/threads/new", get(thread::compose).post(thread::begin))
        .route("/threads/{thread}", get(thread::show))
        .route("/threads/{thread}/step", post(thread::step))
        .route("/desk/delegate", get(desk::desk))
        .route("/desk/delegate/{thread}", get(desk::desk_with))
        .route("/desk/delegate/reception", post(desk::receive))
        .route("/desk/delegate/{thread}/step", post(desk::step))
        .route("/desk/delegate/{thread}/note", post(desk::note))
        .route("/desk/opinions", get(office::desk))
        .route("/desk/opinions/{thread}", get(office::desk_with))
        .route("/desk/opinions/{thread}/step", post(office::step))
        .route("/desk/liaison", get(liaison::desk))
        .route("/desk/liaison/{thread}", get(liaison::desk_with))
        .route("/desk/liaison/{thread}/step", post(liaison::step))
        .route("/desk/liaison/delegates", post(liaison::appoint))
        .route("/desk/liaison/delegates/{delegate}/end", post(liaison::end))
        .route("/desk/liaison/stations", post(liaison::station))
}

/// What comes with a button.
#[derive(Default, Deserialize)]
struct StepForm {
    #[serde(default)]
    what: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    office: String,
    #[serde(default)]
    delegate: String,
    #[serde(default)]
    cid: String,
    #[serde(default)]
    stars: u8,
}

/// The id in an address; what is none names nothing.
fn id_of(path: &str) -> Result<Uuid> {
    path.parse().map_err(|_| no_thread())
}

/// A thread that a person may look at as `actor`.
async fn seen(app: &App, (person, actor): (PersonId, Actor), path: &str) -> Result<ThreadRow> {
    let mut connection = app.db.acquire().await?;
    let row = queries::thread(&mut connection, id_of(path)?).await?.ok_or_else(no_thread)?;
    let actors = access::actors(&mut connection, person, &row).await?;
    if actors.contains(&actor) { Ok(row) } else { Err(no_thread()) }
}

/// Takes a step of somebody who may look at the thread; what is no step of theirs is none.
async fn take(
    app: &App,
    (person, actor): (PersonId, Actor),
    (path, step): (&str, Result<Step>),
    form: &StepForm,
) -> Result<()> {
    let row = seen(app, (person, actor), path).await?;
    let step = step?;
    let cid = (step == Step::Write).then(|| form_id(&form.cid)).transpose()?;
    let given = Given {
        text: Some(&form.text),
        office: form.office.parse().ok().map(OrganisationId),
        delegate: form.delegate.parse().ok(),
        cid: cid.as_deref(),
    };
    let taker = Taker { actor, person: Some(person) };
    steps::take(app, taker, (row.id, step), given).await?;
    Ok(())
}

fn unknown() -> Error {
    Error::refuse(RefusalCode::InvalidInput, "there is no such button")
}
