//! `crash-rounds`: a real hub with a real database under load, killed again and again.
//!
//! Writers send with client ids and send again until they are answered; readers follow every room
//! and come back to where they were. In each round the target is killed with SIGKILL a random
//! moment after a random number of acknowledgements. At the end everything the clients saw is
//! compared with what the store holds ([`crate::history`]). With `--control` a fault is planted in
//! the hub, and the run must end with losses found.

mod reader;
mod writer;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use signaling::RoomId;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::client::token::TokenMint;
use crate::client::ws::ChatSocket;
use crate::history::{Recorder, Report, check};
use crate::population::{Population, Someone, embedded_pool, stored_rooms};
use crate::process::{Fault, HubProcess};

const WRITERS: usize = 48;
const READERS: usize = 4;
const ROOMS: usize = 4;
/// Acknowledgements before the moment of a kill is drawn.
const ACKS_BEFORE_KILL: std::ops::Range<usize> = 20..200;
const KILL_DELAY_MS: std::ops::RangeInclusive<u64> = 0..=400;
/// The hub is reachable within this after a start, first start with an empty disk included.
const START_MAX: Duration = Duration::from_mins(1);
/// Load flows again within this after a kill.
const RECOVERY_MAX: Duration = Duration::from_mins(1);
/// Everything is answered and shown within this after the last round.
const DRAIN_MAX: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);

/// Kills the hub or its database under load and checks that nothing acknowledged is lost.
#[derive(Debug, clap::Args)]
pub struct CrashRounds {
    /// What is killed.
    #[arg(long, value_enum)]
    target: Target,
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// The same seed draws the same moments and rooms.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Plant a fault that loses messages; the run must find the loss and fail.
    #[arg(long)]
    control: bool,
    /// The hub program; by default the one beside this program.
    #[arg(long)]
    hub: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    Hub,
    #[value(alias = "pg")]
    Postgres,
}

/// What all clients of a run share.
#[derive(Debug)]
struct Field {
    address: std::net::SocketAddr,
    mint: TokenMint,
    rooms: Vec<RoomId>,
    recorder: Recorder,
    seed: u64,
}

impl Field {
    async fn connect(&self, someone: Someone) -> Result<ChatSocket> {
        let token = self.mint.token(someone.person, someone.device)?;
        ChatSocket::open(self.address, &token).await
    }
}

/// How far the clients should go.
#[derive(Clone, Debug)]
enum Goal {
    /// Until told otherwise.
    Run,
    /// Writers: no new messages, but an answer for each one sent.
    Drain,
    /// Readers: up to these numbers.
    Reach(BTreeMap<RoomId, i64>),
}

impl CrashRounds {
    /// Runs all rounds; the error says what was lost or left undone.
    pub async fn run(self) -> Result<()> {
        let program = self.hub.clone().map_or_else(hub_beside_us, Ok)?;
        let fault = self.control.then_some(match self.target {
            Target::Hub => Fault::AnswerBeforeCommit,
            Target::Postgres => Fault::CommitBeforeDisk,
        });
        let mut hub = HubProcess::start(&program, fault)?;
        let outcome = self.rounds_on(&mut hub).await;
        let report =
            outcome.with_context(|| format!("the end of the hub's log:\n{}", hub.log_tail()))?;
        println!("seed {}: {report}", self.seed);
        ensure!(report.is_clean(), "promises were broken (seed {})", self.seed);
        Ok(())
    }

    async fn rounds_on(&self, hub: &mut HubProcess) -> Result<Report> {
        let population = Population::new(WRITERS + READERS, ROOMS);
        let started = Instant::now();
        reachable(hub).await?;
        let pool = embedded_pool(&hub.data_dir());
        population.store(&pool).await.context("write people and rooms")?;
        let field = Arc::new(Field {
            address: hub.address,
            mint: TokenMint::open(&hub.data_dir())?,
            rooms: population.rooms.clone(),
            recorder: Recorder::default(),
            seed: self.seed,
        });
        let (goal, told) = watch::channel(Goal::Run);
        let mut writers = JoinSet::new();
        let mut readers = JoinSet::new();
        let (writing, reading) = population.people.split_at(WRITERS);
        for (number, someone) in writing.iter().enumerate() {
            writers.spawn(writer::run(Arc::clone(&field), number, *someone, told.clone()));
        }
        for (number, someone) in reading.iter().enumerate() {
            readers.spawn(reader::run(Arc::clone(&field), number, *someone, told.clone()));
        }
        let kills = self.kills(hub, &field).await?;
        goal.send(Goal::Drain)?;
        finish(&mut writers, hub, "every message is answered").await?;
        let rooms = stored_rooms(&pool).await?;
        let tops = rooms.iter().map(|(room, stored)| (*room, stored.rows.len()));
        let tops = tops.map(|(room, rows)| Ok((room, i64::try_from(rows)?)));
        goal.send(Goal::Reach(tops.collect::<Result<_>>()?))?;
        if let Err(error) = finish(&mut readers, hub, "every reader has seen everything").await {
            println!("{error:#}");
        }
        println!(
            "crash-rounds: target {:?}, rounds {}, kills {kills}, {} s",
            self.target,
            self.rounds,
            started.elapsed().as_secs()
        );
        ensure!(kills == self.rounds, "only {kills} of {} kills were done", self.rounds);
        Ok(check(&field.recorder.entries(), &rooms))
    }

    /// Kills once a round; every kill has acknowledgements before it, and the last one after it.
    async fn kills(&self, hub: &mut HubProcess, field: &Field) -> Result<usize> {
        let mut rng = StdRng::seed_from_u64(self.seed);
        let mut kills = 0;
        for round in 0..self.rounds {
            let goal = rng.random_range(ACKS_BEFORE_KILL);
            acks_reach(field, hub, goal).await.with_context(|| format!("round {round}"))?;
            sleep(Duration::from_millis(rng.random_range(KILL_DELAY_MS))).await;
            match self.target {
                Target::Hub => {
                    hub.kill()?;
                    hub.restart()?;
                }
                Target::Postgres => {
                    let processes = hub.kill_database()?;
                    ensure!(processes > 1, "the database was not running in round {round}");
                }
            }
            field.recorder.begin_life();
            kills += 1;
        }
        acks_reach(field, hub, ACKS_BEFORE_KILL.start).await.context("after the last kill")?;
        Ok(kills)
    }
}

/// The hub program in the folder of this program.
fn hub_beside_us() -> Result<PathBuf> {
    let ours = std::env::current_exe()?;
    let hub = ours.with_file_name("hub");
    ensure!(
        hub.exists(),
        "{} does not exist; build it with `cargo build -p hub`, or name one with --hub",
        hub.display()
    );
    Ok(hub)
}

async fn reachable(hub: &mut HubProcess) -> Result<()> {
    let started = Instant::now();
    while tokio::net::TcpStream::connect(hub.address).await.is_err() {
        hub.still_runs()?;
        ensure!(started.elapsed() < START_MAX, "the hub does not listen on {}", hub.address);
        sleep(POLL).await;
    }
    Ok(())
}

async fn acks_reach(field: &Field, hub: &mut HubProcess, goal: usize) -> Result<()> {
    let started = Instant::now();
    while field.recorder.fresh_acks() < goal {
        hub.still_runs()?;
        let acks = field.recorder.fresh_acks();
        ensure!(started.elapsed() < RECOVERY_MAX, "{acks} acknowledgements, waiting for {goal}");
        sleep(POLL).await;
    }
    Ok(())
}

/// Waits for clients to end by themselves; afterwards none of them is left.
async fn finish(
    clients: &mut JoinSet<Result<()>>,
    hub: &mut HubProcess,
    until: &str,
) -> Result<()> {
    let started = Instant::now();
    let mut outcome = Ok(());
    while !clients.is_empty() && outcome.is_ok() {
        hub.still_runs()?;
        outcome = match tokio::time::timeout(POLL, clients.join_next()).await {
            Ok(Some(ended)) => ended?,
            Ok(None) => break,
            Err(_) if started.elapsed() < DRAIN_MAX => Ok(()),
            Err(_) => bail!("{} clients wait in vain until {until}", clients.len()),
        };
    }
    clients.shutdown().await;
    outcome
}
