//! The web client: files embedded in the program. Paths of the client's own router answer its
//! start page; a program built without the client answers a page that says how to build it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../web-client/dist"]
#[allow_missing = true]
struct Files;

const START: &str = "index.html";
/// Files below have a hash of their content in the name.
const HASHED: &str = "assets/";
/// Smaller files are not worth a compressed copy.
const COMPRESSED_BYTES_MIN: usize = 1_024;

const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
    <title>连心</title></head><body><h1>连心</h1>\
    <p>服务已经启动，但网页尚未编译进来。请在源代码目录运行：</p>\
    <pre>npm --prefix web-client ci\nnpm --prefix web-client run build\ncargo run -p hub</pre>\
    <p lang=\"en\">The service runs, but this program was built without the web client. Run the \
    commands above in the source folder.</p></body></html>\n";

/// Answers every path that no route takes.
pub async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    if path.split('/').any(|part| part.starts_with('.')) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(file) = Files::get(path) {
        return answer(path, file, request.headers());
    }
    let is_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    match Files::get(START) {
        Some(file) if is_page => answer(START, file, request.headers()),
        None if is_page => {
            let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (StatusCode::OK, html, NOT_BUILT).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(path: &str, file: EmbeddedFile, request: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    let kind = file.metadata.mimetype();
    let text = kind.starts_with("text/") || kind.ends_with("javascript") || kind.ends_with("xml");
    let kind = if text { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else if text && accepts_gzip(request) && file.data.len() >= COMPRESSED_BYTES_MIN {
        let mut response = Response::new(Body::from(compressed(path, &file.data)));
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
        response
    } else {
        Response::new(Body::from(bytes(file.data)))
    };
    let headers = response.headers_mut();
    let cache = match path.strip_prefix(HASHED) {
        Some(_) => "public, max-age=31536000, immutable",
        None => "no-cache",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    for (name, value) in [(header::ETAG, tag), (header::CONTENT_TYPE, kind)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let encodings = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    encodings.unwrap_or_default().split(',').any(|encoding| {
        let mut parts = encoding.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|part| part == "q=0")
    })
}

/// The compressed form of an embedded file, made at its first request and kept. Only names of
/// embedded files come here, so that the table is bounded.
fn compressed(path: &str, data: &[u8]) -> Bytes {
    static KEPT: Mutex<Option<HashMap<String, Bytes>>> = Mutex::new(None);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    if let Some(done) = kept.get(path) {
        return done.clone();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let done = encoder.write_all(data).and_then(|()| encoder.finish());
    let done = Bytes::from(done.unwrap_or_default());
    kept.insert(path.to_owned(), done.clone());
    done
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn ask(method: Method, path: &str) -> (StatusCode, HeaderMap, Bytes) {
        let request = Request::builder().method(method).uri(path).body(Body::empty());
        let (parts, body) = serve(request.expect("a request")).await.into_parts();
        (parts.status, parts.headers, to_bytes(body, 1 << 20).await.expect("a body"))
    }

    #[tokio::test]
    async fn every_page_of_the_client_answers_and_files_that_are_not_there_do_not() {
        for page in ["/", "/inbox", "/r/0192f0c1-0000-7000-8000-000000000001"] {
            let (status, headers, body) = ask(Method::GET, page).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            let kind = headers.get(header::CONTENT_TYPE).expect("a type");
            assert_eq!(kind, "text/html; charset=utf-8");
            assert!(body.starts_with(b"<!doctype html>"), "{page}");
        }
        for path in ["/nothing.js", "/assets/nothing.css", "/.vite/manifest.json", "/a/.git/b"] {
            assert_eq!(ask(Method::GET, path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(ask(Method::POST, "/inbox").await.0, StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn a_page_that_is_known_is_not_sent_again_and_hashed_files_are_kept_for_good() {
        let file = || EmbeddedFile {
            data: Cow::Owned(b"<p>".repeat(1_000)),
            metadata: rust_embed::Metadata::__rust_embed_new([7; 32], None, None, "text/html"),
        };
        let fresh = answer(START, file(), &HeaderMap::new());
        let tag = fresh.headers().get(header::ETAG).expect("a tag").clone();
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
        assert_eq!(answer(START, file(), &known).status(), StatusCode::NOT_MODIFIED);
        let gzip = HeaderValue::from_static("br, gzip;q=0.8");
        let gzip = HeaderMap::from_iter([(header::ACCEPT_ENCODING, gzip)]);
        let packed = answer("assets/index-1.html", file(), &gzip);
        assert_eq!(packed.headers().get(header::CONTENT_ENCODING).expect("packed"), "gzip");
        let cache = packed.headers().get(header::CACHE_CONTROL).expect("a rule");
        assert_eq!(cache, "public, max-age=31536000, immutable");
        let never = HeaderValue::from_static("gzip;q=0");
        let never = HeaderMap::from_iter([(header::ACCEPT_ENCODING, never)]);
        assert!(answer(START, file(), &never).headers().get(header::CONTENT_ENCODING).is_none());
    }
}
