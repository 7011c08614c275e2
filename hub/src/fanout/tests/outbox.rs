//! The outbox is bounded, keeps order and wakes its task once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use bytes::Bytes;
use futures_util::task::{ArcWake, waker};
use signaling::limits::{OUTBOX_BYTES_MAX, OUTBOX_FRAMES_EPHEMERAL_MAX, OUTBOX_FRAMES_MAX};

use super::super::{Close, Owner};
use super::*;

#[derive(Default)]
struct Bell(AtomicUsize);

impl ArcWake for Bell {
    fn wake_by_ref(bell: &Arc<Self>) {
        bell.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell::default());
    (Arc::clone(&bell), waker(bell))
}

fn frames(count: usize, bytes: usize, owner: Owner) -> impl Iterator<Item = (Bytes, Owner)> {
    let frame = Bytes::from(vec![b'x'; bytes]);
    (0..count).map(move |_| (frame.clone(), owner))
}

#[test]
fn shared_frames_are_bounded_by_number_and_own_frames_by_bytes() {
    let outbox = Outbox::new(1, Encoding::Json);
    let pushed = outbox.push_all(frames(OUTBOX_FRAMES_MAX + 500, 1_000, Owner::Shared));
    assert_eq!((pushed, outbox.load()), (OUTBOX_FRAMES_MAX, (OUTBOX_FRAMES_MAX, 0)));
    assert!(outbox.is_full() && !outbox.has_drained());
    let outbox = Outbox::new(2, Encoding::Json);
    let pushed = outbox.push_all(frames(1_000, 10_000, Owner::Connection));
    assert_eq!(pushed, OUTBOX_BYTES_MAX.div_ceil(10_000));
    assert!(outbox.load().1 < OUTBOX_BYTES_MAX + 10_000);
    outbox.take(usize::MAX, noop_waker_ref());
    assert_eq!(outbox.load(), (0, 0));
}

#[test]
fn ephemeral_traffic_gives_way_first() {
    let outbox = Outbox::new(1, Encoding::Json);
    let typing = || Item::Frame(Bytes::from_static(b"{}"));
    let queued = (0..1_000).filter(|_| outbox.push_ephemeral(typing())).count();
    assert_eq!(queued, OUTBOX_FRAMES_EPHEMERAL_MAX);
    assert_eq!(outbox.push_all(frames(10, 10, Owner::Shared)), 10);
}

#[test]
fn a_sleeping_task_is_woken_once_and_a_busy_one_not_at_all() {
    let outbox = Outbox::new(1, Encoding::Json);
    let (bell, waker) = bell();
    outbox.take(usize::MAX, &waker);
    outbox.push_all(frames(5, 10, Owner::Shared));
    outbox.push_all(frames(5, 10, Owner::Shared));
    assert_eq!(bell.0.load(Ordering::Relaxed), 1);
    assert_eq!(outbox.take(usize::MAX, &waker).items.len(), 10);
    outbox.push_own(Item::Frame(Bytes::from_static(b"{}")));
    assert_eq!(bell.0.load(Ordering::Relaxed), 1, "it has not gone to sleep since");
    outbox.take(usize::MAX, &waker);
    outbox.take(usize::MAX, &waker);
    outbox.close(Close { code: 3005, reason: "expired" });
    assert_eq!(bell.0.load(Ordering::Relaxed), 2);
}

#[test]
fn the_first_order_to_close_counts() {
    let outbox = Outbox::new(1, Encoding::Json);
    outbox.close(Close { code: 4500, reason: "signed out" });
    outbox.close(Close { code: 3008, reason: "slow" });
    let taken = outbox.take(usize::MAX, noop_waker_ref());
    assert_eq!(taken.close.map(|close| close.code), Some(4500));
}

#[test]
fn a_subscription_asks_once_to_pull_however_often_it_falls_behind() {
    let scene = Scene::with(0);
    let reader = scene.reader(person(1));
    for _ in 0..3 {
        reader.outbox.fall_behind(reader.ticket);
    }
    let taken = reader.outbox.take(usize::MAX, noop_waker_ref());
    assert_eq!(taken.behind, [reader.ticket]);
}
