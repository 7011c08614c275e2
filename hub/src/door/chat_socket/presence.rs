//! Who is in a room, and publishing into it, for members.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;
use signaling::chat::channel::Channel;
use signaling::chat::codes::ErrorCode;
use signaling::chat::push::ClientInfo;
use signaling::chat::reply::PresenceStatsResult;
use signaling::chat::session::Answer;
use signaling::event::EventKind;
use signaling::event::chat::Message;
use signaling::rpc::chat::SendMessage;
use signaling::{PersonId, RoomId};

use super::asks::{Answered, Refuse, standing};
use super::connection::Effect;
use crate::app::App;
use crate::features::chat::{self, Present};

/// The members who are subscribed to a room and let it be seen, at most [`Present::names`]. A person stands there once, under the id of the person.
pub(super) async fn presence(app: &App, person: PersonId, channel: &str) -> Answered {
    let people = people(app, person, channel).await?.names;
    let info = |person: &PersonId| {
        let user = person.to_string();
        (user.clone(), ClientInfo { client: user.clone(), user, ..ClientInfo::default() })
    };
    let presence: BTreeMap<_, _> = people.iter().map(info).collect();
    Ok((Answer::Presence(presence), Effect::None))
}

/// How many they are.
pub(super) async fn stats(app: &App, person: PersonId, channel: &str) -> Answered {
    let count = people(app, person, channel).await?.count;
    let stats = PresenceStatsResult { num_clients: count, num_users: count };
    Ok((Answer::PresenceStats(stats), Effect::None))
}

async fn people(app: &App, person: PersonId, channel: &str) -> Result<Present, Refuse> {
    let room = room(channel)?;
    standing(app, person, room).await?;
    Ok(chat::present(app, room).await?)
}

/// Rooms have presence, inboxes do not.
fn room(channel: &str) -> Result<RoomId, ErrorCode> {
    match Channel::parse(channel) {
        Ok(Channel::Room(room) | Channel::Live(room)) => Ok(room),
        Ok(Channel::User(_)) => Err(ErrorCode::NotAvailable),
        Err(_) => Err(ErrorCode::PermissionDenied),
    }
}

/// The part of an envelope that a simple client writes.
#[derive(Deserialize)]
struct Draft {
    t: EventKind,
    cid: String,
    b: Message,
}

/// Publishing is `msg.send` for clients that know nothing else: the data is an envelope of kind
/// `msg` with a `cid`. Answered after the commit.
pub(super) async fn publish(app: &App, person: PersonId, channel: &str, data: &Bytes) -> Answered {
    let Ok(Channel::Room(room)) = Channel::parse(channel) else {
        return Err(ErrorCode::PermissionDenied.into());
    };
    let draft: Draft = serde_json::from_slice(data).map_err(|_| ErrorCode::PermissionDenied)?;
    if draft.t != EventKind::Message {
        return Err(ErrorCode::PermissionDenied.into());
    }
    let Message { text, reply_to, mentions } = draft.b;
    let message = SendMessage { room, cid: draft.cid, text, reply_to, mentions };
    chat::send(app, person, message).await?;
    Ok((Answer::Published, Effect::None))
}
