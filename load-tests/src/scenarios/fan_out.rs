//! Rooms in which members write and everyone reads, and the floor beside it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::sleep;

use super::crowd::{Crowd, Field};
use super::floor::{DELIVERY_BYTES, floor};
use super::{Figures, count, latencies};
use crate::population::Population;
use crate::process::HubProcess;
use crate::usage::cpu_s;

#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub seed: u64,
    pub rooms: usize,
    pub members_per_room: usize,
    pub messages_per_s: u32,
    pub seconds: u32,
}

pub(super) async fn measure(hub: &mut HubProcess, plan: Plan) -> Result<Figures> {
    let people = plan.rooms * plan.members_per_room;
    let population = Population::grouped(people, plan.members_per_room);
    let field = Arc::new(Field::prepare(hub, population).await?);
    let sockets = field.join_all(plan.members_per_room).await?;
    let rooms = (0..people)
        .filter_map(|number| field.population.rooms.get(number / plan.members_per_room).copied());
    let crowd = Crowd::begin(sockets, rooms.collect());
    let pids = hub.pids()?;
    let before = (cpu_s(&pids), cpu_s(&hub.database_pids()?));
    let began = Instant::now();
    let mut chance = StdRng::seed_from_u64(plan.seed);
    let messages = plan.messages_per_s * plan.seconds;
    for number in 0..messages {
        let due = Duration::from_secs(1) * number / plan.messages_per_s;
        // A timer is a millisecond late, also for what is due already.
        if let Some(early) = due.checked_sub(began.elapsed()) {
            sleep(early).await;
        }
        crowd.send(chance.random_range(0..people), u64::from(number)).await?;
    }
    let deliveries = u64::from(messages) * u64::try_from(plan.members_per_room)?;
    crowd.settle(deliveries).await?;
    let took = began.elapsed().as_secs_f64();
    let (hub_s, database_s) = (cpu_s(&pids) - before.0, cpu_s(&hub.database_pids()?) - before.1);
    let delivered = count(usize::try_from(deliveries)?);
    let mut figures = Figures::from([
        ("deliveries_per_s", delivered / took),
        ("hub_us_per_delivery", hub_s * 1e6 / delivered),
        ("database_us_per_message", database_s * 1e6 / f64::from(messages)),
        ("missing", 0.0),
    ]);
    latencies(&mut figures, crowd.latencies_ms().await)?;
    drop(crowd);
    let floor_s = broadcast(plan).await?;
    figures.insert("floor_us_per_delivery", floor_s * 1e6 / delivered);
    figures.insert("times_the_floor", hub_s / floor_s);
    Ok(figures)
}

/// Processor seconds that the bare writes of the same deliveries cost on the same core: all rooms'
/// messages to one room's number of sockets.
async fn broadcast(plan: Plan) -> Result<f64> {
    let more = [
        ("bytes", DELIVERY_BYTES),
        ("rate", usize::try_from(plan.messages_per_s)?),
        ("seconds", usize::try_from(plan.seconds)?),
    ];
    Ok(floor("broadcast", plan.members_per_room, &more).await?.figure)
}
