//! The HTTP route of the installation's health.

use axum::Json;
use axum::extract::State;
use signaling::http::ErrorBody;
use signaling::http::administration::Health;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_health))
}

/// How the installation is.
#[utoipa::path(get, path = "/api/admin/health", tag = "administration",
    responses((status = 200, body = Health), (status = 401, body = ErrorBody)))]
async fn read_health(State(app): State<App>) -> Result<Json<Health>> {
    Ok(Json(super::read(&app).await?))
}
