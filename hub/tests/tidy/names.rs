//! What files are called, and what every folder says of itself.

use std::collections::BTreeSet;

use super::none;
use super::source::{Source, bare, tracked};

/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

fn file_names(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for file in files {
        let parts = file.path.split('/').map(stem);
        for part in parts.filter(|part| EMPTY_NAMES.contains(part)) {
            complaints.push(format!("{}: {part} says nothing, use the domain's word", file.path));
        }
        let beside = file.path.strip_suffix(".rs").map(|path| format!("{path}/mod.rs"));
        if beside.is_some_and(|folder| paths.contains(folder.as_str())) {
            complaints.push(format!("{}: its folder has a mod.rs", file.path));
        }
    }
    complaints
}

fn silent_folders(files: &[Source]) -> Vec<String> {
    let speaks = |file: &&Source| {
        matches!(file.name(), "mod.rs" | "lib.rs" | "main.rs") && !file.text.starts_with("//!")
    };
    let silent = files.iter().filter(speaks);
    silent.map(|file| format!("{}: begin with //! what it is for", file.path)).collect()
}

/// Where a client library of such a project is wrapped, and may be named for it.
const WRAPPERS: &[&str] = &["web-client/src/wire/", "web-client/src/media/"];

/// The names of the protocols' projects are theirs: we speak them, we are not them.
fn borrowed_names(files: &[Source]) -> Vec<String> {
    let projects = ["centrifug", "livekit"];
    let declared = ["fn", "struct", "enum", "trait", "mod", "const", "static", "type"];
    let borrowed = |word: &str| projects.iter().any(|name| word.to_lowercase().contains(name));
    let mut complaints = Vec::new();
    for file in files {
        let wraps = WRAPPERS.iter().any(|folder| file.path.starts_with(folder));
        if !wraps && borrowed(&file.path) {
            complaints.push(format!("{}: the path names another project", file.path));
        }
        if !file.is_rust() {
            continue;
        }
        let text = bare(&file.text);
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|w| !w.is_empty())
            .collect();
        for pair in words.windows(2) {
            if let [keyword, name] = pair
                && declared.contains(keyword)
                && borrowed(name)
            {
                complaints.push(format!("{}: {name} names another project", file.path));
            }
        }
    }
    complaints
}

#[test]
fn files_and_folders_are_named_and_introduced() {
    let files = tracked();
    none(&file_names(&files));
    none(&silent_folders(&files));
    none(&borrowed_names(&files));
}

#[test]
fn a_forged_name_is_found() {
    let file = |path| Source::forged(path, "");
    assert_eq!(file_names(&[file("hub/src/utils.rs"), file("hub/src/a/helpers/b.rs")]).len(), 2);
    assert_eq!(file_names(&[file("hub/src/a.rs"), file("hub/src/a/mod.rs")]).len(), 1);
    assert!(file_names(&[file("hub/src/a/mod.rs"), file("hub/src/b.rs")]).is_empty());
}

#[test]
fn a_forged_silent_folder_is_found() {
    assert_eq!(silent_folders(&[Source::forged("hub/src/a/mod.rs", "mod b;")]).len(), 1);
    assert!(silent_folders(&[Source::forged("hub/src/a/mod.rs", "//! A.\nmod b;")]).is_empty());
}

#[test]
fn a_forged_borrowed_name_is_found() {
    let file = |path, text| [Source::forged(path, text)];
    assert_eq!(borrowed_names(&file("hub/src/livekit.rs", "")).len(), 1);
    assert_eq!(borrowed_names(&file("hub/src/a.rs", "struct CentrifugeSession;")).len(), 1);
    let spoken = "const JSON: &str = \"centrifuge-json\"; // the Centrifuge protocol";
    assert!(borrowed_names(&file("hub/src/a.rs", spoken)).is_empty());
}
