//! The clock of the posts: waits end, levels rise; any node does it, once.

use std::time::Duration;

use signaling::limits::{BOARD_CLOCK_INTERVAL_MS, BOARD_CLOCK_ROWS_MAX};

use super::queries;
use super::rules::Step;
use super::steps::{self, Given, Taker};
use super::types::Actor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::policies::day_of;

/// Looks at what is due until the hub stops.
pub async fn run(app: App) {
    let mut beat = tokio::time::interval(Duration::from_millis(BOARD_CLOCK_INTERVAL_MS));
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = run_due(&app).await {
            tracing::warn!(%error, "failed to look at the board posts that are due");
        }
    }
}

/// Does everything that is due; returns how many posts were looked at.
pub async fn run_due(app: &App) -> Result<usize> {
    let today = day_of(app.clock.now());
    let mut connection = app.db.acquire().await?;
    let due = queries::due(&mut connection, today, BOARD_CLOCK_ROWS_MAX).await?;
    drop(connection);
    let taker = Taker { actor: Actor::Clock, person: None };
    for number in &due {
        match steps::take(app, taker, (*number, Step::Tick), Given::default()).await {
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(due.len())
}
