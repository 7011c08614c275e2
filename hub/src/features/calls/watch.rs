//! The hub's eye on calls: keeps its media server running, and every few seconds looks who is in
//! the open calls.

use std::time::Duration;

use signaling::PersonId;
use signaling::limits::{CALL_HAND_ABSENT_S_MAX, CALL_LOOK_MS};

use super::media::MediaServer;
use super::types::Call;
use super::{end, process, queries, rules};
use crate::app::App;
use crate::error::Result;
use crate::features::chat;

/// Runs until the hub stops. The media server goes on.
pub async fn run(app: App) {
    let Some(media) = &app.media else { return };
    tokio::select! {
        () = app.stopping.cancelled() => {}
        () = process::keep_running(&app, media) => {}
        () = look_on(&app, media) => {}
    }
}

async fn look_on(app: &App, media: &MediaServer) {
    let mut looks = tokio::time::interval(Duration::from_millis(CALL_LOOK_MS));
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = media.asked_to_look() => {}
        }
        if let Err(error) = look(app, media).await {
            tracing::warn!(%error, "failed to look into the open calls");
        }
    }
}

/// One look into every open call, beside the regular ones; tests do not wait for those.
pub async fn look_now(app: &App) -> Result<()> {
    match &app.media {
        Some(media) => look(app, media).await,
        None => Ok(()),
    }
}

/// One look into every open call.
async fn look(app: &App, media: &MediaServer) -> Result<()> {
    let calls = {
        let mut connection = app.db.acquire().await?;
        queries::open(&mut connection).await?
    };
    for call in calls {
        look_into(app, media, &call).await?;
    }
    Ok(())
}

async fn look_into(app: &App, media: &MediaServer, call: &Call) -> Result<()> {
    let Some(mut seen) = media.participants(call.id, app.clock.now()).await? else {
        // The room may be gone from a server that lost it while people are on their way back.
        if rules::is_over(call.busy_at, app.clock.now()) {
            return end(app, call, PersonId::SYSTEM).await;
        }
        return media.create_room(call.id, app.clock.now()).await;
    };
    let outsiders = {
        let mut connection = app.db.acquire().await?;
        queries::outsiders(&mut connection, call.id).await?
    };
    for person in &outsiders {
        media.remove(call.id, *person, app.clock.now()).await?;
    }
    seen.retain(|one| !outsiders.contains(&one.person));
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    queries::seen(&mut transaction, call.id, &seen, now).await?;
    queries::looked(&mut transaction, call.id, !seen.is_empty(), now).await?;
    let patience = now - time::Duration::seconds(CALL_HAND_ABSENT_S_MAX);
    let lowered = queries::lower_hands_of_absent(&mut transaction, call.id, patience).await?;
    transaction.commit().await?;
    if lowered {
        chat::call_changed(app, call.room);
    }
    if seen.is_empty() && rules::is_over(call.busy_at, now) {
        end(app, call, PersonId::SYSTEM).await?;
        media.delete_room(call.id, now).await?;
    }
    Ok(())
}
