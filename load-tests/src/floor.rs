//! The least that a server can do for the same work, in a program of its own, so that its processor
//! time and memory are counted alone. It prints its port, and a figure when it is done.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::io::AsyncReadExt as _;

use crate::usage::{cpu_s, resident_kib};

/// What the floor does.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Floor {
    /// Writes one ready-made frame of `bytes` to each peer, `rate` times a second; the figure:
    /// processor seconds.
    Broadcast {
        #[arg(long)]
        sockets: usize,
        #[arg(long)]
        bytes: usize,
        #[arg(long)]
        rate: u32,
        #[arg(long)]
        seconds: u32,
    },
    /// Keeps a task per peer that waits for what never comes; the figure: KiB per socket.
    Hold {
        #[arg(long)]
        sockets: usize,
    },
    /// Gives each peer, as it comes, `bytes` in one write; the figure: processor seconds.
    Replay {
        #[arg(long)]
        sockets: usize,
        #[arg(long)]
        bytes: usize,
    },
}

impl Floor {
    /// Works until all peers had theirs.
    pub async fn run(&self) -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        println!("{}", listener.local_addr()?.port());
        let figure = match *self {
            Self::Broadcast { sockets, bytes, rate, seconds } => {
                broadcast(&listener, sockets, &vec![b'x'; bytes], (rate, seconds))?
            }
            Self::Hold { sockets } => hold(listener, sockets).await?,
            Self::Replay { sockets, bytes } => replay(&listener, sockets, &vec![b'x'; bytes])?,
        };
        println!("{figure}");
        Ok(())
    }
}

fn accept(listener: &TcpListener) -> Result<TcpStream> {
    let (peer, _) = listener.accept()?;
    peer.set_nodelay(true)?;
    Ok(peer)
}

fn broadcast(
    listener: &TcpListener,
    sockets: usize,
    frame: &[u8],
    (rate, seconds): (u32, u32),
) -> Result<f64> {
    let mut peers = (0..sockets).map(|_| accept(listener)).collect::<Result<Vec<_>>>()?;
    let own = [rustix::process::getpid()];
    let before = cpu_s(&own);
    let began = Instant::now();
    for number in 0..rate * seconds {
        let due = Duration::from_secs(1) * number / rate;
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        for peer in &mut peers {
            peer.write_all(frame).context("a peer went away")?;
        }
    }
    Ok(cpu_s(&own) - before)
}

async fn hold(listener: TcpListener, sockets: usize) -> Result<f64> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let own = rustix::process::getpid();
    let before = resident_kib(own)?;
    for _ in 0..sockets {
        let (mut peer, _) = listener.accept().await?;
        tokio::spawn(async move { peer.read_u8().await });
    }
    // The last task is there when the next one runs.
    tokio::task::yield_now().await;
    let grown = u32::try_from(resident_kib(own)?.saturating_sub(before))?;
    Ok(f64::from(grown) / f64::from(u32::try_from(sockets)?))
}

fn replay(listener: &TcpListener, sockets: usize, bytes: &[u8]) -> Result<f64> {
    let own = [rustix::process::getpid()];
    let before = cpu_s(&own);
    for _ in 0..sockets {
        accept(listener)?.write_all(bytes).context("a peer went away")?;
    }
    Ok(cpu_s(&own) - before)
}
