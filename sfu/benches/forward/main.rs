//! CPU of the whole packet path per forwarded packet against a floor that only seals and sends, at
//! the same pace, in one run; and what one participant more takes of memory.
//!
//! `cargo bench -p sfu --bench forward [-- SECONDS]`. Every receiver has a socket of its own, tells
//! what came in transport-wide feedback each 50 ms, and reports each second. CPU is that of the
//! measured thread alone; the other side runs on another one.

#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a report of figures")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench ends at the first thing that is not as it must be"
)]

mod peer;
mod plane;

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use peer::{Load, Peer, ROOM};
use plane::Gauge;
use sfu::clock::Clock;
use sfu_core::{Command, Input, Output, Path, Received, Sfu, Slot, SrtpProfile, Via};

struct Case {
    name: &'static str,
    load: Load,
    receivers: u64,
    per_second: u64,
}

const CASES: [Case; 3] = [
    Case { name: "1 to 50, 600/s", load: Load::Video, receivers: 50, per_second: 600 },
    Case { name: "1 to 200, 150/s", load: Load::Video, receivers: 200, per_second: 150 },
    Case { name: "sound, 1 to 50, 400/s", load: Load::Audio, receivers: 50, per_second: 400 },
];

fn main() {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next_back().unwrap_or(3);
    let span = Duration::from_secs(seconds);
    let us = "CPU us a packet";
    println!("{:<24}{:<10}{:>17}{:>9}{:>8}{:>11}", "", "", us, "floor", "ratio", "delivered");
    for (profile, named) in
        [(SrtpProfile::AesGcm128, "GCM-128"), (SrtpProfile::AesCm128Sha1, "CM-SHA1")]
    {
        for case in &CASES {
            let floor = case.floor(profile, span);
            let (ours, delivered) = case.ours(profile, span);
            println!(
                "{:<24}{:<10}{:>17.2}{:>9.2}{:>8.2}{:>10.2}%",
                case.name,
                named,
                ours,
                floor,
                ours / floor,
                delivered * 100.0
            );
        }
    }
    memory();
}

/// The receivers' sockets and peers.
struct Crowd {
    members: Vec<(UdpSocket, Peer)>,
    sink: [u8; 2_048],
}

impl Crowd {
    fn new(profile: SrtpProfile, count: u64) -> Self {
        let members = (0..count).map(|n| {
            let socket = sfu::net::udp::bind("127.0.0.1:0".parse().unwrap()).expect("bound");
            (socket, Peer::new(profile, 10 + n))
        });
        Self { members: members.collect(), sink: [0; 2_048] }
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.members.iter().map(|(socket, _)| socket.local_addr().unwrap()).collect()
    }

    fn drain(&mut self) {
        for (socket, peer) in &mut self.members {
            while let Ok(len) = socket.recv(&mut self.sink) {
                peer.take(&self.sink[..len]);
            }
        }
    }

    fn received(&self) -> u64 {
        self.members.iter().map(|(_, peer)| peer.received).sum()
    }
}

impl Case {
    /// Microseconds of CPU a packet, and the share that arrived.
    fn ours(&self, profile: SrtpProfile, span: Duration) -> (f64, f64) {
        let clock = Clock::start();
        let mut crowd = Crowd::new(profile, self.receivers);
        let here = sfu::net::udp::bind("127.0.0.1:0".parse().unwrap()).expect("bound");
        let sfu = here.local_addr().unwrap();
        let gauge = Arc::new(Gauge::default());
        plane::forward(here, commands(self.load, profile, self.receivers), clock, gauge.clone());
        let sender_socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
        let mut sender = Peer::new(profile, 1);
        sender_socket.send_to(&sender.check(), sfu).expect("sent");
        for (socket, peer) in &mut crowd.members {
            socket.send_to(&peer.check(), sfu).expect("sent");
        }
        std::thread::sleep(Duration::from_millis(300));
        let mut run = Run { case: self, sfu, clock, sender: (sender_socket, sender), sent: 0 };
        run.go(&mut crowd, Duration::from_secs(1));
        let before = gauge.read();
        let (sent, received) = (run.sent, crowd.received());
        run.go(&mut crowd, span);
        let after = gauge.read();
        gauge.stop.store(true, Ordering::Relaxed);
        let wanted = (run.sent - sent) * self.receivers;
        let arrived = crowd.received() - received;
        (us_a_packet(before, after), arrived as f64 / wanted as f64)
    }

    fn floor(&self, profile: SrtpProfile, span: Duration) -> f64 {
        let clock = Clock::start();
        let mut crowd = Crowd::new(profile, self.receivers);
        let here = sfu::net::udp::bind("127.0.0.1:0".parse().unwrap()).expect("bound");
        let gauge = Arc::new(Gauge::default());
        let shape = (self.load, profile, self.per_second);
        plane::floor(here, crowd.addresses(), shape, gauge.clone());
        let mut drain = |until: Duration| {
            while clock.elapsed() < until {
                crowd.drain();
                std::thread::sleep(Duration::from_micros(500));
            }
        };
        drain(Duration::from_millis(500));
        let before = gauge.read();
        drain(Duration::from_millis(500) + span);
        let after = gauge.read();
        gauge.stop.store(true, Ordering::Relaxed);
        us_a_packet(before, after)
    }
}

fn us_a_packet(before: (u64, u64), after: (u64, u64)) -> f64 {
    (after.0 - before.0) as f64 / 1_000.0 / (after.1 - before.1) as f64
}

/// The sender and the receivers' answers, in step with the clock.
struct Run<'a> {
    case: &'a Case,
    sfu: SocketAddr,
    clock: Clock,
    sender: (UdpSocket, Peer),
    sent: u64,
}

impl Run<'_> {
    fn go(&mut self, crowd: &mut Crowd, span: Duration) {
        let start = self.clock.elapsed();
        let gap = Duration::from_nanos(1_000_000_000 / self.case.per_second);
        let (mut next, mut tell, mut report) = (start, start, start);
        let mut packet = [0; 1_600];
        while self.clock.elapsed() < start + span {
            let now = self.clock.elapsed();
            if now >= next {
                next += gap;
                let (socket, peer) = &mut self.sender;
                let len = peer.media(self.case.load, &mut packet);
                socket.send_to(&packet[..len], self.sfu).expect("sent");
                self.sent += 1;
            }
            crowd.drain();
            let (tells, reports) = (now >= tell, now >= report);
            if tells {
                tell = now + Duration::from_millis(50);
            }
            if reports {
                report = now + Duration::from_secs(1);
                let (socket, peer) = &mut self.sender;
                socket.send_to(&peer.check(), self.sfu).expect("sent");
            }
            for (socket, peer) in crowd.members.iter_mut().filter(|_| tells || reports) {
                let feedback = peer.feedback().filter(|_| tells);
                let said = reports.then(|| [Some(peer.check()), peer.report()]);
                for datagram in feedback.into_iter().chain(said.into_iter().flatten().flatten()) {
                    socket.send_to(&datagram, self.sfu).expect("sent");
                }
            }
            if let Some(wait) = next.checked_sub(self.clock.elapsed()) {
                std::thread::sleep(wait.min(Duration::from_micros(200)));
            }
        }
        std::thread::sleep(Duration::from_millis(20));
        crowd.drain();
    }
}

fn commands(load: Load, profile: SrtpProfile, receivers: u64) -> Vec<Command> {
    let mut commands = vec![Command::OpenRoom(ROOM)];
    commands.extend(peer::open(profile, 1));
    commands.push(peer::publish(load, 1));
    for id in 10..10 + receivers {
        commands.extend(peer::open(profile, id));
        commands.push(peer::subscribe(load, id, 1));
    }
    commands
}

/// Resident bytes of a receiver that has got a thousand packets and now gets none, in memory alone.
fn memory() {
    const COUNT: u64 = 2_000;
    let profile = SrtpProfile::AesGcm128;
    let clock = Clock::start();
    let mut sfu = plane::core(clock);
    let give = |sfu: &mut Sfu, id: u64, mut datagram: Vec<u8>| {
        let [.., a, b] = id.to_be_bytes();
        let path = Path { via: Via(0), remote: SocketAddr::from(([10, 0, a, b], 9)) };
        let slots = [Slot { path, start: 0, len: datagram.len() }];
        let received = Received { slots: &slots, bytes: &mut datagram };
        sfu.handle(Input::Datagrams(received), plane::now(clock));
        while !matches!(sfu.poll(plane::now(clock)), Output::Deadline(_)) {}
    };
    sfu.handle(Input::Command(Command::OpenRoom(ROOM)), plane::now(clock));
    let before = resident();
    for command in commands(Load::Video, profile, COUNT).into_iter().skip(1) {
        sfu.handle(Input::Command(command), plane::now(clock));
    }
    for id in (10..10 + COUNT).chain([1]) {
        give(&mut sfu, id, Peer::new(profile, id).check());
    }
    let joined = resident();
    let mut sender = Peer::new(profile, 1);
    let mut packet = [0; 1_600];
    for _ in 0..1_000 {
        let len = sender.media(Load::Video, &mut packet);
        give(&mut sfu, 1, packet[..len].to_vec());
    }
    let after = resident();
    println!(
        "memory: {:.1} KB a receiver that waits, {:.1} KB one that has got pictures",
        (joined - before) as f64 / 1_024.0 / COUNT as f64,
        (after - before) as f64 / 1_024.0 / COUNT as f64
    );
}

fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}
