//! The HTTP routes of the desk, of passwords and of consents.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::header::USER_AGENT;
use http::{HeaderMap, StatusCode};
use signaling::http::ErrorBody;
use signaling::http::accounts::Me;
use signaling::http::desk::{
    Consents, Desk, GiveConsent, OpenDesk, PasswordSignIn, SecondFactor, SetPassword,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CodeFor, consents, desk as desk_of, routes, rules};
use crate::app::App;
use crate::auth::{Caller, Session, Visitor};
use crate::door::Body;
use crate::error::Result;

/// The routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_desk, open_desk, close_desk))
        .routes(routes!(begin_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(sign_in_by_password))
        .routes(routes!(set_password))
        .routes(routes!(read_consents, give_consent))
}

/// Whether the caller's desk is open.
#[utoipa::path(get, path = "/api/desk", tag = "desk",
    responses((status = 200, body = Desk), (status = 401, body = ErrorBody)))]
async fn read_desk(State(app): State<App>, session: Session) -> Result<Json<Desk>> {
    Ok(Json(desk_of(&app, &session).await?))
}

/// Open the desk with a second factor, or prove it anew.
#[utoipa::path(post, path = "/api/desk", tag = "desk", request_body = OpenDesk,
    responses((status = 200, body = Desk), (status = 401, body = ErrorBody),
              (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn open_desk(
    State(app): State<App>,
    session: Session,
    visitor: Visitor,
    Body(open): Body<OpenDesk>,
) -> Result<Json<Desk>> {
    Ok(Json(super::open_desk(&app, &session, (&open.code, CodeFor::Desk), &visitor).await?))
}

/// Close the desk of this device.
#[utoipa::path(delete, path = "/api/desk", tag = "desk",
    responses((status = 204), (status = 401, body = ErrorBody)))]
async fn close_desk(State(app): State<App>, session: Session) -> Result<StatusCode> {
    super::close_desk(&app, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new secret for an officer's authenticator application.
#[utoipa::path(post, path = "/api/desk/second-factor", tag = "desk",
    responses((status = 201, body = SecondFactor), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn begin_second_factor(
    State(app): State<App>,
    session: Session,
) -> Result<(StatusCode, Json<SecondFactor>)> {
    Ok((StatusCode::CREATED, Json(super::begin_second_factor(&app, &session).await?)))
}

/// The first code of a new secret: it counts from here on, and the desk is open.
#[utoipa::path(post, path = "/api/desk/second-factor/confirmation", tag = "desk",
    request_body = OpenDesk,
    responses((status = 200, body = Desk), (status = 401, body = ErrorBody),
              (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn confirm_second_factor(
    State(app): State<App>,
    session: Session,
    visitor: Visitor,
    Body(open): Body<OpenDesk>,
) -> Result<Json<Desk>> {
    Ok(Json(super::open_desk(&app, &session, (&open.code, CodeFor::NewSecret), &visitor).await?))
}

/// Sign in with a number and a password.
#[utoipa::path(post, path = "/api/sign-in/password", tag = "accounts",
    request_body = PasswordSignIn,
    responses((status = 200, body = Me), (status = 403, body = ErrorBody),
              (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn sign_in_by_password(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Body(request): Body<PasswordSignIn>,
) -> Result<Response> {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let name = rules::device_name(request.device_name.as_deref(), agent);
    let signed_in = super::sign_in_by_password(&app, &visitor, &request, name).await?;
    routes::begun(&app, signed_in)
}

/// Set the caller's password; the other devices are signed out.
#[utoipa::path(put, path = "/api/me/password", tag = "accounts", request_body = SetPassword,
    responses((status = 204), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
              (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn set_password(
    State(app): State<App>,
    session: Session,
    visitor: Visitor,
    Body(request): Body<SetPassword>,
) -> Result<StatusCode> {
    super::set_password(&app, &session, &visitor, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The pages in force, and when the caller agreed to them.
#[utoipa::path(get, path = "/api/me/consents", tag = "accounts",
    responses((status = 200, body = Consents), (status = 401, body = ErrorBody)))]
async fn read_consents(State(app): State<App>, caller: Caller) -> Result<Json<Consents>> {
    let mut connection = app.db.acquire().await?;
    Ok(Json(consents(&mut connection, caller.person).await?))
}

/// Agree to the version in force of a page.
#[utoipa::path(post, path = "/api/me/consents", tag = "accounts", request_body = GiveConsent,
    responses((status = 200, body = Consents), (status = 401, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn give_consent(
    State(app): State<App>,
    caller: Caller,
    Body(given): Body<GiveConsent>,
) -> Result<Json<Consents>> {
    Ok(Json(super::agree(&app, caller.person, &given).await?))
}
