//! Signing in, the lamp, and the meeting's own course.

use serde_json::{Value, json};
use time::Duration;

use crate::town::{
    DEPUTY, MEMBERS, PROBATIONARY, RECORDER, SECRETARY, SUPERIOR, Town, code_of, figures, id, line,
};

fn lamp(state: &str, expected: i64, present: i64, connected: i64) -> (String, i64, i64, i64) {
    (state.to_owned(), expected, present, connected)
}

#[tokio::test]
async fn the_lamp_follows_those_who_come_are_silent_and_return() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    let early = town.step(SECRETARY, &meeting, "open").await;
    assert_eq!(code_of(&early), (409, "step_not_allowed"), "the chair is not there");
    town.sign_in(SECRETARY, &meeting).await;
    let read = town.sign_in(PROBATIONARY, &meeting).await;
    assert_eq!(figures(&read["lamp"]), lamp("missing", 6, 1, 1), "no vote, no quorum");
    assert_eq!(read["lamp"]["here"], 2);
    let refused = town.step(SECRETARY, &meeting, "open").await;
    assert_eq!(code_of(&refused), (409, "quorum_missing"));
    town.sign_in(MEMBERS[0], &meeting).await;
    let read = town.sign_in(MEMBERS[1], &meeting).await;
    assert_eq!(figures(&read["lamp"]), lamp("reached", 6, 3, 3), "half is enough");
    let opened = town.step(SECRETARY, &meeting, "open").await;
    assert_eq!(opened.body["summary"]["state"], "open", "{}", opened.body);
    // Two go on to be heard of, one falls silent.
    town.clock.advance(Duration::seconds(30));
    for phone in [SECRETARY, MEMBERS[0]] {
        let beat = town.post(phone, (&meeting, "/presence"), json!({})).await;
        assert_eq!(beat.status, 200, "{}", beat.body);
    }
    let read = town.get(SECRETARY, &meeting, "").await.body;
    assert_eq!(figures(&read["lamp"]), lamp("reached", 6, 3, 2), "one is cut off");
    assert_eq!(read["lamp"]["may_vote"], false);
    town.clock.advance(Duration::seconds(31));
    for phone in [SECRETARY, MEMBERS[0]] {
        town.post(phone, (&meeting, "/presence"), json!({})).await;
    }
    town.pass(Duration::ZERO).await;
    let read = town.get(SECRETARY, &meeting, "").await.body;
    assert_eq!(figures(&read["lamp"]), lamp("missing", 6, 2, 2), "silent beyond the grace");
    assert_eq!(read["summary"]["state"], "open", "talk goes on");
    let back = town.post(MEMBERS[1], (&meeting, "/presence"), json!({})).await.body;
    assert_eq!(figures(&back["lamp"]), lamp("reached", 6, 3, 3), "a sign of life is a return");
    town.pass(Duration::ZERO).await;
    let told: Vec<i16> =
        town.events(&meeting).await.into_iter().filter(|kind| *kind == 31).collect();
    assert_eq!(told.len(), 2, "the room was told of the loss and of the return");
    town.hub.stop().await;
}

#[tokio::test]
async fn signing_in_opens_the_room_and_signing_out_closes_it() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    let call = format!("/api/rooms/{meeting}/call");
    assert_eq!(town.browser(MEMBERS[0]).get(&call).await.status, 404, "not signed in");
    let read = town.sign_in(MEMBERS[0], &meeting).await;
    assert_eq!(read["room"], meeting.as_str());
    assert_eq!(town.browser(MEMBERS[0]).get(&call).await.status, 200);
    let again = town.sign_in(MEMBERS[0], &meeting).await;
    assert_eq!(again["roll"], read["roll"], "a repeat changes nothing");
    let out = town.browser(MEMBERS[0]).delete(&format!("/api/meetings/{meeting}/sign-in")).await;
    assert_eq!(out.status, 200, "{}", out.body);
    assert_eq!(town.browser(MEMBERS[0]).get(&call).await.status, 404);
    let beat = town.post(MEMBERS[0], (&meeting, "/presence"), json!({})).await;
    assert_eq!(code_of(&beat), (409, "step_not_allowed"));
    let member = town.people[MEMBERS[0]].clone();
    assert_eq!(line(&out.body, &member)["place"], "away");
    assert!(line(&out.body, &member)["signed_in_at"].is_string(), "who came stays on record");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_second_device_takes_the_place_of_the_first() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    town.sign_in(MEMBERS[0], &meeting).await;
    let mut other = town.hub.signed_in(MEMBERS[0]).await;
    let path = format!("/api/meetings/{meeting}");
    let moved = other.post(&format!("{path}/sign-in"), json!({})).await;
    assert_eq!(figures(&moved.body["lamp"]), lamp("missing", 6, 1, 1), "one person, once");
    let first = town.post(MEMBERS[0], (&meeting, "/presence"), json!({})).await;
    assert_eq!(code_of(&first), (409, "step_not_allowed"), "the first device is out");
    assert_eq!(other.post(&format!("{path}/presence"), json!({})).await.status, 200);
    town.hub.stop().await;
}

#[tokio::test]
async fn the_recorder_enters_who_is_in_the_room_and_a_head_the_list_of_a_venue() {
    let mut town = Town::start().await;
    let mut draft = town.draft(24 * 5);
    draft["venues"] = json!([{ "name": "枫浦分会场", "head": town.people[DEPUTY] }]);
    let meeting = town.gathering(draft).await;
    let [first, second, third] = MEMBERS.map(|phone| town.people[phone].clone());
    let on_site = format!("/on-site/{}", id(&first));
    let entered = town.put(RECORDER, (&meeting, &on_site), json!({ "present": true })).await;
    assert_eq!(line(&entered.body, &first)["place"], "on_site", "{}", entered.body);
    let own = town.post(MEMBERS[0], (&meeting, "/sign-in"), json!({})).await;
    assert_eq!(code_of(&own), (409, "step_not_allowed"), "one way per person");
    let outside = town.put(MEMBERS[1], (&meeting, &on_site), json!({ "present": false })).await;
    assert_eq!(code_of(&outside), (404, "not_found"), "not for everybody");
    let list = json!({ "people": [second, third] });
    let early = town.put(DEPUTY, (&meeting, "/venues/1"), list.clone()).await;
    assert_eq!(code_of(&early), (409, "step_not_allowed"), "the head signs in first");
    town.sign_in(DEPUTY, &meeting).await;
    let twice = json!({ "people": [first, second] });
    assert_eq!(code_of(&town.put(DEPUTY, (&meeting, "/venues/1"), twice).await), (409, "conflict"));
    let handed = town.put(DEPUTY, (&meeting, "/venues/1"), list).await;
    assert_eq!(handed.status, 200, "{}", handed.body);
    assert_eq!(figures(&handed.body["lamp"]), lamp("reached", 6, 4, 4));
    assert_eq!(line(&handed.body, &second)["venue"], 1);
    assert!(handed.body["venues"][0]["signed_at"].is_string());
    let fewer = town.put(DEPUTY, (&meeting, "/venues/1"), json!({ "people": [third] })).await;
    assert_eq!(line(&fewer.body, &second)["place"], "away");
    let not_head = town.put(MEMBERS[2], (&meeting, "/venues/1"), json!({ "people": [] })).await;
    assert_eq!(code_of(&not_head), (404, "not_found"));
    // Once the meeting is open a change of the sheet needs its reason.
    town.sign_in(SECRETARY, &meeting).await;
    town.step(SECRETARY, &meeting, "open").await;
    let off = town.put(RECORDER, (&meeting, &on_site), json!({ "present": false })).await;
    assert_eq!(code_of(&off), (422, "reason_required"));
    let body = json!({ "present": false, "reason": "提前离开" });
    let off = town.put(RECORDER, (&meeting, &on_site), body).await;
    assert_eq!(line(&off.body, &first)["place"], "away", "{}", off.body);
    town.hub.stop().await;
}

#[tokio::test]
async fn an_officer_from_above_comes_as_an_observer_whom_everybody_sees() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    let read = town.sign_in(SUPERIOR, &meeting).await;
    let superior = town.people[SUPERIOR].clone();
    assert_eq!(line(&read, &superior)["office"], "听澜镇党委");
    assert_eq!(line(&read, &superior)["not_counted"], "observer");
    assert_eq!(figures(&read["lamp"]), lamp("missing", 6, 0, 0));
    assert_eq!(read["lamp"]["here"], 1);
    assert!(town.events(&meeting).await.contains(&30), "it was announced");
    let seen = town.get(MEMBERS[0], &meeting, "").await.body;
    assert_eq!(line(&seen, &superior)["office"], "听澜镇党委");
    town.hub.stop().await;
}

#[tokio::test]
async fn the_deputy_chairs_while_the_chair_is_not_there() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    for phone in [DEPUTY, MEMBERS[0], MEMBERS[1]] {
        town.sign_in(phone, &meeting).await;
    }
    let member = town.post(MEMBERS[0], (&meeting, "/chair"), json!({})).await;
    assert_eq!(code_of(&member), (409, "step_not_allowed"), "the deputy comes before");
    let open = town.step(DEPUTY, &meeting, "open").await;
    assert_eq!(open.status, 404, "not the chair yet: {}", open.body);
    let taken = town.post(DEPUTY, (&meeting, "/chair"), json!({})).await;
    assert_eq!(taken.body["acting_chair"]["name"], "沈可朗", "{}", taken.body);
    let open = town.step(DEPUTY, &meeting, "open").await;
    assert_eq!(open.body["summary"]["state"], "open", "{}", open.body);
    assert_eq!(code_of(&town.step(SECRETARY, &meeting, "close").await), (403, "not_allowed"));
    town.sign_in(SECRETARY, &meeting).await;
    let back = town.post(SECRETARY, (&meeting, "/chair"), json!({})).await;
    assert!(back.body.get("acting_chair").is_none(), "the chair came: {}", back.body);
    town.hub.stop().await;
}

#[tokio::test]
async fn the_chair_goes_through_the_agenda_and_closes() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    for phone in [SECRETARY, RECORDER, MEMBERS[0]] {
        town.sign_in(phone, &meeting).await;
    }
    let path = (meeting.as_str(), "/item");
    let early = town.put(SECRETARY, path, json!({ "item": 1 })).await;
    assert_eq!(code_of(&early), (409, "step_not_allowed"));
    town.step(SECRETARY, &meeting, "open").await;
    let item = town.put(SECRETARY, path, json!({ "item": 2 })).await;
    assert_eq!(item.body["item"], 2, "{}", item.body);
    let none = town.put(SECRETARY, path, json!({ "item": 3 })).await;
    assert_eq!(code_of(&none), (400, "invalid_input"));
    assert_eq!(code_of(&town.put(MEMBERS[0], path, json!({})).await), (404, "not_found"));
    let late = town.sign_in(MEMBERS[1], &meeting).await;
    assert_eq!(line(&late, &town.people[MEMBERS[1]])["late"], true);
    let closed = town.step(SECRETARY, &meeting, "close").await;
    assert_eq!(closed.body["summary"]["state"], "closed", "{}", closed.body);
    assert_eq!(figures(&closed.body["lamp"]), lamp("reached", 6, 4, 4));
    town.pass(Duration::hours(3)).await;
    let read = town.get(MEMBERS[0], &meeting, "").await.body;
    assert_eq!(figures(&read["lamp"]), lamp("reached", 6, 4, 4), "as it was when it ended");
    let call = format!("/api/rooms/{meeting}/call");
    assert_eq!(town.browser(MEMBERS[0]).get(&call).await.status, 404, "nobody is in the room");
    let sign_in = town.post(MEMBERS[2], (&meeting, "/sign-in"), json!({})).await;
    assert_eq!(code_of(&sign_in), (409, "step_not_allowed"));
    town.hub.stop().await;
}

#[tokio::test]
async fn a_meeting_without_its_quorum_is_given_up_and_everyone_is_told() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    town.sign_in(SECRETARY, &meeting).await;
    town.pass(Duration::minutes(39)).await;
    let read = town.get(MEMBERS[0], &meeting, "").await.body;
    assert_eq!(read["summary"]["state"], "sign_in", "a minute is left");
    town.pass(Duration::minutes(1)).await;
    let read = town.get(MEMBERS[0], &meeting, "").await.body;
    assert_eq!(read["summary"]["state"], "adjourned");
    assert_eq!(read["ended_reason"], "到会人数不足");
    assert_eq!(town.notices(MEMBERS[2]).await, ["meeting_called", "meeting_adjourned"]);
    town.pass(Duration::minutes(1)).await;
    assert_eq!(town.notices(MEMBERS[2]).await.len(), 2, "once");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_hub_that_starts_again_in_the_middle_goes_on_where_it_was() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    for phone in [SECRETARY, RECORDER, MEMBERS[0]] {
        town.sign_in(phone, &meeting).await;
    }
    town.step(SECRETARY, &meeting, "open").await;
    // The first reading is noted as the notice's delivery.
    town.get(SECRETARY, &meeting, "").await;
    let before = town.get(SECRETARY, &meeting, "").await.body;
    let beside = town.hub.beside().await;
    let mut browser = beside.browser();
    let name = beside.app.cookies.session_name().to_owned();
    let cookie = town.browser(SECRETARY).cookie(&name).expect("signed in").to_owned();
    browser.keep(&name, &cookie);
    let after: Value = browser.get(&format!("/api/meetings/{meeting}")).await.body;
    assert_eq!(after, before);
    beside.stop().await;
    town.hub.stop().await;
}
