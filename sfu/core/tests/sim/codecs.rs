//! What each codec needs on its way: nothing of a payload is changed but the numbers of VP8, and
//! redundant sound is made plain for whoever knows no other.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use rand::{Rng as _, RngCore as _};
use sfu_core::{
    Codec, Command, Extensions, Format, IceCredentials, Kind, ParticipantId, PeerId, Protection,
    Receive, Send, Ssrcs, TrackId, Wish,
};

use super::bare::{Bare, Book, Script};
use super::call::{ROOM, token};
use super::media::Piece;
use super::packets::Rtp;
use super::webrtc;
use super::world::World;

const TRACK: TrackId = TrackId(1);
const MID: &str = "0";
const SSRC: u32 = 1_000;
const DEPENDENCY: u8 = 12;

fn extensions() -> Extensions {
    Extensions { dependency_descriptor: Some(DEPENDENCY), ..webrtc::extensions() }
}

fn format(codec: Codec) -> Format {
    let payload_type = match codec {
        Codec::Red => 63,
        Codec::Opus => 111,
        _ => 45,
    };
    Format { codec, payload_type, rtx: None, nack: false, transport_cc: true }
}

/// A packet of the script: payload and extensions.
type Line = (Vec<u8>, Vec<(u8, Vec<u8>)>);

/// One sends a script in a codec, each of the others gets it in a codec of its own: what came.
fn played(codec: Codec, script: &[Line], receivers: &[Codec]) -> Vec<Vec<Rtp>> {
    let mut world = World::simple(5);
    world.command(Command::OpenRoom(ROOM));
    let ticks = if codec.kind() == Kind::Audio { 960 } else { 3_000 };
    let pieces = (1_u32..).zip(script).map(|(number, (payload, more))| {
        let piece = Piece { payload: payload.clone(), timestamp: number * ticks, marker: true };
        (piece, more.clone())
    });
    let payload_type = format(codec).payload_type;
    let script = Script { payload_type, wait_us: 20_000, pieces: pieces.collect::<VecDeque<_>>() };
    let books: Vec<_> = (2_u64..)
        .zip(receivers)
        .map(|(id, takes)| {
            let book = join(&mut world, id, |_| {});
            (id, *takes, book)
        })
        .collect();
    join(&mut world, 1, |bare| bare.send_script(MID, 11, script));
    let media = Receive {
        track: TRACK,
        mid: token(MID),
        formats: vec![format(codec)],
        extensions: extensions(),
        rids: Vec::new(),
        ssrcs: Vec::new(),
    };
    world.command(Command::Receive { peer: PeerId(1), media });
    for (id, takes, _) in &books {
        let media = Send {
            track: TRACK,
            mid: token(MID),
            formats: vec![format(*takes)],
            extensions: extensions(),
            ssrcs: Ssrcs { media: SSRC, rtx: None },
            wish: Wish::ALL,
        };
        world.command(Command::Send { peer: PeerId(*id), media });
    }
    world.run_ms(3_000);
    books.iter().map(|(_, takes, book)| of_script(book, *takes)).collect()
}

/// The packets of the track, without the silence and padding of our own in front of it.
fn of_script(book: &RefCell<Book>, takes: Codec) -> Vec<Rtp> {
    let book = book.borrow();
    let came = book.came.get(&SSRC).expect("a stream");
    assert!(came.faults.is_empty(), "{:?}", came.faults);
    let silent = [0xf8, 0xff, 0xfe];
    let got = came.got.values().map(|got| &got.rtp);
    let got: Vec<Rtp> =
        got.filter(|rtp| !rtp.payload.is_empty() && rtp.payload != silent).cloned().collect();
    let number = format(takes).payload_type;
    assert!(got.iter().all(|rtp| rtp.payload_type == number), "in the receiver's numbers");
    let steps = got.windows(2).map(|two| two[1].sequence.wrapping_sub(two[0].sequence));
    assert!(steps.into_iter().all(|step| step == 1), "without gaps");
    got
}

fn join(world: &mut World, id: u64, prepare: impl FnOnce(&mut Bare)) -> Rc<RefCell<Book>> {
    let ice = IceCredentials::generate(&mut world.rng);
    let (participant, peer) = (ParticipantId(id), PeerId(id));
    let protection = Protection::None;
    world.command(Command::OpenParticipant { room: ROOM, participant });
    world.command(Command::OpenPeer { participant, peer, ice: ice.clone(), protection });
    let mut bare = Bare::new(&ice, "them", id);
    prepare(&mut bare);
    let book = bare.book.clone();
    let address = world.address();
    world.peers.insert(address, Box::new(bare));
    book
}

fn random(world: &mut rand::rngs::StdRng, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    world.fill_bytes(&mut bytes);
    bytes
}

fn rng() -> rand::rngs::StdRng {
    rand::SeedableRng::seed_from_u64(20_261_124)
}

/// Payloads come as they were sent, from the first key frame on.
fn comes_whole(codec: Codec, script: &[Line]) -> Vec<Rtp> {
    let [came] = <[_; 1]>::try_from(played(codec, script, &[codec])).expect("one");
    let sent: Vec<&[u8]> = script.iter().map(|(payload, _)| payload.as_slice()).collect();
    let got: Vec<&[u8]> = came.iter().map(|rtp| rtp.payload.as_slice()).collect();
    assert_eq!(got, sent);
    came
}

#[test]
fn redundant_sound_comes_whole_to_who_reads_it_and_its_newest_block_to_who_does_not() {
    let mut rng = rng();
    let sounds: Vec<Vec<u8>> = (0..50)
        .map(|_| {
            let len = rng.random_range(3..200);
            random(&mut rng, len)
        })
        .collect();
    let script: Vec<Line> = (0..sounds.len())
        .map(|at| {
            let older = &sounds[at.saturating_sub(2)..at];
            let mut payload = Vec::new();
            for (back, block) in older.iter().rev().enumerate().rev() {
                let ticks = 960 * (back as u32 + 1);
                let head = 1 << 31 | 111 << 24 | ticks << 10 | block.len() as u32;
                payload.extend(head.to_be_bytes());
            }
            payload.push(111);
            for block in older {
                payload.extend(block);
            }
            payload.extend(&sounds[at]);
            (payload, Vec::new())
        })
        .collect();
    let came = played(Codec::Red, &script, &[Codec::Red, Codec::Opus]);
    let payloads = |at: usize| came[at].iter().map(|rtp| rtp.payload.clone()).collect::<Vec<_>>();
    assert_eq!(payloads(0), script.into_iter().map(|(payload, _)| payload).collect::<Vec<_>>());
    assert_eq!(payloads(1), sounds);
    let times = |at: usize| came[at].iter().map(|rtp| rtp.timestamp).collect::<Vec<_>>();
    let steps = |at: usize| times(at).windows(2).map(|two| two[1] - two[0]).collect::<Vec<_>>();
    assert_eq!(steps(0), steps(1));
}

#[test]
fn redundant_sound_that_is_cut_reaches_only_who_reads_it() {
    let script = vec![(vec![0xef, 0, 0, 9, 111, 1], Vec::new()); 10];
    let came = played(Codec::Red, &script, &[Codec::Red]);
    assert_eq!(came[0].len(), 10);
    let mut whole = script.clone();
    whole.push((vec![111, 7, 7, 7], Vec::new()));
    let came = played(Codec::Red, &whole, &[Codec::Opus]);
    assert_eq!(came[0].iter().map(|rtp| rtp.payload.as_slice()).collect::<Vec<_>>(), [[7, 7, 7]]);
}

#[test]
fn h264_comes_whole_from_its_first_key_frame_on() {
    let mut rng = rng();
    let mut script: Vec<Line> = vec![([vec![0x67], random(&mut rng, 30)].concat(), Vec::new())];
    for number in 0..60_u8 {
        let head: &[u8] = match number % 3 {
            0 => &[0x41],
            1 => &[0x7c, 0x41],
            _ => &[0x78, 0, 9],
        };
        script.push(([head, &random(&mut rng, 900)].concat(), Vec::new()));
    }
    comes_whole(Codec::H264, &script);
}

#[test]
fn all_layers_of_vp9_come_whole() {
    let mut rng = rng();
    let mut script: Vec<Line> = Vec::new();
    for number in 0..20_u8 {
        for layer in 0..3_u8 {
            // Picture number, layers; the first picture depends on none before it.
            let inter = if number == 0 { 0 } else { 0x40 };
            let head = [0xa8 | inter | 0x04, 0x80 | number >> 7, number, layer << 1, number];
            script.push(([&head[..], &random(&mut rng, 700)].concat(), Vec::new()));
        }
    }
    comes_whole(Codec::Vp9, &script);
}

#[test]
fn all_layers_of_av1_come_whole_with_their_dependency_descriptors() {
    let mut rng = rng();
    let script: Vec<Line> = (0..60_usize)
        .map(|number| {
            let key = number == 0;
            // The first one carries the structure of all layers, more than the one-byte form holds.
            let descriptor = random(&mut rng, if key { 71 } else { 3 + number % 9 });
            let head = if key { 0x18 } else { 0x10 };
            let payload = [&[head][..], &random(&mut rng, 800)].concat();
            (payload, vec![(DEPENDENCY, descriptor)])
        })
        .collect();
    let came = comes_whole(Codec::Av1, &script);
    for (rtp, (_, sent)) in came.iter().zip(&script) {
        let descriptor = rtp.extensions.iter().find(|(number, _)| *number == DEPENDENCY);
        assert_eq!(descriptor, sent.first());
        let numbered =
            rtp.extensions.iter().any(|(number, value)| *number == 3 && value.len() == 2);
        assert!(numbered, "its own extensions stand beside it");
    }
}

#[test]
fn descriptors_of_pictures_that_may_be_left_out_are_not_passed_on() {
    let mut rng = rng();
    let payload = [&[0x88, 5][..], &random(&mut rng, 300)].concat();
    let script = vec![(payload, vec![(DEPENDENCY, random(&mut rng, 5))]); 10];
    let came = comes_whole(Codec::Vp9, &script);
    assert!(came.iter().all(|rtp| rtp.extensions.iter().all(|(number, _)| *number != DEPENDENCY)));
}

#[test]
fn encrypted_frames_come_untouched() {
    let mut rng = rng();
    // As the client library seals them: a short clear head, then what only members read.
    let sound: Vec<Line> =
        (0..50).map(|_| ([vec![0x78], random(&mut rng, 90)].concat(), Vec::new())).collect();
    comes_whole(Codec::Opus, &sound);
    let pictures: Vec<Line> = (0..50_u8)
        .map(|number| {
            let clear = [0x10, if number == 0 { 0x50 } else { 0x31 }, 0, 0, 0x9d, 1, 0x2a, 0, 0, 0];
            ([&clear[..], &random(&mut rng, 900)].concat(), Vec::new())
        })
        .collect();
    comes_whole(Codec::Vp8, &pictures);
}
