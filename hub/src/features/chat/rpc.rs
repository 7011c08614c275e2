//! The calls of the chat over the socket.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use signaling::rpc::chat::AskPresence;
use signaling::{PersonId, RefusalCode};

use super::{marks, reading};
use crate::app::App;
use crate::error::{Error, Fault, Result};

/// Every method of this capability.
pub const METHODS: &[&str] = &[
    "messages.page",
    "msg.edit",
    "msg.edits",
    "msg.send",
    "msg.withdraw",
    "pin.list",
    "pin.set",
    "presence.get",
    "presence.set",
    "react.set",
    "read.by",
    "read.mark",
    "room.list",
    "room.members",
    "sync",
];

/// Answers a call with the JSON of its result.
pub async fn call(app: &App, caller: PersonId, method: &str, data: &[u8]) -> Result<Bytes> {
    match method {
        "messages.page" => super::page(app, caller, &read(data)?).await,
        "msg.edit" => json(&super::edit(app, caller, read(data)?).await?),
        "msg.edits" => json(&reading::edits(app, caller, &read(data)?).await?),
        "msg.send" => json(&super::send(app, caller, read(data)?).await?),
        "msg.withdraw" => json(&super::withdraw(app, caller, read(data)?).await?),
        "pin.list" => json(&marks::pins(app, caller, &read(data)?).await?),
        "pin.set" => json(&marks::pin(app, caller, read(data)?).await?),
        "presence.get" => {
            let AskPresence {} = read(data)?;
            json(&reading::presence(app, caller).await?)
        }
        "presence.set" => json(&reading::set_presence(app, caller, read(data)?).await?),
        "react.set" => json(&marks::react(app, caller, read(data)?).await?),
        "read.by" => json(&reading::readers(app, caller, &read(data)?).await?),
        "read.mark" => json(&super::mark_read(app, caller, &read(data)?).await?),
        "room.list" => json(&super::list(app, caller).await?),
        "room.members" => json(&super::members(app, caller, &read(data)?).await?),
        "sync" => json(&super::sync(app, caller, read(data)?).await?),
        _ => {
            let detail = format!("no call named {method:?}; the protocol document lists them");
            Err(Error::refuse(RefusalCode::UnknownMethod, detail))
        }
    }
}

fn read<T: DeserializeOwned>(data: &[u8]) -> Result<T> {
    serde_json::from_slice(data)
        .map_err(|error| Error::refuse(RefusalCode::InvalidInput, error.to_string()))
}

/// A result as the client gets it.
pub(super) fn json(result: &impl serde::Serialize) -> Result<Bytes> {
    Ok(Bytes::from(serde_json::to_vec(result).map_err(Fault::new)?))
}
