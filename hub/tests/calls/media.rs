//! A hub whose media server is a process of its own, and clients of that server.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use futures_util::{SinkExt as _, StreamExt as _};
use hub::config::MediaServerKind;
use hub::features::calls;
use hub::testing::{TestBrowser, TestClient, TestHub, TestPerson};
use prost::Message as _;
use serde_json::{Value, json};
use signaling::media::wire::{
    JoinResponse, LeaveRequest, Ping, SignalRequest, SignalResponse, signal_request,
    signal_response,
};
use signaling::{DeviceId, RoomId};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Names the configuration for the test that is the media server.
const CONFIGURATION: &str = "LIANXIN_TEST_SFU";

/// This program is the media server too: the hubs of the other tests start it as
/// `… --exact media::the_media_server` with a configuration in its environment.
#[test]
fn the_media_server() {
    let Some(file) = std::env::var_os(CONFIGURATION) else { return };
    let config = sfu::config::Config::load(Some(Path::new(&file))).expect("a configuration");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let running = sfu::start(config).await.expect("started");
        let ended = async {
            use tokio::signal::unix::{SignalKind, signal};
            signal(SignalKind::terminate()).expect("a signal").recv().await;
        };
        running.until(ended).await.expect("served");
    });
}

/// A hub with calls. The media server ends with the test.
pub struct House {
    /// Taken while the hub is started again.
    hub: Option<TestHub>,
    _program: tempfile::TempDir,
}

impl House {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let program = folder.path().join("sfu");
        let this = std::env::current_exe().expect("a program");
        let script = format!(
            "#!/bin/sh\n{CONFIGURATION}=\"$2\" exec '{}' --exact media::the_media_server\n",
            this.display()
        );
        std::fs::write(&program, script).expect("written");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).expect("executable");
        let hub = TestHub::start_where(|config| {
            config.calls.media_server = MediaServerKind::Own;
            config.calls.program.clone_from(&program);
            config.calls.listen.set_port(0);
            config.calls.service_listen.set_port(0);
            config.calls.media_listen.set_port(0);
            config.calls.media_tcp_listen.set_port(0);
        })
        .await;
        Self { hub: Some(hub), _program: folder }
    }

    pub fn hub(&self) -> &TestHub {
        self.hub.as_ref().expect("running")
    }

    /// The hub stops and the next one starts.
    pub async fn restart(&mut self) {
        let hub = self.hub.take().expect("running");
        self.hub = Some(hub.restart().await);
    }

    /// The number of the media server's process.
    pub fn pid(&self) -> i32 {
        let note = self.hub().home().join("sfu/process.json");
        let note: Value =
            serde_json::from_slice(&std::fs::read(note).expect("a note")).expect("JSON");
        note["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).expect("a number")
    }

    /// One look of the hub into its calls.
    pub async fn look(&self) {
        calls::look_now(&self.hub().app).await.expect("looked");
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let Some(hub) = self.hub.take() else { return };
        let note = std::fs::read(hub.home().join("sfu/process.json")).unwrap_or_default();
        let note: Value = serde_json::from_slice(&note).unwrap_or_default();
        let pid = note["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// A person at a browser.
pub struct Someone {
    pub browser: TestBrowser,
    pub person: TestPerson,
}

impl Someone {
    /// Signs in under a number of its own.
    pub async fn at(house: &House, name: &str, phone: &str) -> Self {
        let person = house.hub().account(name, phone).await;
        let browser = house.hub().signed_in(phone).await;
        let person = TestPerson { person, device: DeviceId(house.hub().app.ids.next()) };
        Self { browser, person }
    }

    /// Takes a ticket to the call of a room.
    pub async fn ticket(&mut self, room: RoomId) -> Value {
        let answer = self.browser.post(&format!("/api/rooms/{room}/call"), Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The state of the call of a room.
    pub async fn call(&mut self, room: RoomId) -> Value {
        let answer = self.browser.get(&format!("/api/rooms/{room}/call")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Follows the log of a room.
    pub async fn follow(&mut self, house: &House, room: RoomId) -> TestClient {
        self.subscribe(house, format!("room:{room}")).await
    }

    /// Hears what passes in a room.
    pub async fn hear(&mut self, house: &House, room: RoomId) -> TestClient {
        self.subscribe(house, format!("live:{room}")).await
    }

    async fn subscribe(&mut self, house: &House, channel: String) -> TestClient {
        let token = self.browser.post("/api/chat-token", json!({})).await.body["token"].clone();
        let mut client = house.hub().socket().await;
        let reply = client.call("connect", json!({ "token": token })).await;
        assert!(reply["error"].is_null(), "{reply}");
        let reply = client.call("subscribe", json!({ "channel": channel })).await;
        assert!(reply["error"].is_null(), "{reply}");
        client
    }
}

/// The next event of this kind.
pub async fn event(client: &mut TestClient, kind: &str) -> Value {
    loop {
        let data = client.push().await["pub"]["data"].clone();
        if data["t"] == kind {
            return data;
        }
    }
}

/// A signal socket of the media server.
pub struct Signal(WebSocketStream<TcpStream>);

impl Signal {
    /// Connects with a ticket; the greeting comes first.
    pub async fn join(ticket: &Value) -> (Self, JoinResponse) {
        let url = ticket["url"].as_str().expect("an address");
        let address = url.strip_prefix("ws://").expect("ws");
        let stream = TcpStream::connect(address).await.expect("connected");
        let token = ticket["token"].as_str().expect("a token");
        let url = format!("{url}/rtc?access_token={token}");
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("opened");
        let mut signal = Self(socket);
        match signal.next().await {
            Some(signal_response::Message::Join(join)) => (signal, join),
            other => panic!("no greeting but {other:?}"),
        }
    }

    /// The next message; `None` when the socket is closed.
    pub async fn next(&mut self) -> Option<signal_response::Message> {
        loop {
            match self.0.next().await? {
                Ok(Message::Binary(bytes)) => {
                    return SignalResponse::decode(bytes).expect("a signal message").message;
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Sends a message.
    pub async fn say(&mut self, message: signal_request::Message) {
        let bytes = SignalRequest { message: Some(message) }.encode_to_vec();
        self.0.send(Message::binary(bytes)).await.expect("sent");
    }

    /// Waits until the media server asks to leave.
    pub async fn leave(&mut self) -> LeaveRequest {
        loop {
            let next = self.next().await.expect("a leave");
            if let signal_response::Message::Leave(leave) = next {
                return leave;
            }
        }
    }

    /// Whether the media server still answers on this socket.
    pub async fn is_alive(&mut self) -> bool {
        let ping = Ping { timestamp: 7, rtt: 0 };
        let message = Some(signal_request::Message::PingReq(ping));
        let bytes = SignalRequest { message }.encode_to_vec();
        if self.0.send(Message::binary(bytes)).await.is_err() {
            return false;
        }
        loop {
            match self.next().await {
                Some(signal_response::Message::PongResp(pong)) => {
                    return pong.last_ping_timestamp == 7;
                }
                Some(_) => {}
                None => return false,
            }
        }
    }
}

/// The status with which the media server would answer a join.
pub async fn validated(ticket: &Value) -> u16 {
    let url = ticket["url"].as_str().expect("an address").replacen("ws", "http", 1);
    let token = ticket["token"].as_str().expect("a token");
    let url = format!("{url}/rtc/validate?access_token={token}");
    reqwest::get(url).await.expect("an answer").status().as_u16()
}
