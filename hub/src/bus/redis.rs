//! The bus over one pub/sub channel of a Redis that stores nothing.
//!
//! Two tasks with a connection each: one publishes what waits, many hints at once, the other
//! listens. A beat every second goes the same way as hints; a listener that hears nothing for a
//! while has lost its connection, whatever TCP says, and makes a new one. While Redis is away
//! hints are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisResult};
use signaling::limits::{
    BUS_BEAT_MS, BUS_HINTS_AT_ONCE_MAX, BUS_HINTS_IN_MAX, BUS_HINTS_OUT_MAX, BUS_SILENCE_MS_MAX,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::{Bus, BusError, Joined};

const CHANNEL: &str = "lianxin:hints";
/// First and longest pause between attempts to reach Redis.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_millis(BUS_SILENCE_MS_MAX);

/// One node's end.
#[derive(Debug)]
pub struct RedisBus {
    out: mpsc::Sender<Bytes>,
    /// Whether each task has a connection.
    up: [Arc<AtomicBool>; 2],
    tasks: [JoinHandle<()>; 2],
}

impl RedisBus {
    /// Starts the two tasks; they end with the bus. The Redis at `url` need not be up.
    pub fn start(url: &str) -> Result<Joined, BusError> {
        let client = Client::open(url).map_err(BusError::Address)?;
        let (out, queue) = mpsc::channel(BUS_HINTS_OUT_MAX);
        let (heard, incoming) = mpsc::channel(BUS_HINTS_IN_MAX);
        let (publishing, listening) = (State::new("publish"), State::new("listen"));
        let up = [Arc::clone(&publishing.up), Arc::clone(&listening.up)];
        let tasks = [
            tokio::spawn(publish(client.clone(), queue, publishing)),
            tokio::spawn(listen(client, heard, listening)),
        ];
        Ok(Joined { bus: Arc::new(Self { out, up, tasks }), incoming })
    }
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Bus for RedisBus {
    fn publish(&self, sealed: Bytes) {
        if self.out.try_send(sealed).is_err() {
            metrics::counter!("hub_bus_hints_dropped_total", "where" => "out").increment(1);
        }
    }

    fn reaches_others(&self) -> bool {
        true
    }

    fn is_away(&self) -> bool {
        self.up.iter().any(|up| !up.load(Ordering::Relaxed))
    }
}

/// Publishes until the bus is dropped.
async fn publish(client: Client, mut queue: mpsc::Receiver<Bytes>, mut state: State) {
    let mut pause = PAUSE_MIN;
    loop {
        if let Ok(connection) = connect(&client).await {
            pause = PAUSE_MIN;
            state.up();
            let error = publish_on(connection, &mut queue).await;
            match error {
                Some(error) => state.down(&error),
                None => return,
            }
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(PAUSE_MAX);
        // What waited while Redis was away is known from the store by now.
        while queue.try_recv().is_ok() {}
        if queue.is_closed() {
            return;
        }
    }
}

async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(SILENCE))
        .set_response_timeout(Some(SILENCE));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// Until the connection fails, or (`None`) nobody can publish any more.
async fn publish_on(
    mut connection: MultiplexedConnection,
    queue: &mut mpsc::Receiver<Bytes>,
) -> Option<redis::RedisError> {
    let mut beat = interval(Duration::from_millis(BUS_BEAT_MS));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hints = Vec::new();
    loop {
        tokio::select! {
            count = queue.recv_many(&mut hints, BUS_HINTS_AT_ONCE_MAX) => if count == 0 {
                return None;
            },
            _ = beat.tick() => hints.push(Bytes::new()),
        }
        let mut pipeline = Pipeline::with_capacity(hints.len());
        for hint in hints.drain(..) {
            pipeline.publish(CHANNEL, hint.as_ref()).ignore();
        }
        if let Err(error) = pipeline.exec_async(&mut connection).await {
            return Some(error);
        }
    }
}

/// Listens until nobody hears any more.
async fn listen(client: Client, heard: mpsc::Sender<Bytes>, mut state: State) {
    let mut pause = PAUSE_MIN;
    while !heard.is_closed() {
        match timeout(SILENCE, subscribe(&client)).await {
            Ok(Ok(mut subscription)) => {
                pause = PAUSE_MIN;
                state.up();
                let mut messages = subscription.on_message();
                // A beat comes every second: silence means that the connection is gone.
                while let Ok(Some(message)) = timeout(SILENCE, messages.next()).await {
                    let hint = Bytes::copy_from_slice(message.get_payload_bytes());
                    if !hint.is_empty() && heard.try_send(hint).is_err() {
                        metrics::counter!("hub_bus_hints_dropped_total", "where" => "in")
                            .increment(1);
                    }
                }
                state.down(&"silence");
            }
            Ok(Err(error)) => state.down(&error),
            Err(_) => state.down(&"no answer"),
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(PAUSE_MAX);
    }
}

async fn subscribe(client: &Client) -> RedisResult<redis::aio::PubSub> {
    let mut messages = client.get_async_pubsub().await?;
    messages.subscribe(CHANNEL).await?;
    Ok(messages)
}

/// Whether there is a connection; says once that it came or went.
struct State {
    what: &'static str,
    said: Option<bool>,
    up: Arc<AtomicBool>,
}

impl State {
    fn new(what: &'static str) -> Self {
        Self { what, said: None, up: Arc::default() }
    }

    fn up(&mut self) {
        self.up.store(true, Ordering::Relaxed);
        if self.said.replace(true) != Some(true) {
            tracing::info!(bus.task = self.what, "the bus is connected");
        }
    }

    fn down(&mut self, error: &dyn std::fmt::Display) {
        self.up.store(false, Ordering::Relaxed);
        if self.said.replace(false) != Some(false) {
            tracing::warn!(bus.task = self.what, %error, "the bus is away; hints are dropped");
        }
    }
}
