//! What every log must do.

use super::*;

macro_rules! on_both_logs {
    ($($name:ident)*) => {
        mod memory {
            $(#[tokio::test] async fn $name() { super::$name(super::Stage::memory()).await; })*
        }
        mod postgres {
            $(#[tokio::test] async fn $name() {
                super::$name(super::Stage::postgres().await).await;
            })*
        }
    };
}

on_both_logs! {
    numbers_start_at_one_and_a_repeat_gets_the_first_one
    strangers_and_unknown_rooms_are_refused_alike
    a_repeat_is_answered_even_after_the_author_has_left
    reads_go_both_ways_and_stop_at_the_limit
    only_countable_events_count
    an_erased_payload_is_gone_and_its_place_stays
    only_rooms_that_moved_are_reported
    standings_name_memberships_only
    what_is_committed_is_fed_in_order
    an_unusable_cid_is_refused
}

async fn numbers_start_at_one_and_a_repeat_gets_the_first_one(stage: Stage) {
    stage.open(room(1), &[person(1), person(2)]).await;
    let log = stage.log();
    let first = log.append(message(room(1), person(1), "a")).await.expect("written");
    assert_eq!((first.seq, first.dup), (1, false));
    let other = log.append(message(room(1), person(2), "a")).await.expect("written");
    assert_eq!((other.seq, other.dup), (2, false), "a cid belongs to its author");
    let again = log.append(message(room(1), person(1), "a")).await.expect("known");
    assert_eq!(again, Appended { dup: true, ..first });
    assert_eq!(whole_log(&*log, room(1)).await.len(), 2);
}

async fn strangers_and_unknown_rooms_are_refused_alike(stage: Stage) {
    stage.open(room(1), &[person(1)]).await;
    let log = stage.log();
    for append in [message(room(1), person(2), "a"), message(room(9), person(1), "a")] {
        let error = log.append(append).await.expect_err("refused");
        assert!(matches!(error, AppendError::NotMember), "{error}");
    }
    let system = log.append(message(room(1), PersonId::SYSTEM, "s")).await.expect("written");
    assert_eq!(system.seq, 1, "no number was used up by a refusal");
    assert_eq!(log.since(room(9), 0, 10).await.expect("read"), None);
}

async fn a_repeat_is_answered_even_after_the_author_has_left(stage: Stage) {
    stage.open(room(1), &[person(1)]).await;
    let log = stage.log();
    let first = log.append(message(room(1), person(1), "a")).await.expect("written");
    stage.dismiss(room(1), person(1)).await;
    let again = log.append(message(room(1), person(1), "a")).await.expect("known");
    assert_eq!(again, Appended { dup: true, ..first });
    let error = log.append(message(room(1), person(1), "b")).await.expect_err("refused");
    assert!(matches!(error, AppendError::NotMember), "{error}");
}

async fn reads_go_both_ways_and_stop_at_the_limit(stage: Stage) {
    stage.open(room(1), &[person(1)]).await;
    let log = stage.log();
    for number in 1..=5 {
        log.append(message(room(1), person(1), &format!("m{number}"))).await.expect("written");
    }
    let seqs = |slice: Option<Slice>| {
        let slice = slice.expect("a room");
        assert_eq!(slice.top.seq, 5);
        slice.events.iter().map(|event| event.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(log.since(room(1), 0, 2).await.expect("read")), [1, 2]);
    assert_eq!(seqs(log.since(room(1), 3, 9).await.expect("read")), [4, 5]);
    assert_eq!(seqs(log.since(room(1), 5, 9).await.expect("read")), Vec::<i64>::new());
    assert_eq!(seqs(log.before(room(1), i64::MAX, 2).await.expect("read")), [5, 4]);
    assert_eq!(seqs(log.before(room(1), 3, 9).await.expect("read")), [2, 1]);
    assert_eq!(seqs(log.before(room(1), 1, 9).await.expect("read")), Vec::<i64>::new());
    let slice = log.since(room(1), 4, 1).await.expect("read").expect("a room");
    let event = slice.events.first().expect("one event");
    assert_eq!(event.body.as_deref(), Some(r#"{"text":"m5"}"#));
    assert_eq!((event.author, event.cid.as_str(), event.nth), (person(1), "m5", 5));
    assert_eq!(event.epoch, slice.top.epoch);
}

async fn only_countable_events_count(stage: Stage) {
    stage.open(room(1), &[person(1)]).await;
    let log = stage.log();
    log.append(message(room(1), person(1), "a")).await.expect("written");
    let pin = Append {
        kind: EventKind::Pin,
        reference: Some(1),
        body: r#"{"on":true}"#.into(),
        ..message(room(1), person(1), "b")
    };
    log.append(pin).await.expect("written");
    log.append(message(room(1), person(1), "c")).await.expect("written");
    let slice = log.since(room(1), 0, 9).await.expect("read").expect("a room");
    let nths: Vec<i64> = slice.events.iter().map(|event| event.nth).collect();
    assert_eq!((nths, slice.top.countable), (vec![1, 1, 2], 2));
    assert_eq!(slice.events.get(1).expect("the pin").reference, Some(1));
}

async fn an_erased_payload_is_gone_and_its_place_stays(stage: Stage) {
    stage.open(room(1), &[person(1)]).await;
    let log = stage.log();
    for cid in ["a", "b"] {
        log.append(message(room(1), person(1), cid)).await.expect("written");
    }
    stage.erase(room(1), 1).await;
    let slice = log.since(room(1), 0, 9).await.expect("read").expect("a room");
    let bodies: Vec<_> = slice.events.iter().map(|event| event.body.as_deref()).collect();
    assert_eq!(bodies, [None, Some(r#"{"text":"b"}"#)]);
}

async fn only_rooms_that_moved_are_reported(stage: Stage) {
    for number in 1..=3 {
        stage.open(room(number), &[person(1)]).await;
    }
    let log = stage.log();
    log.append(message(room(2), person(1), "a")).await.expect("written");
    let epoch = log.since(room(1), 0, 1).await.expect("read").expect("a room").top.epoch;
    let elsewhere = Epoch { store: epoch.store ^ 1, ..epoch };
    let known =
        [(room(1), 0, epoch), (room(2), 0, epoch), (room(3), 0, elsewhere), (room(9), 4, epoch)];
    let mut moved = log.moved(&known).await.expect("read");
    moved.sort_by_key(|(room, _)| *room);
    let top = |seq, countable| Top { seq, countable, epoch };
    assert_eq!(moved, [(room(2), top(1, 1)), (room(3), top(0, 0))]);
}

async fn standings_name_memberships_only(stage: Stage) {
    stage.open(room(1), &[person(1), person(2)]).await;
    stage.open(room(2), &[person(2)]).await;
    let log = stage.log();
    log.append(message(room(1), person(1), "a")).await.expect("written");
    let standings = log.standings(person(1), &[room(1), room(2), room(9)]).await.expect("read");
    assert_eq!(standings.keys().copied().collect::<Vec<_>>(), [room(1)]);
    let standing = standings.get(&room(1)).expect("a member");
    assert_eq!((standing.role, standing.visible_from), (RoomRole::Member, 1));
    assert_eq!((standing.top.seq, standing.top.countable), (1, 1));
}

async fn what_is_committed_is_fed_in_order(mut stage: Stage) {
    stage.open(room(1), &[person(1)]).await;
    let log = stage.log();
    let mut fed = Vec::new();
    for cid in ["a", "b", "a", "c"] {
        log.append(message(room(1), person(1), cid)).await.expect("written");
    }
    while fed.len() < 3 {
        fed.extend(stage.fed().await);
    }
    let stored = log.since(room(1), 0, 9).await.expect("read").expect("a room").events;
    let fed: Vec<Committed> = fed.iter().map(|event| Committed::clone(event)).collect();
    assert_eq!(fed, stored, "what is shown is what is stored");
}

async fn an_unusable_cid_is_refused(stage: Stage) {
    stage.open(room(1), &[person(1)]).await;
    let error = stage.log().append(message(room(1), person(1), "a b")).await.expect_err("refused");
    assert!(matches!(error, AppendError::Invalid(_)), "{error}");
}
