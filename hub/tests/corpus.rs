//! The committed corpora of the fuzz targets, replayed through what the targets do, each file also
//! cut short and with bytes changed, by seed.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::fs;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

#[path = "../fuzz/src/doors.rs"]
mod doors;

/// Changed copies of each file.
const CHANGED: u64 = 40;

/// Feeds every file of a corpus; the name and seed of what fails are printed.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files = 0;
    for entry in fs::read_dir(&folder).expect("a corpus") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file");
        println!("{}", path.display());
        run(&bytes);
        files += 1;
        for seed in 0..CHANGED {
            println!("SEED={seed}");
            run(&changed(&bytes, seed));
        }
    }
    assert!(files >= 10, "{target} has {files} files");
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
fn the_corpus_of_bus_hints_is_believed_with_its_code_alone() {
    replay("bus_hint", doors::bus_hint);
}

#[test]
fn the_corpus_of_chat_tokens_opens_nothing() {
    replay("chat_token", doors::chat_token);
}

#[test]
fn the_corpus_of_request_heads_is_read_or_passed_over() {
    replay("request_head", doors::request_head);
}

#[test]
fn the_corpus_of_configurations_is_read_or_refused_with_a_reason() {
    replay("config", doors::config);
}
