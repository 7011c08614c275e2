//! The clock of the cases: reminders and flags fall due, any node does them, once.

use std::time::Duration;

use signaling::limits::JOIN_CLOCK_INTERVAL_MS;

use super::queries;
use super::rules::Step;
use super::steps::{self, Given};
use crate::app::App;
use crate::error::{Error, Result};

/// Looks at what is due until the hub stops.
pub async fn run(app: App) {
    let mut beat = tokio::time::interval(Duration::from_millis(JOIN_CLOCK_INTERVAL_MS));
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = run_due(&app).await {
            tracing::warn!(%error, "failed to look at the requests to join that are due");
        }
    }
}

/// Does everything that is due; returns how many cases were looked at. A case that somebody else
/// changes at the same moment is left for the next time.
pub async fn run_due(app: &App) -> Result<usize> {
    let mut connection = app.db.acquire().await?;
    let due = queries::due(&mut connection, app.clock.now()).await?;
    drop(connection);
    for id in &due {
        match steps::take_alone(app, None, (*id, Step::Tick), Given::default()).await {
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(due.len())
}
