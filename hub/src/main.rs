//! The `hub` command.

use std::process::ExitCode;

use clap::Parser as _;
use hub::cli::Command;

fn main() -> ExitCode {
    match Command::parse().execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hub: {error:#}");
            ExitCode::FAILURE
        }
    }
}
