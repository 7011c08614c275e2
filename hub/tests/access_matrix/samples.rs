//! One try, or several, for every route and call: on which object, with what, and how the hub
//! answers those who may. Where a try would change what later ones rest on, it is one that the
//! rules refuse after the access file let it through.

use serde_json::{Value, json};

use crate::world::{World, text};
use crate::{boards, delegates, meetings};

/// Whose the object of a try is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// There is none, or all of a kind.
    None,
    /// That of whoever tries.
    Own,
    /// That of the named subject.
    Of(&'static str),
    /// The first party group, its room, its branch and its people.
    Target,
}

/// What is made anew for every try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    Nothing,
    /// The session of whoever tries.
    Session,
    /// A device of the owner, for `{device}`.
    Device,
    /// An invitation of the leader, for `{invitation}`.
    Invitation,
}

/// One try.
#[derive(Clone, Debug)]
pub struct Sample {
    /// As in the access file.
    pub name: &'static str,
    pub object: Object,
    /// Address of a route; empty for a call.
    pub path: String,
    /// JSON; a string is a form.
    pub body: Option<Value>,
    /// How those are answered who may: a status, and the word of a refusal. Of a call `ok` or the
    /// number of the error.
    pub allowed: &'static [&'static str],
    pub fresh: Fresh,
}

pub fn http(
    name: &'static str,
    object: Object,
    body: Option<Value>,
    allowed: &'static [&'static str],
) -> Sample {
    let path = name.split_once(' ').map(|(_, path)| path.to_owned()).unwrap_or_default();
    Sample { name, object, path, body, allowed, fresh: Fresh::Nothing }
}

fn rpc(
    name: &'static str,
    object: Object,
    body: Value,
    allowed: &'static [&'static str],
) -> Sample {
    let (path, fresh) = (String::new(), Fresh::Nothing);
    Sample { name, object, path, body: Some(body), allowed, fresh }
}

impl Sample {
    pub fn at(mut self, parameter: &str, value: &str) -> Self {
        self.path = self.path.replace(&format!("{{{parameter}}}"), value);
        self
    }

    fn asking(mut self, query: &str) -> Self {
        self.path = format!("{}?{query}", self.path);
        self
    }

    const fn fresh(mut self, fresh: Fresh) -> Self {
        self.fresh = fresh;
        self
    }
}

/// All of them.
pub fn all(world: &World) -> Vec<Sample> {
    [
        public(),
        own(world),
        administration(world),
        rooms(world),
        calls_of_rooms(world),
        joining(world),
        boards::pages(world),
        boards::desk(world),
        delegates::pages(world),
        delegates::desks(world),
        meetings::all(world),
        calls(world),
    ]
    .concat()
}

pub const OK: &[&str] = &["200"];
const REASON: &[&str] = &["422 reason_required"];

fn public() -> Vec<Sample> {
    let none = Object::None;
    let challenge = json!({ "phone": "1", "by": "sms" });
    let nothing = json!({ "challenge": uuid::Uuid::nil(), "code": "000000" });
    let password = json!({ "phone": "1", "password": "0123456789" });
    vec![
        http("GET /metrics", none, None, OK),
        http("GET /healthz", none, None, OK),
        http("GET /readyz", none, None, OK),
        http("GET /connection/websocket", none, None, &["400", "426"]),
        http("GET /dev/codes", none, None, OK),
        http("GET /api/session", none, None, OK),
        http("POST /api/sign-in/challenges", none, Some(challenge), &["422 phone_invalid"]),
        http("POST /api/sign-in", none, Some(nothing), &["422 code_wrong"]),
        http("POST /api/sign-in/password", none, Some(password), &["422 phone_invalid"]),
    ]
}

fn own(world: &World) -> Vec<Sample> {
    let own = Object::Own;
    let code = json!({ "code": "x" });
    let wrong = &["422 second_factor_wrong"];
    let device =
        |object| http("DELETE /api/devices/{device}", object, None, &["204"]).fresh(Fresh::Device);
    let link = |name, body| http(name, own, body, OK).at("code", &world.joint_code);
    vec![
        http("POST /api/sign-out", own, Some(json!({})), &["204"]).fresh(Fresh::Session),
        http("GET /api/me", own, None, OK),
        http("POST /api/chat-token", own, Some(json!({})), OK),
        http("POST /api/call-check", own, Some(json!({})), &["404 not_offered"]),
        http("POST /api/guest-calls/{link}", own, Some(json!({})), &["404 not_offered"])
            .at("link", "none"),
        http("GET /api/devices", own, None, OK),
        device(own),
        device(Object::Of("leader")),
        http("GET /api/desk", own, None, OK),
        http("POST /api/desk", own, Some(code.clone()), wrong),
        http("DELETE /api/desk", own, None, &["204"]).fresh(Fresh::Session),
        http(
            "POST /api/desk/second-factor",
            own,
            Some(json!({})),
            &["201", "409 conflict", "404 not_found"],
        ),
        http("POST /api/desk/second-factor/confirmation", own, Some(code), wrong),
        http("PUT /api/me/password", own, Some(json!({ "password": "1" })), &["400 invalid_input"]),
        http(
            "POST /api/me/consents",
            own,
            Some(json!({ "document": "rules", "version": "0" })),
            &["409 conflict"],
        ),
        http("GET /api/me/consents", own, None, OK),
        http("GET /api/me/joins", own, None, OK),
        http("GET /api/me/contacts", own, None, OK),
        http("GET /api/join/{code}", Object::None, None, OK).at("code", &world.joint_code),
        link("POST /api/join/{code}", Some(json!({ "home_branch": "外县某村支部" }))),
        link("GET /api/join/{code}/case", None),
        http(
            "POST /api/me/joins/{join}/withdrawal",
            Object::Of("member"),
            Some(json!({})),
            &["409 step_not_allowed"],
        )
        .at("join", text(&world.settled_join)),
        http(
            "POST /api/me/joins/{join}/end",
            Object::Of("stranger"),
            Some(json!({})),
            &["409 step_not_allowed"],
        )
        .at("join", text(&world.waiting_join)),
    ]
}

fn administration(world: &World) -> Vec<Sample> {
    let (none, target) = (Object::None, Object::Target);
    let branch = text(&world.branch);
    let person = json!(world.person("member"));
    let new = json!({ "kind": "branch", "name": "支部之下的支部", "parent": world.branch,
                      "reason": "演示" });
    let wrong_name = json!({ "name": "无此人", "phone": world.phone_of_member, "standing": "full",
                             "reason": "演示" });
    let no_leader = json!({ "person": person, "kind": "group_leader", "reason": "演示" });
    let unreasoned = json!({ "reason": "" });
    let reasoned = json!({ "reason": "演示" });
    let home = json!({ "organisation": world.branch, "reason": "演示" });
    let old = json!({ "key": "join.inactive_days", "value": 90, "effective_from": "2020-01-01",
                      "source": "演示" });
    let day = json!({ "day": "1999-01-01", "working": true, "name": "" });
    let at = |sample: Sample| sample.at("organisation", branch).at("person", text(&person));
    vec![
        http("GET /api/admin/organisations", none, None, OK),
        at(http("GET /api/admin/organisations/{organisation}", target, None, OK)),
        at(http("GET /api/admin/organisations/{organisation}/members", target, None, OK)),
        http("POST /api/admin/organisations", none, Some(new), &["422 place_not_allowed"]),
        at(http(
            "PATCH /api/admin/organisations/{organisation}",
            target,
            Some(unreasoned.clone()),
            REASON,
        )),
        at(http(
            "POST /api/admin/organisations/{organisation}/dissolution",
            target,
            Some(reasoned),
            &["409 organisation_in_use"],
        )),
        at(http(
            "POST /api/admin/organisations/{organisation}/members",
            target,
            Some(wrong_name),
            &["409 name_differs"],
        )),
        at(http(
            "POST /api/admin/organisations/{organisation}/posts",
            target,
            Some(no_leader),
            &["409 not_of_branch"],
        )),
        at(http("POST /api/admin/people/{person}/home", target, Some(home), &["409 conflict"])),
        at(http("POST /api/admin/people/{person}/phone", target, Some(unreasoned.clone()), REASON)),
        http("POST /api/admin/posts/{post}/end", target, Some(unreasoned), REASON)
            .at("post", text(&world.post)),
        http("GET /api/admin/health", none, None, OK),
        http("GET /api/admin/policies", none, None, OK),
        http("GET /api/admin/calendar", none, None, OK).asking("year=2026"),
        http("POST /api/admin/policies", none, Some(old), &["400 invalid_input"]),
        http("PUT /api/admin/calendar", none, Some(day), &["400 invalid_input"]),
    ]
}

/// The matrix has no media server.
const NO_MEDIA: &[&str] = &["404 not_offered"];

fn calls_of_rooms(world: &World) -> Vec<Sample> {
    let target = Object::Target;
    let person = json!(world.person("member"));
    let at = |sample: Sample| sample.at("room", text(&world.room)).at("person", text(&person));
    vec![
        at(http("GET /api/rooms/{room}/call", target, None, OK)),
        at(http("POST /api/rooms/{room}/call", target, Some(json!({})), NO_MEDIA)),
        at(http("DELETE /api/rooms/{room}/call", target, None, NO_MEDIA)),
        at(http("PUT /api/rooms/{room}/call/hand", target, Some(json!({ "up": true })), NO_MEDIA)),
        at(http(
            "PUT /api/rooms/{room}/call/hands/{person}",
            target,
            Some(json!({ "floor": true })),
            NO_MEDIA,
        )),
        at(http(
            "PUT /api/rooms/{room}/call/lock",
            target,
            Some(json!({ "locked": true })),
            NO_MEDIA,
        )),
        at(http(
            "PUT /api/rooms/{room}/call/waiting/{person}",
            target,
            Some(json!({ "admit": true })),
            NO_MEDIA,
        )),
        at(http(
            "POST /api/rooms/{room}/call/people/{person}/mute",
            target,
            Some(json!({ "source": "microphone" })),
            NO_MEDIA,
        )),
        at(http("DELETE /api/rooms/{room}/call/people/{person}", target, None, NO_MEDIA)),
        at(http("GET /api/rooms/{room}/call/guest-link", target, None, NO_MEDIA)),
    ]
}

fn rooms(world: &World) -> Vec<Sample> {
    let target = Object::Target;
    let person = json!(world.person("member"));
    let stranger = json!({ "name": "苏溪然", "phone": "10077777777" });
    let contact = json!({ "on": "2026-01-05", "text": "电话联系" });
    let unreasoned = json!({ "reason": "" });
    let at = |sample: Sample| sample.at("room", text(&world.room)).at("person", text(&person));
    vec![
        at(http("GET /api/rooms/{room}", target, None, OK)),
        at(http("GET /api/rooms/{room}/candidates", target, None, OK)),
        at(http("GET /api/rooms/{room}/participation", target, None, OK)).asking("month=2026-11"),
        at(http("POST /api/rooms/{room}/members", target, Some(stranger), &["409 not_of_branch"])),
        at(http(
            "PUT /api/rooms/{room}/members/{person}",
            target,
            Some(json!({})),
            &["409 conflict"],
        )),
        at(http(
            "POST /api/rooms/{room}/members/{person}/removal",
            target,
            Some(unreasoned),
            REASON,
        )),
        at(http(
            "POST /api/rooms/{room}/members/{person}/contacts",
            target,
            Some(contact),
            &["201"],
        )),
        at(http("GET /api/rooms/{room}/invitations", target, None, OK)),
        at(http("POST /api/rooms/{room}/invitations", target, Some(json!({})), &["201"])),
        at(http("DELETE /api/rooms/{room}/invitations/{invitation}", target, None, &["204"]))
            .fresh(Fresh::Invitation),
        at(http("GET /api/rooms/{room}/invitations/{invitation}/qr.svg", target, None, OK))
            .fresh(Fresh::Invitation),
    ]
}

fn joining(world: &World) -> Vec<Sample> {
    let target = Object::Target;
    let unchecked = json!({ "accept": true, "ground": "mobile" });
    let unreasoned = json!({ "confirm": false });
    vec![
        http("GET /api/rooms/{room}/joins", target, None, OK).at("room", text(&world.room)),
        http(
            "POST /api/rooms/{room}/joins/{join}/answer",
            target,
            Some(unchecked),
            &["409 step_not_allowed"],
        )
        .at("room", text(&world.room))
        .at("join", text(&world.waiting_join)),
        http("GET /api/desk/joins", Object::None, None, OK),
        http("POST /api/desk/joins/{join}/answer", target, Some(unreasoned), REASON)
            .at("join", text(&world.settled_join)),
    ]
}

fn calls(world: &World) -> Vec<Sample> {
    let (own, target) = (Object::Own, Object::Target);
    let ok = &["ok"];
    let [by_member, by_leader] = world.messages;
    let room = &world.room;
    let on = |seq: i64| json!({ "room": room, "seq": seq });
    let with = |seq, more: Value| {
        let mut body = on(seq);
        for (key, value) in more.as_object().expect("fields") {
            body[key] = value.clone();
        }
        body
    };
    let edit = |seq| with(seq, json!({ "cid": format!("matrix-edit-{seq}"), "text": "改过" }));
    vec![
        rpc("room.list", own, json!({}), ok),
        rpc("sync", own, json!({ "rooms": {} }), ok),
        rpc("presence.get", own, json!({}), ok),
        rpc("presence.set", own, json!({ "shown": true }), ok),
        rpc("messages.page", target, json!({ "room": room }), ok),
        rpc("msg.edits", target, json!({ "room": room, "seq": by_member }), ok),
        rpc("pin.list", target, json!({ "room": room }), ok),
        rpc("read.by", target, json!({ "room": room, "seq": by_member }), ok),
        rpc("read.mark", target, json!({ "room": room, "seq": by_member }), ok),
        rpc("room.members", target, json!({ "room": room }), ok),
        rpc("msg.send", target, json!({ "room": room, "cid": "matrix-send", "text": "在" }), ok),
        rpc(
            "react.set",
            target,
            with(by_member, json!({ "cid": "matrix-react", "emoji": "👍", "on": true })),
            ok,
        ),
        rpc("pin.set", target, with(by_member, json!({ "cid": "matrix-pin", "on": true })), ok),
        rpc("msg.edit", Object::Of("member"), edit(by_member), ok),
        rpc("msg.edit", Object::Of("leader"), edit(by_leader), ok),
        rpc(
            "msg.withdraw",
            Object::Of("member"),
            with(by_member, json!({ "cid": "matrix-take-back" })),
            ok,
        ),
    ]
}
