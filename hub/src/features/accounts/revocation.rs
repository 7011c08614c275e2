//! Ends the sockets of revoked devices: at once where the command ran, within a second on other
//! nodes, which hear of it from the database, and with the next comparison where they did not.

use signaling::limits::REVOKED_LOOK_BACK_S;
use signaling::{DeviceId, PersonId};
use sqlx::postgres::PgListener;
use time::{Duration, OffsetDateTime};

use super::queries;
use crate::app::App;
use crate::error::Result;

/// Follows the database's notifications until the hub stops. A lost connection is made anew; what
/// was missed meanwhile is found by [`end_revoked`].
pub async fn listen(app: App) {
    while !app.drained.is_cancelled() {
        let followed = tokio::select! {
            followed = follow(&app) => followed,
            () = app.drained.cancelled() => return,
        };
        if let Err(error) = followed {
            tracing::warn!(%error, "lost the notifications of revoked devices");
        }
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {}
            () = app.drained.cancelled() => return,
        }
    }
}

async fn follow(app: &App) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&app.db).await?;
    listener.ignore_pool_close_event(true);
    listener.listen(queries::REVOKED).await?;
    loop {
        let notification = listener.recv().await?;
        if let Some((person, device)) = read(notification.payload()) {
            app.fanout.end_device(person, device);
            if let Some(media) = &app.media {
                media.look_soon();
            }
        }
    }
}

fn read(payload: &str) -> Option<(PersonId, DeviceId)> {
    let (person, device) = payload.split_once(' ')?;
    Some((person.parse().ok()?, device.parse().ok()?))
}

/// Ends what was revoked after `since`, the time of the last complete look. It looks back further
/// than that: another node's clock may be behind, and a transaction commits after it took its time.
pub async fn end_revoked(app: &App, since: OffsetDateTime) -> Result<(), sqlx::Error> {
    let moment = since - Duration::seconds(REVOKED_LOOK_BACK_S);
    for (person, device) in app.devices.closed_after(moment).await? {
        match device {
            Some(device) => app.fanout.end_device(person, device),
            None => app.fanout.end_person(person),
        }
    }
    Ok(())
}
