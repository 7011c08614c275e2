//! Whether a request comes from our own pages.

use http::{HeaderMap, Method, header};

/// Whether a browser sent this from a page of this site: a request that changes something, or one
/// that opens the chat socket. `origins` are the addresses of the site;
/// empty: the address in the request's own Host header. A client that is no browser names no
/// origin and is let through: it holds no cookie that it did not ask for itself.
#[must_use]
pub fn is_same_origin(headers: &HeaderMap, origins: &[String]) -> bool {
    // No page can forge either header. Of another site is nothing; to a second address of this
    // one a browser says `same-site`, and the origin decides.
    let site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    if site.is_some_and(|site| site == b"cross-site") {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return site.is_none_or(|site| site == b"same-origin");
    };
    let Ok(origin) = origin.to_str() else { return false };
    if !origins.is_empty() {
        return origins.iter().any(|own| own.eq_ignore_ascii_case(origin));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    matches!((host, named), (Some(host), Some(named)) if host.eq_ignore_ascii_case(named))
}

/// Whether a request may change something: same origin, and in a form that no foreign page can
/// send without asking first (JSON, or a proven origin where there is no body or a plain form).
pub(super) fn may_change(method: &Method, headers: &HeaderMap, origins: &[String]) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    if !is_same_origin(headers, origins) {
        return false;
    }
    let proven = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    // A foreign page can not send these methods without permission.
    let asks_first = !matches!(*method, Method::POST);
    let plain = !has_body(headers) || is_form(headers);
    is_json(headers) || (plain && proven) || (!has_body(headers) && asks_first)
}

/// A form of a page without scripts; what a foreign page sends so bears its own origin.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = essence(headers);
    ["application/x-www-form-urlencoded", "multipart/form-data"]
        .iter()
        .any(|form| kind.eq_ignore_ascii_case(form))
}

fn is_json(headers: &HeaderMap) -> bool {
    essence(headers).eq_ignore_ascii_case("application/json")
}

fn essence(headers: &HeaderMap) -> &str {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim()
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    const OURS: &str = "https://lianxin.example.org";

    #[test]
    fn only_our_own_pages_may_change_something() {
        let json = ("content-type", "application/json; charset=utf-8");
        let form = ("content-type", "application/x-www-form-urlencoded");
        let files = ("content-type", "multipart/form-data; boundary=x");
        let cases: &[(&[(&'static str, &str)], bool)] = &[
            (&[files, ("content-length", "2"), ("origin", OURS)], true),
            (&[files, ("content-length", "2")], false),
            (&[files, ("content-length", "2"), ("origin", "https://evil.example")], false),
            (&[json, ("origin", OURS)], true),
            (&[json, ("origin", OURS), ("sec-fetch-site", "same-origin")], true),
            (&[json, ("origin", OURS), ("sec-fetch-site", "same-site")], true),
            (&[json, ("origin", "HTTPS://Lianxin.Example.org")], true),
            (&[json], true),
            (&[json, ("origin", "https://evil.example")], false),
            (&[json, ("origin", "null")], false),
            (&[json, ("origin", "http://lianxin.example.org")], false),
            (&[json, ("sec-fetch-site", "same-site")], false),
            (&[json, ("sec-fetch-site", "cross-site")], false),
            (&[json, ("sec-fetch-site", "none")], false),
            (&[("content-type", "text/plain"), ("content-length", "2")], false),
            (&[("content-type", "text/plain"), ("content-length", "2"), ("origin", OURS)], false),
            (&[("transfer-encoding", "chunked"), ("origin", OURS)], false),
            (&[form, ("content-length", "2"), ("origin", OURS)], true),
            (&[form, ("content-length", "2")], false),
            (&[form, ("content-length", "2"), ("origin", "null")], false),
            (&[form, ("content-length", "2"), ("origin", "https://evil.example")], false),
            (&[("content-length", "0"), ("origin", OURS)], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[], false),
        ];
        for (list, expected) in cases {
            let found = may_change(&Method::POST, &headers(list), &[OURS.to_owned()]);
            assert_eq!(found, *expected, "{list:?}");
        }
        assert!(may_change(&Method::DELETE, &headers(&[]), &[]));
        assert!(!may_change(&Method::DELETE, &headers(&[("origin", "https://evil.example")]), &[]));
        assert!(may_change(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")]), &[]));
    }

    #[test]
    fn without_configured_origins_the_host_header_decides() {
        let from = |origin| headers(&[("host", "127.0.0.1:8080"), ("origin", origin)]);
        assert!(is_same_origin(&from("http://127.0.0.1:8080"), &[]));
        assert!(!is_same_origin(&from("http://127.0.0.1:8081"), &[]));
        assert!(!is_same_origin(&from("http://localhost:8080"), &[]));
        assert!(!is_same_origin(&headers(&[("origin", "http://127.0.0.1:8080")]), &[]));
    }
}
