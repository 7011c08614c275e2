//! The door of a whole sfu on loopback: what clients meet before any packet flows.

#![expect(clippy::expect_used, reason = "a test says what is wrong by failing")]

use std::sync::Arc;

use futures_util::StreamExt as _;
use prost::Message as _;
use sfu::config::Config;
use signaling::media::token::{Claims, VideoGrant, sign};
use signaling::media::wire::{SignalResponse, signal_response};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const SECRET: &str = "devsecretdevsecretdevsecretdevsecret";

async fn started() -> sfu::Running {
    let mut config = Config::dev(None).expect("configuration");
    config.http.listen.set_port(0);
    config.media.listen.set_port(0);
    config.media.tcp_listen.set_port(0);
    sfu::start(config).await.expect("started")
}

fn token(grant: VideoGrant) -> String {
    let claims = Claims {
        iss: "devkey".to_owned(),
        sub: "li".to_owned(),
        exp: i64::try_from(sfu::clock::unix().as_secs()).expect("in range") + 60,
        video: Some(grant),
        ..Claims::default()
    };
    sign(&claims, SECRET)
}

fn joins() -> VideoGrant {
    VideoGrant { room_join: true, room: "hall".to_owned(), ..VideoGrant::default() }
}

/// One request over a connection of its own; the whole answer as text.
async fn asked(running: &sfu::Running, head: &str, body: &str) -> String {
    asked_on(TcpStream::connect(running.http).await.expect("connected"), head, body).await
}

async fn asked_on(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    head: &str,
    body: &str,
) -> String {
    let request = format!(
        "{head}\r\nHost: sfu\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn a_socket_with_a_token_is_greeted_by_a_join() {
    let running = started().await;
    let url = format!("ws://{}//rtc?access_token={}", running.http, token(joins()));
    let stream = TcpStream::connect(running.http).await.expect("connected");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("opened");
    let Some(Ok(Message::Binary(bytes))) = socket.next().await else { panic!("a binary frame") };
    let first = SignalResponse::decode(bytes).expect("a signal message");
    let Some(signal_response::Message::Join(join)) = first.message else { panic!("join") };
    assert_eq!(join.room.expect("room").name, "hall");
}

#[tokio::test]
async fn validation_tells_what_the_socket_would_have_said() {
    let running = started().await;
    let valid = format!("GET /rtc/validate?access_token={} HTTP/1.1", token(joins()));
    let answer = asked(&running, &valid, "").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("success"), "{answer}");
    let table = [
        ("GET /rtc/validate HTTP/1.1", "401", "no permissions to access the room"),
        ("GET /rtc/validate?access_token=x HTTP/1.1", "401", "invalid authorization token"),
    ];
    for (head, status, text) in table {
        let answer = asked(&running, head, "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.ends_with(text), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("access-control-allow-origin: *"));
    }
}

#[tokio::test]
async fn the_single_connection_needs_a_join_request() {
    let running = started().await;
    let table = [("", "join_request is required"), ("&join_request=!", "cannot base64 decode")];
    for (more, text) in table {
        let head = format!("GET /rtc/v1/validate?access_token={}{more} HTTP/1.1", token(joins()));
        let answer = asked(&running, &head, "").await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains(text), "{answer}");
    }
}

#[tokio::test]
async fn an_administrator_makes_and_lists_rooms() {
    let running = started().await;
    let grant = VideoGrant { room_create: true, room_list: true, ..VideoGrant::default() };
    let authorised = |method: &str| {
        format!(
            "POST /twirp/livekit.RoomService/{method} HTTP/1.1\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json",
            token(grant.clone())
        )
    };
    let body = r#"{"name":"hall","emptyTimeout":60}"#;
    let answer = asked(&running, &authorised("CreateRoom"), body).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = asked(&running, &authorised("ListRooms"), "{}").await;
    assert!(answer.contains("\"hall\""), "{answer}");
    let answer = asked(&running, &authorised("ListParticipants"), r#"{"room":"hall"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

/// A client that trusts this certificate alone.
fn trusting(certificate: &rcgen::Certificate) -> tokio_rustls::TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config).into()
}

#[tokio::test]
async fn clients_come_over_tls_and_administrators_through_a_door_of_their_own() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("made");
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut config = Config::dev(None).expect("configuration");
    config.http.listen.set_port(0);
    config.media.listen.set_port(0);
    config.media.tcp_listen.set_port(0);
    config.http.tls_certificate = folder.path().join("certificate.pem");
    config.http.tls_key = folder.path().join("key.pem");
    config.http.administration = vec!["127.0.0.1:0".parse().expect("an address")];
    std::fs::write(&config.http.tls_certificate, made.cert.pem()).expect("written");
    std::fs::write(&config.http.tls_key, made.signing_key.serialize_pem()).expect("written");
    let running = sfu::start(config).await.expect("started");

    // One that never finishes its handshake keeps nobody out.
    let _silent = TcpStream::connect(running.http).await.expect("connected");
    let tls = async || {
        let stream = TcpStream::connect(running.http).await.expect("connected");
        let name = "127.0.0.1".try_into().expect("a name");
        trusting(&made.cert).connect(name, stream).await.expect("a handshake")
    };
    let valid = format!("GET /rtc/validate?access_token={} HTTP/1.1", token(joins()));
    let answer = asked_on(tls().await, &valid, "").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("success"), "{answer}");

    let grant = VideoGrant { room_list: true, ..VideoGrant::default() };
    let list = format!(
        "POST /twirp/livekit.RoomService/ListRooms HTTP/1.1\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json",
        token(grant)
    );
    let answer = asked_on(tls().await, &list, "{}").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let apart = async || {
        let address = running.administration.first().expect("a door");
        TcpStream::connect(address).await.expect("connected")
    };
    let answer = asked_on(apart().await, &list, "{}").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = asked_on(apart().await, &valid, "").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}
