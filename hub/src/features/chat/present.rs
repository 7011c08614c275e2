//! Who is in a room, over all nodes of an installation.
//!
//! A node knows its own sockets. While somebody looks at a room, the node asks the others every
//! [`TOPS_INTERVAL_MS`](signaling::limits::TOPS_INTERVAL_MS); each answers with a count and some
//! names of those who let it be seen. The first look finds the other nodes' part missing if nobody
//! looked shortly before. Everything here may be lost and is asked again.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signaling::chat::session::Millis;
use signaling::limits::{
    PRESENCE_AGE_MS_MAX, PRESENCE_ANSWERS_MAX, PRESENCE_LOOK_MS, PRESENCE_NAMES_MAX,
    PRESENCE_NAMES_SHARED_MAX, PRESENCE_ROOMS_MAX,
};
use signaling::{PersonId, RoomId};
use uuid::Uuid;

use super::reading::shown;
use crate::app::App;
use crate::bus::{Hint, Share};
use crate::error::Result;

/// What this node knows of the others.
#[derive(Debug)]
pub struct Elsewhere {
    /// Which node this is, so that it does not hear itself.
    node: Uuid,
    rooms: Mutex<HashMap<RoomId, Looked>>,
    answering: AtomicUsize,
}

#[derive(Debug, Default)]
struct Looked {
    at: Millis,
    nodes: HashMap<Uuid, (Share, Millis)>,
}

/// Who is there.
#[derive(Debug, PartialEq, Eq)]
pub struct Present {
    /// At most [`PRESENCE_NAMES_MAX`].
    pub names: Vec<PersonId>,
    /// How many there are, those without a name included.
    pub count: u32,
}

impl Elsewhere {
    /// Nobody has looked yet.
    #[must_use]
    pub fn new(node: Uuid) -> Self {
        Self { node, rooms: Mutex::default(), answering: AtomicUsize::new(0) }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<RoomId, Looked>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody looks; what other nodes said, and whether they must be asked now.
    fn look(&self, room: RoomId, now: Millis) -> (Vec<Share>, bool) {
        let mut rooms = self.rooms();
        let known = rooms.contains_key(&room);
        if !known && rooms.len() >= PRESENCE_ROOMS_MAX {
            return (Vec::new(), true);
        }
        let looked = rooms.entry(room).or_default();
        looked.at = now;
        let fresh = |at: Millis| now.since(at) <= PRESENCE_AGE_MS_MAX;
        let shares = looked.nodes.values().filter(|(_, at)| fresh(*at));
        (shares.map(|(share, _)| share.clone()).collect(), !known)
    }

    /// The rooms that somebody looked at lately; what is old is forgotten.
    fn looked_at(&self, now: Millis) -> Vec<RoomId> {
        let mut rooms = self.rooms();
        rooms.retain(|_, looked| now.since(looked.at) <= PRESENCE_LOOK_MS);
        for looked in rooms.values_mut() {
            looked.nodes.retain(|_, (_, at)| now.since(*at) <= PRESENCE_AGE_MS_MAX);
        }
        rooms.keys().copied().collect()
    }

    /// Another node answered.
    pub fn heard(&self, room: RoomId, share: Share, now: Millis) {
        if share.node != self.node
            && let Some(looked) = self.rooms().get_mut(&room)
        {
            looked.nodes.insert(share.node, (share, now));
        }
    }
}

/// Who is in a room and lets it be seen.
pub async fn present(app: &App, room: RoomId) -> Result<Present> {
    let (shares, ask) = app.elsewhere.look(room, app.clock.monotonic());
    if ask {
        app.tell(&Hint::Look { room, node: app.elsewhere.node });
    }
    let here = shown(app, app.fanout.listeners(room)).await?;
    Ok(together(here, &shares))
}

/// A person with devices on several nodes is one, as far as the nodes name them.
fn together(here: Vec<PersonId>, shares: &[Share]) -> Present {
    let mut seen: HashSet<PersonId> = here.iter().copied().collect();
    let mut names = here;
    let mut unnamed = 0_usize;
    for Share { count, names: theirs, .. } in shares {
        let count = usize::try_from(*count).unwrap_or(usize::MAX);
        unnamed = unnamed.saturating_add(count.saturating_sub(theirs.len()));
        names.extend(theirs.iter().copied().filter(|person| seen.insert(*person)));
    }
    let count = u32::try_from(names.len().saturating_add(unnamed)).unwrap_or(u32::MAX);
    names.truncate(PRESENCE_NAMES_MAX);
    Present { names, count }
}

/// Asks the other nodes about the rooms that somebody looks at.
pub fn ask_others(app: &App) {
    for room in app.elsewhere.looked_at(app.clock.monotonic()) {
        app.tell(&Hint::Look { room, node: app.elsewhere.node });
    }
}

/// Another node asks. At most [`PRESENCE_ANSWERS_MAX`] answers are under way; it will ask again.
pub fn answer(app: &App, room: RoomId, node: Uuid) {
    let under_way = &app.elsewhere.answering;
    if node == app.elsewhere.node {
        return;
    }
    if under_way.fetch_add(1, Ordering::Relaxed) >= PRESENCE_ANSWERS_MAX {
        under_way.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    let (app, tasks) = (Arc::clone(app), app.tasks.clone());
    tasks.spawn(async move {
        match shown(&app, app.fanout.listeners(room)).await {
            Ok(people) => app.tell(&Hint::Present { room, share: share(&app, people) }),
            Err(error) => tracing::warn!(%error, "failed to tell another node who is in a room"),
        }
        app.elsewhere.answering.fetch_sub(1, Ordering::Relaxed);
    });
}

fn share(app: &App, mut people: Vec<PersonId>) -> Share {
    let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
    people.truncate(PRESENCE_NAMES_SHARED_MAX);
    Share { node: app.elsewhere.node, count, names: people }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u128) -> PersonId {
        PersonId(Uuid::from_u128(number))
    }

    fn share(node: u128, count: u32, names: &[u128]) -> Share {
        let names = names.iter().copied().map(person).collect();
        Share { node: Uuid::from_u128(node), count, names }
    }

    #[test]
    fn a_person_on_two_nodes_is_one_and_those_without_a_name_count() {
        let shares = [share(2, 2, &[10, 11]), share(3, 70, &[11, 12])];
        let present = together(vec![person(10)], &shares);
        assert_eq!(present.names, [person(10), person(11), person(12)]);
        assert_eq!(present.count, 3 + 68);
    }

    #[test]
    fn what_another_node_said_is_kept_for_a_minute_and_only_while_somebody_looks() {
        let room = RoomId(Uuid::from_u128(7));
        let elsewhere = Elsewhere::new(Uuid::from_u128(1));
        elsewhere.heard(room, share(2, 1, &[10]), Millis(0));
        assert_eq!(elsewhere.look(room, Millis(0)), (Vec::new(), true));
        elsewhere.heard(room, share(2, 1, &[10]), Millis(5));
        elsewhere.heard(room, share(1, 1, &[11]), Millis(5));
        let old = Millis(5 + PRESENCE_AGE_MS_MAX);
        assert_eq!(elsewhere.look(room, old), (vec![share(2, 1, &[10])], false));
        assert_eq!(elsewhere.look(room, Millis(old.0 + 1)), (Vec::new(), false));
        let last = Millis(old.0 + 1 + PRESENCE_LOOK_MS);
        assert_eq!(elsewhere.looked_at(last), [room]);
        assert!(elsewhere.looked_at(Millis(last.0 + 1)).is_empty());
    }
}
