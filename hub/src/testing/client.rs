//! A client of the chat socket in JSON that sees every message.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// One socket. It reads only while a test waits for something.
pub struct TestClient {
    socket: WebSocketStream<TcpStream>,
    id: u32,
    replies: VecDeque<Value>,
    pushes: VecDeque<Value>,
}

impl TestClient {
    /// Opens the chat socket at `address`; nothing was said on it yet.
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connected");
        Self::on(stream, address).await.expect("upgraded")
    }

    /// Opens the chat socket over a TCP stream. `None`: it was refused.
    pub async fn on(stream: TcpStream, address: SocketAddr) -> Option<Self> {
        Self::asking(stream, &format!("ws://{address}/connection/websocket")).await
    }

    /// The same in protobuf, for tests that send frames of their own.
    pub async fn open_in_protobuf(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connected");
        let url = format!("ws://{address}/connection/websocket?format=protobuf");
        Self::asking(stream, &url).await.expect("upgraded")
    }

    async fn asking(stream: TcpStream, url: &str) -> Option<Self> {
        let (socket, _) = client_async(url, stream).await.ok()?;
        Some(Self { socket, id: 0, replies: VecDeque::new(), pushes: VecDeque::new() })
    }

    /// Sends a command and waits for its reply; what comes before it is kept.
    pub async fn call(&mut self, name: &str, request: Value) -> Value {
        self.id += 1;
        let id = self.id;
        self.say(&json!({ "id": id, name: request }).to_string()).await;
        loop {
            if let Some(index) = self.replies.iter().position(|reply| reply["id"] == id) {
                return self.replies.remove(index).expect("found");
            }
            assert!(self.read().await, "the socket ended before the reply to {name}");
        }
    }

    /// Calls a method of the product and returns its result.
    pub async fn rpc(&mut self, method: &str, data: Value) -> Value {
        let reply = self.call("rpc", json!({ "method": method, "data": data })).await;
        assert_eq!(reply.get("error"), None, "{reply}");
        reply["rpc"]["data"].clone()
    }

    /// Waits for the next push.
    pub async fn push(&mut self) -> Value {
        loop {
            if let Some(push) = self.pushes.pop_front() {
                return push;
            }
            assert!(self.read().await, "the socket ended before a push");
        }
    }

    /// Waits for the next reply that no call waited for.
    pub async fn reply(&mut self) -> Value {
        loop {
            if let Some(reply) = self.replies.pop_front() {
                return reply;
            }
            assert!(self.read().await, "the socket ended before a reply");
        }
    }

    /// Sends raw text.
    pub async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("sent");
    }

    /// Sends any WebSocket message; `false` when the socket is gone.
    pub async fn send(&mut self, message: Message) -> bool {
        self.socket.send(message).await.is_ok()
    }

    /// Waits for the hub's ping and does not answer it; what it was.
    pub async fn ping_without_pong(&mut self) -> String {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return text.to_string(),
                Some(Ok(Message::Pong(_))) => {}
                other => panic!("no ping but {other:?}"),
            }
        }
    }

    /// Waits for the close and returns its code; 0 where the socket ended without one.
    pub async fn closed(&mut self) -> u16 {
        self.goodbye().await.0
    }

    /// Waits for the close and returns its code and reason.
    pub async fn goodbye(&mut self) -> (u16, String) {
        while let Some(Ok(message)) = self.socket.next().await {
            if let Message::Close(Some(frame)) = message {
                return (frame.code.into(), frame.reason.to_string());
            }
        }
        (0, String::new())
    }

    /// Reads one frame; `false` at the end.
    async fn read(&mut self) -> bool {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let ping = self.keep(&text);
                    return !ping || self.socket.send(Message::text("{}")).await.is_ok();
                }
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => return false,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Sorts the messages of a frame; returns whether there was a ping among them.
    fn keep(&mut self, text: &str) -> bool {
        let mut ping = false;
        for line in text.lines() {
            let message: Value = serde_json::from_str(line).expect("JSON");
            if message.get("id").is_some() {
                self.replies.push_back(message);
            } else if let Some(push) = message.get("push") {
                self.pushes.push_back(push.clone());
            } else {
                ping = true;
            }
        }
        ping
    }
}
