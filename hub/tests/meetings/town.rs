//! A township with a branch of seven, one of them probationary, and everybody's browsers.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub::app::MockClock;
use hub::features::meetings;
use hub::testing::{TestAnswer, TestBrowser, TestHub, found};
use serde_json::{Value, json};
use time::Duration;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

pub const ADMIN: &str = "10000000200";
pub const SECRETARY: &str = "10000000201";
pub const RECORDER: &str = "10000000202";
pub const DEPUTY: &str = "10000000203";
pub const MEMBERS: [&str; 3] = ["10000000204", "10000000205", "10000000206"];
pub const PROBATIONARY: &str = "10000000207";
pub const SUPERIOR: &str = "10000000208";

/// Everyone of the branch, with their names.
const BRANCH: [(&str, &str); 7] = [
    (SECRETARY, "韩舟然"),
    (RECORDER, "林禾川"),
    (DEPUTY, "沈可朗"),
    (MEMBERS[0], "江一宁"),
    (MEMBERS[1], "苏溪然"),
    (MEMBERS[2], "欧阳可舟"),
    (PROBATIONARY, "司徒安"),
];

pub fn code_of(answer: &TestAnswer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

pub fn id(value: &Value) -> &str {
    value.as_str().expect("an id")
}

pub struct Town {
    pub hub: TestHub,
    pub clock: Arc<MockClock>,
    pub branch: Value,
    /// By number.
    pub people: BTreeMap<&'static str, Value>,
    pub browsers: BTreeMap<&'static str, TestBrowser>,
}

impl Town {
    pub async fn start() -> Self {
        // A Tuesday, 9:00 in Shanghai.
        let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
        hub.administrator("司徒宁安", ADMIN).await;
        let mut admin = hub.at_desk(ADMIN).await;
        let county = found(&mut admin, "county_committee", "云禾县委", &Value::Null).await;
        let town = found(&mut admin, "grassroots_committee", "听澜镇党委", &county).await;
        let branch = found(&mut admin, "branch", "落霞村第一支部", &town).await;
        let other = found(&mut admin, "branch", "枫浦村支部", &town).await;
        let mut people = BTreeMap::new();
        for (phone, name) in BRANCH {
            let standing = if phone == PROBATIONARY { "probationary" } else { "full" };
            people.insert(phone, register(&mut admin, (&branch, standing), name, phone).await);
        }
        let superior = register(&mut admin, (&other, "full"), "江溪宁", SUPERIOR).await;
        appoint(&mut admin, (&town, "secretary"), &superior).await;
        appoint(&mut admin, (&branch, "secretary"), &people[SECRETARY]).await;
        appoint(&mut admin, (&branch, "deputy_secretary"), &people[DEPUTY]).await;
        people.insert(SUPERIOR, superior);
        let mut browsers = BTreeMap::new();
        for (phone, person) in &people {
            if [SECRETARY, SUPERIOR].contains(phone) {
                let person = serde_json::from_value(person.clone()).expect("an id");
                hub.give_second_factor(person).await;
                browsers.insert(*phone, hub.at_desk(phone).await);
            } else {
                browsers.insert(*phone, hub.signed_in(phone).await);
            }
        }
        Self { hub, clock, branch, people, browsers }
    }

    pub fn browser(&mut self, phone: &str) -> &mut TestBrowser {
        self.browsers.get_mut(phone).expect("somebody of the town")
    }

    /// In so many hours, as the contract writes a moment.
    pub fn in_hours(&self, hours: i64) -> String {
        let at = self.hub.app.clock.now() + Duration::hours(hours);
        at.format(&Rfc3339).expect("a moment")
    }

    /// A draft of a members' meeting in so many hours.
    pub fn draft(&self, hours: i64) -> Value {
        json!({
            "organisation": self.branch,
            "kind": "members_meeting",
            "title": "第四季度党员大会",
            "starts_at": self.in_hours(hours),
            "place": "村活动室",
            "chair": self.people[SECRETARY],
            "recorder": self.people[RECORDER],
            "agenda": [
                { "title": "通报上季度工作", "minutes": 20 },
                { "title": "表决村道路灯维修事项" },
            ],
        })
    }

    /// Makes a draft and sends its notice.
    pub async fn called(&mut self, draft: Value) -> String {
        let secretary = self.browser(SECRETARY);
        let made = secretary.post("/api/desk/meetings", draft).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let meeting = id(&made.body["summary"]["meeting"]).to_owned();
        let sent = secretary.post(&format!("/api/desk/meetings/{meeting}/notice"), json!({})).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        meeting
    }

    /// A meeting whose sign-in is open, ten minutes before its beginning.
    pub async fn gathering(&mut self, draft: Value) -> String {
        let meeting = self.called(draft.clone()).await;
        let starts = time::OffsetDateTime::parse(id(&draft["starts_at"]), &Rfc3339).expect("given");
        let wait = starts - self.hub.app.clock.now() - Duration::minutes(10);
        self.pass(wait).await;
        meeting
    }

    /// Time passes, and the clock of the meetings looks. Whoever is at the desk keeps it open.
    pub async fn pass(&mut self, span: Duration) {
        self.clock.advance(span);
        meetings::run_due(&self.hub.app).await.expect("looked");
        if span < Duration::minutes(1) {
            return;
        }
        for phone in [SECRETARY, SUPERIOR] {
            let code = self.hub.second_factor();
            let desk = self.browser(phone).post("/api/desk", json!({ "code": code })).await;
            assert_eq!(desk.status, 200, "{}", desk.body);
        }
    }

    pub async fn get(&mut self, phone: &str, meeting: &str, rest: &str) -> TestAnswer {
        self.browser(phone).get(&format!("/api/meetings/{meeting}{rest}")).await
    }

    pub async fn post(&mut self, phone: &str, path: (&str, &str), body: Value) -> TestAnswer {
        self.browser(phone).post(&format!("/api/meetings/{}{}", path.0, path.1), body).await
    }

    pub async fn put(&mut self, phone: &str, path: (&str, &str), body: Value) -> TestAnswer {
        self.browser(phone).put(&format!("/api/meetings/{}{}", path.0, path.1), body).await
    }

    /// Signs in; answers with the meeting.
    pub async fn sign_in(&mut self, phone: &str, meeting: &str) -> Value {
        let there = self.post(phone, (meeting, "/sign-in"), json!({})).await;
        assert_eq!(there.status, 200, "{}", there.body);
        there.body
    }

    /// Signs somebody in anew, by a one-time code just now.
    pub async fn renew(&mut self, phone: &'static str) {
        let desk = [SECRETARY, SUPERIOR].contains(&phone);
        // A code works once.
        self.clock.advance(Duration::seconds(30));
        let browser =
            if desk { self.hub.at_desk(phone).await } else { self.hub.signed_in(phone).await };
        self.browsers.insert(phone, browser);
    }

    /// A step of the chair that is taken.
    pub async fn step(&mut self, phone: &str, meeting: &str, step: &str) -> TestAnswer {
        let body = json!({ "step": step, "reason": "到会人数不足" });
        self.post(phone, (meeting, "/steps"), body).await
    }

    /// Kinds of the notices about meetings in somebody's inbox, oldest first.
    pub async fn notices(&self, phone: &str) -> Vec<String> {
        let person: uuid::Uuid = id(&self.people[phone]).parse().expect("an id");
        let bodies = sqlx::query_scalar::<_, String>(
            "SELECT body FROM event WHERE room = $1 AND kind = 23 ORDER BY seq",
        )
        .bind(person)
        .fetch_all(&self.hub.app.db)
        .await
        .expect("read");
        let notices = bodies.iter().map(|body| serde_json::from_str::<Value>(body).expect("JSON"));
        let of_meetings = notices.filter(|notice| notice["meeting"].is_string());
        of_meetings.map(|notice| id(&notice["notice"]).to_owned()).collect()
    }

    /// Words of the events in the room of a meeting, oldest first.
    pub async fn events(&self, meeting: &str) -> Vec<i16> {
        let room: uuid::Uuid = meeting.parse().expect("an id");
        sqlx::query_scalar::<_, i16>("SELECT kind FROM event WHERE room = $1 ORDER BY seq")
            .bind(room)
            .fetch_all(&self.hub.app.db)
            .await
            .expect("read")
    }
}

async fn register(
    admin: &mut TestBrowser,
    (at, standing): (&Value, &str),
    name: &str,
    phone: &str,
) -> Value {
    let path = format!("/api/admin/organisations/{}/members", id(at));
    let body = json!({ "name": name, "phone": phone, "standing": standing, "reason": "名册登记" });
    let row = admin.post(&path, body).await;
    assert_eq!(row.status, 201, "{}", row.body);
    row.body["person"].clone()
}

async fn appoint(admin: &mut TestBrowser, (at, kind): (&Value, &str), person: &Value) {
    let body = json!({ "person": person, "kind": kind, "reason": "选举结果" });
    let path = format!("/api/admin/organisations/{}/posts", id(at));
    let given = admin.post(&path, body).await;
    assert_eq!(given.status, 201, "{}", given.body);
}

/// The line of a person on the roll of a meeting.
pub fn line<'a>(meeting: &'a Value, person: &Value) -> &'a Value {
    let roll = meeting["roll"].as_array().expect("a roll");
    roll.iter().find(|line| line["person"] == *person).expect("on the roll")
}

/// State, expected, present, connected of a lamp.
pub fn figures(lamp: &Value) -> (String, i64, i64, i64) {
    let of = |name: &str| lamp[name].as_i64().expect("a figure");
    (id(&lamp["state"]).to_owned(), of("expected"), of("present"), of("connected"))
}
