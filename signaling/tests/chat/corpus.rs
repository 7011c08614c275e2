//! The committed corpora of the fuzz targets, replayed through what the targets do.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/drive.rs"]
mod drive;
#[path = "../../fuzz/src/stream.rs"]
mod stream;

/// Feeds every file of a corpus; the name of the one that fails is printed.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files = 0;
    for entry in fs::read_dir(&folder).expect("a corpus") {
        let path = entry.expect("an entry").path();
        println!("{}", path.display());
        run(&fs::read(&path).expect("a file"));
        files += 1;
    }
    assert!(files >= 10, "{target} has {files} files");
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
