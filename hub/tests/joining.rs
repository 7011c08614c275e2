//! From a link into a networked joint branch, with one home all the way, through the doors of a
//! whole hub.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

use std::sync::Arc;

use hub::app::MockClock;
use hub::features::joining::run_due;
use hub::testing::{TestAnswer, TestBrowser, TestHub, found};
use serde_json::{Value, json};
use time::Duration;
use time::macros::datetime;

const ADMIN: &str = "10000000100";
const LEADER: &str = "10000000101";
const SECRETARY: &str = "10000000102";
const MEMBER: &str = "10000000103";
const SUPERIOR: &str = "10000000104";
const STRANGER: &str = "10000000105";

fn code_of(answer: &TestAnswer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

fn id(value: &Value) -> &str {
    value.as_str().expect("an id")
}

/// A township with a branch, its secretary and a member, and beside it a networked joint branch
/// that somebody leads.
struct Town {
    hub: TestHub,
    clock: Arc<MockClock>,
    admin: TestBrowser,
    branch: Value,
    joint: Value,
    room: Value,
    leader: TestBrowser,
    code: String,
}

async fn register(admin: &mut TestBrowser, at: &Value, name: &str, phone: &str) -> Value {
    let path = format!("/api/admin/organisations/{}/members", id(at));
    let body = json!({ "name": name, "phone": phone, "standing": "full", "reason": "名册登记" });
    let row = admin.post(&path, body).await;
    assert_eq!(row.status, 201, "{}", row.body);
    row.body["person"].clone()
}

async fn appoint(admin: &mut TestBrowser, at: &Value, person: &Value, kind: &str) {
    let body = json!({ "person": person, "kind": kind, "reason": "选举结果" });
    let path = format!("/api/admin/organisations/{}/posts", id(at));
    let given = admin.post(&path, body).await;
    assert_eq!(given.status, 201, "{}", given.body);
}

impl Town {
    async fn start() -> Self {
        // A Tuesday, 9:00 in Shanghai.
        let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
        hub.administrator("司徒宁安", ADMIN).await;
        let mut admin = hub.at_desk(ADMIN).await;
        let county = found(&mut admin, "county_committee", "云禾县委", &Value::Null).await;
        let town = found(&mut admin, "grassroots_committee", "听澜镇党委", &county).await;
        let branch = found(&mut admin, "branch", "落霞村第一支部", &town).await;
        let joint = found(&mut admin, "joint_branch", "云上云禾第一网络联合党支部", &town).await;
        let other = found(&mut admin, "branch", "枫浦村支部", &town).await;
        let leader = register(&mut admin, &other, "沈可朗", LEADER).await;
        let secretary = register(&mut admin, &branch, "韩舟然", SECRETARY).await;
        register(&mut admin, &branch, "林禾川", MEMBER).await;
        let superior = register(&mut admin, &other, "江一宁", SUPERIOR).await;
        appoint(&mut admin, &joint, &leader, "secretary").await;
        appoint(&mut admin, &branch, &secretary, "secretary").await;
        appoint(&mut admin, &town, &superior, "secretary").await;
        let mut leader = hub.signed_in(LEADER).await;
        let me = leader.get("/api/me").await.body;
        let places = me["places"].as_array().expect("a list");
        let place = places.iter().find(|place| place["organisation"]["organisation"] == joint);
        let room = place.expect("the joint branch")["room"].clone();
        let made = leader.post(&format!("/api/rooms/{}/invitations", id(&room)), json!({})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let code = id(&made.body["code"]).to_owned();
        Self { hub, clock, admin, branch, joint, room, leader, code }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/rooms/{}{rest}", id(&self.room))
    }

    async fn accept(&mut self, join: &Value) -> TestAnswer {
        let answer = json!({ "accept": true, "identity_checked": true, "ground": "mobile" });
        let path = self.path(&format!("/joins/{}/answer", id(join)));
        self.leader.post(&path, answer).await
    }

    /// Kinds of the notices in the inbox behind a number, oldest first.
    async fn notices(&self, phone: &str) -> Vec<String> {
        let mut browser = self.hub.signed_in(phone).await;
        let person = browser.get("/api/me").await.body["person"].clone();
        let person: uuid::Uuid = serde_json::from_value(person).expect("an id");
        let bodies = sqlx::query_scalar::<_, String>(
            "SELECT body FROM event WHERE room = $1 AND kind = 23 ORDER BY seq",
        )
        .bind(person)
        .fetch_all(&self.hub.app.db)
        .await
        .expect("read");
        let kind = |body: &String| {
            let notice: Value = serde_json::from_str(body).expect("JSON");
            id(&notice["notice"]).to_owned()
        };
        bodies.iter().map(kind).collect()
    }
}

#[tokio::test]
async fn a_mobile_member_joins_by_link_and_keeps_the_one_home() {
    let mut town = Town::start().await;
    let link = format!("/api/join/{}", town.code);
    let card = town.hub.browser().get(&link).await;
    assert_eq!(card.body["state"], "open", "{}", card.body);
    assert_eq!(card.body["ask"], "沈可朗");
    let mut member = town.hub.signed_in(MEMBER).await;
    let asked = member.post(&link, json!({ "note": "在海棠市务工" })).await;
    assert_eq!(asked.body["state"], "submitted", "{}", asked.body);
    assert_eq!(asked.body["home_branch"], "落霞村第一支部");
    assert_eq!(asked.body["asked"], "沈可朗");
    assert_eq!(asked.body["answer_by"], "2026-12-01");
    assert!(asked.body["room"].is_null());
    assert_eq!(member.post(&link, json!({})).await.body, asked.body);
    // A link alone admits nobody.
    assert_eq!(code_of(&member.get(&town.path("")).await), (404, "not_found"));
    let join = asked.body["join"].clone();
    let unchecked = json!({ "accept": true, "ground": "mobile" });
    let path = town.path(&format!("/joins/{}/answer", id(&join)));
    let unchecked = town.leader.post(&path, unchecked).await;
    assert_eq!(code_of(&unchecked), (409, "step_not_allowed"));
    let accepted = town.accept(&join).await;
    assert_eq!(accepted.body["state"], "provisional", "{}", accepted.body);
    let info = member.get(&town.path("")).await;
    let lines = info.body["members"].as_array().expect("a list");
    let line = lines.iter().find(|line| line["name"] == "林禾川").expect("listed");
    assert_eq!(
        (line["state"].clone(), line["votes"].clone()),
        (json!("provisional"), json!(false))
    );
    assert_eq!(line["home"], "落霞村第一支部");
    assert_eq!(info.body["leads"], false);
    town.hub.give_second_factor(person_of(&town, SECRETARY).await).await;
    let mut secretary = town.hub.at_desk(SECRETARY).await;
    let waiting = secretary.get("/api/desk/joins").await;
    assert_eq!(waiting.body["joins"][0]["join"], join, "{}", waiting.body);
    let answer = format!("/api/desk/joins/{}/answer", id(&join));
    let confirmed = secretary.post(&answer, json!({ "confirm": true })).await;
    assert_eq!(confirmed.body["state"], "participating", "{}", confirmed.body);
    let me = member.get("/api/me").await.body;
    assert_eq!(me["home"], "落霞村第一支部");
    assert_eq!(me["places"].as_array().expect("a list").len(), 2);
    assert_eq!(town.notices(MEMBER).await, ["join_accepted", "home_confirmed"]);
    assert_eq!(town.notices(SECRETARY).await, ["post_given", "home_asked"]);
    // The relation moves to the joint branch: the participation becomes the home, in one step.
    let to = json!({ "organisation": town.joint, "reason": "介绍信第9号" });
    let person = me["person"].clone();
    let moved = town.admin.post(&format!("/api/admin/people/{}/home", id(&person)), to).await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    let case = member.get(&format!("{link}/case")).await;
    assert_eq!(case.body["state"], "home", "{}", case.body);
    let me = member.get("/api/me").await.body;
    assert_eq!(me["places"].as_array().expect("a list").len(), 1);
    town.hub.stop().await;
}

async fn person_of(town: &Town, phone: &str) -> signaling::PersonId {
    let mut browser = town.hub.signed_in(phone).await;
    serde_json::from_value(browser.get("/api/me").await.body["person"].clone()).expect("an id")
}

#[tokio::test]
async fn a_silent_home_branch_is_told_to_its_superior_once_and_nobody_is_removed() {
    let mut town = Town::start().await;
    let mut member = town.hub.signed_in(MEMBER).await;
    let link = format!("/api/join/{}", town.code);
    let join = member.post(&link, json!({})).await.body["join"].clone();
    // Five working days without an answer of the leader: a reminder.
    town.clock.advance(Duration::days(7));
    run_due(&town.hub.app).await.expect("looked");
    assert!(!town.notices(LEADER).await.contains(&"join_unanswered".to_owned()));
    town.clock.advance(Duration::days(1));
    run_due(&town.hub.app).await.expect("looked");
    run_due(&town.hub.app).await.expect("looked");
    assert_eq!(town.notices(LEADER).await, ["post_given", "join_requested", "join_unanswered"]);
    // Accepted on Wednesday 2 December; the tenth working day after it is the 16th.
    let accepted = town.accept(&join).await;
    assert_eq!(accepted.body["answer_by"], "2026-12-16", "{}", accepted.body);
    town.clock.advance(Duration::days(14));
    run_due(&town.hub.app).await.expect("looked");
    assert_eq!(town.notices(SUPERIOR).await, ["post_given"]);
    town.clock.advance(Duration::days(1));
    run_due(&town.hub.app).await.expect("looked");
    run_due(&town.hub.app).await.expect("looked");
    assert_eq!(town.notices(SUPERIOR).await, ["post_given", "home_silent"]);
    town.clock.advance(Duration::days(80));
    run_due(&town.hub.app).await.expect("looked");
    // Sessions end after ninety days without use.
    let mut member = town.hub.signed_in(MEMBER).await;
    town.leader = town.hub.signed_in(LEADER).await;
    let case = member.get(&format!("{link}/case")).await.body;
    assert_eq!(
        (case["state"].clone(), case["inactive"].clone()),
        (json!("provisional"), json!(true))
    );
    // A contact noted by hand is a sign of activity.
    let person = case["person"].clone();
    let note = json!({ "on": "2027-03-01", "text": "电话联系,近况正常" });
    let path = town.path(&format!("/members/{}/contacts", id(&person)));
    assert_eq!(town.leader.post(&path, note).await.status, 201);
    assert_eq!(member.get(&format!("{link}/case")).await.body["inactive"], false);
    let contacts = member.get("/api/me/contacts").await.body;
    assert_eq!(contacts["contacts"][0]["by"], "沈可朗");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_refusal_of_the_home_branch_ends_the_participation_at_once() {
    let mut town = Town::start().await;
    let mut member = town.hub.signed_in(MEMBER).await;
    let link = format!("/api/join/{}", town.code);
    let join = member.post(&link, json!({})).await.body["join"].clone();
    town.accept(&join).await;
    town.hub.give_second_factor(person_of(&town, SECRETARY).await).await;
    let mut secretary = town.hub.at_desk(SECRETARY).await;
    let answer = format!("/api/desk/joins/{}/answer", id(&join));
    let bare = secretary.post(&answer, json!({ "confirm": false })).await;
    assert_eq!(code_of(&bare), (422, "reason_required"));
    // Nobody else's case, and no case at all, are answered alike.
    town.hub.give_second_factor(person_of(&town, LEADER).await).await;
    let mut leader = town.hub.at_desk(LEADER).await;
    let foreign = leader.post(&answer, json!({ "confirm": true })).await;
    assert_eq!(code_of(&foreign), (404, "not_found"));
    let refused = secretary.post(&answer, json!({ "confirm": false, "reason": "已转出" })).await;
    assert_eq!(refused.body["state"], "refused", "{}", refused.body);
    assert_eq!(code_of(&member.get(&town.path("")).await), (404, "not_found"));
    assert_eq!(member.get("/api/me").await.body["home"], "落霞村第一支部");
    let again = secretary.post(&answer, json!({ "confirm": true })).await;
    assert_eq!(code_of(&again), (409, "step_not_allowed"));
    town.hub.stop().await;
}

#[tokio::test]
async fn a_number_that_is_new_gets_an_account_by_an_open_invitation_and_nothing_more() {
    let mut town = Town::start().await;
    let mut browser = town.hub.browser();
    let ask = json!({ "phone": STRANGER, "by": "sms", "invitation": town.code });
    let challenge = browser.post("/api/sign-in/challenges", ask).await;
    assert_eq!(challenge.status, 201, "{}", challenge.body);
    let (_, code) = town.hub.app.delivery.console().expect("a console").recent()[0].clone();
    let mut finish = json!({ "challenge": challenge.body["challenge"], "code": code });
    let nameless = browser.post("/api/sign-in", finish.clone()).await;
    assert_eq!(code_of(&nameless), (422, "name_required"));
    finish["name"] = json!("苏溪然");
    let me = browser.post("/api/sign-in", finish).await;
    assert_eq!(me.status, 200, "{}", me.body);
    assert_eq!(me.body["places"], json!([]));
    let link = format!("/api/join/{}", town.code);
    let homeless = browser.post(&link, json!({})).await;
    assert_eq!(code_of(&homeless), (400, "invalid_input"));
    let asked = browser.post(&link, json!({ "home_branch": "外县某村支部" })).await;
    assert_eq!(asked.body["state"], "submitted", "{}", asked.body);
    let accepted = town.accept(&asked.body["join"]).await;
    assert_eq!(accepted.body["state"], "provisional", "{}", accepted.body);
    let me = browser.get("/api/me").await.body;
    assert_eq!(me["home"], "外县某村支部");
    let end = format!("/api/me/joins/{}/end", id(&asked.body["join"]));
    assert_eq!(browser.post(&end, json!({})).await.body["state"], "ended");
    assert_eq!(code_of(&browser.get(&town.path("")).await), (404, "not_found"));
    town.hub.stop().await;
}

#[tokio::test]
async fn an_invitation_ends_by_its_day_its_uses_or_its_maker() {
    let mut town = Town::start().await;
    let path = town.path("/invitations");
    let one = town.leader.post(&path, json!({ "uses_max": 1, "days": 1 })).await.body;
    let link = format!("/api/join/{}", id(&one["code"]));
    let mut member = town.hub.signed_in(MEMBER).await;
    assert_eq!(member.post(&link, json!({})).await.status, 200);
    assert_eq!(member.get(&link).await.body["state"], "used_up");
    let mut second = town.hub.signed_in(SECRETARY).await;
    assert_eq!(code_of(&second.post(&link, json!({})).await), (410, "invitation_invalid"));
    town.clock.advance(Duration::days(1));
    assert_eq!(member.get(&link).await.body["state"], "expired");
    let revoke = format!("{path}/{}", id(&one["invitation"]));
    assert_eq!(code_of(&member.delete(&revoke).await), (404, "not_found"));
    assert_eq!(town.leader.delete(&revoke).await.status, 204);
    assert_eq!(member.get(&link).await.body["state"], "revoked");
    let nobody = member.get("/api/join/000000000000").await;
    assert_eq!(code_of(&nobody), (410, "invitation_invalid"));
    let listed = town.leader.get(&path).await.body;
    assert_eq!(listed["invitations"].as_array().expect("a list").len(), 2);
    let drawn = format!("{path}/{}/qr.svg", id(&one["invitation"]));
    let drawn = town.leader.get(&drawn).await;
    assert_eq!(drawn.headers["content-type"], "image/svg+xml");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_leader_adds_and_removes_and_sees_who_took_part() {
    let mut town = Town::start().await;
    let group = found(&mut town.admin, "party_group", "第一党小组", &town.branch).await;
    let leading = person_of(&town, SECRETARY).await;
    register(&mut town.admin, &group, "韩舟然", SECRETARY).await;
    appoint(&mut town.admin, &group, &json!(leading), "group_leader").await;
    let mut leader = town.hub.signed_in(SECRETARY).await;
    let me = leader.get("/api/me").await.body;
    let places = me["places"].as_array().expect("a list");
    let place = places.iter().find(|place| place["organisation"]["organisation"] == group);
    let room = format!("/api/rooms/{}", id(&place.expect("the group")["room"]));
    let candidates = leader.get(&format!("{room}/candidates")).await.body;
    assert_eq!(candidates["candidates"][0]["name"], "林禾川");
    let stranger = json!({ "name": "苏溪然", "phone": STRANGER });
    let refused = leader.post(&format!("{room}/members"), stranger).await;
    assert_eq!(code_of(&refused), (409, "not_of_branch"));
    let person = candidates["candidates"][0]["person"].clone();
    let member = format!("{room}/members/{}", id(&person));
    let put = leader.send(http::Method::PUT, &member, Some(json!({}))).await;
    assert_eq!(
        (put.status.as_u16(), put.body["votes"].clone()),
        (200, json!(true)),
        "{}",
        put.body
    );
    let month = leader.get(&format!("{room}/participation?month=2026-11")).await.body;
    assert_eq!(month["members"].as_array().expect("a list").len(), 2);
    let bad = leader.get(&format!("{room}/participation?month=november")).await;
    assert_eq!(code_of(&bad), (400, "invalid_input"));
    let mut plain = town.hub.signed_in(MEMBER).await;
    assert_eq!(plain.get(&room).await.status, 200);
    assert_eq!(code_of(&plain.get(&format!("{room}/candidates")).await), (404, "not_found"));
    let removal = format!("{member}/removal");
    assert_eq!(
        code_of(&leader.post(&removal, json!({ "reason": "" })).await),
        (422, "reason_required")
    );
    assert_eq!(leader.post(&removal, json!({ "reason": "调整小组" })).await.status, 204);
    assert_eq!(code_of(&plain.get(&room).await), (404, "not_found"));
    assert_eq!(plain.get("/api/me").await.body["home"], "落霞村第一支部");
    // A joint branch takes anyone its leader knows.
    let add = json!({ "name": "苏溪然", "phone": STRANGER, "home_branch": "外县某村支部" });
    let added = town.leader.post(&town.path("/members"), add).await;
    assert_eq!(added.body["state"], "provisional", "{}", added.body);
    town.hub.stop().await;
}
