//! Demo data: party groups of an invented village with members who can sign in.
//!
//! Everything is made through the commands the product itself uses, from one seed and one start
//! date: the same two give the same people, ids and messages. It goes into an empty database that
//! is not in production mode, and into nothing else.

mod people;
mod queries;

use std::sync::Arc;

use signaling::event::EventKind;
use signaling::event::chat::{InboxRoom, Joined, Message, RoomRole};
use signaling::rpc::chat::RoomKind;
use signaling::{PersonId, RefusalCode, RoomId};
use sqlx::PgPool;
use time::{Date, OffsetDateTime};

use self::people::{DemoPerson, GROUP_SIZE, TALK};
use super::accounts::{self, NewAccount};
use crate::app::{Chance, Ids, MockClock};
use crate::error::{Error, Fault, Result};
use crate::keys::Keys;
use crate::timeline::{Append, Committed, Locked, Log, NewRoom};

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub start: Date,
    /// 3–10,000.
    pub members: u16,
}

impl Plan {
    /// One party group, from Monday of the week of `now`.
    #[must_use]
    pub fn of_week(now: OffsetDateTime) -> Self {
        let days = i64::from(now.weekday().number_days_from_monday());
        Self { seed: 1, start: (now - time::Duration::days(days)).date(), members: 12 }
    }
}

/// Where it goes.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub db: &'a PgPool,
    pub keys: &'a Keys,
    pub timeline: &'a dyn Log,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoSignIn {
    pub role: RoomRole,
    pub name: String,
    /// 11 digits.
    pub phone: String,
}

/// Makes the data, or finds it made. Refuses a database that holds anything else.
pub async fn ensure(place: Place<'_>, plan: Plan, now: OffsetDateTime) -> Result<Vec<DemoSignIn>> {
    let mut transaction = place.db.begin().await?;
    queries::lock(&mut transaction).await?;
    if let Some(made) = queries::made(&mut transaction).await? {
        return Ok(sign_ins(&people::people(&made)));
    }
    if queries::has_people(&mut transaction).await? {
        let sentence = "this database holds people already; demo data goes into an empty one";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    let everyone = people::people(&plan);
    let clock = Arc::new(MockClock::at(plan.start.midnight().assume_utc()));
    let ids = Ids::new(clock, Arc::new(Chance::seeded(plan.seed)));
    let mut groups = Vec::new();
    let mut events = Vec::new();
    for (number, members) in (1..).zip(everyone.chunks(GROUP_SIZE)) {
        let made = group(place.keys, &mut transaction, &ids, (number, members), now).await?;
        groups.push((made.room, made.people));
        events.extend(made.events);
    }
    queries::mark(&mut transaction, &plan, now).await?;
    transaction.commit().await?;
    place.timeline.publish(events).await;
    let talks = groups.iter().map(|(room, people)| talk(place.timeline, *room, people));
    for done in futures_util::future::join_all(talks).await {
        done?;
    }
    Ok(sign_ins(&everyone))
}

struct Group {
    room: RoomId,
    people: Vec<PersonId>,
    events: Vec<Arc<Committed>>,
}

/// A party group with its members: accounts, room, memberships and the lines that tell of them.
async fn group(
    keys: &Keys,
    connection: &mut sqlx::PgConnection,
    ids: &Ids,
    (number, members): (usize, &[DemoPerson]),
    now: OffsetDateTime,
) -> Result<Group> {
    let mut locked = Locked::rooms(connection, &[]).await?;
    let room = RoomId(ids.next());
    let title = people::title(number);
    let new = NewRoom {
        id: room,
        kind: RoomKind::PartyGroup,
        title: title.clone(),
        history_days: Some(30),
        created_at: now,
    };
    locked.create(connection, &new).await?;
    let mut people = Vec::new();
    for member in members {
        let person = PersonId(ids.next());
        let phone = accounts::phone(&member.phone)?;
        let account = NewAccount { person, name: member.name.clone(), phone };
        accounts::make_account(keys, connection, &mut locked, (&account, now)).await?;
        locked.admit(connection, room, (person, member.role), now).await?;
        let joined = Joined { person, name: member.name.clone(), role: member.role };
        append(&mut locked, connection, (room, EventKind::Joined), person, &joined).await?;
        let added = InboxRoom { room, title: title.clone() };
        let inbox = (person.inbox(), EventKind::InboxRoomAdded);
        append(&mut locked, connection, inbox, person, &added).await?;
        people.push(person);
    }
    Ok(Group { room, people, events: locked.into_events() })
}

async fn append(
    locked: &mut Locked,
    connection: &mut sqlx::PgConnection,
    (room, kind): (RoomId, EventKind),
    person: PersonId,
    body: &impl serde::Serialize,
) -> Result<()> {
    let append = Append {
        room,
        author: PersonId::SYSTEM,
        cid: format!("demo-{}", person.uuid().simple()),
        kind,
        reference: None,
        body: serde_json::to_string(body).map_err(Fault::new)?,
    };
    locked.append(connection, append).await?;
    Ok(())
}

/// What was said in a group, in order.
async fn talk(timeline: &dyn Log, room: RoomId, people: &[PersonId]) -> Result<()> {
    for (number, (speaker, text)) in TALK.iter().enumerate() {
        let Some(author) = people.get(*speaker).or_else(|| people.first()) else { continue };
        let message = Message { text: (*text).to_owned(), reply_to: None, mentions: Vec::new() };
        let append = Append {
            room,
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

/// A leader, and a member who lives far away.
fn sign_ins(everyone: &[DemoPerson]) -> Vec<DemoSignIn> {
    let sign_in = |person: &DemoPerson| DemoSignIn {
        role: person.role,
        name: person.name.clone(),
        phone: person.phone.clone(),
    };
    everyone.iter().take(2).map(sign_in).collect()
}

#[cfg(test)]
mod tests {
    use signaling::rpc::chat::RoomList;
    use time::macros::{date, datetime};

    use super::*;
    use crate::features::chat;
    use crate::testing::TestHub;

    const PLAN: Plan = Plan { seed: 7, start: date!(2026 - 11 - 23), members: 25 };

    async fn made(hub: &TestHub, plan: Plan) -> Result<Vec<DemoSignIn>> {
        let app = &hub.app;
        let place = Place { db: &app.db, keys: &app.keys, timeline: app.timeline.as_ref() };
        ensure(place, plan, app.clock.now()).await
    }

    async fn everything(hub: &TestHub) -> Vec<(String, i64, String, String)> {
        sqlx::query!(
            r#"SELECT room::text AS "room!", seq, cid, body AS "body!" FROM event
               WHERE cid LIKE 'demo-%' ORDER BY room, seq"#
        )
        .fetch_all(&hub.app.db)
        .await
        .expect("read")
        .into_iter()
        .map(|row| (row.room, row.seq, row.cid, row.body))
        .collect()
    }

    #[tokio::test]
    async fn the_same_seed_and_start_make_the_same_data() {
        let (one, other) = (TestHub::start().await, TestHub::start().await);
        made(&one, PLAN).await.expect("made");
        made(&other, PLAN).await.expect("made");
        let first = everything(&one).await;
        // 25 joined their groups and have an inbox line each; three groups talk.
        assert_eq!(first.len(), 50 + 3 * TALK.len());
        assert_eq!(first, everything(&other).await);
        one.stop().await;
        other.stop().await;
    }

    #[tokio::test]
    async fn demo_data_is_made_once_and_never_beside_other_people() {
        let hub = TestHub::start().await;
        let first = made(&hub, PLAN).await.expect("made");
        let again = made(&hub, Plan { seed: 8, ..PLAN }).await.expect("found");
        assert_eq!(first, again);
        hub.stop().await;
        let used = TestHub::start().await;
        used.person("林禾川").await;
        let error = made(&used, PLAN).await.expect_err("refused");
        assert!(matches!(&error, Error::Refused(refusal) if refusal.code == RefusalCode::Conflict));
        used.stop().await;
    }

    #[tokio::test]
    async fn a_demo_member_signs_in_and_finds_the_group_and_what_was_said() {
        let hub = TestHub::start().await;
        let sign_ins = made(&hub, PLAN).await.expect("made");
        assert_eq!(sign_ins[0].role, RoomRole::Leader);
        assert_eq!(sign_ins[1].role, RoomRole::Member);
        let mut browser = hub.browser();
        let me = browser.sign_in(&hub.app, &sign_ins[1].phone).await;
        assert_eq!(me.body["name"], sign_ins[1].name.as_str());
        let person: PersonId = serde_json::from_value(me.body["person"].clone()).expect("an id");
        let rooms = chat::call(&hub.app, person, "room.list", b"{}").await.expect("listed");
        let rooms: RoomList = serde_json::from_slice(&rooms).expect("a list");
        let rooms = rooms.rooms;
        let group = rooms.iter().find(|room| room.kind == RoomKind::PartyGroup).expect("a group");
        assert_eq!((group.title.as_str(), group.members), (people::title(1).as_str(), 12));
        assert_eq!(group.unread, i64::try_from(TALK.len()).expect("a few"));
        assert_eq!(group.role, RoomRole::Member);
        hub.stop().await;
    }

    #[test]
    fn a_demo_begins_on_monday() {
        assert_eq!(Plan::of_week(datetime!(2026-11-29 23:00 UTC)).start, date!(2026 - 11 - 23));
        assert_eq!(Plan::of_week(datetime!(2026-11-23 00:00 UTC)).start, date!(2026 - 11 - 23));
    }
}
