//! The fan-out against a log in memory and sockets that read as fast as a test says.

mod gaps;
mod lagging;
mod live;
mod outbox;
mod removal;

use std::sync::Arc;

use futures_util::task::noop_waker_ref;
use serde_json::Value;
use signaling::chat::Encoding;
use signaling::chat::session::Millis;
use signaling::event::EventKind;
use signaling::event::chat::Left;
use signaling::limits::CATCH_UP_EVENTS_MAX;
use signaling::{PersonId, RoomId};
use uuid::Uuid;

use super::{Fanout, Fill, Item, Outbox, Page, Pull, Start, Stream, Ticket};
use crate::timeline::{Committed, Epoch, Slice, Top};

const EPOCH: Epoch = Epoch { store: 1, room: 1 };

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(0xa000 + number))
}

fn room() -> RoomId {
    RoomId(Uuid::from_u128(0xb001))
}

/// One room, its store and its fan-out.
struct Scene {
    fanout: Fanout,
    /// What is committed, from number 1 on.
    store: Vec<Arc<Committed>>,
    epoch: Epoch,
    now: Millis,
}

impl Scene {
    /// A room with `events` messages that nobody follows.
    fn with(events: i64) -> Self {
        let store = Vec::new();
        let mut scene = Self { fanout: Fanout::default(), store, epoch: EPOCH, now: Millis(1_000) };
        for _ in 0..events {
            scene.commit();
        }
        scene
    }

    fn top(&self) -> Top {
        let seq = i64::try_from(self.store.len()).expect("small");
        Top { seq, countable: seq, epoch: self.epoch }
    }

    /// Commits a message without showing it.
    fn commit(&mut self) -> Arc<Committed> {
        self.commit_as(EventKind::Message, None, r#"{"text":"在"}"#.to_owned())
    }

    fn commit_as(&mut self, kind: EventKind, of: Option<i64>, body: String) -> Arc<Committed> {
        let seq = self.top().seq + 1;
        let event = Arc::new(Committed {
            room: room(),
            epoch: self.epoch,
            seq,
            nth: seq,
            author: person(0),
            cid: format!("c{seq}"),
            ts: 0,
            kind,
            reference: of,
            body: Some(body),
        });
        self.store.push(Arc::clone(&event));
        event
    }

    /// Commits the end of a membership.
    fn commit_left(&mut self, who: PersonId) -> Arc<Committed> {
        let left = Left { person: who, name: "x".to_owned(), removed: true };
        let body = serde_json::to_string(&left).expect("JSON");
        self.commit_as(EventKind::Left, None, body)
    }

    fn offer(&self, events: &[Arc<Committed>]) {
        self.fanout.offer(events, self.now);
    }

    /// Commits `count` messages and shows each at once.
    fn talk(&mut self, count: usize) {
        for _ in 0..count {
            let event = self.commit();
            self.offer(&[event]);
        }
    }

    fn pass(&mut self, ms: u64) -> Vec<Fill> {
        self.now = self.now.after(ms);
        self.fanout.tick(self.now)
    }

    fn slice(&self, after: i64, limit: usize) -> Slice {
        let above = self.store.iter().filter(|event| event.seq > after).take(limit);
        Slice { top: self.top(), events: above.map(|event| Committed::clone(event)).collect() }
    }

    /// Answers a fill as the store would.
    fn fill(&self, fill: Fill) {
        let slice = self.slice(fill.after, signaling::limits::FILL_EVENTS_MAX);
        self.fanout.filled(fill.room, Some(slice), self.now);
    }

    /// A subscription that has begun at `next` and is still behind.
    fn attached(&self, who: PersonId, next: i64) -> Reader {
        let outbox = Arc::new(Outbox::new(next.unsigned_abs(), Encoding::Json));
        let ticket = self.fanout.attach(room(), Stream::Log, who, &outbox);
        let start = Start { top: self.top(), next };
        self.fanout.activate(ticket, start, self.now).expect("begun");
        Reader { outbox, ticket, seen: Vec::new(), ended: Vec::new() }
    }

    /// A subscription at the top that receives by pushes.
    fn reader(&self, who: PersonId) -> Reader {
        let mut reader = self.attached(who, self.top().seq + 1);
        assert_eq!(self.fanout.pull(reader.ticket), Pull::Live);
        reader.read(usize::MAX);
        reader
    }
}

/// One subscriber's socket.
struct Reader {
    outbox: Arc<Outbox>,
    ticket: Ticket,
    /// Numbers in the order in which they came.
    seen: Vec<i64>,
    /// Codes with which the subscription ended, and how many events had come before.
    ended: Vec<(u32, usize)>,
}

impl Reader {
    /// Takes about `bytes` from the outbox, as a socket does; returns whether the subscription
    /// asks to pull.
    fn read(&mut self, bytes: usize) -> bool {
        let taken = self.outbox.take(bytes, noop_waker_ref());
        for item in taken.items {
            match item {
                Item::Frame(frame) => self.seen.push(number(&frame)),
                Item::End { code, .. } => self.ended.push((code, self.seen.len())),
                Item::Message(_) => {}
            }
        }
        !taken.behind.is_empty()
    }

    /// Pulls and reads until nothing is missing, as the connection's task does.
    fn catch_up(&mut self, scene: &Scene) -> Pull {
        for _ in 0..10_000 {
            self.read(usize::MAX);
            match scene.fanout.pull(self.ticket) {
                Pull::Queued => {}
                Pull::Read { after } => {
                    let slice = scene.slice(after, CATCH_UP_EVENTS_MAX);
                    scene.fanout.page(self.ticket, &Page::from(slice), scene.now);
                }
                end => {
                    self.read(usize::MAX);
                    return end;
                }
            }
        }
        panic!("does not catch up: {:?}", self.seen.len());
    }

    fn saw(&self, from: i64, to: i64) {
        assert_eq!(self.seen, (from..=to).collect::<Vec<_>>());
    }
}

fn number(frame: &[u8]) -> i64 {
    let push: Value = serde_json::from_slice(frame).expect("JSON");
    assert_eq!(push["push"]["channel"], format!("room:{}", room()));
    push["push"]["pub"]["offset"].as_i64().expect("an offset")
}
