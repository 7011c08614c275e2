//! Demo data: the Party organisations of an invented county, with members who can sign in.
//!
//! Everything is made through the commands the product itself uses, from one seed and one start
//! date: the same two give the same people, ids and messages, and the same checksum. It goes into
//! an empty database that is not in production mode, and into nothing else. Telephone numbers are
//! of a range that is given to no one.

mod boards;
mod delegates;
mod making;
mod meetings;
mod people;
mod places;
mod queries;
mod talk;

use std::sync::Arc;

use signaling::RefusalCode;
use signaling::event::EventKind;
use signaling::event::chat::Message;
use sqlx::PgPool;
use time::{Date, Duration, OffsetDateTime};

use self::making::{Maker, Talk};
use self::people::{DemoBranch, DemoPerson, SECRETARY};
pub use self::queries::Counts;
use super::organisations::Change;
use crate::app::{Chance, Ids, MockClock};
use crate::error::{Error, Fault, Result};
use crate::keys::Keys;
use crate::timeline::{Append, Log};

/// People that `make run` makes.
pub const MEMBERS: u16 = 1_000;
/// The fewest people there can be: one branch of each kind.
pub const MEMBERS_MIN: u16 = 40;
/// The most.
pub const MEMBERS_MAX: u16 = 10_000;

/// Name of the administrator.
const ADMINISTRATOR: &str = "韩宁安";

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub start: Date,
    /// [`MEMBERS_MIN`] to [`MEMBERS_MAX`].
    pub members: u16,
}

impl Plan {
    /// The usual one, from Monday of the week of `now`.
    #[must_use]
    pub fn of_week(now: OffsetDateTime) -> Self {
        let days = i64::from(now.weekday().number_days_from_monday());
        Self { seed: 1, start: (now - Duration::days(days)).date(), members: MEMBERS }
    }

    /// Nine o'clock in the morning of the start, in China.
    fn morning(&self) -> OffsetDateTime {
        self.start.midnight().assume_utc() + Duration::hours(1)
    }
}

/// Where it goes.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub db: &'a PgPool,
    pub keys: &'a Keys,
    pub timeline: &'a dyn Log,
}

/// What somebody is in the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoRole {
    MobileMember,
    GroupLeader,
    Secretary,
    Administrator,
    BoardAuthor,
    BoardReviewer,
    BoardHandler,
    BoardDecider,
    Constituent,
    Delegate,
    OtherDelegate,
    Liaison,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoSignIn {
    pub role: DemoRole,
    pub name: String,
    /// 11 digits.
    pub phone: String,
    /// Secret of the second factor, of those who have a desk.
    pub second_factor: Option<[u8; 20]>,
}

/// What a database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    pub plan: Plan,
    pub sign_ins: Vec<DemoSignIn>,
    /// Code of an invitation to the joint branch of the kind network.
    pub invitation: Option<String>,
    /// Where it was made just now; of data that was found nobody knows what became of it.
    pub counts: Option<Counts>,
}

/// Makes the data, or finds it made. Refuses a database that holds anything else.
pub async fn ensure(place: Place<'_>, plan: Plan, now: OffsetDateTime) -> Result<Demo> {
    let ids =
        Ids::new(Arc::new(MockClock::at(plan.morning())), Arc::new(Chance::seeded(plan.seed)));
    let mut change = Change::begin(place.db, &ids, (None, plan.morning()), &[]).await?;
    queries::lock(change.connection()).await?;
    if let Some(made) = queries::made(change.connection()).await? {
        let sign_ins = sign_ins(&made, &people::branches(&made));
        return Ok(Demo { plan: made, sign_ins, invitation: None, counts: None });
    }
    if queries::has_people(change.connection()).await? {
        let sentence = "this database holds people already; demo data goes into an empty one";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    let branches = people::branches(&plan);
    let (keys, talks) = (place.keys, Vec::new());
    let mut maker = Maker { change: &mut change, keys, plan, talks, count: 0 };
    let founded = maker.all(&branches).await?;
    let talks = maker.talks;
    queries::mark(change.connection(), &plan, now).await?;
    change.commit(place.timeline).await?;
    // The group that is shown has the newest messages.
    let (shown, others): (Vec<Talk>, Vec<Talk>) =
        talks.into_iter().partition(|talk| talk.lines == talk::FIRST_GROUP);
    for part in [others, shown] {
        let said = part.iter().map(|talk| say(place.timeline, talk));
        for done in futures_util::future::join_all(said).await {
            done?;
        }
    }
    if let Some(called) = &founded.called {
        meetings::hold(place, &plan, called).await?;
    }
    let mut connection = place.db.acquire().await?;
    let counts = Some(queries::counts(&mut connection).await?);
    let sign_ins = sign_ins(&plan, &branches);
    Ok(Demo { plan, sign_ins, invitation: Some(founded.invitation), counts })
}

/// What is said in a room, in order.
async fn say(timeline: &dyn Log, talk: &Talk) -> Result<()> {
    for (number, (speaker, text)) in talk.lines.iter().enumerate() {
        let speaker = talk.people.get(*speaker).or_else(|| talk.people.first());
        let Some(author) = speaker else { continue };
        let message = Message { text: (*text).to_owned(), reply_to: None, mentions: Vec::new() };
        let append = Append {
            room: talk.room,
            author: *author,
            cid: format!("demo-{number}"),
            kind: EventKind::Message,
            reference: None,
            body: serde_json::to_string(&message).map_err(Fault::new)?,
        };
        timeline.append(append).await?;
    }
    Ok(())
}

/// The secret of somebody's second factor, by the number. It is no secret at all: anyone who knows
/// the seed knows it, as the demo wants.
#[must_use]
pub fn second_factor(seed: u64, phone: &str) -> [u8; 20] {
    let number: u64 = phone.parse().unwrap_or_default();
    let mut secret = [0; 20];
    Chance::seeded(seed.rotate_left(32) ^ number).fill(&mut secret);
    secret
}

/// A member who lives far away, the leader of that member's group, the secretary of the branch, and
/// the administrator.
fn sign_ins(plan: &Plan, branches: &[DemoBranch]) -> Vec<DemoSignIn> {
    let people = branches.first().map(|branch| branch.people.as_slice()).unwrap_or_default();
    let shown = [
        (DemoRole::MobileMember, people.get(1)),
        (DemoRole::GroupLeader, people.first()),
        (DemoRole::Secretary, people.get(SECRETARY)),
        (DemoRole::BoardReviewer, people.get(boards::REVIEWER)),
        (DemoRole::BoardHandler, people.get(boards::HANDLER)),
        (DemoRole::BoardDecider, people.get(boards::DECIDER)),
    ];
    let factor = |phone: &str| second_factor(plan.seed, phone);
    let sign_in = |(role, person): (DemoRole, Option<&DemoPerson>)| {
        let DemoPerson { name, phone, .. } = person?.clone();
        let desk = !matches!(role, DemoRole::MobileMember | DemoRole::GroupLeader);
        let second_factor = desk.then(|| factor(&phone));
        Some(DemoSignIn { role, name, phone, second_factor })
    };
    let phone = people::phone(0);
    let second_factor = Some(factor(&phone));
    let name = ADMINISTRATOR.to_owned();
    let administrator = DemoSignIn { role: DemoRole::Administrator, name, phone, second_factor };
    let (number, name) = boards::AUTHOR;
    let author = DemoSignIn {
        role: DemoRole::BoardAuthor,
        name: name.to_owned(),
        phone: people::phone(number),
        second_factor: None,
    };
    let outside = [
        (DemoRole::Constituent, delegates::CONSTITUENT),
        (DemoRole::Delegate, delegates::DELEGATE),
        (DemoRole::OtherDelegate, delegates::OTHER_DELEGATE),
        (DemoRole::Liaison, delegates::LIAISON),
    ];
    let outside = outside.into_iter().map(|(role, (number, name))| {
        let phone = people::phone(number);
        let second_factor = (role != DemoRole::Constituent).then(|| factor(&phone));
        DemoSignIn { role, name: name.to_owned(), phone, second_factor }
    });
    let members = shown.into_iter().filter_map(sign_in);
    members.chain([administrator, author]).chain(outside).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use signaling::PersonId;
    use signaling::event::chat::RoomRole;
    use signaling::rpc::chat::{RoomKind, RoomList};
    use time::macros::{date, datetime};

    use super::*;
    use crate::features::{accounts, chat};
    use crate::testing::TestHub;

    const PLAN: Plan = Plan { seed: 7, start: date!(2026 - 11 - 23), members: 60 };

    async fn made(hub: &TestHub, plan: Plan) -> Result<Demo> {
        let app = &hub.app;
        let place = Place { db: &app.db, keys: &app.keys, timeline: app.timeline.as_ref() };
        ensure(place, plan, app.clock.now()).await
    }

    #[tokio::test]
    async fn the_same_seed_and_start_make_the_same_data() {
        let hubs = [TestHub::start().await, TestHub::start().await, TestHub::start().await];
        let one = made(&hubs[0], PLAN).await.expect("made");
        let other = made(&hubs[1], PLAN).await.expect("made");
        assert_eq!(one, other);
        let counts = one.counts.expect("counted");
        assert_eq!(counts.members, 60);
        assert_eq!(counts.checksum.len(), 64);
        let differs = made(&hubs[2], Plan { seed: 8, ..PLAN }).await.expect("made");
        assert_ne!(differs.counts.expect("counted").checksum, counts.checksum);
        for hub in hubs {
            hub.stop().await;
        }
    }

    #[tokio::test]
    async fn demo_data_is_made_once_and_never_beside_other_people() {
        let hub = TestHub::start().await;
        let first = made(&hub, PLAN).await.expect("made");
        let again = made(&hub, Plan { seed: 8, ..PLAN }).await.expect("found");
        assert_eq!(again, Demo { invitation: None, counts: None, ..first });
        hub.stop().await;
        let used = TestHub::start().await;
        used.person("林禾川").await;
        let error = made(&used, PLAN).await.expect_err("refused");
        assert!(matches!(&error, Error::Refused(refusal) if refusal.code == RefusalCode::Conflict));
        used.stop().await;
    }

    #[tokio::test]
    async fn a_mobile_member_finds_the_group_and_the_joint_branch_and_has_one_home() {
        let hub = TestHub::start().await;
        let sign_ins = made(&hub, PLAN).await.expect("made").sign_ins;
        assert_eq!(sign_ins[0].role, DemoRole::MobileMember);
        let mut browser = hub.browser();
        let me = browser.sign_in(&hub.app, &sign_ins[0].phone).await.body;
        assert_eq!(me["name"], sign_ins[0].name.as_str());
        assert_eq!(me["home"], "中共落霞村第一支部委员会");
        let person: PersonId = serde_json::from_value(me["person"].clone()).expect("an id");
        let rooms = chat::call(&hub.app, person, "room.list", b"{}").await.expect("listed");
        let rooms: RoomList = serde_json::from_slice(&rooms).expect("a list");
        let of = |kind| rooms.rooms.iter().find(|room| room.kind == kind).expect("a room");
        let group = of(RoomKind::PartyGroup);
        assert_eq!(
            (group.title.as_str(), group.members),
            ("中共落霞村第一支部委员会 第一党小组", 12)
        );
        assert_eq!(group.unread, i64::try_from(talk::FIRST_GROUP.len()).expect("a few"));
        assert_eq!(group.role, RoomRole::Member);
        assert_eq!(of(RoomKind::JointBranch).title, places::NETWORK_JOINT);
        hub.stop().await;
    }

    /// Title and state of what is in a list.
    fn states(list: &Value) -> Vec<(&str, &str)> {
        let list = list.as_array().expect("a list");
        list.iter()
            .map(|one| (one["title"].as_str().expect("one"), one["state"].as_str().expect("one")))
            .collect()
    }

    #[tokio::test]
    async fn meetings_stand_in_four_states_and_their_votes_came_to_what_the_rules_say() {
        let (hub, _) = TestHub::start_at(datetime!(2026-11-23 02:00 UTC)).await;
        let demo = made(&hub, PLAN).await.expect("made");
        assert_eq!(demo.counts.expect("counted").meetings, 4);
        let mut lists = Vec::new();
        for one in demo.sign_ins.iter().take(3) {
            let mut browser = hub.browser();
            browser.sign_in(&hub.app, &one.phone).await;
            let list = browser.get("/api/meetings").await.body;
            assert_eq!(
                states(&list["coming"]),
                [("第四季度党员大会", "notified")],
                "{:?}",
                one.role
            );
            assert_eq!(list["coming"][0]["starts_at"], "2026-12-02T11:30:00Z");
            lists.push((browser, list));
        }
        let of_branch = [("第四季度党员大会", "closed"), ("第四季度党员大会", "archived")];
        for (_, list) in lists.iter().skip(1) {
            assert_eq!(states(&list["over"]), of_branch, "leader and secretary");
        }
        let (browser, list) = &mut lists[0];
        let network = ("网络联合党支部党员大会", "signed");
        assert_eq!(states(&list["over"]), [network, of_branch[0], of_branch[1]], "mobile member");
        let mut read = Vec::new();
        for one in list["over"].as_array().expect("a list") {
            let path = format!("/api/meetings/{}", one["meeting"].as_str().expect("an id"));
            let meeting = browser.get(&path).await.body;
            let vote = &meeting["votes"][0];
            let figures = ["expected", "present", "needed"].map(|name| vote[name].clone());
            let figures = figures.map(|figure| figure.as_u64().expect("a figure"));
            read.push((
                figures,
                vote["votes"].clone(),
                vote["opinions"].clone(),
                vote["outcome"].clone(),
            ));
        }
        let tally =
            |yes: u32, no: u32, abstain: u32| json!({ "yes": yes, "no": no, "abstain": abstain });
        let nobody = tally(0, 0, 0);
        let expected = [
            ([5, 4, 3], tally(3, 1, 0), tally(1, 0, 1), json!("passed")),
            ([24, 12, 12], tally(12, 0, 0), nobody.clone(), json!("half_exactly")),
            ([23, 19, 12], tally(15, 2, 2), nobody, json!("passed")),
        ];
        assert_eq!(read, expected, "in a network joint branch opinions are never added");
        hub.stop().await;
    }

    #[tokio::test]
    async fn a_secretary_and_the_administrator_open_their_desks_with_the_second_factor_shown() {
        let hub = TestHub::start().await;
        let sign_ins = made(&hub, PLAN).await.expect("made").sign_ins;
        for one in sign_ins.iter().filter(|one| one.second_factor.is_some()) {
            let mut browser = hub.browser();
            browser.sign_in(&hub.app, &one.phone).await;
            let step = hub.app.clock.now().unix_timestamp().div_euclid(30);
            let secret = one.second_factor.expect("a desk");
            let code = accounts::second_factor_code(&secret, step);
            let desk = browser.post("/api/desk", serde_json::json!({ "code": code })).await;
            assert_eq!(desk.status, 200, "{}", desk.body);
            let administers = one.role == DemoRole::Administrator;
            assert_eq!(desk.body["administrator"], administers);
        }
        hub.stop().await;
    }

    #[test]
    fn a_demo_begins_on_monday() {
        assert_eq!(Plan::of_week(datetime!(2026-11-29 23:00 UTC)).start, date!(2026 - 11 - 23));
        assert_eq!(Plan::of_week(datetime!(2026-11-23 00:00 UTC)).start, date!(2026 - 11 - 23));
    }
}
