//! The demo county, and those who try things in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub::auth::Role;
use hub::features::demo::{self, Place, Plan};
use hub::features::{accounts, delegates};
use hub::testing::{TestBrowser, TestHub};
use serde_json::{Value, json};
use signaling::{DeviceId, PersonId};

/// How far somebody has come to the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    Closed,
    Open,
    /// Open, with a proof that is too old for the most sensitive things.
    Stale,
}

/// Somebody who tries things.
#[derive(Clone, Debug)]
pub struct Subject {
    pub name: &'static str,
    /// `None`: nobody who is signed in.
    pub person: Option<PersonId>,
    /// Over the first party group, its room and its branch.
    pub roles: &'static [Role],
    /// In the room of that group.
    pub inside: bool,
    pub desk: Desk,
}

const fn subject(name: &'static str, roles: &'static [Role], inside: bool, desk: Desk) -> Subject {
    Subject { name, person: None, roles, inside, desk }
}

/// Everyone: each role over the object, the same roles elsewhere, and officers without their desks.
/// The number is that of the demo data.
const SUBJECTS: &[(u32, Subject)] = &[
    (0, subject("nobody", &[], false, Desk::Closed)),
    (36, subject("stranger", &[], false, Desk::Open)),
    (2, subject("member", &[Role::Member], true, Desk::Open)),
    (1, subject("leader", &[Role::Leader, Role::Member], true, Desk::Open)),
    (24, subject("secretary", &[Role::Secretary], false, Desk::Open)),
    (17, subject("superior", &[Role::Superior], false, Desk::Open)),
    (ADMINISTRATOR, subject("administrator", &[Role::Admin], false, Desk::Open)),
    (10, subject("reviewer of a board", &[Role::Member, Role::Reviewer], true, Desk::Open)),
    (11, subject("handler of an office", &[Role::Member, Role::Handler], true, Desk::Open)),
    (12, subject("decider of a board", &[Role::Member, Role::Decider], true, Desk::Open)),
    (90_002, subject("delegate", &[Role::Delegate], false, Desk::Open)),
    (90_004, subject("liaison office", &[Role::Liaison], false, Desk::Open)),
    (90_005, subject("constituent", &[], false, Desk::Open)),
    (90_006, subject("former delegate", &[], false, Desk::Open)),
    (90_002, subject("delegate without the desk", &[Role::Delegate], false, Desk::Closed)),
    (31, subject("leader of another group", &[], false, Desk::Open)),
    (33, subject("secretary of another branch", &[], false, Desk::Open)),
    (18, subject("superior of another town", &[], false, Desk::Open)),
    (24, subject("secretary without the desk", &[Role::Secretary], false, Desk::Closed)),
    (ADMINISTRATOR, subject("administrator without the desk", &[Role::Admin], false, Desk::Closed)),
    (ADMINISTRATOR, subject("administrator after a while", &[Role::Admin], false, Desk::Stale)),
];
const ADMINISTRATOR: u32 = 99_999;

/// Ids of what is tried on.
pub struct World {
    pub hub: TestHub,
    pub subjects: Vec<Subject>,
    pub room: Value,
    pub branch: Value,
    pub joint_code: String,
    /// A case of the member at the joint branch that is over and done.
    pub settled_join: Value,
    /// A request of the stranger at the first group.
    pub waiting_join: Value,
    /// The post of the secretary.
    pub post: Value,
    /// Number in the room's log of a message of the member, and of one of the leader.
    pub messages: [i64; 2],
    pub phone_of_member: String,
    /// A public post that the handler's office works on, and one that is not public.
    pub board_posts: [i64; 2],
    /// Of the delegate: one that an office has, and one that the liaison office has to decide about.
    pub threads: [Value; 2],
    /// The first party group, and a meeting that it was called to.
    pub group: Value,
    pub meeting: Value,
    /// The delegate, and the code of a station of theirs.
    pub delegate: (Value, String),
}

fn phone(number: u32) -> String {
    if number == ADMINISTRATOR { format!("100{:08}", 0) } else { format!("100{number:08}") }
}

impl World {
    /// Makes the county and what is tried on.
    pub async fn make(hub: TestHub) -> Self {
        let plan = Plan { members: 60, ..Plan::of_week(hub.app.clock.now()) };
        let place =
            Place { db: &hub.app.db, keys: &hub.app.keys, timeline: hub.app.timeline.as_ref() };
        let made = demo::ensure(place, plan, hub.app.clock.now()).await.expect("made");
        let mut subjects = Vec::new();
        for (number, subject) in SUBJECTS {
            let person = match number {
                0 => None,
                number => Some(person_of(&hub, &phone(*number)).await),
            };
            subjects.push(Subject { person, ..subject.clone() });
        }
        let member = person_of(&hub, &phone(2)).await;
        let room = sqlx::query_as::<_, (uuid::Uuid, uuid::Uuid)>(
            "SELECT o.room, g.branch FROM group_member g
             JOIN organisation o ON o.id = g.party_group WHERE g.person = $1 AND g.in_force",
        )
        .bind(member.uuid())
        .fetch_one(&hub.app.db)
        .await
        .expect("in a group");
        let mut world = Self {
            hub,
            subjects,
            room: json!(room.0),
            branch: json!(room.1),
            joint_code: made.invitation.expect("made just now"),
            settled_join: Value::Null,
            waiting_join: Value::Null,
            post: Value::Null,
            messages: [0; 2],
            phone_of_member: phone(2),
            board_posts: [0; 2],
            threads: [Value::Null, Value::Null],
            group: Value::Null,
            meeting: Value::Null,
            delegate: (Value::Null, String::new()),
        };
        world.prepare(member).await;
        world
    }

    async fn prepare(&mut self, member: PersonId) {
        self.board_posts = self.board_posts().await;
        self.delegates().await;
        self.settled_join = self.one("SELECT id FROM join_case WHERE person = $1", member).await;
        let secretary = self.person("secretary");
        let mut admin = self.browser(self.person("administrator"), Desk::Open).await;
        let body = json!({ "person": secretary, "kind": "deputy_secretary", "reason": "选举" });
        let posts = format!("/api/admin/organisations/{}/posts", text(&self.branch));
        let post = admin.post(&posts, body).await;
        assert_eq!(post.status, 201, "{}", post.body);
        self.post = post.body["post"].clone();
        self.meeting(member).await;
        let mut leader = self.browser(self.person("leader"), Desk::Closed).await;
        let invitations = format!("/api/rooms/{}/invitations", text(&self.room));
        let made = leader.post(&invitations, json!({})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let mut stranger = self.browser(self.person("stranger"), Desk::Closed).await;
        let link = format!("/api/join/{}", text(&made.body["code"]));
        let asked = stranger.post(&link, json!({})).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        self.waiting_join = asked.body["join"].clone();
        for (place, author) in ["member", "leader"].into_iter().enumerate() {
            let seq = sqlx::query_scalar::<_, i64>(
                "SELECT min(seq) FROM event WHERE author = $1 AND cid LIKE 'demo-%'
                 AND room = $2",
            )
            .bind(self.person(author).uuid())
            .bind(uuid(&self.room))
            .fetch_one(&self.hub.app.db);
            self.messages[place] = seq.await.expect("spoke");
        }
    }

    /// The first group is called to a meeting.
    async fn meeting(&mut self, member: PersonId) {
        let group = "SELECT party_group FROM group_member WHERE person = $1 AND in_force";
        self.group = self.one(group, member).await;
        let recorder = person_of(&self.hub, &phone(5)).await;
        let starts_at = self.hub.app.clock.now() + time::Duration::days(5);
        let starts_at = starts_at.format(&time::format_description::well_known::Rfc3339);
        let draft = json!({
            "organisation": self.group, "kind": "group_meeting", "title": "防汛值班安排",
            "starts_at": starts_at.expect("a moment"), "chair": self.person("leader"),
            "recorder": recorder, "agenda": [{ "title": "值班安排" }],
        });
        let mut secretary = self.browser(self.person("secretary"), Desk::Open).await;
        let made = secretary.post("/api/desk/meetings", draft).await;
        assert_eq!(made.status, 201, "{}", made.body);
        self.meeting = made.body["summary"]["meeting"].clone();
        let notice = format!("/api/desk/meetings/{}/notice", text(&self.meeting));
        let sent = secretary.post(&notice, json!({})).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
    }

    /// Numbers of board posts in these states.
    async fn board_posts(&self) -> [i64; 2] {
        let mut numbers = [0; 2];
        for (number, state) in numbers.iter_mut().zip(["in_progress", "accepted"]) {
            let found = sqlx::query_scalar::<_, i64>(
                "SELECT number FROM board_post WHERE state = $1 ORDER BY number LIMIT 1",
            )
            .bind(state)
            .fetch_one(&self.hub.app.db);
            *number = found.await.expect("a post of the demo data");
        }
        numbers
    }

    /// The term that is over ends, so that the liaison office has its matter.
    async fn delegates(&mut self) {
        delegates::run_due(&self.hub.app).await.expect("looked");
        let delegate = self.person("delegate");
        let term = self.one("SELECT id FROM delegate WHERE person = $1", delegate).await;
        let station = "SELECT s.id FROM delegate_station s JOIN delegate d
                       ON d.organisation = s.organisation WHERE d.person = $1";
        let station = self.one(station, delegate).await;
        let code = delegates::code_of(&self.hub.app.keys, uuid(&term), uuid(&station));
        self.delegate = (term, code);
        let with_office = "SELECT t.id FROM delegate_thread t JOIN delegate d ON d.id = t.delegate
                           WHERE d.person = $1 AND t.state = 'with_office'";
        let orphan = "SELECT t.id FROM delegate_thread t JOIN delegate d ON d.id = t.delegate
                      WHERE d.person = $1 AND t.holder = 'liaison'";
        let former = self.person("former delegate");
        self.threads = [self.one(with_office, delegate).await, self.one(orphan, former).await];
    }

    async fn one(&self, sql: &'static str, of: PersonId) -> Value {
        let query = sqlx::query_scalar::<_, uuid::Uuid>(sql).bind(of.uuid());
        json!(query.fetch_one(&self.hub.app.db).await.expect("one row"))
    }

    pub fn person(&self, name: &str) -> PersonId {
        let subject = self.subjects.iter().find(|subject| subject.name == name);
        subject.and_then(|subject| subject.person).expect("a subject who is somebody")
    }

    /// A new device of a person; the cookie that opens it.
    pub async fn device(&self, person: PersonId, desk: Desk) -> (DeviceId, String) {
        let app = &self.hub.app;
        let device = DeviceId(app.ids.next());
        let mut secret = [0_u8; 32];
        app.chance.fill(&mut secret);
        let mac = app.keys.session.sign(&[b"session", &secret]);
        let now = app.clock.now();
        let desk_at = (desk != Desk::Closed).then_some(now);
        let proven_at = match desk {
            Desk::Open => Some(now),
            Desk::Stale => Some(now - time::Duration::minutes(6)),
            Desk::Closed => None,
        };
        sqlx::query(
            "INSERT INTO device_session
                 (id, person, secret, name, created_at, last_seen_at, desk_seen_at, proven_at)
             VALUES ($1, $2, $3, 'test', $4, $4, $5, $6)",
        )
        .bind(device.uuid())
        .bind(person.uuid())
        .bind(mac.as_slice())
        .bind(now)
        .bind(desk_at)
        .bind(proven_at)
        .execute(&app.db)
        .await
        .expect("a device");
        (device, URL_SAFE_NO_PAD.encode(secret))
    }

    /// A browser with a new device of a person.
    pub async fn browser(&self, person: PersonId, desk: Desk) -> TestBrowser {
        let mut browser = self.hub.browser();
        browser.keep(self.hub.app.cookies.session_name(), &self.device(person, desk).await.1);
        browser
    }
}

async fn person_of(hub: &TestHub, phone: &str) -> PersonId {
    let phone = accounts::phone(phone).expect("a number");
    let mut connection = hub.app.db.acquire().await.expect("connected");
    let found = accounts::person_by_phone(&hub.app.keys, &mut connection, &phone).await;
    found.expect("read").expect("somebody of the demo data")
}

pub fn text(id: &Value) -> &str {
    id.as_str().expect("an id")
}

pub fn uuid(id: &Value) -> uuid::Uuid {
    text(id).parse().expect("an id")
}
