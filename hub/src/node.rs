//! What a node does beside its sockets: hands committed events to the fan-out and to the bus, takes
//! what other nodes say, reads the gaps that the fan-out asks for, and compares its open rooms with
//! the store, so that a lost hint delays an event and never loses it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use signaling::RoomId;
use signaling::chat::session::Millis;
use signaling::event::EventKind;
use signaling::limits::{
    FILL_EVENTS_MAX, FILLS_MAX, TOPS_AGE_MS_MAX, TOPS_INTERVAL_ALONE_MS, TOPS_INTERVAL_MS,
};
use time::OffsetDateTime;

use crate::app::App;
use crate::bus::{Hint, Incoming, Sealed};
use crate::fanout::Fill;
use crate::features::{accounts, chat};
use crate::timeline::{Committed, Epoch, Fed, Slice, Top};

type Filled = (RoomId, Result<Option<Slice>, sqlx::Error>);
/// What moved, and when the look for revoked devices began.
type Compared = Result<(Vec<(RoomId, i64, Top)>, OffsetDateTime), sqlx::Error>;

/// Runs until the hub stops or nothing can commit any more.
pub async fn run(app: App, mut fed: Fed, mut incoming: Incoming) {
    let mut fills = FuturesUnordered::new();
    let mut waiting: Vec<Fill> = Vec::new();
    let mut comparison = FuturesUnordered::new();
    let mut compared_at = app.clock.monotonic();
    let mut looked_at = app.clock.now();
    let mut beat = tokio::time::interval(Duration::from_millis(TOPS_INTERVAL_ALONE_MS));
    let mut turns = (0..TOPS_INTERVAL_MS / TOPS_INTERVAL_ALONE_MS).cycle();
    loop {
        let now = app.clock.monotonic();
        waiting.extend(app.fanout.tick(now));
        while fills.len() < FILLS_MAX
            && let Some(fill) = waiting.pop()
        {
            fills.push(read(Arc::clone(&app), fill));
        }
        tokio::select! {
            biased;
            batch = fed.recv() => match batch {
                Some(events) => {
                    show(&app, &events);
                    app.bumps.note(&events);
                }
                None => return,
            },
            Some(sealed) = incoming.recv() => hear(&app, sealed),
            Some(filled) = fills.next(), if !fills.is_empty() => take(&app, filled),
            Some(compared) = comparison.next(), if !comparison.is_empty() => {
                if let Some(began) = settle(&app, compared) {
                    looked_at = began;
                    compared_at = app.clock.monotonic();
                    app.fanout.resume();
                }
            }
            _ = beat.tick() => {
                if turns.next() != Some(0) && !app.bus.is_away() {
                    continue;
                }
                if app.clock.monotonic().since(compared_at) > TOPS_AGE_MS_MAX {
                    app.fanout.hold();
                }
                app.fanout.sweep(app.clock.monotonic());
                chat::ask_others(&app);
                if comparison.is_empty() {
                    comparison.push(compare(Arc::clone(&app), looked_at));
                }
            }
            () = due(&app, app.fanout.deadline()) => {}
            () = app.drained.cancelled() => return,
        }
    }
}

/// What this node has committed: to its own sockets, and to the other nodes.
fn show(app: &App, events: &[Arc<Committed>]) {
    if let Some(media) = &app.media
        && events.iter().any(|event| event.kind == EventKind::Left)
    {
        media.look_soon();
    }
    app.fanout.offer(events, app.clock.monotonic());
    for event in events {
        app.tell(&Hint::Event(Arc::clone(event)));
    }
}

/// What came over the bus. Nothing is believed that has no right code; an event that this node
/// does not wait for is dropped unread.
fn hear(app: &App, sealed: Bytes) {
    let Some(sealed) = Sealed::read(sealed) else { return forged() };
    if let Some((room, epoch, seq)) = sealed.claims()
        && !app.fanout.wants(room, epoch, seq)
    {
        return;
    }
    match sealed.open(&app.keys.bus) {
        Some(Hint::Event(event)) => app.fanout.offer(&[event], app.clock.monotonic()),
        Some(Hint::Revoked { person, device: Some(device) }) => {
            app.fanout.end_device(person, device);
        }
        Some(Hint::Revoked { person, device: None }) => app.fanout.end_person(person),
        Some(Hint::Ephemeral { room, data }) => app.fanout.ephemeral(room, &data),
        Some(Hint::Message { person, data }) => app.fanout.people.message(person, None, &data),
        Some(Hint::Moved(event)) => app.bumps.heard(event),
        Some(Hint::Look { room, node }) => chat::answer_look(app, room, node),
        Some(Hint::Present { room, share }) => {
            app.elsewhere.heard(room, share, app.clock.monotonic());
        }
        None => forged(),
    }
}

fn forged() {
    metrics::counter!("hub_bus_hints_forged_total").increment(1);
}

/// Waits until the fan-out has something to do.
async fn due(app: &App, deadline: Option<Millis>) {
    match deadline {
        Some(at) => {
            tokio::time::sleep(Duration::from_millis(at.since(app.clock.monotonic()))).await;
        }
        None => std::future::pending().await,
    }
}

async fn read(app: App, fill: Fill) -> Filled {
    (fill.room, app.timeline.since(fill.room, fill.after, FILL_EVENTS_MAX).await)
}

fn take(app: &App, (room, filled): Filled) {
    let now = app.clock.monotonic();
    match filled {
        Ok(slice) => app.fanout.filled(room, slice, now),
        Err(error) => {
            tracing::warn!(%error, room.id = %room, "failed to read missing events");
            app.fanout.fill_failed(room, now);
        }
    }
}

/// One query for all open rooms: those that stand elsewhere in the store, with where they had
/// stood on this node when it was asked.
///
/// Then the sockets of devices that were revoked since `looked_at` are ended: a node that does not
/// know of them is not current.
async fn compare(app: App, looked_at: OffsetDateTime) -> Compared {
    let began = app.clock.now();
    let known: Vec<(RoomId, i64, Epoch)> = app.fanout.positions();
    let moved = if app.compares { app.timeline.moved(&known).await? } else { Vec::new() };
    accounts::end_revoked(&app, looked_at).await?;
    if moved.is_empty() {
        return Ok((Vec::new(), began));
    }
    let stood: HashMap<_, _> = known.into_iter().map(|(room, seq, _)| (room, seq)).collect();
    let stood_at = |room: &RoomId| stood.get(room).copied().unwrap_or_default();
    let moved = moved.into_iter().map(|(room, top)| (room, stood_at(&room), top));
    Ok((moved.collect(), began))
}

/// When the look for revoked devices began; `None` where the node could not compare.
fn settle(app: &App, compared: Compared) -> Option<OffsetDateTime> {
    let now = app.clock.monotonic();
    match compared {
        Ok((moved, began)) => {
            for (room, known, top) in moved {
                app.fanout.compared(room, known, top, now);
            }
            Some(began)
        }
        Err(error) => {
            tracing::warn!(%error, "failed to compare the open rooms with the store");
            None
        }
    }
}
