//! The commands of a whole hub over its own tables, two at once.

use std::sync::Arc;

use hub::app::{Chance, MockClock};
use hub::error::{Error, Result};
use hub::features::demo::{self, Place, Plan};
use hub::features::joining::{self, Step};
use hub::features::organisations::{self, Change, Organisation};
use hub::testing::TestHub;
use signaling::http::joining::JoinGround;
use signaling::{JoinId, OrganisationId, PersonId};
use time::Duration;
use time::macros::datetime;

const OPERATIONS: usize = 10;

/// What was done.
#[derive(Debug, Default)]
pub struct Counts {
    pub done: u64,
    pub refused: u64,
}

pub struct World {
    pub hub: TestHub,
    pub counts: Counts,
    clock: Arc<MockClock>,
    people: Vec<PersonId>,
    /// Branches where one can take part, and homes.
    hosts: Vec<Organisation>,
    homes: Vec<Organisation>,
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    Ask,
    Step(Step),
    Move(usize),
}

impl World {
    pub async fn make() -> Self {
        let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 02:00 UTC)).await;
        let plan = Plan { members: 60, ..Plan::of_week(hub.app.clock.now()) };
        let place =
            Place { db: &hub.app.db, keys: &hub.app.keys, timeline: hub.app.timeline.as_ref() };
        demo::ensure(place, plan, hub.app.clock.now()).await.expect("made");
        let people = sqlx::query_scalar::<_, uuid::Uuid>(
            "SELECT m.person FROM party_member m
             WHERE NOT EXISTS (SELECT 1 FROM post p WHERE p.person = m.person AND p.in_force)
             ORDER BY m.person LIMIT 5",
        );
        let people = people.fetch_all(&hub.app.db).await.expect("read");
        let people = people.into_iter().map(PersonId).collect();
        let hosts = Self::organisations(&hub, &["joint_branch", "mobile_branch"]).await;
        let homes = Self::organisations(&hub, &["branch", "joint_branch"]).await;
        // Of joint branches only the one of the kind home is a home to move to.
        let homes = homes
            .into_iter()
            .filter(|home| home.joint != Some(signaling::http::organisations::JointKind::Network))
            .collect();
        Self { hub, counts: Counts::default(), clock, people, hosts, homes }
    }

    async fn organisations(hub: &TestHub, kinds: &[&str]) -> Vec<Organisation> {
        let ids = sqlx::query_scalar::<_, uuid::Uuid>(
            "SELECT id FROM organisation WHERE kind = ANY ($1) ORDER BY id",
        )
        .bind(kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<String>>())
        .fetch_all(&hub.app.db)
        .await
        .expect("read");
        let mut connection = hub.app.db.acquire().await.expect("connected");
        let mut found = Vec::new();
        for id in ids {
            let one = organisations::found_organisation(&mut connection, OrganisationId(id)).await;
            found.push(one.expect("known"));
        }
        found
    }

    /// One schedule; panics with the seed where a table is not as it has to be.
    pub async fn run(&mut self, seed: u64) {
        let chance = Chance::seeded(seed);
        for _ in 0..OPERATIONS {
            let person = self.people[pick(&chance, self.people.len())];
            let host = &self.hosts[pick(&chance, self.hosts.len())];
            let (one, other) = (self.operation(&chance), self.operation(&chance));
            let (first, second) =
                tokio::join!(self.command(person, host, one), self.command(person, host, other));
            for (what, done) in [(one, first), (other, second)] {
                match done {
                    Ok(()) => self.counts.done += 1,
                    Err(Error::Refused(_)) => self.counts.refused += 1,
                    Err(fault) => panic!("seed {seed}, {what:?} of {person:?}: {fault}"),
                }
            }
            if chance.below(3) == 0 {
                self.clock.advance(Duration::days(i64::try_from(chance.below(30)).expect("few")));
                joining::run_due(&self.hub.app).await.expect("looked");
            }
            let broken = self.broken().await;
            assert!(broken.is_empty(), "seed {seed}, after {one:?} and {other:?}: {broken:?}");
        }
    }

    fn operation(&self, chance: &Chance) -> Operation {
        let ground = Some(JoinGround::Mobile);
        let steps = [
            Step::HostAccepts { identity_checked: true, ground },
            Step::HostRefuses,
            Step::HomeConfirms,
            Step::HomeConfirms,
            Step::HomeRefuses,
            Step::Withdraw,
            Step::End,
        ];
        match chance.below(8) {
            0 | 1 => Operation::Ask,
            2 => Operation::Move(pick(chance, self.homes.len())),
            3 | 4 => Operation::Step(steps[0]),
            _ => Operation::Step(steps[pick(chance, steps.len())]),
        }
    }

    async fn command(&self, person: PersonId, host: &Organisation, what: Operation) -> Result<()> {
        let app = &self.hub.app;
        let mut connection = app.db.acquire().await?;
        let rooms = match what {
            Operation::Move(to) => {
                organisations::rooms_of_move(&mut connection, person, self.homes[to].id).await?
            }
            _ => joining::rooms_to_add(&mut connection, (person, host.id)).await?,
        };
        drop(connection);
        let mut change = Change::begin(&app.db, &app.ids, (None, app.clock.now()), &rooms).await?;
        match what {
            Operation::Ask => {
                joining::ask(&mut change, (person, host), ("外县某村支部", None)).await?;
            }
            Operation::Step(step) => {
                let Some(case) = newest(&mut change, person, host.id).await? else { return Ok(()) };
                joining::advance(&mut change, (person, host), (case, step), Some("演示")).await?;
            }
            Operation::Move(to) => {
                let to = &self.homes[to];
                let member = organisations::member(change.connection(), person).await?;
                let from = member.and_then(|member| member.home);
                organisations::move_home(&mut change, (person, to), "介绍信").await?;
                joining::home_moved(&mut change, person, (from, to.id)).await?;
            }
        }
        change.commit(app.timeline.as_ref()).await
    }

    /// What is wrong in the tables, in words.
    async fn broken(&self) -> Vec<String> {
        sqlx::query_scalar::<_, String>(BROKEN).fetch_all(&self.hub.app.db).await.expect("read")
    }
}

const BROKEN: &str = "
    SELECT 'homes of ' || m.person FROM party_member m
    WHERE (m.home_elsewhere IS NOT NULL)::integer
          + (SELECT count(*) FROM affiliation a WHERE a.person = m.person AND a.home) <> 1
    UNION ALL
    SELECT 'two homes at once of ' || a.person FROM affiliation a
    JOIN affiliation b ON b.person = a.person AND b.id > a.id AND b.kind = 'home'
    WHERE a.kind = 'home' AND tstzrange(a.from_at, a.until_at) && tstzrange(b.from_at, b.until_at)
    UNION ALL
    SELECT 'case ' || c.state || ' of ' || c.person FROM join_case c
    WHERE c.open AND c.state <> 'submitted' AND NOT EXISTS (
        SELECT 1 FROM affiliation a WHERE a.person = c.person AND a.organisation = c.organisation
          AND a.in_force
          AND a.kind = CASE c.state WHEN 'home' THEN 'home' ELSE 'participating' END)
    UNION ALL
    SELECT 'room of ' || a.person FROM affiliation a
    JOIN organisation o ON o.id = a.organisation AND o.room IS NOT NULL
    WHERE a.in_force
      AND NOT EXISTS (SELECT 1 FROM member r WHERE r.room = o.room AND r.person = a.person)
    UNION ALL
    SELECT 'stranger in a room: ' || r.person FROM member r
    JOIN organisation o ON o.room = r.room AND o.kind IN ('joint_branch', 'mobile_branch')
    WHERE NOT EXISTS (SELECT 1 FROM affiliation a
                      WHERE a.organisation = o.id AND a.person = r.person AND a.in_force)
      AND NOT EXISTS (SELECT 1 FROM post p
                      WHERE p.organisation = o.id AND p.person = r.person AND p.in_force)
    UNION ALL
    SELECT 'history of ' || c.id FROM join_case c
    WHERE (SELECT count(*) FILTER (WHERE h.to_state = c.state)
                  - count(*) FILTER (WHERE h.from_state = c.state)
           FROM join_history h WHERE h.join_case = c.id) <> 1";

async fn newest(
    change: &mut Change,
    person: PersonId,
    host: OrganisationId,
) -> Result<Option<JoinId>> {
    let newest = sqlx::query_scalar::<_, uuid::Uuid>(
        "SELECT id FROM join_case WHERE person = $1 AND organisation = $2
         ORDER BY submitted_at DESC, id DESC LIMIT 1",
    )
    .bind(person.uuid())
    .bind(host.uuid())
    .fetch_optional(change.connection())
    .await?;
    Ok(newest.map(JoinId))
}

fn pick(chance: &Chance, count: usize) -> usize {
    let count = u64::try_from(count).expect("few");
    usize::try_from(chance.below(count)).expect("few")
}
