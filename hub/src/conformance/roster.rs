//! Who is subscribed to which channel, with the pushes that tell of coming and leaving.
//!
//! A push goes into the outbox under the channel's lock, and a connection leaves under the same
//! lock before its unsubscribe is answered: nothing of a channel follows that answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use dashmap::DashMap;
use signaling::chat::Encoding;
use signaling::chat::push::{self, ClientInfo};
use signaling::chat::reply::PresenceStatsResult;

use crate::app::App;
use crate::fanout::{Item, Outbox};

/// Subscriptions by channel and connection.
#[derive(Debug, Default)]
pub struct Roster {
    channels: DashMap<String, BTreeMap<String, Present>>,
}

#[derive(Debug)]
struct Present {
    info: ClientInfo,
    outbox: Arc<Outbox>,
}

impl Roster {
    /// Whether the connection is subscribed.
    #[must_use]
    pub fn has(&self, channel: &str, client: &str) -> bool {
        self.channels.get(channel).is_some_and(|present| present.contains_key(client))
    }

    /// Everyone who is subscribed.
    #[must_use]
    pub fn presence(&self, channel: &str) -> BTreeMap<String, ClientInfo> {
        let Some(present) = self.channels.get(channel) else { return BTreeMap::new() };
        present.iter().map(|(client, one)| (client.clone(), one.info.clone())).collect()
    }

    /// How many are subscribed.
    #[must_use]
    pub fn stats(&self, channel: &str) -> PresenceStatsResult {
        let presence = self.presence(channel);
        let mut users: Vec<_> = presence.values().map(|info| info.user.as_str()).collect();
        users.sort_unstable();
        users.dedup();
        PresenceStatsResult { num_clients: count(presence.len()), num_users: count(users.len()) }
    }

    /// Outboxes of the connections of `user` that are subscribed, or of all.
    #[must_use]
    pub fn outboxes(&self, channel: &str, user: Option<&str>) -> Vec<Arc<Outbox>> {
        let Some(present) = self.channels.get(channel) else { return Vec::new() };
        let of_user = present.values().filter(|one| user.is_none_or(|user| one.info.user == user));
        of_user.map(|one| Arc::clone(&one.outbox)).collect()
    }

    fn enter(&self, channel: &str, present: Present, told: bool) {
        let mut all = self.channels.entry(channel.to_owned()).or_default();
        let info = present.info.clone();
        all.insert(info.client.clone(), present);
        if told {
            tell(&all, |encoding| push::join(encoding, channel, info.clone()));
        }
    }

    fn leave(&self, channel: &str, client: &str, told: bool) {
        let Some(mut all) = self.channels.get_mut(channel) else { return };
        let Some(gone) = all.remove(client) else { return };
        if told {
            tell(&all, |encoding| push::leave(encoding, channel, gone.info.clone()));
        }
        if all.is_empty() {
            drop(all);
            self.channels.remove_if(channel, |_, left| left.is_empty());
        }
    }
}

/// Encodes once per encoding; dropped where an outbox is full.
fn tell(all: &BTreeMap<String, Present>, encode: impl Fn(Encoding) -> Bytes) {
    let (mut json, mut protobuf) = (None, None);
    for one in all.values() {
        let slot = match one.outbox.encoding {
            Encoding::Json => &mut json,
            Encoding::Protobuf => &mut protobuf,
        };
        let frame: &Bytes = slot.get_or_insert_with(|| encode(one.outbox.encoding));
        one.outbox.push_ephemeral(Item::Frame(frame.clone()));
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A connection's line in the roster of a channel, struck out when it is dropped.
pub struct Seen {
    app: App,
    channel: String,
    info: ClientInfo,
    outbox: Arc<Outbox>,
}

impl Seen {
    /// A line that is not written yet.
    #[must_use]
    pub fn new(app: &App, channel: &str, info: ClientInfo, outbox: &Arc<Outbox>) -> Self {
        let (app, outbox) = (Arc::clone(app), Arc::clone(outbox));
        Self { app, channel: channel.to_owned(), info, outbox }
    }

    /// Writes the line, once the subscribe reply was sent.
    pub fn enter(&self) {
        if let Some(rules) = &self.app.conformance {
            let (info, outbox) = (self.info.clone(), Arc::clone(&self.outbox));
            rules.roster.enter(&self.channel, Present { info, outbox }, rules.tells_of_joins());
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if let Some(rules) = &self.app.conformance {
            rules.roster.leave(&self.channel, &self.info.client, rules.tells_of_joins());
        }
    }
}
