//! The chat socket: from an HTTP request to a session, and from a session to the hub.
//!
//! One task per connection. It owns the [`signaling::chat::session::Session`]; everything that
//! goes out passes through the connection's outbox, so that replies and publications keep their
//! order.

mod asks;
mod connection;
mod gate;
mod guests;
mod lobby;
mod presence;
mod reads;

pub(super) use self::asks::{Refuse, history};

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper_util::rt::TokioIo;
use signaling::chat::Encoding;
use signaling::limits::{SOCKET_MESSAGE_BYTES_MAX, SOCKET_READ_BUFFER_BYTES};
use signaling::{Refusal, RefusalCode};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

pub use self::connection::serve;
pub use self::lobby::{Full, Guest, Lobby, Meter};
pub use self::reads::SharedReads;

use self::lobby::Metered;
use crate::app::App;
use crate::auth::{client_address, is_same_origin};
use crate::error::Error;

const PROTOBUF: &str = "centrifuge-protobuf";
const JSON: &str = "centrifuge-json";

/// `GET /connection/websocket`: opens the socket.
pub async fn open(State(app): State<App>, mut request: Request) -> Response {
    let (encoding, protocol) = encoding(request.headers(), request.uri().query());
    let Some(accept) = accept(request.headers()) else {
        return (StatusCode::UPGRADE_REQUIRED, "this address answers WebSocket clients only\n")
            .into_response();
    };
    if !is_same_origin(request.headers(), &app.config.http.origins) {
        return (StatusCode::FORBIDDEN, "the page that opens this socket is not one of ours\n")
            .into_response();
    }
    let Ok(guest) = app.lobby.enter(address(&app, &request)) else {
        metrics::counter!("hub_chat_sockets_refused_total").increment(1);
        let detail = "too many connections wait for their sign-in; try again in a few seconds";
        let refusal = Refusal::new(RefusalCode::Unavailable, detail).retry_after(2);
        return Error::Refused(refusal).into_response();
    };
    let meter = Meter::new(guest);
    let upgrade = hyper::upgrade::on(&mut request);
    let tasks = app.tasks.clone();
    tasks.spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let io = Metered::new(TokioIo::new(upgraded), Arc::clone(&meter));
        let config = Some(socket_config());
        let socket = WebSocketStream::from_raw_socket(io, Role::Server, config).await;
        serve(app, socket, encoding, meter).await;
    });
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(protocol) = protocol {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    }
    response
}

/// Where the client is, as far as the hub believes it.
fn address(app: &App, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    client_address(peer, request.headers(), &app.config.http.trusted_proxies)
}

/// Messages may be a little larger than the session's own limit, so that it is the session that
/// refuses them: a close by the WebSocket layer (1009) would be final for clients.
fn socket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(SOCKET_READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(SOCKET_MESSAGE_BYTES_MAX))
        .max_frame_size(Some(SOCKET_MESSAGE_BYTES_MAX))
}

/// The answer to the client's key; `None` where this is no WebSocket request of version 13.
fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let upgrade = headers.get(header::UPGRADE)?.to_str().ok()?;
    let version = headers.get(header::SEC_WEBSOCKET_VERSION)?;
    if !upgrade.eq_ignore_ascii_case("websocket") || version != "13" {
        return None;
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()
}

/// The encoding, and the subprotocol to name in the answer. Some clients send an empty header.
fn encoding(headers: &HeaderMap, query: Option<&str>) -> (Encoding, Option<&'static str>) {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let offers = |name: &str| {
        offered
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|value| value.trim() == name)
    };
    if offers(PROTOBUF) {
        return (Encoding::Protobuf, Some(PROTOBUF));
    }
    if offers(JSON) {
        return (Encoding::Json, Some(JSON));
    }
    let protobuf = query
        .unwrap_or_default()
        .split('&')
        .any(|parameter| matches!(parameter, "format=protobuf" | "cf_protocol=protobuf"));
    (if protobuf { Encoding::Protobuf } else { Encoding::Json }, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("a header"))])
    }

    #[test]
    fn the_encoding_follows_subprotocol_then_query_then_json() {
        let protocol = |value| with(header::SEC_WEBSOCKET_PROTOCOL, value);
        let none = HeaderMap::new();
        let protobuf = (Encoding::Protobuf, Some(PROTOBUF));
        assert_eq!(encoding(&protocol("x, centrifuge-protobuf"), None), protobuf);
        assert_eq!(encoding(&protocol("centrifuge-json"), None), (Encoding::Json, Some(JSON)));
        assert_eq!(encoding(&protocol(""), None), (Encoding::Json, None));
        let query = Some("cf_protocol_version=v2&cf_protocol=protobuf");
        assert_eq!(encoding(&none, query), (Encoding::Protobuf, None));
        assert_eq!(encoding(&none, Some("format=protobuf")), (Encoding::Protobuf, None));
        assert_eq!(encoding(&none, None), (Encoding::Json, None));
    }
}
