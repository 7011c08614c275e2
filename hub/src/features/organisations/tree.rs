//! Founding, renaming, moving and dissolving organisations.

use signaling::event::EventKind;
use signaling::event::chat::RoomChanged;
use signaling::limits::ROOM_HISTORY_DAYS;
use signaling::{OrganisationId, RefusalCode, RoomId};
use sqlx::PgConnection;

use super::queries::{self, NewVersion};
use super::types::{NewOrganisation, Organisation, room_kind};
use super::{Change, found_organisation, rules};
use crate::error::{Error, Result};
use crate::features::policies::day_of;
use crate::timeline::NewRoom;

/// Founds an organisation, with its room where it has one.
pub async fn found(
    change: &mut Change,
    new: &NewOrganisation,
    reason: &str,
) -> Result<Organisation> {
    rules::found(new)?;
    let reason = rules::reason(reason)?;
    let name = new.name.trim();
    let parent = match new.parent {
        Some(parent) => Some(found_organisation(change.connection(), parent).await?),
        None => None,
    };
    if new.parent.is_none() && room_kind(new.kind).is_some() {
        let sentence = "such an organisation stands below another one";
        return Err(Error::refuse(RefusalCode::PlaceNotAllowed, sentence));
    }
    let room = room_kind(new.kind).map(|_| RoomId(change.ids.next()));
    let made = Organisation {
        id: new.id,
        kind: new.kind,
        name: name.to_owned(),
        joint: new.joint.as_ref().map(|(kind, _)| *kind),
        room,
        parent: new.parent,
        parent_kind: parent.as_ref().map(|parent| parent.kind),
        parent_name: parent.as_ref().map(|parent| parent.name.clone()),
        open: true,
    };
    make_room(change, &made).await?;
    let (by, now) = (change.by, change.now);
    let founded = queries::insert_organisation(change.connection(), new, room, day_of(now)).await;
    founded.map_err(rules::broken)?;
    let version = NewVersion {
        of: new.id,
        kind: new.kind,
        name,
        parent: parent.as_ref().map(|parent| (parent.id, parent.kind)),
        reason: &reason,
    };
    let begun = queries::insert_version(change.connection(), &version, (by, now)).await;
    begun.map_err(rules::broken)?;
    for unit in new.joint.iter().flat_map(|(_, units)| units) {
        queries::insert_unit(change.connection(), new.id, unit).await?;
    }
    Ok(made)
}

async fn make_room(change: &mut Change, made: &Organisation) -> Result<()> {
    let (Some(id), Some(kind)) = (made.room, room_kind(made.kind)) else { return Ok(()) };
    let new = NewRoom {
        id,
        kind,
        title: made.title(),
        history_days: Some(ROOM_HISTORY_DAYS),
        created_at: change.now,
    };
    let (connection, locked) = change.parts();
    locked.create(connection, &new).await?;
    Ok(())
}

/// The rooms that [`rearrange`] writes to.
pub(super) async fn rooms_named_after(
    connection: &mut PgConnection,
    of: OrganisationId,
) -> Result<Vec<RoomId>> {
    let rooms = queries::rooms_below(connection, of).await?;
    Ok(rooms.into_iter().map(|(room, _)| room).collect())
}

/// Gives an organisation a new name, a new place, or both; the former ones stay in its history.
/// Rooms that bear the name are told.
pub(super) async fn rearrange(
    change: &mut Change,
    id: OrganisationId,
    (name, parent): (Option<&str>, Option<OrganisationId>),
    reason: &str,
) -> Result<()> {
    let reason = rules::reason(reason)?;
    let before = found_organisation(change.connection(), id).await?;
    let name = name.map(|name| rules::text(name, rules::NAME_CHARS_MAX, "a name")).transpose()?;
    let name = name.unwrap_or_else(|| before.name.clone());
    let place = match parent {
        Some(parent) => {
            let parent = found_organisation(change.connection(), parent).await?;
            Some((parent.id, parent.kind))
        }
        None => before.parent.zip(before.parent_kind),
    };
    if before.kind == signaling::http::organisations::OrganisationKind::PartyGroup
        && place.map(|(id, _)| id) != before.parent
    {
        let sentence = "a party group stays in its branch; found another one there";
        return Err(Error::refuse(RefusalCode::PlaceNotAllowed, sentence));
    }
    let (by, now) = (change.by, change.now);
    queries::close_version(change.connection(), id, now).await?;
    let version =
        NewVersion { of: id, kind: before.kind, name: &name, parent: place, reason: &reason };
    let begun = queries::insert_version(change.connection(), &version, (by, now)).await;
    begun.map_err(rules::broken)?;
    if name == before.name {
        return Ok(());
    }
    for (room, of) in queries::rooms_below(change.connection(), id).await? {
        let title = found_organisation(change.connection(), of).await?.title();
        queries::set_title(change.connection(), room, &title).await?;
        change.append(room, EventKind::RoomChanged, &RoomChanged { title }).await?;
    }
    Ok(())
}

/// Dissolves an organisation. Refused while anything hangs on it.
pub(super) async fn dissolve(change: &mut Change, id: OrganisationId, reason: &str) -> Result<()> {
    let reason = rules::reason(reason)?;
    let before = found_organisation(change.connection(), id).await?;
    if !before.open {
        return Err(Error::refuse(RefusalCode::Conflict, "it is dissolved already"));
    }
    let (by, now) = (change.by, change.now);
    let done = queries::dissolve(change.connection(), id, day_of(now)).await;
    done.map_err(rules::broken)?;
    // The last version says who decided it and why; it stays in force as the name it had.
    queries::close_version(change.connection(), id, now).await?;
    let version =
        NewVersion { of: id, kind: before.kind, name: &before.name, parent: None, reason: &reason };
    queries::insert_version(change.connection(), &version, (by, now)).await?;
    Ok(())
}
