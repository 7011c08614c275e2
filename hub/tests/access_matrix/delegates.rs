//! Tries at the pages of delegates and their threads. The threads stay as they are: what is let
//! through is refused by the rules.

use serde_json::{Value, json};

use crate::samples::{OK, Object, Sample, http};
use crate::world::{World, text};

const NO_FORM: &[&str] = &["400 invalid_input"];
const NO_BUTTON: &[&str] = &["400 invalid_input"];
const NOT_NOW: &[&str] = &["409 step_not_allowed"];

fn form(fields: &str) -> Value {
    json!(fields)
}

/// The directory, and a thread of the constituent: nobody else's, administrators' neither.
pub fn pages(world: &World) -> Vec<Sample> {
    let (none, own, of) = (Object::None, Object::Own, Object::Of("constituent"));
    let thread = text(&world.threads[0]);
    let (delegate, code) = (text(&world.delegate.0), world.delegate.1.as_str());
    let at = |sample: Sample| sample.at("thread", thread).at("delegate", delegate).at("code", code);
    let elsewhere = http("POST /threads/{thread}/step", of, Some(form("what=none")), NO_BUTTON);
    vec![
        at(http("GET /delegates", none, None, OK)),
        at(http("GET /delegates/{delegate}", none, None, OK)),
        at(http("GET /delegates/at/{code}", none, None, OK)),
        at(http("GET /delegates/at/{code}/qr.svg", none, None, OK)),
        at(http("GET /threads", own, None, OK)),
        at(http("GET /threads/new", own, None, &["404 not_found"])),
        at(http("POST /threads/new", own, None, NO_FORM)),
        at(http("GET /threads/{thread}", of, None, OK)),
        at(http("POST /threads/{thread}/step", of, Some(form("what=rate&stars=5")), NOT_NOW)),
        at(elsewhere),
    ]
}

/// What delegates, offices and the liaison office may do, each with what it has.
pub fn desks(world: &World) -> Vec<Sample> {
    let target = Object::Target;
    let [thread, orphan] = [&world.threads[0], &world.threads[1]].map(text);
    let reception = form("called=x&subject=y&text=z");
    let end = "POST /desk/liaison/delegates/{delegate}/end";
    let of = |name, body: Option<&str>, allowed| {
        http(name, target, body.map(form), allowed).at("thread", thread)
    };
    let liaison = |name, body: Option<&str>, allowed| {
        http(name, target, body.map(form), allowed)
            .at("thread", orphan)
            .at("delegate", text(&world.delegate.0))
    };
    vec![
        of("GET /desk/delegate", None, OK),
        of("GET /desk/delegate/{thread}", None, OK),
        http("POST /desk/delegate/reception", target, Some(reception), &["404 not_found"]),
        of("POST /desk/delegate/{thread}/step", Some("what=close&text=x"), NOT_NOW),
        of("POST /desk/delegate/{thread}/note", Some("text="), &["422 text_empty"]),
        of("GET /desk/opinions", None, OK),
        of("GET /desk/opinions/{thread}", None, OK),
        of("POST /desk/opinions/{thread}/step", Some("what=none"), NO_BUTTON),
        liaison("GET /desk/liaison", None, OK),
        liaison("GET /desk/liaison/{thread}", None, OK),
        liaison("POST /desk/liaison/{thread}/step", Some("what=stands&text=x"), NOT_NOW),
        // A place that is nobody's: as if there were none.
        liaison("POST /desk/liaison/delegates", Some("phone=1"), &["404 not_found"]),
        liaison("POST /desk/liaison/stations", Some("name=x"), &["404 not_found"]),
        liaison(end, Some("text="), &["422 text_empty"]),
    ]
}
