//! Who may depend on whom: crates, the pure crates' trees, features, and what pure files contain.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::none;
use super::source::{Source, bare, root, tracked};

/// Crates of ours, and those of ours that each may name outside its tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("signaling", &[]),
    ("hub", &["signaling"]),
    ("sfu-core", &["signaling"]),
    ("sfu", &["sfu-core", "signaling"]),
    ("load-tests", &["signaling"]),
];
/// Crates of ours that each may name in its tests and benches besides.
const TEST_ARROWS: &[(&str, &[&str])] = &[("hub", &["sfu"]), ("load-tests", &["hub", "sfu"])];
/// Crates whose whole tree is free of IO, and what would bring it in.
const PURE: &[&str] = &["signaling", "sfu-core"];
const IO: &[&str] = &["tokio", "mio", "socket2", "async-std", "smol", "hyper", "reqwest"];

/// `cargo metadata`, whole.
fn metadata() -> Value {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform"])
        .arg("x86_64-unknown-linux-gnu")
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("cargo metadata is JSON")
}

fn listed(table: &[(&str, &[&str])], name: &str, wanted: &str) -> bool {
    table.iter().any(|(from, to)| *from == name && to.contains(&wanted))
}

/// Arrows between crates of ours that the house does not have.
fn crate_arrows(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        if !package["source"].is_null() || !ARROWS.iter().any(|(from, _)| *from == name) {
            continue;
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            let ours = ARROWS.iter().any(|(crate_name, _)| *crate_name == to);
            let in_tests = dependency["kind"] == "dev" && listed(TEST_ARROWS, name, to);
            if ours && !in_tests && !listed(ARROWS, name, to) {
                complaints.push(format!("{name} must not depend on {to}"));
            }
        }
    }
    complaints
}

/// IO crates in the resolved tree of a pure crate, tests left out.
fn io_in_pure_trees(metadata: &Value) -> Vec<String> {
    let mut names = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        names.insert(package["id"].as_str().unwrap_or_default(), package["name"].as_str());
    }
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let to = node["deps"].as_array().into_iter().flatten().filter(|dep| {
            let kinds = dep["dep_kinds"].as_array();
            kinds.is_none_or(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
        });
        let to = to.filter_map(|dep| dep["pkg"].as_str()).collect();
        edges.insert(node["id"].as_str().unwrap_or_default(), to);
    }
    let mut complaints = Vec::new();
    for (id, name) in &names {
        let Some(name) = name.filter(|name| PURE.contains(name)) else { continue };
        let mut seen = BTreeSet::new();
        let mut open = vec![*id];
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(edges.get(next).into_iter().flatten());
            }
        }
        let tree = seen.iter().filter_map(|id| names.get(id).copied().flatten());
        for found in tree.filter(|found| IO.contains(found)) {
            complaints.push(format!("{name} must do no IO, but its tree has {found}"));
        }
    }
    complaints
}

/// Features that reach into another feature's SQL.
fn foreign_queries(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let Some((owner, _)) =
            file.path.strip_prefix("hub/src/features/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        for path in paths(&bare(&file.text)) {
            let parts: Vec<&str> = path.split("::").collect();
            let Some(at) = parts.iter().position(|part| *part == "queries") else { continue };
            let Some(before) = at.checked_sub(1).and_then(|at| parts.get(at)) else { continue };
            if !matches!(*before, "self" | "super" | "crate") && *before != owner {
                complaints.push(format!("{}: the SQL of {before} is its own", file.path));
            }
        }
    }
    complaints
}

/// Every `a::b::c` of a text, with `use` trees spelled out.
fn paths(text: &str) -> Vec<String> {
    let compact: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ::", "::");
    let mut found = Vec::new();
    let mut prefixes: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in compact.chars() {
        match c {
            '{' if word.ends_with("::") => prefixes.push(std::mem::take(&mut word)),
            c if c.is_alphanumeric() || matches!(c, '_' | ':') => word.push(c),
            ' ' if word.ends_with("::") => {}
            c => {
                if word.contains("::") || !prefixes.is_empty() {
                    found.push(format!("{}{word}", prefixes.concat()));
                }
                word.clear();
                if c == '}' {
                    prefixes.pop();
                }
            }
        }
    }
    found
}

/// Pure files that wait: rules, types and the fan-out decide, they never await.
fn waiting_rules(files: &[Source]) -> Vec<String> {
    let pure = |file: &&Source| {
        let feature = file.path.starts_with("hub/src/features/");
        (feature && matches!(file.name(), "rules.rs" | "types.rs"))
            || file.path.starts_with("hub/src/fanout/")
            || file.path.starts_with("signaling/src/")
    };
    let waits = |file: &&Source| {
        let text = bare(file.production());
        text.contains(".await") || text.contains("async ")
    };
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter(pure)
        .filter(waits)
        .map(|file| format!("{}: pure code never awaits", file.path))
        .collect()
}

#[test]
fn crates_depend_on_each_other_only_as_the_house_says() {
    let metadata = metadata();
    none(&crate_arrows(&metadata));
    none(&io_in_pure_trees(&metadata));
}

#[test]
fn features_keep_their_sql_to_themselves_and_rules_do_not_wait() {
    let files = tracked();
    none(&foreign_queries(&files));
    none(&waiting_rules(&files));
}

#[test]
fn a_forged_arrow_is_found() {
    let forged = serde_json::json!({ "packages": [
        { "name": "signaling", "source": null, "dependencies": [{ "name": "hub", "kind": null }] },
        { "name": "hub", "source": null, "dependencies": [{ "name": "sfu", "kind": "dev" }] },
    ]});
    assert_eq!(crate_arrows(&forged), ["signaling must not depend on hub"]);
}

#[test]
fn forged_io_in_a_pure_tree_is_found_but_not_in_its_tests() {
    let tree = |kind: Value| {
        serde_json::json!({
            "packages": [{ "id": "s", "name": "signaling" }, { "id": "a", "name": "a" },
                         { "id": "t", "name": "tokio" }],
            "resolve": { "nodes": [
                { "id": "s", "deps": [{ "pkg": "a", "dep_kinds": [{ "kind": kind }] }] },
                { "id": "a", "deps": [{ "pkg": "t", "dep_kinds": [{ "kind": null }] }] },
            ]},
        })
    };
    assert_eq!(io_in_pure_trees(&tree(Value::Null)).len(), 1);
    assert!(io_in_pure_trees(&tree("dev".into())).is_empty());
}

#[test]
fn a_forged_reach_into_foreign_sql_is_found() {
    let found =
        |text| !foreign_queries(&[Source::forged("hub/src/features/chat/mod.rs", text)]).is_empty();
    assert!(found("use crate::features::accounts::queries::device;"));
    assert!(found("use crate::features::{accounts::{queries, rules}, chat};"));
    assert!(found("fn a() { super::accounts::queries::device(); }"));
    assert!(!found("use super::queries; use self::queries::page; mod queries;"));
    assert!(!found("use crate::features::chat::queries; // accounts::queries::x"));
}

#[test]
fn a_forged_rule_that_waits_is_found() {
    let file = |path| [Source::forged(path, "pub async fn a() { b().await }")];
    assert_eq!(waiting_rules(&file("hub/src/features/chat/rules.rs")).len(), 1);
    assert_eq!(waiting_rules(&file("hub/src/fanout/room.rs")).len(), 1);
    assert!(waiting_rules(&file("hub/src/features/chat/mod.rs")).is_empty());
}
