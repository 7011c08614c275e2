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
use crate::features::{
    accounts, boards, calls, chat, delegates, health, joining, leading, meetings, moderation,
    organisations, pages, policies,
};
use crate::metrics;

/// Everything the hub answers, each route behind the guard; an error where routes and calls are
/// not the ones that the access file names.
pub fn router(app: App) -> Result<Router, AccessError> {
    let policy = SetResponseHeaderLayer::if_not_present(
        header::CONTENT_SECURITY_POLICY,
        content_security_policy(&app),
    );
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
    let pages = boards::pages::ROUTES.iter().chain(delegates::pages::ROUTES);
    let pages = pages.chain(moderation::pages::ROUTES);
    mounted.extend(pages.map(|&route| route.to_owned()));
    app.access.check_mounted(&mounted, &socket_calls())?;
    let routes = routes
        .merge(boards::pages::router())
        .merge(delegates::pages::router())
        .merge(moderation::pages::router())
        .route_layer(from_fn_with_state(Arc::clone(&app), guard))
        .route_layer(from_fn(pages::refusals_as_pages))
        .route_layer(from_fn(metrics::measure))
        .route("/api/{*path}", any(unknown))
        .route("/connection/{*path}", any(unknown))
        .route("/dev/{*path}", any(unknown))
        .fallback(web_client::serve)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(HTTP_BODY_BYTES_MAX))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(policy)
        .with_state(app);
    Ok(routes)
}

/// The routes of every capability with their document; `console` as in [`accounts::router`].
pub fn api(console: bool) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(accounts::router(console))
        .merge(health::router())
        .merge(joining::router())
        .merge(leading::router())
        .merge(organisations::router())
        .merge(policies::router())
        .merge(calls::router())
        .merge(meetings::router())
}

/// Every method of the chat socket.
fn socket_calls() -> BTreeSet<String> {
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

/// The policy, with the media server among what a page may connect to.
fn content_security_policy(app: &App) -> HeaderValue {
    let Some(media) = &app.media else {
        return HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    };
    let sources = format!("connect-src 'self' {}", media.content_sources());
    let text = CONTENT_SECURITY_POLICY.replace("connect-src 'self'", &sources);
    HeaderValue::try_from(text)
        .unwrap_or_else(|_| HeaderValue::from_static(CONTENT_SECURITY_POLICY))
}

/// Whether the hub can serve: the database answers and this node is current.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    let answers = sqlx::query_scalar!(r#"SELECT 1 AS "one!""#).fetch_one(&app.db).await.is_ok();
    if answers && !app.fanout.is_held() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

/// A route that exists, asked in a way it does not know; the `Allow` header names the ways.
async fn wrong_method() -> Error {
    Error::refuse(
        RefusalCode::WrongMethod,
        "this route does not know the method; Allow lists those",
    )
}

/// An address that belongs to programs and not to pages, and that nothing answers.
async fn unknown() -> Error {
    Error::refuse(RefusalCode::NotFound, "no such route; the contract lists them")
}
