//! What clients and the hub call over HTTP: health, signal socket, validation, `RoomService`.

mod room_service;
mod rtc_socket;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use signaling::media::token::{self, Claims, Keys, TokenError};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::clock;
use crate::config::HttpConfig;
use crate::node::Node;

/// What every handler needs.
#[derive(Clone, Debug)]
pub struct Door {
    node: Node,
    keys: Arc<Keys>,
}

impl Door {
    /// A door to `node`, opened by tokens of `keys`.
    #[must_use]
    pub fn new(node: Node, keys: Keys) -> Self {
        Self { node, keys: Arc::new(keys) }
    }

    /// The claims of the request's token: the header wins over the query.
    fn claims(&self, headers: &HeaderMap, query: Option<&str>) -> Result<Claims, TokenError> {
        let token = match headers.get(header::AUTHORIZATION) {
            Some(value) => value
                .to_str()
                .ok()
                .and_then(|value| value.strip_prefix("Bearer "))
                .ok_or(TokenError::Malformed)?
                .to_owned(),
            None => pairs(query.unwrap_or_default())
                .into_iter()
                .find(|(name, _)| name == "access_token")
                .map(|(_, value)| value)
                .ok_or(TokenError::Missing)?,
        };
        let now_s = i64::try_from(clock::unix().as_secs()).unwrap_or(i64::MAX);
        token::verify(&token, &self.keys, now_s)
    }
}

/// Whom a door is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    Clients,
    Administrators,
    Both,
}

/// A door that does not serve yet.
pub struct Bound {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    whom: For,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Bound {
    /// Binds the clients' door and those for administrators, in this order.
    pub async fn all(config: &HttpConfig) -> anyhow::Result<Vec<Self>> {
        let tls = config.speaks_tls().then(|| tls::acceptor(config)).transpose()?;
        let whom = if config.administration.is_empty() { For::Both } else { For::Clients };
        let mut doors = vec![Self::bind(config.listen, tls, whom).await?];
        for address in &config.administration {
            doors.push(Self::bind(*address, None, For::Administrators).await?);
        }
        Ok(doors)
    }

    async fn bind(
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        whom: For,
    ) -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, tls, whom, address })
    }

    /// Serves until the listener fails.
    pub async fn serve(self, door: Door) -> std::io::Result<()> {
        let router = router(door, self.whom).into_service();
        let service = tower::util::MapRequest::new(router, single_slashes).boxed_clone();
        let service = axum::ServiceExt::<Request>::into_make_service(service);
        match self.tls {
            None => axum::serve(self.listener, service).await,
            Some(tls) => axum::serve(tls::Handshakes::start(self.listener, tls), service).await,
        }
    }
}

fn router(door: Door, whom: For) -> Router {
    let mut routes = Router::new().route("/", get(|| async { "OK" }));
    if whom != For::Administrators {
        routes = routes
            .route("/rtc", any(rtc_socket::open))
            .route("/rtc/v1", any(rtc_socket::open))
            .route("/rtc/validate", get(rtc_socket::validate))
            .route("/rtc/v1/validate", get(rtc_socket::validate));
    }
    if whom != For::Clients {
        routes = routes.route("/twirp/{service}/{method}", any(room_service::call));
    }
    routes
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(axum::middleware::from_fn_with_state(door.clone(), cross_origin))
        .with_state(door)
}

/// Some clients join a base path and a path with one slash too many.
fn single_slashes(mut request: Request) -> Request {
    let uri = request.uri();
    if uri.path().contains("//") {
        let mut path = uri.path().to_owned();
        while path.contains("//") {
            path = path.replace("//", "/");
        }
        if let Some(query) = uri.query() {
            path.push('?');
            path.push_str(query);
        }
        if let Ok(cleaned) = path.parse::<Uri>() {
            *request.uri_mut() = cleaned;
        }
    }
    request
}

/// Pages of any origin may call: the token alone gives rights, no cookie does.
async fn cross_origin(State(_): State<Door>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type"),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, POST, OPTIONS"),
        );
        response
    } else {
        next.run(request).await
    };
    let allowed = if preflight { origin } else { None };
    response.headers_mut().insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        allowed.unwrap_or(HeaderValue::from_static("*")),
    );
    response
}

/// The pairs of a query string, percent-decoded.
fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = [rest.next(), rest.next()].map(|digit| {
                    digit.and_then(|digit| char::from(digit).to_digit(16)).unwrap_or_default()
                });
                let [high, low] = hex;
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_percent_decoded() {
        assert_eq!(
            pairs("a=%E4%BD%A0+b&c"),
            [("a".to_owned(), "你 b".to_owned()), ("c".to_owned(), String::new())]
        );
    }

    #[test]
    fn repeated_slashes_are_one() {
        let request =
            Request::builder().uri("//rtc//validate?a=//b").body(axum::body::Body::empty());
        let request = single_slashes(request.expect("request"));
        assert_eq!(request.uri().to_string(), "/rtc/validate?a=//b");
    }
}
