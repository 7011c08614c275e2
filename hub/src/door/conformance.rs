//! The door of the conformance mode: the chat socket, and a small interface for test suites.
//!
//! Calls are `POST /api/<name>` with a JSON body and the header `X-API-Key`; answers are
//! `{"result":…}` or `{"error":{"code","message"}}`, as the suites' reference server gives them.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use signaling::chat::codes::{Disconnect, ErrorCode, ReplyError, Unsubscribe};
use signaling::chat::command::{HistoryRequest, StreamPosition};
use signaling::chat::frame::encode;
use signaling::chat::reply::{HistoryResult, Reply};
use signaling::{DeviceId, PersonId};
use uuid::Uuid;

use super::chat_socket::{self, Refuse};
use crate::app::App;
use crate::conformance::{Conformance, channels, person};
use crate::fanout::{Close, Item};

/// The key that suites send.
const API_KEY: &str = "test-api-key";

/// Everything a hub in this mode answers.
pub fn router(app: App) -> Router {
    let api = Router::new().route("/api/{call}", post(call)).layer(from_fn(keyed));
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/connection/websocket", get(chat_socket::open))
        .merge(api)
        .with_state(app)
}

/// Only for those who know the key.
async fn keyed(request: Request, next: Next) -> Response {
    let key = request.headers().get("x-api-key");
    if key.is_some_and(|key| key.as_bytes() == API_KEY.as_bytes()) {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, "the key is missing or wrong\n").into_response()
    }
}

/// The body of any call; each uses its part.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Call {
    channel: String,
    data: Option<Box<RawValue>>,
    user: String,
    client: String,
    limit: i32,
    since: Option<StreamPosition>,
    reverse: bool,
    /// Of `disconnect`, `unsubscribe` and `refuse`.
    code: u32,
}

async fn call(
    State(app): State<App>,
    Path(name): Path<String>,
    Json(call): Json<Call>,
) -> Response {
    let Some(rules) = &app.conformance else { return StatusCode::NOT_FOUND.into_response() };
    let answered = match name.as_str() {
        "publish" => publish(&app, rules, &call).await,
        "history" => history(&app, rules, call).await,
        "presence" => presence(rules, &call),
        "presence_stats" => stats(rules, &call),
        "disconnect" => disconnect(&app, &call),
        "unsubscribe" => unsubscribe(rules, &call),
        "message" => message(&app, &call),
        "refuse" => refuse(rules, &call),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let body = match answered {
        Ok(result) => json!({ "result": result }),
        Err(ReplyError { code, message, .. }) => {
            json!({ "error": { "code": code, "message": message } })
        }
    };
    Json(body).into_response()
}

type Answered = Result<Value, ReplyError>;

async fn publish(app: &App, rules: &Conformance, call: &Call) -> Answered {
    let channel = channels::channel(&call.channel)?;
    let data = call.data.as_ref().ok_or(ErrorCode::BadRequest)?;
    let appended = rules.publish(app, channel, data.get().as_bytes(), None).await;
    let appended =
        appended.map_err(|error| Refuse::from(crate::error::Error::from(error)).reply())?;
    let standing = rules.standing(app, channel).await.map_err(|_| ErrorCode::Internal)?;
    Ok(json!({ "offset": appended.seq, "epoch": standing.top.epoch.to_string() }))
}

async fn history(app: &App, rules: &Conformance, call: Call) -> Answered {
    let Call { channel, limit, since, reverse, .. } = call;
    let request = HistoryRequest { channel, limit, since, reverse };
    let channel = channels::channel(&request.channel)?;
    let standing = rules.standing(app, channel).await.map_err(|_| ErrorCode::Internal)?;
    let read = chat_socket::history(app, channel.room, &standing, &request).await;
    result(read.map_err(Refuse::reply)?)
}

/// A result in the JSON of the client protocol.
fn result(history: HistoryResult) -> Answered {
    let reply = Reply { history: Some(history), ..Reply::default() };
    let bytes = encode(signaling::chat::Encoding::Json, &reply);
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| ErrorCode::Internal)?;
    value.get("history").cloned().ok_or_else(|| ErrorCode::Internal.into())
}

fn presence(rules: &Conformance, call: &Call) -> Answered {
    channels::channel(&call.channel)?;
    Ok(json!({ "presence": rules.roster.presence(&call.channel) }))
}

fn stats(rules: &Conformance, call: &Call) -> Answered {
    channels::channel(&call.channel)?;
    Ok(json!(rules.roster.stats(&call.channel)))
}

/// Closes the connections of a user, or one of them, with a code of the protocol.
fn disconnect(app: &App, call: &Call) -> Answered {
    let known = |close: &&Disconnect| u32::from(close.code) == call.code;
    let Disconnect { code, reason } =
        Disconnect::ALL.iter().find(known).ok_or(ErrorCode::BadRequest)?;
    let close = Close { code: *code, reason };
    app.fanout.people.end(who(call), device(call)?, close);
    Ok(json!({}))
}

/// Ends the subscriptions of a user, or of everyone, with a code of the protocol.
fn unsubscribe(rules: &Conformance, call: &Call) -> Answered {
    channels::channel(&call.channel)?;
    let known = |why: &&Unsubscribe| why.code == call.code;
    let why = Unsubscribe::ALL.iter().find(known).ok_or(ErrorCode::BadRequest)?;
    let user = (!call.user.is_empty()).then_some(call.user.as_str());
    for outbox in rules.roster.outboxes(&call.channel, user) {
        let channel = Arc::from(call.channel.as_str());
        outbox.push_own(Item::End { channel, code: why.code, reason: why.reason });
    }
    Ok(json!({}))
}

/// Refuses the next `limit` commands about a channel, or connects and calls where there is none.
fn refuse(rules: &Conformance, call: &Call) -> Answered {
    let known = |code: &&ErrorCode| code.number() == call.code;
    let code = ErrorCode::ALL.iter().find(known).ok_or(ErrorCode::BadRequest)?;
    let times = u32::try_from(call.limit).unwrap_or_default().max(1);
    rules.orders.place(&call.channel, *code, times)?;
    Ok(json!({}))
}

/// A message to the connections of a user.
fn message(app: &App, call: &Call) -> Answered {
    let data = call.data.as_ref().ok_or(ErrorCode::BadRequest)?;
    let json = bytes::Bytes::copy_from_slice(data.get().as_bytes());
    app.fanout.people.message(who(call), None, &json);
    Ok(json!({}))
}

fn who(call: &Call) -> PersonId {
    person(&call.user)
}

fn device(call: &Call) -> Result<Option<DeviceId>, ErrorCode> {
    if call.client.is_empty() {
        return Ok(None);
    }
    let client = Uuid::try_parse(&call.client).map_err(|_| ErrorCode::BadRequest)?;
    Ok(Some(DeviceId(client)))
}
