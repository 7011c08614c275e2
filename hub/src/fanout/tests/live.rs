//! Behind, caught up, live: one way for every subscription.

use signaling::chat::Encoding;
use signaling::limits::RING_EVENTS_MAX;

use super::*;

#[test]
fn a_subscription_begins_behind_and_is_live_once_it_has_caught_up() {
    let mut scene = Scene::with(5);
    let mut reader = scene.attached(person(1), 3);
    scene.talk(2);
    reader.read(usize::MAX);
    assert!(reader.seen.is_empty(), "nothing is pushed to a subscription that is behind");
    assert_eq!(reader.catch_up(&scene), Pull::Live);
    reader.saw(3, 7);
    scene.talk(2);
    reader.read(usize::MAX);
    reader.saw(3, 9);
}

#[test]
fn an_event_between_the_read_and_the_reply_is_not_lost() {
    let mut scene = Scene::with(4);
    let outbox = Arc::new(Outbox::new(1, Encoding::Json));
    let ticket = scene.fanout.attach(room(), Stream::Log, person(1), &outbox);
    let start = Start { top: scene.top(), next: 5 };
    // Committed after the membership was read, before the subscription begins.
    scene.talk(3);
    scene.fanout.activate(ticket, start, scene.now).expect("begun");
    let mut reader = Reader { outbox, ticket, seen: Vec::new(), ended: Vec::new() };
    assert_eq!(reader.catch_up(&scene), Pull::Live);
    reader.saw(5, 7);
}

#[test]
fn a_long_gap_is_read_in_pages_and_new_events_follow_it_in_order() {
    let mut scene = Scene::with(1_500);
    let mut reader = scene.attached(person(1), 201);
    assert!(matches!(scene.fanout.pull(reader.ticket), Pull::Read { after: 200 }));
    let page = Page::from(scene.slice(200, CATCH_UP_EVENTS_MAX));
    assert_eq!(scene.fanout.page(reader.ticket, &page, scene.now), Pull::Queued);
    scene.talk(RING_EVENTS_MAX + 10);
    assert_eq!(reader.catch_up(&scene), Pull::Live);
    scene.talk(1);
    reader.read(usize::MAX);
    reader.saw(201, scene.top().seq);
}

#[test]
fn a_repeated_event_is_delivered_once() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(1));
    let events = [scene.commit(), scene.commit()];
    scene.offer(&events);
    scene.offer(&events);
    scene.offer(&events[1..]);
    reader.read(usize::MAX);
    reader.saw(1, 2);
}

#[test]
fn both_encodings_carry_the_same_numbers() {
    let mut scene = Scene::with(0);
    let mut text = scene.reader(person(1));
    let outbox = Arc::new(Outbox::new(9, Encoding::Protobuf));
    let ticket = scene.fanout.attach(room(), Stream::Log, person(2), &outbox);
    let start = Start { top: scene.top(), next: 1 };
    scene.fanout.activate(ticket, start, scene.now).expect("begun");
    assert_eq!(scene.fanout.pull(ticket), Pull::Live);
    scene.talk(3);
    text.read(usize::MAX);
    text.saw(1, 3);
    let taken = outbox.take(usize::MAX, noop_waker_ref());
    assert_eq!(taken.items.len(), 3);
    let frame = |item: &Item| match item {
        Item::Frame(bytes) => bytes.clone(),
        Item::End { .. } | Item::Message(_) => panic!("a frame"),
    };
    let lengths: Vec<_> = taken.items.iter().map(frame).collect();
    // Length prefix, then the message: field 2 (push).
    assert!(lengths.iter().all(|bytes| bytes.get(1..).is_some_and(|rest| rest.len() > 32)));
}

#[test]
fn a_held_node_pushes_nothing_and_loses_nothing() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(1));
    scene.fanout.hold();
    scene.talk(3);
    assert!(reader.read(usize::MAX), "it fell behind");
    assert_eq!(scene.fanout.pull(reader.ticket), Pull::Held);
    assert!(reader.seen.is_empty());
    scene.fanout.resume();
    assert!(reader.read(usize::MAX), "it is woken");
    assert_eq!(reader.catch_up(&scene), Pull::Live);
    reader.saw(1, 3);
}

#[test]
fn another_epoch_ends_the_subscriptions_of_the_old_one() {
    let mut scene = Scene::with(3);
    let mut old = scene.reader(person(1));
    scene.epoch = Epoch { store: 1, room: 2 };
    scene.store.truncate(1);
    let mut new = scene.attached(person(2), 2);
    old.read(usize::MAX);
    assert_eq!(old.ended, [(2500, 0)]);
    assert_eq!(new.catch_up(&scene), Pull::Live);
    scene.talk(1);
    new.read(usize::MAX);
    new.saw(2, 2);
}
