//! Sends every try as every subject and compares the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hub::auth::Access;
use hub::testing::TestClient;
use serde_json::{Value, json};

use crate::expect::{Expected, expected};
use crate::samples::{Fresh, Object, Sample};
use crate::world::{Desk, Subject, World, text};

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    pub cells: usize,
    pub named: usize,
    pub by_expectation: BTreeMap<String, usize>,
    pub faults: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> =
            self.by_expectation.iter().map(|(word, count)| format!("{count} {word}")).collect();
        let (cells, named, faults) = (self.cells, self.named, self.faults.len());
        write!(
            out,
            "access matrix: {cells} cells driven ({}), the file names {named}, {faults} faults",
            parts.join(", ")
        )
    }
}

/// A run over all of it.
pub struct Drive<'a> {
    world: &'a World,
    access: &'a Access,
    http: reqwest::Client,
    cookies: BTreeMap<&'static str, String>,
    sockets: BTreeMap<&'static str, TestClient>,
    driven: BTreeSet<(String, &'static str)>,
    report: Report,
}

impl<'a> Drive<'a> {
    pub fn new(world: &'a World, access: &'a Access) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let (cookies, sockets, driven) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { world, access, http, cookies, sockets, driven, report: Report::default() }
    }

    /// One try by everyone.
    pub async fn sample(&mut self, sample: &Sample) {
        let action = if sample.path.is_empty() {
            self.access.rpc(sample.name)
        } else {
            let (method, path) = sample.name.split_once(' ').expect("a route");
            self.access.http(&method.parse().expect("a method"), path)
        };
        let action = action.unwrap_or_else(|| panic!("the file does not name {}", sample.name));
        for subject in &self.world.subjects {
            let wanted = expected(action, subject, sample.object);
            let got = if sample.path.is_empty() {
                self.call(sample, subject).await
            } else {
                self.request(sample, subject).await
            };
            self.compare((sample.name, subject.name), (wanted, sample.allowed), &got);
        }
    }

    fn compare(
        &mut self,
        (name, subject): (&str, &'static str),
        (wanted, allowed): (Expected, &[&str]),
        got: &str,
    ) {
        let right = match wanted {
            Expected::Allowed => allowed.contains(&got),
            Expected::SignIn => ["401 sign_in_required", "closed"].contains(&got),
            Expected::SecondFactor => got.ends_with(" second_factor_required"),
            Expected::Unknown => ["404 not_found", "103"].contains(&got),
            Expected::Forbidden => ["404 not_found", "403 not_allowed", "103"].contains(&got),
        };
        self.report.cells += 1;
        *self.report.by_expectation.entry(format!("{wanted:?}")).or_default() += 1;
        self.driven.insert((name.to_owned(), subject));
        if !right {
            let wanted = match wanted {
                Expected::Allowed => format!("{allowed:?}"),
                other => format!("{other:?}"),
            };
            self.report.faults.push(format!("{name} by {subject}: wanted {wanted}, got {got}"));
        }
    }

    async fn request(&mut self, sample: &Sample, subject: &Subject) -> String {
        let cookie = match (subject.person, sample.fresh) {
            (None, _) => None,
            (Some(person), Fresh::Session) => Some(self.world.device(person, subject.desk).await.1),
            (Some(_), _) => Some(self.cookie(subject).await),
        };
        let path = self.path(sample, subject).await;
        let (method, _) = sample.name.split_once(' ').expect("a route");
        let site = format!("http://{}", self.world.hub.address());
        let mut request = self
            .http
            .request(method.parse().expect("a method"), format!("{site}{path}"))
            .header("origin", &site)
            .header("sec-fetch-site", "same-origin");
        if let Some(cookie) = cookie {
            let name = self.world.hub.app.cookies.session_name();
            request = request.header("cookie", format!("{name}={cookie}"));
        }
        request = match &sample.body {
            Some(Value::String(form)) => request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.clone()),
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.expect("answered");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap_or_default();
        match body["error"]["code"].as_str().or_else(|| body["code"].as_str()) {
            Some(code) if status >= 400 => format!("{status} {code}"),
            _ => status.to_string(),
        }
    }

    async fn path(&self, sample: &Sample, subject: &Subject) -> String {
        match sample.fresh {
            Fresh::Nothing | Fresh::Session => sample.path.clone(),
            Fresh::Device => {
                let owner = match sample.object {
                    Object::Of(owner) => self.world.person(owner),
                    _ => subject.person.unwrap_or_else(|| self.world.person("member")),
                };
                let device = self.world.device(owner, Desk::Closed).await.0;
                sample.path.replace("{device}", &device.uuid().to_string())
            }
            Fresh::Invitation => {
                let leader = self.world.person("leader");
                let mut leader = self.world.browser(leader, Desk::Closed).await;
                let path = format!("/api/rooms/{}/invitations", text(&self.world.room));
                let made = leader.post(&path, json!({})).await;
                sample.path.replace("{invitation}", text(&made.body["invitation"]))
            }
        }
    }

    async fn cookie(&mut self, subject: &Subject) -> String {
        if let Some(cookie) = self.cookies.get(subject.name) {
            return cookie.clone();
        }
        let person = subject.person.expect("somebody");
        let (_, cookie) = self.world.device(person, subject.desk).await;
        self.cookies.insert(subject.name, cookie.clone());
        cookie
    }

    async fn call(&mut self, sample: &Sample, subject: &Subject) -> String {
        let body = json!({ "method": sample.name, "data": sample.body });
        self.command("rpc", body, subject).await
    }

    /// A command on the subject's socket; who has no token says it before connecting.
    async fn command(&mut self, name: &str, body: Value, subject: &Subject) -> String {
        if subject.person.is_none() {
            let mut socket = self.world.hub.socket().await;
            socket.say(&json!({ "id": 1, name: body }).to_string()).await;
            let code = socket.closed().await;
            return if code == 0 { "ended".to_owned() } else { "closed".to_owned() };
        }
        if !self.sockets.contains_key(subject.name) {
            let socket = self.socket(subject).await;
            self.sockets.insert(subject.name, socket);
        }
        let socket = self.sockets.get_mut(subject.name).expect("connected");
        let reply = socket.call(name, body).await;
        reply.get("error").map_or_else(|| "ok".to_owned(), |error| error["code"].to_string())
    }

    async fn socket(&self, subject: &Subject) -> TestClient {
        let person = subject.person.expect("somebody");
        let mut browser = self.world.browser(person, Desk::Closed).await;
        let token = browser.post("/api/chat-token", json!({})).await.body["token"].clone();
        let mut socket = self.world.hub.socket().await;
        let reply = socket.call("connect", json!({ "token": token })).await;
        assert!(reply.get("error").is_none(), "{reply}");
        socket
    }

    /// Subscriptions are reads of the room: the log, its history and who is there.
    pub async fn channels(&mut self) {
        let action = self.access.rpc("messages.page").expect("listed");
        let room = format!("room:{}", text(&self.world.room));
        let inbox = format!("user:{}", self.world.person("member").uuid());
        let subscribe = |channel: &str| json!({ "channel": channel });
        for (name, channel, object) in [
            ("subscribe room", &room, Object::Target),
            ("subscribe inbox", &inbox, Object::Of("member")),
        ] {
            for subject in &self.world.subjects {
                let wanted = expected(action, subject, object);
                let got = self.command("subscribe", subscribe(channel), subject).await;
                // A subscription that connecting began is there already.
                self.compare((name, subject.name), (wanted, &["ok", "105"]), &got);
            }
        }
        for subject in &self.world.subjects {
            let wanted = expected(action, subject, Object::Target);
            let asked = json!({ "channel": room, "limit": 1 });
            let got = self.command("history", asked, subject).await;
            self.compare(("history room", subject.name), (wanted, &["ok"]), &got);
        }
    }

    /// The report; what the file names and was not driven is a fault.
    pub fn finish(mut self) -> Report {
        for action in self.access.actions() {
            for name in action.http.iter().chain(&action.rpc) {
                for subject in &self.world.subjects {
                    self.report.named += 1;
                    if !self.driven.contains(&(name.clone(), subject.name)) {
                        let fault = format!("{name} by {}: not driven", subject.name);
                        self.report.faults.push(fault);
                    }
                }
            }
        }
        if self.report.cells < self.report.named {
            let (cells, named) = (self.report.cells, self.report.named);
            self.report.faults.push(format!("{cells} cells driven, the file names {named}"));
        }
        self.report
    }
}
