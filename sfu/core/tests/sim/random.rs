//! Calls by chance: two who send, some who receive, and whatever happens to them. One seed is one
//! course of events, and every seed must end well.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use rand::{Rng, SeedableRng, rngs::StdRng};
use sfu_core::{
    Codec, Command, Event, IceCredentials, ParticipantId, PeerId, Protection, TrackId, Wish,
};

use super::bare::{Bare, Book};
use super::call::{ROOM, publish, publish_layers, subscribe};
use super::net::{Link, Way};
use super::oracle;
use super::world::{Peer, World};

/// What is broken on purpose, to see it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    None,
    /// A byte of media is changed now and then.
    Changed,
    /// Receivers ask for nothing.
    Unasked,
}

/// The tracks: of the first sender sound and a picture in three layers, of the second both plain.
const TRACKS: [(u64, Codec); 4] =
    [(1, Codec::Opus), (2, Codec::Vp8), (3, Codec::Opus), (4, Codec::Vp8)];
const MIDS: [&str; 4] = ["0", "1", "2", "3"];
const RIDS: [&str; 3] = ["q", "h", "f"];
const TROUBLE_MS: u64 = 5_000;
const REST_MS: u64 = 3_000;

/// A `Bare` that the test can reach while the world has it.
struct Shared(Rc<RefCell<Bare>>);

impl Peer for Shared {
    fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: sfu_core::Micros) {
        self.0.borrow_mut().receive(from, datagram, now);
    }
    fn tick(&mut self, now: sfu_core::Micros) {
        self.0.borrow_mut().tick(now);
    }
    fn deadline(&mut self) -> sfu_core::Micros {
        self.0.borrow_mut().deadline()
    }
    fn transmit(&mut self, now: sfu_core::Micros) -> Option<Vec<u8>> {
        self.0.borrow_mut().transmit(now)
    }
}

struct Member {
    id: u64,
    address: SocketAddr,
    bare: Rc<RefCell<Bare>>,
    book: Rc<RefCell<Book>>,
}

/// See the module.
pub struct Course {
    pub world: World,
    rng: StdRng,
    senders: Vec<Member>,
    receivers: Vec<Member>,
    next_id: u64,
    control: Control,
    muted: [bool; 4],
}

/// Runs a seed; what went wrong, and the digest of all that was sent.
pub fn run(seed: u64, control: Control) -> (Vec<String>, u64) {
    run_with(seed, control, None)
}

/// As [`run`], with a hand on the line.
pub fn run_with(seed: u64, control: Control, hand: Option<super::net::Hand>) -> (Vec<String>, u64) {
    let mut course = Course::new(seed, control);
    if hand.is_some() {
        course.world.net.hand = hand;
    }
    course.trouble();
    course.rest();
    (course.faults(), course.world.digest)
}

impl Course {
    fn new(seed: u64, control: Control) -> Self {
        let mut world = World::simple(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let link = |rng: &mut StdRng| Link {
            delay_ms: rng.random_range(1..80),
            jitter_ms: if rng.random_bool(0.5) { 0 } else { rng.random_range(1..30) },
            loss: if rng.random_bool(0.3) { 0.0 } else { rng.random_range(0.0..0.1) },
            repeat: if rng.random_bool(0.7) { 0.0 } else { rng.random_range(0.0..0.05) },
        };
        (world.net.up, world.net.down) = (link(&mut rng), link(&mut rng));
        if control == Control::Changed {
            world.net.hand = Some(changing());
        }
        world.command(Command::OpenRoom(ROOM));
        let mut course = Self {
            world,
            rng,
            senders: Vec::new(),
            receivers: Vec::new(),
            next_id: 1,
            control,
            muted: [false; 4],
        };
        course.join_senders();
        for _ in 0..course.rng.random_range(1..5) {
            course.join_receiver();
        }
        course
    }

    fn join(&mut self, prepare: impl FnOnce(&mut Bare)) -> Member {
        let id = self.next_id;
        self.next_id += 1;
        let ice = IceCredentials::generate(&mut self.world.rng);
        let participant = ParticipantId(id);
        self.world.command(Command::OpenParticipant { room: ROOM, participant });
        let (peer, protection) = (PeerId(id), Protection::None);
        self.world.command(Command::OpenPeer { participant, peer, ice: ice.clone(), protection });
        let mut bare = Bare::new(&ice, "them", self.rng.random());
        prepare(&mut bare);
        let book = bare.book.clone();
        let (bare, address) = (Rc::new(RefCell::new(bare)), self.world.address());
        self.world.peers.insert(address, Box::new(Shared(bare.clone())));
        Member { id, address, bare, book }
    }

    fn join_senders(&mut self) {
        let first = self.join(|bare| {
            bare.send_voice("0", 11, 1);
            for (n, rid) in (0..).zip(RIDS) {
                bare.send_camera("1", (21 + n * 2, 22 + n * 2), Some(rid), 2 + n as u8);
            }
        });
        publish(&mut self.world, first.id, (TrackId(1), "0"), Codec::Opus);
        publish_layers(&mut self.world, first.id, (TrackId(2), "1"), Codec::Vp8, &RIDS);
        let second = self.join(|bare| {
            bare.send_voice("0", 31, 6);
            bare.send_camera("1", (41, 42), None, 7);
        });
        publish(&mut self.world, second.id, (TrackId(3), "0"), Codec::Opus);
        publish(&mut self.world, second.id, (TrackId(4), "1"), Codec::Vp8);
        self.senders = vec![first, second];
    }

    fn join_receiver(&mut self) {
        let receiver = self.join(|bare| {
            bare.expect(2_000, 2_001);
            bare.expect(4_000, 4_001);
        });
        receiver.book.borrow_mut().mute_questions = self.control == Control::Unasked;
        for at in 0..4 {
            self.subscribe(receiver.id, at);
        }
        self.receivers.push(receiver);
    }

    fn subscribe(&mut self, id: u64, at: usize) {
        let (track, codec) = TRACKS[at];
        let ssrc = track as u32 * 1_000;
        let repair = (codec == Codec::Vp8).then_some(ssrc + 1);
        let named = (TrackId(track), MIDS[at]);
        subscribe(&mut self.world, id, named, codec, (ssrc, repair));
    }

    fn trouble(&mut self) {
        let end = self.world.now.plus_millis(TROUBLE_MS);
        while self.world.now < end {
            let wait = self.rng.random_range(50..1_500);
            self.world.run_until(self.world.now.plus_millis(wait).min(end));
            self.event();
        }
    }

    fn event(&mut self) {
        let at = self.rng.random_range(0..4);
        let track = TrackId(TRACKS[at].0);
        let who = self.rng.random_range(0..self.receivers.len());
        let peer = PeerId(self.receivers[who].id);
        match self.rng.random_range(0..12) {
            0..=3 => {
                let wish = Wish {
                    paused: self.rng.random_bool(0.2),
                    layer_max: self.rng.random_range(0..3),
                    temporal_max: self.rng.random_range(0..4),
                    priority: 0,
                };
                self.world.command(Command::Want { peer, track, wish });
            }
            4 => {
                self.muted[at] = !self.muted[at];
                self.world.command(Command::Mute { track, muted: self.muted[at] });
            }
            5 | 6 => self.join_receiver(),
            7 if self.receivers.len() > 1 => {
                let gone = self.receivers.remove(who);
                self.world.command(Command::CloseParticipant(ParticipantId(gone.id)));
                self.world.peers.remove(&gone.address);
            }
            8 | 9 => {
                self.world.command(Command::EndSend { peer, track });
                let wait = self.rng.random_range(0..300);
                self.world.run_ms(wait);
                self.subscribe(peer.0, at);
            }
            10 => {
                let address = self.world.address();
                let now = self.world.now;
                let sends = self.rng.random_bool(0.3);
                let sender = self.rng.random_range(0..2);
                let member =
                    if sends { &mut self.senders[sender] } else { &mut self.receivers[who] };
                let body = self.world.peers.remove(&member.address).expect("it is there");
                self.world.peers.insert(address, body);
                member.address = address;
                member.bare.borrow_mut().moved(now);
            }
            _ => {}
        }
    }

    /// Everything is wanted, and the line is good again.
    fn rest(&mut self) {
        for (track, _) in TRACKS {
            self.world.command(Command::Mute { track: TrackId(track), muted: false });
            for receiver in &self.receivers {
                let (peer, track) = (PeerId(receiver.id), TrackId(track));
                self.world.command(Command::Want { peer, track, wish: Wish::ALL });
            }
        }
        (self.world.net.up, self.world.net.down) = (Link::GOOD, Link::GOOD);
        self.world.run_ms(REST_MS);
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (at, event) in &self.world.events {
            if matches!(event, Event::Refused { .. }) {
                faults.push(format!("{at:?}: {event:?}"));
            }
        }
        for receiver in &self.receivers {
            let book = receiver.book.borrow();
            for (track, codec) in TRACKS {
                let ssrc = track as u32 * 1_000;
                let found = match book.came.get(&ssrc) {
                    None => vec!["nothing came".to_owned()],
                    Some(incoming) => oracle::faults(incoming, codec, self.world.now),
                };
                faults
                    .extend(found.iter().map(|f| format!("peer {} ssrc {ssrc}: {f}", receiver.id)));
            }
        }
        for sender in &self.senders {
            let asked = sender.book.borrow().key_frames_asked;
            if asked > 100 {
                faults.push(format!("{asked} key frames were asked for in eight seconds"));
            }
        }
        faults
    }
}

/// Changes a byte of every hundredth packet of media that goes down.
fn changing() -> super::net::Hand {
    let mut count = 0;
    Box::new(move |way, _, bytes| {
        if way == Way::Up || bytes[0] < 128 || (192..224).contains(&bytes[1]) {
            return None;
        }
        count += 1;
        let mut changed = bytes.to_vec();
        if count % 100 == 0 {
            *changed.last_mut()? ^= 1;
        }
        Some(vec![(0, changed)])
    })
}

fn number_from(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn calls_by_chance_end_well() {
    let first = number_from("SFU_SIMULATE_FIRST", 0);
    let seeds = number_from("SFU_SIMULATE_SEEDS", 200);
    let mut bad = 0;
    for seed in first..first + seeds {
        let (faults, digest) = run(seed, Control::None);
        if !faults.is_empty() {
            bad += 1;
            println!("seed {seed}: {} faults, the first: {}", faults.len(), faults[0]);
        }
        if seed % 50 == 0 {
            assert_eq!(run(seed, Control::None).1, digest, "seed {seed} has two courses");
        }
    }
    assert_eq!(bad, 0, "of {seeds} seeds from {first} on");
}

/// The controls: what is broken on purpose is found.
#[test]
fn calls_that_are_broken_on_purpose_are_found() {
    for control in [Control::Changed, Control::Unasked] {
        let found = (0..10).filter(|seed| !run(*seed, control).0.is_empty()).count();
        assert!(found >= 5, "{control:?}: {found} of 10");
    }
}
