//! The floor program beside a scenario: started on the hub's processor, read by peers of ours.

use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::JoinSet;

use super::HUB_CORE;
use crate::process::pinned;

/// Bytes of one delivery of the texts of these scenarios on the wire, measured: envelope, names and
/// frame.
pub(super) const DELIVERY_BYTES: usize = 460;

/// What the floor program did.
pub(super) struct Floor {
    /// The figure it printed.
    pub figure: f64,
    /// From the first peer's connect until all peers saw the end of their stream.
    pub seconds: f64,
}

/// Runs `floor WHAT --sockets SOCKETS ...`.
pub(super) async fn floor(what: &str, sockets: usize, more: &[(&str, usize)]) -> Result<Floor> {
    let mut server = Command::from(pinned(&std::env::current_exe()?, Some(HUB_CORE)))
        .args(["floor", what, "--sockets", &sockets.to_string()])
        .args(more.iter().flat_map(|(name, value)| [format!("--{name}"), value.to_string()]))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(server.stdout.take().context("its output")?).lines();
    let port: u16 = lines.next_line().await?.context("a port")?.parse()?;
    let began = Instant::now();
    let mut readers = JoinSet::new();
    for _ in 0..sockets {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        readers.spawn(async move {
            let mut buffer = vec![0; 16 * 1024];
            while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        });
    }
    let figure = lines.next_line().await?.context("its figure")?.parse()?;
    server.wait().await?;
    while readers.join_next().await.is_some() {}
    Ok(Floor { figure, seconds: began.elapsed().as_secs_f64() })
}
