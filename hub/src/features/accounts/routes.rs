//! The routes of accounts.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use signaling::http::accounts::{
    ChatToken, ConsoleCode, DeviceList, FinishSignIn, Me, StartSignIn,
};
use signaling::{DeviceId, RefusalCode};

use super::{chat_token, sign_in};
use crate::app::App;
use crate::auth::{Caller, Cookie, Visitor};
use crate::door::Body;
use crate::error::{Error, Fault, Result};
use crate::keys;

/// What this capability answers, as the access file names it.
pub const ROUTES: &[&str] = &[
    "POST /api/sign-in/challenges",
    "POST /api/sign-in",
    "POST /api/sign-out",
    "GET /api/me",
    "POST /api/chat-token",
    "GET /api/devices",
    "DELETE /api/devices/{device}",
    "GET /dev/codes",
];

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/sign-in/challenges", post(start))
        .route("/api/sign-in", post(finish))
        .route("/api/sign-out", post(sign_out))
        .route("/api/me", get(me))
        .route("/api/chat-token", post(make_token))
        .route("/api/devices", get(devices))
        .route("/api/devices/{device}", delete(revoke))
        .route("/dev/codes", get(codes))
}

async fn start(
    State(app): State<App>,
    visitor: Visitor,
    Body(request): Body<StartSignIn>,
) -> Result<Response> {
    let mark = match visitor.mark {
        Some(mark) => mark,
        None => keys::secret().map_err(Fault::new)?,
    };
    let asker = sign_in::Asker { address: visitor.address, mark };
    let challenge = sign_in::start(&app, &asker, &request).await?;
    let mut response = (StatusCode::CREATED, Json(challenge)).into_response();
    if let Some(cookie) = app.cookies.set(Cookie::Visitor, &mark) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn finish(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Body(request): Body<FinishSignIn>,
) -> Result<Response> {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default();
    let (me, secret) = sign_in::finish(&app, visitor.address, &request, agent).await?;
    let mut response = Json(me).into_response();
    if let Some(cookie) = app.cookies.set(Cookie::Session, &secret) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn sign_out(State(app): State<App>, caller: Caller, visitor: Visitor) -> Result<Response> {
    sign_in::revoke(&app, caller, caller.device, visitor.address).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = app.cookies.clear(Cookie::Session) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn me(State(app): State<App>, caller: Caller) -> Result<Json<Me>> {
    Ok(Json(sign_in::me(&app, caller).await?))
}

async fn make_token(State(app): State<App>, caller: Caller) -> Result<Json<ChatToken>> {
    let (token, expires_at) = chat_token::make_chat_token(&app, caller.person, caller.device)?;
    Ok(Json(ChatToken { token, expires_at }))
}

async fn devices(State(app): State<App>, caller: Caller) -> Result<Json<DeviceList>> {
    Ok(Json(sign_in::devices(&app, caller).await?))
}

async fn revoke(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    Path(device): Path<DeviceId>,
) -> Result<StatusCode> {
    sign_in::revoke(&app, caller, device, visitor.address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Codes of a hub that shows them on its console: nobody else can reach its door.
async fn codes(State(app): State<App>) -> Result<Json<Vec<ConsoleCode>>> {
    if app.codes.on_console() {
        Ok(Json(app.codes.shown()))
    } else {
        Err(Error::refuse(RefusalCode::NotFound, "there is nothing here for you"))
    }
}
