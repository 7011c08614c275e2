//! Two hubs of one installation: one database, one bus.

use std::sync::Arc;

use bytes::Bytes;
use hub::app::App;
use hub::bus::Hint;
use hub::keys::{Keys, Missing};
use hub::testing::{TestClient, TestHub, TestPerson, TestRedis};
use hub::timeline::Committed;
use serde_json::{Value, json};
use signaling::RoomId;
use signaling::event::EventKind;

use super::offsets;

/// A writer on one hub and a reader on the other, both members of a room.
struct Pair {
    here: TestHub,
    there: TestHub,
    writer: TestPerson,
    reader: TestPerson,
    room: RoomId,
}

impl Pair {
    async fn on(here: TestHub) -> Self {
        let there = here.beside().await;
        let (writer, reader) = (here.person("林禾川").await, here.person("沈一宁").await);
        let room = here.group(&[writer, reader]).await;
        Self { here, there, writer, reader, room }
    }

    async fn following(&self) -> TestClient {
        let mut client = self.there.client(self.reader).await;
        let channel = format!("room:{}", self.room);
        let reply = client.call("subscribe", json!({ "channel": channel })).await;
        assert_eq!(reply.get("error"), None, "{reply}");
        client
    }

    async fn write(&self, cids: std::ops::RangeInclusive<usize>) {
        for number in cids {
            self.here.write(self.room, self.writer, &format!("c{number}")).await;
        }
    }

    async fn stop(self) {
        tokio::join!(self.here.stop(), self.there.stop());
    }

    /// An event that is in no store, with the next number of the room.
    async fn invented(&self, cid: &str) -> Hint {
        let app = &self.here.app;
        let standings = app.timeline.standings(self.writer.person, &[self.room]).await;
        let top = standings.expect("read")[&self.room].top;
        Hint::Event(Arc::new(Committed {
            room: self.room,
            epoch: top.epoch,
            seq: top.seq + 1,
            nth: top.countable + 1,
            author: self.writer.person,
            cid: cid.to_owned(),
            ts: 0,
            kind: EventKind::Message,
            reference: None,
            body: Some(r#"{"text":"假"}"#.to_owned()),
        }))
    }
}

/// Says something over the bus until it arrives: while a bus connects it may lose what is said.
async fn bus_carries(from: &App, to: &mut TestClient, who: TestPerson) {
    let mark = from.ids.next().to_string();
    let data = Bytes::from(json!({ "mark": mark }).to_string());
    loop {
        from.tell(&Hint::Message { person: who.person, data: data.clone() });
        let wait = std::time::Duration::from_millis(50);
        if let Ok(push) = tokio::time::timeout(wait, to.push()).await
            && push["message"]["data"]["mark"] == json!(mark)
        {
            return;
        }
    }
}

#[tokio::test]
async fn messages_cross_nodes_over_redis_in_order_and_once() {
    let redis = TestRedis::start();
    let pair = Pair::on(TestHub::start_over(&redis).await).await;
    let mut reader = pair.following().await;
    bus_carries(&pair.here.app, &mut reader, pair.reader).await;
    pair.write(1..=60).await;
    let both = async {
        for number in 61..=90 {
            pair.there.write(pair.room, pair.writer, &format!("c{number}")).await;
        }
    };
    both.await;
    assert_eq!(offsets(&mut reader, 90).await, (1..=90).collect::<Vec<_>>());
    pair.stop().await;
}

#[tokio::test]
async fn redis_killed_loses_nothing_and_nobody_has_to_come_back() {
    let mut redis = TestRedis::start();
    let pair = Pair::on(TestHub::start_over(&redis).await).await;
    let mut reader = pair.following().await;
    bus_carries(&pair.here.app, &mut reader, pair.reader).await;
    pair.write(1..=10).await;
    redis.kill();
    pair.write(11..=150).await;
    assert_eq!(offsets(&mut reader, 150).await, (1..=150).collect::<Vec<_>>());
    redis.restart();
    bus_carries(&pair.here.app, &mut reader, pair.reader).await;
    pair.write(151..=160).await;
    assert_eq!(offsets(&mut reader, 10).await, (151..=160).collect::<Vec<_>>());
    pair.stop().await;
}

#[tokio::test]
async fn a_forged_hint_is_ignored_and_a_sealed_one_is_not() {
    let pair = Pair::on(TestHub::start().await).await;
    let mut reader = pair.following().await;
    pair.write(1..=1).await;
    let elsewhere = tempfile::tempdir().expect("a folder");
    let now = pair.here.app.clock.now();
    let foreign = Keys::load(elsewhere.path(), Missing::Make { now }).expect("keys");
    let bus = &pair.here.app.bus;
    let forged = pair.invented("forged").await.seal(&foreign.bus).expect("short");
    bus.publish(forged.clone());
    bus.publish(forged.slice(..forged.len() - 1));
    bus.publish(Bytes::from_static(b"nonsense"));
    pair.write(2..=2).await;
    let cid = |push: &Value| push["pub"]["data"]["cid"].clone();
    assert_eq!(cid(&reader.push().await), "c1");
    assert_eq!(cid(&reader.push().await), "c2");
    // The same under the right key would have come through.
    pair.here.app.tell(&pair.invented("sealed").await);
    assert_eq!(cid(&reader.push().await), "sealed");
    pair.stop().await;
}

#[tokio::test]
async fn a_removal_acts_on_the_other_node_at_its_place_with_and_without_redis() {
    for dead in [false, true] {
        let mut redis = TestRedis::start();
        let pair = Pair::on(TestHub::start_over(&redis).await).await;
        let mut reader = pair.following().await;
        bus_carries(&pair.here.app, &mut reader, pair.reader).await;
        if dead {
            redis.kill();
        }
        pair.write(1..=3).await;
        pair.here.remove(pair.room, pair.reader.person).await;
        pair.write(4..=6).await;
        assert_eq!(offsets(&mut reader, 3).await, [1, 2, 3], "redis dead: {dead}");
        assert_eq!(reader.push().await["unsubscribe"]["code"], 2100);
        let channel = format!("room:{}", pair.room);
        let refused = reader.call("subscribe", json!({ "channel": channel })).await;
        assert_eq!(refused["error"]["code"], 103, "{refused}");
        pair.stop().await;
    }
}

#[tokio::test]
async fn a_revocation_over_the_bus_ends_the_sockets_of_the_device_alone() {
    let pair = Pair::on(TestHub::start().await).await;
    let (mut revoked, mut other) = (pair.following().await, pair.there.client(pair.writer).await);
    let TestPerson { person, device } = pair.reader;
    pair.here.app.tell(&Hint::Revoked { person, device: Some(device) });
    assert_eq!(revoked.closed().await, 4500);
    let rooms = other.rpc("room.list", json!({})).await;
    assert_eq!(rooms["rooms"].as_array().map(Vec::len), Some(1));
    pair.here.app.tell(&Hint::Revoked { person: pair.writer.person, device: None });
    assert_eq!(other.closed().await, 4501);
    pair.stop().await;
}
