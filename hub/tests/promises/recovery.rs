//! Coming back after an absence of any length, and reading slower than a room speaks.

use hub::testing::{TestClient, TestHub, TestPerson};
use serde_json::{Value, json};
use signaling::RoomId;
use signaling::limits::RECOVERY_EVENTS_MAX;
use tokio::net::TcpSocket;

use super::offsets;

struct Scene {
    hub: TestHub,
    writer: TestPerson,
    reader: TestPerson,
    room: RoomId,
}

impl Scene {
    async fn new() -> Self {
        let hub = TestHub::start().await;
        let (writer, reader) = (hub.person("林禾川").await, hub.person("沈一宁").await);
        let room = hub.group(&[writer, reader]).await;
        Self { hub, writer, reader, room }
    }

    async fn write(&self, stem: &str, count: usize) {
        self.hub.write_many(self.room, self.writer, stem, count).await;
    }

    fn channel(&self) -> String {
        format!("room:{}", self.room)
    }

    async fn epoch(&self) -> Value {
        let mut client = self.hub.client(self.reader).await;
        let reply = client.call("subscribe", json!({ "channel": self.channel() })).await;
        reply["subscribe"]["epoch"].clone()
    }

    /// Comes back with the events up to `offset`.
    async fn back(&self, epoch: &Value, offset: usize, flag: u64) -> (TestClient, Value) {
        let mut client = self.hub.client(self.reader).await;
        let channel = self.channel();
        let ask = json!({ "channel": channel, "recover": true, "epoch": epoch, "offset": offset,
                          "flag": flag });
        let reply = client.call("subscribe", ask).await;
        (client, reply)
    }
}

fn in_reply(reply: &Value) -> Vec<u64> {
    let publications = reply["subscribe"]["publications"].as_array();
    publications.into_iter().flatten().filter_map(|event| event["offset"].as_u64()).collect()
}

#[tokio::test]
async fn two_thousand_missed_events_come_in_order_and_once_while_more_are_written() {
    let scene = Scene::new().await;
    let epoch = scene.epoch().await;
    scene.write("a", 2_000).await;
    let (mut client, reply) = scene.back(&epoch, 0, 0).await;
    let subscribe = &reply["subscribe"];
    assert_eq!(
        (&subscribe["recovered"], &subscribe["was_recovering"]),
        (&json!(true), &json!(true))
    );
    let mut seen = in_reply(&reply);
    assert_eq!(seen.len(), 200);
    let ((), rest) = tokio::join!(scene.write("b", 500), offsets(&mut client, 2_300));
    seen.extend(rest);
    assert_eq!(seen, (1..=2_500).collect::<Vec<_>>());
    scene.hub.stop().await;
}

#[tokio::test]
async fn a_longer_absence_is_told_and_the_client_goes_on_from_the_top() {
    let scene = Scene::new().await;
    let epoch = scene.epoch().await;
    let limit = usize::try_from(RECOVERY_EVENTS_MAX).expect("small");
    let mut top = 0;
    for missed in [limit + 1, 20_000] {
        scene.write(&format!("m{missed}-"), missed).await;
        let (from, before) = (top, top + missed);
        top = before;
        let (_, refused) = scene.back(&epoch, from, 2).await;
        assert_eq!(refused["error"]["code"], 112, "{refused}");
        let (mut client, reply) = scene.back(&epoch, from, 0).await;
        let subscribe = &reply["subscribe"];
        assert_eq!(subscribe.get("recovered"), None, "{reply}");
        assert_eq!(subscribe["was_recovering"], true);
        assert_eq!(subscribe["offset"], top);
        assert_eq!(in_reply(&reply), [0_u64; 0]);
        // Pages and pushes meet without a gap: the client reads up to the top it was told.
        let page = json!({ "room": scene.room, "before": top + 1, "limit": 100 });
        let page = client.rpc("messages.page", page).await;
        let last = page["items"].as_array().into_iter().flatten().map(|item| item["seq"].as_u64());
        assert_eq!(last.flatten().max(), u64::try_from(top).ok());
        scene.write(&format!("n{missed}-"), 3).await;
        let next = u64::try_from(top).expect("small") + 1;
        assert_eq!(offsets(&mut client, 3).await, (next..next + 3).collect::<Vec<_>>());
        top += 3;
    }
    scene.hub.stop().await;
}

#[tokio::test]
async fn a_reader_that_stops_reading_hinders_nobody_and_misses_nothing() {
    const MESSAGES: usize = 20_000;
    let scene = Scene::new().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let stream = socket.connect(scene.hub.address()).await.expect("connected");
    let slow = TestClient::on(stream, scene.hub.address()).await.expect("upgraded");
    let mut slow = scene.hub.sign_in(slow, scene.reader).await;
    slow.call("subscribe", json!({ "channel": scene.channel() })).await;
    let mut quick = scene.hub.client(scene.reader).await;
    quick.call("subscribe", json!({ "channel": scene.channel() })).await;
    // Nobody reads `slow` meanwhile: its outbox, its socket and the kernel's buffers fill.
    let ((), seen) = tokio::join!(scene.write("s", MESSAGES), offsets(&mut quick, MESSAGES));
    let all: Vec<u64> = (1..=u64::try_from(MESSAGES).expect("small")).collect();
    assert!(seen == all, "the other reader has them all in order");
    let seen = offsets(&mut slow, MESSAGES).await;
    assert!(seen == all, "the slow reader has them all in order");
    scene.write("t", 1).await;
    assert_eq!(offsets(&mut slow, 1).await, [20_001]);
    scene.hub.stop().await;
}
