//! The HTTP routes of accounts.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderMap, StatusCode};
use signaling::DeviceId;
use signaling::http::ErrorBody;
use signaling::http::accounts::{
    Challenge, ChatToken, ConsoleCode, DeviceList, FinishSignIn, Me, SessionState, StartSignIn,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{devices, make_chat_token, rules, sign_in};
use crate::app::App;
use crate::auth::{Caller, Cookie, Visitor};
use crate::door::Body;
use crate::error::{Error, Fault, Result};
use crate::keys::secret;

/// The routes; `console` adds the one that shows codes of a hub on its own machine.
pub fn router(console: bool) -> OpenApiRouter<App> {
    let router = super::desk_routes::router()
        .routes(routes!(start_sign_in))
        .routes(routes!(finish_sign_in))
        .routes(routes!(read_session))
        .routes(routes!(read_me))
        .routes(routes!(sign_out))
        .routes(routes!(chat_token))
        .routes(routes!(list_devices))
        .routes(routes!(revoke_device));
    if console { router.routes(routes!(console_codes)) } else { router }
}

/// Ask for a one-time code.
#[utoipa::path(post, path = "/api/sign-in/challenges", tag = "accounts",
    request_body = StartSignIn,
    responses((status = 201, body = Challenge), (status = 422, body = ErrorBody),
              (status = 429, body = ErrorBody)))]
async fn start_sign_in(
    State(app): State<App>,
    visitor: Visitor,
    Body(ask): Body<StartSignIn>,
) -> Result<Response> {
    let challenge = sign_in::ask_code(&app, &visitor, &ask).await?;
    let mut response = (StatusCode::CREATED, Json(challenge)).into_response();
    if visitor.mark.is_none() {
        let mark = secret::<16>().map_err(Fault::new)?;
        if let Some(cookie) = app.cookies.set(Cookie::Visitor, &mark) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// Trade a one-time code for a session.
#[utoipa::path(post, path = "/api/sign-in", tag = "accounts", request_body = FinishSignIn,
    responses((status = 200, body = Me), (status = 422, body = ErrorBody),
              (status = 403, body = ErrorBody)))]
async fn finish_sign_in(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Body(finish): Body<FinishSignIn>,
) -> Result<Response> {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let name = rules::device_name(finish.device_name.as_deref(), agent);
    let signed_in = sign_in(&app, &visitor, &finish, name).await?;
    begun(&app, signed_in)
}

/// The answer to a sign-in: who it is, and the cookie of the session.
pub(super) fn begun(app: &App, signed_in: super::SignedIn) -> Result<Response> {
    let mut response = Json(signed_in.me).into_response();
    let cookie = app.cookies.set(Cookie::Session, &signed_in.secret);
    let cookie = cookie.ok_or_else(|| Fault::new("write the session cookie"))?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// Whether somebody is signed in, and who.
#[utoipa::path(get, path = "/api/session", tag = "accounts",
    responses((status = 200, body = SessionState)))]
async fn read_session(State(app): State<App>, visitor: Visitor) -> Result<Json<SessionState>> {
    let me = match visitor.caller {
        Some(caller) => Some(devices::me(&app, caller).await?),
        None => None,
    };
    Ok(Json(SessionState { me }))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/me", tag = "accounts",
    responses((status = 200, body = Me), (status = 401, body = ErrorBody)))]
async fn read_me(State(app): State<App>, caller: Caller) -> Result<Json<Me>> {
    Ok(Json(devices::me(&app, caller).await?))
}

/// End this device's session.
#[utoipa::path(post, path = "/api/sign-out", tag = "accounts",
    responses((status = 204), (status = 401, body = ErrorBody)))]
async fn sign_out(State(app): State<App>, caller: Caller, visitor: Visitor) -> Result<Response> {
    devices::revoke(&app, caller, caller.device, &visitor).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = app.cookies.clear(Cookie::Session) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A token for the chat socket, bound to this device.
#[utoipa::path(post, path = "/api/chat-token", tag = "accounts",
    responses((status = 200, body = ChatToken), (status = 401, body = ErrorBody)))]
async fn chat_token(State(app): State<App>, caller: Caller) -> Result<Json<ChatToken>> {
    let (token, expires_at) = make_chat_token(&app, caller.person, caller.device)?;
    Ok(Json(ChatToken { person: caller.person, token, expires_at }))
}

/// The caller's signed-in devices.
#[utoipa::path(get, path = "/api/devices", tag = "accounts",
    responses((status = 200, body = DeviceList), (status = 401, body = ErrorBody)))]
async fn list_devices(State(app): State<App>, caller: Caller) -> Result<Json<DeviceList>> {
    Ok(Json(devices(&app, caller).await?))
}

/// End a device of the caller: its session, its tokens and its sockets.
#[utoipa::path(delete, path = "/api/devices/{device}", tag = "accounts",
    params(("device" = DeviceId, Path, description = "one of the caller's devices")),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn revoke_device(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    Path(device): Path<String>,
) -> Result<StatusCode> {
    let no_such = |_| Error::refuse(signaling::RefusalCode::NotFound, "there is no such device");
    let device: DeviceId = device.parse().map_err(no_such)?;
    devices::revoke(&app, caller, device, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One-time codes of a hub that only this machine can reach, newest first.
#[utoipa::path(get, path = "/dev/codes", tag = "accounts",
    responses((status = 200, body = Vec<ConsoleCode>)))]
async fn console_codes(State(app): State<App>) -> Json<Vec<ConsoleCode>> {
    let recent = app.delivery.console().map(super::Console::recent).unwrap_or_default();
    Json(recent.into_iter().map(|(phone, code)| ConsoleCode { phone, code }).collect())
}
