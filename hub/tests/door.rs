//! The listening socket, before any route: TLS, ports, bounds and the end.

#![expect(clippy::expect_used, reason = "a test says what is wrong by failing")]

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use hub::config::{Config, HttpConfig};
use hub::door::{ListenError, Listener};
use signaling::limits::HTTP_HEADER_BYTES_MAX;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

fn config() -> HttpConfig {
    let mut http = Config::load(None).expect("defaults").http;
    http.listen.set_port(0);
    http
}

struct Door {
    address: SocketAddr,
    stopping: CancellationToken,
    served: JoinHandle<()>,
}

async fn open(config: &HttpConfig, router: Router) -> Door {
    let listener = Listener::bind(config).await.expect("bound");
    let (address, stopping) = (listener.address, CancellationToken::new());
    let served = tokio::spawn(listener.serve(router, stopping.clone()));
    Door { address, stopping, served }
}

fn peer_route() -> Router {
    let answer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string();
    Router::new().route("/", get(answer))
}

async fn raw(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(request).await.expect("written");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_door_with_a_certificate_speaks_tls_and_only_that() {
    let folder = tempfile::tempdir().expect("folder");
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("made");
    let mut http = config();
    http.tls_certificate = folder.path().join("certificate.pem");
    http.tls_key = folder.path().join("key.pem");
    std::fs::write(&http.tls_certificate, made.cert.pem()).expect("written");
    std::fs::write(&http.tls_key, made.signing_key.serialize_pem()).expect("written");
    let door = open(&http, peer_route()).await;

    let plain = raw(door.address, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(!plain.contains("HTTP"), "answered without TLS: {plain}");
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("a root");
    let client = reqwest::Client::builder().tls_certs_only([root]).build().expect("a client");
    let answer = client.get(format!("https://{}/", door.address)).send().await.expect("answered");
    assert_eq!(answer.text().await.expect("text"), "127.0.0.1");
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_named() {
    let mut http = config();
    http.tls_certificate = "/nowhere/certificate.pem".into();
    http.tls_key = "/nowhere/key.pem".into();
    let Err(error) = Listener::bind(&http).await else { unreachable!("bound without a file") };
    assert!(error.to_string().contains("/nowhere/certificate.pem"), "{error}");
}

#[tokio::test]
async fn a_busy_port_is_an_error_or_the_next_one() {
    let first = Listener::bind(&config()).await.expect("bound");
    let mut http = config();
    http.listen = first.address;
    assert!(matches!(Listener::bind(&http).await, Err(ListenError::Bind { .. })));
    http.port_search = true;
    let next = Listener::bind(&http).await.expect("another port");
    assert!(next.address.port() > first.address.port());
}

#[tokio::test]
async fn a_header_without_end_is_refused() {
    let door = open(&config(), peer_route()).await;
    let mut request = b"GET / HTTP/1.1\r\nhost: a\r\nx: ".to_vec();
    request.resize(request.len() + 2 * HTTP_HEADER_BYTES_MAX, b'a');
    let answer = raw(door.address, &request).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let whole = raw(door.address, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(whole.ends_with("127.0.0.1"), "{whole}");
}

#[tokio::test]
async fn stopping_waits_for_the_request_under_way_and_takes_no_other() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let route = {
        let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
        async move || {
            begun.notify_one();
            go.notified().await;
            "done"
        }
    };
    let door = open(&config(), Router::new().route("/", get(route))).await;
    let under_way =
        tokio::spawn(async move { raw(door.address, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await });
    begun.notified().await;
    door.stopping.cancel();
    go.notify_one();
    let answer = under_way.await.expect("joined");
    assert!(answer.ends_with("done"), "{answer}");
    door.served.await.expect("ended");
    assert!(TcpStream::connect(door.address).await.is_err(), "still listening");
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_tell_no_names() {
    let hub = hub::testing::TestHub::start().await;
    let member = hub.person("Canary Name").await;
    let base = format!("http://{}", hub.address());
    let client = reqwest::Client::new();
    let unknown = format!("{base}/api/me?phone=10000000001");
    client.get(&unknown).send().await.expect("answered");
    let shown = client.get(format!("{base}/metrics")).send().await.expect("answered");
    let text = shown.text().await.expect("text");
    let route = r#"hub_http_request_seconds_count{method="GET",route="/api/me",status="401"}"#;
    assert!(text.contains(route), "{text}");
    assert!(text.contains("hub_database_connections"), "{text}");
    for canary in ["Canary", "10000000001", &member.person.to_string()] {
        assert!(!text.contains(canary), "{canary} stands in {text}");
    }
    let proxied = client.get(format!("{base}/metrics")).header("x-forwarded-for", "127.0.0.1");
    assert_eq!(proxied.send().await.expect("answered").status(), 404);
}
