//! One transaction over people and places. The rooms follow: after every change of the tables
//! [`Change::settle`] makes the membership of the room what the tables say, under the room's lock.

use std::sync::Arc;

use signaling::event::EventKind;
use signaling::event::chat::{InboxRoom, Joined, Left, RoleChanged, RoomRole};
use signaling::event::people::Notice;
use signaling::{PersonId, RefusalCode, RoomId};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use time::OffsetDateTime;

use super::queries;
use super::types::Organisation;
use crate::app::Ids;
use crate::error::{Error, Fault, Result};
use crate::timeline::{Append, Committed, Locked, Log};

/// A transaction over people and places, with the heads of the rooms it may write to.
///
/// The rooms are named before anything is read: heads are always the first locks. What turns out
/// to concern another room is refused as `conflict`, and the command is repeated from the start.
pub struct Change {
    transaction: Transaction<'static, Postgres>,
    pub locked: Locked,
    pub ids: Ids,
    /// Who decides; `None` for the hub's own commands.
    pub by: Option<PersonId>,
    pub now: OffsetDateTime,
}

impl Change {
    /// Begins a transaction that holds `rooms`.
    pub async fn begin(
        db: &PgPool,
        ids: &Ids,
        (by, now): (Option<PersonId>, OffsetDateTime),
        rooms: &[RoomId],
    ) -> Result<Self> {
        let mut transaction = db.begin().await?;
        let locked = Locked::rooms(&mut transaction, rooms).await?;
        Ok(Self { transaction, locked, ids: ids.clone(), by, now })
    }

    /// The connection of the transaction.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Both halves, for commands of other capabilities.
    pub fn parts(&mut self) -> (&mut PgConnection, &mut Locked) {
        (&mut self.transaction, &mut self.locked)
    }

    /// Commits, and shows what was appended.
    pub async fn commit(self, timeline: &dyn Log) -> Result<()> {
        let events = self.finish().await?;
        timeline.publish(events).await;
        Ok(())
    }

    /// Commits; the events are to be published by the caller.
    pub async fn finish(self) -> Result<Vec<Arc<Committed>>> {
        self.transaction.commit().await.map_err(super::rules::broken)?;
        Ok(self.locked.into_events())
    }

    /// Makes a person's place in the room of an organisation what the tables say.
    pub async fn settle(&mut self, organisation: &Organisation, person: PersonId) -> Result<()> {
        let Some(room) = organisation.room else { return Ok(()) };
        self.hold(room)?;
        let wanted = queries::wanted_role(self.connection(), organisation.id, person).await?;
        let present = queries::present_role(self.connection(), room, person).await?;
        match (present, wanted) {
            (None, Some(role)) => self.enter(organisation, room, (person, role)).await,
            (Some(_), None) => self.leave(organisation, room, person).await,
            (Some(was), Some(role)) if was != role => self.promote(room, (person, role)).await,
            _ => Ok(()),
        }
    }

    async fn enter(
        &mut self,
        organisation: &Organisation,
        room: RoomId,
        (person, role): (PersonId, RoomRole),
    ) -> Result<()> {
        let now = self.now;
        self.locked.admit(&mut self.transaction, room, (person, role), now).await?;
        let name = queries::name_of(self.connection(), person).await?;
        self.append(room, EventKind::Joined, &Joined { person, name, role }).await?;
        let added = InboxRoom { room, title: organisation.title() };
        self.append(person.inbox(), EventKind::InboxRoomAdded, &added).await
    }

    async fn leave(
        &mut self,
        organisation: &Organisation,
        room: RoomId,
        person: PersonId,
    ) -> Result<()> {
        self.locked.dismiss(&mut self.transaction, room, person).await?;
        let name = queries::name_of(self.connection(), person).await?;
        let removed = self.by != Some(person);
        self.append(room, EventKind::Left, &Left { person, name, removed }).await?;
        let gone = InboxRoom { room, title: organisation.title() };
        self.append(person.inbox(), EventKind::InboxRoomRemoved, &gone).await
    }

    async fn promote(&mut self, room: RoomId, (person, role): (PersonId, RoomRole)) -> Result<()> {
        let now = self.now;
        self.locked.admit(&mut self.transaction, room, (person, role), now).await?;
        let name = queries::name_of(self.connection(), person).await?;
        self.append(room, EventKind::RoleChanged, &RoleChanged { person, name, role }).await
    }

    /// Writes a notice into a person's inbox.
    pub async fn notify(&mut self, person: PersonId, notice: &Notice) -> Result<()> {
        self.append(person.inbox(), EventKind::InboxNotice, notice).await
    }

    pub(super) async fn append(
        &mut self,
        room: RoomId,
        kind: EventKind,
        body: &impl serde::Serialize,
    ) -> Result<()> {
        self.hold(room)?;
        let append = Append {
            room,
            author: PersonId::SYSTEM,
            cid: format!("{}-{}", kind.word(), self.ids.next().simple()),
            kind,
            reference: None,
            body: serde_json::to_string(body).map_err(Fault::new)?,
        };
        self.locked.append(&mut self.transaction, append).await?;
        Ok(())
    }

    fn hold(&self, room: RoomId) -> Result<()> {
        match self.locked.top(room) {
            Some(_) => Ok(()),
            None => {
                let sentence = "this changed just now; look again and repeat";
                Err(Error::refuse(RefusalCode::Conflict, sentence))
            }
        }
    }
}
