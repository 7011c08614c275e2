//! The checker on forged histories: a good one passes, and each forgery is called by its name.

use uuid::Uuid;

use super::*;

const EPOCH: &str = "000000ab-1";

fn key(cid: &str) -> Key {
    Key { room: room(), author: author(), cid: cid.to_owned() }
}

fn room() -> RoomId {
    RoomId(Uuid::from_u128(1))
}

fn author() -> PersonId {
    PersonId(Uuid::from_u128(2))
}

fn acked(cid: &str, seq: i64) -> Entry {
    Entry::Acked { key: key(cid), seq, dup: false }
}

fn seen(cid: &str, seq: i64) -> Entry {
    Entry::Seen { reader: 0, key: key(cid), seq }
}

fn resumed(offset: i64) -> Entry {
    Entry::Resumed { reader: 0, room: room(), epoch: EPOCH.into(), offset }
}

/// Three messages, one of them sent twice, and a reader who was away for the second.
fn good() -> Vec<Entry> {
    vec![
        Entry::Began { reader: 0, room: room(), epoch: EPOCH.into(), offset: 0 },
        Entry::Sent(key("a")),
        acked("a", 1),
        seen("a", 1),
        Entry::Sent(key("b")),
        Entry::Sent(key("b")),
        Entry::Acked { key: key("b"), seq: 2, dup: true },
        Entry::Sent(key("c")),
        resumed(1),
        seen("b", 2),
        seen("c", 3),
        acked("c", 3),
    ]
}

fn stored(rows: &[(&str, i64)]) -> Rooms {
    let rows = rows.iter().map(|(cid, seq)| Stored {
        seq: *seq,
        author: author(),
        cid: (*cid).to_owned(),
    });
    Rooms::from([(room(), StoredRoom { epoch: EPOCH.into(), rows: rows.collect() })])
}

fn abc() -> Rooms {
    stored(&[("a", 1), ("b", 2), ("c", 3)])
}

fn found(entries: &[Entry], rooms: &Rooms) -> Vec<Broken> {
    check(entries, rooms).broken.into_keys().collect()
}

/// The good history with entry `index` replaced.
fn with(index: usize, entry: Entry) -> Vec<Entry> {
    let mut entries = good();
    entries[index] = entry;
    entries
}

/// The good history without entry `index`.
fn without(index: usize) -> Vec<Entry> {
    let mut entries = good();
    entries.remove(index);
    entries
}

#[test]
fn a_good_history_is_clean_and_counted() {
    let report = check(&good(), &abc());
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.sent, report.acked, report.repeats), (3, 3, 1));
    assert_eq!((report.seen, report.rows), (3, 3));
}

#[test]
fn an_acknowledged_message_that_is_gone_is_lost() {
    let mut entries = good();
    entries.retain(|entry| !matches!(entry, Entry::Seen { seq: 3, .. }));
    assert_eq!(found(&entries, &stored(&[("a", 1), ("b", 2)])), [Broken::Lost]);
}

#[test]
fn an_acknowledged_place_that_another_message_took_is_lost() {
    let entries = with(11, acked("c", 4));
    assert_eq!(found(&entries, &abc()), [Broken::Lost]);
}

#[test]
fn a_message_that_lies_twice_is_doubled() {
    let mut entries = good();
    entries.push(seen("b", 4));
    let rooms = stored(&[("a", 1), ("b", 2), ("c", 3), ("b", 4)]);
    assert!(found(&entries, &rooms).contains(&Broken::Doubled));
}

#[test]
fn two_different_promises_for_one_message_are_doubled() {
    let mut entries = good();
    entries.push(acked("b", 4));
    assert!(found(&entries, &abc()).contains(&Broken::Doubled));
}

#[test]
fn a_missing_number_is_a_gap() {
    let mut entries = with(11, acked("c", 4));
    entries[10] = seen("c", 4);
    let broken = found(&entries, &stored(&[("a", 1), ("b", 2), ("c", 4)]));
    assert!(broken.contains(&Broken::Gap), "{broken:?}");
}

#[test]
fn a_later_send_with_an_earlier_place_is_reordered() {
    let entries = [Entry::Sent(key("a")), acked("a", 2), Entry::Sent(key("b")), acked("b", 1)];
    assert_eq!(
        found(&entries, &stored(&[("b", 1), ("a", 2)])),
        [Broken::Reordered, Broken::OutOfTurn]
    );
}

#[test]
fn sends_of_two_authors_under_way_at_once_may_be_placed_either_way() {
    let other = PersonId(Uuid::from_u128(3));
    let theirs = || Key { author: other, ..key("b") };
    let acked_b = Entry::Acked { key: theirs(), seq: 1, dup: false };
    let entries = [Entry::Sent(key("a")), Entry::Sent(theirs()), acked("a", 2), acked_b];
    let mut rooms = stored(&[("b", 1), ("a", 2)]);
    rooms.get_mut(&room()).expect("the room").rows[0].author = other;
    assert_eq!(found(&entries, &rooms), []);
}

#[test]
fn an_event_shown_before_it_was_durable_and_then_gone_is_found() {
    // Shown at 3, then the hub died before the commit, and another message took the place.
    let mut entries = without(11);
    entries.retain(|entry| !matches!(entry, Entry::Sent(key) if key.cid == "c"));
    entries.extend([Entry::Sent(key("d")), acked("d", 3)]);
    let broken = found(&entries, &stored(&[("a", 1), ("b", 2), ("d", 3)]));
    assert_eq!(broken, [Broken::ShownNotStored]);
}

#[test]
fn an_event_shown_twice_is_found() {
    let mut entries = good();
    entries.insert(10, seen("b", 2));
    assert_eq!(found(&entries, &abc()), [Broken::SeenTwice]);
}

#[test]
fn events_shown_in_the_wrong_order_are_found() {
    let mut entries = good();
    entries.swap(9, 10);
    assert_eq!(found(&entries, &abc()), [Broken::SeenTwice, Broken::Missed]);
}

#[test]
fn an_event_that_a_reader_was_not_shown_is_missed() {
    assert_eq!(found(&without(9), &abc()), [Broken::Missed], "in the middle");
    assert_eq!(found(&without(10), &abc()), [Broken::Missed], "at the end");
}

#[test]
fn a_reader_that_is_resumed_elsewhere_is_found() {
    assert_eq!(found(&with(8, resumed(2)), &abc()), [Broken::Missed]);
}

#[test]
fn a_changed_epoch_is_found() {
    let other = Entry::Resumed { reader: 0, room: room(), epoch: "000000ac-1".into(), offset: 1 };
    assert_eq!(found(&with(8, other), &abc()), [Broken::EpochChanged]);
}

#[test]
fn a_position_that_became_worthless_is_found() {
    let lost = Entry::Lost { reader: 0, room: room(), epoch: EPOCH.into(), offset: 1 };
    assert_eq!(found(&with(8, lost), &abc()), [Broken::PositionRefused]);
    let lost = Entry::Lost { reader: 0, room: room(), epoch: "000000ac-1".into(), offset: 1 };
    assert_eq!(found(&with(8, lost), &abc()), [Broken::EpochChanged]);
}

#[test]
fn a_send_without_an_answer_is_found() {
    assert_eq!(found(&without(11), &abc()), [Broken::Unanswered]);
}

#[test]
fn a_refused_member_is_found() {
    let mut entries = good();
    entries.extend([Entry::Sent(key("d")), Entry::Refused { key: key("d"), code: 103 }]);
    assert_eq!(found(&entries, &abc()), [Broken::Refused]);
}

#[test]
fn messages_of_one_author_out_of_turn_are_found_unless_one_was_put_off() {
    let mut entries: Vec<Entry> = good().into_iter().filter(|entry| !is_sent(entry)).collect();
    let sends = ["b", "a", "c"].map(|cid| Entry::Sent(key(cid)));
    entries.splice(0..0, sends);
    assert_eq!(found(&entries, &abc()), [Broken::OutOfTurn]);
    entries.insert(3, Entry::PutOff { key: key("b") });
    assert!(found(&entries, &abc()).is_empty());
}

#[test]
fn a_position_is_worth_nothing_only_after_too_long_an_absence() {
    let lost = |offset| Entry::Lost { reader: 0, room: room(), epoch: EPOCH.into(), offset };
    let cids: Vec<String> = (1..=2_004).map(|number| format!("c{number}")).collect();
    let rows: Vec<_> = cids.iter().map(String::as_str).zip(1..).collect();
    let began = Entry::Began { reader: 0, room: room(), epoch: EPOCH.into(), offset: 3 };
    assert_eq!(found(&[began.clone(), lost(2_004)], &stored(&rows)), []);
    let near = found(&[began, lost(2_003), seen("c2004", 2_004)], &stored(&rows));
    assert_eq!(near, [Broken::PositionRefused]);
}

fn is_sent(entry: &Entry) -> bool {
    matches!(entry, Entry::Sent(_))
}

#[test]
fn a_reader_that_was_removed_sees_nothing_behind_its_end_and_need_not_see_the_rest() {
    let removed = |seq| Entry::Removed { reader: 0, room: room(), seq };
    let mut entries = good();
    entries.push(removed(3));
    assert!(found(&entries, &abc()).is_empty());
    entries.pop();
    entries.push(removed(2));
    assert_eq!(found(&entries, &abc()), [Broken::SeenAfterRemoval]);
    // Gone before the last message: that it was not shown is right.
    let mut entries = without(10);
    entries.push(removed(2));
    assert!(found(&entries, &abc()).is_empty());
}
