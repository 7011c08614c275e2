//! The contract's documents follow its code: the protocol document knows the events, and every cap
//! that is written down is enforced somewhere.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

use super::none;
use super::source::{Source, bare, tracked};

const EVENTS: &str = "signaling/src/event/";
const DOCUMENT: &str = "docs/PROTOCOL.md";
const LIMITS: &str = "signaling/src/limits.rs";
/// Caps that may be written down before the code that keeps them; this number may only shrink.
const AWAITED_MAX: usize = 20;

/// The hash that the protocol document must carry.
fn event_hash(files: &[Source]) -> String {
    let mut events: Vec<&Source> =
        files.iter().filter(|file| file.path.starts_with(EVENTS)).collect();
    events.sort_by(|one, other| one.path.cmp(&other.path));
    let mut all = Vec::new();
    for file in events {
        all.extend_from_slice(file.path.as_bytes());
        all.push(0);
        all.extend_from_slice(file.text.as_bytes());
        all.push(0);
    }
    let hash = digest(&SHA256, &all);
    let hex = |mut text: String, byte: &u8| {
        let _ = write!(text, "{byte:02x}");
        text
    };
    hash.as_ref().iter().fold(String::new(), hex)
}

fn parted_document(files: &[Source]) -> Vec<String> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else { return Vec::new() };
    let hash = event_hash(files);
    if document.text.contains(&hash) {
        return Vec::new();
    }
    vec![format!("{DOCUMENT}: read it beside {EVENTS}, then write the new hash: {hash}")]
}

fn unkept_limits(files: &[Source]) -> Vec<String> {
    let Some(limits) = files.iter().find(|file| file.path == LIMITS) else {
        return vec![format!("{LIMITS} is missing")];
    };
    let named = limits.text.split("pub const ").skip(1);
    let named = named.filter_map(|rest| rest.split(':').next());
    let code: Vec<String> = files
        .iter()
        .filter(|file| file.is_rust() && file.path != LIMITS && !file.is_test())
        .map(|file| bare(file.production()))
        .collect();
    let kept = |name: &str| {
        code.iter().any(|text| {
            text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
        })
    };
    named.filter(|name| !kept(name)).map(|name| format!("{LIMITS}: nothing keeps {name}")).collect()
}

#[test]
fn the_protocol_document_knows_the_events() {
    none(&parted_document(&tracked()));
}

#[test]
fn every_limit_is_kept_somewhere() {
    let unkept = unkept_limits(&tracked());
    if unkept.len() > AWAITED_MAX {
        none(&unkept);
    }
}

#[test]
fn a_forged_change_of_the_events_parts_the_document() {
    let event = |text| Source::forged("signaling/src/event/a.rs", text);
    let hash = event_hash(&[event("one")]);
    let with = |text| [event(text), Source::forged(DOCUMENT, &format!("hash: {hash}"))];
    assert!(parted_document(&with("one")).is_empty());
    assert_eq!(parted_document(&with("two")).len(), 1);
}

#[test]
fn a_forged_limit_that_nothing_keeps_is_found() {
    let limits = Source::forged(LIMITS, "pub const A_MAX: u8 = 1;\npub const B_MAX: u8 = 2;\n");
    let code = Source::forged("hub/src/a.rs", "fn a() -> u8 { A_MAX } // B_MAX");
    assert_eq!(unkept_limits(&[limits, code]), [format!("{LIMITS}: nothing keeps B_MAX")]);
}
