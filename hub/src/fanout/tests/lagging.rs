//! Slow readers: bounded in memory, and complete in the end.

use signaling::limits::{OUTBOX_FRAMES_MAX, WRITE_BYTES_MAX};

use super::*;

#[test]
fn a_reader_that_stops_falls_behind_and_gets_everything_once_when_it_reads_again() {
    let mut scene = Scene::with(0);
    let (mut slow, mut quick) = (scene.reader(person(1)), scene.reader(person(2)));
    for _ in 0..50 {
        scene.talk(100);
        quick.read(usize::MAX);
    }
    quick.saw(1, 5_000);
    assert!(slow.outbox.load().0 <= OUTBOX_FRAMES_MAX);
    assert_eq!(slow.catch_up(&scene), Pull::Live);
    slow.saw(1, 5_000);
    scene.talk(1);
    slow.read(usize::MAX);
    slow.saw(1, 5_001);
}

#[test]
fn a_reader_slower_than_the_room_never_holds_more_than_its_outbox() {
    let mut scene = Scene::with(0);
    let mut slow = scene.reader(person(1));
    let mut most = 0;
    for _ in 0..200 {
        scene.talk(40);
        // A connection pulls only when its outbox has drained.
        if slow.read(WRITE_BYTES_MAX / 32) && slow.outbox.has_drained() {
            scene.fanout.pull(slow.ticket);
        }
        most = most.max(slow.outbox.load().0);
    }
    assert!(most <= OUTBOX_FRAMES_MAX, "{most} frames");
    assert_eq!(slow.catch_up(&scene), Pull::Live);
    slow.saw(1, 8_000);
}

#[test]
fn one_slow_room_does_not_stop_another_of_the_same_connection() {
    let mut scene = Scene::with(0);
    let slow = scene.reader(person(1));
    scene.talk(OUTBOX_FRAMES_MAX + 1);
    assert_eq!(slow.outbox.load().0, OUTBOX_FRAMES_MAX);
    let mut other = scene.reader(person(2));
    scene.talk(3);
    other.read(usize::MAX);
    assert_eq!(other.seen.len(), 3);
}

#[test]
fn a_reader_that_went_away_leaves_nothing_behind() {
    let mut scene = Scene::with(0);
    let reader = scene.reader(person(1));
    scene.fanout.detach(reader.ticket, scene.now);
    scene.talk(2);
    assert_eq!(reader.outbox.load(), (0, 0));
    assert_eq!(scene.fanout.pull(reader.ticket), Pull::Gone);
    // The same place is given to the next one; the old ticket does not open it.
    let mut next = scene.reader(person(2));
    scene.fanout.detach(reader.ticket, scene.now);
    scene.talk(1);
    next.read(usize::MAX);
    next.saw(3, 3);
}
