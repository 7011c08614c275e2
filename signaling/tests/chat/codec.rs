//! Bytes of both encodings against fixed ones.
//!
//! The protobuf bytes were made from the public `client.proto` by Google's own library (Python,
//! deterministic serialization), with every field of the schema set that a client may send; the
//! server skips those it does not use. The JSON texts are those of the protocol's description.

use std::collections::BTreeMap;

use bytes::Bytes;
use signaling::chat::Encoding;
use signaling::chat::codes::{Disconnect, Unsubscribe};
use signaling::chat::command::{
    ChannelRequest, Command, ConnectRequest, Empty, HistoryRequest, PublishRequest, RefreshRequest,
    RpcRequest, SendRequest, StreamPosition, SubRefreshRequest, SubscribeRequest,
};
use signaling::chat::frame;
use signaling::chat::push::{self, ClientInfo, Publication, ServerSubscribed};
use signaling::chat::reply::{
    ConnectResult, HistoryResult, PresenceResult, PresenceStatsResult, RefreshResult, Reply,
    RpcResult, SubRefreshResult, SubscribeResult, WireError,
};

use crate::talk::ROOM;

const USER: &str = "user:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f";

fn unhex(text: &str) -> Vec<u8> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn json(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn channel(name: &str) -> ChannelRequest {
    ChannelRequest { channel: name.to_owned() }
}

/// Each command, as JSON and as protobuf.
#[expect(clippy::too_many_lines, reason = "a table")]
fn commands() -> Vec<(Command, &'static str, &'static str)> {
    let held = SubscribeRequest {
        recover: true,
        epoch: "e".to_owned(),
        offset: 300,
        ..SubscribeRequest::default()
    };
    let none = Command::default;
    vec![
        (
            Command {
                id: 1,
                connect: Some(ConnectRequest {
                    token: "t".to_owned(),
                    data: json(r#"{"device":"d"}"#),
                    subs: BTreeMap::from([(USER.to_owned(), held)]),
                    name: "js".to_owned(),
                    version: "5.4".to_owned(),
                }),
                ..none()
            },
            r#"{"id":1,"connect":{"token":"t","data":{"device":"d"},"name":"js","version":"5.4",
                "headers":{"h":"v"},"flag":1,
                "subs":{"user:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f":
                    {"recover":true,"offset":300,"epoch":"e"}}}}"#,
            "0801225d0a0174120e7b22646576696365223a2264227d1a350a29757365723a30313932663063312d32613662
             2d376333642d386534662d3561366237633864396530661208180132016538ac0222026a732a03352e3432060a
             01681201763801",
        ),
        (
            Command {
                id: 2,
                subscribe: Some(SubscribeRequest {
                    channel: ROOM.to_owned(),
                    token: "s".to_owned(),
                    recover: true,
                    epoch: "e".to_owned(),
                    offset: 7,
                    data: json("{}"),
                    join_leave: true,
                    delta: "fossil".to_owned(),
                    tf: Some(Empty {}),
                    flag: 3,
                    kind: 0,
                }),
                ..none()
            },
            r#"{"id":2,"subscribe":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","token":"s",
                "recover":true,"epoch":"e","offset":7,"data":{},"positioned":true,"recoverable":true,
                "join_leave":true,"delta":"fossil","tf":{"op":"and","nodes":[{"key":"k"}]},"flag":3}}"#,
            "08022a5c0a29726f6f6d3a30313932663063312d326136622d376333642d386534662d356136623763386439
             6530661201731801320165380742027b7d4801500158016206666f7373696c6a110a03616e64320a12016b1a
             0265712201767003",
        ),
        (
            Command { id: 3, unsubscribe: Some(channel(ROOM)), ..none() },
            r#"{"id":3,"unsubscribe":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f"}}"#,
            "0803322b0a29726f6f6d3a30313932663063312d326136622d376333642d386534662d356136623763386439
             653066",
        ),
        (
            Command {
                id: 4,
                publish: Some(PublishRequest {
                    channel: ROOM.to_owned(),
                    data: json(r#"{"a":1}"#),
                    kind: 0,
                }),
                ..none()
            },
            r#"{"id":4,"publish":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","data":{"a":1}}}"#,
            "08043a340a29726f6f6d3a30313932663063312d326136622d376333642d386534662d356136623763386439
             65306612077b2261223a317d",
        ),
        (
            Command { id: 5, presence: Some(channel(ROOM)), ..none() },
            r#"{"id":5,"presence":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f"}}"#,
            "0805422b0a29726f6f6d3a30313932663063312d326136622d376333642d386534662d356136623763386439
             653066",
        ),
        (
            Command { id: 6, presence_stats: Some(channel(ROOM)), ..none() },
            r#"{"id":6,"presence_stats":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f"}}"#,
            "08064a2b0a29726f6f6d3a30313932663063312d326136622d376333642d386534662d356136623763386439
             653066",
        ),
        (
            Command {
                id: 7,
                history: Some(HistoryRequest {
                    channel: ROOM.to_owned(),
                    limit: -1,
                    since: Some(StreamPosition { offset: 12, epoch: "e".to_owned() }),
                    reverse: true,
                }),
                ..none()
            },
            r#"{"id":7,"history":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","limit":-1,
                "since":{"offset":12,"epoch":"e"},"reverse":true}}"#,
            "0807523f0a29726f6f6d3a30313932663063312d326136622d376333642d386534662d356136623763386439
             65306638ffffffffffffffffff014205080c1201654801",
        ),
        (
            Command { id: 8, ping: Some(Empty {}), ..none() },
            r#"{"id":8,"ping":{}}"#,
            "08085a00",
        ),
        (
            Command { send: Some(SendRequest { data: json(r#"{"t":"typing"}"#) }), ..none() },
            r#"{"send":{"data":{"t":"typing"}}}"#,
            "62100a0e7b2274223a22747970696e67227d",
        ),
        (
            Command {
                id: 9,
                rpc: Some(RpcRequest {
                    data: json(r#"{"room":1}"#),
                    method: "msg.send".to_owned(),
                }),
                ..none()
            },
            r#"{"id":9,"rpc":{"method":"msg.send","data":{"room":1}}}"#,
            "08096a160a0a7b22726f6f6d223a317d12086d73672e73656e64",
        ),
        (
            Command { id: 10, refresh: Some(RefreshRequest { token: "n".to_owned() }), ..none() },
            r#"{"id":10,"refresh":{"token":"n"}}"#,
            "080a72030a016e",
        ),
        (
            Command {
                id: 11,
                sub_refresh: Some(SubRefreshRequest {
                    channel: ROOM.to_owned(),
                    token: "n".to_owned(),
                    kind: 1,
                }),
                ..none()
            },
            r#"{"id":11,"sub_refresh":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f",
                "token":"n","items":[{"key":"k","version":1}],"type":1}}"#,
            // Fields 3 (items) and 5 (type) by hand: newer than the library's schema.
            "080b7a370a29726f6f6d3a30313932663063312d326136622d376333642d386534662d356136623763386439
             65306612016e1a050a016b10012801",
        ),
        (none(), "{}", ""),
    ]
}

#[test]
fn every_command_is_read_from_both_encodings() {
    for (command, text, bytes) in commands() {
        assert_eq!(frame::command(Encoding::Json, text.as_bytes()), Ok(command.clone()), "{text}");
        assert_eq!(frame::command(Encoding::Protobuf, &unhex(bytes)), Ok(command), "{bytes}");
    }
}

fn event() -> Publication {
    Publication { data: json(r#"{"v":1}"#), offset: 300, ..Publication::default() }
}

fn client() -> ClientInfo {
    ClientInfo { user: "u".to_owned(), client: "c".to_owned(), ..ClientInfo::default() }
}

fn event_with_info() -> Publication {
    let info = ClientInfo { conn_info: json(r#"{"n":1}"#), chan_info: json("[]"), ..client() };
    Publication {
        data: json(r#"{"v":2}"#),
        offset: 301,
        info: Some(info),
        tags: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
    }
}

fn subscription() -> SubscribeResult {
    SubscribeResult {
        expires: true,
        ttl: 60,
        recoverable: true,
        epoch: "e".to_owned(),
        publications: vec![event(), event_with_info()],
        recovered: true,
        offset: 299,
        positioned: true,
        data: json("{}"),
        was_recovering: true,
    }
}

/// Each reply, as JSON and as protobuf.
#[expect(clippy::too_many_lines, reason = "a table")]
fn replies() -> Vec<(Reply, String, &'static str)> {
    const SUBSCRIPTION: &str = concat!(
        r#"{"expires":true,"ttl":60,"recoverable":true,"epoch":"e","publications":["#,
        r#"{"data":{"v":1},"offset":300},{"data":{"v":2},"info":{"user":"u","client":"c","#,
        r#""conn_info":{"n":1},"chan_info":[]},"offset":301,"tags":{"k":"v"}}],"recovered":true,"#,
        r#""offset":299,"positioned":true,"data":{},"was_recovering":true}"#
    );
    let none = Reply::default;
    vec![
        (
            Reply {
                id: 1,
                error: Some(WireError {
                    code: 111,
                    message: "too many requests".to_owned(),
                    temporary: true,
                }),
                ..none()
            },
            r#"{"id":1,"error":{"code":111,"message":"too many requests","temporary":true}}"#.into(),
            "08011217086f1211746f6f206d616e792072657175657374731801",
        ),
        (
            Reply {
                id: 1,
                connect: Some(ConnectResult {
                    client: "c".to_owned(),
                    version: "v".to_owned(),
                    expires: true,
                    ttl: 600,
                    data: json(r#"{"d":1}"#),
                    subs: BTreeMap::from([(USER.to_owned(), subscription())]),
                    ping: 25,
                    pong: true,
                }),
                ..none()
            },
            format!(
                r#"{{"id":1,"connect":{{"client":"c","version":"v","expires":true,"ttl":600,"data":{{"d":1}},"subs":{{"{USER}":{SUBSCRIPTION}}},"ping":25,"pong":true}}}}"#
            ),
            "08012a96010a0163120176180120d8042a077b2264223a317d327c0a29757365723a30313932663063312d32
             6136622d376333642d386534662d356136623763386439653066124f0801103c18013201653a0c22077b2276
             223a317d30ac023a2922077b2276223a327d2a130a01751201631a077b226e223a317d22025b5d30ad023a06
             0a016b120176400148ab0250015a027b7d600138194001",
        ),
        (
            Reply { id: 2, subscribe: Some(subscription()), ..none() },
            format!(r#"{{"id":2,"subscribe":{SUBSCRIPTION}}}"#),
            "0802324f0801103c18013201653a0c22077b2276223a317d30ac023a2922077b2276223a327d2a130a017512
             01631a077b226e223a317d22025b5d30ad023a060a016b120176400148ab0250015a027b7d6001",
        ),
        (
            Reply { id: 3, unsubscribe: Some(Empty {}), ..none() },
            r#"{"id":3,"unsubscribe":{}}"#.into(),
            "08033a00",
        ),
        (
            Reply { id: 4, publish: Some(Empty {}), ..none() },
            r#"{"id":4,"publish":{}}"#.into(),
            "08044200",
        ),
        (
            Reply {
                id: 5,
                presence: Some(PresenceResult {
                    presence: BTreeMap::from([("c".to_owned(), client())]),
                }),
                ..none()
            },
            r#"{"id":5,"presence":{"presence":{"c":{"user":"u","client":"c"}}}}"#.into(),
            "08054a0d0a0b0a016312060a0175120163",
        ),
        (
            Reply {
                id: 6,
                presence_stats: Some(PresenceStatsResult { num_clients: 3, num_users: 2 }),
                ..none()
            },
            r#"{"id":6,"presence_stats":{"num_clients":3,"num_users":2}}"#.into(),
            "0806520408031002",
        ),
        (
            Reply {
                id: 7,
                history: Some(HistoryResult {
                    publications: vec![event()],
                    epoch: "e".to_owned(),
                    offset: 301,
                }),
                ..none()
            },
            concat!(
                r#"{"id":7,"history":{"publications":[{"data":{"v":1},"offset":300}],"#,
                r#""epoch":"e","offset":301}}"#
            )
            .into(),
            "08075a140a0c22077b2276223a317d30ac0212016518ad02",
        ),
        (
            Reply { id: 8, ping: Some(Empty {}), ..none() },
            r#"{"id":8,"ping":{}}"#.into(),
            "08086200",
        ),
        (
            Reply { id: 9, rpc: Some(RpcResult { data: json(r#"{"seq":1}"#) }), ..none() },
            r#"{"id":9,"rpc":{"data":{"seq":1}}}"#.into(),
            "08096a0b0a097b22736571223a317d",
        ),
        (
            Reply {
                id: 10,
                refresh: Some(RefreshResult {
                    client: "c".to_owned(),
                    version: "v".to_owned(),
                    expires: true,
                    ttl: 600,
                }),
                ..none()
            },
            r#"{"id":10,"refresh":{"client":"c","version":"v","expires":true,"ttl":600}}"#.into(),
            "080a720b0a0163120176180120d804",
        ),
        (
            Reply {
                id: 11,
                sub_refresh: Some(SubRefreshResult { expires: true, ttl: 60 }),
                ..none()
            },
            r#"{"id":11,"sub_refresh":{"expires":true,"ttl":60}}"#.into(),
            "080b7a040801103c",
        ),
        // The application ping.
        (none(), "{}".into(), ""),
    ]
}

/// The bytes of a frame of one protobuf message.
fn delimited(message: &str) -> Vec<u8> {
    let message = unhex(message);
    let mut frame = Vec::new();
    prost::encode_length_delimiter(message.len(), &mut frame).unwrap();
    frame.extend(message);
    frame
}

#[test]
fn every_reply_is_written_in_both_encodings() {
    for (reply, text, bytes) in replies() {
        assert_eq!(frame::encode(Encoding::Json, &reply), text);
        assert_eq!(frame::encode(Encoding::Protobuf, &reply), delimited(bytes), "{text}");
    }
}

/// Each push, encoded by `push` for an encoding, as JSON and as protobuf.
type Push = fn(Encoding) -> Bytes;

const PUSHES: [(Push, &str, &str); 9] = [
    (
        |encoding| push::publication(encoding, ROOM, &event()),
        r#"{"push":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","pub":{"data":{"v":1},"offset":300}}}"#,
        "22391229726f6f6d3a30313932663063312d326136622d376333642d386534662d3561366237633864396530662
         20c22077b2276223a317d30ac02",
    ),
    (
        |encoding| push::publication(encoding, ROOM, &event_with_info()),
        r#"{"push":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","pub":{"data":{"v":2},"info":{"user":"u","client":"c","conn_info":{"n":1},"chan_info":[]},"offset":301,"tags":{"k":"v"}}}}"#,
        "22561229726f6f6d3a30313932663063312d326136622d376333642d386534662d3561366237633864396530662
         22922077b2276223a327d2a130a01751201631a077b226e223a317d22025b5d30ad023a060a016b120176",
    ),
    (
        |encoding| push::join(encoding, ROOM, client()),
        r#"{"push":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","join":{"info":{"user":"u","client":"c"}}}}"#,
        "22351229726f6f6d3a30313932663063312d326136622d376333642d386534662d3561366237633864396530662
         a080a060a0175120163",
    ),
    (
        |encoding| push::leave(encoding, ROOM, client()),
        r#"{"push":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","leave":{"info":{"user":"u","client":"c"}}}}"#,
        "22351229726f6f6d3a30313932663063312d326136622d376333642d386534662d3561366237633864396530663
         2080a060a0175120163",
    ),
    (
        |encoding| push::unsubscribed(encoding, ROOM, Unsubscribe::REMOVED),
        r#"{"push":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","unsubscribe":{"code":2100,"reason":"removed"}}}"#,
        "22391229726f6f6d3a30313932663063312d326136622d376333642d386534662d3561366237633864396530663
         a0c10b4101a0772656d6f766564",
    ),
    (
        |encoding| push::message(encoding, json(r#"{"m":1}"#)),
        r#"{"push":{"message":{"data":{"m":1}}}}"#,
        "220b42090a077b226d223a317d",
    ),
    (
        |encoding| {
            let subscribe = ServerSubscribed {
                recoverable: true,
                epoch: "e".to_owned(),
                offset: 9,
                positioned: true,
                data: json("{}"),
            };
            push::subscribed(encoding, ROOM, subscribe)
        },
        r#"{"push":{"channel":"room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f","subscribe":{"recoverable":true,"epoch":"e","offset":9,"positioned":true,"data":{}}}}"#,
        "223a1229726f6f6d3a30313932663063312d326136622d376333642d386534662d3561366237633864396530664
         a0d0801220165280930013a027b7d",
    ),
    (
        |encoding| push::disconnected(encoding, Disconnect::SHUTDOWN),
        r#"{"push":{"disconnect":{"code":3001,"reason":"shutdown"}}}"#,
        "220f5a0d08b917120873687574646f776e",
    ),
    (
        |encoding| push::prolonged(encoding, Some(60)),
        r#"{"push":{"refresh":{"expires":true,"ttl":60}}}"#,
        "220662040801103c",
    ),
];

#[test]
fn every_push_is_written_in_both_encodings() {
    for (push, text, bytes) in PUSHES {
        assert_eq!(push(Encoding::Json), text);
        assert_eq!(push(Encoding::Protobuf), delimited(bytes), "{text}");
    }
}

#[test]
fn a_newline_between_the_tokens_of_a_payload_never_ends_a_message() {
    let data = Bytes::from_static(b"{\n\"a\": \"x\\ny\"\n}");
    let publication = Publication { data, ..Publication::default() };
    assert_eq!(
        push::publication(Encoding::Json, ROOM, &publication),
        format!(r#"{{"push":{{"channel":"{ROOM}","pub":{{"data":{{ "a": "x\ny" }}}}}}}}"#)
    );
}

#[test]
fn a_payload_that_is_no_json_can_not_be_written_in_json_but_in_protobuf() {
    for data in [&b"\xff"[..], b"{", b"{}{}", b"\"\xc3\"", b" "] {
        let data = Bytes::from_static(data);
        let publication = Publication { data: data.clone(), ..Publication::default() };
        assert!(push::publication(Encoding::Json, ROOM, &publication).is_empty(), "{data:?}");
        assert!(push::message(Encoding::Json, data).is_empty());
        assert!(!push::publication(Encoding::Protobuf, ROOM, &publication).is_empty());
    }
}

#[test]
fn a_null_payload_is_a_payload() {
    let command = frame::command(Encoding::Json, br#"{"id":1,"rpc":{"data":null}}"#).unwrap();
    assert_eq!(command.rpc.unwrap().data, "null");
}
