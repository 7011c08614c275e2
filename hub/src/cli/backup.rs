//! `hub backup`, `hub backup verify` and `hub restore`.

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::app::{Clock as _, SystemClock};
use crate::config::Config;
use crate::store::backup::{self, BackupError};

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum BackupAction {
    /// Restore the newest backup into a scratch folder and compare every room with what was there.
    Verify {
        /// Change one event before comparing: the proof must then fail.
        #[arg(long)]
        control: bool,
    },
}

/// When to go back to.
#[derive(Debug, clap::Args)]
pub(super) struct RestoreArguments {
    /// Moment as in RFC 3339, e.g. 2026-11-24T19:30:00+08:00; default: everything there is.
    #[arg(long)]
    to: Option<String>,
}

/// Copies the running database, or proves the newest copy.
pub(super) fn backup(config: Option<&Path>, action: Option<BackupAction>) -> anyhow::Result<()> {
    let config = embedded(config)?;
    let (data_dir, settings) = (&config.data_dir, &config.backup);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let clock = SystemClock::start();
    match action {
        None => {
            let taken = runtime.block_on(backup::take(data_dir, settings, || clock.now()))?;
            println!(
                "{}: {} rooms, {} events; the keys in {} are not part of it, copy them apart",
                taken.base.display(),
                taken.rooms,
                taken.events,
                data_dir.join("keys").display()
            );
        }
        Some(BackupAction::Verify { control }) => {
            let proved = runtime.block_on(backup::verify(data_dir, settings, control));
            if control {
                let Err(BackupError::Differs(why)) = proved else {
                    anyhow::bail!("control: the spoilt copy was not noticed: {proved:?}");
                };
                anyhow::bail!("control: noticed as it must be: {why}");
            }
            let proved = proved?;
            println!(
                "{} was restored: {} rooms and {} events are the same as when it was made",
                proved.base.display(),
                proved.rooms,
                proved.events
            );
        }
    }
    Ok(())
}

/// Makes the database anew from the backups.
pub(super) fn restore(config: Option<&Path>, arguments: &RestoreArguments) -> anyhow::Result<()> {
    let config = embedded(config)?;
    let to = arguments.to.as_deref().map(|text| OffsetDateTime::parse(text, &Rfc3339));
    let to = to.transpose().context("read --to")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let base = runtime.block_on(backup::restore(&config.data_dir, &config.backup, to))?;
    println!(
        "restored {} from {} and the log after it; put the keys back, then `hub run`",
        config.data_dir.display(),
        base.display()
    );
    Ok(())
}

fn embedded(config: Option<&Path>) -> anyhow::Result<Config> {
    let config = Config::load(config)?;
    anyhow::ensure!(
        config.database.url.is_empty(),
        "database.url names a database of your own: back it up with its own tools"
    );
    Ok(config)
}
