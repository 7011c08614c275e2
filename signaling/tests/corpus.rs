//! The committed corpora of the fuzz targets, replayed through what the targets do, each file also
//! cut short and with bytes changed, by seed.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::fs;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

#[path = "../fuzz/src/drive.rs"]
mod drive;
#[path = "../fuzz/src/media.rs"]
mod media;
#[path = "../fuzz/src/payloads.rs"]
mod payloads;
#[path = "../fuzz/src/stream.rs"]
mod stream;

/// Changed copies of each file.
const CHANGED: u64 = 40;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let paths =
        fs::read_dir(&folder).expect("a corpus").map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.clone(), fs::read(&path).expect("a file"))).collect()
}

/// Feeds every file of a corpus; the name and seed of what fails are printed.
fn replay(target: &str, run: fn(&[u8])) {
    let files = corpus(target);
    assert!(files.len() >= 10, "{target} has {} files", files.len());
    for (path, bytes) in files {
        println!("{}", path.display());
        run(&bytes);
        for seed in 0..CHANGED {
            println!("SEED={seed}");
            run(&changed(&bytes, seed));
        }
    }
}

fn changed(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut changed = bytes.to_vec();
    if changed.is_empty() {
        return changed;
    }
    for _ in 0..chance.random_range(1..8) {
        let at = chance.random_range(0..changed.len());
        // Half of them stay text.
        let even = seed.is_multiple_of(2);
        changed[at] = if even { chance.random() } else { chance.random_range(b' '..=b'~') };
    }
    if seed.is_multiple_of(3) {
        changed.truncate(chance.random_range(1..=changed.len()));
    }
    changed
}

#[test]
fn the_corpus_of_json_frames_is_read_or_refused() {
    replay("json_frame", drive::json_frame);
}

#[test]
fn the_corpus_of_protobuf_frames_is_read_or_refused() {
    replay("protobuf_frame", drive::protobuf_frame);
}

#[test]
fn the_corpus_of_channel_names_is_read_or_refused() {
    replay("channel_name", drive::channel_name);
}

#[test]
fn the_corpus_of_session_streams_keeps_the_promises() {
    replay("session_stream", stream::session_stream);
}

#[test]
fn the_corpus_of_rpc_payloads_means_the_same_when_it_is_written_again() {
    replay("rpc_payload", payloads::rpc_payload);
}

#[test]
fn the_corpus_of_http_bodies_means_the_same_when_it_is_written_again() {
    replay("http_body", payloads::http_body);
}

#[test]
fn every_payload_and_body_has_a_good_one_in_its_corpus() {
    for (target, types) in [("rpc_payload", &payloads::RPC[..]), ("http_body", &payloads::HTTP[..])]
    {
        let files = corpus(target);
        for (name, read) in types {
            assert!(files.iter().any(|(_, bytes)| read(bytes)), "{target}: no file is a {name}");
        }
    }
}

#[test]
fn the_corpus_of_room_service_bodies_is_read_or_refused() {
    replay("room_service", payloads::room_service);
}

#[test]
fn the_corpus_of_media_tokens_opens_nothing_that_it_should_not() {
    replay("media_token", media::media_token);
}

#[test]
fn the_corpus_of_join_requests_is_read_or_refused() {
    replay("join_request", media::join_request);
}

#[test]
fn the_corpus_of_media_signals_ends_in_bounded_answers() {
    replay("media_signal", media::media_signal);
}
