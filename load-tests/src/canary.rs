//! `canary`: plants numbers, codes, names, tokens and texts through every door of a hub, also while
//! its database dies, and then searches its logs, its database's log and its metrics for them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::client::http::{Answer, request};
use crate::client::ws::{ChatSocket, Incoming};
use crate::process::{HubProcess, Setting, hub_beside_us};

/// A code arrives within this.
const CODE_MAX: Duration = Duration::from_secs(20);
/// A send into a dying database is given up after this.
const SEND_MAX: Duration = Duration::from_secs(6);

/// Plants secrets and searches for them.
#[derive(Clone, Debug, clap::Args)]
pub struct Canary {
    /// Write one of them into the hub's log; the search must find it and fail.
    #[arg(long)]
    control: bool,
    /// The hub program; by default the one beside this program.
    #[arg(long)]
    hub: Option<PathBuf>,
}

/// What was planted: its kind, and the words.
type Planted = BTreeMap<&'static str, Vec<String>>;

impl Canary {
    /// Prints what was planted and found; an error where anything was.
    pub async fn run(self) -> Result<()> {
        let program = self.hub.clone().map_or_else(hub_beside_us, Ok)?;
        let (sms, codes) = sms_service().await?;
        let setting = Setting { more: sms, log: "trace".to_owned(), ..Setting::default() };
        let mut hub = HubProcess::start(&program, setting)?;
        hub.reachable().await?;
        hub.kill()?;
        let sign_ins = hub.run_once(&["demo"])?;
        hub.restart()?;
        hub.reachable().await?;
        let mut planted = Planted::new();
        plant(&hub, &sign_ins, codes, &mut planted)
            .await
            .with_context(|| format!("the end of the hub's log:\n{}", hub.log_tail()))?;
        if self.control {
            let word = planted.values().flatten().next().context("a word")?;
            hub.write_log(word)?;
        }
        let metrics = request(hub.address, ("GET", "/metrics"), &[], None).await?;
        ensure!(metrics.body.contains("hub_"), "no metrics: {}", metrics.body);
        let log = hub.log_text()?;
        ensure!(log.contains("serving"), "the hub's log is not where it is searched");
        let database = fs::read_to_string(hub.data_dir().join("database/log"))?;
        ensure!(database.contains("database system"), "the database's log is not the one");
        let places =
            [("log", stripped(&log)), ("database log", database), ("metrics", metrics.body)];
        let hits = search(&planted, &places);
        let words: usize = planted.values().map(Vec::len).sum();
        let bytes: usize = places.iter().map(|(_, text)| text.len()).sum();
        println!("canary: {words} words of {} kinds, {bytes} bytes searched", planted.len());
        for hit in &hits {
            println!("  {hit}");
        }
        ensure!(hits.is_empty(), "Found: {} of {words} planted words", hits.len());
        Ok(())
    }
}

/// The log without its times, whose digits could look like a code.
fn stripped(log: &str) -> String {
    log.lines().fold(String::new(), |all, line| {
        let rest = line.split_once("Z ").map_or(line, |(_, rest)| rest);
        all + rest + "\n"
    })
}

fn search(planted: &Planted, places: &[(&str, String)]) -> Vec<String> {
    let mut hits = Vec::new();
    for (kind, words) in planted {
        for word in words {
            for (place, text) in places {
                if let Some(line) = text.lines().find(|line| line.contains(word)) {
                    hits.push(format!("{kind} in the {place}: {line}"));
                }
            }
        }
    }
    hits
}

/// An HTTP service that takes one-time codes; the configuration that names it, and what it takes.
async fn sms_service() -> Result<(String, mpsc::Receiver<String>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (taken, codes) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut text, mut buffer) = (String::new(), [0_u8; 4096]);
            while !text.contains("##") {
                match stream.read(&mut buffer).await {
                    Ok(read) if read > 0 => {
                        let bytes = buffer.get(..read).unwrap_or_default();
                        text += &String::from_utf8_lossy(bytes);
                    }
                    _ => break,
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            let code = text.split('#').rev().find(|part| part.len() == 6);
            if let Some(code) = code {
                let _ = taken.send(code.to_owned()).await;
            }
        }
    });
    let config = format!(
        "[sign_in.sms]\nurl = \"http://{address}/sms\"\ncontent_type = \"text/plain\"\n\
         body = \"{{phone}}#{{code}}##\"\n"
    );
    Ok((config, codes))
}

/// Collects what is planted.
struct Nest<'a> {
    hub: &'a HubProcess,
    planted: &'a mut Planted,
}

impl Nest<'_> {
    /// A word that came from the hub, or is sent to it.
    fn add(&mut self, kind: &'static str, word: &str) -> String {
        self.planted.entry(kind).or_default().push(word.to_owned());
        word.to_owned()
    }

    /// A new word.
    fn word(&mut self, kind: &'static str) -> String {
        self.add(kind, &format!("canary{}", Uuid::new_v4().simple()))
    }

    async fn post(&self, path: &str, headers: &[String], body: &Value) -> Result<Answer> {
        request(self.hub.address, ("POST", path), headers, Some(body)).await
    }

    async fn get(&self, path: &str, header: String) -> Result<Answer> {
        request(self.hub.address, ("GET", path), &[header], None).await
    }
}

async fn plant(
    hub: &HubProcess,
    sign_ins: &str,
    codes: mpsc::Receiver<String>,
    planted: &mut Planted,
) -> Result<()> {
    let mut nest = Nest { hub, planted };
    let phone = sign_ins
        .split(|letter: char| !letter.is_ascii_digit())
        .find(|digits| digits.len() == 11)
        .context("a number in the demo's sentences")?;
    let phone = nest.add("number", phone);
    let cookie = sign_in(&mut nest, &phone, codes).await?;
    let token = nest.post("/api/chat-token", std::slice::from_ref(&cookie), &json!({})).await?;
    let token = text_at(&serde_json::from_str(&token.body)?, "/token")?;
    let token = nest.add("token", &token);
    for (kind, path) in [
        ("invitation", "/api/join/"),
        ("path", "/api/nothing/"),
        ("query", "/api/session?token="),
        ("page", "/join/"),
    ] {
        let path = format!("{path}{}", nest.word(kind));
        nest.get(&path, cookie.clone()).await?;
    }
    let password = json!({"phone": phone, "password": nest.word("password")});
    nest.post("/api/sign-in/password", &[], &password).await?;
    let forged = format!("cookie: lianxin={}", nest.word("forged cookie"));
    nest.get("/api/me", forged).await?;
    let _ = ChatSocket::open(hub.address, &nest.word("forged token")).await;
    let mut socket = ChatSocket::open(hub.address, &token).await?;
    talk(&mut nest, &mut socket).await?;
    outage(&mut nest, socket).await
}

/// Signs in with a wrong and a right code; the cookie's header.
async fn sign_in(
    nest: &mut Nest<'_>,
    phone: &str,
    mut codes: mpsc::Receiver<String>,
) -> Result<String> {
    let agent = format!("user-agent: {}", nest.word("user agent"));
    let device = nest.word("device name");
    let ask = json!({"phone": phone, "by": "sms"});
    let path = "/api/sign-in/challenges";
    let challenge = nest.post(path, std::slice::from_ref(&agent), &ask).await?;
    ensure!(challenge.status == 201, "a challenge: {}", challenge.body);
    let challenge = text_at(&serde_json::from_str(&challenge.body)?, "/challenge")?;
    let code = timeout(CODE_MAX, codes.recv()).await.context("no code came")?.context("a code")?;
    let code = nest.add("code", &code);
    let wrong = nest.add("wrong code", if code == "918273" { "918274" } else { "918273" });
    let finish = json!({"challenge": challenge, "code": wrong});
    nest.post("/api/sign-in", &[], &finish).await?;
    let finish = json!({"challenge": challenge, "code": code, "device_name": device});
    let signed_in = nest.post("/api/sign-in", &[agent], &finish).await?;
    ensure!(signed_in.status == 200, "signed in: {}", signed_in.body);
    let name = text_at(&serde_json::from_str(&signed_in.body)?, "/name")?;
    nest.add("name", &name);
    let cookie = nest.add("cookie", signed_in.cookie("lianxin").context("a cookie")?);
    Ok(format!("cookie: lianxin={cookie}"))
}

fn text_at(value: &Value, pointer: &str) -> Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("{pointer} in {value}"))?.to_owned())
}

/// Texts that are sent, and calls that are refused.
async fn talk(nest: &mut Nest<'_>, socket: &mut ChatSocket) -> Result<()> {
    let room = room_of(socket).await?;
    let (text, cid) = (nest.word("text"), nest.word("client id"));
    let sent = answer(socket, "msg.send", &json!({"room": room, "cid": cid, "text": text})).await?;
    ensure!(sent.pointer("/data/seq").is_some_and(Value::is_i64), "sent: {sent}");
    answer(socket, &nest.word("method"), &json!({})).await?;
    let strange = json!({"room": room, "cid": "x", "text": nest.word("field"), "more": 1});
    answer(socket, "msg.send", &strange).await?;
    let elsewhere = json!({"room": Uuid::new_v4(), "cid": "y", "text": nest.word("stray")});
    answer(socket, "msg.send", &elsewhere).await.map(drop)
}

async fn room_of(socket: &mut ChatSocket) -> Result<String> {
    text_at(&answer(socket, "room.list", &json!({})).await?, "/data/rooms/0/room")
}

/// A text that is sent while the database dies, and a frame that is none.
async fn outage(nest: &mut Nest<'_>, mut socket: ChatSocket) -> Result<()> {
    let room = room_of(&mut socket).await?;
    nest.hub.kill_database()?;
    let (text, cid) = (nest.word("text of an outage"), nest.word("client id of an outage"));
    let send = json!({"room": room, "cid": cid, "text": text});
    let _ = timeout(SEND_MAX, answer(&mut socket, "msg.send", &send)).await;
    let mut stream = socket.into_stream();
    let broken = format!("{{\"id\": 9, \"{}", nest.word("malformed frame"));
    let _ = stream.send(Message::text(broken)).await;
    // The hub has read it when it closes.
    let _ = timeout(SEND_MAX, async { while let Some(Ok(_)) = stream.next().await {} }).await;
    Ok(())
}

/// Calls a method; a refusal is an answer too.
async fn answer(socket: &mut ChatSocket, method: &str, data: &Value) -> Result<Value> {
    let id = socket.call(method, data).await?;
    loop {
        if let Incoming::Reply { id: replied, result } = socket.next().await?
            && replied == id
        {
            return Ok(result.unwrap_or_default());
        }
    }
}
