//! Streams of which nothing comes.

use sfu_core::{Codec, Command, TrackId};
use str0m::media::MediaKind;

use super::call::{ROOM, join, peer, publish, subscribe};
use super::media::identify;
use super::world::World;

const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

/// A sender of sound and picture whose tracks are muted or not, and one who gets both.
fn call(muted: bool) -> (World, std::rc::Rc<std::cell::RefCell<super::webrtc::Log>>) {
    let mut world = World::new(3);
    world.command(Command::OpenRoom(ROOM));
    let mut sender = peer(&mut world, 1);
    sender.send_voice("0", 11, 1);
    sender.send_camera("1", (21, 22), None, 2);
    join(&mut world, sender, 1);
    publish(&mut world, 1, (TrackId(1), "0"), Codec::Opus);
    publish(&mut world, 1, (TrackId(2), "1"), Codec::Vp8);
    for track in [TrackId(1), TrackId(2)] {
        world.command(Command::Mute { track, muted });
    }
    world.run_ms(1_000);
    let mut receiver = peer(&mut world, 2);
    receiver.expect("0", MediaKind::Audio, (1_000, None));
    receiver.expect("1", MediaKind::Video, (2_000, Some(2_001)));
    let log = join(&mut world, receiver, 2);
    subscribe(&mut world, 2, (TrackId(1), "0"), Codec::Opus, (1_000, None));
    subscribe(&mut world, 2, (TrackId(2), "1"), Codec::Vp8, (2_000, Some(2_001)));
    (world, log)
}

#[test]
fn a_muted_track_shows_itself_with_a_short_run_and_goes_on_behind_it() {
    let (mut world, log) = call(true);
    world.run_ms(2_000);
    let silent = {
        let log = log.borrow();
        let sound = &log.came[&1_000];
        assert!(sound.iter().all(|packet| packet.payload == SILENCE), "nothing of what is muted");
        assert!((15..=20).contains(&sound.len()), "{} packets of silence", sound.len());
        let ticks = |two: &[super::webrtc::Came]| two[1].timestamp.wrapping_sub(two[0].timestamp);
        assert!(sound.windows(2).all(|two| ticks(two) == 960));
        assert!(sound.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
        let pictures = log.came.get(&2_000).map_or(0, Vec::len);
        assert!((15..=20).contains(&pictures), "{pictures} packets of padding");
        sound.len()
    };
    for track in [TrackId(1), TrackId(2)] {
        world.command(Command::Mute { track, muted: false });
    }
    world.run_ms(1_000);
    let log = log.borrow();
    let sound = &log.came[&1_000];
    assert!(sound.len() > silent + 40, "the voice is back");
    assert!(sound[silent..].iter().all(|packet| identify(&packet.payload).is_some()));
    assert!(sound.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
    let forward = |two: &[super::webrtc::Came]| {
        two[1].timestamp.wrapping_sub(two[0].timestamp).cast_signed() > 0
    };
    assert!(sound.windows(2).all(forward));
    assert!(log.came[&2_000].iter().filter(|packet| !packet.payload.is_empty()).count() > 60);
}

#[test]
fn a_voice_that_is_muted_ends_in_silence_and_one_that_speaks_has_none() {
    let (mut world, log) = call(false);
    world.run_ms(1_500);
    let spoken = {
        let log = log.borrow();
        let sound = &log.came[&1_000];
        assert!(sound.iter().all(|packet| identify(&packet.payload).is_some()));
        sound.len()
    };
    world.command(Command::Mute { track: TrackId(1), muted: true });
    world.run_ms(1_500);
    let log = log.borrow();
    let sound = &log.came[&1_000];
    let silent = sound.iter().filter(|packet| packet.payload == SILENCE).count();
    assert_eq!(silent, 20);
    assert!(sound.len() <= spoken + 22);
    assert!(sound.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
}
