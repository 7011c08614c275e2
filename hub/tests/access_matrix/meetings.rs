//! Tries at a meeting that is called and has not begun: what is let through is refused by its state.

use serde_json::json;

use crate::samples::{OK, Object, Sample, http};
use crate::world::{World, text};

const NOT_NOW: &[&str] = &["409 step_not_allowed"];
const REASON: &[&str] = &["422 reason_required"];

/// All of them.
pub fn all(world: &World) -> Vec<Sample> {
    let (own, target) = (Object::Own, Object::Target);
    let person = json!(world.person("member"));
    let past = json!({
        "organisation": world.group, "kind": "group_meeting", "title": "x",
        "starts_at": "2020-01-01T00:00:00Z", "chair": person, "recorder": person, "agenda": [],
    });
    let of = |name, body, allowed| {
        http(name, target, body, allowed)
            .at("meeting", text(&world.meeting))
            .at("person", text(&person))
            .at("venue", "1")
            .at("vote", text(&world.meeting))
    };
    let vote = json!({ "cid": "x", "motion": "x", "way": "roll_call" });
    let nothing = || Some(json!({}));
    let unreasoned = Some(json!({ "reason": "" }));
    vec![
        http("GET /api/meetings", own, None, OK),
        of("GET /api/meetings/{meeting}", None, OK),
        of("GET /api/meetings/{meeting}/calendar.ics", None, OK),
        of("PUT /api/meetings/{meeting}/answer", Some(json!({ "attends": false })), REASON),
        of("POST /api/meetings/{meeting}/sign-in", nothing(), NOT_NOW),
        // An officer above who did not come has no line on the roll.
        of("DELETE /api/meetings/{meeting}/sign-in", None, &["200", "404 not_found"]),
        of("POST /api/meetings/{meeting}/presence", nothing(), NOT_NOW),
        of(
            "PUT /api/meetings/{meeting}/on-site/{person}",
            Some(json!({ "present": true })),
            NOT_NOW,
        ),
        of(
            "PUT /api/meetings/{meeting}/venues/{venue}",
            Some(json!({ "people": [] })),
            &["404 not_found"],
        ),
        of("POST /api/meetings/{meeting}/chair", nothing(), NOT_NOW),
        of("POST /api/meetings/{meeting}/steps", Some(json!({ "step": "close" })), NOT_NOW),
        of("PUT /api/meetings/{meeting}/item", nothing(), NOT_NOW),
        of("POST /api/meetings/{meeting}/votes", Some(vote), NOT_NOW),
        of(
            "PUT /api/meetings/{meeting}/votes/{vote}/ballot",
            Some(json!({ "choice": "yes" })),
            &["404 not_found"],
        ),
        of("POST /api/meetings/{meeting}/votes/{vote}/close", nothing(), &["404 not_found"]),
        of("GET /api/meetings/{meeting}/minutes", None, NOT_NOW),
        of(
            "PUT /api/meetings/{meeting}/minutes",
            Some(json!({ "version": 0, "text": "x" })),
            NOT_NOW,
        ),
        of("POST /api/meetings/{meeting}/minutes/signature", Some(json!({ "hash": "" })), NOT_NOW),
        of("POST /api/desk/meetings/{meeting}/minutes/return", unreasoned.clone(), REASON),
        of("POST /api/desk/meetings/{meeting}/minutes/archive", nothing(), NOT_NOW),
        http("GET /api/desk/meetings", own, None, OK),
        of("POST /api/desk/meetings", Some(past.clone()), &["400 invalid_input"]),
        of("GET /api/desk/meetings/{meeting}", None, OK),
        of("PUT /api/desk/meetings/{meeting}", Some(past), NOT_NOW),
        of("POST /api/desk/meetings/{meeting}/notice", nothing(), NOT_NOW),
        of("POST /api/desk/meetings/{meeting}/cancellation", unreasoned, REASON),
    ]
}
