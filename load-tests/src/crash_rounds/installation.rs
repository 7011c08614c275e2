//! What a run stands on: one hub with its database, or two hubs on one database and a Redis.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rand::Rng as _;
use rand::rngs::StdRng;
use tokio::time::sleep;

use super::Target;
use crate::process::{Fault, HubProcess, Setting};
use crate::redis::RedisProcess;

/// How long a killed Redis stays dead where nothing else is asked.
const DEAD_MS: RangeInclusive<u64> = 0..=2_500;

/// Processes of one run; they end with this value.
#[derive(Debug)]
pub(super) struct Installation {
    /// The first one owns the database.
    hubs: Vec<HubProcess>,
    redis: Option<RedisProcess>,
    target: Target,
    dead_ms: Option<u64>,
}

impl Installation {
    /// Starts what `target` needs, with its planted fault in a `control` run; returns when every
    /// hub listens. A killed Redis stays dead for `dead_ms`.
    pub(super) async fn start(
        program: &Path,
        target: Target,
        control: bool,
        dead_ms: Option<u64>,
    ) -> Result<Self> {
        let fault = control.then_some(match target {
            Target::Hub => Fault::AnswerBeforeCommit,
            Target::Postgres => Fault::CommitBeforeDisk,
            Target::Redis => Fault::HintsOnly,
        });
        let redis = (target == Target::Redis).then(RedisProcess::start).transpose()?;
        let setting =
            Setting { fault, redis: redis.as_ref().map(RedisProcess::url), ..Setting::default() };
        let mut first = HubProcess::start(program, setting)?;
        first.reachable().await?;
        let mut hubs = vec![first];
        if redis.is_some() {
            let mut second = hubs.first().context("a hub")?.start_beside()?;
            second.reachable().await?;
            hubs.push(second);
        }
        Ok(Self { hubs, redis, target, dead_ms })
    }

    /// The hub that owns the database.
    pub(super) fn first(&self) -> Result<&HubProcess> {
        self.hubs.first().context("a hub")
    }

    /// Where clients go.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.hubs.iter().map(|hub| hub.address).collect()
    }

    /// An error when a hub has ended by itself.
    pub(super) fn still_runs(&mut self) -> Result<()> {
        self.hubs.iter_mut().try_for_each(HubProcess::still_runs)
    }

    /// Kills the target once; what does not come back by itself is started again.
    pub(super) async fn kill(&mut self, rng: &mut StdRng) -> Result<()> {
        let hub = self.hubs.first_mut().context("a hub")?;
        match self.target {
            Target::Hub => {
                hub.kill()?;
                hub.restart()
            }
            Target::Postgres => {
                ensure!(hub.kill_database()? > 1, "the database was not running");
                Ok(())
            }
            Target::Redis => {
                let redis = self.redis.as_mut().context("a Redis")?;
                redis.kill()?;
                let dead_ms = self.dead_ms.unwrap_or_else(|| rng.random_range(DEAD_MS));
                sleep(Duration::from_millis(dead_ms)).await;
                redis.restart()
            }
        }
    }

    /// The end of every hub's log, for an error message.
    pub(super) fn log_tail(&self) -> String {
        self.hubs.iter().map(HubProcess::log_tail).collect::<Vec<_>>().join("---\n")
    }
}
