//! The tracked files, and the parts of a Rust text that a rule may want left out.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file of the repository.
pub struct Source {
    /// Path from the repository's root, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// A forged file.
    pub fn forged(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Name of the file without its folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// What follows the last dot of the name.
    pub fn ending(&self) -> &str {
        self.name().rsplit('.').next().unwrap_or_default()
    }

    /// Whether the file is Rust.
    pub fn is_rust(&self) -> bool {
        self.ending() == "rs"
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        let folders = ["/tests/", "/e2e/", "/testing/"];
        self.name() == "tests.rs"
            || self.name().contains(".test.")
            || folders.iter().any(|folder| self.path.contains(folder))
    }

    /// The text up to the first `#[cfg(test)]` module.
    pub fn production(&self) -> &str {
        let end = self.text.find("\n#[cfg(test)]\nmod ").unwrap_or(self.text.len());
        self.text.get(..end).unwrap_or_default()
    }

    /// The text from the first `#[cfg(test)]` module on, or all of it in a test file.
    pub fn tests(&self) -> &str {
        if self.is_test() {
            return &self.text;
        }
        self.text.get(self.production().len()..).unwrap_or_default()
    }
}

/// Root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate has a parent").to_owned()
}

/// Every text file that is tracked or would be.
pub fn tracked() -> Vec<Source> {
    let out = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    assert!(out.status.success(), "git ls-files: {}", String::from_utf8_lossy(&out.stderr));
    let listed = String::from_utf8(out.stdout).expect("paths are UTF-8");
    let files: Vec<Source> = listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(|path| {
            let text = std::fs::read_to_string(root().join(path)).ok()?;
            Some(Source { path: path.to_owned(), text })
        })
        .collect();
    assert!(files.len() > 50, "only {} files were found", files.len());
    files
}

/// `text` without comments and with empty string literals, line for line.
pub fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skip = skipped(rest, &out);
        if skip > 0 {
            let gone = rest.get(..skip).unwrap_or(rest);
            out.extend(gone.chars().filter(|c| *c == '\n'));
            rest = rest.get(skip..).unwrap_or_default();
        } else {
            out.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// Bytes at the start of `rest` that are a comment or a literal.
fn skipped(rest: &str, before: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |at| at + 2);
    }
    if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
        return if rest.starts_with("'\"'") { 3 } else { 4 };
    }
    let in_word = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with('r') && !in_word {
        let hashes = rest.get(1..).unwrap_or_default().chars().take_while(|c| *c == '#').count();
        let open = format!("r{}\"", "#".repeat(hashes));
        if rest.starts_with(&open) {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = rest.get(open.len()..).unwrap_or_default();
            return body.find(&close).map_or(rest.len(), |at| open.len() + at + close.len());
        }
    }
    if rest.starts_with('"') {
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                '"' if !escaped => return at + 1,
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        return rest.len();
    }
    0
}

#[test]
fn bare_text_has_no_comment_and_no_literal() {
    let text = "a(\"x // y\"); // z\n/* q\nr */ b(r#\"s\"t\"#, '\"', \"\\\"u\") // v";
    assert_eq!(bare(text).replace(' ', ""), "a();\n\nb(,,)");
}

#[test]
fn test_code_is_told_from_production_code() {
    let file = Source::forged("hub/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {}\n");
    assert_eq!(file.production(), "fn a() {}");
    assert!(file.tests().contains("mod tests"));
    assert!(Source::forged("hub/tests/a.rs", "").is_test());
    assert!(Source::forged("web-client/src/a.test.ts", "").is_test());
    assert!(!Source::forged("hub/src/a.rs", "").is_test());
}
