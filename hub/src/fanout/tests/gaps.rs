//! What comes too early waits, what does not come is read, and what was never committed is no gap.

use signaling::limits::{
    FILL_ATTEMPT_MS_MIN, FILL_EVENTS_MAX, FILL_MS_MAX, REORDER_DELAY_MS_MAX, REORDER_EVENTS_MAX,
};

use super::*;

#[test]
fn events_in_disorder_are_delivered_in_order_without_a_read() {
    let mut scene = Scene::with(2);
    let mut reader = scene.reader(person(1));
    let events: Vec<_> = (0..4).map(|_| scene.commit()).collect();
    for index in [2, 1, 3, 0] {
        scene.offer(&[Arc::clone(&events[index])]);
    }
    reader.read(usize::MAX);
    reader.saw(3, 6);
    assert_eq!(scene.fanout.deadline().map(|at| at > scene.now), Some(true));
    assert_eq!(scene.pass(REORDER_DELAY_MS_MAX), []);
}

#[test]
fn a_hole_is_read_after_its_delay_and_not_before() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(1));
    let events = [scene.commit(), scene.commit(), scene.commit()];
    scene.offer(&events[..1]);
    scene.offer(&events[2..]);
    assert_eq!(scene.fanout.deadline(), Some(scene.now.after(REORDER_DELAY_MS_MAX)));
    assert_eq!(scene.pass(REORDER_DELAY_MS_MAX - 1), []);
    reader.read(usize::MAX);
    reader.saw(1, 1);
    let fills = scene.pass(1);
    assert_eq!(fills, [Fill { room: room(), after: 1 }]);
    scene.fill(fills[0]);
    reader.read(usize::MAX);
    reader.saw(1, 3);
    assert_eq!(scene.pass(FILL_MS_MAX), []);
}

#[test]
fn a_hole_that_closes_by_itself_is_not_read() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(1));
    let events = [scene.commit(), scene.commit()];
    scene.offer(&events[1..]);
    assert_eq!(scene.pass(REORDER_DELAY_MS_MAX / 2), []);
    scene.offer(&events[..1]);
    assert_eq!(scene.pass(REORDER_DELAY_MS_MAX), []);
    reader.read(usize::MAX);
    reader.saw(1, 2);
}

#[test]
fn a_lost_hint_of_the_last_event_is_found_by_the_comparison() {
    let mut scene = Scene::with(3);
    let mut reader = scene.reader(person(1));
    scene.commit();
    assert_eq!(scene.pass(REORDER_DELAY_MS_MAX), []);
    scene.fanout.compared(room(), 3, scene.top(), scene.now);
    let fills = scene.pass(0);
    assert_eq!(fills, [Fill { room: room(), after: 3 }]);
    scene.fill(fills[0]);
    reader.read(usize::MAX);
    reader.saw(4, 4);
    // A comparison that finds what the node knows asks for nothing.
    scene.fanout.compared(room(), 4, scene.top(), scene.now);
    assert_eq!(scene.pass(FILL_MS_MAX), []);
}

#[test]
fn a_hole_larger_than_a_page_is_read_to_its_end() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(1));
    let missed = FILL_EVENTS_MAX * 2 + 7;
    for _ in 0..missed {
        scene.commit();
    }
    scene.talk(1);
    let mut reads = 0;
    let mut fills = scene.pass(REORDER_DELAY_MS_MAX);
    while let Some(fill) = fills.pop() {
        scene.fill(fill);
        reads += 1;
        fills = scene.pass(0);
    }
    assert_eq!(reads, 3);
    reader.read(usize::MAX);
    reader.saw(1, scene.top().seq);
}

#[test]
fn a_failed_read_is_tried_again_and_in_the_end_clients_ask_anew() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(1));
    scene.commit();
    scene.talk(1);
    assert_eq!(scene.pass(REORDER_DELAY_MS_MAX).len(), 1);
    scene.fanout.fill_failed(room(), scene.now);
    assert_eq!(scene.pass(FILL_ATTEMPT_MS_MIN - 1), []);
    let mut attempts = 0;
    let mut passed = FILL_ATTEMPT_MS_MIN;
    let mut fills = scene.pass(1);
    while passed <= FILL_MS_MAX {
        attempts += fills.len();
        scene.fanout.fill_failed(room(), scene.now);
        passed += FILL_ATTEMPT_MS_MIN;
        fills = scene.pass(FILL_ATTEMPT_MS_MIN);
    }
    assert!(attempts > 10, "{attempts} attempts");
    reader.read(usize::MAX);
    assert_eq!((reader.seen.len(), reader.ended.as_slice()), (0, &[(2500, 0)][..]));
}

#[test]
fn too_many_early_events_start_the_read_at_once() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(1));
    scene.commit();
    scene.talk(REORDER_EVENTS_MAX);
    assert_eq!(scene.pass(0), []);
    scene.talk(1);
    let fills = scene.pass(0);
    assert_eq!(fills.len(), 1);
    scene.fill(fills[0]);
    reader.read(usize::MAX);
    reader.saw(1, scene.top().seq);
}

#[test]
fn an_event_that_was_never_committed_does_not_stop_the_room() {
    let mut scene = Scene::with(1);
    let mut reader = scene.reader(person(1));
    // Shown by mistake, gone from the store: the planted fault of the crash tests does this.
    let ghost = Arc::new(Committed { seq: 9, ..Committed::clone(&scene.store[0]) });
    scene.offer(&[ghost]);
    let fills = scene.pass(REORDER_DELAY_MS_MAX);
    scene.fill(fills[0]);
    assert_eq!(scene.pass(FILL_MS_MAX * 2), []);
    scene.talk(8);
    reader.read(usize::MAX);
    reader.saw(2, 9);
    let shown = scene.fanout.recent(room(), EPOCH, 8).expect("in memory");
    assert_eq!(shown.iter().map(|entry| entry.event.cid.as_str()).collect::<Vec<_>>(), ["c9"]);
}

#[test]
fn events_of_another_epoch_are_not_shown_but_looked_up() {
    let mut scene = Scene::with(1);
    let mut reader = scene.reader(person(1));
    let event = Committed {
        seq: 2,
        epoch: Epoch { store: 2, room: 1 },
        ..Committed::clone(&scene.store[0])
    };
    scene.offer(&[Arc::new(event)]);
    assert_eq!(scene.pass(0), [Fill { room: room(), after: 1 }]);
    reader.read(usize::MAX);
    assert!(reader.seen.is_empty() && reader.ended.is_empty());
}

#[test]
fn a_store_that_went_back_ends_the_subscriptions() {
    let mut scene = Scene::with(5);
    let mut reader = scene.reader(person(1));
    scene.store.truncate(3);
    scene.fanout.compared(room(), 5, scene.top(), scene.now);
    reader.read(usize::MAX);
    assert_eq!(reader.ended, [(2500, 0)]);
}

#[test]
fn the_reset_of_a_large_room_is_spread_over_time() {
    let mut scene = Scene::with(1);
    let mut readers: Vec<_> = (0..300).map(|number| scene.reader(person(number))).collect();
    scene.store.clear();
    scene.fanout.compared(room(), 1, scene.top(), scene.now);
    let ended = |readers: &mut Vec<Reader>| {
        for reader in readers.iter_mut() {
            reader.read(usize::MAX);
        }
        readers.iter().filter(|reader| !reader.ended.is_empty()).count()
    };
    let at_once = ended(&mut readers);
    assert!((1..=30).contains(&at_once), "{at_once} at once");
    for _ in 0..30 {
        scene.pass(100);
    }
    assert_eq!(ended(&mut readers), 300);
    assert_eq!(scene.fanout.size(), (0, 0));
}
