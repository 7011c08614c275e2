//! The HTTP routes of the leader's view.

#![expect(unused_qualifications, reason = "the macro of the document names types in full")]

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use signaling::http::ErrorBody;
use signaling::http::leading::{
    AddMember, CandidateList, Contact, ContactList, NoteContact, Participation, RoomInfo,
    RosterLine,
};
use signaling::http::organisations::GiveReason;
use signaling::{PersonId, RoomId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries;
use crate::app::App;
use crate::auth::{Caller, Granted};
use crate::door::{Body, Parameters, named};
use crate::error::Result;
use crate::features::joining::led;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_room))
        .routes(routes!(add_member))
        .routes(routes!(put_member))
        .routes(routes!(remove_member))
        .routes(routes!(list_candidates))
        .routes(routes!(read_participation))
        .routes(routes!(note_contact))
        .routes(routes!(own_contacts))
}

/// What a room belongs to, and who is in it.
#[utoipa::path(get, path = "/api/rooms/{room}", tag = "leading",
    params(("room" = RoomId, Path, description = "a room of the caller")),
    responses((status = 200, body = RoomInfo), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn read_room(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(room): Path<String>,
) -> Result<Json<RoomInfo>> {
    let room = named(&room)?;
    let of = led(&app, (caller.person, room), &granted).await?;
    Ok(Json(super::info(&app, caller.person, (&of, room)).await?))
}

/// Add somebody by the telephone number.
#[utoipa::path(post, path = "/api/rooms/{room}/members", tag = "leading",
    params(("room" = RoomId, Path, description = "a room that the caller leads")),
    request_body = AddMember,
    responses((status = 201, body = RosterLine), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn add_member(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(room): Path<String>,
    Body(request): Body<AddMember>,
) -> Result<(StatusCode, Json<RosterLine>)> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    Ok((StatusCode::CREATED, Json(super::add(&app, caller.person, &of, &request).await?)))
}

/// Put a member of the branch into the group.
#[utoipa::path(put, path = "/api/rooms/{room}/members/{person}", tag = "leading",
    params(("room" = RoomId, Path, description = "the room of a group that the caller leads"),
           ("person" = PersonId, Path, description = "a candidate")),
    responses((status = 200, body = RosterLine), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn put_member(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((room, person)): Path<(String, String)>,
) -> Result<Json<RosterLine>> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    Ok(Json(super::put(&app, caller.person, &of, named(&person)?).await?))
}

/// Take somebody out of the group, or end a participation.
#[utoipa::path(post, path = "/api/rooms/{room}/members/{person}/removal", tag = "leading",
    params(("room" = RoomId, Path, description = "a room that the caller leads"),
           ("person" = PersonId, Path, description = "a member of it")),
    request_body = GiveReason,
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn remove_member(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((room, person)): Path<(String, String)>,
    Body(given): Body<GiveReason>,
) -> Result<StatusCode> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    let whom = (&of, named(&person)?);
    super::remove(&app, caller.person, whom, &given.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Members of the branch who are in none of its groups.
#[utoipa::path(get, path = "/api/rooms/{room}/candidates", tag = "leading",
    params(("room" = RoomId, Path, description = "a room that the caller leads")),
    responses((status = 200, body = CandidateList), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn list_candidates(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(room): Path<String>,
) -> Result<Json<CandidateList>> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    Ok(Json(super::candidates(&app, &of).await?))
}

/// Which month.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichMonth {
    /// `YYYY-MM`
    month: String,
}

/// Who took part in a month.
#[utoipa::path(get, path = "/api/rooms/{room}/participation", tag = "leading",
    params(("room" = RoomId, Path, description = "a room that the caller leads"), WhichMonth),
    responses((status = 200, body = Participation), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn read_participation(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(room): Path<String>,
    Parameters(which): Parameters<WhichMonth>,
) -> Result<Json<Participation>> {
    let room = named(&room)?;
    let of = led(&app, (caller.person, room), &granted).await?;
    Ok(Json(super::participation(&app, (&of, room), &which.month).await?))
}

/// Note a contact with a member, who sees it.
#[utoipa::path(post, path = "/api/rooms/{room}/members/{person}/contacts", tag = "leading",
    params(("room" = RoomId, Path, description = "a room that the caller leads"),
           ("person" = PersonId, Path, description = "a member of it")),
    request_body = NoteContact,
    responses((status = 201, body = Contact), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn note_contact(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((room, person)): Path<(String, String)>,
    Body(request): Body<NoteContact>,
) -> Result<(StatusCode, Json<Contact>)> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    let about = (&of, named(&person)?);
    let noted = super::note(&app, caller.person, about, &request).await?;
    Ok((StatusCode::CREATED, Json(noted)))
}

/// What leaders noted about the caller.
#[utoipa::path(get, path = "/api/me/contacts", tag = "leading",
    responses((status = 200, body = ContactList), (status = 401, body = ErrorBody)))]
async fn own_contacts(State(app): State<App>, caller: Caller) -> Result<Json<ContactList>> {
    let mut connection = app.db.acquire().await?;
    let contacts = queries::contacts_of(&mut connection, caller.person).await?;
    Ok(Json(ContactList { contacts }))
}
