//! Marks on messages: reactions of members, pins of leaders. Each change is an event of the room's
//! log; the last one of an author and emoji, or of a message, counts. A repeat that changes nothing
//! writes nothing.

use signaling::event::EventKind;
use signaling::event::chat::{Pin, Reaction, RoomRole};
use signaling::limits::{PINS_MAX, REACTIONS_PER_MESSAGE_MAX};
use signaling::rpc::chat::{ListPins, MessageSent, PinList, SetPin, SetReaction};
use signaling::{PersonId, RefusalCode, RoomId};
use sqlx::{Postgres, Transaction};

use super::types::{Mark, Membership, StoredMessage};
use super::{json, mark_queries, no_room, page, queries, rules, sent};
use crate::app::App;
use crate::error::{Error, Result};
use crate::timeline::{Append, Locked};

/// Sets a reaction of `author`, or takes it back.
pub(super) async fn react(
    app: &App,
    author: PersonId,
    request: SetReaction,
) -> Result<MessageSent> {
    let SetReaction { room, seq, cid, emoji, on } = request;
    rules::emoji(&emoji)?;
    let mut change = match Change::begin(app, (room, seq), author, &cid).await? {
        Begun::Repeat(sent) => return Ok(sent),
        Begun::Change(change) => change,
    };
    let last =
        mark_queries::reaction_of(&mut change.transaction, (room, seq), author, &emoji).await?;
    if let Some(unchanged) = unchanged(last, on) {
        return Ok(unchanged);
    }
    if on {
        let others =
            mark_queries::other_reactions(&mut change.transaction, (room, seq), &emoji).await?;
        if others >= REACTIONS_PER_MESSAGE_MAX {
            let detail = format!("a message has at most {REACTIONS_PER_MESSAGE_MAX} reactions");
            return Err(Error::refuse(RefusalCode::TooLarge, detail));
        }
    }
    let body = json(&Reaction { emoji, on })?;
    let kind = EventKind::Reaction;
    change.write(app, Append { room, author, cid, kind, reference: Some(seq), body }).await
}

/// Pins a message, or unpins it.
pub(super) async fn pin(app: &App, author: PersonId, request: SetPin) -> Result<MessageSent> {
    let SetPin { room, seq, cid, on } = request;
    let mut change = match Change::begin(app, (room, seq), author, &cid).await? {
        Begun::Repeat(sent) => return Ok(sent),
        Begun::Change(change) => change,
    };
    if change.role != RoomRole::Leader {
        return Err(Error::refuse(RefusalCode::NotAllowed, "only leaders of the room pin"));
    }
    let last = mark_queries::pin_of(&mut change.transaction, room, seq).await?;
    if let Some(unchanged) = unchanged(last, on) {
        return Ok(unchanged);
    }
    if on {
        let pinned = mark_queries::pins(&mut change.transaction, room, 1).await?;
        if i64::try_from(pinned.len()).unwrap_or(i64::MAX) >= PINS_MAX {
            let detail = format!("a room has at most {PINS_MAX} pinned messages; unpin one first");
            return Err(Error::refuse(RefusalCode::TooLarge, detail));
        }
    }
    let body = json(&Pin { on })?;
    let kind = EventKind::Pin;
    change.write(app, Append { room, author, cid, kind, reference: Some(seq), body }).await
}

/// The pinned messages as they stand now.
pub(super) async fn pins(app: &App, person: PersonId, request: &ListPins) -> Result<PinList> {
    let room = request.room;
    let mut connection = app.db.acquire().await?;
    let membership = mark_queries::membership(&mut connection, room, person).await?;
    let Membership { visible_from, .. } = membership.ok_or_else(no_room)?;
    let pinned = mark_queries::pins(&mut connection, room, visible_from).await?;
    page::pinned(&mut connection, (room, person), &pinned, visible_from).await
}

/// A change under the room's head lock by a member who may see the message.
struct Change {
    transaction: Transaction<'static, Postgres>,
    locked: Locked,
    role: RoomRole,
}

enum Begun {
    Change(Change),
    /// The same `cid` was written before.
    Repeat(MessageSent),
}

impl Change {
    /// The head first, then the membership, then the message.
    async fn begin(
        app: &App,
        (room, seq): (RoomId, i64),
        author: PersonId,
        cid: &str,
    ) -> Result<Begun> {
        let mut transaction = app.db.begin().await?;
        let locked = Locked::rooms(&mut transaction, &[room]).await?;
        let membership = mark_queries::membership(&mut transaction, room, author).await?;
        let Membership { role, visible_from } = membership.ok_or_else(no_room)?;
        if let Some((seq, ts)) = queries::place_of(&mut transaction, room, author, cid).await? {
            return Ok(Begun::Repeat(MessageSent { seq, ts, dup: true }));
        }
        let message: Option<StoredMessage> =
            queries::message(&mut transaction, room, seq).await?.filter(|_| seq >= visible_from);
        rules::stands(message.as_ref())?;
        Ok(Begun::Change(Self { transaction, locked, role }))
    }

    async fn write(mut self, app: &App, append: Append) -> Result<MessageSent> {
        let appended = self.locked.append(&mut self.transaction, append).await?;
        self.transaction.commit().await?;
        app.timeline.publish(self.locked.into_events()).await;
        Ok(sent(appended))
    }
}

/// The answer where a mark stands already as it is wanted; one that was never set is off.
fn unchanged(last: Option<Mark>, on: bool) -> Option<MessageSent> {
    let Some(last) = last else {
        return (!on).then_some(MessageSent { seq: 0, ts: 0, dup: true });
    };
    (last.on == on).then_some(MessageSent { seq: last.seq, ts: last.ts, dup: true })
}
