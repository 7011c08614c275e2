//! `scenario`: seeded load from a TOML file on a real hub with its real database, one figure per
//! line and one JSON document. The hub runs on the first core, the load on the second, so that the
//! figures of one run can be compared with each other and with the floor measured beside them.

mod accept;
mod crowd;
mod fan_out;
mod floor;
mod half_open;
mod history;
mod idle;
mod storm;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use sqlx::types::time::OffsetDateTime;

use crate::process::{HubProcess, Setting, hub_beside_us};

/// The processor of the hub, its database and the floor; `make load` keeps the load on the other.
pub(super) const HUB_CORE: usize = 0;

/// Runs scenario files one after the other.
#[derive(Debug, clap::Args)]
pub struct Scenarios {
    /// Files as in load-tests/scenarios.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The hub program; by default the one beside this program.
    #[arg(long)]
    hub: Option<PathBuf>,
    /// Where the JSON document goes; default: nowhere.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What a scenario does. Every number has its unit in its name.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Scenario {
    /// Members of rooms write at a fixed rate; everyone gets everything.
    FanOut { seed: u64, rooms: usize, members_per_room: usize, messages_per_s: u32, seconds: u32 },
    /// Sends in a closed loop: answered means committed.
    DurableAccept { seed: u64, rooms: usize, senders: usize, under_way: usize, seconds: u32 },
    /// Signed-in sockets that do nothing.
    Idle { sockets: usize },
    /// Everyone is cut at once, misses some and comes back at once.
    Storm { members: usize, missed: usize },
    /// Sockets that never sign in, and a member beside them.
    HalfOpen { sockets: usize },
    /// Pages of a long room.
    History { events: usize, readers: usize, under_way: usize, seconds: u32 },
}

/// The figures of one scenario.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    scenario: String,
    setting: Scenario,
    /// Seconds since 1970.
    at: i64,
    /// Mean number of running processes of the last minute when it began.
    load: f64,
    figures: BTreeMap<&'static str, f64>,
}

/// Named figures, in the order of their names.
pub(super) type Figures = BTreeMap<&'static str, f64>;

impl Scenarios {
    /// Runs them all; the error names the first that did less than asked.
    pub async fn run(self) -> Result<()> {
        let program = self.hub.clone().map_or_else(hub_beside_us, Ok)?;
        let mut reports = Vec::new();
        for file in &self.files {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("read {}", file.display()))?;
            let setting: Scenario =
                toml::from_str(&text).with_context(|| format!("read {}", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let load = crate::usage::load_average()?;
            println!("{name}: {setting:?}; load of the machine {load}");
            let mut hub = HubProcess::start(
                &program,
                Setting { core: Some(HUB_CORE), ..Setting::default() },
            )?;
            let outcome = setting.measure(&mut hub).await;
            let figures =
                outcome.with_context(|| format!("{name}; the hub's log:\n{}", hub.log_tail()))?;
            for (figure, value) in &figures {
                println!("  {figure:<32} {value:.3}");
            }
            let at = OffsetDateTime::now_utc().unix_timestamp();
            reports.push(Report { scenario: name, setting, at, load, figures });
        }
        if let Some(path) = &self.json {
            std::fs::write(path, serde_json::to_vec_pretty(&reports)?)
                .with_context(|| format!("write {}", path.display()))?;
        }
        Ok(())
    }
}

impl Scenario {
    async fn measure(&self, hub: &mut HubProcess) -> Result<Figures> {
        match *self {
            Self::FanOut { seed, rooms, members_per_room, messages_per_s, seconds } => {
                let plan = fan_out::Plan { seed, rooms, members_per_room, messages_per_s, seconds };
                fan_out::measure(hub, plan).await
            }
            Self::DurableAccept { seed, rooms, senders, under_way, seconds } => {
                let plan = accept::Plan { seed, rooms, senders, under_way, seconds };
                accept::measure(hub, plan).await
            }
            Self::HalfOpen { sockets } => half_open::measure(hub, sockets).await,
            Self::Idle { sockets } => idle::measure(hub, sockets).await,
            Self::Storm { members, missed } => storm::measure(hub, members, missed).await,
            Self::History { events, readers, under_way, seconds } => {
                let plan = history::Plan { events, readers, under_way, seconds };
                history::measure(hub, plan).await
            }
        }
    }
}

/// The value below which `share` of the sorted milliseconds lie.
pub(super) fn percentile(sorted_ms: &[f64], share: f64) -> f64 {
    let last = sorted_ms.len().saturating_sub(1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
    let at = (count(last) * share).round() as usize;
    sorted_ms.get(at.min(last)).copied().unwrap_or_default()
}

/// A count as a number to calculate with.
pub(super) fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

/// Sorts latencies and names their median and tail.
pub(super) fn latencies(figures: &mut Figures, mut ms: Vec<f64>) -> Result<()> {
    ensure!(!ms.is_empty(), "nothing was measured");
    ms.sort_by(f64::total_cmp);
    figures.insert("p50_ms", percentile(&ms, 0.5));
    figures.insert("p99_ms", percentile(&ms, 0.99));
    Ok(())
}
