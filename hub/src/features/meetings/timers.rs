//! The clock of the meetings: sign-ins open, meetings without quorum are given up, lamps change; any
//! node does it, once.

use std::time::Duration;

use signaling::limits::{MEETING_CLOCK_INTERVAL_MS, MEETING_CLOCK_ROWS_MAX};
use sqlx::PgConnection;

use super::steps::Ground;
use super::{queries, running};
use crate::app::App;
use crate::error::{Error, Result};

/// Looks at what is due until the hub stops.
pub async fn run(app: App) {
    let mut beat = tokio::time::interval(Duration::from_millis(MEETING_CLOCK_INTERVAL_MS));
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = run_due(&app).await {
            tracing::warn!(%error, "failed to look at the meetings that are due");
        }
    }
}

/// Does everything that is due; returns how many meetings were looked at.
pub async fn run_due(app: &App) -> Result<usize> {
    let mut looking = app.db.begin().await?;
    if !queries::share_clock(&mut looking).await? {
        return Ok(0);
    }
    let mut connection = app.db.acquire().await?;
    let rows = (app.clock.now(), MEETING_CLOCK_ROWS_MAX);
    let due = queries::due(&mut connection, rows).await?;
    drop(connection);
    for meeting in &due {
        match running::tick(Ground::of(app), *meeting).await {
            Ok(()) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    drop(looking);
    Ok(due.len())
}

/// Until the transaction ends no node looks at the meetings: they are made on another clock.
pub async fn hold_clock(connection: &mut PgConnection) -> Result<()> {
    Ok(queries::hold_clock(connection).await?)
}
