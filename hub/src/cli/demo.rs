//! `hub demo`: fill an empty database with invented people, or say how to sign in to it.

use std::path::Path;

use anyhow::Context as _;
use signaling::event::chat::RoomRole;
use time::Date;
use time::macros::format_description;

use crate::app::{Clock as _, SystemClock};
use crate::config::{Config, Mode};
use crate::features::demo::{self, DemoSignIn, Place, Plan};
use crate::keys::{Keys, Missing};
use crate::store::{Durability, Store};
use crate::timeline::{self, LaneSettings, PostgresLog};

#[derive(Debug, clap::Args)]
pub(super) struct DemoArguments {
    /// How many people, 3 to 10000; twelve to a party group.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(3..=10_000))]
    members: u16,
    /// The same number and start give the same data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Day as YYYY-MM-DD; default: Monday of this week.
    #[arg(long)]
    start: Option<String>,
}

/// Makes the data in the database of the configuration.
pub(super) fn demo(config: Option<&Path>, arguments: &DemoArguments) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    anyhow::ensure!(config.mode == Mode::Dev, "demo data is refused in production mode");
    let mut plan = Plan::of_week(SystemClock::start().now());
    (plan.members, plan.seed) = (arguments.members, arguments.seed);
    if let Some(text) = &arguments.start {
        plan.start = Date::parse(text, format_description!("[year]-[month]-[day]"))
            .context("read --start")?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sign_ins = runtime.block_on(make(&config, plan))?;
    print!("{}", sentences(&sign_ins));
    Ok(())
}

async fn make(config: &Config, plan: Plan) -> anyhow::Result<Vec<DemoSignIn>> {
    let store = Store::open(config, Durability::Required).await?;
    let now = SystemClock::start().now();
    let keys = Keys::load(&config.data_dir, Missing::Make { now })?;
    // Nobody listens here: hubs that run find the events by their comparison.
    let (feed, fed) = timeline::feed();
    drop(fed);
    let timeline = PostgresLog::start(store.pool.clone(), feed, LaneSettings::default());
    let place = Place { db: &store.pool, keys: &keys, timeline: &timeline };
    let sign_ins = demo::ensure(place, plan, now).await?;
    drop(timeline);
    store.close().await;
    Ok(sign_ins)
}

/// What a person at the terminal reads.
pub(super) fn sentences(sign_ins: &[DemoSignIn]) -> String {
    let mut text = String::from("演示数据 demo data, sign in with:\n");
    for one in sign_ins {
        let role = match one.role {
            RoomRole::Leader => "组长 group leader",
            RoomRole::Member => "流动党员 mobile member",
        };
        text.extend(["  ", &one.phone, "  ", &one.name, " (", role, ")\n"]);
    }
    text.push_str("验证码显示在此终端 one-time codes appear on this terminal\n");
    text
}
