//! Calls: who sends what reaches whom.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use sfu_core::{
    Codec, Command, Event, Format, IceCredentials, Micros, ParticipantId, PeerId, PeerState,
    Protection, Receive, RoomId, Send, Ssrcs, Token, TrackId, Wish,
};
use str0m::media::MediaKind;

use super::media::{identify, read_picture};
use super::webrtc::{self, Log, Webrtc};
use super::world::World;

pub const ROOM: RoomId = RoomId(1);

fn format(codec: Codec) -> Format {
    let video = codec == Codec::Vp8;
    Format {
        codec,
        payload_type: if video { webrtc::VP8 } else { webrtc::OPUS },
        rtx: video.then_some(webrtc::VP8_REPAIR),
        nack: video,
        transport_cc: true,
    }
}

pub fn token(text: &str) -> Token {
    Token::new(text).expect("a token")
}

/// One sender of sound and picture, and receivers of both.
struct Call {
    world: World,
    sender: Rc<RefCell<Log>>,
    receivers: Vec<Rc<RefCell<Log>>>,
}

impl Call {
    fn new(seed: u64, receivers: u64) -> Self {
        let mut world = World::new(seed);
        world.command(Command::OpenRoom(ROOM));
        let mut sender = peer(&mut world, 1);
        sender.send_voice("0", 11, 1);
        sender.send_camera("1", (21, 22), None, 2);
        let log = join(&mut world, sender, 1);
        publish(&mut world, 1, (TrackId(1), "0"), Codec::Opus);
        publish(&mut world, 1, (TrackId(2), "1"), Codec::Vp8);
        let mut call = Self { world, sender: log, receivers: Vec::new() };
        for id in 0..receivers {
            call.join_receiver(id + 2);
        }
        call
    }

    fn join_receiver(&mut self, id: u64) {
        let mut receiver = peer(&mut self.world, id);
        receiver.expect("0", MediaKind::Audio, (1_000, None));
        receiver.expect("1", MediaKind::Video, (2_000, Some(2_001)));
        let log = join(&mut self.world, receiver, id);
        subscribe(&mut self.world, id, (TrackId(1), "0"), Codec::Opus, (1_000, None));
        subscribe(&mut self.world, id, (TrackId(2), "1"), Codec::Vp8, (2_000, Some(2_001)));
        self.receivers.push(log);
    }
}

pub fn peer(world: &mut World, id: u64) -> Webrtc {
    let address = world.address();
    Webrtc::new(address, world.origin, id)
}

/// Opens a participant and its connection, and puts the peer on the network.
pub fn join(world: &mut World, peer: Webrtc, id: u64) -> Rc<RefCell<Log>> {
    let ice = IceCredentials::generate(&mut world.rng);
    join_with(world, peer, id, &ice)
}

/// As [`join`], with credentials that the test knows.
pub fn join_with(
    world: &mut World,
    mut peer: Webrtc,
    id: u64,
    ice: &IceCredentials,
) -> Rc<RefCell<Log>> {
    let participant = ParticipantId(id);
    world.command(Command::OpenParticipant { room: ROOM, participant });
    world.command(Command::OpenPeer {
        participant,
        peer: PeerId(id),
        ice: ice.clone(),
        protection: Protection::DtlsSrtp,
    });
    peer.connect(ice, &world.certificate);
    world.command(Command::Connect { peer: PeerId(id), remote: peer.remote() });
    let log = peer.log.clone();
    let address = peer.address();
    world.peers.insert(address, Box::new(peer));
    log
}

/// A picture in three layers, about 0.27, 0.8 and 1.6 Mbit/s, and one who gets it.
fn layered() -> Call {
    let mut world = World::new(9);
    world.command(Command::OpenRoom(ROOM));
    let mut sender = peer(&mut world, 1);
    sender.send_voice("0", 11, 1);
    for (n, (rid, weight)) in (0..).zip([("q", 1), ("h", 3), ("f", 6)]) {
        sender.send_layer((21 + n * 2, 22 + n * 2), rid, n as u8, weight);
    }
    let log = join(&mut world, sender, 1);
    publish(&mut world, 1, (TrackId(1), "0"), Codec::Opus);
    publish_layers(&mut world, 1, (TrackId(2), "1"), Codec::Vp8, &["q", "h", "f"]);
    let mut call = Call { world, sender: log, receivers: Vec::new() };
    call.join_receiver(2);
    call
}

impl Call {
    /// Layers of the pictures that the first receiver got within the last `ms`.
    fn layers(&self, ms: u64) -> BTreeSet<u8> {
        let log = self.receivers[0].borrow();
        let recent = log.came[&2_000].iter().filter(|p| self.world.now.since(p.at) < ms * 1_000);
        recent.map(|p| read_picture(&p.payload).expect("whole").stream).collect()
    }
}

impl Call {
    /// The longest time without a picture since then, and the sum of all that a person would notice,
    /// in microseconds.
    fn without_a_picture(&self, begins: Micros) -> (u64, u64) {
        let log = self.receivers[0].borrow();
        let came = log.came[&2_000].iter().map(|p| p.at).filter(|at| *at > begins);
        let times: Vec<_> = [begins].into_iter().chain(came).chain([self.world.now]).collect();
        let gaps = times.windows(2).map(|two| two[1].since(two[0]));
        (gaps.clone().max().unwrap_or(0), gaps.filter(|gap| *gap > 400_000).sum())
    }
}

#[test]
fn a_narrow_link_gets_the_layer_that_it_bears_and_the_best_one_when_it_heals() {
    let mut call = layered();
    call.world.run_ms(6_000);
    assert_eq!(call.layers(1_000), BTreeSet::from([2]), "a good link gets the best layer");
    call.world.net.narrow_bps = Some(500_000);
    let fell = call.world.now;
    call.world.run_ms(1_500);
    assert_eq!(call.layers(300), BTreeSet::from([0]), "settled");
    call.world.run_ms(8_000);
    assert_eq!(call.layers(5_000), BTreeSet::from([0]), "it stays there");
    {
        let log = call.receivers[0].borrow();
        let times: Vec<_> = log.came[&2_000]
            .iter()
            .map(|p| p.at)
            .filter(|at| *at > fell.plus_millis(2_000))
            .collect();
        let gap = times.windows(2).map(|two| two[1].since(two[0])).max().expect("pictures");
        assert!(gap < 200_000, "{gap} us without a picture");
    }
    call.world.net.narrow_bps = None;
    call.world.run_ms(8_000);
    assert_eq!(call.layers(500), BTreeSet::from([2]), "back");
}

#[test]
fn an_uneven_way_that_bears_everything_keeps_its_pictures() {
    let mut call = layered();
    call.world.run_ms(6_000);
    call.world.net.sway_ms = 250;
    let begins = call.world.now;
    call.world.run_ms(30_000);
    let (longest, stood) = call.without_a_picture(begins);
    assert!(longest < 2_500_000, "{longest} us without a picture");
    assert!(stood < 6_000_000, "{stood} us of 30 s without a picture");
}

#[test]
fn a_way_that_bears_no_picture_keeps_its_sound_and_is_tried_now_and_then() {
    let mut call = layered();
    call.world.run_ms(6_000);
    call.world.net.narrow_bps = Some(90_000);
    call.world.run_ms(2_000);
    let begins = call.world.now;
    call.world.run_ms(30_000);
    let (longest, stood) = call.without_a_picture(begins);
    assert!((20_000_000..30_000_000).contains(&stood), "{stood} us of 30 s without a picture");
    assert!(longest < 18_000_000, "{longest} us without a picture");
    let log = call.receivers[0].borrow();
    let sound = log.came[&1_000].iter().filter(|p| p.at > begins).count();
    assert!(sound > 1_350, "{sound} of 1,500 packets of sound came");
}

#[test]
fn a_ceiling_of_the_edge_holds_and_is_lifted() {
    let mut call = layered();
    call.world.run_ms(3_000);
    let peer = PeerId(2);
    call.world.command(Command::CapDownlink { peer, bits_per_second_max: Some(150_000) });
    call.world.run_ms(2_000);
    assert_eq!(call.layers(1_000), BTreeSet::new(), "not even the lowest fits");
    let paused = Event::Stream { peer, track: TrackId(2), paused: true };
    assert!(call.world.events.iter().any(|(_, event)| *event == paused));
    call.world.command(Command::CapDownlink { peer, bits_per_second_max: None });
    call.world.run_ms(2_000);
    assert_eq!(call.layers(500), BTreeSet::from([2]));
}

pub fn publish(world: &mut World, id: u64, named: (TrackId, &str), codec: Codec) {
    publish_layers(world, id, named, codec, &[]);
}

pub fn publish_layers(
    world: &mut World,
    id: u64,
    (track, mid): (TrackId, &str),
    codec: Codec,
    rids: &[&str],
) {
    let media = Receive {
        track,
        mid: token(mid),
        formats: vec![format(codec)],
        extensions: webrtc::extensions(),
        rids: rids.iter().map(|rid| token(rid)).collect(),
        ssrcs: Vec::new(),
    };
    world.command(Command::Receive { peer: PeerId(id), media });
}

pub fn subscribe(
    world: &mut World,
    id: u64,
    (track, mid): (TrackId, &str),
    codec: Codec,
    (media, rtx): (u32, Option<u32>),
) {
    let media = Send {
        track,
        mid: token(mid),
        formats: vec![format(codec)],
        extensions: webrtc::extensions(),
        ssrcs: Ssrcs { media, rtx },
        wish: Wish::ALL,
    };
    world.command(Command::Send { peer: PeerId(id), media });
}

#[test]
fn sound_and_picture_of_one_reach_many_whole_and_in_order() {
    let mut call = Call::new(1, 3);
    call.world.run_ms(5_000);
    let refused = call.world.events.iter().find(|(_, e)| matches!(e, Event::Refused { .. }));
    assert_eq!(refused, None);
    let connected = call
        .world
        .events
        .iter()
        .filter(|(_, event)| matches!(event, Event::Peer { state: PeerState::Connected, .. }));
    assert_eq!(connected.count(), 4);
    for receiver in &call.receivers {
        let log = receiver.borrow();
        let voice = &log.came[&1_000];
        assert!(voice.len() > 200, "{} packets of sound", voice.len());
        assert!(voice.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
        let numbers: Vec<_> = voice.iter().map(|p| identify(&p.payload).expect("whole")).collect();
        assert!(numbers.windows(2).all(|two| two[1].1 == two[0].1 + 1));
        let pictures = &log.came[&2_000];
        assert!(pictures.len() > 250, "{} packets of picture", pictures.len());
        assert!(pictures.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
        assert!(pictures.windows(2).all(|two| two[0].at <= two[1].at));
        let ends =
            pictures.windows(2).all(|two| two[0].marker == (two[0].timestamp != two[1].timestamp));
        assert!(ends, "the last packet of a picture, and no other, is marked");
        let first = read_picture(&pictures[0].payload).expect("whole");
        assert!(first.key, "a receiver's first picture is a key frame");
        let numbers: BTreeSet<_> =
            pictures.iter().map(|p| read_picture(&p.payload).expect("whole").number).collect();
        assert_eq!(numbers.len(), pictures.len(), "each packet once");
    }
    assert!(call.sender.borrow().key_requests.len() <= 3);
}

#[test]
fn a_lone_picture_beyond_the_first_estimate_begins_within_seconds() {
    let mut world = World::new(12);
    world.command(Command::OpenRoom(ROOM));
    let mut sender = peer(&mut world, 1);
    sender.send_layer((21, 22), "f", 0, 24);
    let log = join(&mut world, sender, 1);
    publish_layers(&mut world, 1, (TrackId(2), "1"), Codec::Vp8, &["f"]);
    let mut call = Call { world, sender: log, receivers: Vec::new() };
    let mut receiver = peer(&mut call.world, 2);
    receiver.expect("1", MediaKind::Video, (2_000, Some(2_001)));
    let log = join(&mut call.world, receiver, 2);
    subscribe(&mut call.world, 2, (TrackId(2), "1"), Codec::Vp8, (2_000, Some(2_001)));
    call.receivers.push(log);
    call.world.run_ms(6_000);
    assert!(call.layers(300).contains(&0), "it flows");
    let log = call.receivers[0].borrow();
    let recent = log.came[&2_000].iter().filter(|p| call.world.now.since(p.at) < 1_000_000);
    let bytes: usize = recent.map(|p| p.payload.len()).sum();
    assert!(bytes > 400_000, "{bytes} bytes in a second: more than the first estimate");
}
