//! Sign-in over HTTP at a whole hub.

#![expect(clippy::expect_used, reason = "a test that can not go on ends")]

use hub::testing::{TestHub, TestPerson};
use reqwest::{Client, Response, StatusCode, header};
use serde_json::{Value, json};

struct Browser {
    client: Client,
    base: String,
    cookies: Vec<String>,
}

impl Browser {
    fn at(hub: &TestHub) -> Self {
        let base = format!("http://{}", hub.address());
        Self { client: Client::new(), base, cookies: Vec::new() }
    }

    async fn post(&mut self, path: &str, body: Value) -> Response {
        let request = self.client.post(format!("{}{path}", self.base)).json(&body);
        self.send(request).await
    }

    async fn get(&mut self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Response {
        let request = request.header(header::COOKIE, self.cookies.join("; "));
        let response = request.send().await.expect("an answer");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let pair = cookie.split(';').next().expect("a pair").to_owned();
            let name = pair.split('=').next().expect("a name").to_owned();
            self.cookies.retain(|kept| !kept.starts_with(&format!("{name}=")));
            self.cookies.push(pair);
        }
        response
    }

    /// Asks for a code and reads it from the console's page.
    async fn code(&mut self, phone: &str) -> (Value, Option<String>) {
        let ask = json!({ "phone": phone, "by": "sms" });
        let response = self.post("/api/sign-in/challenges", ask).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let challenge: Value = response.json().await.expect("JSON");
        let codes: Vec<Value> = self.get("/dev/codes").await.json().await.expect("JSON");
        let code = codes.into_iter().find(|code| code["phone"] == phone);
        let code = code.as_ref().and_then(|code| code.get("code")).and_then(Value::as_str);
        (challenge, code.map(str::to_owned))
    }
}

fn phone(person: TestPerson) -> String {
    format!("100{:08}", person.number)
}

async fn word(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    let word = body.get("code").and_then(Value::as_str).unwrap_or_default();
    (status, word.to_owned())
}

#[tokio::test]
async fn a_member_signs_in_with_a_code_and_gets_a_token_for_the_chat() {
    let hub = TestHub::start().await;
    let person = hub.person("林禾川").await;
    let mut browser = Browser::at(&hub);
    assert_eq!(word(browser.get("/api/me").await).await, (401, "sign_in_required".to_owned()));
    let (challenge, code) = browser.code(&phone(person)).await;
    let finish = json!({ "challenge": challenge["challenge"], "code": code });
    let response = browser.post("/api/sign-in", finish.clone()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let me: Value = browser.get("/api/me").await.json().await.expect("JSON");
    assert_eq!(me["name"], "林禾川");
    assert!(me["phone_masked"].as_str().is_some_and(|masked| masked.contains("****")));
    let token: Value = browser.post("/api/chat-token", json!({})).await.json().await.expect("JSON");
    let mut socket = hub.socket().await;
    let reply = socket.call("connect", json!({ "token": token["token"] })).await;
    assert_eq!(reply["connect"]["subs"].as_object().map(serde_json::Map::len), Some(1), "{reply}");
    // A code is good once; signing out closes the socket and the session.
    assert_eq!(word(browser.post("/api/sign-in", finish).await).await.1, "code_wrong");
    assert_eq!(browser.post("/api/sign-out", json!({})).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(socket.closed().await, 4500);
    assert_eq!(word(browser.get("/api/me").await).await.0, 401);
    let mut replay = hub.socket().await;
    replay.say(&json!({ "id": 1, "connect": { "token": token["token"] } }).to_string()).await;
    assert_eq!(replay.closed().await, 3500);
    hub.stop().await;
}

#[tokio::test]
async fn a_code_is_refused_after_five_wrong_tries() {
    let hub = TestHub::start().await;
    let person = hub.person("沈一宁").await;
    let mut browser = Browser::at(&hub);
    let (challenge, code) = browser.code(&phone(person)).await;
    let code = code.expect("a code");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let finish = |code: &str| json!({ "challenge": challenge["challenge"], "code": code });
    for _ in 0..5 {
        assert_eq!(word(browser.post("/api/sign-in", finish(wrong)).await).await.1, "code_wrong");
    }
    assert_eq!(word(browser.post("/api/sign-in", finish(&code)).await).await.1, "code_wrong");
    hub.stop().await;
}

#[tokio::test]
async fn an_unknown_number_gets_the_same_answer_and_no_code() {
    let hub = TestHub::start().await;
    let person = hub.person("江朗").await;
    let mut browser = Browser::at(&hub);
    let (known, _) = browser.code(&phone(person)).await;
    let (unknown, code) = browser.code("19999999999").await;
    assert_eq!(code, None);
    let keys = |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys(&known), keys(&unknown));
    let again = json!({ "phone": "19999999999", "by": "call" });
    let again = word(browser.post("/api/sign-in/challenges", again).await).await;
    assert_eq!(again, (429, "too_many_requests".to_owned()));
    let bad = json!({ "phone": "12", "by": "sms" });
    assert_eq!(word(browser.post("/api/sign-in/challenges", bad).await).await.1, "phone_invalid");
    hub.stop().await;
}

#[tokio::test]
async fn requests_of_other_sites_are_refused() {
    let hub = TestHub::start().await;
    let mut browser = Browser::at(&hub);
    let request = browser
        .client
        .post(format!("{}/api/sign-out", browser.base))
        .header(header::ORIGIN, "https://elsewhere.example")
        .json(&json!({}));
    let response = browser.send(request).await;
    assert_eq!(word(response).await, (403, "not_allowed".to_owned()));
    hub.stop().await;
}
