//! The thread that is measured: the core behind its socket, and the floor, which only seals and
//! sends.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use sfu::clock::Clock;
use sfu::net::udp::Port;
use sfu_core::{
    Certificate, Command, Config, Input, Micros, Output, Path, Sfu, Slot, SrtpDirection,
    SrtpProfile, Transmits, Via,
};

use super::peer::Load;

/// What another thread sees of the one that is measured.
#[derive(Debug, Default)]
pub struct Gauge {
    pub stop: AtomicBool,
    want: AtomicBool,
    cpu_ns: AtomicU64,
    sent: AtomicU64,
}

impl Gauge {
    /// Nanoseconds on the processor and packets sent so far. It takes a turn of the other thread.
    pub fn read(&self) -> (u64, u64) {
        self.want.store(true, Ordering::Release);
        while self.want.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_micros(200));
        }
        (self.cpu_ns.load(Ordering::Relaxed), self.sent.load(Ordering::Relaxed))
    }

    fn answer(&self, sent: u64) {
        if self.want.load(Ordering::Acquire) {
            let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
            let ns = stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0);
            self.cpu_ns.store(ns, Ordering::Relaxed);
            self.sent.store(sent, Ordering::Relaxed);
            self.want.store(false, Ordering::Release);
        }
    }
}

pub fn core(clock: Clock) -> Sfu {
    Sfu::new(Config {
        origin: clock.origin(),
        unix_origin_us: 1_700_000_000_000_000,
        seed: [1; 32],
        certificate: Certificate::generate().expect("randomness"),
        simulation: true,
    })
}

pub fn now(clock: Clock) -> Micros {
    Micros(u64::try_from(clock.elapsed().as_micros()).unwrap_or(u64::MAX))
}

/// The packet path whole, as the worker drives it.
pub fn forward(socket: UdpSocket, commands: Vec<Command>, clock: Clock, gauge: Arc<Gauge>) {
    std::thread::spawn(move || {
        let mut sfu = core(clock);
        for command in commands {
            sfu.handle(Input::Command(command), now(clock));
        }
        let epoll = Epoll::new(EpollCreateFlags::empty()).expect("epoll");
        epoll.add(socket.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, 0)).expect("added");
        let mut port = Port::new(socket);
        let mut sent = 0;
        let mut deadline = drain(&mut sfu, &mut port, clock, &mut sent);

        while !gauge.stop.load(Ordering::Relaxed) {
            let wait_ms = deadline.since(now(clock)).div_ceil(1_000).min(50);
            let mut ready = [EpollEvent::empty()];
            let _ = epoll.wait(&mut ready, EpollTimeout::try_from(wait_ms).expect("short"));
            for _ in 0..16 {
                let at = now(clock);
                if port.receive(|batch| sfu.handle(Input::Datagrams(batch), at)) == 0 {
                    break;
                }
                drain(&mut sfu, &mut port, clock, &mut sent);
            }
            if now(clock) >= deadline {
                sfu.handle(Input::Tick, now(clock));
            }
            deadline = drain(&mut sfu, &mut port, clock, &mut sent);
            gauge.answer(sent);
        }
    });
}

fn drain(sfu: &mut Sfu, port: &mut Port, clock: Clock, sent: &mut u64) -> Micros {
    let at = now(clock);
    loop {
        match sfu.poll(at) {
            Output::Transmits(transmits) => {
                let media = transmits.slots.iter().filter(|slot| slot.len > 130).count();
                *sent += media as u64;
                port.send(transmits);
            }
            Output::Event(_) => {}
            Output::Deadline(at) => return at,
        }
    }
}

/// Sends as many packets of that size to the same addresses at the same pace, sealed and in
/// batches, and does nothing else.
pub fn floor(
    socket: UdpSocket,
    to: Vec<SocketAddr>,
    (load, profile, per_second): (Load, SrtpProfile, u64),
    gauge: Arc<Gauge>,
) {
    std::thread::spawn(move || {
        let mut port = Port::new(socket);
        let (key, salt) = ([5; 32], [6; 14]);
        let keys =
            SrtpDirection::new(profile, &key[..profile.key_bytes()], &salt[..profile.salt_bytes()])
                .expect("lengths");
        let clock = Clock::start();
        let gap = Duration::from_nanos(1_000_000_000 / per_second);
        let mut next = Duration::ZERO;
        let (mut bytes, mut index, mut sent) = (vec![0_u8; 64 * 1_600], 0_u64, 0);
        while !gauge.stop.load(Ordering::Relaxed) {
            next += gap;
            if let Some(wait) = next.checked_sub(clock.elapsed()) {
                std::thread::sleep(wait);
            }
            index += 1;
            for batch in to.chunks(64) {
                let mut slots = Vec::with_capacity(64);
                let mut start = 0;
                for remote in batch {
                    let room = &mut bytes[start..start + 1_600];
                    room[..12].copy_from_slice(&[0x90; 12]);
                    let len = keys.seal_rtp(room, (12, load.bytes()), 1, index).expect("room");
                    slots.push(Slot { path: Path { via: Via(0), remote: *remote }, start, len });
                    start += len;
                }
                port.send(Transmits { slots: &slots, bytes: &bytes });
                sent += batch.len() as u64;
            }
            gauge.answer(sent);
        }
    });
}
