//! The hubs of a run: each the shipping session, fan-out, resume and node code over a simulated
//! store, bus and network. A crash ends all its tasks where they stand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, Stream};
use hub::app::{App, Chance, Clock};
use hub::bus::{Bus, Joined};
use hub::config::Config;
use hub::door::chat_socket::{Meter, serve};
use hub::features::accounts::AllDevices;
use hub::keys::{Keys, Missing};
use hub::server::{Backing, Parts, wire};
use hub::timeline::{AnswerAt, Committed, Feed};
use signaling::chat::Encoding;
use signaling::limits::BUS_HINTS_IN_MAX;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_util::sync::PollSender;

use super::store::{self, SimLog};
use super::world::{World, lock};

/// What does not change from node to node.
pub struct Factory {
    pub config: Config,
    pub keys: PathBuf,
}

/// All nodes; a crashed one is missing.
#[derive(Default)]
pub struct Nodes {
    up: Mutex<BTreeMap<usize, Node>>,
}

struct Node {
    app: App,
    ears: mpsc::Sender<Bytes>,
    feed: Feed,
    tasks: JoinSet<()>,
}

/// The bus as one node has it.
struct SimBus {
    world: Arc<World>,
    nodes: Arc<Nodes>,
    own: usize,
}

impl std::fmt::Debug for SimBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SimBus")
    }
}

impl Bus for SimBus {
    fn publish(&self, sealed: Bytes) {
        if self.is_away() {
            return self.world.count("hints lost");
        }
        let up = lock(&self.nodes.up);
        for (_, node) in up.iter().filter(|(index, _)| **index != self.own) {
            self.send(&node.ears, &sealed);
        }
    }

    fn reaches_others(&self) -> bool {
        true
    }

    fn is_away(&self) -> bool {
        lock(&self.world.bus_down_since).is_some()
    }
}

impl SimBus {
    fn send(&self, ears: &mpsc::Sender<Bytes>, sealed: &Bytes) {
        let weather = self.world.weather();
        if self.world.happens(weather.hints_lost) {
            return self.world.count("hints lost");
        }
        let doubled = self.world.happens(weather.hints_doubled);
        for _ in 0..=u8::from(doubled) {
            let (ears, sealed) = (ears.clone(), sealed.clone());
            let delay = Duration::from_millis(self.world.below(weather.hint_ms_max + 1));
            tokio::spawn(async move {
                sleep(delay).await;
                let _ = ears.try_send(sealed);
            });
        }
        if self.world.happens(1) {
            // Somebody else on the bus: a hint with a bit turned.
            let mut forged = sealed.to_vec();
            let index = usize::try_from(self.world.below(forged.len() as u64)).unwrap_or(0);
            if let Some(byte) = forged.get_mut(index) {
                *byte ^= 4;
            }
            self.world.count("hints forged");
            let _ = ears.try_send(Bytes::from(forged));
        }
    }
}

impl Nodes {
    /// Starts a node on the store of the run.
    pub fn start(self: &Arc<Self>, world: &Arc<World>, factory: &Factory, index: usize) {
        let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
        let (ears, incoming) = mpsc::channel(BUS_HINTS_IN_MAX);
        let (feed, fed) = hub::timeline::feed();
        let (log, queue) = SimLog::new(world, feed.clone());
        let (world, nodes) = (Arc::clone(world), Arc::clone(self));
        let bus = Arc::new(SimBus { world: Arc::clone(&world), nodes, own: index });
        let parts = Parts {
            config: factory.config.clone(),
            // Nothing is asked of it.
            db: PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new_without_pgpass()),
            keys: Keys::load(&factory.keys, Missing::Refuse).expect("keys"),
            clock,
            chance: Chance::seeded(world.below(u64::MAX)),
            access: hub::auth::Access::embedded().expect("readable"),
            answer_at: AnswerAt::Commit,
            compares: true,
            program: PathBuf::new(),
            bus: Joined { bus, incoming },
        };
        let backing = Backing { log: Arc::new(log), devices: Arc::new(AllDevices), fed };
        let (app, (fed, incoming)) = wire(parts, backing, None).expect("wired");
        let mut tasks = JoinSet::new();
        tasks.spawn(hub::node::run(Arc::clone(&app), fed, incoming));
        tasks.spawn(store::lane(world, queue, feed.clone()));
        lock(&self.up).insert(index, Node { app, ears, feed, tasks });
    }

    /// `kill -9`.
    pub fn crash(&self, index: usize) {
        lock(&self.up).remove(&index);
    }

    pub fn is_up(&self, index: usize) -> bool {
        lock(&self.up).contains_key(&index)
    }

    /// Something that a command of some node does in a transaction of its own, then shows.
    pub fn command(
        &self,
        world: &Arc<World>,
        act: impl FnOnce(&World) -> Option<Arc<Committed>> + Send + 'static,
    ) {
        let mut up = lock(&self.up);
        let Some(node) = up.values_mut().next() else { return };
        let (world, feed) = (Arc::clone(world), node.feed.clone());
        node.tasks.spawn(async move {
            world.nap(5).await;
            let event = act(&world);
            world.nap(5).await;
            if let Some(event) = event {
                let _ = feed.send(vec![event]).await;
            }
        });
    }

    /// Opens a socket to a node; `None` where there is none or it is full.
    pub fn connect(&self, world: &Arc<World>, index: usize, encoding: Encoding) -> Option<Line> {
        let mut up = lock(&self.up);
        let node = up.get_mut(&index)?;
        let guest = node.app.lobby.enter(std::net::IpAddr::from([127, 0, 0, 1])).ok()?;
        let state = Arc::new(LineState::default());
        let (to_hub, rising) = mpsc::channel(16);
        let (risen, incoming) = mpsc::channel(16);
        let (outgoing, falling) = mpsc::channel(2);
        let (fallen, from_hub) = mpsc::channel(2);
        tokio::spawn(carry(Arc::clone(world), rising, risen, Arc::clone(&state)));
        tokio::spawn(carry(Arc::clone(world), falling, fallen, Arc::clone(&state)));
        let socket = SimSocket { incoming, outgoing: PollSender::new(outgoing) };
        node.tasks.spawn(serve(Arc::clone(&node.app), socket, encoding, Meter::new(guest)));
        Some(Line { to_hub, from_hub, state, app: Arc::clone(&node.app) })
    }
}

/// A client's end of a socket.
pub struct Line {
    to_hub: mpsc::Sender<Message>,
    from_hub: mpsc::Receiver<Message>,
    state: Arc<LineState>,
    pub app: App,
}

#[derive(Default)]
struct LineState {
    /// What is under way and what comes is lost; nobody is told.
    frozen: AtomicBool,
}

impl Line {
    /// `false`: the line is dead.
    pub async fn send(&self, message: Message) -> bool {
        self.to_hub.send(message).await.is_ok()
    }

    pub async fn recv(&mut self) -> Option<Message> {
        self.from_hub.recv().await
    }

    /// The network is gone without a word: the hub keeps a half-open connection.
    pub fn freeze(self) {
        self.state.frozen.store(true, Ordering::Relaxed);
        // Held for ever, as a vanished peer holds its end.
        tokio::spawn(async move {
            let _line = self;
            sleep(Duration::from_mins(10)).await;
        });
    }
}

/// One direction of a TCP connection: in order, late, bounded.
async fn carry(
    world: Arc<World>,
    mut from: mpsc::Receiver<Message>,
    to: mpsc::Sender<Message>,
    state: Arc<LineState>,
) {
    while let Some(message) = from.recv().await {
        world.nap(world.weather().wire_ms_max).await;
        if state.frozen.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        if to.send(message).await.is_err() {
            return;
        }
    }
}

/// The hub's end.
struct SimSocket {
    incoming: mpsc::Receiver<Message>,
    outgoing: PollSender<Message>,
}

impl Stream for SimSocket {
    type Item = Result<Message, SocketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(context).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for SimSocket {
    type Error = SocketError;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SocketError>> {
        self.outgoing.poll_reserve(context).map_err(|_| SocketError::ConnectionClosed)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), SocketError> {
        self.outgoing.send_item(message).map_err(|_| SocketError::ConnectionClosed)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }
}
