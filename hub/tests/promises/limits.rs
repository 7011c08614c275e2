//! Sockets that mean no good, or that nobody is behind any more.

use hub::testing::TestHub;
use serde_json::json;
use signaling::limits::{
    CONNECT_DELAY_MS_MAX, PING_INTERVAL_MS, PONG_DELAY_MS_MAX, SOCKET_CONTROLS_MAX,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

const NOW: OffsetDateTime = datetime!(2026-11-24 08:00 UTC);

/// Asks for the socket as a client at `address` behind the proxy would; the status line.
async fn knock(hub: &TestHub, address: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(hub.address()).await.expect("connected");
    let request = format!(
        "GET /connection/websocket HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nX-Forwarded-For: {address}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(stream.read_u8().await.expect("an answer"));
    }
    (stream, String::from_utf8_lossy(&line).into_owned())
}

#[tokio::test]
async fn one_address_gets_its_share_of_sockets_before_sign_in_and_no_more() {
    let proxy = "127.0.0.1".parse().expect("an address");
    let hub = TestHub::start_where(|config| {
        config.http.unauthenticated_sockets_per_address = 5;
        config.http.trusted_proxies = vec![proxy];
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..5 {
        let (stream, status) = knock(&hub, "203.0.113.7").await;
        assert!(status.contains("101"), "{status}");
        held.push(stream);
    }
    let (_, refused) = knock(&hub, "203.0.113.7").await;
    assert!(refused.contains("503"), "{refused}");
    let (_other, status) = knock(&hub, "203.0.113.8").await;
    assert!(status.contains("101"), "{status}");
    // Who goes away makes room; the hub learns of it from the socket.
    drop(held);
    loop {
        let (_stream, status) = knock(&hub, "203.0.113.7").await;
        if status.contains("101") {
            break;
        }
    }
    hub.stop().await;
}

#[tokio::test]
async fn a_signed_in_socket_no_longer_counts_as_a_guest() {
    let hub = TestHub::start().await;
    let person = hub.person("韩溪").await;
    let silent = hub.socket().await;
    let _client = hub.client(person).await;
    assert_eq!(hub.app.lobby.load().0, 1, "the silent one alone");
    drop(silent);
    hub.stop().await;
}

#[tokio::test]
async fn a_socket_that_says_nothing_is_closed_after_its_time() {
    let (hub, clock) = TestHub::start_at(NOW).await;
    let mut silent = hub.socket().await;
    let (mut early, mut half) = (hub.socket().await, hub.socket().await);
    // Half a message, and no more.
    half.send(fragment("{\"id\":1,", OpCode::Data(Data::Text), false)).await;
    clock.advance(Duration::milliseconds(i64::try_from(CONNECT_DELAY_MS_MAX).expect("small") - 1));
    early.send(Message::Ping("x".into())).await;
    let person = hub.person("江朗").await;
    let mut early = hub.sign_in(early, person).await;
    clock.advance(Duration::milliseconds(1));
    for socket in [&mut silent, &mut half] {
        // The clock was moved under a task that sleeps: any sound makes it look.
        socket.send(Message::Ping("x".into())).await;
        assert_eq!(socket.closed().await, 3502);
    }
    early.rpc("room.list", json!({})).await;
    hub.stop().await;
}

#[tokio::test]
async fn a_half_open_connection_is_closed_when_its_pong_does_not_come() {
    let (hub, clock) = TestHub::start_at(NOW).await;
    let person = hub.person("江朗").await;
    let mut gone = hub.client(person).await;
    let step = |ms| clock.advance(Duration::milliseconds(i64::try_from(ms).expect("small")));
    step(PING_INTERVAL_MS);
    gone.send(Message::Ping("x".into())).await;
    assert_eq!(gone.ping_without_pong().await, "{}");
    step(PONG_DELAY_MS_MAX);
    gone.send(Message::Ping("x".into())).await;
    assert_eq!(gone.closed().await, 3012);
    hub.stop().await;
}

#[tokio::test]
async fn a_flood_of_websocket_pings_ends_the_socket() {
    let hub = TestHub::start().await;
    let mut socket = hub.socket().await;
    for _ in 0..=SOCKET_CONTROLS_MAX {
        socket.send(Message::Ping("x".into())).await;
    }
    assert_eq!(socket.closed().await, 3013);
    hub.stop().await;
}

#[tokio::test]
async fn fragments_without_end_end_the_socket() {
    let hub = TestHub::start().await;
    let person = hub.person("江朗").await;
    for signed_in in [false, true] {
        let mut socket = if signed_in { hub.client(person).await } else { hub.socket().await };
        socket.send(fragment("{", OpCode::Data(Data::Text), false)).await;
        let mut sent = 0;
        while sent < 400_000 && socket.send(fragment("", OpCode::Data(Data::Continue), false)).await
        {
            sent += 1;
        }
        // Cut off while it still sends, it may not read the goodbye.
        let code = socket.closed().await;
        assert!(matches!(code, 0 | 3013), "{code} after {sent}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn a_message_larger_than_any_command_ends_the_socket_and_not_with_1009() {
    let hub = TestHub::start().await;
    let person = hub.person("江朗").await;
    let mut client = hub.client(person).await;
    let long = json!({ "id": 9, "rpc": { "method": "msg.send", "data": "x".repeat(100_000) } });
    client.say(&long.to_string()).await;
    assert_eq!(client.reply().await["error"]["code"], 106);
    client.say(&"x".repeat(600_000)).await;
    let code = client.closed().await;
    assert!(matches!(code, 3501 | 3013 | 0), "{code}");
    hub.stop().await;
}

fn fragment(text: &str, code: OpCode, last: bool) -> Message {
    Message::Frame(Frame::message(text.to_owned(), code, last))
}
