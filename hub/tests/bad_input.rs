//! Bad input at the doors of a whole hub: each time a stable code, and words that say what is wrong.

#![expect(clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

use hub::testing::{TestClient, TestHub};
use serde_json::{Value, json};
use signaling::limits::{CHANNEL_BYTES_MAX, FRAME_BEFORE_CONNECT_BYTES_MAX, FRAME_BYTES_MAX};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const PHONE: &str = "13800138000";

/// Code and words of the error in a reply.
fn error(reply: &Value) -> (u64, &str) {
    let number = reply["error"]["code"].as_u64().unwrap_or_default();
    (number, reply["error"]["message"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn frames_that_are_none_close_the_socket_with_code_and_reason() {
    let hub = TestHub::start().await;
    let person = hub.person("江朗").await;
    let long = "x".repeat(FRAME_BEFORE_CONNECT_BYTES_MAX + 1);
    let longer = "x".repeat(FRAME_BYTES_MAX + 1);
    for (said, signed_in) in [
        ("{\"id\":1,", false),
        ("[]", false),
        ("{\"id\":1,\"rpc\":{\"method\":\"x\"}}", false),
        (long.as_str(), false),
        ("{\"id\":1,", true),
        ("{\"id\":\"one\",\"ping\":{}}", true),
        (longer.as_str(), true),
    ] {
        let mut socket = if signed_in { hub.client(person).await } else { hub.socket().await };
        socket.say(said).await;
        let heard = socket.goodbye().await;
        let start: String = said.chars().take(30).collect();
        assert_eq!(heard, (3501, "bad request".to_owned()), "{start} {signed_in}");
    }
    for frame in [vec![0xff_u8; 40], vec![5, 1], vec![0; 3], vec![200, 200, 200, 200, 1]] {
        let mut socket = TestClient::open_in_protobuf(hub.address()).await;
        assert!(socket.send(Message::Binary(frame.clone().into())).await);
        let heard = socket.goodbye().await;
        assert_eq!(heard, (3501, "bad request".to_owned()), "{frame:?}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn channels_that_are_none_are_refused_and_the_socket_stays() {
    let hub = TestHub::start().await;
    let person = hub.person("江朗").await;
    let mut client = hub.client(person).await;
    let long = "x".repeat(CHANNEL_BYTES_MAX + 1);
    for (channel, expected) in [
        ("nowhere:1", (102, "unknown channel")),
        ("room:0190b3a4-7d1e-7c00-8000-0000000000b1", (103, "permission denied")),
        ("room:x", (102, "unknown channel")),
        ("", (107, "bad request")),
        (long.as_str(), (107, "bad request")),
        ("频道", (107, "bad request")),
    ] {
        let reply = client.call("subscribe", json!({ "channel": channel })).await;
        assert_eq!(error(&reply), expected, "{channel}");
    }
    client.rpc("room.list", json!({})).await;
    hub.stop().await;
}

#[tokio::test]
async fn calls_that_are_none_are_refused_with_a_sentence() {
    let hub = TestHub::start().await;
    let person = hub.person("江朗").await;
    let room = hub.group(&[person]).await;
    let mut client = hub.client(person).await;
    let send = |text: String| json!({ "room": room, "cid": "c", "text": text });
    for (method, data, number, words) in [
        ("msg.fly", json!({}), 104, "method not found"),
        ("msg.send", json!({ "room": 1 }), 107, "invalid_input: "),
        ("msg.send", json!([]), 107, "invalid_input: "),
        (
            "msg.send",
            json!({ "room": room, "cid": "c", "text": "x", "as": 1 }),
            107,
            "unknown field `as`",
        ),
        ("msg.send", send(" ".to_owned()), 420, "text_empty: "),
        ("msg.send", send("会".repeat(4_001)), 421, "text_too_long: "),
    ] {
        let reply = client.call("rpc", json!({ "method": method, "data": data })).await;
        let (code, message) = error(&reply);
        assert_eq!(code, number, "{reply}");
        assert!(message.contains(words), "{message}");
        assert!(
            !words.ends_with(": ") || message.len() > words.len() + 8,
            "no sentence: {message}"
        );
    }
    hub.stop().await;
}

#[tokio::test]
async fn forged_and_replayed_tokens_open_no_socket_and_say_so() {
    let hub = TestHub::start().await;
    hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    browser.sign_in(&hub.app, PHONE).await;
    let answer = browser.post("/api/chat-token", json!({})).await;
    let token = answer.body["token"].as_str().expect("a token").to_owned();
    let (signed, _) = token.rsplit_once('.').expect("three parts");
    let forged = [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{signed}."),
        format!("{signed}.{}", "A".repeat(86)),
    ];
    for token in &forged {
        assert_eq!(greeted(&hub, token).await, (3500, "invalid token".to_owned()), "{token}");
    }
    // The right one, after its device was signed out.
    let answer = browser.post("/api/sign-out", json!({})).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    assert_eq!(greeted(&hub, &token).await, (3500, "invalid token".to_owned()));
    hub.stop().await;
}

/// What a new socket hears that shows `token`.
async fn greeted(hub: &TestHub, token: &str) -> (u16, String) {
    let mut socket = hub.socket().await;
    socket.say(&json!({ "id": 1, "connect": { "token": token } }).to_string()).await;
    socket.goodbye().await
}

#[tokio::test]
async fn forged_cookies_and_replayed_codes_are_refused_with_a_sentence() {
    let hub = TestHub::start().await;
    hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    for cookie in ["", "x", &"A".repeat(43), &"A".repeat(400), "../../etc/passwd"] {
        let mut stranger = hub.browser();
        stranger.keep("lianxin", cookie);
        let answer = stranger.get("/api/me").await;
        said(&answer.body, "sign_in_required");
    }
    let challenge = browser.ask_code(PHONE).await.body["challenge"].clone();
    let console = hub.app.delivery.console().expect("a console");
    let (_, code) = console.recent().into_iter().next().expect("a code");
    assert!(browser.try_code(&challenge, &code).await.status.is_success());
    let mut thief = hub.browser();
    said(&thief.try_code(&challenge, &code).await.body, "code_wrong");
    said(&thief.try_code(&json!(uuid::Uuid::nil()), &code).await.body, "code_wrong");
    said(&thief.try_code(&challenge, "12345x").await.body, "code_wrong");
    hub.stop().await;
}

/// A refusal in the words of the contract.
fn said(body: &Value, word: &str) {
    assert_eq!(body["code"], word, "{body}");
    let message = body["message"].as_str().unwrap_or_default();
    assert!(message.contains(' ') && message.len() > 12, "a sentence: {body}");
}

#[tokio::test]
async fn a_stranger_for_whom_there_is_no_place_is_told_to_come_again() {
    let proxy = "127.0.0.1".parse().expect("an address");
    let hub = TestHub::start_where(|config| {
        config.http.unauthenticated_sockets_per_address = 0;
        config.http.trusted_proxies = vec![proxy];
    })
    .await;
    let mut stream = TcpStream::connect(hub.address()).await.expect("connected");
    let request = "GET /connection/websocket HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\n\
                   Connection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n\
                   X-Forwarded-For: 203.0.113.7\r\n\
                   Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("text");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.to_lowercase().contains("retry-after: 2"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    said(&serde_json::from_str(body).expect("JSON"), "unavailable");
    hub.stop().await;
}
