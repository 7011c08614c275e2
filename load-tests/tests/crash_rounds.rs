//! Real hubs with real databases, killed under load: nothing acknowledged is lost, and the
//! controls show that a loss would be found.

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
    let output = Command::new(env!("CARGO_BIN_EXE_load-tests"))
        .arg("crash-rounds")
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
