//! `hub demo`: fill an empty database with invented people, or say how to sign in to it.

use std::path::Path;

use anyhow::Context as _;
use time::Date;
use time::macros::format_description;

use crate::app::{Clock as _, SystemClock};
use crate::config::{Config, Mode};
use crate::features::accounts;
use crate::features::demo::{self, Demo, DemoRole, Place, Plan};
use crate::keys::{Keys, Missing};
use crate::store::{Durability, Store};
use crate::timeline::{self, LaneSettings, PostgresLog};

#[derive(Debug, clap::Args)]
pub(super) struct DemoArguments {
    /// How many members, 40 to 10000.
    #[arg(long, default_value_t = demo::MEMBERS,
          value_parser = clap::value_parser!(u16).range(i64::from(demo::MEMBERS_MIN)..=i64::from(demo::MEMBERS_MAX)))]
    members: u16,
    /// The same number, start and members give the same data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Day as YYYY-MM-DD; default: Monday of this week.
    #[arg(long)]
    start: Option<String>,
    /// Make nothing; print the present code of the second factor of this number.
    #[arg(long, value_name = "NUMBER")]
    second_factor: Option<String>,
}

/// Makes the data in the database of the configuration.
pub(super) fn demo(config: Option<&Path>, arguments: &DemoArguments) -> anyhow::Result<()> {
    let now = SystemClock::start().now();
    if let Some(phone) = &arguments.second_factor {
        let secret = demo::second_factor(arguments.seed, phone);
        println!("{}", code(&secret, now));
        return Ok(());
    }
    let config = Config::load(config)?;
    anyhow::ensure!(config.mode == Mode::Dev, "demo data is refused in production mode");
    let mut plan = Plan::of_week(now);
    (plan.members, plan.seed) = (arguments.members, arguments.seed);
    if let Some(text) = &arguments.start {
        plan.start = Date::parse(text, format_description!("[year]-[month]-[day]"))
            .context("read --start")?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let made = runtime.block_on(make(&config, plan))?;
    print!("{}", sentences(&made, now));
    Ok(())
}

async fn make(config: &Config, plan: Plan) -> anyhow::Result<Demo> {
    let store = Store::open(config, Durability::Required).await?;
    let now = SystemClock::start().now();
    let keys = Keys::load(&config.data_dir, Missing::Make { now })?;
    // Nobody listens here: hubs that run find the events by their comparison.
    let (feed, fed) = timeline::feed();
    drop(fed);
    let timeline = PostgresLog::start(store.pool.clone(), feed, LaneSettings::default());
    let place = Place { db: &store.pool, keys: &keys, timeline: &timeline };
    let made = demo::ensure(place, plan, now).await?;
    drop(timeline);
    store.close().await;
    Ok(made)
}

fn code(secret: &[u8], now: time::OffsetDateTime) -> String {
    accounts::second_factor_code(secret, now.unix_timestamp().div_euclid(30))
}

/// What a person at the terminal reads.
pub(super) fn sentences(made: &Demo, now: time::OffsetDateTime) -> String {
    let mut lines = vec!["演示数据 demo data, sign in with:".to_owned()];
    for one in &made.sign_ins {
        let role = match one.role {
            DemoRole::MobileMember => "流动党员 mobile member, /meetings",
            DemoRole::GroupLeader => "党小组组长 group leader, /meetings",
            DemoRole::Secretary => "支部书记 branch secretary, /meetings and /desk",
            DemoRole::Administrator => "系统管理员 administrator, /admin",
            DemoRole::BoardAuthor => "留言人 author of posts, /board and /track",
            DemoRole::BoardReviewer => "留言审核 reviewer, /desk/board",
            DemoRole::BoardHandler => "承办单位 office, /desk/board and /desk/opinions",
            DemoRole::BoardDecider => "上级复核 decider of appeals, /desk/board",
            DemoRole::Constituent => "群众 constituent, /delegates and /threads",
            DemoRole::Delegate | DemoRole::OtherDelegate => "党代表 delegate, /desk/delegate",
            DemoRole::Liaison => "代表联络机构 liaison office, /desk/liaison",
        };
        lines.push(format!("  {}  {} ({role})", one.phone, one.name));
        if let Some(secret) = &one.second_factor {
            let (shown, present) = (accounts::base32(secret), code(secret, now));
            lines
                .push(format!("      第二因子 second factor: {shown}, code now {present}; later:"));
            let seed = made.plan.seed;
            lines.push(format!("      hub demo --seed {seed} --second-factor {}", one.phone));
        }
    }
    if let Some(code) = &made.invitation {
        lines.push(format!("  加入链接 link to join the joint branch: /join/{code}"));
    }
    if let Some(counts) = &made.counts {
        lines.push(format!(
            "  {} organisations, {} members ({} away), {} requests to join, {} messages, {} meetings",
            counts.organisations,
            counts.members,
            counts.mobile,
            counts.joins,
            counts.messages,
            counts.meetings
        ));
        lines.push(format!(
            "  seed {}, start {}, checksum {}",
            made.plan.seed, made.plan.start, counts.checksum
        ));
    }
    lines.push("验证码显示在此终端 one-time codes appear on this terminal\n".to_owned());
    lines.join("\n")
}
