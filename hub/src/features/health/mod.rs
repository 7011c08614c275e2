//! How the installation is, for the people who look after it: versions, sizes and numbers, no name
//! and no text.

mod queries;
mod routes;

use signaling::http::administration::Health;

pub use self::routes::router;
use crate::app::App;
use crate::error::Result;

/// How the installation is now, as this node sees it.
pub(crate) async fn read(app: &App) -> Result<Health> {
    let now = app.clock.now();
    let counts = queries::counts(&app.db, now).await?;
    Ok(Health {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now,
        current: !app.fanout.is_held(),
        database: counts.database,
        database_bytes: counts.database_bytes,
        sends_waiting: i64::try_from(app.timeline.waiting()).unwrap_or(i64::MAX),
        people: counts.people,
        organisations: counts.organisations,
        rooms: counts.rooms,
        events: counts.events,
        devices_today: counts.devices_today,
        joins_overdue: counts.joins_overdue,
        calendar_years: counts.calendar_years,
    })
}
