//! The door of the conformance mode, from outside: both profiles, both stores, presence off, the
//! key, and that no production config gets in.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use hub::conformance::{ConformanceServer, Presence, Profile, Settings, StoreKind};
use hub::testing::TestClient;
use serde_json::{Value, json};

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

async fn serve(profile: Profile, store: StoreKind, presence: Presence) -> ConformanceServer {
    let settings = Settings { profile, store, presence };
    ConformanceServer::start(settings, ANY_PORT).await.expect("served")
}

async fn api(hub: &ConformanceServer, key: Option<&str>, call: &str, body: Value) -> (u16, Value) {
    let url = format!("http://{}/api/{call}", hub.address);
    let request = reqwest::Client::new().post(url).json(&body);
    let request = match key {
        Some(key) => request.header("x-api-key", key),
        None => request,
    };
    let answer = request.send().await.expect("answered");
    let status = answer.status().as_u16();
    let text = answer.text().await.expect("read");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn connected(hub: &ConformanceServer) -> TestClient {
    let mut client = TestClient::open(hub.address).await;
    let reply = client.call("connect", json!({})).await;
    assert!(reply.get("connect").is_some(), "{reply}");
    client
}

async fn everything_is_served_on(store: StoreKind) {
    let hub = serve(Profile::Insecure, store, Presence::On).await;
    let health = reqwest::get(format!("http://{}/healthz", hub.address)).await.expect("answered");
    assert_eq!(health.status(), 200);
    let publish = json!({ "channel": "test", "data": { "n": 1 } });
    for key in [None, Some("another-key")] {
        assert_eq!(api(&hub, key, "publish", publish.clone()).await.0, 401);
    }
    let key = Some("test-api-key");
    assert_eq!(api(&hub, key, "no-such-call", json!({})).await.0, 404);
    let (status, published) = api(&hub, key, "publish", publish).await;
    assert_eq!((status, &published["result"]["offset"]), (200, &json!(1)), "{published}");
    let unknown = json!({ "channel": "test:test", "data": {} });
    assert_eq!(api(&hub, key, "publish", unknown).await.1["error"]["code"], 102);

    let mut client = connected(&hub).await;
    // Neither a token nor a subscription is needed, and payloads come back as they were.
    let odd = json!({ "channel": "test", "data": [1, "二", null] });
    assert!(client.call("publish", odd).await.get("publish").is_some());
    let ask = json!({ "channel": "test", "limit": 10 });
    let history = client.call("history", ask.clone()).await;
    let data = |at: usize| history["history"]["publications"][at]["data"].clone();
    assert_eq!((data(0), data(1)), (json!({ "n": 1 }), json!([1, "二", null])), "{history}");
    let (_, same) = api(&hub, key, "history", ask).await;
    assert_eq!(same["result"]["publications"][0]["data"], json!({ "n": 1 }));
    for number in 0..3 {
        let kept = json!({ "channel": "smallhistory:a", "data": number });
        client.call("publish", kept).await;
    }
    let small = json!({ "channel": "smallhistory:a", "limit": 10 });
    let kept = client.call("history", small).await["history"]["publications"].clone();
    assert_eq!((kept[0]["data"].clone(), kept[1]["data"].clone()), (json!(1), json!(2)), "{kept}");
    assert_eq!(client.call("rpc", json!({ "method": "a" })).await["error"]["code"], 108);
    let seen = client.call("presence_stats", json!({ "channel": "test" })).await;
    assert!(seen.get("presence_stats").is_some(), "{seen}");
    hub.stop().await;
}

#[tokio::test]
async fn without_tokens_everything_is_served_from_memory() {
    everything_is_served_on(StoreKind::Memory).await;
}

#[tokio::test]
async fn without_tokens_everything_is_served_from_a_throw_away_cluster() {
    everything_is_served_on(StoreKind::Postgres).await;
}

#[tokio::test]
async fn the_profile_with_tokens_lets_nobody_in_without_one() {
    let hub = serve(Profile::Jwt, StoreKind::Memory, Presence::On).await;
    for connect in [json!({}), json!({ "token": "forged" })] {
        let mut client = TestClient::open(hub.address).await;
        client.say(&json!({ "id": 1, "connect": connect }).to_string()).await;
        assert_eq!(client.closed().await, 3500);
    }
    hub.stop().await;
}

#[tokio::test]
async fn presence_that_is_off_is_not_available() {
    let hub = serve(Profile::Insecure, StoreKind::Memory, Presence::Off).await;
    let mut client = connected(&hub).await;
    for call in ["presence", "presence_stats"] {
        let reply = client.call(call, json!({ "channel": "test" })).await;
        assert_eq!(reply["error"]["code"], 108, "{reply}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn an_ordered_error_is_given_once() {
    let hub = serve(Profile::Insecure, StoreKind::Memory, Presence::On).await;
    let mut client = connected(&hub).await;
    let order = json!({ "channel": "test", "code": 111 });
    assert_eq!(api(&hub, Some("test-api-key"), "refuse", order).await.0, 200);
    let refused = client.call("subscribe", json!({ "channel": "test" })).await;
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["temporary"]),
        (&json!(111), &json!(true))
    );
    assert!(
        client.call("subscribe", json!({ "channel": "test" })).await.get("subscribe").is_some()
    );
    hub.stop().await;
}

#[test]
fn the_command_refuses_a_production_config_and_an_open_address() {
    let file = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    std::fs::write(file.path(), "mode = \"production\"\n").expect("written");
    let run = |config: &[&str], listen: &str| {
        let options = ["conformance", "--profile", "insecure", "--store", "memory"];
        let hub = Command::new(env!("CARGO_BIN_EXE_hub"))
            .args(config)
            .args(options)
            .args(["--listen", listen])
            .output()
            .expect("run");
        (hub.status.success(), String::from_utf8_lossy(&hub.stderr).into_owned())
    };
    let path = file.path().to_str().expect("a path");
    let (done, why) = run(&["--config", path], "127.0.0.1:0");
    assert!(!done && why.contains("production"), "{why}");
    let (done, why) = run(&[], "0.0.0.0:0");
    assert!(!done && why.contains("loopback"), "{why}");
}
