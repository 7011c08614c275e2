//! The core, the network and the peers, moved on together from event to event.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use rand::{SeedableRng, rngs::StdRng};
use sfu_core::{
    Certificate, Command, Config, Event, Input, Micros, Output, Path, Received, Sfu, Slot, Via,
};

use super::net::Net;

/// Where the SFU is.
pub const SFU: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), 7882);

/// Somebody on the network.
pub trait Peer {
    fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: Micros);
    fn tick(&mut self, now: Micros);
    /// When `tick` is due.
    fn deadline(&mut self) -> Micros;
    /// The next datagram for the SFU.
    fn transmit(&mut self, now: Micros) -> Option<Vec<u8>>;
}

/// See the module.
pub struct World {
    pub sfu: Sfu,
    pub net: Net,
    pub now: Micros,
    pub origin: Instant,
    pub rng: StdRng,
    pub certificate: Certificate,
    pub peers: BTreeMap<SocketAddr, Box<dyn Peer>>,
    pub events: Vec<(Micros, Event)>,
    /// A digest of everything that the core sent, for replays.
    pub digest: u64,
    /// Addresses that are seen as others: what a forger sends, or a careless demultiplexer admits.
    pub seen_as: BTreeMap<SocketAddr, SocketAddr>,
    next_port: u16,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self::with_certificate(seed, Certificate::generate().expect("randomness"))
    }

    /// One whose handshakes do not matter: all share a certificate.
    pub fn simple(seed: u64) -> Self {
        static SHARED: std::sync::LazyLock<Certificate> =
            std::sync::LazyLock::new(|| Certificate::generate().expect("randomness"));
        Self::with_certificate(seed, SHARED.clone())
    }

    #[expect(clippy::disallowed_methods, reason = "any origin will do: all times are differences")]
    pub fn with_certificate(seed: u64, certificate: Certificate) -> Self {
        let origin = Instant::now();
        let sfu = Sfu::new(Config {
            origin,
            unix_origin_us: 1_700_000_000_000_000,
            seed: [seed as u8; 32],
            certificate: certificate.clone(),
            simulation: true,
        });
        Self {
            sfu,
            net: Net::new(seed),
            now: Micros(0),
            origin,
            rng: StdRng::seed_from_u64(seed ^ 0x5eed),
            certificate,
            peers: BTreeMap::new(),
            events: Vec::new(),
            digest: 0,
            seen_as: BTreeMap::new(),
            next_port: 1_000,
        }
    }

    /// An address that nobody has.
    pub fn address(&mut self) -> SocketAddr {
        self.next_port += 1;
        SocketAddr::from(([192, 0, 2, 1], self.next_port))
    }

    pub fn command(&mut self, command: Command) {
        self.sfu.handle(Input::Command(command), self.now);
        self.drain();
    }

    /// Lets time pass until `until`.
    pub fn run_until(&mut self, until: Micros) {
        let mut stood_still = 0;
        loop {
            let next = self.next_event().min(until);
            stood_still = if next > self.now { 0 } else { stood_still + 1 };
            if stood_still > 1_000 {
                let core = self.sfu.poll(self.now);
                panic!("time stands still at {:?}: the core wants {core:?}", self.now);
            }
            self.now = self.now.max(next);
            self.deliver();
            self.sfu.handle(Input::Tick, self.now);
            self.drain();
            self.tick_peers();
            if self.now >= until && self.next_event() > until {
                return;
            }
        }
    }

    pub fn run_ms(&mut self, ms: u64) {
        self.run_until(self.now.plus_millis(ms));
    }

    fn next_event(&mut self) -> Micros {
        let core = match self.sfu.poll(self.now) {
            Output::Deadline(at) => at,
            _ => self.now,
        };
        let peers = self.peers.values_mut().map(|peer| peer.deadline()).min();
        core.min(self.net.next()).min(peers.unwrap_or(Micros::NEVER))
    }

    fn deliver(&mut self) {
        while let Some(mut datagram) = self.net.pop(self.now) {
            if datagram.to == SFU {
                self.give_sfu(datagram.from, &mut datagram.bytes);
            } else if let Some(peer) = self.peers.get_mut(&datagram.to) {
                peer.receive(datagram.from, &datagram.bytes, self.now);
            }
        }
    }

    pub fn give_sfu(&mut self, from: SocketAddr, bytes: &mut [u8]) {
        let from = self.seen_as.get(&from).copied().unwrap_or(from);
        let path = Path { via: Via(0), remote: from };
        let slots = [Slot { path, start: 0, len: bytes.len() }];
        self.sfu.handle(Input::Datagrams(Received { slots: &slots, bytes }), self.now);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.sfu.poll(self.now) {
                Output::Transmits(batch) => {
                    for (path, bytes) in batch.iter() {
                        for byte in bytes {
                            self.digest = self.digest.rotate_left(5) ^ u64::from(*byte);
                            self.digest = self.digest.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                        }
                        self.net.send(self.now, SFU, path.remote, bytes);
                    }
                }
                Output::Event(event) => self.events.push((self.now, event)),
                Output::Deadline(_) => return,
            }
        }
    }

    fn tick_peers(&mut self) {
        for (address, peer) in &mut self.peers {
            if peer.deadline() <= self.now {
                peer.tick(self.now);
            }
            while let Some(datagram) = peer.transmit(self.now) {
                self.net.send(self.now, *address, SFU, &datagram);
            }
        }
    }
}
