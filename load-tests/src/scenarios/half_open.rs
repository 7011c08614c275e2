//! Sockets that opened and never signed in: what holding them costs, silent and talking, whether
//! members notice, and what one more stranger is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use signaling::limits::UNAUTHENTICATED_SOCKETS_MAX;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::crowd::Field;
use super::floor::floor;
use super::{Figures, count};
use crate::client::ws::Incoming;
use crate::population::Population;
use crate::process::HubProcess;
use crate::usage::resident_kib;

/// Strangers that knock at the same time.
const OPENING_MAX: usize = 64;
/// The limit of an answer to the upgrade.
const UPGRADE_MAX: Duration = Duration::from_secs(5);
/// What each one says when all talk at once: a part of a frame that never ends.
const TALK_BYTES: usize = 60_000;
/// The limit of a write while all talk.
const TALK_MAX: Duration = Duration::from_millis(200);
/// What the hub may grow by, whatever strangers do.
const GROWN_MIB_MAX: f64 = 200.0;

/// What one stranger was given.
enum Stranger {
    /// A socket that waits for a sign-in.
    Held(TcpStream),
    /// The answer.
    Refused(String),
}

/// Opens `sockets`, and lets a member sign in and send while they are there.
pub(super) async fn measure(hub: &mut HubProcess, sockets: usize) -> Result<Figures> {
    let field = Arc::new(Field::prepare(hub, Population::new(1, 1)).await?);
    let pid = hub.pids()?.first().copied().context("a hub")?;
    let before = resident_kib(pid)?;
    let grown_mib = || {
        let grown = resident_kib(pid)?.saturating_sub(before);
        anyhow::Ok(count(usize::try_from(grown)?) / 1024.0)
    };
    let began = Instant::now();
    let (mut held, refused) = knock_all(field.address, sockets).await?;
    ensure!(refused.is_empty(), "{} were refused: {:?}", refused.len(), refused.first());
    let opened_s = began.elapsed().as_secs_f64();
    let silent_mib = grown_mib()?;
    let member_ms = member_comes_and_sends(&field).await?;
    // The rest of the places, and some that find none.
    let beyond = 50;
    let rest = UNAUTHENTICATED_SOCKETS_MAX + beyond - sockets;
    let (more, refused) = knock_all(field.address, rest).await?;
    ensure!(refused.len() == beyond, "{} instead of {beyond} were refused", refused.len());
    let told = refused.iter().all(|answer| answer.starts_with("HTTP/1.1 503"));
    ensure!(told, "{:?}", refused.first());
    held.extend(more);
    for stranger in &mut held {
        let _ = timeout(TALK_MAX, stranger.write_all(&part_of_a_frame())).await;
    }
    let talking_mib = grown_mib()?;
    ensure!(talking_mib < GROWN_MIB_MAX, "the hub grew by {talking_mib} MiB");
    let places = count(held.len());
    drop(held);
    let per_socket = silent_mib * 1024.0 / count(sockets);
    let floor_kib = floor("hold", sockets, &[]).await?.figure;
    Ok(Figures::from([
        ("held", places),
        ("refused_beyond", count(refused.len())),
        ("opened_s", opened_s),
        ("grown_mib", silent_mib),
        ("grown_mib_all_talking", talking_mib),
        ("kib_per_socket", per_socket),
        ("floor_kib_per_socket", floor_kib),
        ("times_the_floor", per_socket / floor_kib),
        ("member_in_and_sent_ms", member_ms),
    ]))
}

/// Milliseconds until a member who comes now has sent a message.
async fn member_comes_and_sends(field: &Field) -> Result<f64> {
    let asked = Instant::now();
    let someone = field.population.people.first().copied().context("a person")?;
    let room = field.population.rooms.first().copied().context("a room")?;
    let mut member = field.connect(someone).await.context("a member comes in")?;
    let send = json!({"room": room, "cid": "h1", "text": "在线"});
    let id = member.call("msg.send", &send).await?;
    loop {
        if let Incoming::Reply { id: replied, result } = member.next().await?
            && replied == id
        {
            ensure!(result.is_ok(), "refused: {result:?}");
            return Ok(asked.elapsed().as_secs_f64() * 1e3);
        }
    }
}

/// Lets strangers knock, many at a time: who is held, and what the others were told.
async fn knock_all(address: SocketAddr, strangers: usize) -> Result<(Vec<TcpStream>, Vec<String>)> {
    let (mut held, mut refused) = (Vec::with_capacity(strangers), Vec::new());
    let mut knocking = JoinSet::new();
    let mut rest = strangers;
    while rest > 0 || !knocking.is_empty() {
        while rest > 0 && knocking.len() < OPENING_MAX {
            knocking.spawn(knock(address));
            rest -= 1;
        }
        match knocking.join_next().await {
            Some(answer) => match answer?? {
                Stranger::Held(stream) => held.push(stream),
                Stranger::Refused(answer) => refused.push(answer),
            },
            None => break,
        }
    }
    Ok((held, refused))
}

/// Asks for the upgrade and then says nothing.
async fn knock(address: SocketAddr) -> Result<Stranger> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /connection/websocket HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0_u8; 1024];
    let read = timeout(UPGRADE_MAX, stream.read(&mut answer)).await.context("no answer")??;
    answer.truncate(read);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let held = answer.starts_with("HTTP/1.1 101");
    Ok(if held { Stranger::Held(stream) } else { Stranger::Refused(answer) })
}

/// A masked text frame of 100,000 bytes, cut short.
fn part_of_a_frame() -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 127];
    frame.extend(100_000_u64.to_be_bytes());
    frame.resize(frame.len() + 4 + TALK_BYTES, 0);
    frame
}
