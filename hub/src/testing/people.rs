//! People with posts, and their browsers.

use serde_json::{Value, json};
use signaling::{OrganisationId, PersonId};

use super::{TestBrowser, TestHub};
use crate::features::accounts;
use crate::features::boards::{self, Duty};
use crate::features::organisations::{self, Change};

/// The secret of every officer's second factor in tests.
pub const SECOND_FACTOR: [u8; 20] = *b"12345678901234567890";

impl TestHub {
    /// The present code of a test officer's second factor.
    #[must_use]
    pub fn second_factor(&self) -> String {
        let step = self.app.clock.now().unix_timestamp().div_euclid(30);
        accounts::second_factor_code(&SECOND_FACTOR, step)
    }

    /// A person whose desk can be opened, and who administers the installation.
    pub async fn administrator(&self, name: &str, phone: &str) -> PersonId {
        let person = self.account(name, phone).await;
        self.give_second_factor(person).await;
        let mut connection = self.app.db.acquire().await.expect("connected");
        let now = self.app.clock.now();
        accounts::make_administrator(&mut connection, person, now).await.expect("made");
        person
    }

    /// Sets a second factor up whose secret is [`SECOND_FACTOR`].
    pub async fn give_second_factor(&self, person: PersonId) {
        let mut connection = self.app.db.acquire().await.expect("connected");
        let (keys, now) = (&self.app.keys, self.app.clock.now());
        let made = (person, &SECOND_FACTOR);
        accounts::store_second_factor(keys, &mut connection, made, (now, true))
            .await
            .expect("stored");
    }

    /// Somebody with a duty at a board, whose desk can be opened.
    pub async fn board_staff(&self, (name, phone): (&str, &str), duty: Duty) -> PersonId {
        let person = self.account(name, phone).await;
        self.give_second_factor(person).await;
        let mut connection = self.app.db.acquire().await.expect("connected");
        let (id, now) = (self.app.ids.next(), self.app.clock.now());
        boards::give_duty(&mut connection, id, (person, duty), (None, now)).await.expect("given");
        person
    }

    /// A browser in which `phone` is signed in.
    pub async fn signed_in(&self, phone: &str) -> TestBrowser {
        let mut browser = self.browser();
        let me = browser.sign_in(&self.app, phone).await;
        assert_eq!(me.status, 200, "{}", me.body);
        browser
    }

    /// A browser in which `phone` is signed in and sits at the desk.
    pub async fn at_desk(&self, phone: &str) -> TestBrowser {
        let mut browser = self.signed_in(phone).await;
        let code = self.second_factor();
        let desk = browser.post("/api/desk", json!({ "code": code })).await;
        assert_eq!(desk.status, 200, "{}", desk.body);
        browser
    }

    /// Runs organisation commands in one transaction that holds the named people's inboxes and
    /// the rooms of the named organisations.
    pub async fn change(&self, people: &[PersonId], places: &[OrganisationId]) -> Change {
        let mut connection = self.app.db.acquire().await.expect("connected");
        let mut rooms: Vec<_> = people.iter().map(|person| person.inbox()).collect();
        for place in places {
            let place = organisations::found_organisation(&mut connection, *place).await;
            rooms.extend(place.expect("known").room);
        }
        drop(connection);
        let by = (None, self.app.clock.now());
        Change::begin(&self.app.db, &self.app.ids, by, &rooms).await.expect("begun")
    }
}

/// Founds an organisation through the door and returns its id.
pub async fn found(admin: &mut TestBrowser, kind: &str, name: &str, parent: &Value) -> Value {
    let mut body = json!({ "kind": kind, "name": name, "reason": "县委批复〔2026〕1号" });
    if !parent.is_null() {
        body["parent"] = parent.clone();
    }
    if kind == "joint_branch" {
        body["joint"] = json!("network");
        body["units"] = json!([{ "name": "青岚电商示例协会", "full_members": 2 }]);
    }
    let made = admin.post("/api/admin/organisations", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["row"]["organisation"].clone()
}
