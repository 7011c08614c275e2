//! The media thread: its sockets, one core, one readiness loop. It never waits for anybody: what
//! the node can not take is kept for the next turn, within a bound.

use std::collections::VecDeque;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use rand::RngCore as _;
use sfu_core::{Certificate, Command, Config, Event, Input, Micros, Output, Sfu};
use tokio::sync::mpsc;

use crate::clock::{self, Clock};
use crate::net::tcp::{self, Streams};
use crate::net::udp::{self, Port};

/// Commands waiting for the media thread; at the cap the node waits.
pub const COMMANDS_WAITING_MAX: usize = 65_536;
/// Events waiting for the node; at the cap data packets are dropped and the rest is kept back.
pub const EVENTS_WAITING_MAX: usize = 65_536;
/// Batches read before commands and timers get their turn.
const BATCHES_PER_TURN: usize = 16;
/// Commands carried out before packets get their turn.
const COMMANDS_PER_TURN: usize = 256;
/// Longest sleep, so that a stop is seen, milliseconds.
const SLEEP_MS_MAX: u64 = 500;
/// Sockets that are looked at in one turn.
const READY_MAX: usize = 64;
/// Between two looks for connections whose time is over.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The node's end of a running media thread.
#[derive(Debug)]
pub struct Worker {
    /// SHA-256 of the certificate as in `a=fingerprint`.
    pub fingerprint: String,
    pub commands: Commands,
    pub events: mpsc::Receiver<Event>,
}

/// Where commands go in. When the last one is dropped the thread ends.
#[derive(Clone, Debug)]
pub struct Commands {
    sender: mpsc::Sender<Command>,
    bell: Arc<EventFd>,
}

impl Commands {
    /// Hands a command over and wakes the thread; waits while the mailbox is full.
    pub async fn send(&self, command: Command) {
        if self.sender.send(command).await.is_ok() {
            let _ = self.bell.write(1);
        }
    }
}

struct Loop {
    sfu: Sfu,
    port: Port,
    streams: Streams,
    next_sweep: Duration,
    epoll: Epoll,
    bell: Arc<EventFd>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<Event>,
    kept: VecDeque<Event>,
    clock: Clock,
    stopped: bool,
}

impl Worker {
    /// Starts the thread on bound sockets.
    pub fn start(socket: UdpSocket, listener: TcpListener) -> anyhow::Result<Self> {
        let certificate = Certificate::generate()?;
        let fingerprint = certificate.fingerprint().to_sdp();
        let mut seed = [0; 32];
        rand::rngs::StdRng::fill_bytes(&mut rand::SeedableRng::from_os_rng(), &mut seed);
        let clock = Clock::start();
        let sfu = Sfu::new(Config {
            origin: clock.origin(),
            unix_origin_us: u64::try_from(clock::unix().as_micros()).unwrap_or_default(),
            seed,
            certificate,
            simulation: false,
        });
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let bell = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, 0))?;
        epoll.add(bell.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, 1))?;
        let streams = Streams::new(listener, &epoll)?;
        let (sender, commands) = mpsc::channel(COMMANDS_WAITING_MAX);
        let (events, received) = mpsc::channel(EVENTS_WAITING_MAX);
        let rung = Arc::clone(&bell);
        let turns = move || {
            Loop {
                sfu,
                port: Port::new(socket),
                streams,
                next_sweep: SWEEP_INTERVAL,
                epoll,
                bell: rung,
                commands,
                events,
                kept: VecDeque::new(),
                clock,
                stopped: false,
            }
            .run();
        };
        std::thread::Builder::new().name("media".to_owned()).spawn(turns)?;
        Ok(Self { fingerprint, commands: Commands { sender, bell }, events: received })
    }
}

impl Loop {
    fn run(&mut self) {
        let mut deadline = self.drain();
        while !self.stopped {
            let mut ready = [EpollEvent::empty(); READY_MAX];
            let count = self.sleep(deadline, &mut ready);
            self.take_packets();
            self.take_streams(ready.get(..count).unwrap_or_default());
            self.take_commands();
            let now = self.now();
            if now >= deadline {
                self.sfu.handle(Input::Tick, now);
            }
            deadline = self.drain();
            self.hand_over();
        }
    }

    fn now(&self) -> Micros {
        Micros(u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Sleeps until a socket is ready or the deadline has come; the number of those that are ready.
    fn sleep(&self, deadline: Micros, ready: &mut [EpollEvent]) -> usize {
        let wait_ms = deadline.since(self.now()).div_ceil(1_000).min(SLEEP_MS_MAX);
        let wait_ms = if self.kept.is_empty() { wait_ms } else { wait_ms.min(5) };
        let timeout = EpollTimeout::try_from(wait_ms).unwrap_or(EpollTimeout::ZERO);
        let count = self.epoll.wait(ready, timeout).unwrap_or_default();
        let _ = self.bell.read();
        count
    }

    /// Takes in what came over connections.
    fn take_streams(&mut self, ready: &[EpollEvent]) {
        let time = self.clock.elapsed();
        for event in ready.iter().filter(|event| event.data() >= tcp::LISTENER) {
            let now = self.now();
            let (streams, sfu) = (&mut self.streams, &mut self.sfu);
            if event.data() == tcp::LISTENER {
                streams.accept(&self.epoll, time);
                continue;
            }
            if event.events().contains(EpollFlags::EPOLLOUT) {
                streams.writable(event.data(), &self.epoll);
            }
            streams.receive(event.data(), time, |batch| sfu.handle(Input::Datagrams(batch), now));
            self.drain();
        }
        if time >= self.next_sweep {
            self.next_sweep = time + SWEEP_INTERVAL;
            self.streams.sweep(&self.epoll, time);
        }
    }

    fn take_packets(&mut self) {
        for _ in 0..BATCHES_PER_TURN {
            let now = self.now();
            let sfu = &mut self.sfu;
            let count = self.port.receive(|batch| sfu.handle(Input::Datagrams(batch), now));
            if count == 0 {
                break;
            }
            self.drain();
        }
    }

    fn take_commands(&mut self) {
        for _ in 0..COMMANDS_PER_TURN {
            let command = match self.commands.try_recv() {
                Ok(command) => command,
                Err(mpsc::error::TryRecvError::Empty) => return,
                Err(mpsc::error::TryRecvError::Disconnected) => {
                    self.stopped = true;
                    return;
                }
            };
            let now = self.now();
            self.sfu.handle(Input::Command(command), now);
            self.drain();
        }
        // More may wait: do not sleep on it.
        let _ = self.bell.write(1);
    }

    /// Carries out what the core wants; gives the time at which it wants to be called again.
    fn drain(&mut self) -> Micros {
        let now = self.now();
        loop {
            match self.sfu.poll(now) {
                Output::Transmits(transmits) => {
                    self.port.send(transmits);
                    for (path, datagram) in transmits.iter().filter(|to| to.0.via != udp::VIA) {
                        self.streams.push(path, datagram);
                    }
                    self.streams.flush(&self.epoll);
                }
                Output::Event(event) => {
                    let full = self.kept.len() >= EVENTS_WAITING_MAX;
                    if !(full && matches!(event, Event::Data { .. })) {
                        self.kept.push_back(event);
                    }
                }
                Output::Deadline(at) => return at,
            }
        }
    }

    fn hand_over(&mut self) {
        while let Some(event) = self.kept.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(event)) => {
                    self.kept.push_front(event);
                    return;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    self.stopped = true;
                    return;
                }
            }
        }
    }
}
