//! Load and crash tests against real hub processes, through the doors that clients use.

#![expect(clippy::disallowed_methods, reason = "a load tool lives by the machine's clock")]

mod canary;
mod client;
mod crash_rounds;
mod floor;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "members are removed in the simulation alone, which shares this")
)]
mod history;
mod population;
mod process;
mod redis;
mod scenarios;
mod usage;

use std::process::ExitCode;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "load-tests", about)]
enum Command {
    Canary(canary::Canary),
    CrashRounds(crash_rounds::CrashRounds),
    Scenario(scenarios::Scenarios),
    #[command(hide = true, subcommand)]
    Floor(floor::Floor),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Canary(canary) => canary.run().await,
        Command::CrashRounds(crash_rounds) => crash_rounds.run().await,
        Command::Scenario(scenarios) => scenarios.run().await,
        Command::Floor(floor) => floor.run().await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load-tests: {error:#}");
            ExitCode::FAILURE
        }
    }
}
