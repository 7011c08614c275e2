//! What members may look up about a message: who has read it, and what it said before; and whether
//! others see that one is here.

use signaling::event::chat::{Edit, Message};
use signaling::limits::{EDITS_SHOWN_MAX, READERS_NAMED_MAX};
use signaling::rpc::chat::{
    EditList, ListEdits, ListReaders, PresenceSet, ReaderList, SetPresence, TextVersion,
};
use signaling::{PersonId, RoomId};
use sqlx::PgConnection;

use super::types::{Membership, StoredMessage};
use super::{mark_queries, no_room, queries, rules};
use crate::app::App;
use crate::error::Result;

/// Who has read up to a message.
pub(super) async fn readers(
    app: &App,
    person: PersonId,
    request: &ListReaders,
) -> Result<ReaderList> {
    let ListReaders { room, seq } = *request;
    let mut connection = app.db.acquire().await?;
    let message = visible(&mut connection, (room, seq), person).await?;
    let place = (room, seq);
    let (read, of) = mark_queries::count_readers(&mut connection, place, message.author).await?;
    let limit = READERS_NAMED_MAX;
    let readers = mark_queries::readers(&mut connection, place, message.author, limit).await?;
    Ok(ReaderList { readers, read, of })
}

/// The texts a message had.
pub(super) async fn edits(app: &App, person: PersonId, request: &ListEdits) -> Result<EditList> {
    let ListEdits { room, seq } = *request;
    let mut connection = app.db.acquire().await?;
    visible(&mut connection, (room, seq), person).await?;
    let rows = mark_queries::versions(&mut connection, room, seq, EDITS_SHOWN_MAX).await?;
    let text = |place: i64, body: &str| {
        if place == seq {
            serde_json::from_str::<Message>(body).map(|message| message.text).ok()
        } else {
            serde_json::from_str::<Edit>(body).map(|edit| edit.text).ok()
        }
    };
    let versions = rows.into_iter().filter_map(|(place, ts, body)| {
        Some(TextVersion { seq: place, ts, text: text(place, &body)? })
    });
    Ok(EditList { versions: versions.collect() })
}

/// A message that stands, for a member who may see it.
async fn visible(
    connection: &mut PgConnection,
    (room, seq): (RoomId, i64),
    person: PersonId,
) -> Result<StoredMessage> {
    let membership = mark_queries::membership(connection, room, person).await?;
    let Membership { visible_from, .. } = membership.ok_or_else(no_room)?;
    let message = queries::message(connection, room, seq).await?;
    let message = message.filter(|_| seq >= visible_from);
    Ok(*rules::stands(message.as_ref())?)
}

/// Shows the caller to others, or hides them.
pub(super) async fn set_presence(
    app: &App,
    person: PersonId,
    request: SetPresence,
) -> Result<PresenceSet> {
    let mut connection = app.db.acquire().await?;
    let SetPresence { shown } = request;
    if shown {
        mark_queries::show_presence(&mut connection, person).await?;
    } else {
        mark_queries::hide_presence(&mut connection, person, app.clock.now()).await?;
    }
    Ok(PresenceSet { shown })
}

/// Those of `people` who let themselves be seen.
pub async fn shown(app: &App, people: Vec<PersonId>) -> Result<Vec<PersonId>> {
    if people.is_empty() {
        return Ok(people);
    }
    let ids: Vec<_> = people.iter().map(|person| person.uuid()).collect();
    let mut connection = app.db.acquire().await?;
    let hidden = mark_queries::hidden_among(&mut connection, &ids).await?;
    Ok(people.into_iter().filter(|person| !hidden.contains(person)).collect())
}

/// Whether others see the caller.
pub(super) async fn presence(app: &App, person: PersonId) -> Result<PresenceSet> {
    let mut connection = app.db.acquire().await?;
    let hidden = mark_queries::hidden_among(&mut connection, &[person.uuid()]).await?;
    Ok(PresenceSet { shown: hidden.is_empty() })
}
