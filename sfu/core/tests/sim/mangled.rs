//! Bytes that no honest peer sends, from peers that are believed: nothing may end the core, and
//! who is honest goes on undisturbed.

use rand::{Rng, SeedableRng, rngs::StdRng};
use sfu_core::{Certificate, Command};

use super::call::{ROOM, join, peer};
use super::net::{Hand, Way};
use super::random::{Control, run_with};
use super::world::World;

/// Changes, cuts, lengthens or replaces one datagram in `one_in` of those that go up.
fn mangling(seed: u64, one_in: u32) -> Hand {
    let mut rng = StdRng::seed_from_u64(seed);
    Box::new(move |way, _, bytes| {
        if way == Way::Down || !rng.random_ratio(1, one_in) {
            return None;
        }
        let mut bytes = bytes.to_vec();
        match rng.random_range(0..5) {
            0 => bytes.truncate(rng.random_range(0..=bytes.len())),
            1 => bytes.extend((0..rng.random_range(1..40)).map(|_| rng.random::<u8>())),
            2 => {
                // The first byte and the second say what it is: the rest is noise.
                let len = rng.random_range(0..1_500);
                bytes.truncate(2);
                bytes.extend((0..len).map(|_| rng.random::<u8>()));
            }
            _ => {
                for _ in 0..rng.random_range(1..6) {
                    let at = rng.random_range(0..bytes.len().clamp(1, 64));
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = rng.random();
                    }
                }
            }
        }
        Some(vec![(0, bytes)])
    })
}

#[test]
fn mangled_media_and_reports_of_believed_peers_do_not_end_the_core() {
    for seed in 0..15 {
        run_with(seed, Control::None, Some(mangling(seed, 3)));
    }
}

#[test]
fn mangled_handshakes_end_nothing_but_themselves() {
    let certificate = Certificate::generate().expect("randomness");
    for seed in 0..10 {
        let mut world = World::with_certificate(seed, certificate.clone());
        world.command(Command::OpenRoom(ROOM));
        world.net.hand = Some(mangling(seed, 2));
        for id in 1..=10 {
            let mut joiner = peer(&mut world, id);
            joiner.send_voice("0", 11, 1);
            joiner.open_channel("_reliable", true);
            join(&mut world, joiner, id);
        }
        world.run_ms(2_000);
        world.net.hand = None;
        let late = peer(&mut world, 11);
        let log = join(&mut world, late, 11);
        world.run_ms(1_000);
        assert!(log.borrow().connected.is_some(), "seed {seed}: who comes later joins");
    }
}
