//! `hub run`: serve until told to stop.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use super::Control;
use crate::app::{Chance, Clock as _, SystemClock};
use crate::auth::Access;
use crate::bus;
use crate::config::{Config, LogFormat, Mode};
use crate::error::Error;
use crate::features::demo::{self, Place, Plan};
use crate::keys::{Keys, Missing};
use crate::server::{Parts, Server};
use crate::store::Store;

/// Loads the configuration, starts the log and serves.
pub fn run(config: Option<&Path>, control: Option<Control>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    start_log(&config)?;
    if let Some(control) = control {
        control.announce(&config)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config, control))
}

async fn serve(config: Config, control: Option<Control>) -> anyhow::Result<()> {
    let store = Store::open(&config, Control::durability(control)).await?;
    let clock = SystemClock::start();
    let missing = match config.mode {
        Mode::Dev => Missing::Make { now: clock.now() },
        Mode::Production => Missing::Refuse,
    };
    let keys = Keys::load(&config.data_dir, missing)?;
    let listen = config.http.listen;
    let server = Server::start(Parts {
        db: store.pool.clone(),
        keys,
        clock: Arc::new(clock),
        chance: Chance::from_os(),
        access: Access::embedded()?,
        answer_at: Control::answer_at(control),
        compares: Control::compares(control),
        program: std::env::current_exe()?,
        bus: bus::join(&config.bus)?,
        config,
    })
    .await
    .with_context(|| format!("listen on {listen}"))?;
    tracing::info!(listen = %server.address, "serving");
    if server.app.config.demo_data {
        show_demo(&server).await?;
    }
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done?,
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    server.stop().await;
    store.close().await;
    Ok(())
}

/// Makes demo data in an empty database and says how to sign in. A database that holds other
/// people is served as it is.
async fn show_demo(server: &Server) -> anyhow::Result<()> {
    let app = &server.app;
    let place = Place { db: &app.db, keys: &app.keys, timeline: app.timeline.as_ref() };
    let now = app.clock.now();
    match demo::ensure(place, Plan::of_week(now), now).await {
        Ok(made) => {
            let scheme = if app.config.http.speaks_tls() { "https" } else { "http" };
            println!("\n{scheme}://{}/", server.address);
            print!("{}", super::demo::sentences(&made, now));
        }
        Err(Error::Refused(refusal)) => tracing::info!(reason = %refusal.detail, "no demo data"),
        Err(Error::Fault(fault)) => return Err(fault.into()),
    }
    Ok(())
}

/// Starts the operational log once per process.
fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)?;
    let terminal = std::io::stdout().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(terminal);
    match config.log.format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => builder.init(),
    }
    Ok(())
}
