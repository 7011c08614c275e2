//! `crash-rounds`: a real hub with a real database under load, killed again and again.
//!
//! Writers send with client ids and send again until they are answered; readers follow every room
//! and come back to where they were. In each round the target is killed with SIGKILL a random
//! moment after a random number of acknowledgements. At the end everything the clients saw is
//! compared with what the store holds ([`crate::history`]). A Redis is killed between two hubs on
//! one database; there no event may reach a reader that was there later than promise C4 says. With
//! `--control` a fault is planted in the hub, and the run must end with losses or late events found.

mod delay;
mod installation;
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
use crate::process::hub_beside_us;

use self::delay::{DELAY_MAX, Delays, Verdict};
use self::installation::Installation;

const WRITERS: usize = 48;
const READERS: usize = 4;
const ROOMS: usize = 4;
/// Acknowledgements before the moment of a kill is drawn.
const ACKS_BEFORE_KILL: std::ops::Range<usize> = 20..200;
const KILL_DELAY_MS: std::ops::RangeInclusive<u64> = 0..=400;
/// Load flows again within this after a kill.
const RECOVERY_MAX: Duration = Duration::from_mins(1);
/// Everything is answered and shown within this after the last round.
const DRAIN_MAX: Duration = Duration::from_mins(1);
/// In a control run nobody waits for what is lost.
const CONTROL_DRAIN_MAX: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// Kills the hub, its database or the Redis under load and checks that nothing acknowledged is
/// lost.
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
    /// How long a killed Redis stays dead in each round; by default up to 2,500, drawn.
    #[arg(long)]
    dead_ms: Option<u64>,
    /// Plant a fault that loses or delays messages; the run must find it and fail.
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
    /// Between two hubs on one database.
    Redis,
}

/// What all clients of a run share.
#[derive(Debug)]
struct Field {
    addresses: Vec<std::net::SocketAddr>,
    mint: TokenMint,
    rooms: Vec<RoomId>,
    recorder: Recorder,
    delays: Delays,
    seed: u64,
}

impl Field {
    async fn connect(&self, number: usize, someone: Someone) -> Result<ChatSocket> {
        let token = self.mint.token(someone.person, someone.device)?;
        let address = self.addresses.get(self.hub_of(number)).context("a hub")?;
        ChatSocket::open(*address, &token).await
    }
}

impl Field {
    /// Client `number` always goes to the same hub.
    fn hub_of(&self, number: usize) -> usize {
        (number / 2).checked_rem(self.addresses.len()).unwrap_or_default()
    }

    /// Where writer `number` writes. The last room is the first hub's alone: what is written there
    /// shows on another hub after a hint or a comparison, and never because that hub commits.
    fn rooms_of(&self, number: usize) -> &[RoomId] {
        match self.rooms.split_last() {
            Some((_, others)) if self.hub_of(number) > 0 => others,
            _ => &self.rooms,
        }
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
        let mut site =
            Installation::start(&program, self.target, self.control, self.dead_ms).await?;
        let outcome = self.rounds_on(&mut site).await;
        let (report, delay) =
            outcome.with_context(|| format!("the end of the hubs' logs:\n{}", site.log_tail()))?;
        println!("seed {}: {report}", self.seed);
        let Verdict { measured, max, late } = delay;
        println!("  way to a reader that was there: at most {} ms of {measured}", max.as_millis());
        ensure!(report.is_clean(), "promises were broken (seed {})", self.seed);
        ensure!(
            self.target != Target::Redis || late == 0,
            "Late: {late} of {measured} events took longer than {} ms (seed {})",
            DELAY_MAX.as_millis(),
            self.seed
        );
        Ok(())
    }

    async fn rounds_on(&self, site: &mut Installation) -> Result<(Report, Verdict)> {
        let population = Population::new(WRITERS + READERS, ROOMS);
        let started = Instant::now();
        let data_dir = site.first()?.data_dir();
        let pool = embedded_pool(&data_dir);
        population.store(&pool).await.context("write people and rooms")?;
        let field = Arc::new(Field {
            addresses: site.addresses(),
            mint: TokenMint::open(&data_dir)?,
            rooms: population.rooms.clone(),
            recorder: Recorder::default(),
            delays: Delays::default(),
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
        let kills = self.kills(site, &field).await?;
        goal.send(Goal::Drain)?;
        let drain = if self.control { CONTROL_DRAIN_MAX } else { DRAIN_MAX };
        finish(&mut writers, site, drain, "every message is answered").await?;
        let rooms = stored_rooms(&pool).await?;
        let tops = rooms.iter().map(|(room, stored)| (*room, stored.rows.len()));
        let tops = tops.map(|(room, rows)| Ok((room, i64::try_from(rows)?)));
        goal.send(Goal::Reach(tops.collect::<Result<_>>()?))?;
        if let Err(error) =
            finish(&mut readers, site, drain, "every reader has seen everything").await
        {
            println!("{error:#}");
        }
        println!(
            "crash-rounds: target {:?}, rounds {}, kills {kills}, {} s",
            self.target,
            self.rounds,
            started.elapsed().as_secs()
        );
        ensure!(kills == self.rounds, "only {kills} of {} kills were done", self.rounds);
        Ok((check(&field.recorder.entries(), &rooms), field.delays.verdict()))
    }

    /// Kills once a round; every kill has acknowledgements before it, and the last one after it.
    async fn kills(&self, site: &mut Installation, field: &Field) -> Result<usize> {
        let mut rng = StdRng::seed_from_u64(self.seed);
        let mut kills = 0;
        for round in 0..self.rounds {
            let goal = rng.random_range(ACKS_BEFORE_KILL);
            acks_reach(field, site, goal).await.with_context(|| format!("round {round}"))?;
            sleep(Duration::from_millis(rng.random_range(KILL_DELAY_MS))).await;
            site.kill(&mut rng).await.with_context(|| format!("round {round}"))?;
            field.recorder.begin_life();
            kills += 1;
        }
        acks_reach(field, site, ACKS_BEFORE_KILL.start).await.context("after the last kill")?;
        Ok(kills)
    }
}

async fn acks_reach(field: &Field, site: &mut Installation, goal: usize) -> Result<()> {
    let started = Instant::now();
    while field.recorder.fresh_acks() < goal {
        site.still_runs()?;
        let acks = field.recorder.fresh_acks();
        ensure!(started.elapsed() < RECOVERY_MAX, "{acks} acknowledgements, waiting for {goal}");
        sleep(POLL).await;
    }
    Ok(())
}

/// Waits for clients to end by themselves; afterwards none of them is left.
async fn finish(
    clients: &mut JoinSet<Result<()>>,
    site: &mut Installation,
    drain: Duration,
    until: &str,
) -> Result<()> {
    let started = Instant::now();
    let mut outcome = Ok(());
    while !clients.is_empty() && outcome.is_ok() {
        site.still_runs()?;
        outcome = match tokio::time::timeout(POLL, clients.join_next()).await {
            Ok(Some(ended)) => ended?,
            Ok(None) => break,
            Err(_) if started.elapsed() < drain => Ok(()),
            Err(_) => bail!("{} clients wait in vain until {until}", clients.len()),
        };
    }
    clients.shutdown().await;
    outcome
}
