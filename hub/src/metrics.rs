//! What an operator sees of a running hub at `/metrics`, in the text format of Prometheus. No
//! label ever holds a name, a number, an address or a room: only routes, methods and codes.
//! Start at [`show`].

use std::net::SocketAddr;
use std::sync::{LazyLock, OnceLock};
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use metrics::Counter;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::app::App;
use crate::error::Error;

/// Seconds; half a millisecond to ten seconds.
const SECONDS: &[f64] =
    &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// Rows of one commit.
const ROWS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// One recorder per process, however many hubs a test starts in it.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The two that every delivery counts in are looked up once, when the first socket is written to.
static WRITES: LazyLock<Counter> = LazyLock::new(|| metrics::counter!("hub_socket_writes_total"));
static MESSAGES: LazyLock<Counter> =
    LazyLock::new(|| metrics::counter!("hub_socket_messages_total"));

/// Begins to count; what happens before is not seen. Once per process, later calls change nothing.
pub fn start() {
    recorder();
}

fn recorder() -> Option<&'static PrometheusHandle> {
    let install = || {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
            .and_then(|builder| {
                builder.set_buckets_for_metric(Matcher::Suffix("_rows".to_owned()), ROWS)
            })
            .and_then(PrometheusBuilder::install_recorder);
        if recorder.is_ok() {
            describe();
        }
        recorder.ok()
    };
    RECORDER.get_or_init(install).as_ref()
}

fn describe() {
    use metrics::{describe_counter as counter, describe_gauge as gauge};
    use metrics::{describe_histogram as histogram, gauge as set};
    histogram!("hub_http_request_seconds", "from a request's header to its answer, by route");
    histogram!("hub_call_seconds", "calls over the chat socket, by method and outcome");
    histogram!("hub_timeline_commit_seconds", "one commit of the log");
    histogram!("hub_timeline_commit_rows", "events in one commit of the log");
    counter!("hub_timeline_commits_repeated_total", "commits whose answer was lost");
    counter!("hub_timeline_rooms_parked_total", "rooms set aside because a command held them");
    counter!("hub_bus_hints_dropped_total", "hints that found a queue full");
    counter!("hub_bus_hints_forged_total", "what came over the bus without a right code");
    counter!("hub_chat_sockets_refused_total", "sockets refused before sign-in: too many");
    gauge!("hub_sockets_waiting_bytes", "what sockets before sign-in make the hub keep");
    counter!("hub_socket_closes_total", "sockets closed by the hub, by code");
    counter!("hub_socket_messages_total", "replies and pushes handed to sockets");
    counter!("hub_socket_writes_total", "frames in which they were written");
    gauge!("hub_sockets", "open sockets, by state");
    gauge!("hub_people_present", "people with at least one open socket");
    gauge!("hub_rooms_open", "rooms with a subscription on this node");
    gauge!("hub_subscriptions", "subscriptions on this node");
    gauge!("hub_delivery_held", "1 while this node can not compare its rooms with the store");
    gauge!("hub_database_connections", "connections of the pool, by state");
    gauge!("process_resident_memory_bytes", "memory of the process that is in use");
    gauge!("hub_build_info", "1, with the version as a label");
    set!("hub_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
}

/// Measures every request that has a route. A layer of the router.
pub async fn measure(request: Request, next: Next) -> Response {
    let began = began();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let labels = [
        ("method", method),
        ("route", route.unwrap_or_default()),
        ("status", response.status().as_u16().to_string()),
    ];
    metrics::histogram!("hub_http_request_seconds", &labels).record(began.elapsed());
    response
}

/// A call over the chat socket was answered.
pub fn called(method: &'static str, outcome: &'static str, began: Instant) {
    let labels = [("method", method), ("outcome", outcome)];
    metrics::histogram!("hub_call_seconds", &labels).record(began.elapsed());
}

/// The hub closed a socket.
pub fn closed(code: u16) {
    metrics::counter!("hub_socket_closes_total", "code" => code.to_string()).increment(1);
}

/// A frame with so many replies and pushes was handed to a socket.
pub fn written(messages: usize) {
    WRITES.increment(1);
    MESSAGES.increment(u64::try_from(messages).unwrap_or_default());
}

/// One commit of the log went through.
pub fn committed(rows: usize, began: Instant) {
    metrics::histogram!("hub_timeline_commit_seconds").record(began.elapsed());
    let rows = u32::try_from(rows).map_or(f64::MAX, f64::from);
    metrics::histogram!("hub_timeline_commit_rows").record(rows);
}

/// The start of something measured. Measuring is not deciding: nothing depends on this clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "milliseconds are too coarse to measure with")]
pub fn began() -> Instant {
    Instant::now()
}

/// `GET /metrics`, for this machine and the addresses that the configuration names.
pub async fn show(
    State(app): State<App>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Response {
    let peer = peer.map(|peer| peer.0.0);
    let (Some(recorder), true) = (recorder(), may_look(&app, peer, &headers)) else {
        return Error::refuse(signaling::RefusalCode::NotFound, "there is nothing here for you")
            .into_response();
    };
    sample(&app);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (StatusCode::OK, kind, recorder.render()).into_response()
}

/// This machine, or an address of the configuration; never through a proxy, whose own address may
/// be this machine's.
fn may_look(app: &App, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let forwarded = ["x-forwarded-for", "forwarded", "x-real-ip"];
    let Some(peer) = peer.map(|peer| peer.ip().to_canonical()) else { return false };
    let known = peer.is_loopback() || app.config.http.metrics_from.contains(&peer);
    known && !forwarded.iter().any(|name| headers.contains_key(*name))
}

/// Sets what is counted only when somebody looks.
fn sample(app: &App) {
    use metrics::gauge;
    let number = |value: usize| u32::try_from(value).map_or(f64::MAX, f64::from);
    let (rooms, subscriptions) = app.fanout.size();
    gauge!("hub_rooms_open").set(number(rooms));
    gauge!("hub_subscriptions").set(number(subscriptions));
    gauge!("hub_people_present").set(number(app.fanout.people.count()));
    gauge!("hub_delivery_held").set(number(usize::from(app.fanout.is_held())));
    let (waiting, waiting_bytes) = app.lobby.load();
    let signed_in = app.tasks.len().saturating_sub(waiting);
    gauge!("hub_sockets", "state" => "signed_in").set(number(signed_in));
    gauge!("hub_sockets", "state" => "waiting").set(number(waiting));
    gauge!("hub_sockets_waiting_bytes").set(number(waiting_bytes));
    let idle = app.db.num_idle();
    let open = usize::try_from(app.db.size()).unwrap_or_default();
    gauge!("hub_database_connections", "state" => "idle").set(number(idle));
    gauge!("hub_database_connections", "state" => "busy").set(number(open.saturating_sub(idle)));
    if let Some(bytes) = resident_bytes() {
        gauge!("process_resident_memory_bytes").set(bytes);
    }
}

/// Resident memory of this process, from `/proc`; `None` elsewhere than on Linux.
fn resident_bytes() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u32 = statm.split(' ').nth(1)?.parse().ok()?;
    let page_bytes = u32::try_from(rustix::param::page_size()).ok()?;
    Some(f64::from(pages) * f64::from(page_bytes))
}
