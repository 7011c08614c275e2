//! `hub run`: serve until told to stop.

use std::path::Path;

use super::Control;
use crate::config::{Config, LogFormat};

/// Loads the configuration, starts the log and serves.
pub fn run(config: Option<&Path>, control: Option<Control>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    start_log(&config)?;
    if let Some(control) = control {
        control.announce(&config)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))
}

#[expect(clippy::unused_async, reason = "the door awaits here")]
async fn serve(config: Config) -> anyhow::Result<()> {
    tracing::info!(listen = %config.http.listen, "serving");
    Ok(())
}

/// Starts the operational log once per process.
pub fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    match config.log.format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => builder.init(),
    }
    Ok(())
}
