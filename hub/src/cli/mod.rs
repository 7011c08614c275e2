//! The command line: one file per command.

mod run;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// The Lianxin hub.
#[derive(Debug, Parser)]
#[command(name = "hub", version, about)]
pub struct Command {
    /// Configuration file over the defaults.
    #[arg(long, global = true, env = "HUB_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve (the default).
    Run,
    /// Print the JSON schema of the configuration.
    ConfigSchema,
}

impl Command {
    /// Does what was asked; the error is for the person at the terminal.
    pub fn execute(self) -> anyhow::Result<()> {
        match self.action.unwrap_or(Action::Run) {
            Action::Run => run::run(self.config.as_deref()),
            Action::ConfigSchema => {
                let schema = schemars::schema_for!(crate::config::Config);
                println!("{}", serde_json::to_string_pretty(&schema)?);
                Ok(())
            }
        }
    }
}
