//! A peer of ours without protection: it sends what it is told, repeats what it is asked for, asks
//! for what it misses, and keeps everything that came.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

use rand::{SeedableRng, rngs::StdRng};
use sfu_core::{IceCredentials, Micros};

use super::media::{Camera, Piece, Voice, read_picture};
use super::packets::{Asked, Rtp, asked, check, nack, pli, sender_report};
use super::webrtc::{OPUS, VP8, VP8_REPAIR};
use super::world::Peer;

/// Milliseconds between two rounds of questions for what is missing.
const ASK_MS: u64 = 20;
/// The same packet is asked for again after so long,
const ASK_AGAIN_MS: u64 = 60;
/// and given up, for a key frame, after so long.
const GIVE_UP_MS: u64 = 600;

/// A packet as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub at: Micros,
    pub rtp: Rtp,
}

/// One incoming stream.
#[derive(Debug, Default)]
pub struct Incoming {
    pub got: BTreeMap<u64, Got>,
    /// Numbers that are missing: since when, and when to ask.
    pub missing: BTreeMap<u64, (Micros, Micros)>,
    /// How long those took that came in the end, in microseconds.
    pub repaired_us: Vec<u64>,
    pub given_up: u64,
    /// A key frame is wanted; when to ask for it again.
    pub wants_key: Option<Micros>,
    pub faults: Vec<String>,
}

/// What a test sees of a peer.
#[derive(Debug, Default)]
pub struct Book {
    pub came: BTreeMap<u32, Incoming>,
    pub key_frames_asked: u64,
    pub repairs_sent: u64,
    pub reached: bool,
    /// It asks for nothing: a control.
    pub mute_questions: bool,
}

struct Outgoing {
    ssrc: u32,
    repair: Option<u32>,
    mid: &'static str,
    rid: Option<&'static str>,
    source: Source,
    sequence: u16,
    repair_sequence: u16,
    next: Micros,
    report: Micros,
    last: u32,
    history: BTreeMap<u16, Rtp>,
}

enum Source {
    Voice(Voice),
    Camera(Camera),
    Script(Script),
}

/// Packets one after the other, whatever is asked.
pub struct Script {
    pub payload_type: u8,
    /// Time between two.
    pub wait_us: u64,
    /// Payloads with the timestamps, and extensions beside those that every packet has.
    pub pieces: VecDeque<(Piece, Extensions)>,
}

/// Header extensions by their numbers.
pub type Extensions = Vec<(u8, Vec<u8>)>;

/// See the module.
pub struct Bare {
    ice: IceCredentials,
    name: String,
    checks: u32,
    check_at: Micros,
    ask_at: Micros,
    transport_cc: u16,
    sends: Vec<Outgoing>,
    /// Streams that may be asked for again, and their repairs.
    repairs: BTreeMap<u32, u32>,
    out: VecDeque<Vec<u8>>,
    rng: StdRng,
    pub book: Rc<RefCell<Book>>,
}

impl Bare {
    pub fn new(ice: &IceCredentials, name: &str, seed: u64) -> Self {
        Self {
            ice: ice.clone(),
            name: name.to_owned(),
            checks: 0,
            check_at: Micros(0),
            ask_at: Micros(0),
            transport_cc: 0,
            sends: Vec::new(),
            repairs: BTreeMap::new(),
            out: VecDeque::new(),
            rng: StdRng::seed_from_u64(seed),
            book: Rc::default(),
        }
    }

    pub fn send_voice(&mut self, mid: &'static str, ssrc: u32, stream: u8) {
        self.add(mid, (ssrc, None), None, Source::Voice(Voice::new(stream)));
    }

    pub fn send_camera(
        &mut self,
        mid: &'static str,
        (ssrc, repair): (u32, u32),
        rid: Option<&'static str>,
        stream: u8,
    ) {
        let camera = Camera::new(stream, &mut self.rng);
        self.add(mid, (ssrc, Some(repair)), rid, Source::Camera(camera));
    }

    pub fn send_script(&mut self, mid: &'static str, ssrc: u32, script: Script) {
        self.add(mid, (ssrc, None), None, Source::Script(script));
    }

    fn add(
        &mut self,
        mid: &'static str,
        (ssrc, repair): (u32, Option<u32>),
        rid: Option<&'static str>,
        source: Source,
    ) {
        self.sends.push(Outgoing {
            ssrc,
            repair,
            mid,
            rid,
            source,
            sequence: (ssrc as u16).wrapping_mul(7_919),
            repair_sequence: 0,
            next: Micros::NEVER,
            report: Micros::NEVER,
            last: 0,
            history: BTreeMap::new(),
        });
    }

    /// Names the repairs of an incoming stream.
    pub fn expect(&mut self, ssrc: u32, repair: u32) {
        self.repairs.insert(repair, ssrc);
    }

    /// It has another address now: it checks the way at once.
    pub fn moved(&mut self, now: Micros) {
        self.check_at = now;
    }

    fn stamp(&mut self, mut rtp: Rtp, mid: &str) -> Rtp {
        self.transport_cc = self.transport_cc.wrapping_add(1);
        rtp.extensions.push((3, self.transport_cc.to_be_bytes().to_vec()));
        rtp.extensions.push((4, mid.as_bytes().to_vec()));
        rtp
    }

    fn send_due(&mut self, now: Micros) {
        for at in 0..self.sends.len() {
            while self.sends[at].next <= now {
                let send = &mut self.sends[at];
                let plain = |piece| (piece, Vec::new());
                let (pieces, wait_us) = match &mut send.source {
                    Source::Voice(voice) => (vec![plain(voice.next())], 20_000),
                    Source::Camera(camera) => {
                        (camera.next(&mut self.rng).into_iter().map(plain).collect(), 33_333)
                    }
                    Source::Script(script) => {
                        (script.pieces.pop_front().into_iter().collect(), script.wait_us)
                    }
                };
                send.next = send.next.plus(wait_us);
                for (piece, more) in pieces {
                    self.send_piece(at, piece, more);
                }
            }
            let send = &mut self.sends[at];
            if send.report <= now {
                send.report = now.plus_millis(1_000);
                let since_1900 = 3_900_000_000_000_000 + now.0;
                self.out.push_back(sender_report(send.ssrc, since_1900, send.last));
            }
        }
    }

    fn send_piece(&mut self, at: usize, piece: Piece, more: Vec<(u8, Vec<u8>)>) {
        let send = &mut self.sends[at];
        let mut extensions: Vec<_> =
            send.rid.iter().map(|rid| (10, rid.as_bytes().to_vec())).collect();
        extensions.extend(more);
        let payload_type = match &send.source {
            Source::Voice(_) => {
                extensions.push((1, vec![0x94]));
                OPUS
            }
            Source::Camera(_) => VP8,
            Source::Script(script) => script.payload_type,
        };
        let rtp = Rtp {
            payload_type,
            marker: piece.marker,
            sequence: send.sequence,
            timestamp: piece.timestamp,
            ssrc: send.ssrc,
            extensions,
            payload: piece.payload,
        };
        send.last = piece.timestamp;
        send.history.insert(send.sequence, rtp.clone());
        send.history.remove(&send.sequence.wrapping_sub(600));
        send.sequence = send.sequence.wrapping_add(1);
        let mid = send.mid;
        let stamped = self.stamp(rtp, mid);
        self.out.push_back(stamped.write());
    }

    fn answer(&mut self, asked: Asked) {
        match asked {
            Asked::KeyFrame(media) => {
                self.book.borrow_mut().key_frames_asked += 1;
                for send in self.sends.iter_mut().filter(|send| send.ssrc == media) {
                    if let Source::Camera(camera) = &mut send.source {
                        camera.key_wanted = true;
                    }
                }
            }
            Asked::Again(media, numbers) => {
                let Some(at) = self.sends.iter().position(|send| send.ssrc == media) else {
                    return;
                };
                for number in numbers {
                    self.repeat(at, number);
                }
            }
        }
    }

    fn repeat(&mut self, at: usize, number: u16) {
        let send = &mut self.sends[at];
        let (Some(mut rtp), Some(repair)) = (send.history.get(&number).cloned(), send.repair)
        else {
            return;
        };
        rtp.payload.splice(0..0, number.to_be_bytes());
        (rtp.ssrc, rtp.payload_type) = (repair, VP8_REPAIR);
        rtp.sequence = send.repair_sequence;
        rtp.extensions = send.rid.iter().map(|rid| (11, rid.as_bytes().to_vec())).collect();
        send.repair_sequence = send.repair_sequence.wrapping_add(1);
        self.book.borrow_mut().repairs_sent += 1;
        let mid = send.mid;
        let stamped = self.stamp(rtp, mid);
        self.out.push_back(stamped.write());
    }

    fn take_in(&mut self, mut rtp: Rtp, now: Micros) {
        if let Some(media) = self.repairs.get(&rtp.ssrc) {
            if rtp.payload.len() < 2 {
                return;
            }
            rtp.sequence = u16::from_be_bytes([rtp.payload[0], rtp.payload[1]]);
            rtp.payload.drain(..2);
            rtp.ssrc = *media;
        }
        let mut book = self.book.borrow_mut();
        let asks = self.repairs.values().any(|media| *media == rtp.ssrc);
        book.came.entry(rtp.ssrc).or_default().note(Got { at: now, rtp }, asks);
    }

    fn ask(&mut self, now: Micros) {
        let mut book = self.book.borrow_mut();
        if book.mute_questions {
            return;
        }
        for (ssrc, incoming) in &mut book.came {
            let due = incoming.due(now);
            if incoming.wants_key.is_some_and(|at| at <= now) {
                incoming.wants_key = Some(now.plus_millis(300));
                self.out.push_back(pli(*ssrc));
            }
            due.chunks(200).for_each(|due| self.out.push_back(nack(*ssrc, due)));
        }
    }
}

impl Incoming {
    fn note(&mut self, got: Got, asks: bool) {
        let highest = self.got.last_key_value().map(|(index, _)| *index);
        let near = highest.unwrap_or(1 << 20 | u64::from(got.rtp.sequence));
        let ahead = got.rtp.sequence.wrapping_sub(near as u16).cast_signed();
        let index = near.wrapping_add_signed(ahead.into());
        if let Some(before) = self.got.get(&index) {
            let (a, b) = (&before.rtp, &got.rtp);
            if (&a.payload, a.timestamp) != (&b.payload, b.timestamp) {
                self.faults.push(format!("{index} came twice and differs"));
            }
            return;
        }
        if let Some((since, _)) = self.missing.remove(&index) {
            self.repaired_us.push(got.at.since(since));
        }
        if asks && let Some(highest) = highest {
            let lowest = self.got.first_key_value().map_or(index, |(index, _)| *index);
            for missing in (highest + 1..index).chain(index + 1..lowest) {
                self.missing.insert(missing, (got.at, got.at));
            }
        }
        if asks && highest.is_none() {
            self.wants_key = Some(got.at.plus_millis(200));
        }
        if read_picture(&got.rtp.payload).is_some_and(|seen| seen.key) {
            self.wants_key = None;
        }
        self.got.insert(index, got);
    }

    /// What to ask for now.
    fn due(&mut self, now: Micros) -> Vec<u16> {
        let before = self.missing.len();
        self.missing.retain(|_, (since, _)| now.since(*since) < GIVE_UP_MS * 1_000);
        let late = before - self.missing.len();
        self.given_up += late as u64;
        if late > 0 {
            self.wants_key = Some(now);
        }
        let mut due = Vec::new();
        for (index, (_, next)) in &mut self.missing {
            if *next <= now {
                *next = now.plus_millis(ASK_AGAIN_MS);
                due.push(*index as u16);
            }
        }
        due
    }
}

impl Peer for Bare {
    fn receive(&mut self, _from: SocketAddr, datagram: &[u8], now: Micros) {
        match datagram {
            [1, 1, ..] => {
                self.book.borrow_mut().reached = true;
                for send in self.sends.iter_mut().filter(|send| send.next == Micros::NEVER) {
                    (send.next, send.report) = (now, now.plus_millis(20));
                }
            }
            [128..=191, 192..=223, ..] => asked(datagram).into_iter().for_each(|a| self.answer(a)),
            [128..=191, ..] => {
                if let Some(rtp) = Rtp::read(datagram) {
                    self.take_in(rtp, now);
                }
            }
            _ => {}
        }
    }

    fn tick(&mut self, now: Micros) {
        if self.check_at <= now {
            self.checks += 1;
            self.out.push_back(check(&self.ice, &self.name, self.checks));
            let wait = if self.book.borrow().reached { 1_000 } else { 100 };
            self.check_at = now.plus_millis(wait);
        }
        if self.ask_at <= now {
            self.ask_at = now.plus_millis(ASK_MS);
            self.ask(now);
        }
        self.send_due(now);
    }

    fn deadline(&mut self) -> Micros {
        let sends = self.sends.iter().map(|send| send.next.min(send.report)).min();
        self.check_at.min(self.ask_at).min(sends.unwrap_or(Micros::NEVER))
    }

    fn transmit(&mut self, _now: Micros) -> Option<Vec<u8>> {
        self.out.pop_front()
    }
}
