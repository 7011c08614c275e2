//! Commands with a transaction of their own.

use time::Duration;

use super::*;

async fn set_ts(pool: &PgPool, room: RoomId, seq: i64, ts: OffsetDateTime) {
    sqlx::query!("UPDATE event SET ts = $3 WHERE room = $1 AND seq = $2", room.uuid(), seq, ts)
        .execute(pool)
        .await
        .expect("dated");
}

async fn marker(pool: &PgPool, room: RoomId, person: PersonId) -> (i64, i64) {
    let row = sqlx::query!(
        "SELECT seq, nth FROM read_marker WHERE room = $1 AND person = $2",
        room.uuid(),
        person.uuid()
    )
    .fetch_one(pool)
    .await
    .expect("a marker");
    (row.seq, row.nth)
}

#[tokio::test]
async fn a_new_member_sees_as_much_history_as_the_room_gives() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    add_person(pool, person(1)).await;
    let now = START + Duration::days(100);
    for (number, history_days, expected) in [(1, None, 1), (2, Some(0), 5), (3, Some(30), 3)] {
        let room = room(number);
        let mut transaction = pool.begin().await.expect("begun");
        let mut locked = Locked::rooms(&mut transaction, &[]).await.expect("locked");
        locked.create(&mut transaction, &new_room(room, history_days)).await.expect("created");
        for cid in ["a", "b", "c", "d"] {
            let append = message(room, PersonId::SYSTEM, cid);
            locked.append(&mut transaction, append).await.expect("appended");
        }
        transaction.commit().await.expect("committed");
        for (seq, days_ago) in [(1, 90), (2, 31), (3, 29), (4, 1)] {
            set_ts(pool, room, seq, now - Duration::days(days_ago)).await;
        }
        let mut transaction = pool.begin().await.expect("begun");
        let locked = Locked::rooms(&mut transaction, &[room]).await.expect("locked");
        let member = (person(1), RoomRole::Leader);
        let seen = locked.admit(&mut transaction, room, member, now).await.expect("admitted");
        assert_eq!(seen, expected, "{history_days:?}");
        let again = locked.admit(&mut transaction, room, member, now).await.expect("known");
        assert_eq!(again, expected, "being admitted twice changes nothing");
        transaction.commit().await.expect("committed");
        assert_eq!(marker(pool, room, person(1)).await, (4, 4), "what came before is not unread");
    }
}

#[tokio::test]
async fn what_a_command_appends_is_numbered_with_the_rest_and_repeats_are_known() {
    let mut stage = Stage::postgres().await;
    stage.open(room(1), &[person(1)]).await;
    let log = stage.log();
    log.append(message(room(1), person(1), "a")).await.expect("written");
    assert_eq!(stage.fed().await.len(), 1);
    let Stage::Postgres { log: postgres, database, .. } = &stage else { unreachable!("postgres") };
    let mut transaction = database.pool.begin().await.expect("begun");
    let mut locked = Locked::rooms(&mut transaction, &[room(1), room(9)]).await.expect("locked");
    assert_eq!(locked.top(room(9)), None);
    let left = Append { kind: EventKind::Left, ..message(room(1), PersonId::SYSTEM, "left-1") };
    let first = locked.append(&mut transaction, left.clone()).await.expect("appended");
    assert_eq!((first.seq, first.dup), (2, false));
    let again = locked.append(&mut transaction, left.clone()).await.expect("known");
    assert_eq!(again, Appended { dup: true, ..first });
    let top = locked.top(room(1)).expect("locked");
    assert_eq!((top.seq, top.countable), (2, 1));
    let elsewhere = Append { room: room(2), ..left };
    let error = locked.append(&mut transaction, elsewhere).await.expect_err("not locked");
    assert!(matches!(error, AppendError::NotMember), "{error}");
    transaction.commit().await.expect("committed");
    postgres.publish(locked.into_events()).await;
    let fed = stage.fed().await;
    assert_eq!(fed.iter().map(|event| event.seq).collect::<Vec<_>>(), [2]);
    let next = stage.log().append(message(room(1), person(1), "b")).await.expect("written");
    assert_eq!(next.seq, 3);
}

#[tokio::test]
async fn a_command_that_is_rolled_back_leaves_no_gap() {
    let stage = Stage::postgres().await;
    stage.open(room(1), &[person(1)]).await;
    let Stage::Postgres { database, .. } = &stage else { unreachable!("postgres") };
    let mut transaction = database.pool.begin().await.expect("begun");
    let mut locked = Locked::rooms(&mut transaction, &[room(1)]).await.expect("locked");
    let append = message(room(1), PersonId::SYSTEM, "never");
    locked.append(&mut transaction, append).await.expect("appended");
    transaction.rollback().await.expect("rolled back");
    let done = stage.log().append(message(room(1), person(1), "a")).await.expect("written");
    assert_eq!(done.seq, 1);
}

#[tokio::test]
async fn who_comes_back_does_not_see_what_happened_meanwhile_where_the_room_gives_no_history() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    add_person(pool, person(1)).await;
    let mut transaction = pool.begin().await.expect("begun");
    let mut locked = Locked::rooms(&mut transaction, &[]).await.expect("locked");
    locked.create(&mut transaction, &new_room(room(1), Some(0))).await.expect("created");
    let member = (person(1), RoomRole::Member);
    let first = locked.admit(&mut transaction, room(1), member, START).await.expect("admitted");
    assert!(locked.dismiss(&mut transaction, room(1), person(1)).await.expect("dismissed"));
    assert!(!locked.dismiss(&mut transaction, room(1), person(1)).await.expect("no member"));
    let append = message(room(1), PersonId::SYSTEM, "meanwhile");
    locked.append(&mut transaction, append).await.expect("appended");
    let second = locked.admit(&mut transaction, room(1), member, START).await.expect("admitted");
    transaction.commit().await.expect("committed");
    assert_eq!((first, second), (1, 2));
    assert_eq!(marker(pool, room(1), person(1)).await, (1, 1));
}

#[tokio::test]
async fn an_erased_payload_is_handed_back_once() {
    let stage = Stage::postgres().await;
    stage.open(room(1), &[person(1)]).await;
    stage.log().append(message(room(1), person(1), "a")).await.expect("written");
    let Stage::Postgres { database, .. } = &stage else { unreachable!("postgres") };
    let mut transaction = database.pool.begin().await.expect("begun");
    let locked = Locked::rooms(&mut transaction, &[room(1)]).await.expect("locked");
    let body = locked.erase(&mut transaction, room(1), 1).await.expect("erased");
    assert_eq!(body.as_deref(), Some(r#"{"text":"a"}"#));
    let body = locked.erase(&mut transaction, room(1), 1).await.expect("nothing left");
    assert_eq!(body, None);
}
