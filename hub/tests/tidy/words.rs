//! Words that may not stand in the repository: unfinished work, skipped or waiting tests, paths of
//! one machine, queries the compiler does not check.

use super::none;
use super::source::{Source, bare, tracked};

/// Tests that may let real time pass, with the reason.
const WAITING: &[(&str, &str)] = &[
    ("hub/tests/simulation/client.rs", VIRTUAL),
    ("hub/tests/simulation/nodes.rs", VIRTUAL),
    ("hub/tests/simulation/run.rs", VIRTUAL),
    ("hub/tests/simulation/store.rs", VIRTUAL),
    ("hub/tests/simulation/world.rs", VIRTUAL),
];
const VIRTUAL: &str = "its time is virtual: a wait costs none";
/// Places whose SQL is not known at compile time, with the reason.
const UNCHECKED_SQL: &[(&str, &str)] = &[
    ("hub/src/store/", "starts databases: names, settings and extensions are no parameters"),
    ("hub/src/testing/", "makes and drops the databases of tests"),
    ("hub/benches/", "the floor that the log is compared with has tables of its own"),
    ("load-tests/", "reads the hub's database from outside, as an operator would"),
];

/// Whether a rule about code looks into the file.
fn is_code(file: &Source) -> bool {
    matches!(file.ending(), "rs" | "ts" | "tsx" | "css" | "sql" | "toml")
}

fn unfinished(files: &[Source]) -> Vec<String> {
    // In two pieces, so that this file does not find itself.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| is_code(file)) {
        let mut found = file.text.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = found.find(|word| words.contains(word)) {
            complaints.push(format!("{}: {word} without a tracked item", file.path));
        }
    }
    complaints
}

fn skipped_tests(files: &[Source]) -> Vec<String> {
    let marks = ["#[ignore", "test.skip(", "it.skip(", "describe.skip(", "test.only(", "it.only("];
    let skips = |file: &&Source| {
        let text = bare(&file.text);
        marks.iter().any(|mark| text.contains(mark))
    };
    let code = files.iter().filter(|file| is_code(file)).filter(skips);
    code.map(|file| format!("{}: a test that does not run proves nothing", file.path)).collect()
}

fn waiting_tests(files: &[Source], allowed: &[(&str, &str)]) -> Vec<String> {
    let marks = ["sleep(", "waitForTimeout("];
    let waits = |file: &&Source| {
        let text = bare(file.tests());
        let excused = allowed.iter().any(|(path, _)| *path == file.path);
        !excused && marks.iter().any(|mark| text.contains(mark))
    };
    let harness = |file: &&Source| !file.path.starts_with("hub/src/testing/");
    let code = files.iter().filter(|file| is_code(file)).filter(harness).filter(waits);
    code.map(|file| format!("{}: a test waits for an event, not for time", file.path)).collect()
}

fn machine_paths(files: &[Source]) -> Vec<String> {
    let folders = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp/", "lx")];
    let mut complaints = Vec::new();
    for file in files {
        for folder in folders {
            let mut found = file.text.match_indices(folder).filter(|(at, _)| {
                let before = file.text.get(..*at).unwrap_or_default().chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
            });
            if found.next().is_some() {
                complaints.push(format!("{}: {folder} is a path of one machine", file.path));
            }
        }
    }
    complaints
}

fn unchecked_sql(files: &[Source]) -> Vec<String> {
    let calls =
        ["query(", "query_as(", "query_scalar(", "query_as::<", "query_scalar::<", "raw_sql("];
    let unchecked = |file: &&Source| {
        let text = bare(file.production());
        let allowed = UNCHECKED_SQL.iter().any(|(place, _)| file.path.starts_with(place));
        !allowed
            && !file.is_test()
            && calls.iter().any(|call| text.contains(&format!("sqlx::{call}")))
    };
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter(unchecked)
        .map(|file| format!("{}: use the checked query macros", file.path))
        .collect()
}

#[test]
fn nothing_unfinished_skipped_or_waiting_is_left() {
    let files = tracked();
    none(&unfinished(&files));
    none(&skipped_tests(&files));
    none(&waiting_tests(&files, WAITING));
}

#[test]
fn no_path_of_one_machine_and_no_unchecked_sql() {
    let files = tracked();
    none(&machine_paths(&files));
    none(&unchecked_sql(&files));
}

#[test]
fn forged_words_are_found() {
    let file = |path, text: &str| [Source::forged(path, text)];
    let mark = concat!("// TO", "DO: later");
    assert_eq!(unfinished(&file("hub/src/a.rs", mark)).len(), 1);
    assert!(unfinished(&file("hub/src/a.rs", concat!("let TO", "DOS = 1;"))).is_empty());
    assert_eq!(skipped_tests(&file("hub/tests/a.rs", "#[ignore = \"slow\"]")).len(), 1);
    let wait = "fn a() { std::thread::sleep(x) }";
    assert_eq!(waiting_tests(&file("hub/tests/a.rs", wait), &[]).len(), 1);
    assert!(waiting_tests(&file("hub/tests/a.rs", wait), &[("hub/tests/a.rs", "")]).is_empty());
    assert!(waiting_tests(&file("hub/src/a.rs", wait), &[]).is_empty());
    let path = concat!("see /wo", "rk/notes");
    assert_eq!(machine_paths(&file("docs/A.md", path)).len(), 1);
    assert!(machine_paths(&file("docs/A.md", concat!("a/net", "/wo", "rk/b"))).is_empty());
    let query = "sqlx::query_as::<_, A>(sql)";
    assert_eq!(unchecked_sql(&file("hub/src/features/a/queries.rs", query)).len(), 1);
    assert!(unchecked_sql(&file("hub/src/store/a.rs", query)).is_empty());
    assert!(unchecked_sql(&file("hub/src/a.rs", "sqlx::query_as!(A, \"\")")).is_empty());
}
