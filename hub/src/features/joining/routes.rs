//! The HTTP routes of invitations and cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, StatusCode};
use signaling::http::ErrorBody;
use signaling::http::joining::{
    HomeAnswer, HostAnswer, Invitation, InvitationCard, InvitationList, JoinCase, JoinList,
    MakeInvitation, UseInvitation,
};
use signaling::{InvitationId, JoinId, OrganisationId, RefusalCode, RoomId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Step, invitations, led};
use crate::app::App;
use crate::auth::{Caller, Granted};
use crate::door::{Body, named};
use crate::error::{Error, Result};

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_invitation, use_invitation))
        .routes(routes!(read_case))
        .routes(routes!(own_joins))
        .routes(routes!(withdraw_join))
        .routes(routes!(end_join))
        .routes(routes!(joins_of_room))
        .routes(routes!(answer_for_host))
        .routes(routes!(joins_at_desk))
        .routes(routes!(answer_for_home))
        .routes(routes!(list_invitations, make_invitation))
        .routes(routes!(revoke_invitation))
        .routes(routes!(draw_invitation))
}

/// What stands behind a link.
#[utoipa::path(get, path = "/api/join/{code}", tag = "joining",
    params(("code" = String, Path, description = "the code of an invitation")),
    responses((status = 200, body = InvitationCard), (status = 410, body = ErrorBody)))]
async fn read_invitation(
    State(app): State<App>,
    Path(code): Path<String>,
) -> Result<Json<InvitationCard>> {
    Ok(Json(invitations::card(&app, &code).await?))
}

/// Use an invitation.
#[utoipa::path(post, path = "/api/join/{code}", tag = "joining",
    params(("code" = String, Path, description = "the code of an invitation")),
    request_body = UseInvitation,
    responses((status = 200, body = JoinCase), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 410, body = ErrorBody)))]
async fn use_invitation(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Body(request): Body<UseInvitation>,
) -> Result<Json<JoinCase>> {
    Ok(Json(super::enter(&app, caller.person, (&code, &request)).await?))
}

/// Where the caller stands behind a link.
#[utoipa::path(get, path = "/api/join/{code}/case", tag = "joining",
    params(("code" = String, Path, description = "the code of an invitation")),
    responses((status = 200, body = JoinCase), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 410, body = ErrorBody)))]
async fn read_case(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<Json<JoinCase>> {
    let organisation: OrganisationId =
        invitations::card(&app, &code).await?.organisation.organisation;
    let own = super::own(&app, caller.person).await?.joins;
    if let Some(case) = own.into_iter().find(|case| case.organisation.organisation == organisation)
    {
        return Ok(Json(case));
    }
    let mut connection = app.db.acquire().await?;
    let standing = super::standing(&app, &mut connection, caller.person, organisation).await?;
    let none = || Error::refuse(RefusalCode::NotFound, "you did not ask to join yet");
    Ok(Json(standing.ok_or_else(none)?))
}

/// The caller's own cases.
#[utoipa::path(get, path = "/api/me/joins", tag = "joining",
    responses((status = 200, body = JoinList), (status = 401, body = ErrorBody)))]
async fn own_joins(State(app): State<App>, caller: Caller) -> Result<Json<JoinList>> {
    Ok(Json(super::own(&app, caller.person).await?))
}

/// Take a request back.
#[utoipa::path(post, path = "/api/me/joins/{join}/withdrawal", tag = "joining",
    params(("join" = JoinId, Path, description = "a case of the caller")),
    responses((status = 200, body = JoinCase), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn withdraw_join(
    State(app): State<App>,
    caller: Caller,
    Path(join): Path<String>,
) -> Result<Json<JoinCase>> {
    let join = named(&join)?;
    Ok(Json(super::step_of_person(&app, caller.person, join, Step::Withdraw).await?))
}

/// End one's own participation.
#[utoipa::path(post, path = "/api/me/joins/{join}/end", tag = "joining",
    params(("join" = JoinId, Path, description = "a case of the caller")),
    responses((status = 200, body = JoinCase), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn end_join(
    State(app): State<App>,
    caller: Caller,
    Path(join): Path<String>,
) -> Result<Json<JoinCase>> {
    Ok(Json(super::step_of_person(&app, caller.person, named(&join)?, Step::End).await?))
}

/// Cases of a group or branch, for its leader.
#[utoipa::path(get, path = "/api/rooms/{room}/joins", tag = "joining",
    params(("room" = RoomId, Path, description = "a room that the caller leads")),
    responses((status = 200, body = JoinList), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn joins_of_room(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(room): Path<String>,
) -> Result<Json<JoinList>> {
    let host = led(&app, (caller.person, named(&room)?), &granted).await?;
    Ok(Json(super::of_host(&app, &host).await?))
}

/// The leader answers a request.
#[utoipa::path(post, path = "/api/rooms/{room}/joins/{join}/answer", tag = "joining",
    params(("room" = RoomId, Path, description = "a room that the caller leads"),
           ("join" = JoinId, Path, description = "a case of this room")),
    request_body = HostAnswer,
    responses((status = 200, body = JoinCase), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn answer_for_host(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((room, join)): Path<(String, String)>,
    Body(answer): Body<HostAnswer>,
) -> Result<Json<JoinCase>> {
    let host = led(&app, (caller.person, named(&room)?), &granted).await?;
    let about = (&host, named(&join)?);
    Ok(Json(super::host_answers(&app, caller.person, about, &answer).await?))
}

/// Cases that concern the branches whose roster the caller keeps.
#[utoipa::path(get, path = "/api/desk/joins", tag = "joining",
    responses((status = 200, body = JoinList), (status = 401, body = ErrorBody)))]
async fn joins_at_desk(State(app): State<App>, caller: Caller) -> Result<Json<JoinList>> {
    Ok(Json(super::at_desk(&app, caller.person).await?))
}

/// The home branch answers.
#[utoipa::path(post, path = "/api/desk/joins/{join}/answer", tag = "joining",
    params(("join" = JoinId, Path, description = "a case of the caller's desk")),
    request_body = HomeAnswer,
    responses((status = 200, body = JoinCase), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn answer_for_home(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(join): Path<String>,
    Body(answer): Body<HomeAnswer>,
) -> Result<Json<JoinCase>> {
    let who = (caller.person, &granted);
    Ok(Json(super::home_answers(&app, who, named(&join)?, &answer).await?))
}

/// The newest invitations of a group or branch.
#[utoipa::path(get, path = "/api/rooms/{room}/invitations", tag = "joining",
    params(("room" = RoomId, Path, description = "a room that the caller leads")),
    responses((status = 200, body = InvitationList), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn list_invitations(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(room): Path<String>,
) -> Result<Json<InvitationList>> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    Ok(Json(invitations::list(&app, &of).await?))
}

/// Make an invitation.
#[utoipa::path(post, path = "/api/rooms/{room}/invitations", tag = "joining",
    params(("room" = RoomId, Path, description = "a room that the caller leads")),
    request_body = MakeInvitation,
    responses((status = 201, body = Invitation), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn make_invitation(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(room): Path<String>,
    Body(request): Body<MakeInvitation>,
) -> Result<(StatusCode, Json<Invitation>)> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    let made = invitations::make(&app, caller.person, &of, &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revoke an invitation.
#[utoipa::path(delete, path = "/api/rooms/{room}/invitations/{invitation}", tag = "joining",
    params(("room" = RoomId, Path, description = "a room that the caller leads"),
           ("invitation" = InvitationId, Path, description = "an invitation of this room")),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn revoke_invitation(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((room, invitation)): Path<(String, String)>,
) -> Result<StatusCode> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    invitations::revoke(&app, caller.person, &of, named(&invitation)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The link of an invitation as a picture.
#[utoipa::path(get, path = "/api/rooms/{room}/invitations/{invitation}/qr.svg", tag = "joining",
    params(("room" = RoomId, Path, description = "a room that the caller leads"),
           ("invitation" = InvitationId, Path, description = "an invitation of this room")),
    responses((status = 200, body = String, content_type = "image/svg+xml"),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn draw_invitation(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    headers: HeaderMap,
    Path((room, invitation)): Path<(String, String)>,
) -> Result<Response> {
    let of = led(&app, (caller.person, named(&room)?), &granted).await?;
    let scheme = if app.config.secure_cookies() { "https" } else { "http" };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let site = format!("{scheme}://{host}");
    let svg = invitations::picture(&app, &of, (named(&invitation)?, &site)).await?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}
