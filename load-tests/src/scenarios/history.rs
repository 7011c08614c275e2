//! The latest page of a long room, asked for by many.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use signaling::RoomId;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::crowd::Field;
use super::{Figures, count, latencies};
use crate::client::ws::{ChatSocket, Incoming};
use crate::population::{Population, embedded_pool, fill_room};
use crate::process::HubProcess;
use crate::usage::cpu_s;

/// Messages of one page.
const PAGE: usize = 50;
/// How long the floor is measured.
const FLOOR_TIME: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub events: usize,
    pub readers: usize,
    /// Pages asked for at the same time.
    pub under_way: usize,
    pub seconds: u32,
}

pub(super) async fn measure(hub: &mut HubProcess, plan: Plan) -> Result<Figures> {
    let field = Arc::new(Field::prepare(hub, Population::new(plan.readers, 1)).await?);
    let room = field.population.rooms.first().copied().context("a room")?;
    let author = field.population.people.first().copied().context("a person")?;
    let pool = embedded_pool(&hub.data_dir());
    fill_room(&pool, room, author.person, i64::try_from(plan.events)?).await?;
    let gate = Arc::new(Semaphore::new(plan.under_way));
    let mut sockets = Vec::with_capacity(plan.readers);
    for &someone in &field.population.people {
        sockets.push(field.connect(someone).await?);
    }
    let pids = hub.pids()?;
    let before = (cpu_s(&pids), cpu_s(&hub.database_pids()?));
    let began = Instant::now();
    let until = began + Duration::from_secs(u64::from(plan.seconds));
    let mut reading = JoinSet::new();
    for socket in sockets {
        reading.spawn(read(socket, room, Arc::clone(&gate), until));
    }
    let mut ms = Vec::new();
    while let Some(read) = reading.join_next().await {
        ms.extend(read??);
    }
    let pages = count(ms.len());
    let mut figures = Figures::from([
        ("pages_per_s", pages / began.elapsed().as_secs_f64()),
        ("hub_us_per_page", (cpu_s(&pids) - before.0) * 1e6 / pages),
        ("database_us_per_page", (cpu_s(&hub.database_pids()?) - before.1) * 1e6 / pages),
    ]);
    latencies(&mut figures, ms)?;
    let raw = raw_pages_per_s(&pool, room).await?;
    pool.close().await;
    let share = figures.get("pages_per_s").copied().unwrap_or_default() / raw;
    figures.extend([("raw_pages_per_s", raw), ("share_of_raw", share)]);
    Ok(figures)
}

/// The floor: the same rows read bare, page after page on one connection.
async fn raw_pages_per_s(pool: &PgPool, room: RoomId) -> Result<f64> {
    let (began, mut pages) = (Instant::now(), 0_usize);
    while began.elapsed() < FLOOR_TIME {
        let rows = sqlx::query(
            "SELECT seq, nth, author, ts, kind, cid, body FROM event
             WHERE room = $1 ORDER BY seq DESC LIMIT $2",
        )
        .bind(room.uuid())
        .bind(i64::try_from(PAGE)?)
        .fetch_all(pool)
        .await?;
        ensure!(rows.len() == PAGE, "{} rows", rows.len());
        pages += 1;
    }
    Ok(count(pages) / began.elapsed().as_secs_f64())
}

async fn read(
    mut socket: ChatSocket,
    room: RoomId,
    gate: Arc<Semaphore>,
    until: Instant,
) -> Result<Vec<f64>> {
    let mut ms = Vec::new();
    let mut pace =
        tokio::time::interval(Duration::from_secs(1) / signaling::limits::COMMANDS_PER_SECOND);
    while Instant::now() < until {
        pace.tick().await;
        let permit = gate.acquire().await?;
        let asked = Instant::now();
        let id = socket.call("messages.page", &json!({"room": room, "limit": PAGE})).await?;
        loop {
            let Incoming::Reply { id: replied, result } = socket.next().await? else { continue };
            if replied != id {
                continue;
            }
            let value = result.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
            let lines = value.pointer("/data/items").and_then(Value::as_array);
            ensure!(lines.map(Vec::len) == Some(PAGE), "no whole page: {value}");
            break;
        }
        drop(permit);
        ms.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    Ok(ms)
}
