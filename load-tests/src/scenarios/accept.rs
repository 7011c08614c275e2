//! Sends in a closed loop: what a member waits until "sent" is true, and how many a hub takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::crowd::Field;
use super::{Figures, count, latencies};
use crate::client::ws::{ChatSocket, Incoming};
use crate::population::{Population, embedded_pool};
use crate::process::HubProcess;
use crate::usage::cpu_s;

/// How long the floor is measured.
const FLOOR_TIME: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub seed: u64,
    pub rooms: usize,
    /// Sockets; each sends at most as often as the hub lets one socket.
    pub senders: usize,
    /// Sends at the same time.
    pub under_way: usize,
    pub seconds: u32,
}

pub(super) async fn measure(hub: &mut HubProcess, plan: Plan) -> Result<Figures> {
    let population = Population::new(plan.senders, plan.rooms);
    let field = Arc::new(Field::prepare(hub, population).await?);
    let mut sockets = Vec::with_capacity(plan.senders);
    for &someone in &field.population.people {
        sockets.push(field.connect(someone).await?);
    }
    let pids = hub.pids()?;
    let before = (cpu_s(&pids), cpu_s(&hub.database_pids()?));
    let gate = Arc::new(Semaphore::new(plan.under_way));
    let began = Instant::now();
    let until = began + Duration::from_secs(u64::from(plan.seconds));
    let mut senders = JoinSet::new();
    for (number, socket) in sockets.into_iter().enumerate() {
        let seed = plan.seed.wrapping_mul(1_000_000).wrapping_add(u64::try_from(number)?);
        senders.spawn(send(Arc::clone(&field), socket, (seed, Arc::clone(&gate)), until));
    }
    let mut ms = Vec::new();
    while let Some(sent) = senders.join_next().await {
        ms.extend(sent??);
    }
    let took = began.elapsed().as_secs_f64();
    let (hub_s, database_s) = (cpu_s(&pids) - before.0, cpu_s(&hub.database_pids()?) - before.1);
    let accepted = count(ms.len());
    let mut figures = Figures::from([
        ("accepted", accepted),
        ("accepted_per_s", accepted / took),
        ("hub_us_per_message", hub_s * 1e6 / accepted),
        ("database_us_per_message", database_s * 1e6 / accepted),
    ]);
    latencies(&mut figures, ms)?;
    let raw = raw_rows_per_s(&embedded_pool(&hub.data_dir()), plan.under_way).await?;
    figures.insert("raw_rows_per_s", raw);
    figures.insert("share_of_raw", accepted / took / raw);
    Ok(figures)
}

/// The floor: bare inserts of `rows` rows a commit into a table like the log's, on one connection.
async fn raw_rows_per_s(pool: &PgPool, rows: usize) -> Result<f64> {
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS floor (LIKE event INCLUDING ALL)")
        .execute(pool)
        .await?;
    let body = json!({"text": "会".repeat(50)}).to_string();
    let rows = i64::try_from(rows)?;
    let (began, mut written) = (Instant::now(), 0_i64);
    while began.elapsed() < FLOOR_TIME {
        sqlx::query(
            "INSERT INTO floor (room, author, seq, nth, ts, kind, cid, body)
             SELECT '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002',
                    n, n, now(), 1, 'f' || n, $3
             FROM generate_series($1 + 1, $1 + $2) AS n",
        )
        .bind(written)
        .bind(rows)
        .bind(&body)
        .execute(pool)
        .await?;
        written += rows;
    }
    Ok(count(usize::try_from(written)?) / began.elapsed().as_secs_f64())
}

async fn send(
    field: Arc<Field>,
    mut socket: ChatSocket,
    (seed, gate): (u64, Arc<Semaphore>),
    until: Instant,
) -> Result<Vec<f64>> {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut ms = Vec::new();
    // A socket may send so many commands a second; beyond that it is refused.
    let pause = Duration::from_secs(1) / signaling::limits::COMMANDS_PER_SECOND;
    let mut pace = tokio::time::interval(pause);
    for cid in 0_u64.. {
        pace.tick().await;
        let permit = gate.acquire().await?;
        if Instant::now() >= until {
            break;
        }
        let at = chance.random_range(0..field.population.rooms.len());
        let room = field.population.rooms.get(at).context("a room")?;
        let data = json!({"room": room, "cid": format!("a{cid}"), "text": "会".repeat(50)});
        let sent = Instant::now();
        let id = socket.call("msg.send", &data).await?;
        loop {
            if let Incoming::Reply { id: replied, result } = socket.next().await?
                && replied == id
            {
                ensure!(result.is_ok(), "refused: {result:?}");
                break;
            }
        }
        drop(permit);
        ms.push(sent.elapsed().as_secs_f64() * 1e3);
    }
    Ok(ms)
}
