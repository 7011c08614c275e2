//! Reactions, pins, readers and earlier versions of messages, over the chat socket of a whole hub.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use hub::testing::{TestClient, TestHub, TestPerson};
use serde_json::{Value, json};
use signaling::RoomId;

struct Place {
    hub: TestHub,
    people: [TestPerson; 3],
    room: RoomId,
}

impl Place {
    async fn start() -> Self {
        let hub = TestHub::start().await;
        let people =
            [hub.person("林禾川").await, hub.person("沈一宁").await, hub.person("韩可").await];
        let room = hub.group(&people).await;
        Self { hub, people, room }
    }

    async fn client(&self, index: usize) -> TestClient {
        self.hub.client(self.people[index]).await
    }

    async fn send(&self, client: &mut TestClient, cid: &str, text: &str) -> i64 {
        let message = json!({ "room": self.room, "cid": cid, "text": text });
        client.rpc("msg.send", message).await["seq"].as_i64().expect("a place")
    }

    fn reaction(&self, seq: i64, cid: &str, emoji: &str, on: bool) -> Value {
        json!({ "room": self.room, "seq": seq, "cid": cid, "emoji": emoji, "on": on })
    }

    async fn page(&self, client: &mut TestClient) -> Vec<Value> {
        let page = client.rpc("messages.page", json!({ "room": self.room })).await;
        page["items"].as_array().expect("items").clone()
    }
}

#[tokio::test]
async fn reactions_are_counted_by_member_and_emoji_and_taken_back() {
    let place = Place::start().await;
    let (mut one, mut other) = (place.client(0).await, place.client(1).await);
    let seq = place.send(&mut one, "m", "下周三晚七点半开会").await;
    one.rpc("react.set", place.reaction(seq, "r1", "👍", true)).await;
    for (cid, emoji) in [("r2", "👍"), ("r3", "❤️")] {
        other.rpc("react.set", place.reaction(seq, cid, emoji, true)).await;
    }
    let items = place.page(&mut one).await;
    assert_eq!(
        items[0]["reactions"],
        json!([
            { "emoji": "👍", "count": 2, "mine": true },
            { "emoji": "❤️", "count": 1, "mine": false },
        ])
    );
    one.rpc("react.set", place.reaction(seq, "r4", "👍", false)).await;
    let items = place.page(&mut one).await;
    assert_eq!(items[0]["reactions"][0], json!({ "emoji": "👍", "count": 1, "mine": false }));
    place.hub.stop().await;
}

#[tokio::test]
async fn a_reaction_that_changes_nothing_is_no_event() {
    let place = Place::start().await;
    let mut one = place.client(0).await;
    let seq = place.send(&mut one, "m", "收到").await;
    let first = one.rpc("react.set", place.reaction(seq, "r1", "👍", true)).await;
    assert_eq!(first["seq"], seq + 1);
    for (cid, emoji, on) in [("r1", "👍", true), ("r2", "👍", true), ("r3", "🎉", false)] {
        let again = one.rpc("react.set", place.reaction(seq, cid, emoji, on)).await;
        assert_eq!(again["dup"], true, "{cid}: {again}");
    }
    assert_eq!(place.send(&mut one, "n", "再见").await, seq + 2);
    place.hub.stop().await;
}

#[tokio::test]
async fn a_reaction_needs_an_emoji_a_membership_and_a_message_that_stands() {
    let place = Place::start().await;
    let mut one = place.client(0).await;
    let seq = place.send(&mut one, "m", "收到").await;
    let code = |reply: &Value| reply["error"]["code"].clone();
    let text = one.call("rpc", method("react.set", place.reaction(seq, "a", "ok", true))).await;
    assert_eq!(code(&text), 107);
    let none = one.call("rpc", method("react.set", place.reaction(99, "b", "👍", true))).await;
    assert_eq!(code(&none), 404);
    let stranger = place.hub.person("苏安").await;
    let mut stranger = place.hub.client(stranger).await;
    let outside = place.reaction(seq, "c", "👍", true);
    assert_eq!(code(&stranger.call("rpc", method("react.set", outside)).await), 103);
    let gone = json!({ "room": place.room, "seq": seq, "cid": "w" });
    one.rpc("msg.withdraw", gone).await;
    let late = one.call("rpc", method("react.set", place.reaction(seq, "d", "👍", true))).await;
    assert_eq!(code(&late), 423);
    place.hub.stop().await;
}

fn method(method: &str, data: impl Into<Value>) -> Value {
    json!({ "method": method, "data": data.into() })
}

#[tokio::test]
async fn leaders_pin_and_everyone_sees_it_until_it_is_unpinned_or_withdrawn() {
    let place = Place::start().await;
    place.hub.promote(place.room, place.people[0].person).await;
    let (mut leader, mut member) = (place.client(0).await, place.client(1).await);
    let first = place.send(&mut leader, "m1", "防汛值班安排").await;
    let second = place.send(&mut leader, "m2", "第二条").await;
    let pin = |seq: i64, cid: &str, on: bool| json!({ "room": place.room, "seq": seq, "cid": cid, "on": on });
    let refused = member.call("rpc", method("pin.set", pin(first, "p0", true))).await;
    assert_eq!(refused["error"]["code"], 103);
    leader.rpc("pin.set", pin(first, "p1", true)).await;
    leader.rpc("pin.set", pin(second, "p2", true)).await;
    let texts = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().expect("items");
        items.iter().map(|item| item["text"].as_str().expect("a text").to_owned()).collect()
    };
    let ask = json!({ "room": place.room });
    let pins = member.rpc("pin.list", ask.clone()).await;
    assert_eq!(texts(&pins), ["第二条", "防汛值班安排"]);
    assert_eq!(place.page(&mut member).await[0]["pinned"], true);
    leader.rpc("pin.set", pin(first, "p3", false)).await;
    let withdrawn = json!({ "room": place.room, "seq": second, "cid": "w" });
    leader.rpc("msg.withdraw", withdrawn).await;
    assert_eq!(texts(&member.rpc("pin.list", ask).await), Vec::<String>::new());
    place.hub.stop().await;
}

#[tokio::test]
async fn earlier_versions_of_a_message_can_be_read_until_it_is_withdrawn() {
    let place = Place::start().await;
    let (mut one, mut other) = (place.client(0).await, place.client(1).await);
    let seq = place.send(&mut one, "m", "七点").await;
    for (cid, text) in [("e1", "七点半"), ("e2", "八点")] {
        let edit = json!({ "room": place.room, "seq": seq, "cid": cid, "text": text });
        one.rpc("msg.edit", edit).await;
    }
    let ask = json!({ "room": place.room, "seq": seq });
    let list = other.rpc("msg.edits", ask.clone()).await;
    let texts: Vec<_> =
        list["versions"].as_array().expect("versions").iter().map(|v| v["text"].clone()).collect();
    assert_eq!(texts, ["七点", "七点半", "八点"]);
    one.rpc("msg.withdraw", json!({ "room": place.room, "seq": seq, "cid": "w" })).await;
    let gone = other.call("rpc", method("msg.edits", ask)).await;
    assert_eq!(gone["error"]["code"], 423);
    place.hub.stop().await;
}

#[tokio::test]
async fn who_has_read_a_message_is_told_by_name_without_its_author() {
    let place = Place::start().await;
    let (mut one, mut other) = (place.client(0).await, place.client(1).await);
    let first = place.send(&mut one, "m1", "一").await;
    let second = place.send(&mut one, "m2", "二").await;
    one.rpc("read.mark", json!({ "room": place.room, "seq": second })).await;
    other.rpc("read.mark", json!({ "room": place.room, "seq": first })).await;
    let by = one.rpc("read.by", json!({ "room": place.room, "seq": first })).await;
    assert_eq!((by["read"].clone(), by["of"].clone()), (json!(1), json!(2)));
    assert_eq!(by["readers"][0]["name"], "沈一宁");
    let by = one.rpc("read.by", json!({ "room": place.room, "seq": second })).await;
    assert_eq!(by["readers"], json!([]));
    place.hub.stop().await;
}
