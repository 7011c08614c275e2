//! The HTTP routes of policies and of the calendar.

#![expect(unused_qualifications, reason = "the macro of the document names types in full")]

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use signaling::http::ErrorBody;
use signaling::http::administration::{Calendar, CalendarDay, Policy, PolicyList, SetPolicy};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::door::{Body, Parameters};
use crate::error::Result;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_policies, set_policy))
        .routes(routes!(read_calendar, set_calendar_day))
}

/// Every policy on record.
#[utoipa::path(get, path = "/api/admin/policies", tag = "administration",
    responses((status = 200, body = PolicyList), (status = 401, body = ErrorBody)))]
async fn list_policies(State(app): State<App>) -> Result<Json<PolicyList>> {
    Ok(Json(super::list(&app).await?))
}

/// Put a value on record from a day on.
#[utoipa::path(post, path = "/api/admin/policies", tag = "administration",
    request_body = SetPolicy,
    responses((status = 201, body = Policy), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn set_policy(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<SetPolicy>,
) -> Result<(StatusCode, Json<Policy>)> {
    Ok((StatusCode::CREATED, Json(super::set(&app, caller.person, request).await?)))
}

/// Which year.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CalendarYear {
    /// 2000–2100.
    year: i32,
}

/// The days of a year that are not what their weekday says.
#[utoipa::path(get, path = "/api/admin/calendar", tag = "administration", params(CalendarYear),
    responses((status = 200, body = Calendar), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody)))]
async fn read_calendar(
    State(app): State<App>,
    Parameters(year): Parameters<CalendarYear>,
) -> Result<Json<Calendar>> {
    Ok(Json(super::calendar(&app, year.year).await?))
}

/// Say what a day is.
#[utoipa::path(put, path = "/api/admin/calendar", tag = "administration",
    request_body = CalendarDay,
    responses((status = 204), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
async fn set_calendar_day(
    State(app): State<App>,
    caller: Caller,
    Body(day): Body<CalendarDay>,
) -> Result<StatusCode> {
    super::set_day(&app, caller.person, &day).await?;
    Ok(StatusCode::NO_CONTENT)
}
