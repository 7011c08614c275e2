//! What passes and is not kept, over the chat socket of a whole hub: typing, presence, notes to a
//! person's other devices; and publishing by simple clients.

use hub::testing::{TestClient, TestHub, TestPerson};
use serde_json::{Value, json};
use signaling::RoomId;
use time::{Duration, OffsetDateTime};

async fn two(hub: &TestHub) -> (TestPerson, TestPerson, RoomId) {
    let (one, other) = (hub.person("林禾川").await, hub.person("沈一宁").await);
    let room = hub.group(&[one, other]).await;
    (one, other, room)
}

async fn subscribe(client: &mut TestClient, channel: String) {
    let reply = client.call("subscribe", json!({ "channel": channel })).await;
    assert!(reply.get("subscribe").is_some(), "{reply}");
}

async fn type_in(client: &mut TestClient, room: RoomId) {
    let sign = json!({ "send": { "data": { "t": "typing", "room": room } } });
    client.say(&sign.to_string()).await;
}

#[tokio::test]
async fn typing_reaches_the_room_at_most_once_in_three_seconds_and_only_from_listeners() {
    let (hub, clock) = TestHub::start_at(OffsetDateTime::UNIX_EPOCH + Duration::days(20_000)).await;
    let (one, other, room) = two(&hub).await;
    let (mut writer, mut reader) = (hub.client(one).await, hub.client(other).await);
    subscribe(&mut reader, format!("live:{room}")).await;
    // Not subscribed yet: dropped.
    type_in(&mut writer, room).await;
    subscribe(&mut writer, format!("live:{room}")).await;
    type_in(&mut writer, room).await;
    type_in(&mut writer, room).await;
    // The answer tells that all of them were taken.
    writer.call("ping", json!({})).await;
    clock.advance(Duration::seconds(3));
    type_in(&mut writer, room).await;
    writer.call("ping", json!({})).await;
    writer.rpc("read.mark", json!({ "room": room, "seq": 0 })).await;
    let typing = json!({ "t": "typing", "from": one.person });
    for expected in [&typing, &typing, &json!({ "t": "read", "from": one.person, "seq": 0 })] {
        let push = reader.push().await;
        assert_eq!(push["channel"], format!("live:{room}"));
        assert_eq!(&push["pub"]["data"], expected);
        assert_eq!(push["pub"].get("offset"), None);
    }
    hub.stop().await;
}

#[tokio::test]
async fn presence_shows_who_listens_and_wants_to_be_seen() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    let (mut first, mut second) = (hub.client(one).await, hub.client(other).await);
    subscribe(&mut first, format!("room:{room}")).await;
    subscribe(&mut second, format!("room:{room}")).await;
    let ask = json!({ "channel": format!("room:{room}") });
    let stats = |reply: &Value| reply["presence_stats"]["num_users"].clone();
    assert_eq!(stats(&first.call("presence_stats", ask.clone()).await), 2);
    assert_eq!(second.rpc("presence.set", json!({ "shown": false })).await["shown"], false);
    let reply = first.call("presence", ask.clone()).await;
    let present = reply["presence"]["presence"].as_object().expect("a map");
    assert_eq!(present.keys().cloned().collect::<Vec<_>>(), [one.person.to_string()]);
    assert_eq!(stats(&first.call("presence_stats", ask.clone()).await), 1);
    assert_eq!(second.rpc("presence.get", json!({})).await["shown"], false);
    second.rpc("presence.set", json!({ "shown": true })).await;
    assert_eq!(stats(&first.call("presence_stats", ask.clone()).await), 2);
    let stranger = hub.person("韩可").await;
    let mut stranger = hub.client(stranger).await;
    assert_eq!(stranger.call("presence", ask).await["error"]["code"], 103);
    let inbox = json!({ "channel": format!("user:{}", one.person) });
    assert_eq!(first.call("presence", inbox).await["error"]["code"], 108);
    hub.stop().await;
}

#[tokio::test]
async fn publishing_an_envelope_is_sending_a_message_and_anything_else_is_refused() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    let (mut writer, mut reader) = (hub.client(one).await, hub.client(other).await);
    subscribe(&mut reader, format!("room:{room}")).await;
    let channel = format!("room:{room}");
    let publish = |data: Value| json!({ "channel": channel, "data": data });
    let envelope = json!({ "t": "msg", "cid": "bot-1", "b": { "text": "值班提醒" } });
    let reply = writer.call("publish", publish(envelope)).await;
    assert!(reply.get("publish").is_some(), "{reply}");
    assert_eq!(reader.push().await["pub"]["data"]["b"]["text"], "值班提醒");
    let left = json!({ "t": "left", "cid": "x", "b": { "text": "x" } });
    let bare = json!({ "text": "x" });
    for data in [left, bare, json!(1)] {
        let reply = writer.call("publish", publish(data)).await;
        assert_eq!(reply["error"]["code"], 103, "{reply}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn another_device_learns_what_was_read() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    hub.write(room, other, "a").await;
    let (mut phone, mut desk) = (hub.client(one).await, hub.client(one).await);
    phone.rpc("read.mark", json!({ "room": room, "seq": 1 })).await;
    let note = json!({ "t": "read", "room": room, "seq": 1, "unread": 0 });
    assert_eq!(desk.push().await["message"]["data"], note);
    hub.stop().await;
}

#[tokio::test]
async fn a_room_that_moves_is_told_to_members_who_do_not_listen_to_it() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    let (mut writer, mut idle) = (hub.client(one).await, hub.client(other).await);
    let message = json!({ "room": room, "cid": "a", "text": "下周三\n七点半" });
    writer.rpc("msg.send", message).await;
    let bump = json!({
        "t": "bump", "room": room, "seq": 1, "nth": 1, "from": one.person,
        "preview": "下周三 七点半",
    });
    assert_eq!(idle.push().await["message"]["data"], bump);
    hub.stop().await;
}
