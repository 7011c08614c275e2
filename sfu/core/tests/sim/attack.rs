//! Strangers and forgers against a join.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use sfu_core::{Certificate, Command, IceCredentials, Micros};

use str0m::media::MediaKind;

use super::call::{ROOM, join_with, peer};
use super::webrtc::Log;
use super::world::{Peer, World};

/// Sends what it has, each datagram every two milliseconds, and never listens.
struct Stranger {
    datagrams: Vec<Vec<u8>>,
    next: Micros,
    at: usize,
}

impl Stranger {
    fn new(datagrams: Vec<Vec<u8>>) -> Self {
        Self { datagrams, next: Micros(0), at: 0 }
    }
}

impl Peer for Stranger {
    fn receive(&mut self, _from: SocketAddr, _datagram: &[u8], _now: Micros) {}

    fn tick(&mut self, now: Micros) {
        self.next = now.plus_millis(2);
        self.at = 0;
    }

    fn deadline(&mut self) -> Micros {
        self.next
    }

    fn transmit(&mut self, _now: Micros) -> Option<Vec<u8>> {
        self.at += 1;
        self.datagrams.get(self.at - 1).cloned()
    }
}

#[expect(clippy::disallowed_methods, reason = "any origin will do: all times are differences")]
/// The first flight of a handshake of somebody's own.
fn hello() -> Vec<Vec<u8>> {
    let certificate = dimpl::certificate::generate_self_signed_certificate().expect("randomness");
    let config = dimpl::Config::builder().build().expect("sane");
    let now = Instant::now();
    let mut dtls = dimpl::Dtls::new_12(Arc::new(config), certificate, now);
    dtls.set_active(true);
    dtls.handle_timeout(now).expect("a start");
    let (mut flight, mut room) = (Vec::new(), vec![0; 2_048]);
    while let dimpl::Output::Packet(datagram) = dtls.poll_output(&mut room) {
        flight.push(datagram.to_vec());
    }
    assert!(!flight.is_empty());
    flight
}

/// A check that carries the right name, and that its sender had no password for.
fn forged_check(ice: &IceCredentials) -> Vec<u8> {
    let name = format!("{}:them", ice.ufrag);
    let mut attributes = vec![0, 6, 0, name.len() as u8];
    attributes.extend(name.as_bytes());
    attributes.resize(attributes.len().next_multiple_of(4), 0);
    attributes.extend([0, 0x25, 0, 0]);
    attributes.extend([0, 8, 0, 20]);
    attributes.extend([7; 20]);
    let mut check = vec![0, 1];
    check.extend((attributes.len() as u16).to_be_bytes());
    check.extend([0x21, 0x12, 0xa4, 0x42]);
    check.extend([9; 12]);
    check.extend(attributes);
    check
}

struct Battle {
    world: World,
    logs: Vec<Rc<RefCell<Log>>>,
}

/// Joins under fire: a stranger for each, who may appear to come from the peer's own address.
fn battle(seed: u64, certificate: &Certificate, forge: bool, shots: &[Vec<u8>]) -> Battle {
    let mut world = World::with_certificate(seed, certificate.clone());
    world.command(Command::OpenRoom(ROOM));
    let mut logs = Vec::new();
    for id in 1..=20 {
        let ice = IceCredentials::generate(&mut world.rng);
        let mut joiner = peer(&mut world, id);
        joiner.expect("0", MediaKind::Audio, (1_000, None));
        let victim = joiner.address();
        let stranger = world.address();
        let mut datagrams = vec![forged_check(&ice)];
        datagrams.extend_from_slice(shots);
        world.peers.insert(stranger, Box::new(Stranger::new(datagrams)));
        if forge {
            world.seen_as.insert(stranger, victim);
        }
        logs.push(join_with(&mut world, joiner, id, &ice));
    }
    Battle { world, logs }
}

impl Battle {
    fn joined(&mut self, within_ms: u64) -> usize {
        self.world.run_ms(within_ms);
        self.logs.iter().filter(|log| log.borrow().connected.is_some()).count()
    }
}

#[test]
fn a_strangers_hello_costs_no_join() {
    let certificate = Certificate::generate().expect("randomness");
    let shots = hello();
    for seed in 0..50 {
        let mut battle = battle(seed, &certificate, false, &shots);
        assert_eq!(battle.joined(400), 20, "seed {seed}");
        assert!(battle.world.sfu.strangers() > 100, "there was an attack");
    }
}

/// The control: with the stranger's datagrams taken for the peer's, as a demultiplexer does that
/// trusts any check with the right name, the same attack ends joins.
#[test]
fn the_same_hello_from_an_address_that_is_believed_costs_joins() {
    let certificate = Certificate::generate().expect("randomness");
    let joined = battle(1, &certificate, true, &hello()).joined(2_000);
    assert!(joined < 5, "{joined} of 20");
}

/// What a forger without the peer's hello can send from the peer's own address.
fn forged_records() -> Vec<Vec<u8>> {
    let record = |kind: u8, epoch: u8, body: &[u8]| {
        let mut record = vec![kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 1];
        record.extend((body.len() as u16).to_be_bytes());
        record.extend(body);
        record
    };
    vec![
        record(21, 0, &[2, 40]),
        record(21, 0, &[1, 0]),
        record(20, 0, &[1, 1]),
        record(22, 0, &[20, 0, 0, 12, 0, 1, 0, 0, 0, 0, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]),
        record(22, 0, &[2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
        record(22, 0, &[1, 0, 0, 9]),
        record(23, 0, b"data"),
        record(23, 2, b"data"),
        vec![22],
        vec![63; 1_400],
    ]
}

#[test]
fn forged_records_from_the_peers_own_address_cost_no_join() {
    let certificate = Certificate::generate().expect("randomness");
    for seed in 0..3 {
        assert_eq!(
            battle(seed, &certificate, true, &forged_records()).joined(400),
            20,
            "seed {seed}"
        );
    }
}
