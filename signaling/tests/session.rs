//! The session of one connection, as sentences.

use bytes::Bytes;
use signaling::chat::Encoding;
use signaling::chat::codes::{Disconnect, ErrorCode, Unsubscribe};
use signaling::chat::frame::Frame;
use signaling::chat::reply::SubscribeResult;
use signaling::chat::session::{
    Answer, Ask, AskId, Connected, Input, Millis, Output, Session, SessionSettings,
};

const ROOM: &str = "room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f";

/// A session with what it said, in words.
struct Talk {
    session: Session,
    now: Millis,
    asks: Vec<(AskId, Ask)>,
}

impl Talk {
    fn new() -> Self {
        Self::with(SessionSettings::default())
    }

    fn with(settings: SessionSettings) -> Self {
        let now = Millis(1_000);
        Self { session: Session::new(settings, Encoding::Json, now), now, asks: Vec::new() }
    }

    /// A connected session.
    fn open() -> Self {
        let mut talk = Self::new();
        talk.say(r#"{"id":1,"connect":{"token":"t"}}"#);
        talk.answer(Answer::Connected(Connected {
            client: "c".to_owned(),
            version: "v".to_owned(),
            ttl_s: Some(600),
            ..Connected::default()
        }));
        talk
    }

    fn say(&mut self, text: &str) -> Vec<String> {
        self.session.handle(Input::Frame(Frame::Text(text)), self.now);
        self.heard()
    }

    fn after(&mut self, ms: u64) -> Vec<String> {
        self.now = self.now.after(ms);
        self.session.handle(Input::Tick, self.now);
        self.heard()
    }

    /// Answers the oldest ask.
    fn answer(&mut self, answer: Answer) -> Vec<String> {
        let (ask, _) = self.asks.remove(0);
        self.session.handle(Input::Answer { ask, answer }, self.now);
        self.heard()
    }

    fn heard(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(output) = self.session.poll() {
            heard.push(match output {
                Output::Send(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Output::Ask { id, ask } => {
                    let name = format!("{ask:?}");
                    self.asks.push((id, ask));
                    let end = name.find([' ', '(', '{']).unwrap_or(name.len());
                    format!("ask {}", &name[..end])
                }
                Output::Started(started) => format!("started from {}", started.next),
                Output::Stopped { .. } => "stopped".to_owned(),
                Output::Close(why) => format!("close {} {}", why.code, why.reason),
            });
        }
        heard
    }
}

fn subscribed(offset: u64) -> Answer {
    let result = SubscribeResult {
        recoverable: true,
        positioned: true,
        epoch: "e".to_owned(),
        offset,
        ..SubscribeResult::default()
    };
    Answer::Subscribed { result, next: offset + 1 }
}

#[test]
fn anything_before_connect_closes_the_socket() {
    assert_eq!(Talk::new().say(r#"{"id":1,"rpc":{"method":"x"}}"#), ["close 3501 bad request"]);
    assert_eq!(Talk::new().say("nonsense"), ["close 3501 bad request"]);
    assert_eq!(Talk::new().say(""), ["close 3501 bad request"]);
}

#[test]
fn a_second_connect_closes_the_socket() {
    assert_eq!(Talk::open().say(r#"{"id":2,"connect":{"token":"t"}}"#), ["close 3501 bad request"]);
}

#[test]
fn a_silent_socket_is_closed_after_thirty_seconds() {
    let mut talk = Talk::new();
    assert!(talk.after(29_999).is_empty());
    assert_eq!(talk.after(1), ["close 3502 stale"]);
}

#[test]
fn commands_behind_connect_wait_for_it_and_keep_their_order() {
    let mut talk = Talk::new();
    let frame = format!(
        "{{\"id\":1,\"connect\":{{}}}}\n{{\"id\":2,\"subscribe\":{{\"channel\":\"{ROOM}\"}}}}\n\
         {{\"id\":3,\"rpc\":{{\"method\":\"m\"}}}}"
    );
    assert_eq!(talk.say(&frame), ["ask Connect"]);
    let heard = talk.answer(Answer::Connected(Connected {
        client: "c".to_owned(),
        version: "v".to_owned(),
        ..Connected::default()
    }));
    assert_eq!(
        heard,
        [
            r#"{"id":1,"connect":{"client":"c","version":"v","ping":25,"pong":true}}"#,
            "ask Subscribe",
            "ask Rpc"
        ]
    );
}

#[test]
fn commands_behind_a_refused_connect_are_dropped() {
    let mut talk = Talk::new();
    talk.say("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"rpc\":{\"method\":\"m\"}}");
    assert_eq!(
        talk.answer(Answer::Refused(ErrorCode::TokenExpired.into())),
        [r#"{"id":1,"error":{"code":109,"message":"token expired"}}"#]
    );
    assert!(talk.asks.is_empty());
}

#[test]
fn the_subscribe_reply_precedes_delivery_and_unsubscribe_ends_it_first() {
    let mut talk = Talk::open();
    assert_eq!(
        talk.say(&format!(r#"{{"id":2,"subscribe":{{"channel":"{ROOM}"}}}}"#)),
        ["ask Subscribe"]
    );
    assert_eq!(
        talk.answer(subscribed(7)),
        [
            r#"{"id":2,"subscribe":{"recoverable":true,"epoch":"e","offset":7,"positioned":true}}"#,
            "started from 8"
        ]
    );
    assert_eq!(
        talk.say(&format!(r#"{{"id":3,"unsubscribe":{{"channel":"{ROOM}"}}}}"#)),
        ["stopped", r#"{"id":3,"unsubscribe":{}}"#]
    );
    assert_eq!(
        talk.say(&format!(r#"{{"id":4,"unsubscribe":{{"channel":"{ROOM}"}}}}"#)),
        [r#"{"id":4,"unsubscribe":{}}"#]
    );
}

#[test]
fn an_unsubscribe_waits_for_its_subscribe_and_a_new_subscribe_for_both() {
    let mut talk = Talk::open();
    let frame = format!(
        "{{\"id\":2,\"subscribe\":{{\"channel\":\"{ROOM}\"}}}}\n\
         {{\"id\":3,\"unsubscribe\":{{\"channel\":\"{ROOM}\"}}}}\n\
         {{\"id\":4,\"subscribe\":{{\"channel\":\"{ROOM}\"}}}}"
    );
    assert_eq!(talk.say(&frame), ["ask Subscribe"]);
    let heard = talk.answer(subscribed(1));
    assert_eq!(
        heard[1..],
        ["started from 2", "stopped", r#"{"id":3,"unsubscribe":{}}"#, "ask Subscribe"]
    );
    assert_eq!(talk.answer(subscribed(5))[1..], ["started from 6"]);
}

#[test]
fn a_doubled_subscribe_is_refused() {
    let mut talk = Talk::open();
    let subscribe = |id| format!(r#"{{"id":{id},"subscribe":{{"channel":"{ROOM}"}}}}"#);
    talk.say(&subscribe(2));
    assert_eq!(
        talk.say(&subscribe(3)),
        [r#"{"id":3,"error":{"code":105,"message":"already subscribed"}}"#]
    );
}

#[test]
fn subscribe_checks_name_then_namespace_then_type() {
    let mut talk = Talk::open();
    let long = "x".repeat(256);
    for (channel, extra, code) in [
        ("头", "", 107),
        (long.as_str(), "", 107),
        ("test:test", "", 102),
        ("room:no-uuid", "", 102),
        (ROOM, r#","type":1"#, 108),
        (ROOM, r#","tf":{}"#, 107),
        (ROOM, r#","delta":"unknown""#, 107),
    ] {
        let heard =
            talk.say(&format!(r#"{{"id":2,"subscribe":{{"channel":"{channel}"{extra}}}}}"#));
        assert!(heard[0].contains(&format!("\"code\":{code}")), "{channel} {extra}: {heard:?}");
    }
}

#[test]
fn a_long_command_is_refused_without_closing() {
    let mut talk = Talk::open();
    let data = "x".repeat(70_000);
    let heard = talk.say(&format!(r#"{{"id":2,"rpc":{{"method":"m","data":"{data}"}}}}"#));
    assert_eq!(heard, [r#"{"id":2,"error":{"code":106,"message":"limit exceeded"}}"#]);
}

#[test]
fn too_many_commands_are_refused_for_a_while() {
    let settings =
        SessionSettings { commands_per_second: 1, commands_burst: 3, ..SessionSettings::default() };
    let mut talk = Talk::with(settings);
    talk.say(r#"{"id":1,"connect":{}}"#);
    talk.answer(Answer::Connected(Connected::default()));
    assert_eq!(talk.say(r#"{"id":2,"rpc":{}}"#), ["ask Rpc"]);
    assert_eq!(talk.say(r#"{"id":3,"rpc":{}}"#), ["ask Rpc"]);
    assert!(talk.say(r#"{"id":4,"rpc":{}}"#)[0].contains("\"code\":111"));
    talk.after(1_000);
    assert_eq!(talk.say(r#"{"id":5,"rpc":{}}"#), ["ask Rpc"]);
}

#[test]
fn pings_go_out_and_a_missing_pong_closes() {
    let mut talk = Talk::open();
    assert_eq!(talk.after(25_000), ["{}"]);
    assert!(talk.say("{}").is_empty());
    assert_eq!(talk.after(25_000), ["{}"]);
    assert_eq!(talk.after(10_000), ["close 3012 no pong"]);
}

#[test]
fn an_unasked_pong_closes() {
    assert_eq!(Talk::open().say("{}"), ["close 3501 bad request"]);
}

#[test]
fn a_connection_ends_with_its_token_unless_refreshed() {
    let mut talk = Talk::open();
    talk.say(r#"{"id":2,"refresh":{"token":"n"}}"#);
    let heard = talk.answer(Answer::Refreshed { ttl_s: Some(60) });
    assert_eq!(
        heard,
        [r#"{"id":2,"refresh":{"client":"c","version":"v","expires":true,"ttl":60}}"#]
    );
    let mut closed = Vec::new();
    for _ in 0..20 {
        for line in talk.after(5_000) {
            if line == "{}" {
                talk.say("{}");
            } else {
                closed.push((talk.now.0, line));
            }
        }
    }
    // 60 s of life and 25 s of grace after the refresh at 1 s.
    let closed: Vec<_> = closed.iter().map(|(at, line)| (*at, line.as_str())).collect();
    assert_eq!(closed, [(86_000, "close 3005 connection expired")]);
}

#[test]
fn an_ended_subscription_is_told_once() {
    let mut talk = Talk::open();
    talk.say(&format!(r#"{{"id":2,"subscribe":{{"channel":"{ROOM}"}}}}"#));
    talk.answer(subscribed(1));
    let end = || Input::EndSubscription { channel: ROOM.to_owned(), why: Unsubscribe::REMOVED };
    talk.session.handle(end(), talk.now);
    talk.session.handle(end(), talk.now);
    assert_eq!(
        talk.heard(),
        [
            "stopped".to_owned(),
            format!(
                r#"{{"push":{{"channel":"{ROOM}","unsubscribe":{{"code":2100,"reason":"removed"}}}}}}"#
            )
        ]
    );
}

#[test]
fn payload_bytes_that_are_no_json_close_a_json_connection() {
    let mut talk = Talk::open();
    talk.say(r#"{"id":2,"rpc":{"method":"m"}}"#);
    assert_eq!(
        talk.answer(Answer::Rpc(Bytes::from_static(b"\xff\x00"))),
        ["close 3506 inappropriate protocol"]
    );
}

#[test]
fn reasons_are_never_empty_and_never_json() {
    for why in Disconnect::ALL {
        assert!(!why.reason.is_empty());
        assert!(serde_json::from_str::<serde_json::Value>(why.reason).is_err(), "{}", why.reason);
    }
}
