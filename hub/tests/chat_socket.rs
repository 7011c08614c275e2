//! Two members over the chat socket of a whole hub.

use hub::testing::{TestHub, TestPerson};
use serde_json::{Value, json};
use signaling::RoomId;

fn channel(room: RoomId) -> String {
    format!("room:{room}")
}

async fn two(hub: &TestHub) -> (TestPerson, TestPerson, RoomId) {
    let (one, other) = (hub.person("林禾川").await, hub.person("沈一宁").await);
    let room = hub.group(&[one, other]).await;
    (one, other, room)
}

fn message(room: RoomId, cid: &str, text: &str) -> Value {
    json!({ "room": room, "cid": cid, "text": text })
}

#[tokio::test]
async fn a_message_reaches_the_other_member_with_its_place() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    let (mut writer, mut reader) = (hub.client(one).await, hub.client(other).await);
    let reply = reader.call("subscribe", json!({ "channel": channel(room) })).await;
    assert_eq!(reply["subscribe"]["recoverable"], true, "{reply}");
    for number in 1..=3 {
        let cid = format!("c{number}");
        let sent = writer.rpc("msg.send", message(room, &cid, "收到,线上参加。")).await;
        assert_eq!(sent["seq"], number);
        let push = reader.push().await;
        assert_eq!(push["channel"], channel(room));
        assert_eq!(push["pub"]["offset"], number);
        assert_eq!(push["pub"]["data"]["cid"], cid);
        assert_eq!(push["pub"]["data"]["b"]["text"], "收到,线上参加。");
    }
    let again = writer.rpc("msg.send", message(room, "c2", "别的")).await;
    assert_eq!((again["seq"].clone(), again["dup"].clone()), (json!(2), json!(true)));
    hub.stop().await;
}

#[tokio::test]
async fn whoever_comes_back_gets_what_was_missed_in_order_and_once() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    for missed in [1_u64, 200, 450] {
        let mut reader = hub.client(other).await;
        let fresh = reader.call("subscribe", json!({ "channel": channel(room) })).await;
        let top = fresh["subscribe"]["offset"].as_u64().unwrap_or(0);
        let epoch = fresh["subscribe"]["epoch"].clone();
        drop(reader);
        for number in 1..=missed {
            hub.write(room, one, &format!("m{missed}-{number}")).await;
        }
        let mut reader = hub.client(other).await;
        let ask =
            json!({ "channel": channel(room), "recover": true, "epoch": epoch, "offset": top });
        let reply = reader.call("subscribe", ask).await;
        assert_eq!(reply["subscribe"]["recovered"], true, "{reply}");
        let mut seen: Vec<u64> = reply["subscribe"]["publications"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|publication| publication["offset"].as_u64())
            .collect();
        while seen.len() < usize::try_from(missed).expect("small") {
            seen.extend(reader.push().await["pub"]["offset"].as_u64());
        }
        assert_eq!(seen, (top + 1..=top + missed).collect::<Vec<_>>());
    }
    hub.stop().await;
}

#[tokio::test]
async fn a_position_of_another_epoch_is_not_recovered() {
    let hub = TestHub::start().await;
    let (one, _, room) = two(&hub).await;
    let mut client = hub.client(one).await;
    client.rpc("msg.send", message(room, "a", "一")).await;
    for (flag, code) in [(0, 0), (2, 112)] {
        let ask = json!({ "channel": channel(room), "recover": true, "epoch": "00000000-9",
                          "offset": 1, "flag": flag });
        let reply = client.call("subscribe", ask).await;
        assert_eq!(reply["error"]["code"].as_u64().unwrap_or(0), code, "{reply}");
        assert_eq!(reply["subscribe"].get("recovered"), None);
        client.call("unsubscribe", json!({ "channel": channel(room) })).await;
    }
    hub.stop().await;
}

#[tokio::test]
async fn a_removal_acts_at_once_and_nothing_later_is_delivered() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    let (mut writer, mut reader) = (hub.client(one).await, hub.client(other).await);
    reader.call("subscribe", json!({ "channel": channel(room) })).await;
    writer.rpc("msg.send", message(room, "a", "一")).await;
    hub.remove(room, other.person).await;
    writer.rpc("msg.send", message(room, "b", "二")).await;
    assert_eq!(reader.push().await["pub"]["offset"], 1);
    assert_eq!(reader.push().await["unsubscribe"]["code"], 2100);
    let refused = reader.call("subscribe", json!({ "channel": channel(room) })).await;
    assert_eq!(refused["error"]["code"], 103, "{refused}");
    let send = json!({ "method": "msg.send", "data": message(room, "c", "三") });
    let refused = reader.call("rpc", send).await;
    assert_eq!(refused["error"]["code"], 103, "{refused}");
    hub.stop().await;
}

#[tokio::test]
async fn a_stranger_and_an_unknown_room_are_refused_alike() {
    let hub = TestHub::start().await;
    let (_, _, room) = two(&hub).await;
    let stranger = hub.person("苏可安").await;
    let mut client = hub.client(stranger).await;
    let nowhere = RoomId(uuid::Uuid::from_u128(7));
    let mut answers = Vec::new();
    for room in [room, nowhere] {
        let mut reply = client.call("subscribe", json!({ "channel": channel(room) })).await;
        reply["id"] = Value::Null;
        answers.push(reply);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0]["error"]["code"], 103);
    hub.stop().await;
}

#[tokio::test]
async fn pages_show_messages_as_they_stand_now() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    let mut writer = hub.client(one).await;
    for (cid, text) in [("a", "一"), ("b", "二"), ("c", "三")] {
        writer.rpc("msg.send", message(room, cid, text)).await;
    }
    writer.rpc("msg.edit", json!({ "room": room, "seq": 1, "cid": "d", "text": "改" })).await;
    writer.rpc("msg.withdraw", json!({ "room": room, "seq": 2, "cid": "e" })).await;
    let mut reader = hub.client(other).await;
    let page = reader.rpc("messages.page", json!({ "room": room })).await;
    let lines: Vec<_> = page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| (item["seq"].clone(), item["state"].clone(), item["text"].clone()))
        .collect();
    let expected =
        [(1, "shown", json!("改")), (2, "withdrawn", Value::Null), (3, "shown", json!("三"))];
    assert_eq!(lines, expected.map(|(seq, state, text)| (json!(seq), json!(state), text)));
    assert_eq!(page["people"][one.person.to_string()], "林禾川");
    let rooms = reader.rpc("room.list", json!({})).await;
    assert_eq!(rooms["rooms"][0]["unread"], 3);
    assert_eq!(rooms["rooms"][0]["last"]["text"], "三");
    let marked = reader.rpc("read.mark", json!({ "room": room, "seq": 2 })).await;
    assert_eq!(marked["unread"], 1);
    let withdraw = json!({ "room": room, "seq": 3, "cid": "x" });
    let refused = reader.call("rpc", json!({ "method": "msg.withdraw", "data": withdraw })).await;
    assert_eq!(refused["error"]["code"], 103, "{refused}");
    hub.stop().await;
}

#[tokio::test]
async fn bad_input_meets_a_stable_code() {
    let hub = TestHub::start().await;
    let one = hub.person("江朗").await;
    let mut client = hub.client(one).await;
    let unknown = client.call("rpc", json!({ "method": "msg.fly", "data": {} })).await;
    assert_eq!(unknown["error"]["code"], 104, "{unknown}");
    let bad = json!({ "method": "msg.send", "data": { "room": 1 } });
    let bad = client.call("rpc", bad).await;
    assert_eq!(bad["error"]["code"], 107, "{bad}");
    for (said, code) in [
        (r#"{"id":1,"rpc":{"method":"x"}}"#, 3501),
        (r#"{"id":1,"connect":{"token":"a.b.c"}}"#, 3500),
        (&"x".repeat(200_000), 3501),
    ] {
        let mut socket = hub.socket().await;
        socket.say(said).await;
        assert_eq!(socket.closed().await, code);
    }
    hub.stop().await;
}

#[tokio::test]
async fn a_stopping_hub_tells_its_clients_to_come_back() {
    let hub = TestHub::start().await;
    let one = hub.person("韩溪").await;
    let mut client = hub.client(one).await;
    let (code, ()) = tokio::join!(client.closed(), hub.stop());
    assert_eq!(code, 3001);
}

#[tokio::test]
async fn messages_of_one_connection_are_committed_in_the_order_they_were_sent() {
    let hub = TestHub::start().await;
    let (one, other, room) = two(&hub).await;
    let second = hub.group(&[one, other]).await;
    let mut writer = hub.client(one).await;
    let send = |id: u64, room: RoomId| {
        let data = message(room, &format!("c{id}"), "按顺序");
        json!({ "id": 1_000 + id, "rpc": { "method": "msg.send", "data": data } }).to_string()
    };
    let room_of = |id: u64| if id.is_multiple_of(3) { second } else { room };
    // Many in one frame, then one frame each without waiting.
    let frame: Vec<_> = (0..24).map(|id| send(id, room_of(id))).collect();
    writer.say(&frame.join("\n")).await;
    for id in 24..40 {
        writer.say(&send(id, room_of(id))).await;
    }
    let mut places = std::collections::BTreeMap::new();
    while places.len() < 40 {
        let reply = writer.reply().await;
        let id = reply["id"].as_u64().expect("an id") - 1_000;
        places.insert(id, reply["rpc"]["data"]["seq"].as_i64().expect("a place"));
    }
    for concerned in [room, second] {
        let of_room = places.iter().filter(|(id, _)| room_of(**id) == concerned);
        let seqs: Vec<i64> = of_room.map(|(_, seq)| *seq).collect();
        let count = i64::try_from(seqs.len()).expect("small");
        assert_eq!(seqs, (1..=count).collect::<Vec<_>>());
    }
    hub.stop().await;
}
