//! The clock of the threads: waits end, reminders rise, terms end; any node does it, once.

use std::time::Duration;

use signaling::limits::{THREAD_CLOCK_INTERVAL_MS, THREAD_CLOCK_ROWS_MAX};

use super::rules::Step;
use super::steps::{self, Given, Taker};
use super::types::Actor;
use super::{directory, directory_queries, queries};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::policies::day_of;

/// Looks at what is due until the hub stops.
pub async fn run(app: App) {
    let mut beat = tokio::time::interval(Duration::from_millis(THREAD_CLOCK_INTERVAL_MS));
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = run_due(&app).await {
            tracing::warn!(%error, "failed to look at the threads that are due");
        }
    }
}

/// Does everything that is due; returns how many threads were looked at.
pub async fn run_due(app: &App) -> Result<usize> {
    let today = day_of(app.clock.now());
    let mut connection = app.db.acquire().await?;
    let over = directory_queries::over(&mut connection, (today, THREAD_CLOCK_ROWS_MAX)).await?;
    drop(connection);
    for delegate in over {
        match directory::end_term(app, None, (delegate, "任期届满")).await {
            Ok(()) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    // What a hub that was stopped half-way left behind.
    let mut connection = app.db.acquire().await?;
    let left = directory_queries::left_behind(&mut connection, THREAD_CLOCK_ROWS_MAX).await?;
    let due = queries::due(&mut connection, (today, THREAD_CLOCK_ROWS_MAX)).await?;
    drop(connection);
    for delegate in left {
        directory::succeed(app, delegate).await?;
    }
    let taker = Taker { actor: Actor::Clock, person: None };
    for thread in &due {
        match steps::take(app, taker, (*thread, Step::Tick), Given::default()).await {
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(due.len())
}
