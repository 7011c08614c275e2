//! How long a file may be: production code only, so that tests never argue for a split.

use super::none;
use super::source::{Source, tracked};

const RUST_LINES_MAX: usize = 600;
const TYPESCRIPT_LINES_MAX: usize = 400;
/// Files above their limit, with the length they may not grow beyond. An entry may only shrink, and
/// goes when the file is short enough.
const RATCHET: &[(&str, usize)] = &[];

fn limit(file: &Source) -> Option<usize> {
    if file.is_test() || file.path.contains(".gen.") {
        return None;
    }
    match file.ending() {
        "rs" => Some(RUST_LINES_MAX),
        "ts" | "tsx" => Some(TYPESCRIPT_LINES_MAX),
        _ => None,
    }
}

fn too_long(files: &[Source], ratchet: &[(&str, usize)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let Some(limit) = limit(file) else { continue };
        let lines = file.production().lines().count();
        let allowed = ratchet.iter().find(|(path, _)| *path == file.path).map(|entry| entry.1);
        match allowed {
            Some(_) if lines <= limit => {
                complaints.push(format!("{}: take it off the ratchet", file.path));
            }
            Some(allowed) if lines < allowed => {
                complaints.push(format!("{}: lower its ratchet to {lines}", file.path));
            }
            _ if lines > allowed.unwrap_or(limit) => {
                complaints.push(format!("{}: {lines} lines, split it by decision", file.path));
            }
            _ => {}
        }
    }
    complaints
}

#[test]
fn no_file_is_too_long() {
    none(&too_long(&tracked(), RATCHET));
}

#[test]
fn a_forged_long_file_is_found_and_the_ratchet_only_shrinks() {
    let file = |lines: usize| [Source::forged("hub/src/a.rs", &"x;\n".repeat(lines))];
    let listed = [("hub/src/a.rs", 700)];
    assert!(too_long(&file(600), &[]).is_empty());
    assert_eq!(too_long(&file(601), &[]).len(), 1);
    assert!(too_long(&file(700), &listed).is_empty());
    assert_eq!(too_long(&file(701), &listed).len(), 1);
    assert_eq!(too_long(&file(650), &listed).len(), 1);
    assert_eq!(too_long(&file(500), &listed).len(), 1);
    let web = [Source::forged("web-client/src/a.tsx", &"x;\n".repeat(401))];
    assert_eq!(too_long(&web, &[]).len(), 1);
}
