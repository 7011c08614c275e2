//! The call of a room, through the doors of a whole hub and of a media server in a process of its
//! own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may end"
)]

mod door;
mod media;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use media::{House, Signal, Someone, event, validated};
use serde_json::{Value, json};
use signaling::RoomId;
use signaling::media::wire::DisconnectReason;

/// 李丽 leads a group with 王伟 and 陈红; 赵刚 is a stranger.
struct Group {
    house: House,
    room: RoomId,
    li: Someone,
    wang: Someone,
    chen: Someone,
    stranger: Someone,
}

impl Group {
    async fn start() -> Self {
        let house = House::start().await;
        let li = Someone::at(&house, "李丽", "10000000201").await;
        let wang = Someone::at(&house, "王伟", "10000000202").await;
        let chen = Someone::at(&house, "陈红", "10000000203").await;
        let stranger = Someone::at(&house, "赵刚", "10000000204").await;
        let room = house.hub().group(&[li.person, wang.person, chen.person]).await;
        house.hub().promote(room, li.person.person).await;
        Self { house, room, li, wang, chen, stranger }
    }
}

fn claims(ticket: &Value) -> Value {
    let token = ticket["token"].as_str().expect("a token");
    let body = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).expect("base64")).expect("JSON")
}

fn names(people: &Value) -> Vec<&str> {
    let people = people.as_array().expect("a list");
    let mut names: Vec<_> = people.iter().filter_map(|one| one["name"].as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn members_start_and_join_a_call_and_the_log_says_who_was_there() {
    let Group { house, room, mut li, mut wang, .. } = Group::start().await;
    let mut log = wang.follow(&house, room).await;
    assert_eq!(li.call(room).await, json!({}));

    let ticket = li.ticket(room).await;
    let started = event(&mut log, "call_started").await;
    assert_eq!(started["b"]["call"], ticket["call"]);
    assert_eq!(started["from"], li.person.person.to_string());
    let (mut of_li, join) = Signal::join(&ticket).await;
    assert_eq!(join.participant.expect("itself").name, "李丽");

    let second = wang.ticket(room).await;
    assert_eq!(second["call"], ticket["call"]);
    let (mut of_wang, join) = Signal::join(&second).await;
    let others: Vec<_> = join.other_participants.iter().map(|other| other.name.as_str()).collect();
    assert_eq!(others, ["李丽"]);

    house.look().await;
    let open = li.call(room).await["open"].clone();
    assert_eq!(names(&open["present"]), ["李丽", "王伟"]);

    let path = format!("/api/rooms/{room}/call");
    assert_eq!(wang.browser.delete(&path).await.status, 403);
    assert_eq!(li.browser.delete(&path).await.status, 204);
    for signal in [&mut of_li, &mut of_wang] {
        assert_eq!(signal.leave().await.reason(), DisconnectReason::RoomDeleted);
    }
    let ended = event(&mut log, "call_ended").await;
    assert_eq!(ended["b"]["call"], ticket["call"]);
    assert_eq!(ended["from"], li.person.person.to_string());
    assert_eq!(names(&ended["b"]["attended"]), ["李丽", "王伟"]);
    assert_eq!(li.call(room).await, json!({}));
    assert_eq!(li.browser.delete(&path).await.status, 204);

    // Whoever comes later reads it in the history.
    let page = log.rpc("messages.page", json!({ "room": room })).await;
    let items = page["items"].as_array().expect("items");
    let calls: Vec<_> =
        items.iter().filter(|item| item["t"].as_str().expect("t").starts_with("call")).collect();
    assert_eq!(calls.len(), 2, "{page}");
    assert_eq!((&calls[0]["t"], &calls[0]["from"]), (&json!("call_started"), &started["from"]));
    assert_eq!((&calls[1]["t"], &calls[1]["call"]), (&json!("call_ended"), &ended["b"]));
    assert_eq!(page["people"][li.person.person.to_string()], "李丽");
    let nth = |item: &Value| item["nth"].as_i64().expect("nth");
    assert_eq!(nth(calls[0]), 1, "a call counts as unread once");
    assert_eq!(nth(calls[1]), nth(calls[0]));
}

#[tokio::test]
async fn the_way_is_tried_in_a_room_of_ones_own_and_no_call_begins() {
    let Group { house, room, mut li, mut wang, .. } = Group::start().await;
    let ticket_of = async |one: &mut Someone| {
        let answer = one.browser.post("/api/call-check", json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let (of_li, of_wang) = (ticket_of(&mut li).await, ticket_of(&mut wang).await);
    let (_signal, join) = Signal::join(&of_li).await;
    assert!(join.other_participants.is_empty());
    let (_signal, join) = Signal::join(&of_wang).await;
    assert!(join.other_participants.is_empty(), "everybody is alone");
    assert_eq!(ticket_of(&mut li).await["call"], of_li["call"]);
    house.look().await;
    assert_eq!(li.call(room).await, json!({}));
}

#[tokio::test]
async fn hands_queue_up_and_a_leader_gives_the_floor() {
    let Group { house, room, mut li, mut wang, mut chen, mut stranger } = Group::start().await;
    let hand = format!("/api/rooms/{room}/call/hand");
    let of_chen = format!("/api/rooms/{room}/call/hands/{}", chen.person.person);
    let hands = |state: &Value| -> Vec<(String, bool)> {
        let hands = state["open"]["hands"].as_array().expect("hands").iter();
        hands
            .map(|one| {
                let name = one["name"].as_str().expect("a name").to_owned();
                (name, one["floor"].as_bool().expect("a word"))
            })
            .collect()
    };
    let up = json!({ "up": true });
    let floor = json!({ "floor": true });
    assert_eq!(li.browser.put(&hand, up.clone()).await.body["code"], "not_found", "no call yet");

    let (_of_li, _) = Signal::join(&li.ticket(room).await).await;
    let answer = chen.browser.put(&hand, up.clone()).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (409, &json!("conflict")));
    assert_eq!(stranger.browser.put(&hand, up.clone()).await.status, 404);
    chen.ticket(room).await;
    wang.ticket(room).await;
    let mut live = wang.hear(&house, room).await;
    assert_eq!(chen.browser.put(&hand, up.clone()).await.status, 200);
    assert_eq!(live.push().await["pub"]["data"]["t"], "call");
    assert_eq!(wang.browser.put(&hand, up.clone()).await.status, 200);
    let again = chen.browser.put(&hand, up).await.body;
    assert_eq!(hands(&again), [("陈红".into(), false), ("王伟".into(), false)]);

    assert_eq!(wang.browser.put(&of_chen, floor.clone()).await.status, 403);
    assert_eq!(stranger.browser.put(&of_chen, floor.clone()).await.status, 404);
    let given = li.browser.put(&of_chen, floor.clone()).await.body;
    assert_eq!(hands(&given), [("陈红".into(), true), ("王伟".into(), false)]);
    let down = chen.browser.put(&hand, json!({ "up": false })).await.body;
    assert_eq!(hands(&down), [("王伟".into(), false)]);
    let late = li.browser.put(&of_chen, floor).await;
    assert_eq!((late.status.as_u16(), &late.body["code"]), (409, &json!("conflict")));

    // A hand of somebody who never came is lowered.
    let long_ago = "UPDATE call_hand SET raised_at = raised_at - interval '31 s'";
    sqlx::query(long_ago).execute(&house.hub().app.db).await.expect("moved");
    house.look().await;
    assert!(hands(&li.call(room).await).is_empty());
}

#[tokio::test]
async fn a_stranger_learns_nothing_of_a_call() {
    let Group { house: _house, room, mut li, mut stranger, .. } = Group::start().await;
    let path = format!("/api/rooms/{room}/call");
    for _ in 0..2 {
        let asked = stranger.browser.post(&path, Value::Null).await;
        assert_eq!((asked.status.as_u16(), &asked.body["code"]), (404, &json!("not_found")));
        assert_eq!(stranger.browser.get(&path).await.body["code"], "not_found");
        assert_eq!(stranger.browser.delete(&path).await.body["code"], "not_found");
        // The second time a call is open.
        li.ticket(room).await;
    }
}

#[tokio::test]
async fn a_ticket_is_short_and_narrow() {
    let Group { house: _house, room, mut li, .. } = Group::start().await;
    let ticket = li.ticket(room).await;
    let claims = claims(&ticket);
    let life = claims["exp"].as_i64().expect("exp") - claims["nbf"].as_i64().expect("nbf");
    assert!((1..=300).contains(&life), "{life} s");
    assert_eq!(life, ticket["valid_s"].as_i64().expect("seconds"));
    assert_eq!((&claims["sub"], &claims["name"]), (&json!(li.person.person), &json!("李丽")));
    let grant = &claims["video"];
    assert_eq!(grant["room"], ticket["call"]);
    for (right, value) in [
        ("roomJoin", true),
        ("canPublish", true),
        ("canSubscribe", true),
        ("canPublishData", false),
        ("canUpdateOwnMetadata", false),
    ] {
        assert_eq!(grant[right], value, "{right}");
    }
    let sources = ["camera", "microphone", "screen_share", "screen_share_audio"];
    assert_eq!(grant["canPublishSources"], json!(sources));
    for right in ["hidden", "roomCreate", "roomAdmin", "roomList", "recorder", "agent"] {
        assert_ne!(grant[right], true, "{right}");
    }
}

#[tokio::test]
async fn whoever_is_removed_from_the_room_is_taken_out_of_its_call_and_stays_out() {
    let Group { house, room, mut li, mut wang, mut chen, .. } = Group::start().await;
    let (_of_li, _) = Signal::join(&li.ticket(room).await).await;
    let of_wang = wang.ticket(room).await;
    let (mut signal, _) = Signal::join(&of_wang).await;
    let of_chen = chen.ticket(room).await;
    assert_eq!(validated(&of_chen).await, 200);

    house.hub().remove(room, wang.person.person).await;
    house.hub().remove(room, chen.person.person).await;
    assert_eq!(signal.leave().await.reason(), DisconnectReason::ParticipantRemoved);
    house.look().await;
    for ticket in [&of_wang, &of_chen] {
        assert_eq!(validated(ticket).await, 401);
    }
    let path = format!("/api/rooms/{room}/call");
    assert_eq!(wang.browser.post(&path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_signed_out_device_is_taken_out_of_the_call() {
    let Group { house: _house, room, mut wang, .. } = Group::start().await;
    let (mut signal, _) = Signal::join(&wang.ticket(room).await).await;
    assert_eq!(wang.browser.post("/api/sign-out", Value::Null).await.status, 204);
    assert_eq!(signal.leave().await.reason(), DisconnectReason::ParticipantRemoved);
}

#[tokio::test]
async fn only_the_hub_makes_rooms() {
    let Group { house: _house, room, mut li, .. } = Group::start().await;
    let ticket = li.ticket(room).await;
    let service = ticket["url"].as_str().expect("an address").replacen("ws", "http", 1);
    let asked = reqwest::Client::new()
        .post(format!("{service}/twirp/livekit.RoomService/ListRooms"))
        .bearer_auth(ticket["token"].as_str().expect("a token"))
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .await
        .expect("an answer");
    assert_eq!(asked.status(), 404, "the administrator's calls are not at the clients' door");
}

#[tokio::test]
async fn a_call_goes_on_while_the_hub_is_started_again() {
    let Group { mut house, room, mut li, wang, .. } = Group::start().await;
    let ticket = li.ticket(room).await;
    let (mut signal, _) = Signal::join(&ticket).await;
    let pid = house.pid();
    house.restart().await;
    assert!(signal.is_alive().await);
    assert_eq!(house.pid(), pid);
    // The old browsers speak to the hub that is gone.
    let mut again = house.hub().signed_in("10000000202").await;
    let answer = again.post(&format!("/api/rooms/{room}/call"), Value::Null).await;
    assert_eq!((answer.status.as_u16(), &answer.body["call"]), (200, &ticket["call"]));
    let (_of_wang, join) = Signal::join(&answer.body).await;
    assert_eq!(join.participant.expect("itself").identity, wang.person.person.to_string());
    assert_eq!(join.other_participants.len(), 1);
}

#[tokio::test]
async fn a_killed_media_server_is_started_again_with_the_rooms_of_open_calls() {
    let Group { house, room, mut li, mut wang, .. } = Group::start().await;
    let ticket = li.ticket(room).await;
    let of_wang = wang.ticket(room).await;
    let (mut signal, _) = Signal::join(&ticket).await;
    let pid = house.pid();
    let process = rustix::process::Pid::from_raw(pid).expect("a number");
    rustix::process::kill_process(process, rustix::process::Signal::KILL).expect("killed");
    while signal.next().await.is_some() {}

    // Whoever asks meanwhile waits for the new one.
    let again = li.ticket(room).await;
    assert_eq!((&again["call"], &again["url"]), (&ticket["call"], &ticket["url"]));
    assert_ne!(house.pid(), pid);
    // The old ticket is good for the rest of its time.
    let (_of_wang, _) = Signal::join(&of_wang).await;
    let (_of_li, join) = Signal::join(&again).await;
    assert_eq!(join.other_participants.len(), 1);
}

#[tokio::test]
async fn a_call_in_which_nobody_is_left_ends_by_itself() {
    let Group { house, room, mut li, mut wang, .. } = Group::start().await;
    let mut log = wang.follow(&house, room).await;
    let ticket = li.ticket(room).await;
    let (signal, _) = Signal::join(&ticket).await;
    house.look().await;
    drop(signal);
    let minutes_ago = "UPDATE call SET started_at = started_at - interval '5 min',
        looked_at = looked_at - interval '2 min', busy_at = busy_at - interval '2 min'";
    sqlx::query(minutes_ago).execute(&house.hub().app.db).await.expect("moved");
    loop {
        // The media server learns of the closed socket a moment later.
        house.look().await;
        if li.call(room).await == json!({}) {
            break;
        }
        sqlx::query("UPDATE call SET busy_at = started_at")
            .execute(&house.hub().app.db)
            .await
            .expect("moved");
    }
    let ended = event(&mut log, "call_ended").await;
    assert_eq!(ended["from"], "00000000-0000-0000-0000-000000000000");
    assert_eq!(names(&ended["b"]["attended"]), ["李丽"]);
    assert_eq!(validated(&ticket).await, 404);
}
