//! One seed: a world, its faults, and the verdict.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hub::timeline::Append;
use signaling::PersonId;
use signaling::event::EventKind;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::Control;
use super::client::{Client, Habit};
use super::history::check;
use super::nodes::{Factory, Nodes};
use super::world::{Counts, Weather, World, lock};

/// Time with faults, and the longest time until everyone has everything after it.
const STORM: Duration = Duration::from_secs(30);
const CALM: Duration = Duration::from_mins(2);
/// The comparison of each 2 s, its reads, and the way to the socket.
const DELAY_MS_MAX: usize = 3_000;
/// The same where the bus is known to be away and every node compares each second.
const ALONE_MS_MAX: usize = 1_500;

/// What came out.
pub struct Outcome {
    pub counts: Counts,
    pub delay_ms_max: usize,
    pub alone_ms_max: usize,
    pub trace: u64,
    /// Empty: every promise was kept.
    pub broken: String,
}

/// Runs a seed to its end in virtual time.
pub fn run(seed: u64, factory: &Factory, control: Option<Control>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(play(seed, factory, control))
}

async fn play(seed: u64, factory: &Factory, control: Option<Control>) -> Outcome {
    let rooms = 1 + usize::try_from(seed % 3).expect("small");
    let world = World::new(seed, rooms, control);
    let nodes = Arc::new(Nodes::default());
    for index in 0..3 {
        nodes.start(&world, factory, index);
    }
    let mut clients = JoinSet::new();
    let mut leaver = None;
    let habits = [Habit::Talks, Habit::Talks, Habit::Talks, Habit::Lags, Habit::Leaves];
    for (number, habit) in habits.into_iter().enumerate() {
        let client = Client::new(&world, &nodes, number, habit);
        world.admit(client.person);
        if habit == Habit::Leaves {
            leaver = Some(client.person);
        }
        clients.spawn(client.run());
    }
    let removal = async {
        sleep(Duration::from_millis(world.below(40_000))).await;
        if let Some(person) = leaver
            && !world.is_quiet()
        {
            let room = world.rooms[0];
            nodes.command(&world, move |world| world.remove(room, person));
            world.count("removals");
        }
    };
    tokio::join!(storm(&world, &nodes, factory), removal);
    calm(&world, &nodes, factory).await;
    let all = async { while clients.join_next().await.is_some() {} };
    let stuck = timeout(CALM, all).await.is_err();
    verdict(&world, stuck)
}

/// Faults until the storm is over.
async fn storm(world: &Arc<World>, nodes: &Arc<Nodes>, factory: &Factory) {
    let until = tokio::time::Instant::now() + STORM;
    while tokio::time::Instant::now() < until {
        let bad = world.below(101);
        *lock(&world.weather) = Weather {
            hints_lost: world.below(bad + 1),
            hints_doubled: world.below(bad + 1) / 4,
            hint_ms_max: world.below(2 * bad + 1),
            store_ms_max: world.below(bad / 4 + 1),
            reads_failed: if world.happens(15) { world.below(30) } else { 0 },
            wire_ms_max: world.below(bad + 1),
        };
        fault(world, nodes, factory).await;
        world.nap(2_500).await;
    }
}

async fn fault(world: &Arc<World>, nodes: &Arc<Nodes>, factory: &Factory) {
    match world.below(10) {
        0 | 1 => {
            let index = usize::try_from(world.below(3)).expect("small");
            if nodes.is_up(index) {
                nodes.crash(index);
                world.count("crashes");
                world.nap(2_000).await;
                nodes.start(world, factory, index);
            }
        }
        2 => {
            *lock(&world.bus_down_since) = Some(tokio::time::Instant::now());
            world.count("bus outages");
            world.nap(9_000).await;
            *lock(&world.bus_down_since) = None;
        }
        3 if world.happens(40) => {
            world.store_down.store(true, Ordering::Relaxed);
            world.count("store outages");
            world.nap(8_000).await;
            world.store_down.store(false, Ordering::Relaxed);
        }
        4 if world.happens(20) => burst(world, nodes),
        _ => {}
    }
}

/// More at once than an outbox holds.
fn burst(world: &Arc<World>, nodes: &Arc<Nodes>) {
    let room = world.rooms[0];
    world.count("bursts");
    let bot = PersonId(Uuid::from_u128(0xb07));
    world.admit(bot);
    let stem = world.below(u64::MAX);
    for number in 0..1_200 {
        nodes.command(world, move |world| {
            let append = Append {
                room,
                author: bot,
                cid: format!("burst-{stem}-{number}"),
                kind: EventKind::Message,
                reference: None,
                body: "{}".to_owned(),
            };
            world.write(append).expect("written").1
        });
    }
}

async fn calm(world: &Arc<World>, nodes: &Arc<Nodes>, factory: &Factory) {
    *lock(&world.weather) = Weather::default();
    world.store_down.store(false, Ordering::Relaxed);
    *lock(&world.bus_down_since) = None;
    for index in 0..3 {
        if !nodes.is_up(index) {
            nodes.start(world, factory, index);
        }
    }
    world.nap(1_000).await;
    world.quiet.store(true, Ordering::Relaxed);
}

fn verdict(world: &World, stuck: bool) -> Outcome {
    let report = check(&world.entries(), &world.stored());
    let mut broken = if report.is_clean() { String::new() } else { format!("{report}\n") };
    if stuck {
        broken += "some clients never got everything\n";
    }
    let delay_ms_max = world.delay_ms_max.load(Ordering::Relaxed);
    if delay_ms_max > DELAY_MS_MAX {
        let _ = writeln!(broken, "an event took {delay_ms_max} ms to a reader that was there");
    }
    let alone_ms_max = world.alone_ms_max.load(Ordering::Relaxed);
    if alone_ms_max > ALONE_MS_MAX {
        let _ = writeln!(
            broken,
            "an event took {alone_ms_max} ms although the bus was known to be away"
        );
    }
    let mut counts = lock(&world.counts).clone();
    counts.add("sent", report.sent);
    counts.add("acked", report.acked);
    counts.add("events stored", report.rows);
    Outcome { counts, delay_ms_max, alone_ms_max, trace: world.trace(), broken }
}
