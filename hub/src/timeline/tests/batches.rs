//! Random batches: both SQL functions and the log in memory must agree on every row.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::super::queries::{Columns, Outcome, append_loop, append_set};
use super::*;

const SEEDS: std::ops::Range<u64> = 0..6;
const ROOMS: u128 = 4;
const PEOPLE: u128 = 3;
const BATCHES: usize = 25;

/// Where the same rooms lie three times: offsets that keep their order.
const SET: u128 = 1 << 32;
const LOOP: u128 = 2 << 32;

fn at(side: u128, append: &Append) -> Append {
    Append { room: RoomId(Uuid::from_u128(append.room.uuid().as_u128() + side)), ..append.clone() }
}

/// Rows sorted by room, no `(room, author, cid)` twice in one batch, many repeats between batches.
fn random_batch(rng: &mut StdRng) -> Vec<Append> {
    let authors: Vec<PersonId> =
        (0..PEOPLE).map(person).chain([person(99), PersonId::SYSTEM]).collect();
    let kinds = [EventKind::Message, EventKind::Message, EventKind::Pin, EventKind::Edit];
    let size = *[1, 2, 5, 12, 40].choose(rng).expect("sizes");
    let mut rows: Vec<Append> = (0..size)
        .map(|_| {
            // One room too many: it does not exist.
            let room = room(rng.random_range(0..=ROOMS));
            let author = *authors.choose(rng).expect("authors");
            let kind = *kinds.choose(rng).expect("kinds");
            let cid = format!("c{}", rng.random_range(0..120));
            Append { kind, ..message(room, author, &cid) }
        })
        .collect();
    rows.sort_by(|a, b| (a.room, a.author, &a.cid).cmp(&(b.room, b.author, &b.cid)));
    rows.dedup_by(|a, b| (a.room, a.author, &a.cid) == (b.room, b.author, &b.cid));
    // Any order of authors inside a room.
    rows.sort_by_cached_key(|row| (row.room, rng.random::<u32>()));
    rows
}

/// New, repeat or refused, with numbers but without times.
fn plain(outcome: Outcome) -> (u8, i64, i64) {
    match outcome {
        Outcome::New(place) => (0, place.seq, place.nth),
        Outcome::Repeat(place) => (1, place.seq, place.nth),
        Outcome::Refused => (2, 0, 0),
    }
}

fn model(
    memory: &MemoryLog,
    rows: &[Append],
    nths: &mut BTreeMap<(RoomId, i64), i64>,
) -> Vec<(u8, i64, i64)> {
    let outcome = |row: &Append| match memory.write(row.clone()) {
        Ok((done, Some(event))) => {
            nths.insert((row.room, done.seq), event.nth);
            (0, done.seq, event.nth)
        }
        Ok((done, None)) => (1, done.seq, nths.get(&(row.room, done.seq)).copied().unwrap_or(-1)),
        Err(_) => (2, 0, 0),
    };
    rows.iter().map(outcome).collect()
}

#[tokio::test]
async fn both_functions_and_the_memory_log_agree_on_random_batches() {
    let Stage::Memory { log: memory, .. } = Stage::memory() else { unreachable!("memory") };
    let stage = Stage::postgres().await;
    let Stage::Postgres { database, .. } = &stage else { unreachable!("postgres") };
    let mut connection = database.pool.acquire().await.expect("connected");
    let mut nths = BTreeMap::new();
    for seed in SEEDS {
        let mut rng = StdRng::seed_from_u64(seed);
        let base = u128::from(seed) << 40;
        let shift = |append: &Append, side: u128| at(base + side, append);
        let everywhere = |number| {
            [0, SET, LOOP]
                .map(|side| RoomId(Uuid::from_u128(room(number).uuid().as_u128() + base + side)))
        };
        for number in 0..ROOMS {
            let members: Vec<PersonId> = (0..PEOPLE).map(person).collect();
            let [plain, set, each] = everywhere(number);
            memory.open(plain);
            for who in &members {
                memory.admit(plain, *who, RoomRole::Member, 1);
            }
            stage.open(set, &members).await;
            stage.open(each, &members).await;
        }
        for batch in 0..BATCHES {
            let place = format!("seed {seed}, batch {batch}");
            let rows = random_batch(&mut rng);
            let on = |side| rows.iter().map(|row| shift(row, side)).collect::<Vec<_>>();
            let expected = model(&memory, &on(0), &mut nths);
            let rows = on(SET);
            let set = append_set(&mut connection, &Columns::of(rows.iter())).await.expect(&place);
            let rows = on(LOOP);
            let each = append_loop(&mut connection, &Columns::of(rows.iter())).await.expect(&place);
            assert_eq!(set.into_iter().map(plain).collect::<Vec<_>>(), expected, "set, {place}");
            assert_eq!(each.into_iter().map(plain).collect::<Vec<_>>(), expected, "loop, {place}");
            if rng.random_bool(0.2) {
                let (number, who) =
                    (rng.random_range(0..ROOMS), person(rng.random_range(0..PEOPLE)));
                let [plain, set, each] = everywhere(number);
                memory.dismiss(plain, who);
                for room in [set, each] {
                    sqlx::query!(
                        "DELETE FROM member WHERE room = $1 AND person = $2",
                        room.uuid(),
                        who.uuid()
                    )
                    .execute(&database.pool)
                    .await
                    .expect("dismissed");
                }
            }
        }
        for number in 0..ROOMS {
            let [plain, set, each] = everywhere(number);
            let expected = whole_log(&*memory, plain).await;
            assert_eq!(whole_log(&*stage.log(), set).await, expected, "set, seed {seed}");
            assert_eq!(whole_log(&*stage.log(), each).await, expected, "loop, seed {seed}");
        }
    }
}
