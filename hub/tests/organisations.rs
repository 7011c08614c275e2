//! The organisation tree, members, posts and policies through the doors of a whole hub, and the
//! invariants that its database keeps.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

use hub::testing::{TestAnswer, TestBrowser, TestHub, found};
use serde_json::{Value, json};
use time::Duration;
use time::macros::datetime;

const ADMIN: &str = "10000000100";

fn code_of(answer: &TestAnswer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

/// A hub with an administrator at the desk and the tree county – township – branch.
async fn township() -> (TestHub, TestBrowser, Value, Value) {
    let (hub, _) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
    hub.administrator("司徒宁安", ADMIN).await;
    let mut admin = hub.at_desk(ADMIN).await;
    let county = found(&mut admin, "county_committee", "中共云禾县委员会", &Value::Null).await;
    let town = found(&mut admin, "grassroots_committee", "中共云禾县听澜镇委员会", &county).await;
    let branch = found(&mut admin, "branch", "中共落霞村第一支部委员会", &town).await;
    (hub, admin, town, branch)
}

async fn register(admin: &mut TestBrowser, at: &Value, name: &str, phone: &str) -> TestAnswer {
    let path = format!("/api/admin/organisations/{}/members", at.as_str().expect("an id"));
    let body = json!({ "name": name, "phone": phone, "standing": "full", "reason": "名册登记" });
    admin.post(&path, body).await
}

fn path(of: &Value, rest: &str) -> String {
    format!("/api/admin/organisations/{}{rest}", of.as_str().expect("an id"))
}

#[tokio::test]
async fn the_tree_refuses_what_has_no_place_and_keeps_its_history() {
    let (hub, mut admin, town, branch) = township().await;
    let misplaced = json!({ "kind": "party_group", "name": "第一党小组", "parent": town,
                            "reason": "支部决定" });
    let refused = admin.post("/api/admin/organisations", misplaced).await;
    assert_eq!(code_of(&refused), (422, "place_not_allowed"));
    let renamed = json!({ "name": "中共落霞村支部委员会", "reason": "更名" });
    let page = admin.patch(&path(&branch, ""), renamed).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let history = page.body["history"].as_array().expect("a list");
    assert_eq!(history.len(), 2);
    assert_eq!(history[0]["name"], "中共落霞村第一支部委员会");
    assert!(history[0]["until"].is_string());
    assert_eq!(history[1]["name"], "中共落霞村支部委员会");
    assert_eq!(page.body["path"].as_array().expect("a list").len(), 3);
    let in_use = admin.post(&path(&town, "/dissolution"), json!({ "reason": "撤销" })).await;
    assert_eq!(code_of(&in_use), (409, "organisation_in_use"));
    let gone = admin.post(&path(&branch, "/dissolution"), json!({ "reason": "撤销" })).await;
    assert_eq!(gone.status, 200, "{}", gone.body);
    let below = format!("/api/admin/organisations?parent={}", town.as_str().expect("an id"));
    assert_eq!(admin.get(&below).await.body["organisations"], json!([]));
    hub.stop().await;
}

#[tokio::test]
async fn an_administrator_reads_how_the_installation_is_and_nobody_else_does() {
    let (hub, mut admin, _town, branch) = township().await;
    register(&mut admin, &branch, "林禾川", "10000000101").await;
    let health = admin.get("/api/admin/health").await;
    assert_eq!(health.status, 200, "{}", health.body);
    assert_eq!(health.body["current"], true);
    assert_eq!(health.body["organisations"], 3);
    assert_eq!(health.body["people"], 2);
    assert!(health.body["database_bytes"].as_i64() > Some(0), "{}", health.body);
    let member = hub.signed_in("10000000101").await.get("/api/admin/health").await;
    assert_eq!(code_of(&member), (404, "not_found"));
    hub.stop().await;
}

#[tokio::test]
async fn a_member_of_a_group_has_its_room_and_loses_it_with_the_home() {
    let (hub, mut admin, town, branch) = township().await;
    let other = found(&mut admin, "branch", "中共枫浦村支部委员会", &town).await;
    let group = found(&mut admin, "party_group", "第一党小组", &branch).await;
    let early = register(&mut admin, &group, "林禾川", "10000000101").await;
    assert_eq!(code_of(&early), (409, "not_of_branch"));
    let row = register(&mut admin, &branch, "林禾川", "10000000101").await;
    assert_eq!(row.status, 201, "{}", row.body);
    assert_eq!(row.body["phone_masked"], "100****0101");
    let row = register(&mut admin, &group, "林禾川", "10000000101").await;
    assert_eq!(row.status, 201, "{}", row.body);
    let person = row.body["person"].clone();
    let mut member = hub.signed_in("10000000101").await;
    let me = member.get("/api/me").await.body;
    assert_eq!(me["home"], "中共落霞村第一支部委员会");
    assert_eq!(me["places"][0]["affiliation"], "home");
    assert_eq!(me["places"][1]["role"], "member");
    let lead = json!({ "person": person, "kind": "group_leader", "reason": "小组推选" });
    let post = admin.post(&path(&group, "/posts"), lead).await;
    assert_eq!(post.status, 201, "{}", post.body);
    assert_eq!(member.get("/api/me").await.body["places"][1]["role"], "leader");
    let twice = register(&mut admin, &other, "林禾川", "10000000101").await;
    assert_eq!(code_of(&twice), (409, "conflict"));
    let name = register(&mut admin, &other, "林一舟", "10000000101").await;
    assert_eq!(code_of(&name), (409, "name_differs"));
    let to = json!({ "organisation": other, "reason": "介绍信第7号" });
    let moved = admin
        .post(&format!("/api/admin/people/{}/home", person.as_str().expect("an id")), to)
        .await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    let me = member.get("/api/me").await.body;
    assert_eq!(me["home"], "中共枫浦村支部委员会");
    assert_eq!(me["places"].as_array().expect("a list").len(), 1);
    hub.stop().await;
}

#[tokio::test]
async fn the_database_refuses_a_second_home_a_homeless_member_and_a_rewritten_history() {
    let (hub, mut admin, town, branch) = township().await;
    let other = found(&mut admin, "branch", "中共枫浦村支部委员会", &town).await;
    register(&mut admin, &branch, "林禾川", "10000000101").await;
    let other: uuid::Uuid = serde_json::from_value(other).expect("an id");
    let broken = |sql: &'static str, other: Option<uuid::Uuid>| {
        let db = hub.app.db.clone();
        async move {
            let mut transaction = db.begin().await.expect("begun");
            let query = sqlx::query(sql);
            let query = if let Some(other) = other { query.bind(other) } else { query };
            let done = match query.execute(&mut *transaction).await {
                Ok(_) => transaction.commit().await,
                Err(error) => Err(error),
            };
            let error = done.expect_err(sql);
            let error = error.as_database_error().expect("of the database");
            error.constraint().unwrap_or_default().to_owned()
        }
    };
    let second = "INSERT INTO affiliation (id, person, organisation, of_kind, kind, from_at, begun_reason)
                  SELECT gen_random_uuid(), person, $1, 'branch', 'home', now(), 'x' FROM party_member";
    assert_eq!(broken(second, Some(other)).await, "affiliation_one_home");
    let homeless = "UPDATE affiliation SET until_at = now(), ended_reason = 'x'";
    assert_eq!(broken(homeless, None).await, "party_member_one_home");
    let both = "UPDATE party_member SET home_elsewhere = '外地支部'";
    assert_eq!(broken(both, None).await, "party_member_one_home");
    let rewritten = "UPDATE organisation_version SET name = 'x'";
    assert_eq!(broken(rewritten, None).await, "history_keep");
    let erased = "DELETE FROM affiliation";
    assert_eq!(broken(erased, None).await, "history_keep");
    let dissolved = "UPDATE organisation SET dissolved_on = '2100-01-01' WHERE kind = 'branch'";
    assert_eq!(broken(dissolved, None).await, "affiliation_organisation_open");
    hub.stop().await;
}

#[tokio::test]
async fn the_desk_opens_with_a_second_factor_and_closes_after_half_an_hour_without_use() {
    let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
    hub.administrator("司徒宁安", ADMIN).await;
    let mut admin = hub.signed_in(ADMIN).await;
    let closed = admin.get("/api/admin/policies").await;
    assert_eq!(code_of(&closed), (401, "second_factor_required"));
    let code = hub.second_factor();
    let desk = admin.post("/api/desk", json!({ "code": code })).await;
    assert_eq!(desk.body["open_until"], "2026-11-24T01:30:00Z", "{}", desk.body);
    let again = admin.post("/api/desk", json!({ "code": code })).await;
    assert_eq!(code_of(&again), (422, "second_factor_wrong"));
    for minutes in [29, 29] {
        clock.advance(Duration::minutes(minutes));
        assert_eq!(admin.get("/api/admin/policies").await.status, 200);
    }
    clock.advance(Duration::minutes(30));
    let idle = admin.get("/api/admin/policies").await;
    assert_eq!(code_of(&idle), (401, "second_factor_required"));
    // A member who administers nothing may not know that there is anything.
    hub.account("林禾川", "10000000101").await;
    let mut member = hub.signed_in("10000000101").await;
    assert_eq!(code_of(&member.get("/api/admin/policies").await), (404, "not_found"));
    assert_eq!(
        code_of(&member.post("/api/desk/second-factor", json!({})).await),
        (404, "not_found")
    );
    hub.stop().await;
}

#[tokio::test]
async fn five_wrong_codes_of_a_second_factor_give_it_a_rest() {
    let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
    hub.administrator("司徒宁安", ADMIN).await;
    let mut admin = hub.signed_in(ADMIN).await;
    for _ in 0..5 {
        let wrong = admin.post("/api/desk", json!({ "code": "abc" })).await;
        assert_eq!(code_of(&wrong), (422, "second_factor_wrong"));
    }
    let code = hub.second_factor();
    let resting = admin.post("/api/desk", json!({ "code": code })).await;
    assert_eq!(code_of(&resting), (429, "too_many_requests"));
    clock.advance(Duration::minutes(5));
    let code = hub.second_factor();
    assert_eq!(admin.post("/api/desk", json!({ "code": code })).await.status, 200);
    hub.stop().await;
}

#[tokio::test]
async fn a_whole_number_is_shown_after_a_fresh_proof_and_its_owner_is_told_why() {
    let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
    hub.administrator("司徒宁安", ADMIN).await;
    let person = hub.account("林禾川", "10000000101").await;
    let mut admin = hub.at_desk(ADMIN).await;
    clock.advance(Duration::minutes(6));
    let path = format!("/api/admin/people/{person}/phone");
    let stale = admin.post(&path, json!({ "reason": "电话核对" })).await;
    assert_eq!(code_of(&stale), (401, "second_factor_required"));
    let code = hub.second_factor();
    admin.post("/api/desk", json!({ "code": code })).await;
    let unreasoned = admin.post(&path, json!({ "reason": " " })).await;
    assert_eq!(code_of(&unreasoned), (422, "reason_required"));
    let shown = admin.post(&path, json!({ "reason": "电话核对" })).await;
    assert_eq!(shown.body["phone"], "10000000101", "{}", shown.body);
    let told =
        sqlx::query_scalar::<_, String>("SELECT body FROM event WHERE room = $1 AND kind = 23")
            .bind(person.uuid())
            .fetch_one(&hub.app.db)
            .await
            .expect("a notice");
    assert!(told.contains("phone_seen") && told.contains("电话核对"), "{told}");
    hub.stop().await;
}

#[tokio::test]
async fn a_policy_counts_from_its_day_on_and_the_nearest_organisation_wins() {
    let (hub, mut admin, town, branch) = township().await;
    let set = |scope: Value, value: i64| {
        json!({ "key": "branch.members_max", "scope": scope, "effective_from": "2026-11-24",
                "value": value, "source": "县委组织部通知" })
    };
    let made = admin.post("/api/admin/policies", set(town.clone(), 1)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let twice = admin.post("/api/admin/policies", set(town, 2)).await;
    assert_eq!(code_of(&twice), (409, "conflict"));
    let low = admin.post("/api/admin/policies", set(Value::Null, 0)).await;
    assert_eq!(code_of(&low), (400, "invalid_input"));
    for n in 1..=2 {
        register(&mut admin, &branch, &format!("林禾川{n}"), &format!("1000000020{n}")).await;
    }
    let page = admin.get(&path(&branch, "")).await.body;
    let warnings = page["warnings"].as_array().expect("a list");
    assert!(warnings.contains(&json!("branch_over_size")), "{page}");
    let calendar = admin.get("/api/admin/calendar?year=2026").await.body;
    assert_eq!(calendar["days"].as_array().expect("a list").len(), 39);
    let day = json!({ "day": "2027-01-01", "working": false, "name": "元旦" });
    assert_eq!(admin.put("/api/admin/calendar", day).await.status, 204);
    let next = admin.get("/api/admin/calendar?year=2027").await.body;
    assert_eq!(next["days"][0]["name"], "元旦");
    hub.stop().await;
}
