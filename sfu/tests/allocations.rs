//! In a steady call no packet allocates: neither one that comes in, nor one that goes out, nor the
//! feedback on it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
#![expect(clippy::expect_used, reason = "a test")]

#[expect(dead_code, reason = "the bench uses more of it")]
#[path = "../benches/forward/peer.rs"]
mod peer;

use std::alloc::System;
use std::net::SocketAddr;
use std::time::Duration;

use peer::{Load, Peer, ROOM};
use sfu_core::{
    Certificate, Command, Config, Input, Micros, Output, Path, Received, Sfu, Slot, SrtpProfile,
    Via,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const RECEIVERS: u64 = 10;

struct Call {
    sfu: Sfu,
    now: Micros,
    out: u64,
    /// Allocations within the core.
    allocations: usize,
    receivers: Vec<Peer>,
    /// What went to the receivers since they last told of it: who, number, when.
    went: Vec<(usize, Vec<u8>)>,
}

fn path(id: u64) -> Path {
    let port = u16::try_from(1_000 + id).unwrap();
    Path { via: Via(0), remote: SocketAddr::from(([10, 0, 0, 1], port)) }
}

impl Call {
    fn new(profile: SrtpProfile, load: Load) -> Self {
        let sfu = Sfu::new(Config {
            origin: sfu::clock::Clock::start().origin(),
            unix_origin_us: 1_700_000_000_000_000,
            seed: [1; 32],
            certificate: Certificate::generate().expect("randomness"),
            simulation: true,
        });
        let receivers = (0..RECEIVERS).map(|n| Peer::new(profile, 10 + n)).collect();
        let (now, went) = (Micros(0), Vec::new());
        let mut call = Self { sfu, now, out: 0, allocations: 0, receivers, went };
        let mut commands = vec![Command::OpenRoom(ROOM)];
        commands.extend(peer::open(profile, 1));
        commands.push(peer::publish(load, 1));
        for id in 10..10 + RECEIVERS {
            commands.extend(peer::open(profile, id));
            commands.push(peer::subscribe(load, id, 1));
        }
        for command in commands {
            call.sfu.handle(Input::Command(command), call.now);
        }
        call
    }

    fn give(&mut self, id: u64, datagram: &mut [u8]) {
        let slots = [Slot { path: path(id), start: 0, len: datagram.len() }];
        let mut copies = std::mem::take(&mut self.went);
        // Room for the copies is not the core's doing.
        copies.reserve(256);
        let region = Region::new(GLOBAL);
        self.sfu.handle(Input::Datagrams(Received { slots: &slots, bytes: datagram }), self.now);
        self.allocations += region.change().allocations + region.change().reallocations;
        self.went = copies;
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            let region = Region::new(GLOBAL);
            let output = self.sfu.poll(self.now);
            self.allocations += region.change().allocations + region.change().reallocations;
            match output {
                Output::Transmits(batch) => {
                    for (to, bytes) in batch.iter() {
                        let id = u64::from(to.remote.port()) - 1_000;
                        if bytes.len() > 130 {
                            self.out += 1;
                        }
                        if id >= 10 {
                            let who = usize::try_from(id - 10).unwrap();
                            self.went.push((who, bytes.to_vec()));
                        }
                    }
                }
                Output::Event(_) => {}
                Output::Deadline(_) => return,
            }
        }
    }

    /// So many packets at 2 ms, with feedback from everyone each 50 ms.
    fn run(&mut self, sender: &mut Peer, load: Load, packets: u64) {
        let mut packet = [0; 1_600];
        for n in 0..packets {
            self.now = self.now.plus(Duration::from_millis(2).as_micros().try_into().unwrap());
            let region = Region::new(GLOBAL);
            self.sfu.handle(Input::Tick, self.now);
            self.allocations += region.change().allocations + region.change().reallocations;
            self.drain();
            let len = sender.media(load, &mut packet);
            self.give(1, &mut packet[..len]);
            for (who, bytes) in std::mem::take(&mut self.went) {
                self.receivers[who].take(&bytes);
            }
            if n % 25 == 24 {
                for who in 0..self.receivers.len() {
                    let id = 10 + u64::try_from(who).unwrap();
                    if let Some(mut feedback) = self.receivers[who].feedback() {
                        self.give(id, &mut feedback);
                    }
                }
            }
            if n % 1_000 == 999 {
                let mut check = sender.check();
                self.give(1, &mut check);
            }
        }
    }
}

#[test]
fn no_packet_of_a_steady_call_allocates() {
    for profile in [SrtpProfile::AesGcm128, SrtpProfile::AesGcm256, SrtpProfile::AesCm128Sha1] {
        for load in [Load::Video, Load::Audio] {
            let mut call = Call::new(profile, load);
            let mut sender = Peer::new(profile, 1);
            let mut check = sender.check();
            call.give(1, &mut check);
            for n in 0..RECEIVERS {
                let mut check = call.receivers[usize::try_from(n).unwrap()].check();
                call.give(10 + n, &mut check);
            }
            call.run(&mut sender, load, 8_000);
            (call.out, call.allocations) = (0, 0);
            call.run(&mut sender, load, 3_000);
            let forwarded = 3_000 * RECEIVERS;
            assert!(call.out >= forwarded, "{profile:?} {load:?}: {} went out", call.out);
            assert_eq!(call.allocations, 0, "{profile:?} {load:?}: of {} packets", call.out);
        }
    }
}
