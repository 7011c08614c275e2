//! The media server's side of the contract: tokens, join requests and the signal socket.

use std::collections::BTreeMap;

use prost::Message as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use signaling::media::admission::Joining;
use signaling::media::plane::{Candidate, DtlsRole};
use signaling::media::session::{ConnectionId, Now, Output, Rooms, Settings};
use signaling::media::token::{Claims, Keys, VideoGrant, sign, verify};
use signaling::media::wire::SignalRequest;

const KEY: &str = "key";
const SECRET: &str = "a secret of the fuzz target, long enough for anybody";
const NOW: Now = Now { monotonic_ms: 1_000, unix_ms: 1_790_000_000_000 };
/// What one input may lead to: two participants with a few tracks each.
const OUTPUTS_MAX: usize = 10_000;

fn keys() -> Keys {
    BTreeMap::from([(KEY.to_owned(), SECRET.to_owned())])
}

/// The bytes as a token; then as the claims of one that is signed well.
pub fn media_token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let now_s = NOW.unix_ms / 1_000;
    if let Ok(claims) = verify(text, &keys(), now_s) {
        let _ = claims.joins();
    }
    let Ok(claims) = serde_json::from_str::<Claims>(text) else { return };
    let claims = Claims { iss: KEY.to_owned(), ..claims };
    let token = sign(&claims, SECRET);
    let late = claims.exp.saturating_add(60) < now_s;
    let read = verify(&token, &keys(), now_s);
    assert!(!(late && read.is_ok()), "a token that is over opens nothing");
    if let Ok(read) = read {
        assert_eq!(read, claims, "what was signed is what is read");
        let rights = read.video.as_ref().map(VideoGrant::permission);
        let _ = (read.joins(), read.participant_kind(), rights);
    }
    let forged = sign(&claims, "another secret");
    assert!(verify(&forged, &keys(), now_s).is_err(), "the secret is what counts");
}

/// The value of `join_request`, and the bytes behind its base64.
pub fn join_request(bytes: &[u8]) {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let _ = Joining::from_join_request(&encoded);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = Joining::from_join_request(text);
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let _ = Joining::from_query(pairs);
}

/// Two participants whose sockets say what the bytes hold: one byte for who and how, two for the
/// length, then a message in protobuf or JSON.
pub fn media_signal(bytes: &[u8]) {
    let settings = Settings {
        keys: keys(),
        node_id: "ND_fuzz".to_owned(),
        software: "fuzz".to_owned(),
        candidates: vec![Candidate::Udp(([127, 0, 0, 1], 7882).into())],
        fingerprint: ["AB"; 32].join(":"),
        role: DtlsRole::Client,
        ice_servers: Vec::new(),
        auto_create: true,
        simulate: true,
        remote_unmute: true,
    };
    let mut rooms = Rooms::new(settings, StdRng::seed_from_u64(1));
    let mut driver = Driver { now: NOW, closed: Vec::new() };
    for (number, identity) in [(1, "one"), (2, "two")] {
        let grant =
            VideoGrant { room_join: true, room: "room".to_owned(), ..VideoGrant::default() };
        let claims = Claims {
            iss: KEY.to_owned(),
            sub: identity.to_owned(),
            exp: NOW.unix_ms / 1_000 + 600,
            video: Some(grant),
            ..Claims::default()
        };
        let joining = Joining::from_query([("protocol", "16")].into_iter());
        rooms.join(ConnectionId(number), claims, joining, driver.now).expect("joined");
        driver.drain(&mut rooms);
    }
    let mut rest = bytes;
    while let Some((&[how, high, low], behind)) = rest.split_first_chunk::<3>() {
        let length = (usize::from(high) * 256 + usize::from(low)).min(behind.len());
        let (message, behind) = behind.split_at(length);
        rest = behind;
        let connection = ConnectionId(1 + u64::from(how % 2));
        let request = match (how / 2) % 4 {
            0 | 1 => SignalRequest::decode(message).ok(),
            2 => serde_json::from_slice(message).ok(),
            _ => {
                driver.now.monotonic_ms += u64::from(low) * 100;
                driver.now.unix_ms += i64::from(low) * 100;
                rooms.tick(driver.now);
                None
            }
        };
        if let Some(request) = request {
            rooms.signal(connection, request, driver.now);
        }
        driver.drain(&mut rooms);
    }
}

struct Driver {
    now: Now,
    closed: Vec<ConnectionId>,
}

impl Driver {
    fn drain(&mut self, rooms: &mut Rooms) {
        let mut outputs = 0;
        while let Some(output) = rooms.poll() {
            outputs += 1;
            assert!(outputs < OUTPUTS_MAX, "one input and no end of outputs");
            match output {
                Output::Signal { connection, message } => {
                    assert!(!self.closed.contains(&connection), "a message after the close");
                    assert!(!message.encode_to_vec().is_empty());
                }
                Output::Close { connection } => self.closed.push(connection),
                Output::Media(_) => {}
            }
        }
    }
}
