//! The cookies of the hub: the session, the pass that follows a board post, and the mark by which a browser that is not signed in
//! is told from others for the limits of sign-in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use signaling::limits::{BOARD_TRACK_S_MAX, SESSION_AGE_S_MAX, VISITOR_MARK_AGE_S_MAX};

/// How cookies are named and sent by this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookies {
    secure: bool,
}

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// 32 secret bytes of a signed-in device.
    Session,
    /// 16 random bytes of a browser.
    Visitor,
    /// Lets a browser follow one board post for an hour.
    Track,
}

impl Cookies {
    /// With `secure` cookies bear the prefix `__Host-`, which browsers accept over HTTPS only;
    /// without, plain names for a door that is open to this machine alone.
    #[must_use]
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// Name of the session cookie.
    #[must_use]
    pub const fn session_name(self) -> &'static str {
        self.name(Cookie::Session)
    }

    const fn name(self, cookie: Cookie) -> &'static str {
        match (cookie, self.secure) {
            (Cookie::Session, true) => "__Host-lianxin",
            (Cookie::Session, false) => "lianxin",
            (Cookie::Visitor, true) => "__Host-lianxin-visitor",
            (Cookie::Visitor, false) => "lianxin-visitor",
            (Cookie::Track, true) => "__Host-lianxin-track",
            (Cookie::Track, false) => "lianxin-track",
        }
    }

    /// The bytes in a cookie of the request; `None` where there is none of this length.
    #[must_use]
    pub fn read<const N: usize>(self, cookie: Cookie, headers: &HeaderMap) -> Option<[u8; N]> {
        let name = self.name(cookie);
        let pairs = headers.get_all(header::COOKIE).iter();
        let mut pairs = pairs.filter_map(|line| line.to_str().ok()).flat_map(|l| l.split(';'));
        let value = pairs.find_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then_some(value)
        })?;
        URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok()
    }

    /// A `Set-Cookie` that keeps `bytes` in the browser.
    pub(crate) fn set(self, cookie: Cookie, bytes: &[u8]) -> Option<HeaderValue> {
        let age = match cookie {
            Cookie::Session => SESSION_AGE_S_MAX,
            Cookie::Visitor => VISITOR_MARK_AGE_S_MAX,
            Cookie::Track => BOARD_TRACK_S_MAX,
        };
        self.header(cookie, &URL_SAFE_NO_PAD.encode(bytes), age)
    }

    /// A `Set-Cookie` that removes the cookie.
    pub(crate) fn clear(self, cookie: Cookie) -> Option<HeaderValue> {
        self.header(cookie, "", 0)
    }

    fn header(self, cookie: Cookie, value: &str, age: i64) -> Option<HeaderValue> {
        let name = self.name(cookie);
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
        let mut header = HeaderValue::from_str(&text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secure_cookie_bears_every_attribute() {
        let text = Cookies::new(true).set(Cookie::Session, &[0; 32]).expect("a header");
        let text = text.to_str().expect("text");
        assert!(text.starts_with("__Host-lianxin=AAAA"), "{text}");
        for attribute in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure", "=7776000;"] {
            assert!(text.contains(attribute), "{text}");
        }
        assert!(!text.contains("Domain"));
    }

    #[test]
    fn a_cookie_is_read_back_and_a_stranger_is_not() {
        let cookies = Cookies::new(false);
        let mut headers = HeaderMap::new();
        let secret = [9_u8; 32];
        let value = URL_SAFE_NO_PAD.encode(secret);
        let line = format!("other=1; lianxin={value}; __Host-lianxin=zzz");
        headers.insert(header::COOKIE, line.parse().expect("header"));
        assert_eq!(cookies.read::<32>(Cookie::Session, &headers), Some(secret));
        assert_eq!(cookies.read::<16>(Cookie::Session, &headers), None);
        assert_eq!(cookies.read::<16>(Cookie::Visitor, &headers), None);
        assert_eq!(Cookies::new(true).read::<32>(Cookie::Session, &headers), None);
    }
}
