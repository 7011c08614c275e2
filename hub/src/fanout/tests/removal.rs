//! The end of a membership acts at its place in the log, wherever the reader stands.

use super::*;

#[test]
fn a_removed_reader_gets_what_came_before_and_nothing_after() {
    let mut scene = Scene::with(0);
    let (mut gone, mut stays) = (scene.reader(person(1)), scene.reader(person(2)));
    scene.talk(2);
    let left = scene.commit_left(person(1));
    let after = scene.commit();
    scene.offer(&[left, after]);
    for reader in [&mut gone, &mut stays] {
        reader.read(usize::MAX);
    }
    gone.saw(1, 2);
    assert_eq!(gone.ended, [(2100, 2)]);
    stays.saw(1, 4);
    assert!(stays.ended.is_empty());
}

#[test]
fn a_removal_that_comes_too_early_waits_for_its_place() {
    let mut scene = Scene::with(0);
    let mut gone = scene.reader(person(1));
    let (before, left, after) = (scene.commit(), scene.commit_left(person(1)), scene.commit());
    scene.offer(&[left, after]);
    gone.read(usize::MAX);
    assert!(gone.seen.is_empty() && gone.ended.is_empty());
    scene.offer(&[before]);
    gone.read(usize::MAX);
    gone.saw(1, 1);
    assert_eq!(gone.ended, [(2100, 1)]);
}

#[test]
fn a_removal_in_a_filled_gap_ends_at_its_place_too() {
    let mut scene = Scene::with(0);
    let mut gone = scene.reader(person(1));
    scene.commit();
    scene.commit_left(person(1));
    scene.talk(1);
    let fills = scene.pass(signaling::limits::REORDER_DELAY_MS_MAX);
    scene.fill(fills[0]);
    gone.read(usize::MAX);
    gone.saw(1, 1);
    assert_eq!(gone.ended, [(2100, 1)]);
}

#[test]
fn a_reader_that_is_behind_is_shown_nothing_once_the_removal_is_known() {
    let mut scene = Scene::with(500);
    let mut gone = scene.attached(person(1), 1);
    assert!(matches!(scene.fanout.pull(gone.ticket), Pull::Read { .. }));
    let page = Page::from(scene.slice(0, CATCH_UP_EVENTS_MAX));
    let left = scene.commit_left(person(1));
    scene.offer(&[left]);
    assert_eq!(scene.fanout.page(gone.ticket, &page, scene.now), Pull::Gone);
    gone.read(usize::MAX);
    assert_eq!((gone.seen.len(), gone.ended.as_slice()), (0, &[(2100, 0)][..]));
}

#[test]
fn a_page_of_the_store_is_cut_at_a_removal_this_node_has_not_heard_of() {
    let mut scene = Scene::with(300);
    let mut gone = scene.attached(person(1), 1);
    scene.commit_left(person(1));
    scene.commit();
    // Nothing was offered: the store is ahead of this node.
    for _ in 0..20 {
        gone.read(usize::MAX);
        let after = gone.seen.last().copied().unwrap_or_default();
        if after < 300 {
            let page = Page::from(scene.slice(after, CATCH_UP_EVENTS_MAX));
            scene.fanout.page(gone.ticket, &page, scene.now);
        }
    }
    gone.saw(1, 300);
    assert_eq!(gone.ended, [(2100, 300)]);
}

#[test]
fn a_removal_between_the_read_and_the_begin_refuses_the_subscription() {
    let mut scene = Scene::with(2);
    let mut stays = scene.reader(person(2));
    let outbox = Arc::new(Outbox::new(1, Encoding::Json));
    let ticket = scene.fanout.attach(room(), Stream::Log, person(1), &outbox);
    let start = Start { top: scene.top(), next: 3 };
    let left = scene.commit_left(person(1));
    scene.offer(&[left]);
    let begun = scene.fanout.activate(ticket, start, scene.now);
    assert_eq!(begun, Err(super::super::Ended::Removed));
    scene.talk(1);
    assert_eq!(outbox.load(), (0, 0));
    stays.read(usize::MAX);
    stays.saw(3, 4);
}

#[test]
fn an_old_removal_does_not_end_a_later_membership() {
    let mut scene = Scene::with(0);
    let mut reader = scene.reader(person(2));
    let left = scene.commit_left(person(1));
    scene.talk(1);
    // Admitted again at number 3: the standing was read with the removal already in the log.
    let mut back = scene.attached(person(1), 1);
    scene.offer(&[left]);
    assert_eq!(back.catch_up(&scene), Pull::Live);
    scene.talk(1);
    back.read(usize::MAX);
    back.saw(1, 3);
    assert!(back.ended.is_empty());
    reader.read(usize::MAX);
    reader.saw(1, 3);
}

#[test]
fn a_withdrawn_text_leaves_memory_when_its_event_is_delivered() {
    let mut scene = Scene::with(0);
    let reader = scene.reader(person(1));
    scene.talk(3);
    let withdrawn = scene.commit_as(EventKind::Withdrawn, Some(2), "{}".to_owned());
    scene.offer(&[withdrawn]);
    let recent = scene.fanout.recent(room(), EPOCH, 0).expect("all of it");
    let bodies: Vec<_> = recent.iter().map(|entry| entry.event.body.is_some()).collect();
    assert_eq!(bodies, [true, false, true, true]);
    drop(reader);
}
