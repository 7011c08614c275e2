//! Tells open pages of signed-in readers at once that something public moved.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use signaling::RefusalCode;
use signaling::limits::{BOARD_LISTEN_MS_MAX, BOARD_LISTENERS_MAX};
use tokio::time::sleep;

use crate::app::App;
use crate::auth::Caller;
use crate::error::{Error, Result};

#[derive(Deserialize)]
pub(super) struct Since {
    /// The mark that the page knows; without one the answer comes at once.
    since: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Mark {
    mark: u64,
}

/// Answers when the mark is another than the page knows, or after a while. The page then asks for
/// itself and gets what everybody may read.
pub(super) async fn wait(
    State(app): State<App>,
    _caller: Caller,
    Query(query): Query<Since>,
) -> Result<Json<Mark>> {
    let mut moves = app.pages.moves();
    if app.pages.listeners() > BOARD_LISTENERS_MAX {
        let sentence = "too many pages listen; this one looks every 30 seconds";
        return Err(Error::refuse_for(RefusalCode::Unavailable, sentence, 60));
    }
    if query.since == Some(*moves.borrow_and_update()) {
        tokio::select! {
            _ = moves.changed() => {}
            () = sleep(Duration::from_millis(BOARD_LISTEN_MS_MAX)) => {}
            () = app.stopping.cancelled() => {}
        }
    }
    let mark = *moves.borrow();
    Ok(Json(Mark { mark }))
}
