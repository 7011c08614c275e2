//! The log step alone, against raw multi-row inserts on the same durable Postgres in the same run.
//!
//! `cargo bench -p hub --bench timeline [-- SECONDS]`: closed loops of 1, 64 and 256 senders in
//! fifty rooms of 22 members, 64 senders in one hot room, and two nodes in one hot room. Beside
//! each stands a floor that inserts as many rows a commit as were under way. `db us` is the CPU
//! time of all database processes per message.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a report of figures")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hub::store::MIGRATOR;
use hub::store::embedded::{Embedded, Profile};
use hub::timeline::{Append, LaneSettings, Locked, Log as _, NewRoom, PostgresLog, feed};
use signaling::event::EventKind;
use signaling::event::chat::RoomRole;
use signaling::rpc::chat::RoomKind;
use signaling::{PersonId, RoomId};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use time::OffsetDateTime;
use uuid::Uuid;

const ROOMS: u128 = 50;
const MEMBERS: u128 = 22;
/// 50 Chinese characters: 150 bytes of text.
const TEXT: &str = "同志们下午好今天的组织生活会改在三楼会议室请提前十分钟到场并带好学习笔记和上次布置的材料有事请假谢谢大家";
/// Ticks per second of the process times in /proc (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

#[tokio::main]
async fn main() -> Result<()> {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next_back().unwrap_or(3);
    let span = Duration::from_secs(seconds);
    let home = tempfile::Builder::new().prefix("lianxin-bench-").tempdir()?;
    let embedded = Embedded::start(home.path(), Profile::Durable).await?;
    let pool = PgPoolOptions::new().max_connections(8).connect_with(embedded.options()).await?;
    MIGRATOR.run(&pool).await?;
    people_and_rooms(&pool).await?;
    println!(
        "log step on {} cores, {seconds} s each",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    println!("{:<22}{:>10}{:>9}{:>9}{:>8}{:>8}", "", "per s", "p50 ms", "p99 ms", "db us", "ratio");
    for (name, nodes, senders, hot) in [
        ("1 under way", 1, 1, false),
        ("64 under way", 1, 64, false),
        ("256 under way", 1, 256, false),
        ("64, one hot room", 1, 64, true),
        ("2 x 64, one hot room", 2, 64, true),
    ] {
        let floor = floor(&pool, senders, span).await?;
        let log = Case { nodes, senders, hot, span }.run(&pool).await?;
        let rows = format!("floor, {senders} a commit");
        println!("{}", floor.line(&rows, None));
        println!("{}", log.line(name, Some(&floor)));
    }
    pool.close().await;
    embedded.stop().await?;
    Ok(())
}

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(0xa_0000 + number))
}

fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(0xb_0000 + number))
}

async fn people_and_rooms(pool: &PgPool) -> Result<()> {
    let mut transaction = pool.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[]).await?;
    let created_at = OffsetDateTime::UNIX_EPOCH;
    for number in 0..MEMBERS {
        sqlx::query!(
            "INSERT INTO person (id, name, created_at) VALUES ($1, '某人', $2)",
            person(number).uuid(),
            created_at
        )
        .execute(&mut *transaction)
        .await?;
    }
    for number in 0..ROOMS {
        let (id, kind, title) = (room(number), RoomKind::PartyGroup, "党小组".to_owned());
        let new = NewRoom { id, kind, title, history_days: None, created_at };
        locked.create(&mut transaction, &new).await?;
        for member in 0..MEMBERS {
            let member = (person(member), RoomRole::Member);
            locked.admit(&mut transaction, id, member, created_at).await?;
        }
    }
    sqlx::raw_sql(
        "CREATE TABLE floor (room uuid NOT NULL, seq bigint NOT NULL, author uuid NOT NULL,
                             cid text NOT NULL, body text NOT NULL, PRIMARY KEY (room, seq))",
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Figures of one run.
struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
    database_us: f64,
}

impl Figures {
    fn of(mut latencies: Vec<Duration>, messages: u64, wall: Duration, cpu: f64) -> Self {
        latencies.sort_unstable();
        let at = |share: usize| {
            latencies.get(latencies.len() * share / 100).copied().unwrap_or_default()
        };
        Self {
            per_second: messages as f64 / wall.as_secs_f64(),
            p50: at(50),
            p99: at(99),
            database_us: cpu * 1e6 / messages.max(1) as f64,
        }
    }

    fn line(&self, name: &str, floor: Option<&Self>) -> String {
        let ratio = floor
            .map_or(String::new(), |floor| format!("{:.2}", self.per_second / floor.per_second));
        format!(
            "{name:<22}{:>10.0}{:>9.2}{:>9.2}{:>8.0}{ratio:>8}",
            self.per_second,
            self.p50.as_secs_f64() * 1e3,
            self.p99.as_secs_f64() * 1e3,
            self.database_us
        )
    }
}

/// A closed loop of senders on one or more nodes.
struct Case {
    nodes: usize,
    senders: usize,
    hot: bool,
    span: Duration,
}

impl Case {
    async fn run(&self, pool: &PgPool) -> Result<Figures> {
        let cpu = database_cpu()?;
        let started = Instant::now();
        let mut nodes = Vec::new();
        let mut senders = Vec::new();
        for _ in 0..self.nodes {
            let (sender, mut fed) = feed();
            let log = Arc::new(PostgresLog::start(pool.clone(), sender, LaneSettings::default()));
            nodes.push(tokio::spawn(async move { while fed.recv().await.is_some() {} }));
            for sender in 0..self.senders {
                let room = if self.hot { room(0) } else { room(sender as u128 % ROOMS) };
                let author = person(sender as u128 % MEMBERS);
                let deadline = started + self.span;
                senders.push(tokio::spawn(send(Arc::clone(&log), room, author, deadline)));
            }
        }
        let mut latencies = Vec::new();
        for sender in senders {
            latencies.extend(sender.await??);
        }
        let wall = started.elapsed();
        let messages = latencies.len() as u64;
        Ok(Figures::of(latencies, messages, wall, database_cpu()? - cpu))
    }
}

/// Numbers that make every cid of the run a new one.
static CID: AtomicU64 = AtomicU64::new(0);

async fn send(
    log: Arc<PostgresLog>,
    room: RoomId,
    author: PersonId,
    deadline: Instant,
) -> Result<Vec<Duration>> {
    let body = format!(r#"{{"text":"{TEXT}"}}"#);
    let mut latencies = Vec::new();
    while Instant::now() < deadline {
        let cid = format!("0190b3a4-7d1e-7c00-{:016x}", CID.fetch_add(1, Ordering::Relaxed));
        let (kind, reference, body) = (EventKind::Message, None, body.clone());
        let sent = Instant::now();
        log.append(Append { room, author, cid, kind, reference, body }).await?;
        latencies.push(sent.elapsed());
    }
    Ok(latencies)
}

/// Plain inserts of `rows` rows a commit, one after the other on one connection.
async fn floor(pool: &PgPool, rows: usize, span: Duration) -> Result<Figures> {
    sqlx::raw_sql("TRUNCATE floor").execute(pool).await?;
    let mut connection = pool.acquire().await?;
    let body = format!(r#"{{"text":"{TEXT}"}}"#);
    let rooms: Vec<Uuid> = (0..rows).map(|row| room(row as u128 % ROOMS).uuid()).collect();
    let authors: Vec<Uuid> = (0..rows).map(|row| person(row as u128 % MEMBERS).uuid()).collect();
    let bodies = vec![body.as_str(); rows];
    let (cpu, started) = (database_cpu()?, Instant::now());
    let mut latencies = Vec::new();
    let mut next = 0_i64;
    while started.elapsed() < span {
        let seqs: Vec<i64> = (next..).take(rows).collect();
        next += i64::try_from(rows)?;
        let cids: Vec<String> =
            seqs.iter().map(|seq| format!("0190b3a4-7d1e-7c00-{seq:016x}")).collect();
        let sent = Instant::now();
        sqlx::query(
            "INSERT INTO floor (room, seq, author, cid, body)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[])",
        )
        .bind(&rooms)
        .bind(&seqs)
        .bind(&authors)
        .bind(&cids)
        .bind(&bodies)
        .execute(&mut *connection)
        .await?;
        latencies.push(sent.elapsed());
    }
    let (wall, messages) = (started.elapsed(), u64::try_from(next)?);
    Ok(Figures::of(latencies, messages, wall, database_cpu()? - cpu))
}

/// CPU seconds of all Postgres processes of this run so far, those that have ended included.
fn database_cpu() -> Result<f64> {
    let mut ticks = 0_u64;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        if stat.contains("(postgres)") && is_ours(&entry.path()) {
            let (_, fields) = stat.rsplit_once(')').context("the format of proc(5)")?;
            let times = fields.split_whitespace().skip(11).take(4);
            ticks += times.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
        }
    }
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

/// Whether a server process works in this run's folder.
fn is_ours(process: &Path) -> bool {
    let folder = std::fs::read_link(process.join("cwd")).unwrap_or_default();
    folder.to_string_lossy().contains("lianxin-bench-")
}
