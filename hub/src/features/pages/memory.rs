//! Pages that everybody reads: made once, answered from memory, and with 304 where a reader has
//! them already. Only what is the same for everybody may pass through here.
//!
//! A page is made anew when something public moved on this node, or after
//! [`PUBLIC_PAGE_FRESH_MS`], which covers the other nodes. Making is what costs: each network has a
//! number of makings a second, so that a flood of searches leaves the others their pages.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Bytes, to_bytes};
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dashmap::DashMap;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use signaling::RefusalCode;
use signaling::chat::session::Millis;
use signaling::limits::{
    PUBLIC_MAKES_BURST_MAX, PUBLIC_MAKES_PER_S_MAX, PUBLIC_NETWORKS_MAX, PUBLIC_PAGE_BYTES_MAX,
    PUBLIC_PAGE_FRESH_MS, PUBLIC_PAGE_KEY_BYTES_MAX, PUBLIC_PAGES_MAX,
};
use tokio::sync::{Mutex, watch};

use super::layout::Look;
use crate::app::App;
use crate::auth::Visitor;
use crate::error::{Error, Fault, Result};
use crate::features::accounts;

/// Pages in memory, and the mark that goes up when something public moves.
#[derive(Debug)]
pub struct PageMemory {
    moves: watch::Sender<u64>,
    pages: DashMap<String, Arc<Mutex<Option<Kept>>>>,
    networks: DashMap<Vec<u8>, Bucket>,
}

#[derive(Clone, Debug)]
struct Kept {
    move_: u64,
    made: Millis,
    status: StatusCode,
    kind: HeaderValue,
    tag: HeaderValue,
    body: Bytes,
}

/// Makings that a network has left.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Thousandths of a making.
    left: u64,
    at: Millis,
}

impl Default for PageMemory {
    fn default() -> Self {
        Self { moves: watch::Sender::new(0), pages: DashMap::new(), networks: DashMap::new() }
    }
}

impl PageMemory {
    /// Something that everybody may read has changed.
    pub fn moved(&self) {
        self.moves.send_modify(|mark| *mark = mark.wrapping_add(1));
    }

    /// Goes up with every move on this node.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.moves.subscribe()
    }

    /// How many listen to the moves.
    pub fn listeners(&self) -> usize {
        self.moves.receiver_count()
    }

    fn place(&self, key: &str) -> Arc<Mutex<Option<Kept>>> {
        if let Some(place) = self.pages.get(key) {
            return Arc::clone(&place);
        }
        if self.pages.len() >= PUBLIC_PAGES_MAX {
            self.pages.clear();
        }
        Arc::clone(&self.pages.entry(key.to_owned()).or_default())
    }

    /// Takes one making from a network; `false` where it has none left.
    fn may_make(&self, network: Vec<u8>, now: Millis) -> bool {
        if self.networks.len() >= PUBLIC_NETWORKS_MAX {
            self.networks.clear();
        }
        let full = Bucket { left: PUBLIC_MAKES_BURST_MAX.saturating_mul(1_000), at: now };
        let mut bucket = self.networks.entry(network).or_insert(full);
        let passed = now.0.saturating_sub(bucket.at.0);
        let more = passed.saturating_mul(PUBLIC_MAKES_PER_S_MAX);
        let left = bucket.left.saturating_add(more).min(full.left);
        let rest = left.checked_sub(1_000);
        *bucket = Bucket { left: rest.unwrap_or(left), at: now };
        rest.is_some()
    }
}

/// Who asks for a page that is the same for everybody, and for which one.
#[derive(Debug)]
pub(in crate::features) struct Asked {
    look: Look,
    /// Host and address: pages name the site where they are.
    address: String,
    known: Option<HeaderValue>,
    network: Vec<u8>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let none = HeaderValue::from_static("");
        let host = parts.headers.get(header::HOST).unwrap_or(&none);
        Ok(Self {
            look: Look::of(&parts.headers),
            address: format!("{} {}", host.to_str().unwrap_or_default(), parts.uri),
            known: parts.headers.get(header::IF_NONE_MATCH).cloned(),
            network: accounts::network(&visitor),
        })
    }
}

impl Asked {
    /// The page from memory, or as `make` makes it.
    pub(in crate::features) async fn answer(
        self,
        app: &App,
        make: impl Future<Output = Result<Response>>,
    ) -> Result<Response> {
        let now = app.clock.monotonic();
        if self.address.len() > PUBLIC_PAGE_KEY_BYTES_MAX {
            let sentence = "this address is too long; search for fewer words";
            return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
        }
        let key = format!("{:?} {}", self.look, self.address);
        let place = app.pages.place(&key);
        // Those who ask for the same page while it is made wait for that one.
        let mut kept = place.lock().await;
        let move_ = *app.pages.moves.borrow();
        let fresh = |kept: &&Kept| {
            kept.move_ == move_ && now.0.saturating_sub(kept.made.0) < PUBLIC_PAGE_FRESH_MS
        };
        let current = kept.as_ref().filter(fresh).cloned();
        let current = match current {
            Some(current) => current,
            None => {
                let may = app.pages.may_make(self.network, now);
                // Nothing moved here: what another node may have changed has to wait.
                if let Some(kept) = kept.as_ref().filter(|kept| !may && kept.move_ == move_) {
                    return Ok(kept.clone().answer(self.known.as_ref()));
                }
                if !may {
                    return Err(too_many());
                }
                let made = made(make.await?, (move_, now)).await?;
                *kept = Some(made.clone());
                made
            }
        };
        drop(kept);
        Ok(current.answer(self.known.as_ref()))
    }

    /// Takes one making for what is not kept in memory.
    pub(in crate::features) fn spend(self, app: &App) -> Result<()> {
        let may = app.pages.may_make(self.network, app.clock.monotonic());
        if may { Ok(()) } else { Err(too_many()) }
    }
}

fn too_many() -> Error {
    let sentence = "too many pages at once from this network; wait a moment";
    Error::refuse_for(RefusalCode::TooManyRequests, sentence, 1)
}

async fn made(response: Response, (move_, made): (u64, Millis)) -> Result<Kept> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, PUBLIC_PAGE_BYTES_MAX).await.map_err(Fault::new)?;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let sum = digest(&SHA256, &body);
    let tag = URL_SAFE_NO_PAD.encode(sum.as_ref());
    Ok(Kept {
        move_,
        made,
        status: parts.status,
        kind: parts.headers.get(header::CONTENT_TYPE).cloned().unwrap_or(html),
        tag: HeaderValue::try_from(format!("\"{tag}\"")).map_err(Fault::new)?,
        body,
    })
}

impl Kept {
    fn answer(self, known: Option<&HeaderValue>) -> Response {
        let names = |known: &HeaderValue| {
            let tags = known.to_str().unwrap_or_default();
            let mine = self.tag.to_str().unwrap_or_default();
            tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == mine)
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("cookie"));
        if known.is_some_and(names) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(header::CONTENT_TYPE, self.kind);
        (self.status, headers, self.body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_from_one_network_leaves_the_others_theirs() {
        let memory = PageMemory::default();
        let make = |network: u8, at| memory.may_make(vec![network], Millis(at));
        let made = (0..1_000).filter(|_| make(1, 0)).count();
        assert_eq!(u64::try_from(made), Ok(PUBLIC_MAKES_BURST_MAX));
        assert!(!make(1, 1), "nothing is left");
        assert!(make(2, 1), "another network has its own");
        let later = 1_000;
        let made = (0..1_000).filter(|_| make(1, later)).count();
        assert_eq!(u64::try_from(made), Ok(PUBLIC_MAKES_PER_S_MAX));
    }
}
