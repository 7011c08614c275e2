//! The connections of each person on this node.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use dashmap::DashMap;
use signaling::{DeviceId, PersonId};

use super::outbox::{Close, Item, Outbox};

/// Connections by person.
#[derive(Debug, Default)]
pub struct People {
    connections: DashMap<PersonId, Vec<(DeviceId, Arc<Outbox>)>>,
    count: AtomicUsize,
}

impl People {
    /// A connection signed in.
    pub fn enter(&self, person: PersonId, device: DeviceId, outbox: &Arc<Outbox>) {
        self.connections.entry(person).or_default().push((device, Arc::clone(outbox)));
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection ended.
    pub fn leave(&self, person: PersonId, connection: u64) {
        let Some(mut connections) = self.connections.get_mut(&person) else { return };
        let before = connections.len();
        connections.retain(|(_, outbox)| outbox.id != connection);
        self.count.fetch_sub(before.saturating_sub(connections.len()), Ordering::Relaxed);
        if connections.is_empty() {
            drop(connections);
            self.connections.remove_if(&person, |_, left| left.is_empty());
        }
    }

    /// Sends JSON to every connection of `person` but `except`; dropped where an outbox is full.
    pub fn message(&self, person: PersonId, except: Option<u64>, json: &Bytes) {
        let Some(connections) = self.connections.get(&person) else { return };
        for (_, outbox) in connections.iter().filter(|(_, outbox)| Some(outbox.id) != except) {
            outbox.push_ephemeral(Item::Message(json.clone()));
        }
    }

    /// Closes the connections of `person`, of one device or of all.
    pub fn end(&self, person: PersonId, device: Option<DeviceId>, close: Close) {
        let Some(connections) = self.connections.get(&person) else { return };
        let concerned = connections.iter().filter(|(id, _)| device.is_none_or(|only| only == *id));
        for (_, outbox) in concerned {
            outbox.close(close);
        }
    }

    /// Everyone who is connected to this node.
    #[must_use]
    pub fn present(&self) -> Vec<PersonId> {
        self.connections.iter().map(|person| *person.key()).collect()
    }

    /// Whether `person` is connected to this node.
    #[must_use]
    pub fn is_present(&self, person: PersonId) -> bool {
        self.connections.contains_key(&person)
    }

    /// Signed-in connections of this node.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Every signed-in connection of this node.
    #[must_use]
    pub fn outboxes(&self) -> Vec<Arc<Outbox>> {
        let mut all = Vec::with_capacity(self.count());
        for person in &self.connections {
            all.extend(person.iter().map(|(_, outbox)| Arc::clone(outbox)));
        }
        all
    }
}
