//! Requests through the hub's own router, with the cookies a browser would keep.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::app::App;
use crate::door;

/// A browser on a page of the hub.
pub struct TestBrowser {
    router: Router,
    cookies: BTreeMap<String, String>,
    address: IpAddr,
    /// Sent with every request, instead of what a browser sends.
    pub headers: HeaderMap,
}

/// What came back.
#[derive(Debug)]
pub struct TestAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The JSON body, `null` for an empty one and for a page.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// The body as it came.
    pub bytes: Bytes,
}

impl TestBrowser {
    pub(super) fn new(app: &App) -> Self {
        let router = door::http::router(App::clone(app)).expect("the access file fits");
        let address = "127.0.0.1".parse().expect("an address");
        Self { router, cookies: BTreeMap::new(), address, headers: HeaderMap::new() }
    }

    /// The same browser at another address.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        self.address = address.parse().expect("an address");
        self
    }

    /// A cookie that the browser keeps.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie into the browser.
    pub fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Sends JSON from a page of the hub.
    pub async fn post(&mut self, path: &str, body: Value) -> TestAnswer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Reads.
    pub async fn get(&mut self, path: &str) -> TestAnswer {
        self.send(Method::GET, path, None).await
    }

    /// Deletes.
    pub async fn delete(&mut self, path: &str) -> TestAnswer {
        self.send(Method::DELETE, path, None).await
    }

    /// Sends a request with the browser's cookies and keeps those that come back.
    pub async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> TestAnswer {
        let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
        self.send_as(method, path, body).await
    }

    /// Sends a form of a page without scripts.
    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> TestAnswer {
        let body = Some(("application/x-www-form-urlencoded", urlencoded(fields).into_bytes()));
        self.send_as(Method::POST, path, body).await
    }

    /// Sends a form of a page without scripts with pictures: for each its bytes and its words.
    pub async fn form_with_pictures(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        pictures: &[(&[u8], &str)],
    ) -> TestAnswer {
        let mut body = Vec::new();
        let mut part = |name: &str, more: &str, value: &[u8]| {
            let head =
                format!("--part\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
            body.extend([head.as_bytes(), value, b"\r\n"].concat());
        };
        for (name, value) in fields {
            part(name, "", value.as_bytes());
        }
        for (bytes, alt) in pictures {
            part("picture", "; filename=\"a.png\"", bytes);
            part("alt", "", alt.as_bytes());
        }
        body.extend(b"--part--\r\n");
        let body = Some(("multipart/form-data; boundary=part", body));
        self.send_as(Method::POST, path, body).await
    }

    async fn send_as(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> TestAnswer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "hub.test")
            .extension(ConnectInfo(SocketAddr::new(self.address, 40_000)));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, v)| format!("{name}={v}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some((kind, _)) = &body {
            request = request
                .header(header::CONTENT_TYPE, *kind)
                .header(header::ORIGIN, "http://hub.test")
                .header("sec-fetch-site", "same-origin");
        }
        let body = body.map(|(_, body)| body).unwrap_or_default();
        if !body.is_empty() {
            request = request.header(header::CONTENT_LENGTH, body.len());
        }
        let mut request = request.body(Body::from(body)).expect("a request");
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        let answer = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = answer.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            self.obey(set.to_str().expect("text"));
        }
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        TestAnswer { status: parts.status, headers: parts.headers, body, text, bytes }
    }

    /// Asks for a code with a number and returns the answer.
    pub async fn ask_code(&mut self, phone: &str) -> TestAnswer {
        self.post("/api/sign-in/challenges", json!({ "phone": phone, "by": "sms" })).await
    }

    /// Tries a code.
    pub async fn try_code(&mut self, challenge: &Value, code: &str) -> TestAnswer {
        self.post("/api/sign-in", json!({ "challenge": challenge, "code": code })).await
    }

    /// Signs in with a number, reading the code from the hub's console.
    pub async fn sign_in(&mut self, app: &App, phone: &str) -> TestAnswer {
        let asked = self.ask_code(phone).await;
        assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.body);
        let console = app.delivery.console().expect("a console");
        let (_, code) = console.recent().into_iter().next().expect("a code");
        self.try_code(&asked.body["challenge"], &code).await
    }

    /// Replaces.
    pub async fn put(&mut self, path: &str, body: Value) -> TestAnswer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Changes.
    pub async fn patch(&mut self, path: &str, body: Value) -> TestAnswer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    fn obey(&mut self, set: &str) {
        let (name, rest) = set.split_once('=').expect("a cookie");
        let value = rest.split(';').next().unwrap_or_default();
        if set.contains("Max-Age=0;") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Fields as a browser sends them.
fn urlencoded(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| -> String {
        let each = |byte: u8| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        };
        text.bytes().map(each).collect()
    };
    let pairs: Vec<_> =
        fields.iter().map(|(name, v)| format!("{}={}", encoded(name), encoded(v))).collect();
    pairs.join("&")
}
