//! Open votes: who may cast, what a drop does, what counts.

use serde_json::{Value, json};
use time::Duration;

use crate::town::{DEPUTY, MEMBERS, PROBATIONARY, RECORDER, SECRETARY, Town, code_of, figures, id};

fn motion(cid: &str) -> Value {
    json!({ "cid": cid, "motion": "同意维修村道路灯", "way": "show_of_hands", "item": 2 })
}

/// An open meeting with these people, and whoever chairs.
async fn open(town: &mut Town, draft: Value, people: &[&str]) -> String {
    let meeting = town.gathering(draft).await;
    town.sign_in(SECRETARY, &meeting).await;
    for phone in people {
        town.sign_in(phone, &meeting).await;
    }
    let opened = town.step(SECRETARY, &meeting, "open").await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    meeting
}

/// Calls a vote; its id.
async fn call(town: &mut Town, meeting: &str, body: Value) -> String {
    let called = town.post(SECRETARY, (meeting, "/votes"), body).await;
    assert_eq!(called.status, 200, "{}", called.body);
    let votes = called.body["votes"].as_array().expect("votes").clone();
    id(&votes[votes.len() - 1]["vote"]).to_owned()
}

async fn cast(town: &mut Town, phone: &str, (meeting, vote): (&str, &str), choice: &str) -> Value {
    let path = format!("/votes/{vote}/ballot");
    let done = town.put(phone, (meeting, &path), json!({ "choice": choice })).await;
    assert_eq!(done.status, 200, "{phone}: {}", done.body);
    done.body
}

#[tokio::test]
async fn a_vote_counts_each_person_once_and_says_who_is_missing() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let others = [RECORDER, MEMBERS[0], MEMBERS[1], PROBATIONARY];
    let meeting = open(&mut town, draft, &others).await;
    let vote = call(&mut town, &meeting, motion("v-1")).await;
    let again = town.post(SECRETARY, (&meeting, "/votes"), motion("v-1")).await;
    assert_eq!(again.body["votes"].as_array().map(Vec::len), Some(1), "a repeat opens no second");
    let other = town.post(SECRETARY, (&meeting, "/votes"), motion("v-2")).await;
    assert_eq!(code_of(&other), (409, "step_not_allowed"), "one at a time");
    let at = (meeting.as_str(), vote.as_str());
    cast(&mut town, SECRETARY, at, "yes").await;
    cast(&mut town, RECORDER, at, "yes").await;
    let seen = cast(&mut town, MEMBERS[0], at, "no").await;
    assert_eq!(seen["votes"][0]["votes"], json!({ "yes": 2, "no": 1, "abstain": 0 }));
    assert_eq!(seen["votes"][0]["missing"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen["votes"][0]["missing"][0]["name"], "苏溪然");
    assert_eq!(seen["votes"][0]["mine"], "no");
    let again = cast(&mut town, MEMBERS[0], at, "no").await;
    assert_eq!(again["votes"], seen["votes"], "a repeat counts once");
    let path = format!("/votes/{vote}/ballot");
    let turned = town.put(MEMBERS[0], (&meeting, &path), json!({ "choice": "yes" })).await;
    assert_eq!(code_of(&turned), (409, "conflict"), "a choice is final");
    let none = town.put(PROBATIONARY, (&meeting, &path), json!({ "choice": "yes" })).await;
    assert_eq!(code_of(&none), (409, "step_not_allowed"), "no right to vote");
    let absent = town.put(MEMBERS[2], (&meeting, &path), json!({ "choice": "yes" })).await;
    assert_eq!(code_of(&absent), (409, "step_not_allowed"), "not signed in");
    let for_other = json!({ "choice": "yes", "person": town.people[MEMBERS[1]] });
    let forged = town.put(MEMBERS[0], (&meeting, &path), for_other).await;
    assert_eq!(code_of(&forged), (409, "step_not_allowed"), "nobody votes for another");
    let end = town.step(SECRETARY, &meeting, "close").await;
    assert_eq!(code_of(&end), (409, "step_not_allowed"), "a vote goes on");
    let closing = format!("/votes/{vote}/close");
    let closed = town.post(SECRETARY, (&meeting, &closing), json!({})).await.body;
    let result = &closed["votes"][0];
    assert_eq!(result["outcome"], "not_passed", "2 of 6: {result}");
    let of = |name: &str| result[name].as_i64().expect("a figure");
    assert_eq!((of("expected"), of("present"), of("needed")), (6, 4, 3));
    let late = town.put(MEMBERS[1], (&meeting, &path), json!({ "choice": "yes" })).await;
    assert_eq!(code_of(&late), (409, "step_not_allowed"), "it is closed");
    town.hub.stop().await;
}

#[tokio::test]
async fn without_a_quorum_of_those_connected_no_vote_opens_and_a_drop_ends_none() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = open(&mut town, draft, &[MEMBERS[0], MEMBERS[1]]).await;
    town.clock.advance(Duration::seconds(40));
    town.post(SECRETARY, (&meeting, "/presence"), json!({})).await;
    let refused = town.post(SECRETARY, (&meeting, "/votes"), motion("v-1")).await;
    assert_eq!(code_of(&refused), (409, "quorum_missing"), "two are cut off");
    for phone in [MEMBERS[0], MEMBERS[1]] {
        town.post(phone, (&meeting, "/presence"), json!({})).await;
    }
    let vote = call(&mut town, &meeting, motion("v-1")).await;
    let at = (meeting.as_str(), vote.as_str());
    cast(&mut town, MEMBERS[0], at, "yes").await;
    // Everybody but the chair falls silent beyond the grace; one returns and casts.
    town.clock.advance(Duration::seconds(90));
    town.post(SECRETARY, (&meeting, "/presence"), json!({})).await;
    town.pass(Duration::ZERO).await;
    let read = town.get(SECRETARY, &meeting, "").await.body;
    assert_eq!(figures(&read["lamp"]), ("missing".to_owned(), 6, 1, 1));
    assert!(read["votes"][0].get("closed_at").is_none(), "the vote goes on");
    assert_eq!(read["votes"][0]["present"], 2, "who has cast counts as present");
    cast(&mut town, MEMBERS[1], at, "yes").await;
    cast(&mut town, SECRETARY, at, "yes").await;
    let closing = format!("/votes/{vote}/close");
    let closed = town.post(SECRETARY, (&meeting, &closing), json!({})).await.body;
    assert_eq!(closed["votes"][0]["present"], 3);
    assert_eq!(closed["votes"][0]["outcome"], "half_exactly", "3 of 6: {closed}");
    town.hub.stop().await;
}

#[tokio::test]
async fn votes_of_the_room_and_of_a_venue_are_entered_by_those_who_answer_for_them() {
    let mut town = Town::start().await;
    let mut draft = town.draft(24 * 5);
    draft["venues"] = json!([{ "name": "枫浦分会场", "head": town.people[DEPUTY] }]);
    let meeting = town.gathering(draft).await;
    for phone in [SECRETARY, RECORDER, DEPUTY] {
        town.sign_in(phone, &meeting).await;
    }
    let [first, second, _] = MEMBERS.map(|phone| town.people[phone].clone());
    let on_site = format!("/on-site/{}", id(&first));
    town.put(RECORDER, (&meeting, &on_site), json!({ "present": true })).await;
    town.put(DEPUTY, (&meeting, "/venues/1"), json!({ "people": [second] })).await;
    town.step(SECRETARY, &meeting, "open").await;
    let vote = call(&mut town, &meeting, motion("v-1")).await;
    let path = format!("/votes/{vote}/ballot");
    let of_room = json!({ "choice": "yes", "person": first });
    let of_venue = json!({ "choice": "yes", "person": second });
    for (phone, body) in [(DEPUTY, &of_room), (RECORDER, &of_venue), (MEMBERS[0], &of_room)] {
        let refused = town.put(phone, (&meeting, &path), body.clone()).await;
        assert_eq!(code_of(&refused), (409, "step_not_allowed"), "{phone}");
    }
    for (phone, body) in [(RECORDER, of_room), (DEPUTY, of_venue)] {
        let entered = town.put(phone, (&meeting, &path), body).await;
        assert_eq!(entered.status, 200, "{}", entered.body);
    }
    for phone in [SECRETARY, DEPUTY] {
        cast(&mut town, phone, (&meeting, &vote), "yes").await;
    }
    let closing = format!("/votes/{vote}/close");
    let closed = town.post(SECRETARY, (&meeting, &closing), json!({})).await.body;
    assert_eq!(closed["votes"][0]["votes"]["yes"], 4);
    assert_eq!(closed["votes"][0]["outcome"], "passed", "4 of 6: {closed}");
    let cast = closed["votes"][0]["cast"].as_array().expect("a list");
    let of_room = cast.iter().find(|line| line["person"] == first).expect("cast");
    assert_eq!(of_room["entered_by"], "林禾川");
    town.hub.stop().await;
}

#[tokio::test]
async fn where_nothing_is_decided_the_chair_asks_for_opinions_alone() {
    let mut town = Town::start().await;
    let mut draft = town.draft(24 * 5);
    draft["kind"] = json!("theme_day");
    let meeting = open(&mut town, draft, &[MEMBERS[0], PROBATIONARY]).await;
    let refused = town.post(SECRETARY, (&meeting, "/votes"), motion("v-1")).await;
    assert_eq!(code_of(&refused), (409, "step_not_allowed"));
    let mut asked = motion("v-1");
    asked["opinion"] = json!(true);
    let vote = call(&mut town, &meeting, asked).await;
    let seen = cast(&mut town, PROBATIONARY, (&meeting, &vote), "yes").await;
    assert_eq!(seen["votes"][0]["opinions"]["yes"], 1, "everybody is asked");
    let closing = format!("/votes/{vote}/close");
    let closed = town.post(SECRETARY, (&meeting, &closing), json!({})).await.body;
    assert!(closed["votes"][0].get("outcome").is_none(), "nothing is decided: {closed}");
    town.hub.stop().await;
}
