//! The committed corpora of the fuzz targets, replayed through what the targets do, each also cut
//! short and with bytes changed.

use std::fs;
use std::path::Path;

use rand::{Rng, SeedableRng, rngs::StdRng};

#[path = "../fuzz/src/datagrams.rs"]
mod datagrams;

#[test]
fn the_corpus_of_datagrams_ends_nothing_and_gives_strangers_no_more_than_they_sent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/datagrams");
    let mut files = 0;
    for entry in fs::read_dir(&folder).expect("a corpus") {
        let path = entry.expect("an entry").path();
        println!("{}", path.display());
        let bytes = fs::read(&path).expect("a file");
        datagrams::datagrams(&bytes);
        files += 1;
        for seed in 0..40 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut changed = bytes.clone();
            for _ in 0..rng.random_range(1..8) {
                let at = rng.random_range(0..changed.len());
                changed[at] = rng.random();
            }
            changed.truncate(rng.random_range(1..=changed.len()));
            println!("seed {seed}");
            datagrams::datagrams(&changed);
        }
    }
    assert!(files >= 10, "{files} files");
}
