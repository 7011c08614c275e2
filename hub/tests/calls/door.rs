//! The door of a call: what a leader does about those in it, its lock, guests.

use serde_json::{Value, json};
use signaling::media::wire::{
    AddTrackRequest, DisconnectReason, SessionDescription, TrackSource, TrackType, signal_request,
    signal_response,
};
use sqlx::query;

use super::{Group, names};
use crate::media::{Signal, Someone, validated};

/// What a browser offers to send, a camera.
const OFFER: &str =
    include_str!("../../../signaling/src/media/negotiation/chromium_publisher_offer.sdp");

/// Sends a camera track; answers its sid.
async fn publish(signal: &mut Signal) -> String {
    let track = AddTrackRequest {
        cid: "camera-track".to_owned(),
        r#type: TrackType::Video.into(),
        source: TrackSource::Camera.into(),
        ..AddTrackRequest::default()
    };
    signal.say(signal_request::Message::AddTrack(track)).await;
    let offer = SessionDescription {
        r#type: "offer".to_owned(),
        sdp: OFFER.to_owned(),
        ..SessionDescription::default()
    };
    signal.say(signal_request::Message::Offer(offer)).await;
    let mut sid = String::new();
    loop {
        match signal.next().await.expect("an answer") {
            signal_response::Message::TrackPublished(published) => {
                sid = published.track.expect("a track").sid;
            }
            signal_response::Message::Answer(_) => return sid,
            _ => {}
        }
    }
}

async fn refused(one: &mut Someone, path: &str) -> String {
    let answer = one.browser.post(path, Value::Null).await;
    assert!(!answer.status.is_success(), "{}", answer.body);
    answer.body["code"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn a_leader_stops_what_somebody_sends_and_members_do_not() {
    let Group { house: _house, room, mut li, mut wang, mut chen, mut stranger } =
        Group::start().await;
    let path = format!("/api/rooms/{room}/call/people/{}/mute", wang.person.person);
    let camera = json!({ "source": "camera" });
    assert_eq!(li.browser.post(&path, camera.clone()).await.status, 404, "no call is open");
    let (mut signal, _) = Signal::join(&wang.ticket(room).await).await;
    let sid = publish(&mut signal).await;

    assert_eq!(chen.browser.post(&path, camera.clone()).await.status, 403);
    assert_eq!(stranger.browser.post(&path, camera.clone()).await.status, 404);
    assert_eq!(li.browser.post(&path, json!({ "source": "mind" })).await.status, 400);
    let quiet = json!({ "source": "microphone" });
    assert_eq!(li.browser.post(&path, quiet).await.status, 204, "there is none: silent already");
    assert_eq!(li.browser.post(&path, camera.clone()).await.status, 204);
    loop {
        if let signal_response::Message::Mute(mute) = signal.next().await.expect("a mute") {
            assert_eq!((mute.sid, mute.muted), (sid, true));
            break;
        }
    }
    assert_eq!(li.browser.post(&path, camera.clone()).await.status, 204, "a repeat");
    let absent = path.replace(&wang.person.person.to_string(), &chen.person.person.to_string());
    assert_eq!(li.browser.post(&absent, camera).await.body["code"], "not_found");
}

#[tokio::test]
async fn whoever_is_taken_out_comes_in_again_by_a_leaders_word_alone() {
    let Group { house, room, mut li, mut wang, mut chen, mut stranger } = Group::start().await;
    let call = format!("/api/rooms/{room}/call");
    let of_wang = format!("{call}/people/{}", wang.person.person);
    let (_of_li, _) = Signal::join(&li.ticket(room).await).await;
    assert_eq!(li.browser.delete(&of_wang).await.status, 404, "not let in yet");
    let ticket = wang.ticket(room).await;
    let (mut signal, _) = Signal::join(&ticket).await;
    let hand = format!("{call}/hand");
    assert_eq!(wang.browser.put(&hand, json!({ "up": true })).await.status, 200);

    assert_eq!(chen.browser.delete(&of_wang).await.status, 403);
    assert_eq!(stranger.browser.delete(&of_wang).await.status, 404);
    let of_li = format!("{call}/people/{}", li.person.person);
    assert_eq!(li.browser.delete(&of_li).await.status, 403, "a leader stays");
    assert_eq!(li.browser.delete(&of_wang).await.status, 204);
    assert_eq!(signal.leave().await.reason(), DisconnectReason::ParticipantRemoved);
    assert_eq!(validated(&ticket).await, 401, "the old ticket is void");
    assert_eq!(li.call(room).await["open"]["hands"], json!([]));
    assert_eq!(wang.browser.put(&hand, json!({ "up": true })).await.status, 409);
    assert_eq!(refused(&mut wang, &call).await, "call_removed");

    // A minute later he asks again; nobody but the leader sees it and decides.
    let later = "UPDATE call_door SET decided_at = decided_at - interval '1 min'";
    query(later).execute(&house.hub().app.db).await.expect("moved");
    assert_eq!(refused(&mut wang, &call).await, "call_waiting");
    house.look().await;
    assert_eq!(validated(&ticket).await, 401, "waiting is not being let in");
    let waiting = li.call(room).await["open"]["waiting"].clone();
    assert_eq!(names(&waiting), ["王伟"]);
    assert_eq!(chen.call(room).await["open"]["waiting"], json!([]));
    let door = format!("{call}/waiting/{}", wang.person.person);
    let admit = json!({ "admit": true });
    assert_eq!(chen.browser.put(&door, admit.clone()).await.status, 403);
    let state = li.browser.put(&door, admit.clone()).await;
    assert_eq!(state.body["open"]["waiting"], json!([]), "{}", state.body);
    assert_eq!(li.browser.put(&door, admit).await.body["code"], "conflict", "nobody waits");
    wang.ticket(room).await;
    house.look().await;
    assert_eq!(wang.browser.put(&hand, json!({ "up": true })).await.status, 200);
}

#[tokio::test]
async fn a_locked_call_takes_back_who_was_in_it_and_nobody_new() {
    let Group { house: _house, room, mut li, mut wang, mut chen, .. } = Group::start().await;
    let call = format!("/api/rooms/{room}/call");
    let lock = format!("{call}/lock");
    wang.ticket(room).await;
    assert_eq!(wang.browser.put(&lock, json!({ "locked": true })).await.status, 403);
    let state = li.browser.put(&lock, json!({ "locked": true })).await.body;
    assert_eq!(state["open"]["locked"], true);
    assert_eq!(refused(&mut chen, &call).await, "call_locked");
    wang.ticket(room).await;
    li.ticket(room).await;
    let state = li.browser.put(&lock, json!({ "locked": false })).await.body;
    assert_eq!(state["open"]["locked"], false);
    chen.ticket(room).await;
}

#[tokio::test]
async fn guests_come_by_a_link_and_a_leaders_word_and_stay_in_this_call_alone() {
    let Group { house, room, mut li, mut wang, mut chen, mut stranger } = Group::start().await;
    let call = format!("/api/rooms/{room}/call");
    let link_at = format!("{call}/guest-link");
    let (_of_li, _) = Signal::join(&li.ticket(room).await).await;
    assert_eq!(wang.browser.get(&link_at).await.status, 403);
    let link = li.browser.get(&link_at).await.body["link"].as_str().expect("a link").to_owned();
    let guests = format!("/api/guest-calls/{link}");
    let forged = format!("{}AAAA", &guests[..guests.len() - 4]);
    assert_eq!(refused(&mut stranger, &forged).await, "not_found");

    let mut live = li.hear(&house, room).await;
    assert_eq!(refused(&mut stranger, &guests).await, "call_waiting");
    assert_eq!(live.push().await["pub"]["data"]["t"], "call");
    assert_eq!(names(&li.call(room).await["open"]["waiting"]), ["赵刚"]);
    let door = format!("{call}/waiting/{}", stranger.person.person);
    assert_eq!(li.browser.put(&door, json!({ "admit": true })).await.status, 200);
    let ticket = stranger.browser.post(&guests, Value::Null).await;
    assert_eq!(ticket.status, 200, "{}", ticket.body);
    let (mut signal, _) = Signal::join(&ticket.body).await;
    house.look().await;
    assert!(signal.is_alive().await, "a guest who was let in is no outsider");
    assert_eq!(names(&li.call(room).await["open"]["present"]), ["李丽", "赵刚"]);
    assert_eq!(stranger.browser.get(&call).await.status, 404, "the room stays unknown");

    // A member needs nobody's word; once the call is over the link opens nothing.
    assert_eq!(chen.browser.post(&guests, Value::Null).await.status, 200);
    assert_eq!(li.browser.delete(&call).await.status, 204);
    assert_eq!(refused(&mut stranger, &guests).await, "not_found");
    li.ticket(room).await;
    assert_eq!(refused(&mut stranger, &guests).await, "not_found", "the next call has its own");
}

#[tokio::test]
async fn whoever_asks_no_more_waits_no_more() {
    let Group { house, room, mut li, mut stranger, .. } = Group::start().await;
    let call = format!("/api/rooms/{room}/call");
    li.ticket(room).await;
    let link = li.browser.get(&format!("{call}/guest-link")).await.body["link"].clone();
    let guests = format!("/api/guest-calls/{}", link.as_str().expect("a link"));
    assert_eq!(refused(&mut stranger, &guests).await, "call_waiting");
    let gone = "UPDATE call_door SET came_at = came_at - interval '16 s',
        asked_at = asked_at - interval '16 s'";
    query(gone).execute(&house.hub().app.db).await.expect("moved");
    assert_eq!(li.call(room).await["open"]["waiting"], json!([]));
    let door = format!("{call}/waiting/{}", stranger.person.person);
    let answer = li.browser.put(&door, json!({ "admit": true })).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (409, &json!("conflict")));
}
