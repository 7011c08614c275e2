//! A whole hub on a port of its own, with people and rooms written straight into its database.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use signaling::event::EventKind;
use signaling::event::chat::{Left, RoomRole};
use signaling::rpc::chat::RoomKind;
use signaling::{DeviceId, PersonId, RoomId};
use time::OffsetDateTime;

use super::{TestBrowser, TestClient, TestDatabase, TestRedis};
use crate::app::{App, Chance, Clock, MockClock, SystemClock};
use crate::auth::Access;
use crate::bus::{Ether, Joined, RedisBus};
use crate::config::{Config, Mode};
use crate::features::accounts::{self, NewAccount, make_chat_token};
use crate::keys::{Keys, Missing};
use crate::server::{Parts, Server};
use crate::timeline::{AnswerAt, Append, Locked, NewRoom};

/// A hub that serves a database of its own.
pub struct TestHub {
    pub app: App,
    server: Option<Server>,
    database: Arc<TestDatabase>,
    home: Arc<tempfile::TempDir>,
    between: Between,
}

/// What connects the hubs of a test.
#[derive(Clone)]
enum Between {
    Ether(Arc<Ether>),
    Redis(String),
}

impl Between {
    fn join(&self) -> Joined {
        match self {
            Self::Ether(ether) => ether.join(),
            Self::Redis(url) => RedisBus::start(url).expect("an address"),
        }
    }
}

/// A signed-in person.
#[derive(Clone, Copy, Debug)]
pub struct TestPerson {
    pub person: PersonId,
    pub device: DeviceId,
}

impl TestHub {
    /// Starts a hub on an empty database.
    pub async fn start() -> Self {
        Self::start_on(Arc::new(TestDatabase::new().await)).await
    }

    /// Starts another hub on a database.
    pub async fn start_on(database: Arc<TestDatabase>) -> Self {
        let home = Arc::new(tempfile::tempdir().expect("temporary folder"));
        let between = Between::Ether(Arc::default());
        Self::start_with(database, home, Arc::new(SystemClock::start()), between).await
    }

    /// Starts a hub on an empty database whose configuration differs.
    pub async fn start_where(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = test_config();
        change(&mut config);
        let home = Arc::new(tempfile::tempdir().expect("temporary folder"));
        let database = Arc::new(TestDatabase::new().await);
        let clock = Arc::new(SystemClock::start());
        Self::start_as(config, database, home, clock, Between::Ether(Arc::default())).await
    }

    /// Starts a hub on an empty database that uses a Redis as its bus.
    pub async fn start_over(redis: &TestRedis) -> Self {
        let home = Arc::new(tempfile::tempdir().expect("temporary folder"));
        let database = Arc::new(TestDatabase::new().await);
        let between = Between::Redis(redis.url());
        Self::start_with(database, home, Arc::new(SystemClock::start()), between).await
    }

    /// Starts a hub on an empty database whose time stands still until the clock is moved.
    pub async fn start_at(now: OffsetDateTime) -> (Self, Arc<MockClock>) {
        let home = Arc::new(tempfile::tempdir().expect("temporary folder"));
        let clock = Arc::new(MockClock::at(now));
        let database = Arc::new(TestDatabase::new().await);
        let between = Between::Ether(Arc::default());
        let hub =
            Self::start_with(database, home, Arc::clone(&clock) as Arc<dyn Clock>, between).await;
        (hub, clock)
    }

    /// Starts a second hub of the same installation: same database, keys, time and bus.
    pub async fn beside(&self) -> Self {
        let clock = Arc::clone(&self.app.clock);
        let between = self.between.clone();
        Self::start_with(self.database(), Arc::clone(&self.home), clock, between).await
    }

    async fn start_with(
        database: Arc<TestDatabase>,
        home: Arc<tempfile::TempDir>,
        clock: Arc<dyn Clock>,
        between: Between,
    ) -> Self {
        Self::start_as(test_config(), database, home, clock, between).await
    }

    async fn start_as(
        config: Config,
        database: Arc<TestDatabase>,
        home: Arc<tempfile::TempDir>,
        clock: Arc<dyn Clock>,
        between: Between,
    ) -> Self {
        let access = Access::embedded().expect("readable");
        Self::start_over_access(access, config, (database, home, clock), between).await
    }

    /// Starts a hub on an empty database that enforces another access file.
    pub async fn start_allowing(access: Access) -> Self {
        let home = Arc::new(tempfile::tempdir().expect("temporary folder"));
        let database = Arc::new(TestDatabase::new().await);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let between = Between::Ether(Arc::default());
        let place = (database, home, clock);
        Self::start_over_access(access, test_config(), place, between).await
    }

    async fn start_over_access(
        access: Access,
        mut config: Config,
        (database, home, clock): (Arc<TestDatabase>, Arc<tempfile::TempDir>, Arc<dyn Clock>),
        between: Between,
    ) -> Self {
        config.data_dir = home.path().to_owned();
        let keys = Keys::load(home.path(), Missing::Make { now: clock.now() }).expect("keys");
        let server = Server::start(Parts {
            config,
            db: database.pool.clone(),
            keys,
            clock,
            chance: Chance::from_os(),
            access,
            answer_at: AnswerAt::Commit,
            compares: true,
            program: program(),
            bus: between.join(),
        })
        .await
        .expect("served");
        Self { app: Arc::clone(&server.app), server: Some(server), database, home, between }
    }

    /// The database, for a second hub.
    #[must_use]
    pub fn database(&self) -> Arc<TestDatabase> {
        Arc::clone(&self.database)
    }

    /// Where the hub listens.
    #[must_use]
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.as_ref().expect("running").address
    }

    /// Stops the hub as a signal would and starts the next one of the same installation.
    #[must_use]
    pub async fn restart(mut self) -> Self {
        let (config, clock) = (self.app.config.clone(), Arc::clone(&self.app.clock));
        let (database, home) = (Arc::clone(&self.database), Arc::clone(&self.home));
        let between = self.between.clone();
        self.server.take().expect("running").stop().await;
        Self::start_as(config, database, home, clock, between).await
    }

    /// The data directory.
    #[must_use]
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Stops the hub as a signal would.
    pub async fn stop(mut self) {
        self.server.take().expect("running").stop().await;
    }

    /// A person with an account, a signed-in device and an inbox.
    pub async fn person(&self, name: &str) -> TestPerson {
        let phone = format!("100{:08}", self.app.chance.below(100_000_000));
        let person = self.account(name, &phone).await;
        let (device, now) = (self.app.ids.next(), self.app.clock.now());
        let secret = self.app.keys.session.sign(&[device.as_bytes()]);
        sqlx::query!(
            "INSERT INTO device_session (id, person, secret, name, created_at, last_seen_at)
             VALUES ($1, $2, $3, 'test', $4, $4)",
            device,
            person.uuid(),
            secret.as_slice(),
            now
        )
        .execute(&self.app.db)
        .await
        .expect("a device");
        TestPerson { person, device: DeviceId(device) }
    }

    /// A person who can sign in with `phone`.
    pub async fn account(&self, name: &str, phone: &str) -> PersonId {
        let person = PersonId(self.app.ids.next());
        let phone = accounts::phone(phone).expect("a number");
        let account = NewAccount { person, name: name.to_owned(), phone };
        let mut transaction = self.app.db.begin().await.expect("begun");
        let mut locked = Locked::rooms(&mut transaction, &[]).await.expect("locked");
        let made = (&account, self.app.clock.now());
        accounts::make_account(&self.app.keys, &mut transaction, &mut locked, made)
            .await
            .expect("an account");
        transaction.commit().await.expect("committed");
        person
    }

    /// A browser without cookies at the address 127.0.0.1.
    #[must_use]
    pub fn browser(&self) -> TestBrowser {
        TestBrowser::new(&self.app)
    }

    /// A room with members.
    pub async fn group(&self, members: &[TestPerson]) -> RoomId {
        let room = RoomId(self.app.ids.next());
        let members: Vec<_> = members.iter().map(|member| member.person).collect();
        self.room(room, RoomKind::PartyGroup, &members).await;
        room
    }

    async fn room(&self, id: RoomId, kind: RoomKind, members: &[PersonId]) {
        let created_at = self.app.clock.now();
        let mut transaction = self.app.db.begin().await.expect("begun");
        let mut locked = Locked::rooms(&mut transaction, &[]).await.expect("locked");
        let title = "第一党小组".to_owned();
        let room = NewRoom { id, kind, title, history_days: None, created_at };
        locked.create(&mut transaction, &room).await.expect("a room");
        for member in members {
            let member = (*member, RoomRole::Member);
            locked.admit(&mut transaction, id, member, created_at).await.expect("admitted");
        }
        transaction.commit().await.expect("committed");
    }

    /// Makes a member a leader of a room.
    pub async fn promote(&self, room: RoomId, person: PersonId) {
        sqlx::query!(
            "UPDATE member SET role = 'leader' WHERE room = $1 AND person = $2",
            room.uuid(),
            person.uuid()
        )
        .execute(&self.app.db)
        .await
        .expect("promoted");
    }

    /// Removes a member, as a leader's command does.
    pub async fn remove(&self, room: RoomId, person: PersonId) {
        let mut transaction = self.app.db.begin().await.expect("begun");
        let mut locked = Locked::rooms(&mut transaction, &[room]).await.expect("locked");
        locked.dismiss(&mut transaction, room, person).await.expect("dismissed");
        let left = Left { person, name: "x".to_owned(), removed: true };
        let append = Append {
            room,
            author: PersonId::SYSTEM,
            cid: format!("left-{}", self.app.ids.next()),
            kind: EventKind::Left,
            reference: None,
            body: serde_json::to_string(&left).expect("JSON"),
        };
        locked.append(&mut transaction, append).await.expect("appended");
        transaction.commit().await.expect("committed");
        self.app.timeline.publish(locked.into_events()).await;
    }

    /// `count` messages `{stem}1`, `{stem}2`, …, in this order, many in one commit.
    pub async fn write_many(&self, room: RoomId, author: TestPerson, stem: &str, count: usize) {
        let numbers: Vec<usize> = (1..=count).collect();
        for part in numbers.chunks(1_000) {
            let writes = part.iter().map(|number| self.append(room, author, stem, *number));
            futures_util::future::join_all(writes).await;
        }
    }

    async fn append(&self, room: RoomId, author: TestPerson, stem: &str, number: usize) {
        self.write(room, author, &format!("{stem}{number}")).await;
    }

    /// A message written past the socket and its limit on commands.
    pub async fn write(&self, room: RoomId, author: TestPerson, cid: &str) {
        let append = Append {
            room,
            author: author.person,
            cid: cid.to_owned(),
            kind: EventKind::Message,
            reference: None,
            body: r#"{"text":"在"}"#.to_owned(),
        };
        self.app.timeline.append(append).await.expect("appended");
    }

    /// A connected client.
    pub async fn client(&self, who: TestPerson) -> TestClient {
        let client = self.socket().await;
        self.sign_in(client, who).await
    }

    /// Connects on a socket on which nothing was said yet.
    pub async fn sign_in(&self, mut client: TestClient, who: TestPerson) -> TestClient {
        let (token, _) = make_chat_token(&self.app, who.person, who.device).expect("a token");
        let reply = client.call("connect", json!({ "token": token })).await;
        assert_eq!(reply["connect"]["pong"], true, "{reply}");
        client
    }

    /// A socket on which nothing was said yet.
    pub async fn socket(&self) -> TestClient {
        TestClient::open(self.address()).await
    }
}

/// The hub's program, which lies above the tests' own.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a program");
    own.ancestors().nth(2).expect("a target folder").join("hub")
}

fn test_config() -> Config {
    let mut config = Config::load(None).expect("defaults");
    config.mode = Mode::Dev;
    config.http.listen.set_port(0);
    config
}
