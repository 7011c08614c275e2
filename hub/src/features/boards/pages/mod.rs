//! The pages of boards, made by the hub and complete without scripts.
//!
//! Every form is sent back to its own origin and answered with a page or a redirect; what goes
//! wrong is a page too. A page never holds what its reader may not know of.

mod desk;
mod desk_post;
mod moves;
mod open_data;
mod pictures;
mod public;
mod reporting;
mod sending;
mod sign_in;
mod tracking;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use signaling::limits::PICTURES_FORM_BYTES_MAX;

use crate::app::App;
use crate::features::pages::{Asked, PageForm, layout, own_address};

/// Every route of the pages as `METHOD /path`, for the access file.
pub const ROUTES: &[&str] = &[
    "GET /board",
    "GET /board/style.css",
    "GET /board/desk.js",
    "GET /board/live.js",
    "GET /board/moves",
    "GET /board/data.csv",
    "GET /board/data.json",
    "GET /board/look",
    "GET /board/feed.atom",
    "GET /board/statistics",
    "GET /board/{number}",
    "GET /board/{number}/picture/{ordinal}",
    "POST /board/{number}/support",
    "GET /board/{number}/report",
    "POST /board/{number}/report",
    "GET /board/new",
    "POST /board/new",
    "GET /board/sign-in",
    "POST /board/sign-in",
    "POST /board/sign-in/code",
    "GET /sitemap.xml",
    "GET /track",
    "POST /track",
    "GET /track/{number}",
    "GET /track/{number}/picture/{ordinal}",
    "POST /track/{number}/add",
    "POST /track/{number}/rate",
    "POST /track/{number}/unsatisfied",
    "POST /track/{number}/withdraw",
    "POST /track/{number}/edit",
    "POST /track/{number}/appeal",
    "GET /desk/board",
    "GET /desk/board/{number}",
    "GET /desk/board/{number}/picture/{ordinal}",
    "POST /desk/board/open",
    "POST /desk/board/{number}/review",
    "POST /desk/board/{number}/assign",
    "POST /desk/board/{number}/handle",
    "POST /desk/board/{number}/reply-review",
    "POST /desk/board/{number}/hide",
    "POST /desk/board/{number}/hiding",
    "POST /desk/board/{number}/reports",
    "POST /desk/board/{number}/appeal",
];

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/board", get(public::board))
        .route("/board/style.css", get(public::style))
        .route("/board/desk.js", get(public::desk_script))
        .route("/board/live.js", get(public::live_script))
        .route("/board/moves", get(moves::wait))
        .route("/board/data.csv", get(open_data::csv))
        .route("/board/data.json", get(open_data::json))
        .route("/board/look", get(public::choose_look))
        .route("/board/feed.atom", get(public::feed))
        .route("/board/statistics", get(public::statistics))
        .route("/board/{number}", get(public::post))
        .route("/board/{number}/picture/{ordinal}", get(pictures::public))
        .route("/board/{number}/support", post(public::support))
        .route("/board/{number}/report", get(reporting::ask).post(reporting::take))
        .route(
            "/board/new",
            get(sending::begin)
                .post(sending::send)
                .layer(DefaultBodyLimit::max(PICTURES_FORM_BYTES_MAX)),
        )
        .route("/board/sign-in", get(sign_in::ask).post(sign_in::code))
        .route("/board/sign-in/code", post(sign_in::finish))
        .route("/sitemap.xml", get(public::sitemap))
        .route("/track", get(tracking::ask).post(tracking::find))
        .route("/track/{number}", get(tracking::show))
        .route("/track/{number}/picture/{ordinal}", get(pictures::followed))
        .route("/track/{number}/add", post(tracking::add))
        .route("/track/{number}/rate", post(tracking::rate))
        .route("/track/{number}/unsatisfied", post(tracking::unsatisfied))
        .route("/track/{number}/withdraw", post(tracking::withdraw))
        .route("/track/{number}/edit", post(tracking::edit))
        .route("/track/{number}/appeal", post(tracking::appeal))
        .route("/desk/board", get(desk::desk))
        .route("/desk/board/{number}", get(desk::desk_with))
        .route("/desk/board/{number}/picture/{ordinal}", get(pictures::at_desk))
        .route("/desk/board/open", post(desk::open))
        .route("/desk/board/{number}/review", post(desk_post::review))
        .route("/desk/board/{number}/assign", post(desk_post::assign))
        .route("/desk/board/{number}/handle", post(desk_post::handle))
        .route("/desk/board/{number}/reply-review", post(desk_post::reply_review))
        .route("/desk/board/{number}/hide", post(desk_post::hide))
        .route("/desk/board/{number}/hiding", post(desk_post::review_hiding))
        .route("/desk/board/{number}/reports", post(reporting::stays))
        .route("/desk/board/{number}/appeal", post(desk_post::appeal))
}
