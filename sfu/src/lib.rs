//! The edge of the media server: sockets, threads and doors around `sfu-core` (packets) and
//! `signaling::media` (rooms).
//!
//! Start reading in [`node`], which owns the rooms and joins the doors with the media thread; then
//! [`worker`], the one thread that sees packets; [`door`] is what clients and the hub call.
//! Nothing here decides: it carries values between the two pure parts and the network.

pub mod clock;
pub mod config;
pub mod door;
pub mod net;
pub mod node;
mod plane;
pub mod worker;

use std::net::SocketAddr;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use signaling::media::identifiers;
use signaling::media::plane::DtlsRole;
use signaling::media::room_service::Call;
use signaling::media::session::{Rooms, Settings};
use signaling::media::wire::{CreateRoomRequest, IceServer};

use crate::config::Config;
use crate::node::Node;

/// A running server.
#[derive(Debug)]
pub struct Running {
    /// Address of the signal socket and `RoomService`.
    pub http: SocketAddr,
    /// Address of the media socket.
    pub media: SocketAddr,
    /// Address of the media socket for connections.
    pub media_tcp: SocketAddr,
    pub node: Node,
    /// Addresses of the doors for administrators alone.
    pub administration: Vec<SocketAddr>,
    doors: tokio::task::JoinSet<std::io::Result<()>>,
}

impl Running {
    /// Runs until the door ends or `stop` resolves; then every client is told.
    pub async fn until(mut self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        tokio::select! {
            Some(ended) = self.doors.join_next() => ended??,
            () = stop => self.node.shut_down().await,
        }
        self.doors.shutdown().await;
        Ok(())
    }
}

/// Binds the sockets, starts the media thread and opens the door.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    let socket = net::udp::bind(config.media.listen)?;
    let media = socket.local_addr()?;
    let listener = net::tcp::bind(config.media.tcp_listen)?;
    let media_tcp = listener.local_addr()?;
    let worker = worker::Worker::start(socket, listener)?;
    let candidates = config.candidates(media, media_tcp);
    let mut rng = StdRng::from_os_rng();
    let settings = Settings {
        node_id: identifiers::node_id(&mut rng),
        software: concat!("lianxin-sfu ", env!("CARGO_PKG_VERSION")).to_owned(),
        candidates,
        fingerprint: worker.fingerprint.clone(),
        role: DtlsRole::Client,
        ice_servers: config.ice_servers.iter().map(ice_server).collect(),
        auto_create: config.rooms.auto_create,
        simulate: config.rooms.simulate,
        remote_unmute: config.rooms.remote_unmute,
        keys: config.keys,
    };
    let keys = settings.keys.clone();
    let node = Node::start(Rooms::new(settings, rng), worker);
    for name in config.rooms.open {
        let room = CreateRoomRequest { name, ..CreateRoomRequest::default() };
        node.serve(Call::CreateRoom(Box::new(room))).await?;
    }
    let door = door::Door::new(node.clone(), keys);
    let bound = door::Bound::all(&config.http).await?;
    let mut addresses = bound.iter().map(|door| door.address);
    let http = addresses.next().unwrap_or(config.http.listen);
    let administration = addresses.collect();
    let mut doors = tokio::task::JoinSet::new();
    for bound in bound {
        doors.spawn(bound.serve(door.clone()));
    }
    Ok(Running { http, media, media_tcp, node, administration, doors })
}

fn ice_server(server: &config::IceServer) -> IceServer {
    IceServer {
        urls: server.urls.clone(),
        username: server.username.clone(),
        credential: server.credential.clone(),
    }
}
