//! Planted secrets and words that must be found nowhere: not in the log down to its finest level,
//! not in the metrics, not in the security log.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

use std::sync::{Arc, Mutex};

use hub::metrics;
use hub::testing::{TestBrowser, TestHub, TestPerson};
use serde_json::{Value, json};
use signaling::{DeviceId, PersonId, RoomId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PHONE: &str = "10000000301";
const PASSWORD: &str = "canary-password-7f3a";
const NAME: &str = "林禾川";
const TEXT: &str = "canary-text-5c1e 周三晚上开会";
const FORGED: &str = "canary-token-91d0.eyJzdWIiOiJ4In0.c2ln";

/// Everything logged on this thread, down to the finest level.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn read_metrics(hub: &TestHub) -> String {
    let mut stream = TcpStream::connect(hub.address()).await.expect("connected");
    let request = b"GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

async fn security_log(hub: &TestHub) -> String {
    let rows = sqlx::query_scalar::<_, String>("SELECT row_to_json(l)::text FROM security_log l");
    rows.fetch_all(&hub.app.db).await.expect("read").join("\n")
}

/// Signs in with a wrong and then the right code, sets a password and tries a wrong one. Returns
/// what must stay secret.
async fn through_the_doors(hub: &TestHub, browser: &mut TestBrowser) -> Vec<String> {
    let challenge = browser.ask_code(PHONE).await.body["challenge"].clone();
    let code = hub.app.delivery.console().expect("a console").recent()[0].1.clone();
    let number: u32 = code.parse().expect("digits");
    let wrong = format!("{:06}", (number + 1) % 1_000_000);
    assert_eq!(browser.try_code(&challenge, &wrong).await.status, 422);
    assert_eq!(browser.try_code(&challenge, &code).await.status, 200);
    let cookie = browser.cookie("lianxin").expect("signed in").to_owned();
    let set = json!({ "password": PASSWORD });
    assert_eq!(browser.put("/api/me/password", set).await.status, 204);
    let wrong = json!({ "phone": PHONE, "password": format!("{PASSWORD}-wrong") });
    assert_eq!(hub.browser().post("/api/sign-in/password", wrong).await.status, 422);
    let token = browser.post("/api/chat-token", json!({})).await.body["token"].clone();
    vec![code, cookie, token.as_str().expect("a token").to_owned()]
}

/// Writes and edits over the socket, and tries a forged token and an unreadable frame.
async fn over_the_socket(hub: &TestHub, room: RoomId, token: &str) {
    let mut forger = hub.socket().await;
    forger.say(&json!({ "id": 1, "connect": { "token": FORGED } }).to_string()).await;
    assert_eq!(forger.closed().await, 3500);
    let mut client = hub.socket().await;
    let connected = client.call("connect", json!({ "token": token })).await;
    assert_eq!(connected["connect"]["pong"], true, "{connected}");
    let said = json!({ "room": room, "cid": "canary-1", "text": TEXT });
    let sent = client.rpc("msg.send", said).await;
    let seq: &Value = &sent["seq"];
    let edited =
        json!({ "room": room, "seq": seq, "cid": "canary-2", "text": format!("{TEXT}。") });
    client.rpc("msg.edit", edited).await;
    client.say(&format!("{{\"unreadable\": \"{TEXT}")).await;
    client.closed().await;
}

#[tokio::test]
async fn planted_secrets_and_words_are_found_in_no_log_and_no_metric() {
    metrics::start();
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let hub = TestHub::start().await;
    let person: PersonId = hub.account(NAME, PHONE).await;
    let mut browser = hub.browser();
    let mut planted = through_the_doors(&hub, &mut browser).await;
    let room = hub.group(&[TestPerson { person, device: DeviceId(uuid::Uuid::nil()) }]).await;
    over_the_socket(&hub, room, &planted[2]).await;
    browser.get(&format!("/api/rooms/{room}?canary-query-3b")).await;
    browser.post("/api/sign-out", json!({})).await;
    let kept = [read_metrics(&hub).await, security_log(&hub).await];
    hub.stop().await;
    tracing::info!("the end of the log");
    drop(guard);
    let log = String::from_utf8(captured.0.lock().expect("unpoisoned").clone()).expect("text");
    assert!(log.contains("the end of the log"));
    assert!(
        kept[0].contains("200 OK") && kept[0].contains("hub_http_request_seconds"),
        "{}",
        kept[0]
    );
    assert!(kept[1].contains("sign_in"), "{}", kept[1]);
    let words = [PHONE, PASSWORD, NAME, "canary-text", "canary-token", "canary-query"];
    planted.extend(words.map(str::to_owned));
    for secret in &planted {
        assert!(!log.contains(secret), "{secret} stands in the log");
        for text in &kept {
            assert!(!text.contains(secret), "{secret} stands in {}", &text[..40]);
        }
    }
}
