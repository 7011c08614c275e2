//! Hands in a call: a queue that the hub keeps, and the floor that a leader gives.

use signaling::event::chat::RoomRole;
use signaling::http::calls::CallState;
use signaling::{PersonId, RefusalCode, RoomId};

use super::{known_to, media, open_call, queries, state};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::chat;

/// Raises or lowers one's own hand.
pub(super) async fn raise(
    app: &App,
    person: PersonId,
    room: RoomId,
    up: bool,
) -> Result<CallState> {
    known_to(app, person, room).await?;
    media(app)?;
    let mut connection = app.db.acquire().await?;
    let call = open_call(&mut connection, room).await?;
    if !up {
        queries::lower_hand(&mut connection, call, person).await?;
    } else if queries::is_let_in(&mut connection, call, person).await? {
        queries::raise_hand(&mut connection, call, person, app.clock.now()).await?;
    } else {
        let sentence = "enter the call first, then raise your hand";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    drop(connection);
    chat::call_changed(app, room);
    state(app, person, room).await
}

/// A leader gives the floor to a raised hand, or lowers it.
pub(super) async fn answer(
    app: &App,
    leader: PersonId,
    (room, person): (RoomId, PersonId),
    floor: bool,
) -> Result<CallState> {
    if known_to(app, leader, room).await? != RoomRole::Leader {
        let sentence = "only a leader of the room gives the floor";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    media(app)?;
    let mut connection = app.db.acquire().await?;
    let call = open_call(&mut connection, room).await?;
    if !floor {
        queries::lower_hand(&mut connection, call, person).await?;
    } else if !queries::give_floor(&mut connection, call, person, app.clock.now()).await? {
        let sentence = "this hand is down by now; read the call again";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    drop(connection);
    chat::call_changed(app, room);
    state(app, leader, room).await
}
