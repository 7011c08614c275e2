//! The HTTP routes of calls.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use signaling::http::ErrorBody;
use signaling::http::calls::{
    AnswerHand, AnswerWaiting, CallState, CallTicket, GuestLink, LockCall, MuteSource, RaiseHand,
};
use signaling::{PersonId, RoomId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::door::{Body, named};
use crate::error::Result;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(join_call, read_call, end_call))
        .routes(routes!(check_call))
        .routes(routes!(raise_hand))
        .routes(routes!(answer_hand))
        .routes(routes!(lock_call))
        .routes(routes!(answer_waiting))
        .routes(routes!(mute_in_call))
        .routes(routes!(remove_from_call))
        .routes(routes!(guest_link))
        .routes(routes!(join_as_guest))
}

/// Start the call of a room, or join the open one.
#[utoipa::path(post, path = "/api/rooms/{room}/call", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller")),
    responses((status = 200, body = CallTicket), (status = 401, body = ErrorBody),
              (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody), (status = 503, body = ErrorBody)))]
async fn join_call(
    State(app): State<App>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<Json<CallTicket>> {
    Ok(Json(super::door::join(&app, &caller, named(&room)?).await?))
}

/// Whether a call is open, and who is in it.
#[utoipa::path(get, path = "/api/rooms/{room}/call", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller")),
    responses((status = 200, body = CallState), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn read_call(
    State(app): State<App>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<Json<CallState>> {
    Ok(Json(super::state(&app, caller.person, named(&room)?).await?))
}

/// End the call for everybody (leader).
#[utoipa::path(delete, path = "/api/rooms/{room}/call", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller")),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 503, body = ErrorBody)))]
async fn end_call(
    State(app): State<App>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<StatusCode> {
    super::end_by(&app, caller.person, named(&room)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A ticket to try the way to the media server, without a call.
#[utoipa::path(post, path = "/api/call-check", tag = "calls",
    responses((status = 200, body = CallTicket), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 503, body = ErrorBody)))]
async fn check_call(State(app): State<App>, caller: Caller) -> Result<Json<CallTicket>> {
    Ok(Json(super::check(&app, caller.person).await?))
}

/// Raise or lower the caller's hand.
#[utoipa::path(put, path = "/api/rooms/{room}/call/hand", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller")),
    request_body = RaiseHand,
    responses((status = 200, body = CallState), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn raise_hand(
    State(app): State<App>,
    caller: Caller,
    Path(room): Path<String>,
    Body(request): Body<RaiseHand>,
) -> Result<Json<CallState>> {
    Ok(Json(super::hands::raise(&app, caller.person, named(&room)?, request.up).await?))
}

/// Give the floor to a raised hand, or lower it (leader).
#[utoipa::path(put, path = "/api/rooms/{room}/call/hands/{person}", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller"),
           ("person" = PersonId, Path, description = "whose hand is up")),
    request_body = AnswerHand,
    responses((status = 200, body = CallState), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn answer_hand(
    State(app): State<App>,
    caller: Caller,
    Path((room, person)): Path<(String, String)>,
    Body(request): Body<AnswerHand>,
) -> Result<Json<CallState>> {
    let place = (named(&room)?, named(&person)?);
    Ok(Json(super::hands::answer(&app, caller.person, place, request.floor).await?))
}

/// Lock the call or open it again (leader).
#[utoipa::path(put, path = "/api/rooms/{room}/call/lock", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller")),
    request_body = LockCall,
    responses((status = 200, body = CallState), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn lock_call(
    State(app): State<App>,
    caller: Caller,
    Path(room): Path<String>,
    Body(request): Body<LockCall>,
) -> Result<Json<CallState>> {
    Ok(Json(super::door::lock(&app, caller.person, named(&room)?, request.locked).await?))
}

/// Let somebody in who waits before the door, or not (leader).
#[utoipa::path(put, path = "/api/rooms/{room}/call/waiting/{person}", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller"),
           ("person" = PersonId, Path, description = "who waits")),
    request_body = AnswerWaiting,
    responses((status = 200, body = CallState), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn answer_waiting(
    State(app): State<App>,
    caller: Caller,
    Path((room, person)): Path<(String, String)>,
    Body(request): Body<AnswerWaiting>,
) -> Result<Json<CallState>> {
    let place = (named(&room)?, named(&person)?);
    Ok(Json(super::door::answer(&app, caller.person, place, request.admit).await?))
}

/// Stop what a person sends in the call (leader).
#[utoipa::path(post, path = "/api/rooms/{room}/call/people/{person}/mute", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller"),
           ("person" = PersonId, Path, description = "who sends")),
    request_body = MuteSource,
    responses((status = 204), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
              (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 503, body = ErrorBody)))]
async fn mute_in_call(
    State(app): State<App>,
    caller: Caller,
    Path((room, person)): Path<(String, String)>,
    Body(request): Body<MuteSource>,
) -> Result<StatusCode> {
    let place = (named(&room)?, named(&person)?);
    super::door::mute(&app, caller.person, place, request.source).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a person out of the call (leader).
#[utoipa::path(delete, path = "/api/rooms/{room}/call/people/{person}", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller"),
           ("person" = PersonId, Path, description = "who was let in")),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 503, body = ErrorBody)))]
async fn remove_from_call(
    State(app): State<App>,
    caller: Caller,
    Path((room, person)): Path<(String, String)>,
) -> Result<StatusCode> {
    super::door::take_out(&app, caller.person, (named(&room)?, named(&person)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The link for guests of the open call (leader).
#[utoipa::path(get, path = "/api/rooms/{room}/call/guest-link", tag = "calls",
    params(("room" = RoomId, Path, description = "a room of the caller")),
    responses((status = 200, body = GuestLink), (status = 401, body = ErrorBody),
              (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn guest_link(
    State(app): State<App>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<Json<GuestLink>> {
    Ok(Json(super::door::guest_link(&app, caller.person, named(&room)?).await?))
}

/// Join a call by the link that its leader gave away; a leader lets guests in.
#[utoipa::path(post, path = "/api/guest-calls/{link}", tag = "calls",
    params(("link" = String, Path, description = "from the leader")),
    responses((status = 200, body = CallTicket), (status = 401, body = ErrorBody),
              (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody), (status = 503, body = ErrorBody)))]
async fn join_as_guest(
    State(app): State<App>,
    caller: Caller,
    Path(link): Path<String>,
) -> Result<Json<CallTicket>> {
    Ok(Json(super::door::join_by_link(&app, &caller, &link).await?))
}
