//! Decoders of the hub: what comes over the bus, in a request's head, as a token, or from a file.

use std::net::IpAddr;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use hub::auth::{Access, Cookie, Cookies, client_address, is_same_origin};
use hub::bus::Sealed;
use hub::config::Config;
use hub::keys::{Keys, Missing};
use time::OffsetDateTime;

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let home = tempfile::tempdir().expect("a folder");
    Keys::load(home.path(), Missing::Make { now: OffsetDateTime::UNIX_EPOCH }).expect("keys")
});
/// Where the code of a hint stands, and the head behind it.
const CODE: std::ops::Range<usize> = 1..33;
const HEAD: std::ops::Range<usize> = 33..66;

/// A hint from a stranger; then the same with the right code, as a node of another version could
/// send it.
pub fn bus_hint(bytes: &[u8]) {
    if let Some(sealed) = Sealed::read(Bytes::copy_from_slice(bytes)) {
        let _ = sealed.claims();
        assert!(sealed.open(&KEYS.bus).is_none(), "a hint without its code is believed");
    }
    let (Some(head), Some(rest)) = (bytes.get(HEAD), bytes.get(HEAD.end..)) else { return };
    let mut coded = bytes.to_vec();
    if let Some(code) = coded.get_mut(CODE) {
        code.copy_from_slice(&KEYS.bus.sign(&[head, rest]));
    }
    let Some(hint) = Sealed::read(coded.into()).and_then(|sealed| sealed.open(&KEYS.bus)) else {
        return;
    };
    let Some(again) = hint.seal(&KEYS.bus) else { return };
    let read = Sealed::read(again).and_then(|sealed| sealed.open(&KEYS.bus));
    assert_eq!(read, Some(hint), "a hint means the same when it is sent on");
}

/// A token of the chat socket that nobody signed.
pub fn chat_token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let claims: Option<serde_json::Value> = KEYS.chat_token.verify(text);
    assert!(claims.is_none(), "a token that nobody signed");
    let Some((signed, _)) = text.rsplit_once('.') else { return };
    // The claims of the token under a right signature for others.
    let other = KEYS.chat_token.sign(&serde_json::json!({"sub": "x"})).expect("signed");
    let (_, signature) = other.rsplit_once('.').expect("three parts");
    let mixed: Option<serde_json::Value> = KEYS.chat_token.verify(&format!("{signed}.{signature}"));
    assert!(mixed.is_none() || other.starts_with(signed), "a signature of something else");
}

/// Lines `name: value` as the head of a request: cookies, origin, addresses of proxies.
pub fn request_head(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let name = HeaderName::from_bytes(name);
        let value = HeaderValue::from_bytes(value.get(2..).unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    for secure in [false, true] {
        let cookies = Cookies::new(secure);
        let _: Option<[u8; 32]> = cookies.read(Cookie::Session, &headers);
        let _: Option<[u8; 16]> = cookies.read(Cookie::Visitor, &headers);
        let _: Option<[u8; 16]> = cookies.read(Cookie::Track, &headers);
    }
    let _ = is_same_origin(&headers, &["https://lianxin.example.org".to_owned()]);
    let peer: IpAddr = [192, 0, 2, 7].into();
    let proxy: IpAddr = [127, 0, 0, 1].into();
    let seen = client_address(Some(peer), &headers, &[proxy]);
    assert_eq!(seen, peer, "who is no proxy says nothing about others");
    let _ = client_address(Some(proxy), &headers, &[proxy]);
}

/// A configuration file, and an access file.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Config::parse(text) {
        assert!(!error.to_string().is_empty(), "an error says what is wrong");
    }
    if let Err(error) = Access::parse(text) {
        assert!(!error.to_string().is_empty(), "an error says what is wrong");
    }
}
