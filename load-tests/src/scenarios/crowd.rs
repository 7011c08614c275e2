//! Many members with open sockets, each read by a task of its own that counts without parsing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use signaling::RoomId;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use crate::client::token::TokenMint;
use crate::client::ws::{ChatSocket, Incoming};
use crate::population::{Population, Someone, embedded_pool};
use crate::process::HubProcess;

/// Sockets that are opened at the same time.
const OPENING_MAX: usize = 64;
/// One reader of so many looks at the time that stands in a message.
const SAMPLED_OF: usize = 8;
/// Everything is there within this after the last message.
const SETTLE_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// A hub with people in it.
#[derive(Debug)]
pub(super) struct Field {
    pub address: SocketAddr,
    pub mint: TokenMint,
    pub population: Population,
}

impl Field {
    /// Waits for the hub and fills its database.
    pub(super) async fn prepare(hub: &mut HubProcess, population: Population) -> Result<Self> {
        hub.reachable().await?;
        let pool = embedded_pool(&hub.data_dir());
        population.store(&pool).await.context("fill the database")?;
        pool.close().await;
        let mint = TokenMint::open(&hub.data_dir())?;
        Ok(Self { address: hub.address, mint, population })
    }

    /// A signed-in socket.
    pub(super) async fn connect(&self, someone: Someone) -> Result<ChatSocket> {
        let token = self.mint.token(someone.person, someone.device)?;
        ChatSocket::open(self.address, &token).await
    }

    /// A signed-in socket in `room`.
    pub(super) async fn join(&self, someone: Someone, room: RoomId) -> Result<ChatSocket> {
        let mut socket = self.connect(someone).await?;
        let id = socket.subscribe(room, None).await?;
        loop {
            match socket.next().await? {
                Incoming::Reply { id: replied, result } if replied == id => {
                    result.map_err(|refused| anyhow::anyhow!("subscribe: {refused:?}"))?;
                    return Ok(socket);
                }
                _ => {}
            }
        }
    }

    /// Opens a socket for everyone, many at a time; in the order of the people.
    pub(super) async fn join_all(self: &Arc<Self>, per_room: usize) -> Result<Vec<ChatSocket>> {
        let gate = Arc::new(tokio::sync::Semaphore::new(OPENING_MAX));
        let mut opening = JoinSet::new();
        for (number, &someone) in self.population.people.iter().enumerate() {
            let room = self.population.rooms.get(number / per_room).copied().context("a room")?;
            let (field, gate) = (Arc::clone(self), Arc::clone(&gate));
            opening.spawn(async move {
                let _permit = gate.acquire_owned().await?;
                anyhow::Ok((number, field.join(someone, room).await?))
            });
        }
        let mut sockets = Vec::with_capacity(self.population.people.len());
        while let Some(opened) = opening.join_next().await {
            sockets.push(opened??);
        }
        sockets.sort_by_key(|(number, _)| *number);
        Ok(sockets.into_iter().map(|(_, socket)| socket).collect())
    }
}

/// What all readers saw.
#[derive(Debug)]
pub(super) struct Tally {
    origin: Instant,
    pub deliveries: AtomicU64,
    pub refused: AtomicU64,
    latencies_ms: Mutex<Vec<f64>>,
}

/// Readers at work.
#[derive(Debug)]
pub(super) struct Crowd {
    pub tally: Arc<Tally>,
    writers: Vec<mpsc::Sender<String>>,
    rooms: Vec<RoomId>,
    readers: JoinSet<()>,
}

impl Crowd {
    /// Begins to read all sockets; `rooms` names each one's room.
    pub(super) fn begin(sockets: Vec<ChatSocket>, rooms: Vec<RoomId>) -> Self {
        let tally = Arc::new(Tally {
            origin: Instant::now(),
            deliveries: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            latencies_ms: Mutex::default(),
        });
        let mut readers = JoinSet::new();
        let mut writers = Vec::with_capacity(sockets.len());
        for (number, socket) in sockets.into_iter().enumerate() {
            let (writer, orders) = mpsc::channel(64);
            writers.push(writer);
            readers.spawn(read(socket, orders, Arc::clone(&tally), number % SAMPLED_OF == 0));
        }
        Self { tally, writers, rooms, readers }
    }

    /// Lets member `number` write into the own room; the time stands in the text.
    pub(super) async fn send(&self, number: usize, cid: u64) -> Result<()> {
        let (Some(writer), Some(room)) = (self.writers.get(number), self.rooms.get(number)) else {
            anyhow::bail!("member {number} is not here");
        };
        let at = self.tally.origin.elapsed().as_micros();
        // 150 bytes of Chinese text, as in the figures of the peers.
        let text = format!("@{at}@{}", "会".repeat(46));
        let data = json!({"room": room, "cid": format!("l{cid}"), "text": text});
        let command = json!({"id": cid + 1_000, "rpc": {"method": "msg.send", "data": data}});
        writer.send(command.to_string()).await.context("the socket is gone")
    }

    /// Waits until `deliveries` came, or no more can be expected.
    pub(super) async fn settle(&self, deliveries: u64) -> Result<()> {
        let began = Instant::now();
        while self.tally.deliveries.load(Ordering::Relaxed) < deliveries {
            let got = self.tally.deliveries.load(Ordering::Relaxed);
            ensure!(began.elapsed() < SETTLE_MAX, "{got} of {deliveries} deliveries came");
            ensure!(self.readers.len() == self.writers.len(), "a socket was closed");
            sleep(POLL).await;
        }
        let refused = self.tally.refused.load(Ordering::Relaxed);
        ensure!(refused == 0, "{refused} sends were refused");
        Ok(())
    }

    /// The sampled milliseconds from a send to its arrival.
    pub(super) async fn latencies_ms(&self) -> Vec<f64> {
        self.tally.latencies_ms.lock().await.clone()
    }
}

async fn read(
    socket: ChatSocket,
    mut orders: mpsc::Receiver<String>,
    tally: Arc<Tally>,
    sampled: bool,
) {
    let mut stream = socket.into_stream();
    loop {
        tokio::select! {
            Some(order) = orders.recv() => {
                if stream.send(Message::text(order)).await.is_err() {
                    return;
                }
            }
            frame = stream.next() => {
                let Some(Ok(Message::Text(text))) = frame else { return };
                let found = text.matches("\"pub\":{").count();
                tally.deliveries.fetch_add(u64::try_from(found).unwrap_or_default(), Ordering::Relaxed);
                if text.contains("\"error\":{") {
                    tally.refused.fetch_add(1, Ordering::Relaxed);
                }
                if sampled && found > 0 {
                    let now = tally.origin.elapsed();
                    let mut sampled = tally.latencies_ms.lock().await;
                    sampled.extend(sent_at(&text).map(|at| (now.saturating_sub(at)).as_secs_f64() * 1e3));
                }
                if text.lines().any(|line| line == "{}") && stream.send(Message::text("{}")).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// The times that stand in the texts of a frame.
fn sent_at(frame: &str) -> impl Iterator<Item = Duration> + '_ {
    frame.split("\"@").skip(1).filter_map(|rest| {
        let micros = rest.split('@').next()?.parse().ok()?;
        Some(Duration::from_micros(micros))
    })
}
