//! Concurrency, locks and lost connections: what only a database can do.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use signaling::limits::LANE_QUEUE_MAX;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::super::queries::{Columns, Outcome, append_loop, append_set};
use super::*;

fn start(pool: PgPool) -> (Arc<PostgresLog>, Fed) {
    let (sender, fed) = feed();
    (Arc::new(PostgresLog::start(pool, sender, LaneSettings::default())), fed)
}

/// Takes everything off a feed until its log ends; returns the events.
fn collect(mut fed: Fed) -> JoinHandle<Vec<Arc<Committed>>> {
    tokio::spawn(async move {
        let mut events = Vec::new();
        while let Some(batch) = fed.recv().await {
            events.extend(batch);
        }
        events
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hubs_that_get_every_message_twice_write_it_once_without_gaps() {
    const WRITERS: u128 = 6;
    const MESSAGES: usize = 40;
    let database = TestDatabase::new().await;
    let people: Vec<PersonId> = (0..WRITERS).map(person).collect();
    let rooms: Vec<RoomId> = (0..3).map(room).collect();
    for room in &rooms {
        open_room(&database.pool, *room, &people).await;
    }
    let (one, fed_one) = start(database.pool.clone());
    let (two, fed_two) = start(database.another_pool().await);
    let shown = [collect(fed_one), collect(fed_two)];
    let sends = people.iter().map(|author| {
        let (one, two, rooms) = (Arc::clone(&one), Arc::clone(&two), rooms.clone());
        let author = *author;
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for number in 0..MESSAGES {
                let room = rooms[number % rooms.len()];
                let append = message(room, author, &format!("m{number}"));
                let (first, second) = tokio::join!(one.append(append.clone()), two.append(append));
                answers.push((room, format!("m{number}"), first, second));
            }
            (author, answers)
        })
    });
    let answers = join_all(sends).await;
    let mut logs = BTreeMap::new();
    for room in &rooms {
        logs.insert(*room, whole_log(&*one, *room).await);
    }
    for (author, answers) in answers.into_iter().map(|joined| joined.expect("sent")) {
        for (room, cid, first, second) in answers {
            let (first, second) = (first.expect("written"), second.expect("written"));
            assert_eq!((first.seq, first.ts), (second.seq, second.ts), "one place for one message");
            assert_ne!(first.dup, second.dup, "exactly one of them wrote it");
            assert_eq!(logs[&room].get(&(author, cid)), Some(&first.seq));
        }
    }
    let written: usize = logs.values().map(BTreeMap::len).sum();
    assert_eq!(written, people.len() * MESSAGES);
    drop((one, two));
    let mut seen = BTreeSet::new();
    for events in join_all(shown).await {
        for event in events.expect("collected") {
            assert!(seen.insert((event.room, event.seq)), "shown once");
        }
    }
    assert_eq!(seen.len(), written, "everything was shown");
}

/// Waits until some session waits for a lock of this database.
async fn until_somebody_waits(pool: &PgPool) {
    loop {
        let waiting = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'"#
        )
        .fetch_one(pool)
        .await
        .expect("asked");
        if waiting > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_member_removed_while_the_send_waits_is_refused() {
    for set in [true, false] {
        let database = TestDatabase::new().await;
        open_room(&database.pool, room(1), &[person(1)]).await;
        let mut removal = database.pool.begin().await.expect("begun");
        let locked = Locked::rooms(&mut removal, &[room(1)]).await.expect("locked");
        let pool = database.pool.clone();
        let send = tokio::spawn(async move {
            let mut connection = pool.acquire().await.expect("connected");
            let row = message(room(1), person(1), "late");
            let columns = Columns::of(std::iter::once(&row));
            if set {
                append_set(&mut connection, &columns).await
            } else {
                append_loop(&mut connection, &columns).await
            }
        });
        until_somebody_waits(&database.pool).await;
        assert!(locked.dismiss(&mut removal, room(1), person(1)).await.expect("dismissed"));
        removal.commit().await.expect("committed");
        let outcomes = send.await.expect("joined").expect("answered");
        assert_eq!(outcomes, [Outcome::Refused], "set function: {set}");
    }
}

#[tokio::test]
async fn a_locked_room_is_taken_out_of_the_batch_and_comes_back_when_it_is_free() {
    let database = TestDatabase::new().await;
    for number in [1, 2] {
        open_room(&database.pool, room(number), &[person(1)]).await;
    }
    let (log, _fed) = start(database.pool.clone());
    let mut holder = database.pool.begin().await.expect("begun");
    Locked::rooms(&mut holder, &[room(1)]).await.expect("locked");
    // Queued before the lane runs: one batch.
    let stuck = log.append(message(room(1), person(1), "a"));
    let free = log.append(message(room(2), person(1), "a"));
    let unknown = log.append(message(room(9), person(1), "a"));
    let (stuck, free, unknown) = tokio::join!(stuck, free, unknown);
    assert!(matches!(stuck, Err(AppendError::Busy)), "{stuck:?}");
    assert_eq!(free.expect("written").seq, 1);
    assert!(matches!(unknown, Err(AppendError::NotMember)), "{unknown:?}");
    let again = log.append(message(room(1), person(1), "a")).await;
    assert!(matches!(again, Err(AppendError::Busy)), "{again:?}");
    holder.rollback().await.expect("released");
    let again = log.append(message(room(1), person(1), "a")).await.expect("written");
    assert_eq!((again.seq, again.dup), (1, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_in_the_middle_of_batches_lose_and_double_nothing() {
    const CUTS: u32 = 12;
    let database = TestDatabase::new().await;
    let people: Vec<PersonId> = (0..8).map(person).collect();
    open_room(&database.pool, room(1), &people).await;
    let (log, fed) = start(database.another_pool().await);
    let shown = collect(fed);
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = people
        .iter()
        .map(|author| {
            let (log, stop, author) = (Arc::clone(&log), Arc::clone(&stop), *author);
            tokio::spawn(async move {
                let mut acked = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let cid = format!("m{}", acked.len());
                    let done = log.append(message(room(1), author, &cid)).await.expect("written");
                    acked.push(((author, cid), done.seq));
                }
                acked
            })
        })
        .collect();
    let mut cuts = 0;
    while cuts < CUTS && !writers.iter().all(JoinHandle::is_finished) {
        let cut = sqlx::query_scalar!(
            r#"SELECT count(pg_terminate_backend(pid)) AS "count!" FROM pg_stat_activity
               WHERE datname = current_database() AND state = 'active'
                 AND query LIKE '%timeline_append%' AND pid <> pg_backend_pid()"#
        )
        .fetch_one(&database.pool)
        .await
        .expect("cut");
        cuts += u32::try_from(cut).expect("small");
    }
    stop.store(true, Ordering::Relaxed);
    let acked: Vec<_> =
        join_all(writers).await.into_iter().flat_map(|acked| acked.expect("joined")).collect();
    let stored = whole_log(&*log, room(1)).await;
    assert_eq!(acked.len(), stored.len(), "acknowledged and stored are the same");
    for (key, seq) in &acked {
        assert_eq!(stored.get(key), Some(seq));
    }
    drop(log);
    let shown: BTreeSet<i64> =
        shown.await.expect("collected").iter().map(|event| event.seq).collect();
    assert_eq!(shown.len(), stored.len(), "everything was shown, lost answers included");
}

/// A way to the database that, once told, takes an answer, keeps it to itself and hangs up.
fn lossy_way(options: PgConnectOptions) -> (PgConnectOptions, Arc<AtomicBool>, TempDir) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let server = options.get_socket().expect("a socket").join(".s.PGSQL.5432");
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("bound");
    let swallow = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&swallow);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (mut from_client, mut to_client) = client.into_split();
            let server = UnixStream::connect(&server).await.expect("connected");
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            let told = Arc::clone(&told);
            tokio::spawn(async move {
                let mut answer = Vec::with_capacity(65_536);
                while let Ok(1..) = from_server.read_buf(&mut answer).await {
                    if told.swap(false, Ordering::Relaxed) {
                        break;
                    }
                    to_client.write_all(&answer).await.expect("written");
                    answer.clear();
                }
            });
        }
    });
    (options.socket(folder.path()), swallow, folder)
}

#[tokio::test]
async fn an_event_whose_commit_was_answered_to_nobody_is_answered_and_shown() {
    let database = TestDatabase::new().await;
    open_room(&database.pool, room(1), &[person(1)]).await;
    let (options, swallow, _folder) = lossy_way(database.options());
    let pool = PgPoolOptions::new().connect_lazy_with(options);
    let (log, mut fed) = start(pool);
    log.append(message(room(1), person(1), "a")).await.expect("written");
    swallow.store(true, Ordering::Relaxed);
    let done = log.append(message(room(1), person(1), "b")).await.expect("written");
    assert!(!swallow.load(Ordering::Relaxed), "an answer was lost");
    assert_eq!(done.seq, 2);
    let next = log.append(message(room(1), person(1), "c")).await.expect("written");
    assert_eq!(next.seq, 3);
    for seq in 1..=3 {
        let shown = fed.recv().await.expect("shown");
        assert_eq!(shown.iter().map(|event| event.seq).collect::<Vec<_>>(), [seq]);
    }
}

#[tokio::test]
async fn one_impossible_row_does_not_spoil_its_batch() {
    let database = TestDatabase::new().await;
    open_room(&database.pool, room(1), &[person(1)]).await;
    let (log, _fed) = start(database.pool.clone());
    let appends = (0..20).map(|number| {
        let reference = (number == 7).then_some(1_000);
        let append = message(room(1), person(1), &format!("m{number}"));
        log.append(Append { reference, ..append })
    });
    // All queued before the lane runs: one batch.
    let answers = join_all(appends.collect::<Vec<_>>()).await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(matches!(answer, Err(AppendError::Fault(_))), number == 7, "{answer:?}");
    }
    assert_eq!(whole_log(&*log, room(1)).await.len(), 19);
}

#[tokio::test]
async fn a_lane_that_begins_with_an_empty_log_never_reads_it_whole() {
    let database = TestDatabase::new().await;
    open_room(&database.pool, room(1), &[person(1)]).await;
    sqlx::query("ANALYZE").execute(&database.pool).await.expect("analysed");
    let (log, fed) = start(database.pool.clone());
    for number in 0..20 {
        log.append(message(room(1), person(1), &format!("m{number}"))).await.expect("written");
    }
    drop((log, fed));
    // A session tells what it did when it ends.
    let lanes = "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND query LIKE '%timeline_append%'
                   AND pid <> pg_backend_pid()";
    while sqlx::query_scalar::<_, i64>(lanes).fetch_one(&database.pool).await.expect("read") > 0 {}
    let read_whole = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'event'";
    let scans: i64 = sqlx::query_scalar(read_whole).fetch_one(&database.pool).await.expect("read");
    assert_eq!(scans, 0);
}

#[tokio::test]
async fn an_equal_send_in_the_same_batch_joins_the_first() {
    let database = TestDatabase::new().await;
    open_room(&database.pool, room(1), &[person(1)]).await;
    let (log, _fed) = start(database.pool.clone());
    let append = message(room(1), person(1), "a");
    let answers = join_all([log.append(append.clone()), log.append(append)]).await;
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.expect("written")).collect();
    assert_eq!(
        answers.iter().map(|done| (done.seq, done.dup)).collect::<Vec<_>>(),
        [(1, false), (1, true)]
    );
}

#[tokio::test]
async fn a_full_queue_refuses_and_everything_in_it_is_written_in_order() {
    let database = TestDatabase::new().await;
    open_room(&database.pool, room(1), &[person(1)]).await;
    let (log, fed) = start(database.pool.clone());
    let shown = collect(fed);
    let appends: Vec<_> = (0..=LANE_QUEUE_MAX)
        .map(|number| log.append(message(room(1), person(1), &format!("m{number}"))))
        .collect();
    let answers = join_all(appends).await;
    let (refused, written) = answers.split_last().expect("answers");
    assert!(matches!(refused, Err(AppendError::Full)), "{refused:?}");
    for (index, answer) in written.iter().enumerate() {
        let seq = answer.as_ref().expect("written").seq;
        assert_eq!(usize::try_from(seq).expect("positive"), index + 1, "in the order of sending");
    }
    drop(log);
    let seqs: Vec<i64> = shown.await.expect("collected").iter().map(|event| event.seq).collect();
    assert!(seqs.is_sorted() && seqs.len() == LANE_QUEUE_MAX);
}

#[tokio::test]
async fn a_send_that_nobody_waits_for_any_more_is_written_in_its_turn() {
    let database = TestDatabase::new().await;
    open_room(&database.pool, room(1), &[person(1)]).await;
    let (log, _fed) = start(database.pool.clone());
    drop(log.append(message(room(1), person(1), "given-up")));
    let done = log.append(message(room(1), person(1), "b")).await.expect("written");
    assert_eq!(done.seq, 2);
    let again = log.append(message(room(1), person(1), "given-up")).await.expect("written");
    assert_eq!((again.seq, again.dup), (1, true));
}
