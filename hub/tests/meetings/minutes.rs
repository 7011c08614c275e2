//! Minutes from the record to the archive, and the chain behind them.

use serde_json::{Value, json};
use time::Duration;

use crate::town::{MEMBERS, RECORDER, SECRETARY, SUPERIOR, Town, code_of, id};

/// A meeting that was held and closed.
async fn held(town: &mut Town) -> String {
    let draft = town.draft(24 * 5);
    let meeting = town.gathering(draft).await;
    for phone in [SECRETARY, RECORDER, MEMBERS[0], MEMBERS[1]] {
        town.sign_in(phone, &meeting).await;
    }
    town.step(SECRETARY, &meeting, "open").await;
    let body = json!({ "cid": "v", "motion": "同意维修村道路灯", "way": "roll_call" });
    let called = town.post(SECRETARY, (&meeting, "/votes"), body).await.body;
    let vote = id(&called["votes"][0]["vote"]).to_owned();
    for phone in [SECRETARY, RECORDER, MEMBERS[0], MEMBERS[1]] {
        let path = format!("/votes/{vote}/ballot");
        town.put(phone, (&meeting, &path), json!({ "choice": "yes" })).await;
    }
    town.post(SECRETARY, (&meeting, &format!("/votes/{vote}/close")), json!({})).await;
    let closed = town.step(SECRETARY, &meeting, "close").await;
    assert_eq!(closed.status, 200, "{}", closed.body);
    meeting
}

async fn read(town: &mut Town, phone: &str, meeting: &str) -> Value {
    let read = town.get(phone, meeting, "/minutes").await;
    assert_eq!(read.status, 200, "{}", read.body);
    read.body
}

async fn sign(town: &mut Town, phone: &str, meeting: &str, hash: &Value) -> Value {
    let body = json!({ "hash": hash });
    let signed = town.post(phone, (meeting, "/minutes/signature"), body).await;
    assert_eq!(signed.status, 200, "{}", signed.body);
    signed.body
}

#[tokio::test]
async fn minutes_are_drafted_from_the_record_signed_by_two_and_archived() {
    let mut town = Town::start().await;
    let meeting = held(&mut town).await;
    let draft = read(&mut town, RECORDER, &meeting).await;
    let text = id(&draft["text"]).to_owned();
    for part in ["第四季度党员大会会议记录", "应到6人，实到4人", "赞成4票，反对0票，弃权0票，通过"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(draft["version"], 0);
    let path = (meeting.as_str(), "/minutes");
    let body = json!({ "version": 0, "text": format!("{text}\n路灯下月修好。") });
    let outside = town.put(MEMBERS[0], path, body.clone()).await;
    assert_eq!(code_of(&outside), (404, "not_found"), "the recorder and the chair write");
    let first = town.put(RECORDER, path, body.clone()).await;
    assert_eq!(first.body["version"], 1, "{}", first.body);
    let stale = town.put(SECRETARY, path, body).await;
    assert_eq!(code_of(&stale), (409, "conflict"), "somebody wrote meanwhile");
    let hash = first.body["hash"].clone();
    // The sign-ins of the test are five days old.
    let old = town.post(RECORDER, (&meeting, "/minutes/signature"), json!({ "hash": hash })).await;
    assert_eq!(code_of(&old), (401, "fresh_sign_in_required"));
    town.renew(RECORDER).await;
    town.renew(SECRETARY).await;
    let other = json!({ "hash": "00".repeat(32) });
    let unseen = town.post(RECORDER, (&meeting, "/minutes/signature"), other).await;
    assert_eq!(code_of(&unseen), (409, "conflict"), "one signs what was on the screen");
    sign(&mut town, RECORDER, &meeting, &hash).await;
    let edited = json!({ "version": 1, "text": "改过的记录" });
    let second = town.put(SECRETARY, path, edited).await.body;
    assert_eq!(second["signatures"], json!([]), "a changed text is not signed: {second}");
    sign(&mut town, RECORDER, &meeting, &second["hash"]).await;
    let signed = sign(&mut town, SECRETARY, &meeting, &second["hash"]).await;
    assert_eq!(signed["state"], "signed", "{signed}");
    let late = town.put(SECRETARY, path, json!({ "version": 2, "text": "x" })).await;
    assert_eq!(code_of(&late), (409, "step_not_allowed"), "read-only");
    let desk = format!("/api/desk/meetings/{meeting}/minutes");
    let reason = json!({ "reason": "请补充请假原因" });
    let back = town.browser(SUPERIOR).post(&format!("{desk}/return"), reason).await;
    assert_eq!(back.body["summary"]["state"], "minutes_draft", "{}", back.body);
    assert_eq!(town.notices(RECORDER).await.last().map(String::as_str), Some("minutes_returned"));
    let returned = read(&mut town, RECORDER, &meeting).await;
    assert_eq!((&returned["version"], &returned["signatures"]), (&json!(3), &json!([])));
    for phone in [RECORDER, SECRETARY] {
        sign(&mut town, phone, &meeting, &returned["hash"]).await;
    }
    let archived = town.browser(SUPERIOR).post(&format!("{desk}/archive"), json!({})).await;
    assert_eq!(archived.body["summary"]["state"], "archived", "{}", archived.body);
    let again =
        town.browser(SUPERIOR).post(&format!("{desk}/return"), json!({ "reason": "x" })).await;
    assert_eq!(code_of(&again), (409, "step_not_allowed"));
    let kept = read(&mut town, MEMBERS[2], &meeting).await;
    assert_eq!(kept["text"], "改过的记录");
    assert_eq!(kept["signatures"].as_array().map(Vec::len), Some(2));
    town.hub.stop().await;
}

#[tokio::test]
async fn every_step_stands_in_the_chain_and_the_chain_can_not_be_changed() {
    let mut town = Town::start().await;
    let meeting = held(&mut town).await;
    let log = read(&mut town, SECRETARY, &meeting).await["log"].clone();
    let log: Vec<&str> = log.as_array().expect("a log").iter().map(|l| id(&l["text"])).collect();
    for part in
        ["发出党员大会通知", "开始签到", "韩舟然签到", "宣布开会", "第1次表决结束", "宣布散会"]
    {
        assert!(log.iter().any(|line| line.contains(part)), "{part}: {log:#?}");
    }
    for statement in [
        "UPDATE audit_record SET detail = 'x'",
        "DELETE FROM audit_record",
        "TRUNCATE audit_record",
        "UPDATE meeting_ballot SET choice = 'no'",
        "DELETE FROM meeting_ballot",
    ] {
        let done = sqlx::query(statement).execute(&town.hub.app.db).await;
        let error = done.expect_err(statement).to_string();
        assert!(error.contains("only ever added"), "{statement}: {error}");
    }
    town.pass(Duration::ZERO).await;
    town.hub.stop().await;
}
