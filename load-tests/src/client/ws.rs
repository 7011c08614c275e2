//! One chat socket in JSON: commands out, replies and publications in.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use signaling::{PersonId, RoomId};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Opening a socket and its first reply take no longer, or it is tried again.
const OPEN_MAX: Duration = Duration::from_secs(5);

/// A connected chat socket.
#[derive(Debug)]
pub struct ChatSocket {
    stream: WebSocketStream<TcpStream>,
    waiting: VecDeque<Incoming>,
    next_id: u64,
}

/// What the hub sends.
#[derive(Debug)]
pub enum Incoming {
    Reply { id: u64, result: Result<Value, Refused> },
    Publication { room: RoomId, publication: Publication },
}

/// An error in a reply.
#[derive(Clone, Debug, Deserialize)]
pub struct Refused {
    pub code: u32,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub temporary: bool,
}

/// One event as it travels.
#[derive(Clone, Debug, Deserialize)]
pub struct Publication {
    pub offset: i64,
    pub data: Shown,
}

/// The envelope, as far as these tests read it.
#[derive(Clone, Debug, Deserialize)]
pub struct Shown {
    pub from: PersonId,
    #[serde(default)]
    pub cid: String,
}

/// The result of a subscribe.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Subscribed {
    pub epoch: String,
    pub offset: i64,
    pub publications: Vec<Publication>,
    pub recovered: bool,
    pub was_recovering: bool,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    id: u64,
    error: Option<Refused>,
    push: Option<Push>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct Push {
    #[serde(default)]
    channel: String,
    #[serde(rename = "pub")]
    publication: Option<Publication>,
    disconnect: Option<Refused>,
    unsubscribe: Option<Refused>,
}

impl ChatSocket {
    /// Opens a socket and connects with `token`.
    pub async fn open(address: SocketAddr, token: &str) -> Result<Self> {
        timeout(OPEN_MAX, Self::open_now(address, token))
            .await
            .context("the hub does not answer")?
    }

    async fn open_now(address: SocketAddr, token: &str) -> Result<Self> {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let url = format!("ws://{address}/connection/websocket");
        let (stream, _) = client_async(url, tcp).await?;
        let mut socket = Self { stream, waiting: VecDeque::new(), next_id: 0 };
        let id = socket.command("connect", &json!({"token": token, "name": "load"})).await?;
        match socket.next().await? {
            Incoming::Reply { id: replied, result: Ok(_) } if replied == id => Ok(socket),
            other => bail!("connect was answered by {other:?}"),
        }
    }

    /// The socket itself, for a reader that only counts. What was received and not taken is lost.
    pub fn into_stream(self) -> WebSocketStream<TcpStream> {
        self.stream
    }

    /// Sends a command and returns the id that its reply will carry.
    pub async fn command(&mut self, name: &str, request: &Value) -> Result<u64> {
        self.next_id += 1;
        let command = json!({"id": self.next_id, name: request});
        self.stream.send(Message::text(command.to_string())).await?;
        Ok(self.next_id)
    }

    /// `rpc`: calls a method.
    pub async fn call(&mut self, method: &str, data: &Value) -> Result<u64> {
        self.command("rpc", &json!({"method": method, "data": data})).await
    }

    /// Subscribes to a room, after `position` (offset and epoch) where one is known.
    pub async fn subscribe(&mut self, room: RoomId, position: Option<(i64, &str)>) -> Result<u64> {
        let channel = format!("room:{room}");
        let subscribe = match position {
            None => json!({"channel": channel}),
            Some((offset, epoch)) => {
                json!({"channel": channel, "recover": true, "offset": offset, "epoch": epoch})
            }
        };
        self.command("subscribe", &subscribe).await
    }

    /// The next thing the hub sends; pings are answered on the way. An error means that the
    /// socket is gone. Safe to cancel.
    pub async fn next(&mut self) -> Result<Incoming> {
        loop {
            if let Some(incoming) = self.waiting.pop_front() {
                return Ok(incoming);
            }
            match self.stream.next().await.context("the socket ended")?? {
                Message::Text(text) => {
                    for line in text.lines().filter(|line| !line.is_empty()) {
                        self.take(line)?;
                    }
                    if text.lines().any(|line| line == "{}") {
                        self.stream.send(Message::text("{}")).await?;
                    }
                }
                Message::Close(frame) => bail!("the hub closed the socket: {frame:?}"),
                Message::Binary(_) => bail!("a binary frame on a JSON socket"),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    fn take(&mut self, line: &str) -> Result<()> {
        let frame: Frame = serde_json::from_str(line).with_context(|| line.to_owned())?;
        if let Some(push) = frame.push {
            if let Some(end) = push.disconnect.or(push.unsubscribe) {
                bail!("the hub ended {:?}: {end:?}", push.channel);
            }
            let room = push.channel.strip_prefix("room:").and_then(|room| room.parse().ok());
            if let (Some(room), Some(publication)) = (room, push.publication) {
                self.waiting.push_back(Incoming::Publication { room, publication });
            }
        } else if frame.id > 0 {
            let value = frame.rest.into_iter().next().map_or(Value::Null, |(_, value)| value);
            let result = frame.error.map_or(Ok(value), Err);
            self.waiting.push_back(Incoming::Reply { id: frame.id, result });
        }
        Ok(())
    }
}
