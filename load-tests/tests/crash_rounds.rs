//! Real hubs with real databases, killed under load: nothing acknowledged is lost, nothing secret
//! is logged, and the controls show that it would be found.

#![expect(clippy::expect_used, reason = "a test that can not be set up ends")]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The hub program of the same build; made here when only this package is tested.
fn hub() -> &'static PathBuf {
    static HUB: OnceLock<PathBuf> = OnceLock::new();
    HUB.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--locked", "-p", "hub", "--bin", "hub"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("run cargo");
        assert!(built.success(), "the hub does not build");
        PathBuf::from(env!("CARGO_BIN_EXE_load-tests")).with_file_name("hub")
    })
}

fn crash_rounds(arguments: &[&str]) -> (Output, String) {
    load_tests(&[&["crash-rounds"], arguments].concat())
}

fn load_tests(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_load-tests"))
        .args(arguments)
        .arg("--hub")
        .arg(hub())
        .output()
        .expect("run load-tests");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{text}");
    (output, text)
}

#[test]
fn twenty_kills_of_the_hub_lose_and_double_nothing() {
    let (output, text) = crash_rounds(&["--target", "hub", "--rounds", "20", "--seed", "20261124"]);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("kills 20"), "{text}");
}

#[test]
fn twenty_kills_of_the_database_lose_and_double_nothing() {
    let (output, text) =
        crash_rounds(&["--target", "postgres", "--rounds", "20", "--seed", "20261124"]);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("kills 20"), "{text}");
}

#[test]
fn a_dead_redis_between_two_hubs_loses_nothing_and_delays_by_three_seconds_at_most() {
    let arguments = ["--target", "redis", "--rounds", "3", "--seed", "20261124", "--dead-ms"];
    let (output, text) = crash_rounds(&[&arguments[..], &["6000"]].concat());
    assert!(output.status.success(), "{text}");
    assert!(text.contains("kills 3"), "{text}");
}

#[test]
fn hubs_that_trust_hints_alone_are_caught() {
    let arguments = ["--target", "redis", "--rounds", "1", "--seed", "20261124", "--dead-ms"];
    let (output, text) = crash_rounds(&[&arguments[..], &["6000", "--control"]].concat());
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("Late: ") || text.contains("Missed: "), "{text}");
}

#[test]
fn a_hub_that_answers_before_the_commit_is_caught() {
    let (output, text) =
        crash_rounds(&["--target", "hub", "--rounds", "4", "--seed", "20261124", "--control"]);
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("Lost: "), "{text}");
}

#[test]
fn a_database_that_commits_before_the_disk_has_it_is_caught() {
    let (output, text) =
        crash_rounds(&["--target", "postgres", "--rounds", "4", "--seed", "20261124", "--control"]);
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("Lost: "), "{text}");
}

#[test]
fn planted_numbers_codes_names_tokens_and_texts_reach_no_log_and_no_metric() {
    let (output, text) = load_tests(&["canary"]);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("23 words of 23 kinds"), "{text}");
}

#[test]
fn a_planted_word_in_the_log_is_found() {
    let (output, text) = load_tests(&["canary", "--control"]);
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("Found: 1 of 23"), "{text}");
}

#[test]
fn a_scenario_delivers_everything_and_writes_its_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("figures.json");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/small.toml");
    let (output, text) = load_tests(&["scenario", file, "--json", json.to_str().expect("a path")]);
    assert!(output.status.success(), "{text}");
    let figures = std::fs::read_to_string(json).expect("figures");
    assert!(figures.contains("times_the_floor"), "{figures}");
}
