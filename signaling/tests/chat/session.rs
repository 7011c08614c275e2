//! The session of one connection, as sentences.

use bytes::Bytes;
use signaling::chat::codes::{Disconnect, ErrorCode, Unsubscribe};
use signaling::chat::session::{Answer, Connected, Input};

use crate::talk::{INBOX, ROOM, Talk, connected, standing, subscribed};

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

#[test]
fn a_refused_connect_may_be_tried_again_and_stray_commands_are_dropped_meanwhile() {
    let mut talk = Talk::new();
    talk.say(r#"{"id":1,"connect":{"token":"old"}}"#);
    talk.answer(Answer::Refused(ErrorCode::TokenExpired.into()));
    assert!(talk.subscribe(2).is_empty());
    assert_eq!(talk.say(r#"{"id":3,"connect":{"token":"new"}}"#), ["ask Connect"]);
    assert!(talk.answer(Answer::Connected(connected(None)))[0].starts_with(r#"{"id":3,"connect""#));
}

#[test]
fn a_bad_token_closes_for_good() {
    let mut talk = Talk::new();
    talk.say(r#"{"id":1,"connect":{"token":"forged"}}"#);
    assert_eq!(
        talk.answer(Answer::Disconnect(Disconnect::INVALID_TOKEN)),
        ["close 3500 invalid token"]
    );
    assert!(talk.say(r#"{"id":2,"connect":{}}"#).is_empty());
}

#[test]
fn server_side_subscriptions_start_behind_the_connect_reply() {
    let mut talk = Talk::new();
    talk.say(r#"{"id":1,"connect":{}}"#);
    let heard = talk.answer(Answer::Connected(Connected {
        subs: vec![(INBOX.to_owned(), standing(4), 5)],
        ..connected(None)
    }));
    let sub = r#"{"recoverable":true,"epoch":"e","offset":4,"positioned":true}"#;
    let reply = format!(
        r#"{{"id":1,"connect":{{"client":"c","version":"v","subs":{{"{INBOX}":{sub}}},"ping":25,"pong":true}}}}"#
    );
    assert_eq!(heard, [reply.as_str(), "started from 5"]);
    let again = talk.say(&format!(r#"{{"id":2,"subscribe":{{"channel":"{INBOX}"}}}}"#));
    assert!(again[0].contains(r#""code":105"#), "{again:?}");
}

#[test]
fn an_end_that_overtakes_the_subscribe_answer_is_told_right_behind_the_reply() {
    let mut talk = Talk::open();
    talk.subscribe(2);
    let end = Input::EndSubscription { channel: ROOM.to_owned(), why: Unsubscribe::REMOVED };
    assert!(talk.give(end).is_empty());
    let heard = talk.answer(subscribed(3));
    assert!(heard[0].starts_with(r#"{"id":2,"subscribe""#));
    assert_eq!(heard[1..3], ["started from 4", "stopped"]);
    assert!(heard[3].contains(r#""unsubscribe":{"code":2100"#));
}

#[test]
fn a_send_needs_no_answer_and_takes_no_place() {
    let mut talk = Talk::open();
    for _ in 0..500 {
        assert_eq!(talk.say(r#"{"send":{"data":{"t":"typing"}}}"#), ["ask Send"]);
    }
    assert_eq!(talk.session.under_way(), 0);
    assert_eq!(talk.say(r#"{"id":2,"rpc":{"method":"m"}}"#), ["ask Rpc"]);
}

#[test]
fn the_first_request_in_field_order_is_the_one_that_is_meant() {
    let mut talk = Talk::open();
    let heard = talk.say(r#"{"id":2,"rpc":{"method":"m"},"presence":{"channel":"x"},"ping":{}}"#);
    assert!(heard[0].contains(r#""code":102"#), "presence precedes ping and rpc: {heard:?}");
}

#[test]
fn each_command_gets_the_result_of_its_kind() {
    let mut talk = Talk::open();
    talk.subscribe(2);
    talk.answer(subscribed(0));
    let cases = [
        (
            format!(r#""publish":{{"channel":"{ROOM}","data":{{}}}}"#),
            Answer::Published,
            r#""publish":{}"#,
        ),
        (
            format!(r#""history":{{"channel":"{ROOM}"}}"#),
            Answer::History(signaling::chat::reply::HistoryResult {
                epoch: "e".to_owned(),
                offset: 9,
                ..Default::default()
            }),
            r#""history":{"epoch":"e","offset":9}"#,
        ),
        (
            format!(r#""presence":{{"channel":"{ROOM}"}}"#),
            Answer::Presence([].into()),
            r#""presence":{}"#,
        ),
        (
            format!(r#""presence_stats":{{"channel":"{ROOM}"}}"#),
            Answer::PresenceStats(signaling::chat::reply::PresenceStatsResult {
                num_clients: 2,
                num_users: 1,
            }),
            r#""presence_stats":{"num_clients":2,"num_users":1}"#,
        ),
        (
            r#""rpc":{"method":"m"}"#.to_owned(),
            Answer::Rpc(Bytes::from_static(b"{\"seq\":1}")),
            r#""rpc":{"data":{"seq":1}}"#,
        ),
        (
            format!(r#""sub_refresh":{{"channel":"{ROOM}","token":"n"}}"#),
            Answer::Refreshed { ttl_s: Some(60) },
            r#""sub_refresh":{"expires":true,"ttl":60}"#,
        ),
    ];
    for (request, answer, result) in cases {
        talk.say(&format!(r#"{{"id":7,{request}}}"#));
        assert_eq!(talk.answer(answer), [format!(r#"{{"id":7,{result}}}"#)]);
    }
    assert_eq!(talk.say(r#"{"id":8,"ping":{}}"#), [r#"{"id":8,"ping":{}}"#]);
}

#[test]
fn an_answer_of_the_wrong_kind_is_an_internal_error() {
    let mut talk = Talk::open();
    for request in [r#""rpc":{"method":"m"}"#, r#""refresh":{"token":"n"}"#] {
        talk.say(&format!(r#"{{"id":7,{request}}}"#));
        assert!(talk.answer(Answer::Published)[0].contains(r#""code":100"#));
    }
    talk.subscribe(8);
    assert!(talk.answer(Answer::Published)[0].contains(r#""code":100"#));
}

#[test]
fn a_subscription_token_is_refreshed_only_for_a_subscription_that_stands() {
    let mut talk = Talk::open();
    let refresh = |id: u32, extra: &str| {
        format!(r#"{{"id":{id},"sub_refresh":{{"channel":"{ROOM}","token":"n"{extra}}}}}"#)
    };
    assert!(talk.say(&refresh(2, ""))[0].contains(r#""code":103"#));
    assert!(talk.say(&refresh(3, r#","type":1"#))[0].contains(r#""code":108"#));
}

#[test]
fn what_is_left_out_is_refused_and_not_misread() {
    let mut talk = Talk::open();
    for (request, code) in [
        (format!(r#""subscribe":{{"channel":"{ROOM}","type":4}}"#), 108),
        (format!(r#""publish":{{"channel":"{ROOM}","data":1,"type":1}}"#), 108),
        (format!(r#""publish":{{"channel":"{ROOM}"}}"#), 107),
    ] {
        let heard = talk.say(&format!(r#"{{"id":2,{request}}}"#));
        assert!(heard[0].contains(&format!(r#""code":{code}"#)), "{request}: {heard:?}");
    }
    let fossil = format!(r#"{{"id":3,"subscribe":{{"channel":"{ROOM}","delta":"fossil"}}}}"#);
    assert_eq!(talk.say(&fossil), ["ask Subscribe"]);
}

#[test]
fn a_message_of_the_hub_waits_for_nothing_but_the_connect() {
    let message = || Input::Message(Bytes::from_static(b"{\"unread\":1}"));
    let mut talk = Talk::new();
    assert!(talk.give(message()).is_empty());
    assert_eq!(Talk::open().give(message()), [r#"{"push":{"message":{"data":{"unread":1}}}}"#]);
    let raw = Input::Message(Bytes::from_static(b"\xff"));
    assert_eq!(Talk::open().give(raw), ["close 3506 inappropriate protocol"]);
}

#[test]
fn frames_that_are_none_close_the_socket() {
    use signaling::chat::frame::Frame;
    for text in
        ["", "\n \r\n", "{", "[]", "{\"id\":2}", "{\"id\":-1,\"ping\":{}}", "{}{}", "{\"ping\":{}}"]
    {
        assert_eq!(Talk::open().say(text), ["close 3501 bad request"], "{text:?}");
    }
    let binary = Input::Frame(Frame::Binary(b"{}"));
    assert_eq!(Talk::open().give(binary), ["close 3501 bad request"]);
}

#[test]
fn blank_lines_and_unknown_fields_are_tolerated() {
    let mut talk = Talk::open();
    let frame = "\n  \r\n{\"id\":2,\"ping\":{},\"new\":[1,{}]}\r\n\n{\"id\":3,\"rpc\":{\"x\":1}}\n";
    assert_eq!(talk.say(frame), [r#"{"id":2,"ping":{}}"#, "ask Rpc"]);
}

#[test]
fn nothing_comes_after_a_close() {
    let mut talk = Talk::open();
    talk.subscribe(2);
    assert_eq!(talk.give(Input::Disconnect(Disconnect::SHUTDOWN)), ["close 3001 shutdown"]);
    assert!(talk.answer(subscribed(1)).is_empty());
    assert!(talk.after(100_000).is_empty());
    assert!(talk.give(Input::Disconnect(Disconnect::SHUTDOWN)).is_empty());
    assert_eq!(talk.session.deadline(), None);
}
