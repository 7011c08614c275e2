//! `hub conformance`: the server that public SDK suites run against.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, Mode};
use crate::conformance::{ConformanceServer, Presence, Profile, Settings, StoreKind};

/// Where the public suites look for it.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);

#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct ConformanceArguments {
    /// Which access rules hold.
    #[arg(long, value_enum)]
    profile: Profile,
    /// Where the log is kept; thrown away at the end.
    #[arg(long, value_enum)]
    store: StoreKind,
    /// Whether presence is answered.
    #[arg(long, value_enum, default_value = "on")]
    presence: Presence,
    /// Address to listen on, a loopback one.
    #[arg(long, default_value_t = LISTEN)]
    listen: SocketAddr,
}

/// Serves until told to stop.
pub(super) fn conformance(
    config: Option<&Path>,
    arguments: ConformanceArguments,
) -> anyhow::Result<()> {
    refuse_production(config, std::env::var("HUB__MODE").ok().as_deref())?;
    let ConformanceArguments { profile, store, presence, listen } = arguments;
    anyhow::ensure!(
        listen.ip().is_loopback(),
        "the conformance mode lets anyone do anything; it listens on a loopback address only"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(Settings { profile, store, presence }, listen))
}

/// The mode takes nothing from a configuration; one of a real installation means a mistake.
fn refuse_production(config: Option<&Path>, mode: Option<&str>) -> anyhow::Result<()> {
    let given = match config {
        Some(path) => Config::load(Some(path))?.mode == Mode::Production,
        None => mode == Some("production"),
    };
    anyhow::ensure!(!given, "the conformance mode is refused where a production config is given");
    Ok(())
}

async fn serve(settings: Settings, listen: SocketAddr) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let server = ConformanceServer::start(settings, listen).await?;
    println!("conformance mode on http://{}/", server.address);
    tokio::select! {
        done = tokio::signal::ctrl_c() => done?,
        _ = terminate.recv() => {}
    }
    server.stop().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(mode: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::with_suffix(".toml").expect("temporary file");
        std::fs::write(file.path(), format!("mode = \"{mode}\"\n")).expect("written");
        file
    }

    #[test]
    fn a_production_config_is_refused() {
        let production = with("production");
        assert!(refuse_production(Some(production.path()), None).is_err());
        assert!(refuse_production(None, Some("production")).is_err());
        assert!(refuse_production(Some(with("dev").path()), None).is_ok());
        assert!(refuse_production(None, None).is_ok());
    }
}
