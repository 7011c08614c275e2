//! The `sfu` command.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sfu::config::{Config, LogFormat};

/// The media server of Lianxin.
#[derive(Debug, Parser)]
#[command(version)]
struct Command {
    /// The operator's configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Development: 127.0.0.1:7880, known keys, automatic rooms. Refused with a production file.
    #[arg(long)]
    dev: bool,
}

fn main() -> ExitCode {
    match run(&Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sfu: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    let config = if command.dev {
        Config::dev(command.config.as_deref())?
    } else {
        Config::load(command.config.as_deref())?
    };
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.init(),
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let running = sfu::start(config).await?;
        tracing::info!(http.address = %running.http, media.address = %running.media, "serving");
        running.until(stopped()).await
    })
}

/// Resolves at SIGINT or SIGTERM.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
