//! The draft, its notice, and the answers.

use serde_json::json;

use crate::town::{
    DEPUTY, MEMBERS, PROBATIONARY, RECORDER, SECRETARY, SUPERIOR, Town, code_of, id, line,
};

#[tokio::test]
async fn a_notice_reaches_everyone_on_the_roll_and_says_who_counts() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.called(draft).await;
    for phone in [SECRETARY, DEPUTY, MEMBERS[0], PROBATIONARY] {
        assert_eq!(town.notices(phone).await, ["meeting_called"], "{phone}");
    }
    assert!(town.notices(SUPERIOR).await.is_empty(), "it was in time");
    let (member, probationary) =
        (town.people[MEMBERS[0]].clone(), town.people[PROBATIONARY].clone());
    let list = town.browser(MEMBERS[0]).get("/api/meetings").await;
    assert_eq!(list.body["coming"][0]["meeting"], meeting.as_str(), "{}", list.body);
    assert_eq!(list.body["coming"][0]["mine"]["part"], "entitled");
    let read = town.browser(SECRETARY).get(&format!("/api/meetings/{meeting}")).await.body;
    assert_eq!(read["lamp"]["expected"], 6, "the probationary member does not count: {read}");
    assert_eq!(read["lamp"]["needed"], 3);
    assert_eq!(line(&read, &probationary)["not_counted"], "probationary");
    assert!(line(&read, &member)["delivered_at"].is_string(), "the list was read");
    assert!(line(&read, &probationary).get("delivered_at").is_none());
    let of_member = town.get(MEMBERS[1], &meeting, "").await.body;
    assert!(line(&of_member, &member).get("delivered_at").is_none(), "officers alone see that");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_notice_that_is_too_late_needs_a_reason_and_the_superior_is_told() {
    let mut town = Town::start().await;
    let draft = town.draft(24);
    let secretary = town.browser(SECRETARY);
    let made = secretary.post("/api/desk/meetings", draft).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/api/desk/meetings/{}/notice", id(&made.body["summary"]["meeting"]));
    let refused = secretary.post(&path, json!({})).await;
    assert_eq!(code_of(&refused), (422, "reason_required"));
    let sent = secretary.post(&path, json!({ "late_reason": "防汛紧急" })).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(sent.body["late_reason"], "防汛紧急");
    let again = secretary.post(&path, json!({ "late_reason": "防汛紧急" })).await;
    assert_eq!(code_of(&again), (409, "step_not_allowed"), "one notice");
    assert_eq!(town.notices(SUPERIOR).await, ["meeting_late"]);
    assert_eq!(town.notices(MEMBERS[0]).await, ["meeting_called"]);
    town.hub.stop().await;
}

#[tokio::test]
async fn who_stays_away_says_why_and_only_those_who_run_the_meeting_read_it() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.called(draft).await;
    let (member, path) = (town.people[MEMBERS[0]].clone(), (meeting.as_str(), "/answer"));
    let bare = town.put(MEMBERS[0], path, json!({ "attends": false })).await;
    assert_eq!(code_of(&bare), (422, "reason_required"));
    let away = json!({ "attends": false, "reason": "在海棠市务工" });
    let answered = town.put(MEMBERS[0], path, away).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    assert_eq!(line(&answered.body, &member)["answer"]["reason"], "在海棠市务工", "one's own");
    for (phone, sees) in [(SECRETARY, true), (RECORDER, true), (MEMBERS[1], false)] {
        let read = town.get(phone, &meeting, "").await.body;
        let answer = &line(&read, &member)["answer"];
        assert_eq!(answer["attends"], false, "{phone}");
        assert_eq!(answer.get("reason").is_some(), sees, "{phone}");
    }
    let comes = town.put(MEMBERS[0], path, json!({ "attends": true, "reason": "x" })).await;
    assert_eq!(line(&comes.body, &member)["answer"], json!({ "attends": true }), "a later answer");
    let outside = town.put(SUPERIOR, path, json!({ "attends": true })).await;
    assert_eq!(code_of(&outside), (404, "not_found"));
    town.hub.stop().await;
}

#[tokio::test]
async fn a_draft_is_known_at_the_desk_alone_and_a_closed_meeting_to_nobody_above() {
    let mut town = Town::start().await;
    let mut draft = town.draft(24 * 5);
    draft["closed"] = json!(true);
    draft["kind"] = json!("organisation_life");
    let made = town.browser(SECRETARY).post("/api/desk/meetings", draft.clone()).await;
    let meeting = id(&made.body["summary"]["meeting"]).to_owned();
    for phone in [MEMBERS[0], RECORDER, SUPERIOR] {
        assert_eq!(town.get(phone, &meeting, "").await.status, 404, "{phone} and the draft");
    }
    draft["title"] = json!("年度组织生活会");
    let desk = format!("/api/desk/meetings/{meeting}");
    let changed = town.browser(SECRETARY).put(&desk, draft.clone()).await;
    assert_eq!(changed.body["summary"]["title"], "年度组织生活会", "{}", changed.body);
    let sent = town.browser(SECRETARY).post(&format!("{desk}/notice"), json!({})).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(
        code_of(&town.browser(SECRETARY).put(&desk, draft).await),
        (409, "step_not_allowed")
    );
    assert_eq!(town.get(MEMBERS[0], &meeting, "").await.status, 200);
    assert_eq!(town.get(SUPERIOR, &meeting, "").await.status, 404, "it is closed");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_draft_that_can_not_be_is_refused_with_what_to_do() {
    let mut town = Town::start().await;
    let good = town.draft(24 * 5);
    let stranger = town.people[SUPERIOR].clone();
    let with = |key: &str, value: serde_json::Value| {
        let mut draft = good.clone();
        draft[key] = value;
        draft
    };
    let past = town.in_hours(-1);
    for bad in [
        with("starts_at", json!(past)),
        with("recorder", good["chair"].clone()),
        with("chair", stranger.clone()),
        with("kind", json!("group_meeting")),
        with("agenda", json!([])),
        with("agenda", json!([{ "title": "" }])),
        with("agenda", json!([{ "title": "x", "minutes": 0 }])),
        with("title", json!("题".repeat(61))),
        with("venues", json!([{ "name": "分会场", "head": stranger }])),
        with(
            "exempted",
            json!([{ "person": good["chair"], "reason": "病" },
                                { "person": good["chair"], "reason": "病" }]),
        ),
    ] {
        let refused = town.browser(SECRETARY).post("/api/desk/meetings", bad.clone()).await;
        assert_eq!(code_of(&refused), (400, "invalid_input"), "{bad}");
    }
    let desk = town.browser(SECRETARY).get("/api/desk/meetings").await.body;
    assert_eq!(desk["meetings"], json!([]), "nothing is left behind");
    assert_eq!(desk["places"][0]["people"].as_array().map(Vec::len), Some(7));
    assert_eq!(desk["places"][0]["chair"]["name"], "韩舟然");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_cancelled_meeting_is_told_and_stands_in_no_calendar_as_held() {
    let mut town = Town::start().await;
    let draft = town.draft(24 * 5);
    let meeting = town.called(draft).await;
    let file = town.get(MEMBERS[0], &meeting, "/calendar.ics").await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    for part in ["BEGIN:VCALENDAR\r\n", "DTSTART:20261129T010000Z", "STATUS:CONFIRMED"] {
        assert!(file.text.contains(part), "{part}: {}", file.text);
    }
    let path = format!("/api/desk/meetings/{meeting}/cancellation");
    let bare = town.browser(SECRETARY).post(&path, json!({ "reason": " " })).await;
    assert_eq!(code_of(&bare), (422, "reason_required"));
    let done = town.browser(SECRETARY).post(&path, json!({ "reason": "防汛值班" })).await;
    assert_eq!(done.body["summary"]["state"], "cancelled", "{}", done.body);
    assert_eq!(town.notices(MEMBERS[0]).await, ["meeting_called", "meeting_cancelled"]);
    let file = town.get(MEMBERS[0], &meeting, "/calendar.ics").await;
    assert!(file.text.contains("STATUS:CANCELLED"), "{}", file.text);
    let list = town.browser(MEMBERS[0]).get("/api/meetings").await.body;
    assert_eq!((&list["coming"], &list["over"][0]["state"]), (&json!([]), &json!("cancelled")));
    town.hub.stop().await;
}
