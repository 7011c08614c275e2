//! The HTTP door: routes, headers and limits of every answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use http::{HeaderName, HeaderValue, StatusCode, header};
use signaling::RefusalCode;
use signaling::limits::HTTP_BODY_BYTES_MAX;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::{OpenApi, PathItem};
use utoipa_axum::router::OpenApiRouter;

use super::{chat_socket, web_client};
use crate::app::App;
use crate::auth::{AccessError, guard};
use crate::error::Error;
use crate::features::{accounts, chat, organisations, policies};
use crate::metrics;

/// Everything the hub answers, each route behind the guard; an error where routes and calls are
/// not the ones that the access file names.
pub fn router(app: App) -> Result<Router, AccessError> {
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let plain = [
        ("/healthz", get(async || "ok\n")),
        ("/readyz", get(ready)),
        ("/metrics", get(metrics::show)),
        ("/connection/websocket", get(chat_socket::open)),
    ];
    let console = app.delivery.console().is_some_and(accounts::Console::over_http);
    let (mut routes, document) = api(console).split_for_parts();
    let mut mounted = names(&document);
    for (path, handler) in plain {
        mounted.insert(format!("GET {path}"));
        routes = routes.route(path, handler);
    }
    app.access.check_mounted(&mounted, &calls())?;
    let routes = routes
        .route_layer(from_fn_with_state(Arc::clone(&app), guard))
        .route_layer(from_fn(metrics::measure))
        .route("/api/{*path}", any(unknown))
        .route("/connection/{*path}", any(unknown))
        .route("/dev/{*path}", any(unknown))
        .fallback(web_client::serve)
        .layer(DefaultBodyLimit::max(HTTP_BODY_BYTES_MAX))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .with_state(app);
    Ok(routes)
}

/// The routes of every capability with their document; `console` as in [`accounts::router`].
pub fn api(console: bool) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(accounts::router(console))
        .merge(organisations::router())
        .merge(policies::router())
}

/// Every method of the chat socket.
fn calls() -> BTreeSet<String> {
    chat::METHODS.iter().map(|&method| method.to_owned()).collect()
}

/// `METHOD /path` of every documented route.
fn names(document: &OpenApi) -> BTreeSet<String> {
    let of_path = |path: &str, item: &PathItem| {
        let methods = [
            ("GET", item.get.is_some()),
            ("POST", item.post.is_some()),
            ("PUT", item.put.is_some()),
            ("PATCH", item.patch.is_some()),
            ("DELETE", item.delete.is_some()),
        ];
        let present = methods.into_iter().filter(|(_, present)| *present);
        present.map(|(method, _)| format!("{method} {path}")).collect::<Vec<_>>()
    };
    document.paths.paths.iter().flat_map(|(path, item)| of_path(path, item)).collect()
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

/// An address that belongs to programs and not to pages, and that nothing answers.
async fn unknown() -> Error {
    Error::refuse(RefusalCode::NotFound, "no such route; the contract lists them")
}
