//! Everyone is cut at once, misses the same messages and is back at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use signaling::RoomId;
use tokio::task::JoinSet;

use super::crowd::Field;
use super::floor::{DELIVERY_BYTES, floor};
use super::{Figures, count, latencies};
use crate::client::ws::{ChatSocket, Incoming};
use crate::population::{Population, Someone};
use crate::process::HubProcess;

/// Everyone is back within this, or the run fails.
const BACK_MAX: Duration = Duration::from_mins(1);

pub(super) async fn measure(
    hub: &mut HubProcess,
    members: usize,
    missed: usize,
) -> Result<Figures> {
    let field = Arc::new(Field::prepare(hub, Population::new(members + 1, 1)).await?);
    let room = field.population.rooms.first().copied().context("a room")?;
    let mut people = field.population.people.clone();
    let Some(writer) = people.pop() else { return Ok(Figures::new()) };
    let sockets = field.join_all(members + 1).await?;
    let mut writing = field.connect(writer).await?;
    write(&mut writing, room, 1).await?;
    let (offset, epoch) = top(&mut writing, room).await?;
    drop(sockets);
    for number in 0..missed {
        write(&mut writing, room, number + 2).await?;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let began = Instant::now();
    let mut coming = JoinSet::new();
    for someone in people {
        let (field, epoch) = (Arc::clone(&field), epoch.clone());
        coming.spawn(async move {
            let mut attempts = 1_usize;
            // As an SDK does: what was too slow for an answer is tried again.
            let got = loop {
                match come_back(&field, someone, (room, offset, &epoch), missed).await {
                    Ok(socket) => break socket,
                    Err(error) => ensure!(began.elapsed() < BACK_MAX, "{error:#}"),
                }
                attempts += 1;
            };
            anyhow::Ok((got, attempts, began.elapsed().as_secs_f64() * 1e3))
        });
    }
    let mut ms = Vec::with_capacity(members);
    let mut kept = Vec::with_capacity(members);
    let mut tried_again = 0;
    while let Some(back) = coming.join_next().await {
        let (socket, attempts, at) = back??;
        kept.push(socket);
        tried_again += attempts - 1;
        ms.push(at);
    }
    ensure!(ms.len() == members, "{} of {members} are back", ms.len());
    let all_back_s = began.elapsed().as_secs_f64();
    drop(kept);
    // The same bytes to as many sockets that ask for nothing.
    let floor_s = floor("replay", members, &[("bytes", missed * DELIVERY_BYTES)]).await?.seconds;
    let mut figures = Figures::from([
        ("members", count(members)),
        ("all_back_s", all_back_s),
        ("tried_again", count(tried_again)),
        ("floor_s", floor_s),
        ("times_the_floor", all_back_s / floor_s),
        ("missed_each", count(missed)),
    ]);
    latencies(&mut figures, ms)?;
    Ok(figures)
}

/// Connects, recovers from `offset` and has every missed message; the socket stays open.
async fn come_back(
    field: &Field,
    someone: Someone,
    (room, offset, epoch): (RoomId, i64, &str),
    missed: usize,
) -> Result<ChatSocket> {
    let mut socket = field.connect(someone).await?;
    let id = socket.subscribe(room, Some((offset, epoch))).await?;
    let mut got = 0;
    while got < missed {
        match socket.next().await? {
            Incoming::Reply { id: replied, result } if replied == id => {
                let result = result.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
                ensure!(result.get("recovered") == Some(&Value::Bool(true)), "not recovered");
                let list = result.get("publications").and_then(Value::as_array);
                got += list.map_or(0, Vec::len);
            }
            Incoming::Publication { .. } => got += 1,
            Incoming::Reply { .. } => {}
        }
    }
    ensure!(got == missed, "{got} instead of {missed} messages");
    Ok(socket)
}

/// Sends one message and waits until it is accepted.
async fn write(socket: &mut ChatSocket, room: RoomId, number: usize) -> Result<()> {
    let cid = format!("s{number}");
    let data = json!({"room": room, "cid": cid, "text": "会".repeat(50)});
    answer(socket, "msg.send", &data).await.map(drop)
}

/// The room's last number and epoch.
async fn top(socket: &mut ChatSocket, room: RoomId) -> Result<(i64, String)> {
    let page = answer(socket, "messages.page", &json!({"room": room, "limit": 1})).await?;
    let top = page.get("top").and_then(Value::as_i64).context("a top")?;
    let epoch = page.get("epoch").and_then(Value::as_str).context("an epoch")?;
    Ok((top, epoch.to_owned()))
}

/// Calls a method and returns its data.
async fn answer(socket: &mut ChatSocket, method: &str, data: &Value) -> Result<Value> {
    let id = socket.call(method, data).await?;
    loop {
        if let Incoming::Reply { id: replied, result } = socket.next().await?
            && replied == id
        {
            let value = result.map_err(|refused| anyhow::anyhow!("{method}: {refused:?}"))?;
            return Ok(value.get("data").cloned().unwrap_or_default());
        }
    }
}
