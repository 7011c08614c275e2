//! Two hubs of one installation: one database, one bus.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hub::app::App;
use hub::auth::{Caller, Visitor};
use hub::bus::Hint;
use hub::features::accounts;
use hub::keys::{Keys, Missing};
use hub::testing::{TestClient, TestHub, TestPerson, TestRedis};
use hub::timeline::Committed;
use serde_json::{Value, json};
use signaling::event::EventKind;
use signaling::{DeviceId, RoomId};

use tokio::time::timeout;

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
        let wait = Duration::from_millis(50);
        if let Ok(push) = timeout(wait, to.push()).await
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
async fn a_device_signed_out_elsewhere_is_out_on_the_other_node_in_time_with_and_without_redis() {
    for (dead, within) in [(false, Duration::from_secs(1)), (true, Duration::from_secs(3))] {
        let mut redis = TestRedis::start();
        let pair = Pair::on(TestHub::start_over(&redis).await).await;
        let mut revoked = pair.following().await;
        bus_carries(&pair.here.app, &mut revoked, pair.reader).await;
        if dead {
            redis.kill();
        }
        let TestPerson { person, device } = pair.reader;
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let visitor = Visitor { caller: None, address, mark: None };
        // Another device of the same person asks for it.
        let caller = Caller { person, device: DeviceId(pair.here.app.ids.next()) };
        accounts::revoke(&pair.here.app, caller, device, &visitor).await.expect("signed out");
        let closed = timeout(within, revoked.closed()).await;
        assert_eq!(closed.expect("in time"), 4500, "redis dead: {dead}");
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

#[tokio::test]
async fn typing_presence_read_marks_bumps_and_publications_cross_nodes_over_redis() {
    let redis = TestRedis::start();
    let pair = Pair::on(TestHub::start_over(&redis).await).await;
    let (room, author) = (pair.room, pair.writer.person);
    let (live, log) = (format!("live:{room}"), format!("room:{room}"));
    let mut reader = pair.there.client(pair.reader).await;
    bus_carries(&pair.here.app, &mut reader, pair.reader).await;
    let mut writer = pair.here.client(pair.writer).await;
    bus_carries(&pair.there.app, &mut writer, pair.writer).await;
    let mut desk = pair.there.client(pair.writer).await;
    writer.call("subscribe", json!({ "channel": live })).await;

    // The reader listens to no room yet: the room's move is told.
    let envelope = json!({ "t": "msg", "cid": "bot-1", "b": { "text": "值班提醒" } });
    let reply = writer.call("publish", json!({ "channel": log, "data": envelope })).await;
    assert!(reply.get("publish").is_some(), "{reply}");
    let bump = reader.push().await["message"]["data"].clone();
    assert_eq!((&bump["t"], &bump["seq"]), (&json!("bump"), &json!(1)), "{bump}");

    reader.call("subscribe", json!({ "channel": live })).await;
    let sign = json!({ "send": { "data": { "t": "typing", "room": room } } });
    writer.say(&sign.to_string()).await;
    let typing = json!({ "t": "typing", "from": author });
    assert_eq!(reader.push().await["pub"]["data"], typing);
    writer.rpc("read.mark", json!({ "room": room, "seq": 1 })).await;
    let read = json!({ "t": "read", "from": author, "seq": 1 });
    assert_eq!(reader.push().await["pub"]["data"], read);
    assert_eq!(desk.push().await["message"]["data"]["t"], "read");

    // The first look asks the other node; a later one has its answer.
    while reader.call("presence_stats", json!({ "channel": live })).await["presence_stats"]["num_users"]
        != 2
    {}
    let present = reader.call("presence", json!({ "channel": live })).await;
    let names = present["presence"]["presence"].as_object().expect("a map");
    assert!(names.contains_key(&author.to_string()), "{names:?}");
    pair.stop().await;
}
