//! The HTTP door: routes, headers and limits of every answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware;
use axum::routing::get;
use http::{HeaderName, HeaderValue, StatusCode, header};
use signaling::limits::HTTP_BODY_BYTES_MAX;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::chat_socket;
use crate::app::App;
use crate::auth::{Access, AccessError, guard};
use crate::features::{accounts, chat};

/// Everything the hub answers.
pub fn router(app: App) -> Router {
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let guarded = accounts::router().layer(middleware::from_fn_with_state(Arc::clone(&app), guard));
    Router::new()
        .merge(guarded)
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/connection/websocket", get(chat_socket::open))
        .layer(RequestBodyLimitLayer::new(HTTP_BODY_BYTES_MAX))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .with_state(app)
}

/// Own files only, no inline script, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
     worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whether the hub can serve: the database answers and this node is current.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    let answers = sqlx::query_scalar!(r#"SELECT 1 AS "one!""#).fetch_one(&app.db).await.is_ok();
    if answers && !app.fanout.is_held() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

/// Whether the access file names exactly what is mounted.
pub fn check_access(access: &Access) -> Result<(), AccessError> {
    let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    access.check_mounted(&names(accounts::ROUTES), &names(chat::METHODS))
}
