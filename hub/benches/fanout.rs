//! Processor time of a delivery against a raw broadcast of the same bytes, in the same run.
//!
//! `cargo bench -p hub --bench fanout [-- SECONDS]`: one room whose members hang on socket pairs that
//! another thread empties. The hub's side is all that a delivery passes through between the commit and
//! the socket but for the task's wake-up: offer, outbox, joining, one write for what waits. The floor
//! writes one ready-made frame per member and message, or per member where messages come together.
//! Figures are microseconds of the writing thread per delivery.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a report of figures")]

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::BytesMut;
use hub::fanout::{Fanout, Item, Outbox, Pull, Start, Stream, Ticket};
use hub::timeline::{Committed, Epoch, Top};
use signaling::chat::session::Millis;
use signaling::chat::{Encoding, frame};
use signaling::event::EventKind;
use signaling::limits::WRITE_BYTES_MAX;
use signaling::{PersonId, RoomId};
use uuid::Uuid;

/// 50 Chinese characters: 150 bytes of text.
const TEXT: &str = "同志们下午好今天的组织生活会改在三楼会议室请提前十分钟到场并带好学习笔记和上次布置的材料有事请假谢谢大家";
const EPOCH: Epoch = Epoch { store: 1, room: 1 };
const NOW: Millis = Millis(1_000);
const ROOM: RoomId = RoomId(Uuid::from_u128(0xb001));
/// Rounds that are not measured.
const WARM_UP: u32 = 20;

fn main() -> Result<()> {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next_back().unwrap_or(3);
    let span = Duration::from_secs(seconds);
    println!("a delivery, {seconds} s each, microseconds of processor time");
    println!("{:<34}{:>8}{:>8}{:>8}{:>8}", "", "bytes", "us", "floor", "ratio");
    for (members, together) in [(100, 1), (1_000, 1), (100, 16), (1_000, 16)] {
        let mut ours = Broadcast::to(members)?;
        let (cost, bytes) = ours.measure(together, span)?;
        let floor = floor(members, together, (bytes, span))?;
        let name = format!("{members} members, {together} at once");
        println!("{name:<34}{bytes:>8}{cost:>8.2}{floor:>8.2}{:>8.2}", cost / floor);
    }
    Ok(())
}

/// The near ends of `members` socket pairs; the far ends are read until the near ones are gone.
fn sockets(members: usize) -> Result<Vec<UnixStream>> {
    let mut near = Vec::with_capacity(members);
    let mut far = Vec::with_capacity(members);
    for _ in 0..members {
        let (one, other) = UnixStream::pair()?;
        other.set_nonblocking(true)?;
        near.push(one);
        far.push(other);
    }
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while !far.is_empty() {
            // An end of file ends a socket; an empty one is looked at again.
            far.retain_mut(|socket| !matches!(socket.read(&mut buffer), Ok(0)));
            std::thread::yield_now();
        }
    });
    Ok(near)
}

/// Nanoseconds that this thread was on a processor.
fn own_ns() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().context("three numbers")?.parse()?)
}

/// A room and its members' outboxes.
struct Broadcast {
    fanout: Fanout,
    members: Vec<(Arc<Outbox>, Ticket, UnixStream)>,
    top: i64,
}

impl Broadcast {
    fn to(members: usize) -> Result<Self> {
        let fanout = Fanout::default();
        let mut seats = Vec::with_capacity(members);
        for (number, socket) in sockets(members)?.into_iter().enumerate() {
            let number = u64::try_from(number)?;
            let outbox = Arc::new(Outbox::new(number, Encoding::Json));
            let person = PersonId(Uuid::from_u128(u128::from(number) + 1));
            let ticket = fanout.attach(ROOM, Stream::Log, person, &outbox);
            let top = Top { seq: 0, countable: 0, epoch: EPOCH };
            let begun = fanout.activate(ticket, Start { top, next: 1 }, NOW);
            ensure!(begun.is_ok() && fanout.pull(ticket) == Pull::Live, "not live");
            seats.push((outbox, ticket, socket));
        }
        Ok(Self { fanout, members: seats, top: 0 })
    }

    /// Microseconds a delivery, and the bytes of one.
    fn measure(&mut self, together: usize, span: Duration) -> Result<(f64, usize)> {
        for _ in 0..WARM_UP {
            self.round(together)?;
        }
        let (before, began) = (own_ns()?, Instant::now());
        let (mut deliveries, mut bytes) = (0, 0);
        while began.elapsed() < span {
            bytes += self.round(together)?;
            deliveries += self.members.len() * together;
        }
        let us = (own_ns()? - before) as f64 / 1e3;
        Ok((us / deliveries as f64, bytes / deliveries))
    }

    /// Messages that were committed together reach every socket; the bytes written.
    fn round(&mut self, together: usize) -> Result<usize> {
        let events: Vec<_> = (0..together).map(|_| self.event()).collect();
        self.fanout.offer(&events, NOW);
        let mut written = 0;
        for (outbox, _, socket) in &mut self.members {
            let mut out = BytesMut::new();
            for item in outbox.take(WRITE_BYTES_MAX, Waker::noop()).items {
                let Item::Frame(bytes) = item else { continue };
                frame::join(Encoding::Json, &mut out, &bytes);
            }
            ensure!(!out.is_empty(), "a member got nothing");
            socket.write_all(&out)?;
            written += out.len();
        }
        Ok(written)
    }

    fn event(&mut self) -> Arc<Committed> {
        self.top += 1;
        Arc::new(Committed {
            room: ROOM,
            epoch: EPOCH,
            seq: self.top,
            nth: self.top,
            author: PersonId(Uuid::from_u128(1)),
            cid: format!("0190b3a4-7d1e-7c00-{:016x}", self.top),
            ts: 1_790_000_000_000,
            kind: EventKind::Message,
            reference: None,
            body: Some(format!(r#"{{"text":"{TEXT}"}}"#)),
        })
    }
}

/// Microseconds a delivery where ready-made bytes are written and nothing else is done.
fn floor(members: usize, together: usize, (bytes, span): (usize, Duration)) -> Result<f64> {
    let frame = vec![b'x'; bytes * together];
    let mut sockets = sockets(members)?;
    let mut round = || -> Result<usize> {
        for socket in &mut sockets {
            socket.write_all(&frame)?;
        }
        Ok(members * together)
    };
    for _ in 0..WARM_UP {
        round()?;
    }
    let (before, began, mut deliveries) = (own_ns()?, Instant::now(), 0);
    while began.elapsed() < span {
        deliveries += round()?;
    }
    Ok((own_ns()? - before) as f64 / 1e3 / deliveries as f64)
}
