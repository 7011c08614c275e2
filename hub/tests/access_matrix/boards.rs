//! Tries at the pages of the boards. The posts stay as they are: what is let through is refused by
//! the rules.

use serde_json::{Value, json};
use signaling::limits::BOARD_REPLY_CHARS_MAX;

use crate::samples::{OK, Object, Sample, http};
use crate::world::World;

const NO_FORM: &[&str] = &["400 invalid_input"];
const NOT_NOW: &[&str] = &["409 step_not_allowed"];

fn form(fields: &str) -> Value {
    json!(fields)
}

/// What everybody and every account may ask for.
pub fn pages(world: &World) -> Vec<Sample> {
    let (none, own) = (Object::None, Object::Own);
    let number = world.board_posts[0].to_string();
    let of = |name, object, allowed| http(name, object, None, allowed).at("number", &number);
    vec![
        of("GET /board", none, OK),
        of("GET /board/style.css", none, OK),
        of("GET /board/desk.js", none, OK),
        of("GET /board/live.js", none, OK),
        of("GET /board/data.csv", none, OK),
        of("GET /board/data.json", none, OK),
        of("GET /board/moves", own, OK),
        of("GET /board/look", none, OK),
        of("GET /board/feed.atom", none, OK),
        of("GET /board/statistics", none, OK),
        of("GET /board/{number}", none, OK),
        of("GET /board/{number}/picture/{ordinal}", none, OK).at("ordinal", "1"),
        of("GET /sitemap.xml", none, OK),
        of("GET /board/sign-in", none, OK),
        of("POST /board/sign-in", none, NO_FORM),
        of("POST /board/sign-in/code", none, NO_FORM),
        of("GET /board/new", own, OK),
        of("POST /board/new", own, NO_FORM),
        of("POST /board/{number}/support", own, OK),
        of("GET /board/{number}/report", own, OK),
        of("POST /board/{number}/report", own, NO_FORM),
        of("GET /track", none, OK),
        of("POST /track", none, NO_FORM),
        // Nobody here wrote it or knows its passphrase.
        of("GET /track/{number}", none, &["404 not_found"]),
        of("GET /track/{number}/picture/{ordinal}", none, &["404 not_found"]).at("ordinal", "1"),
        of("POST /track/{number}/add", none, NO_FORM),
        of("POST /track/{number}/rate", none, NO_FORM),
        of("POST /track/{number}/unsatisfied", none, NO_FORM),
        of("POST /track/{number}/withdraw", none, NO_FORM),
        of("POST /track/{number}/edit", none, NO_FORM),
        of("POST /track/{number}/appeal", none, NO_FORM),
    ]
}

/// What those with a duty may do.
pub fn desk(world: &World) -> Vec<Sample> {
    let target = Object::Target;
    let number = world.board_posts[0].to_string();
    let too_long = format!("ground=insult&text={}", "x".repeat(BOARD_REPLY_CHARS_MAX + 1));
    let of =
        |name, body, allowed| http(name, target, Some(form(body)), allowed).at("number", &number);
    vec![
        http("GET /desk/board", target, None, OK),
        http("GET /desk/board/{number}", target, None, OK).at("number", &number),
        http("GET /desk/board/{number}/picture/{ordinal}", target, None, OK)
            .at("number", &number)
            .at("ordinal", "1"),
        http("POST /desk/board/open", Object::Own, None, NO_FORM),
        of("POST /desk/board/{number}/review", "what=publish", NOT_NOW),
        of("POST /desk/board/{number}/reply-review", "what=approve", NOT_NOW),
        of("POST /desk/board/{number}/assign", "office=none", NO_FORM),
        of("POST /desk/board/{number}/handle", "what=accept", NOT_NOW),
        of("POST /desk/board/{number}/appeal", "what=stands&text=x", NOT_NOW),
        // Nothing is hidden: what comes with it is too long.
        of("POST /desk/board/{number}/hide", too_long.as_str(), NO_FORM),
        of("POST /desk/board/{number}/hiding", "what=stands&text=x", NOT_NOW),
        of("POST /desk/board/{number}/reports", "text=x", NOT_NOW),
        http("GET /desk/words", target, None, OK),
        http("POST /desk/words", target, Some(form("words=&treatment=block")), NO_FORM),
        http("POST /desk/words/{word}/end", target, None, &["404 not_found"]).at("word", &number),
    ]
}
