//! Public posts as data: CSV for tables, JSON for programs.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, header};
use serde::Serialize;
use signaling::limits::BOARD_DATA_ROWS_MAX;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use super::{Asked, words};
use crate::app::App;
use crate::error::Result;
use crate::features::boards::reading::{self, Filter, Listed};
use crate::features::policies::day_of;

/// A public post in open data.
#[derive(Serialize)]
struct Row {
    number: String,
    kind: &'static str,
    title: String,
    state: &'static str,
    office: String,
    submitted_at: String,
    published_at: String,
    changed_at: String,
    due: String,
    overdue: bool,
    levels_up: i32,
    support: i32,
}

impl Row {
    fn of(row: Listed, today: Date) -> Self {
        let moment = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
        Self {
            number: words::number(row.number),
            kind: row.kind.word(),
            state: row.state.word(),
            office: row.office.unwrap_or_default(),
            submitted_at: moment(row.submitted_at),
            published_at: row.published_at.map(moment).unwrap_or_default(),
            changed_at: moment(row.changed_at),
            due: row.due.map(|day| day.to_string()).unwrap_or_default(),
            overdue: row.state.is_owed() && row.due.is_some_and(|due| due < today),
            levels_up: row.level,
            support: row.support,
            title: row.title,
        }
    }

    fn cells(&self) -> [String; 12] {
        [
            cell(&self.number),
            cell(self.kind),
            cell(&self.title),
            cell(self.state),
            cell(&self.office),
            cell(&self.submitted_at),
            cell(&self.published_at),
            cell(&self.changed_at),
            cell(&self.due),
            self.overdue.to_string(),
            self.levels_up.to_string(),
            self.support.to_string(),
        ]
    }
}

const HEAD: &str = "number,kind,title,state,office,submitted_at,published_at,changed_at,due,\
                    overdue,levels_up,support\r\n";

/// A text as a cell: quoted, and never a formula for the program that opens it.
fn cell(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let guard = if risky { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

async fn rows(app: &App) -> Result<Vec<Row>> {
    let today = day_of(app.clock.now());
    let mut connection = app.db.acquire().await?;
    let filter = Filter { limit: BOARD_DATA_ROWS_MAX, ..Filter::default() };
    let rows = reading::published(&mut connection, &filter).await?;
    Ok(rows.into_iter().map(|row| Row::of(row, today)).collect())
}

/// As CSV with a mark of UTF-8, which programs for tables need.
pub(super) async fn csv(State(app): State<App>, asked: Asked) -> Result<Response> {
    asked
        .answer(&app, async {
            let mut text = format!("\u{feff}{HEAD}");
            for row in rows(&app).await? {
                text.push_str(&row.cells().join(","));
                text.push_str("\r\n");
            }
            let kind = HeaderValue::from_static("text/csv; charset=utf-8");
            Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
        })
        .await
}

/// As JSON.
pub(super) async fn json(State(app): State<App>, asked: Asked) -> Result<Response> {
    asked.answer(&app, async { Ok(Json(rows(&app).await?).into_response()) }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_ends_early() {
        let cases = [
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2", "\"'-2\""),
            ("＝cmd", "\"'＝cmd\""),
            ("他说\"好\",完", "\"他说\"\"好\"\",完\""),
            ("一=二", "\"一=二\""),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text), expected);
        }
    }
}
