//! One writer: sends with client ids, and sends again until each one is answered.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{Field, Goal};
use crate::client::ws::{ChatSocket, Incoming, Refused};
use crate::history::{Entry, Key};
use crate::population::Someone;

/// Between two new messages: below the hub's limit of commands per second.
const PACE: Duration = Duration::from_millis(22);
/// Messages under way at once.
const WINDOW: usize = 4;
/// Unanswered for this long, a message is sent again on the same socket.
const AGAIN_AFTER: Duration = Duration::from_secs(3);
const RECONNECT: std::ops::Range<u64> = 10..120;

/// A message on its way.
struct Waiting {
    key: Key,
    text: String,
    /// The life of the target in which it was first sent.
    born: usize,
    sent: Option<Instant>,
}

struct Writer {
    field: Arc<Field>,
    number: usize,
    someone: Someone,
    rng: StdRng,
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    /// Replies expected on this socket: command id to message number.
    asked: HashMap<u64, u64>,
}

/// Writes until told to stop; returns when everything it sent is answered.
pub(super) async fn run(
    field: Arc<Field>,
    number: usize,
    someone: Someone,
    goal: watch::Receiver<Goal>,
) -> Result<()> {
    let rng = StdRng::seed_from_u64(field.seed.wrapping_mul(1_000).wrapping_add(number as u64));
    let (waiting, asked) = (BTreeMap::new(), HashMap::new());
    let mut writer = Writer { field, number, someone, rng, next: 0, waiting, asked };
    while !writer.is_done(&goal) {
        if let Ok(mut socket) = writer.field.connect(number, someone).await {
            writer.asked.clear();
            for waiting in writer.waiting.values_mut() {
                waiting.sent = None;
            }
            // An error means that the socket is gone: the next one carries on.
            let _ = writer.on_socket(&mut socket, &goal).await;
        }
        sleep(Duration::from_millis(writer.rng.random_range(RECONNECT))).await;
    }
    Ok(())
}

impl Writer {
    fn is_done(&self, goal: &watch::Receiver<Goal>) -> bool {
        self.waiting.is_empty() && !matches!(*goal.borrow(), Goal::Run)
    }

    async fn on_socket(
        &mut self,
        socket: &mut ChatSocket,
        goal: &watch::Receiver<Goal>,
    ) -> Result<()> {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.is_done(goal) {
            tokio::select! {
                incoming = socket.next() => {
                    if let Incoming::Reply { id, result } = incoming? {
                        self.answered(id, result)?;
                    }
                }
                _ = pace.tick() => {
                    if matches!(*goal.borrow(), Goal::Run) && self.waiting.len() < WINDOW {
                        self.compose()?;
                    }
                    self.send_due(socket).await?;
                }
            }
        }
        Ok(())
    }

    fn compose(&mut self) -> Result<()> {
        let rooms = self.field.rooms_of(self.number);
        let room = *rooms.choose(&mut self.rng).context("rooms")?;
        let cid = format!("w{}-{}", self.number, self.next);
        let text = format!("第 {} 条", self.next);
        let key = Key { room, author: self.someone.person, cid };
        let born = self.field.recorder.life();
        self.waiting.insert(self.next, Waiting { key, text, born, sent: None });
        self.next += 1;
        Ok(())
    }

    async fn send_due(&mut self, socket: &mut ChatSocket) -> Result<()> {
        for (number, waiting) in &mut self.waiting {
            if waiting.sent.is_some_and(|sent| sent.elapsed() < AGAIN_AFTER) {
                continue;
            }
            waiting.sent = Some(Instant::now());
            self.field.recorder.write(Entry::Sent(waiting.key.clone()));
            let Key { room, cid, .. } = &waiting.key;
            let data = json!({"room": room, "cid": cid, "text": waiting.text});
            let id = socket.call("msg.send", &data).await?;
            self.asked.insert(id, *number);
        }
        Ok(())
    }

    fn answered(&mut self, id: u64, result: Result<Value, Refused>) -> Result<()> {
        let Some(number) = self.asked.remove(&id) else { return Ok(()) };
        let Some(waiting) = self.waiting.get_mut(&number) else { return Ok(()) };
        let key = waiting.key.clone();
        match result {
            Ok(value) => {
                let data = value.get("data").context("an rpc reply has data")?;
                let seq = data.get("seq").and_then(Value::as_i64).context("a seq")?;
                let dup = data.get("dup").and_then(Value::as_bool).unwrap_or_default();
                let born = waiting.born;
                if !dup {
                    self.field.delays.acked(key.room, seq);
                }
                self.field.recorder.write_ack(Entry::Acked { key, seq, dup }, born);
                self.waiting.remove(&number);
            }
            Err(refused) if refused.temporary => {
                // Tried again after a while, as an app does.
                waiting.sent = Some(Instant::now());
                self.field.recorder.write(Entry::PutOff { key });
            }
            Err(refused) => {
                self.field.recorder.write(Entry::Refused { key, code: refused.code });
                self.waiting.remove(&number);
            }
        }
        Ok(())
    }
}
