//! Migrations explain every column they make.

use std::collections::BTreeSet;

use super::none;
use super::source::{Source, tracked};

/// What opens a line of a table that is no column.
const NO_COLUMN: &[&str] =
    &["constraint", "primary", "unique", "check", "foreign", "exclude", "like"];

/// `sql` in lower case without comments and literals.
fn plain(sql: &str) -> String {
    let mut out = String::new();
    for line in sql.lines() {
        let code = line.split("--").next().unwrap_or_default();
        for (index, piece) in code.split('\'').enumerate() {
            if index % 2 == 0 {
                out.push_str(&piece.to_lowercase());
            }
        }
        out.push('\n');
    }
    out
}

/// Columns as `table.column` that `sql` creates.
fn created(sql: &str) -> BTreeSet<String> {
    let plain = plain(sql);
    let mut columns = BTreeSet::new();
    for statement in plain.split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let text = words.join(" ").replace("if not exists ", "");
        if let Some(rest) = text.strip_prefix("create table ") {
            let Some((table, body)) = rest.split_once('(') else { continue };
            for part in top_level(body) {
                let name = part.split_whitespace().next().unwrap_or_default();
                if !name.is_empty() && !NO_COLUMN.contains(&name) {
                    columns.insert(format!("{}.{name}", table.trim()));
                }
            }
        } else if let Some(rest) = text.strip_prefix("alter table ") {
            let table = rest.split_whitespace().next().unwrap_or_default();
            for added in rest.split("add column ").skip(1) {
                let name = added.split_whitespace().next().unwrap_or_default();
                columns.insert(format!("{table}.{name}"));
            }
        }
    }
    columns
}

/// The parts of a bracket's inside, up to its end.
fn top_level(body: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0_i32, vec![String::new()]);
    for c in body.chars() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => break,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn commented(sql: &str) -> BTreeSet<String> {
    let text = plain(sql).split_whitespace().collect::<Vec<_>>().join(" ");
    let comments = text.split("comment on column ").skip(1);
    comments.filter_map(|rest| rest.split_whitespace().next().map(str::to_owned)).collect()
}

fn silent_columns(files: &[Source]) -> Vec<String> {
    let migrations: Vec<&Source> =
        files.iter().filter(|file| file.path.starts_with("hub/migrations/")).collect();
    let explained: BTreeSet<String> =
        migrations.iter().flat_map(|file| commented(&file.text)).collect();
    let mut complaints = Vec::new();
    for file in migrations {
        for column in created(&file.text).difference(&explained) {
            complaints.push(format!("{}: COMMENT ON COLUMN {column} is missing", file.path));
        }
    }
    complaints
}

#[test]
fn every_column_is_explained() {
    let files = tracked();
    assert!(files.iter().any(|file| !created(&file.text).is_empty()), "no table was found");
    none(&silent_columns(&files));
}

#[test]
fn a_forged_silent_column_is_found() {
    let sql = "CREATE TABLE a ( -- the first\n x int NOT NULL CHECK (x IN (1, 2)),\n y text,\n \
               PRIMARY KEY (x, y)\n);\nALTER TABLE a ADD COLUMN z int;\n\
               COMMENT ON COLUMN a.x IS 'The x; and more.';";
    let found = silent_columns(&[Source::forged("hub/migrations/1_a.sql", sql)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|line| line.contains("a.y")));
    assert!(found.iter().any(|line| line.contains("a.z")));
}
