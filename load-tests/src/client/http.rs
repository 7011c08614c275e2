//! Requests over HTTP/1.1, one connection each, with nothing between this code and the socket.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A request is answered within this.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Head and body as they came.
    head: String,
    pub body: String,
}

impl Answer {
    /// The value of the cookie `name` that the answer sets.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (field, value) = line.split_once(": ")?;
            let value = value.strip_prefix(name)?.strip_prefix('=')?;
            field.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next())?
        })
    }
}

/// Sends one request; a body is JSON. `headers` are whole lines.
pub async fn request(
    address: SocketAddr,
    (method, path): (&str, &str),
    headers: &[String],
    body: Option<&serde_json::Value>,
) -> Result<Answer> {
    let body = body.map(ToString::to_string).unwrap_or_default();
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    text += "content-type: application/json\r\n";
    for header in headers {
        text += header;
        text += "\r\n";
    }
    let length = body.len();
    text += "content-length: ";
    text += &length.to_string();
    text += "\r\n\r\n";
    text += &body;
    timeout(ANSWER_MAX, exchange(address, &text)).await.context("the hub does not answer")?
}

async fn exchange(address: SocketAddr, text: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(text.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let answer = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer without an end")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}
