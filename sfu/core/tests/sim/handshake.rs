//! Joins over a line on which flights of the handshake are lost, doubled, cut up and reversed.

use std::cell::RefCell;
use std::rc::Rc;

use sfu_core::{Certificate, Command, DtlsRole, Micros};

use str0m::media::MediaKind;

use super::call::{ROOM, join, peer};
use super::net::{Hand, Link, Way};
use super::webrtc::Log;
use super::world::World;

/// A flight of DTLS 1.2, by who begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flight {
    /// The client's hello.
    Hello,
    /// The server's hello to its "done".
    Answer,
    /// The client's certificate to its Finished.
    Proof,
    /// The server's change of cipher and "finished".
    End,
}

const FLIGHTS: [Flight; 4] = [Flight::Hello, Flight::Answer, Flight::Proof, Flight::End];

/// What is done to the first sending of a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    Lost,
    Doubled,
    /// Every message in pieces of 200 bytes, a record and a datagram each.
    CutUp,
    /// The same, the last piece first.
    CutUpAndReversed,
}

/// The flight of a datagram; `from_client` counts, not the direction.
fn flight(from_client: bool, datagram: &[u8]) -> Option<Flight> {
    let in_clear = datagram.get(3..5)? == [0, 0];
    match (from_client, *datagram.first()?, in_clear) {
        (true, 22, true) if datagram.get(13) == Some(&1) => Some(Flight::Hello),
        (true, 20 | 22, _) => Some(Flight::Proof),
        (false, 22, true) => Some(Flight::Answer),
        (false, 20 | 22, _) => Some(Flight::End),
        _ => None,
    }
}

/// Harms the first sending of one flight: all of it that is sent within 20 ms.
fn harm(which: Flight, how: Harm, role: DtlsRole) -> Hand {
    let mut first: Option<Micros> = None;
    let mut record = 0;
    let mut back = 40;
    Box::new(move |way, now, datagram| {
        let from_client = (way == Way::Up) == (role == DtlsRole::PeerStarts);
        if flight(from_client, datagram) != Some(which) {
            return None;
        }
        if now > first.get_or_insert(now).plus_millis(20) {
            return None;
        }
        let whole = datagram.to_vec();
        Some(match how {
            Harm::Lost => Vec::new(),
            Harm::Doubled => vec![(0, whole.clone()), (1_000, whole)],
            Harm::CutUp => {
                cut_up(datagram, &mut record).into_iter().map(|piece| (0, piece)).collect()
            }
            Harm::CutUpAndReversed => cut_up(datagram, &mut record)
                .into_iter()
                .map(|piece| {
                    back -= 1;
                    (back * 100, piece)
                })
                .collect(),
        })
    })
}

/// Cuts handshake messages in clear into pieces; other records stay whole. Records in clear are
/// numbered anew.
fn cut_up(mut datagram: &[u8], record: &mut u64) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    while datagram.len() > 13 {
        let len = usize::from(u16::from_be_bytes([datagram[11], datagram[12]]));
        let (this, rest) = datagram.split_at(13 + len);
        datagram = rest;
        if this[3..5] != [0, 0] {
            pieces.push(this.to_vec());
            continue;
        }
        let mut bodies: Vec<Vec<u8>> = Vec::new();
        if this[0] == 22 {
            let mut messages = &this[13..];
            while messages.len() >= 12 {
                let (head, body) = messages.split_at(12);
                let at = u32::from_be_bytes([0, head[6], head[7], head[8]]);
                let len = u32::from_be_bytes([0, head[9], head[10], head[11]]) as usize;
                let (body, rest) = body.split_at(len);
                messages = rest;
                let mut offset = at;
                for part in body.chunks(200) {
                    let mut piece = head[..6].to_vec();
                    piece.extend(&offset.to_be_bytes()[1..]);
                    piece.extend(&(part.len() as u32).to_be_bytes()[1..]);
                    piece.extend(part);
                    offset += part.len() as u32;
                    bodies.push(piece);
                }
                if body.is_empty() {
                    bodies.push(head.to_vec());
                }
            }
        } else {
            bodies.push(this[13..].to_vec());
        }
        for body in bodies {
            let mut piece = this[..5].to_vec();
            piece.extend(&record.to_be_bytes()[2..]);
            piece.extend((body.len() as u16).to_be_bytes());
            piece.extend(body);
            *record += 1;
            pieces.push(piece);
        }
    }
    pieces
}

fn world(seed: u64, certificate: &Certificate) -> World {
    let mut world = World::with_certificate(seed, certificate.clone());
    world.command(Command::OpenRoom(ROOM));
    world
}

fn joiner(world: &mut World, id: u64, role: DtlsRole) -> Rc<RefCell<Log>> {
    let mut peer = peer(world, id);
    peer.role = role;
    peer.expect("0", MediaKind::Audio, (1_000, None));
    join(world, peer, id)
}

#[test]
fn every_flight_may_be_lost_doubled_cut_up_or_reversed() {
    let certificate = Certificate::generate().expect("randomness");
    for role in [DtlsRole::PeerStarts, DtlsRole::WeStart] {
        for which in FLIGHTS {
            for how in [Harm::Lost, Harm::Doubled, Harm::CutUp, Harm::CutUpAndReversed] {
                let mut world = world(7, &certificate);
                world.net.hand = Some(harm(which, how, role));
                let log = joiner(&mut world, 1, role);
                world.run_ms(1_500);
                assert!(log.borrow().connected.is_some(), "{role:?}: {which:?} {how:?}");
            }
        }
    }
}

/// The milliseconds that joins took over a line, sorted; none of them hangs.
fn join_times(seeds: std::ops::Range<u64>, (up, down): (Link, Link), role: DtlsRole) -> Vec<u64> {
    let certificate = Certificate::generate().expect("randomness");
    let mut times = Vec::new();
    for seed in seeds {
        let mut world = world(seed, &certificate);
        (world.net.up, world.net.down) = (up, down);
        let logs: Vec<_> = (1..=20).map(|id| joiner(&mut world, id, role)).collect();
        world.run_ms(8_000);
        times.extend(logs.iter().map(|log| {
            let at = log.borrow().connected;
            at.unwrap_or_else(|| panic!("seed {seed}: a join hangs")).0 / 1_000
        }));
    }
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!(
        "{} joins, {role:?}, {}/{} percent lost: p50 {} p90 {} p99 {} last {} ms",
        times.len(),
        up.loss * 100.0,
        down.loss * 100.0,
        at(50),
        at(90),
        at(99),
        at(100)
    );
    times
}

fn p99(times: &[u64]) -> u64 {
    times[times.len() * 99 / 100]
}

/// Twenty joins a seed.
fn seeds() -> u64 {
    std::env::var("SFU_JOIN_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

const LOSSY: Link = Link { delay_ms: 20, jitter_ms: 5, loss: 0.05, repeat: 0.01 };

/// This peer repeats its own flights after a second, browsers do after 50 ms: what is lost of ours
/// must not wait for that.
#[test]
fn what_is_lost_of_ours_is_repeated_before_the_peer_asks() {
    let up = Link { loss: 0.0, ..LOSSY };
    for role in [DtlsRole::PeerStarts, DtlsRole::WeStart] {
        let times = join_times(0..seeds(), (up, LOSSY), role);
        assert!(p99(&times) <= 700, "{times:?}");
    }
}

/// As in answers of ours: what either side lost comes again at our asking.
#[test]
fn no_join_that_we_start_takes_a_second_at_five_percent_of_loss_both_ways() {
    let times = join_times(100..100 + seeds(), (LOSSY, LOSSY), DtlsRole::WeStart);
    assert!(p99(&times) <= 1_000, "{times:?}");
}

/// The peer's first flight only the peer can repeat.
#[test]
fn no_join_that_the_peer_starts_hangs_at_five_percent_of_loss_both_ways() {
    let times = join_times(10..10 + seeds(), (LOSSY, LOSSY), DtlsRole::PeerStarts);
    assert!(times[times.len() * 80 / 100] <= 700, "{times:?}");
}
