//! The call of a room: a member starts it or joins it, the log says when it began, when it was over
//! and who was there.
//!
//! At most one call is open in a room. The hub alone makes rooms on the media server and lets
//! people in, each as itself and with no right but to be heard and seen: members straight, guests and
//! whoever was taken out by a leader's word (`door`). Every few seconds it looks
//! who is there, ends what is empty and removes who is no member any more. Start reading in
//! `watch`.

mod door;
mod hands;
mod media;
mod place;
mod process;
mod queries;
mod routes;
mod rules;
mod types;
mod watch;

use signaling::event::EventKind;
use signaling::event::calls::CallEnded;
use signaling::event::chat::RoomRole;
use signaling::http::calls::{CallState, CallTicket, OpenCall};
use signaling::limits::{CALL_ATTENDED_MAX, CALL_TICKET_S};
use signaling::{CallId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;

pub use self::media::{MediaServer, MediaServerError};
pub use self::process::stop as stop_media_server;
pub use self::routes::router;
use self::types::Call;
pub use self::watch::{look_now, run};
use super::organisations;
use crate::app::App;
use crate::config::Config;
use crate::error::{Error, Fault, Result};
use crate::keys::Keys;
use crate::timeline::{Append, Locked};

/// The media server of this installation; `None` where calls are not offered.
pub fn media_server(
    config: &Config,
    keys: &Keys,
) -> std::result::Result<Option<MediaServer>, MediaServerError> {
    config.calls.offered().then(|| MediaServer::new(config, keys)).transpose()
}

/// Refuses what is no room of this person, whether it exists or not.
fn no_room() -> Error {
    Error::refuse(RefusalCode::NotFound, "no such room, or you are not a member of it")
}

fn media(app: &App) -> Result<&MediaServer> {
    app.media.as_ref().ok_or_else(|| {
        Error::refuse(RefusalCode::NotOffered, "this installation has no media server")
    })
}

/// A ticket to a room in which a person is alone: whether sound and pictures would get through. It
/// is the same room each time, and gone a while after the last check.
async fn check(app: &App, person: PersonId) -> Result<CallTicket> {
    let media = media(app)?;
    let name = {
        let mut connection = app.db.acquire().await?;
        organisations::name_of(&mut connection, person).await?
    };
    let alone = CallId(person.uuid());
    media.ready().await?;
    media.create_room(alone, app.clock.now()).await?;
    Ok(CallTicket {
        call: alone,
        url: media.url.clone(),
        token: media.ticket(alone, (person, &name), app.clock.now()),
        valid_s: CALL_TICKET_S,
    })
}

/// A stranger must not learn more than that there is no such room.
async fn known_to(app: &App, person: PersonId, room: RoomId) -> Result<RoomRole> {
    let mut connection = app.db.acquire().await?;
    organisations::role_in(&mut connection, room, person).await?.ok_or_else(no_room)
}

/// The open call of a room.
async fn open_call(connection: &mut PgConnection, room: RoomId) -> Result<CallId> {
    let call = queries::open_in(connection, room).await?;
    let none = || Error::refuse(RefusalCode::NotFound, "no call is open in this room; start one");
    Ok(call.ok_or_else(none)?.id)
}

/// Whether a call is open in a room, and who is in it.
async fn state(app: &App, person: PersonId, room: RoomId) -> Result<CallState> {
    let mut connection = app.db.acquire().await?;
    let role = organisations::role_in(&mut connection, room, person).await?.ok_or_else(no_room)?;
    let Some(call) = queries::open_in(&mut connection, room).await? else {
        return Ok(CallState { open: None });
    };
    let present = queries::present(&mut connection, call.id).await?;
    let hands = queries::hands(&mut connection, call.id).await?;
    let waiting = if role == RoomRole::Leader {
        door::waiting(&mut connection, call.id, app.clock.now()).await?
    } else {
        Vec::new()
    };
    let Call { id: call, started_at, started_by, locked, .. } = call;
    let open = OpenCall { call, started_at, started_by, present, hands, locked, waiting };
    Ok(CallState { open: Some(open) })
}

/// A leader ends the call of a room for everybody.
async fn end_by(app: &App, person: PersonId, room: RoomId) -> Result<()> {
    if known_to(app, person, room).await? != RoomRole::Leader {
        let sentence = "only a leader of the room ends its call";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    let media = media(app)?;
    let mut connection = app.db.acquire().await?;
    let Some(call) = queries::open_in(&mut connection, room).await? else { return Ok(()) };
    drop(connection);
    end(app, &call, person).await?;
    media.delete_room(call.id, app.clock.now()).await
}

/// Ends a call and writes into the log who was there; a call that is over stays as it is. `by` is
/// nobody where it ended by itself.
async fn end(app: &App, call: &Call, by: PersonId) -> Result<()> {
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[call.room]).await?;
    if !queries::end(&mut transaction, call.id, now).await? {
        return Ok(());
    }
    let attended = queries::attended(&mut transaction, call.id, CALL_ATTENDED_MAX).await?;
    let over = if by == PersonId::SYSTEM { call.busy_at.max(call.started_at) } else { now };
    let ended = CallEnded {
        call: call.id,
        seconds: (over - call.started_at).whole_seconds().max(0),
        attended,
    };
    let append = Append {
        room: call.room,
        author: by,
        cid: format!("call-end-{}", call.id),
        kind: EventKind::CallEnded,
        reference: None,
        body: serde_json::to_string(&ended).map_err(Fault::new)?,
    };
    locked.append(&mut transaction, append).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    Ok(())
}
