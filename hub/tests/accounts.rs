//! Sign-in, sessions, devices and tokens through the doors of a whole hub.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

use http::{Method, StatusCode};
use hub::features::accounts::{self, TokenError, verify_chat_token};
use hub::testing::{TestAnswer, TestHub};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const PHONE: &str = "10000000001";
const VILLAGE: &str = "203.0.113.7";

fn now() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(20_000)
}

fn code_of(answer: &TestAnswer) -> &str {
    answer.body["code"].as_str().unwrap_or_default()
}

fn newest_code(hub: &TestHub) -> String {
    hub.app.delivery.console().expect("a console").recent()[0].1.clone()
}

/// A code that is not `code`.
fn another(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn a_person_signs_in_and_the_cookie_names_the_device_from_then_on() {
    let hub = TestHub::start().await;
    let person = hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    assert_eq!(code_of(&browser.get("/api/me").await), "sign_in_required");
    assert_eq!(browser.get("/api/session").await.body, json!({}));
    let me = browser.sign_in(&hub.app, "+86 100 0000 0001").await;
    assert_eq!(me.status, StatusCode::OK, "{}", me.body);
    assert_eq!(me.body["person"], json!(person));
    assert_eq!(me.body["name"], "林禾川");
    assert_eq!(me.body["phone_masked"], "100****0001");
    let cookie = me.headers["set-cookie"].to_str().expect("text");
    for attribute in ["lianxin=", "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=7776000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let again = browser.get("/api/me").await;
    assert_eq!(again.body, me.body);
    assert_eq!(browser.get("/api/session").await.body["me"], me.body);
    let token = browser.post("/api/chat-token", json!({})).await;
    let token = token.body["token"].as_str().expect("a token").to_owned();
    let who = verify_chat_token(&hub.app, &token).await.expect("valid");
    assert_eq!(json!(who.person), me.body["person"]);
    assert_eq!(json!(who.device), me.body["device"]);
    hub.stop().await;
}

#[tokio::test]
async fn a_wrong_code_is_refused_and_the_sixth_try_is_not_even_looked_at() {
    let hub = TestHub::start().await;
    hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    let challenge = browser.ask_code(PHONE).await.body["challenge"].clone();
    let code = newest_code(&hub);
    for _ in 0..5 {
        let answer = browser.try_code(&challenge, &another(&code)).await;
        assert_eq!((answer.status.as_u16(), code_of(&answer)), (422, "code_wrong"));
    }
    let right = browser.try_code(&challenge, &code).await;
    assert_eq!(code_of(&right), "code_wrong");
    assert_eq!(browser.cookie("lianxin"), None);
    let four = hub.browser().ask_code(PHONE).await.body["challenge"].clone();
    let code = newest_code(&hub);
    for _ in 0..4 {
        browser.try_code(&four, &another(&code)).await;
    }
    assert_eq!(browser.try_code(&four, &code).await.status, StatusCode::OK);
    hub.stop().await;
}

#[tokio::test]
async fn a_code_works_once_and_for_five_minutes_and_only_with_its_own_challenge() {
    let (hub, clock) = TestHub::start_at(now()).await;
    hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    let first = browser.ask_code(PHONE).await.body["challenge"].clone();
    let code = newest_code(&hub);
    let second = browser.ask_code(PHONE).await.body["challenge"].clone();
    if code != newest_code(&hub) {
        assert_eq!(code_of(&browser.try_code(&second, &code).await), "code_wrong");
    }
    clock.advance(Duration::seconds(299));
    assert_eq!(browser.try_code(&first, &code).await.status, StatusCode::OK);
    assert_eq!(code_of(&browser.try_code(&first, &code).await), "code_wrong");
    let code = newest_code(&hub);
    clock.advance(Duration::seconds(1));
    assert_eq!(code_of(&browser.try_code(&second, &code).await), "code_wrong");
    hub.stop().await;
}

#[tokio::test]
async fn a_number_without_an_account_gets_the_same_answers() {
    let (hub, _) = TestHub::start_at(now()).await;
    hub.account("林禾川", PHONE).await;
    let blank = |mut answer: TestAnswer| {
        answer.body["challenge"] = Value::Null;
        answer.headers.remove("set-cookie");
        (answer.status, format!("{:?}", answer.headers), answer.body.to_string())
    };
    let mut browser = hub.browser().at(VILLAGE);
    let known = browser.ask_code(PHONE).await;
    let mut stranger = hub.browser().at(VILLAGE);
    let unknown = stranger.ask_code("10099990001").await;
    let (known_id, unknown_id) =
        (known.body["challenge"].clone(), unknown.body["challenge"].clone());
    assert_ne!(known_id, unknown_id);
    assert_eq!(blank(known), blank(unknown));
    assert_eq!(hub.app.delivery.console().expect("console").recent().len(), 1);
    let wrong = another(&newest_code(&hub));
    let (known, unknown) =
        (browser.try_code(&known_id, &wrong).await, stranger.try_code(&unknown_id, &wrong).await);
    let made_up = json!("00000000-0000-4000-8000-000000000000");
    let (known, unknown) = (blank(known), blank(unknown));
    assert_eq!(known, unknown);
    assert_eq!(known, blank(stranger.try_code(&made_up, &wrong).await));
    let (known, unknown) = (browser.ask_code(PHONE).await, stranger.ask_code("10099990001").await);
    assert_eq!(code_of(&known), "too_many_requests");
    assert_eq!(blank(known), blank(unknown));
    hub.stop().await;
}

#[tokio::test]
async fn codes_are_limited_by_number_browser_and_address() {
    let (hub, clock) = TestHub::start_at(now()).await;
    hub.account("林禾川", PHONE).await;
    // Each time another browser and address: the number alone is the limit.
    for round in 0..5 {
        let address = format!("198.51.100.{round}");
        let asked = hub.browser().at(&address).ask_code(PHONE).await;
        assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.body);
        let early = hub.browser().at(&address).ask_code(PHONE).await;
        assert_eq!(early.body["retry_after_s"], 60);
        clock.advance(Duration::seconds(61));
    }
    let over = hub.browser().at("198.51.100.77").ask_code(PHONE).await;
    assert_eq!((over.status.as_u16(), code_of(&over)), (429, "too_many_requests"));
    assert!(over.headers.contains_key("retry-after"));
    clock.advance(Duration::hours(1));
    let mut browser = hub.browser().at("198.51.100.1");
    for number in 0..=10 {
        let asked = browser.ask_code(&format!("100111100{number:02}")).await;
        // The first request had no mark yet; ten more count for the browser.
        assert_eq!(asked.status, StatusCode::CREATED, "{number}");
    }
    assert_eq!(code_of(&browser.ask_code("10011110099").await), "too_many_requests");
    clock.advance(Duration::hours(1));
    for number in 0..60 {
        let asked = marked(&hub, number).ask_code(&format!("100222200{number:02}")).await;
        assert_eq!(asked.status, StatusCode::CREATED, "{number}");
    }
    let over = marked(&hub, 60).ask_code("10022220099").await;
    assert_eq!(code_of(&over), "too_many_requests");
    hub.stop().await;
}

/// A browser of the village with a mark of its own.
fn marked(hub: &TestHub, number: u8) -> hub::testing::TestBrowser {
    let mut browser = hub.browser().at(VILLAGE);
    browser.keep("lianxin-visitor", &format!("AAAAAAAAAAAAAAAAAAA{number:02}A"));
    browser
}

#[tokio::test]
async fn requests_of_other_sites_are_refused() {
    let hub = TestHub::start().await;
    hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    assert_eq!(browser.sign_in(&hub.app, PHONE).await.status, StatusCode::OK);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("content-type", "text/plain"),
    ] {
        browser.headers.insert(name, value.parse().expect("a header"));
        let answer = browser.post("/api/sign-out", json!({})).await;
        assert_eq!((answer.status.as_u16(), code_of(&answer)), (403, "not_allowed"), "{name}");
        browser.headers.clear();
    }
    assert_eq!(browser.get("/api/me").await.status, StatusCode::OK);
    let out = browser.post("/api/sign-out", json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.cookie("lianxin"), None);
    hub.stop().await;
}

#[tokio::test]
async fn an_own_device_stays_signed_in_for_ninety_days_after_its_last_use() {
    let (hub, clock) = TestHub::start_at(now()).await;
    hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    browser.sign_in(&hub.app, PHONE).await;
    clock.advance(Duration::minutes(30));
    let soon = browser.get("/api/me").await;
    assert!(!soon.headers.contains_key("set-cookie"));
    clock.advance(Duration::days(89));
    let late = browser.get("/api/me").await;
    assert_eq!(late.status, StatusCode::OK);
    assert!(late.headers["set-cookie"].to_str().expect("text").contains("Max-Age=7776000"));
    clock.advance(Duration::days(89));
    assert_eq!(browser.get("/api/me").await.status, StatusCode::OK);
    clock.advance(Duration::days(90));
    assert_eq!(code_of(&browser.get("/api/me").await), "sign_in_required");
    hub.stop().await;
}

#[tokio::test]
async fn the_first_administrator_is_made_on_the_machine_and_opens_the_desk_with_the_factor_shown() {
    let (hub, _) = TestHub::start_at(now()).await;
    let app = &hub.app;
    let make = async |name| {
        let phone = accounts::phone(PHONE).expect("a number");
        let who = (name, phone, app.clock.now());
        accounts::appoint_administrator(&app.db, &app.keys, &app.ids, who).await
    };
    let made = make("韩宁安").await.expect("made");
    let secret = made.second_factor.expect("made now");
    let mut browser = hub.browser();
    browser.sign_in(app, PHONE).await;
    let tree = "/api/admin/organisations";
    assert_eq!(code_of(&browser.get(tree).await), "second_factor_required");
    let step = app.clock.now().unix_timestamp().div_euclid(30);
    let code = accounts::second_factor_code(&secret, step);
    let desk = browser.post("/api/desk", json!({ "code": code })).await;
    assert_eq!(desk.body["administrator"], true, "{}", desk.body);
    assert_eq!(browser.get(tree).await.status, StatusCode::OK);
    // Once more changes nothing, and another name is another person.
    let again = make("韩宁安").await.expect("made");
    assert!(again.already && again.second_factor.is_none());
    assert!(make("林禾川").await.is_err());
    hub.stop().await;
}

#[tokio::test]
async fn a_revoked_device_is_refused_everywhere_and_its_sockets_close() {
    let hub = TestHub::start().await;
    let other_hub = hub.beside().await;
    let person = hub.account("林禾川", PHONE).await;
    let (mut phone, mut tablet) = (hub.browser(), hub.browser());
    phone.sign_in(&hub.app, PHONE).await;
    let device = tablet.sign_in(&hub.app, PHONE).await.body["device"].clone();
    let device: signaling::DeviceId = serde_json::from_value(device).expect("an id");
    let token = tablet.post("/api/chat-token", json!({})).await;
    let token = token.body["token"].as_str().expect("a token").to_owned();
    let who = hub::testing::TestPerson { person, device };
    let (mut here, mut there) = (hub.client(who).await, other_hub.client(who).await);
    let list = phone.get("/api/devices").await.body;
    let own: Vec<_> =
        list["devices"].as_array().expect("a list").iter().map(|d| d["current"].clone()).collect();
    assert_eq!(own.iter().filter(|own| **own == true).count(), 1);
    assert_eq!(own.len(), 2);
    let path = format!("/api/devices/{device}");
    assert_eq!(phone.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(here.closed().await, 4500);
    assert_eq!(there.closed().await, 4500);
    assert_eq!(code_of(&tablet.get("/api/me").await), "sign_in_required");
    for app in [&hub.app, &other_hub.app] {
        let replayed = verify_chat_token(app, &token).await;
        assert!(matches!(replayed, Err(TokenError::Invalid)), "{replayed:?}");
    }
    assert_eq!(phone.delete(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(phone.get("/api/devices").await.body["devices"].as_array().map(Vec::len), Some(1));
    other_hub.stop().await;
    hub.stop().await;
}

#[tokio::test]
async fn nobody_ends_a_device_of_another_person() {
    let hub = TestHub::start().await;
    hub.account("林禾川", PHONE).await;
    hub.account("沈一宁", "10000000002").await;
    let (mut one, mut other) = (hub.browser(), hub.browser());
    let device = one.sign_in(&hub.app, PHONE).await.body["device"].clone();
    other.sign_in(&hub.app, "10000000002").await;
    let path = format!("/api/devices/{}", device.as_str().expect("an id"));
    let refused = other.delete(&path).await;
    assert_eq!((refused.status.as_u16(), code_of(&refused)), (404, "not_found"));
    assert_eq!(other.delete("/api/devices/nonsense").await.status, StatusCode::NOT_FOUND);
    assert_eq!(one.get("/api/me").await.status, StatusCode::OK);
    hub.stop().await;
}

#[tokio::test]
async fn forged_foreign_and_old_tokens_open_nothing() {
    let (hub, clock) = TestHub::start_at(now()).await;
    hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    browser.sign_in(&hub.app, PHONE).await;
    let answer = browser.post("/api/chat-token", json!({})).await.body;
    let token = answer["token"].as_str().expect("a token").to_owned();
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let encode = |value: Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let forged = [
        String::new(),
        "a.b.c".to_owned(),
        format!("{}.{claims}.", encode(json!({ "alg": "none", "typ": "JWT" }))),
        format!("{}.{claims}.{signature}", encode(json!({ "alg": "none", "typ": "JWT" }))),
        format!("{}.{claims}.{signature}", encode(json!({ "alg": "HS256", "typ": "JWT" }))),
        format!("{head}.{claims}."),
        format!("{head}.{}.{signature}", encode(json!({ "aud": "chat", "sub": answer["x"] }))),
        format!("{head}.{claims}.{}", "A".repeat(86)),
        token.to_uppercase(),
    ];
    for text in &forged {
        let verified = verify_chat_token(&hub.app, text).await;
        assert!(matches!(verified, Err(TokenError::Invalid)), "{text}: {verified:?}");
    }
    let claim = |aud: &str, life: i64| {
        let begin = hub.app.clock.now().unix_timestamp();
        let who = (serde_json::to_value(uuid::Uuid::nil()), begin);
        json!({ "aud": aud, "sub": who.0.expect("JSON"), "did": uuid::Uuid::nil(), "iat": begin,
                "exp": begin + life, "jti": uuid::Uuid::nil() })
    };
    for claims in [claim("media", 600), claim("chat", 601), claim("chat", -1), claim("chat", 600)] {
        let signed = hub.app.keys.chat_token.sign(&claims).expect("signed");
        let verified = verify_chat_token(&hub.app, &signed).await;
        assert!(matches!(verified, Err(TokenError::Invalid)), "{claims}: {verified:?}");
    }
    clock.advance(Duration::seconds(599));
    verify_chat_token(&hub.app, &token).await.expect("good for ten minutes");
    clock.advance(Duration::seconds(1));
    let verified = verify_chat_token(&hub.app, &token).await;
    assert!(matches!(verified, Err(TokenError::Expired)), "{verified:?}");
    hub.stop().await;
}

#[tokio::test]
async fn bad_input_is_refused_with_a_stable_word() {
    let hub = TestHub::start().await;
    let mut browser = hub.browser();
    let cases = [
        ("/api/sign-in/challenges", json!({ "phone": "12345", "by": "sms" }), "phone_invalid"),
        ("/api/sign-in/challenges", json!({ "phone": PHONE, "by": "fax" }), "invalid_input"),
        ("/api/sign-in/challenges", json!({ "phone": PHONE }), "invalid_input"),
        (
            "/api/sign-in/challenges",
            json!({ "phone": PHONE, "by": "sms", "x": 1 }),
            "invalid_input",
        ),
        ("/api/sign-in", json!({ "challenge": "x", "code": "1" }), "invalid_input"),
        ("/api/sign-in", json!([]), "invalid_input"),
        ("/api/sign-in", json!({ "x": "y".repeat(70_000) }), "too_large"),
    ];
    for (path, body, word) in cases {
        let answer = browser.post(path, body).await;
        assert_eq!(code_of(&answer), word, "{path}: {}", answer.body);
        assert!(answer.status.is_client_error());
    }
    let wrong_method = browser.send(Method::PUT, "/api/me", Some(json!({}))).await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    hub.stop().await;
}

#[tokio::test]
async fn the_security_log_tells_what_happened_and_from_where() {
    let hub = TestHub::start().await;
    let person = hub.account("林禾川", PHONE).await;
    let mut browser = hub.browser();
    let challenge = browser.ask_code(PHONE).await.body["challenge"].clone();
    let code = newest_code(&hub);
    browser.try_code(&challenge, &another(&code)).await;
    browser.try_code(&challenge, &code).await;
    browser.post("/api/sign-out", json!({})).await;
    let rows = sqlx::query!("SELECT person, action, result, address FROM security_log ORDER BY n")
        .fetch_all(&hub.app.db)
        .await
        .expect("read");
    let told: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.result.as_str())).collect();
    let expected = [
        ("ask_code", "done"),
        ("sign_in", "code_wrong"),
        ("sign_in", "done"),
        ("sign_out", "done"),
    ];
    assert_eq!(told, expected);
    assert!(rows.iter().all(|row| row.person == Some(person.uuid())));
    assert!(rows.iter().all(|row| row.address == "127.0.0.1"));
    hub.stop().await;
}

#[tokio::test]
async fn who_signs_in_on_a_browser_ends_what_it_held_before_and_nothing_else() {
    let hub = TestHub::start().await;
    let first = hub.account("林禾川", PHONE).await;
    let second = hub.account("周晓梅", "10000000002").await;
    let mut elsewhere = hub.browser();
    elsewhere.sign_in(&hub.app, PHONE).await;
    let mut shared = hub.browser();
    shared.sign_in(&hub.app, PHONE).await;
    let cookie = shared.cookie("lianxin").expect("signed in").to_owned();
    let token = shared.post("/api/chat-token", json!({})).await.body;
    assert_eq!(token["person"], json!(first));
    let mut socket = hub.socket().await;
    socket.call("connect", json!({ "token": token["token"] })).await;

    let me = shared.sign_in(&hub.app, "10000000002").await;
    assert_eq!(me.body["person"], json!(second), "{}", me.body);
    assert_eq!(socket.closed().await, 4500);
    let mut thief = hub.browser();
    thief.keep("lianxin", &cookie);
    assert_eq!(code_of(&thief.get("/api/me").await), "sign_in_required");
    let token = shared.post("/api/chat-token", json!({})).await.body;
    assert_eq!(token["person"], json!(second));
    let devices = elsewhere.get("/api/devices").await.body;
    assert_eq!(devices["devices"].as_array().map(Vec::len), Some(1), "{devices}");
    hub.stop().await;
}

#[tokio::test]
async fn the_newest_twenty_devices_stay() {
    let (hub, clock) = TestHub::start_at(now()).await;
    hub.account("林禾川", PHONE).await;
    let mut oldest = hub.browser();
    oldest.sign_in(&hub.app, PHONE).await;
    for _ in 0..20 {
        clock.advance(Duration::seconds(61));
        assert_eq!(hub.browser().sign_in(&hub.app, PHONE).await.status, StatusCode::OK);
    }
    assert_eq!(code_of(&oldest.get("/api/me").await), "sign_in_required");
    hub.stop().await;
}
