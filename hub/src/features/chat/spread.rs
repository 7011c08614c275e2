//! What passes and is not kept: who is writing, who has read, that a room moved. Nothing here is
//! promised; whoever misses it learns the truth from the log or from `sync`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use signaling::event::EventKind;
use signaling::event::chat::Message;
use signaling::event::live::{ClientSign, LiveSign, Note};
use signaling::limits::{BUMP_INTERVAL_MS, BUMP_ROOMS_MAX, PREVIEW_CHARS_MAX};
use signaling::{PersonId, RoomId};

use super::{queries, rules};
use crate::app::App;
use crate::bus::Hint;
use crate::timeline::Committed;

/// The room of a sign that a client sent; `None` for what the hub does not know.
#[must_use]
pub fn sign(data: &[u8]) -> Option<RoomId> {
    let ClientSign::Typing { room } = serde_json::from_slice(data).ok()?;
    Some(room)
}

/// Tells the room that a member is writing.
pub fn typing(app: &App, room: RoomId, from: PersonId) {
    to_room(app, room, &LiveSign::Typing { from });
}

/// Tells the room that something changed in its call.
pub fn call_changed(app: &App, room: RoomId) {
    to_room(app, room, &LiveSign::Call);
}

/// Tells the room, and the reader's own devices, how far a member has read.
pub(super) fn read(app: &App, (room, from): (RoomId, PersonId), seq: i64, unread: i64) {
    to_room(app, room, &LiveSign::Read { from, seq });
    if let Some(data) = json(&Note::Read { room, seq, unread }) {
        app.fanout.people.message(from, None, &data);
        app.tell(&Hint::Message { person: from, data });
    }
}

fn to_room(app: &App, room: RoomId, sign: &LiveSign) {
    if let Some(data) = json(sign) {
        app.fanout.ephemeral(room, &data);
        app.tell(&Hint::Ephemeral { room, data });
    }
}

fn json(value: &impl Serialize) -> Option<Bytes> {
    serde_json::to_vec(value).ok().map(Bytes::from)
}

/// The last message of each room that moved since the last bump.
#[derive(Debug, Default)]
pub struct Bumps {
    pending: Mutex<HashMap<RoomId, Moved>>,
}

/// A room's last message, and whether other nodes must hear of it from this one.
#[derive(Debug)]
struct Moved {
    event: Arc<Committed>,
    own: bool,
}

impl Bumps {
    /// Remembers messages that this node committed.
    pub fn note(&self, events: &[Arc<Committed>]) {
        for event in events.iter().filter(|event| event.kind == EventKind::Message) {
            self.keep(Moved { event: Arc::clone(event), own: true });
        }
    }

    /// Remembers a message of which another node told.
    pub fn heard(&self, event: Arc<Committed>) {
        self.keep(Moved { event, own: false });
    }

    /// Of more than [`BUMP_ROOMS_MAX`] rooms in one interval the rest is not bumped.
    fn keep(&self, moved: Moved) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let room = moved.event.room;
        let newer = |last: &Moved| moved.event.seq > last.event.seq;
        let wanted = match pending.get(&room) {
            Some(last) => newer(last),
            None => pending.len() < BUMP_ROOMS_MAX,
        };
        if wanted {
            pending.insert(room, moved);
        }
    }

    fn take(&self) -> HashMap<RoomId, Moved> {
        std::mem::take(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Bumps the rooms that moved, once a second, until the hub stops.
pub async fn run(app: App) {
    let mut beat = tokio::time::interval(Duration::from_millis(BUMP_INTERVAL_MS));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        let moved = app.bumps.take();
        if moved.is_empty() {
            continue;
        }
        for moved in moved.values().filter(|moved| moved.own) {
            app.tell(&Hint::Moved(Arc::clone(&moved.event)));
        }
        if let Err(error) = bump(&app, &moved).await {
            tracing::warn!(%error, "failed to tell members that rooms moved");
        }
    }
}

/// Tells the members who are connected here and not subscribed to the room.
async fn bump(app: &App, moved: &HashMap<RoomId, Moved>) -> Result<(), sqlx::Error> {
    let rooms: Vec<_> = moved.keys().map(|room| room.uuid()).collect();
    let present: Vec<_> = app.fanout.people.present().into_iter().map(PersonId::uuid).collect();
    let mut connection = app.db.acquire().await?;
    let members = queries::members_among(&mut connection, &rooms, &present).await?;
    for (room, people) in members {
        let Some(Moved { event, .. }) = moved.get(&room) else { continue };
        let Some(data) = json(&note(event)) else { continue };
        let listening: HashSet<PersonId> = app.fanout.listeners(room).into_iter().collect();
        for person in people.into_iter().map(PersonId) {
            if event.author != person && !listening.contains(&person) {
                app.fanout.people.message(person, None, &data);
            }
        }
    }
    Ok(())
}

fn note(event: &Committed) -> Note {
    let message: Option<Message> =
        event.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let text = message.map(|message| message.text).unwrap_or_default();
    let preview = rules::preview(&text, PREVIEW_CHARS_MAX);
    Note::Bump { room: event.room, seq: event.seq, nth: event.nth, from: event.author, preview }
}
