//! What a client can not make a session do.

use signaling::chat::codes::ErrorCode;
use signaling::chat::frame::Frame;
use signaling::chat::session::{Answer, Connected, Input, SessionSettings};
use signaling::limits;

use crate::talk::{ROOM, Talk, subscribed};

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
fn a_client_that_ignores_refusals_is_closed_after_one_burst_of_them() {
    let settings =
        SessionSettings { commands_per_second: 1, commands_burst: 3, ..SessionSettings::default() };
    let mut talk = Talk::open_with(settings);
    let frame = "{\"id\":2,\"ping\":{}}\n".repeat(1_000);
    let heard = talk.say(&frame);
    // Two answers, three refusals, the end: the connect took one token.
    assert_eq!(heard.len(), 6);
    assert_eq!(heard[5], "close 3013 too many requests");
}

#[test]
fn refused_connects_run_into_the_rate() {
    let settings =
        SessionSettings { commands_per_second: 1, commands_burst: 2, ..SessionSettings::default() };
    let mut talk = Talk::with(settings);
    for _ in 0..2 {
        assert_eq!(talk.say(r#"{"id":1,"connect":{}}"#), ["ask Connect"]);
        talk.answer(Answer::Refused(ErrorCode::TokenExpired.into()));
    }
    assert_eq!(talk.say(r#"{"id":1,"connect":{}}"#), ["close 3013 too many requests"]);
}

#[test]
fn an_unsubscribe_is_answered_by_success_whatever_the_rate_and_the_size() {
    let settings =
        SessionSettings { commands_per_second: 1, commands_burst: 1, ..SessionSettings::default() };
    let mut talk = Talk::open_with(settings);
    assert_eq!(talk.unsubscribe(2), [r#"{"id":2,"unsubscribe":{}}"#]);
    let mut talk = Talk::open();
    let long = "x".repeat(limits::COMMAND_BYTES_MAX);
    assert_eq!(
        talk.say(&format!(r#"{{"id":3,"unsubscribe":{{"channel":"{long}"}}}}"#)),
        [r#"{"id":3,"unsubscribe":{}}"#]
    );
}

#[test]
fn a_frame_above_the_limit_closes_and_the_limit_grows_with_the_connect() {
    let frame = |bytes: usize| " ".repeat(bytes - 20) + r#"{"id":2,"ping":{}}  "#;
    let first = limits::FRAME_BEFORE_CONNECT_BYTES_MAX;
    let later = limits::FRAME_BYTES_MAX;
    assert_eq!(Talk::new().say(&frame(first + 1)), ["close 3501 bad request"]);
    assert_eq!(Talk::open().say(&frame(first + 1)), [r#"{"id":2,"ping":{}}"#]);
    assert_eq!(Talk::open().say(&frame(later)), [r#"{"id":2,"ping":{}}"#]);
    assert_eq!(Talk::open().say(&frame(later + 1)), ["close 3501 bad request"]);
}

#[test]
fn more_messages_than_may_wait_for_the_connect_close_the_socket() {
    let mut talk = Talk::new();
    talk.say(r#"{"id":1,"connect":{}}"#);
    let many = "{\"id\":2,\"ping\":{}}\n".repeat(limits::COMMANDS_UNDER_WAY_MAX + 1);
    assert_eq!(talk.say(&many), ["close 3013 too many requests"]);

    let mut talk = Talk::new();
    talk.say(r#"{"id":1,"connect":{}}"#);
    let long = format!(r#"{{"id":2,"rpc":{{"data":"{}"}}}}"#, "x".repeat(100_000));
    assert!(talk.say(&long).is_empty());
    assert!(talk.say(&long).is_empty());
    assert_eq!(talk.say(&long), ["close 3013 too many requests"]);
}

#[test]
fn more_than_may_be_under_way_is_refused_by_number_and_by_bytes() {
    let settings = SessionSettings {
        commands_per_second: 0,
        commands_under_way_max: 3,
        ..SessionSettings::default()
    };
    let mut talk = Talk::open_with(settings);
    for id in 2..5 {
        assert_eq!(talk.say(&format!(r#"{{"id":{id},"rpc":{{}}}}"#)), ["ask Rpc"]);
    }
    assert!(talk.say(r#"{"id":5,"rpc":{}}"#)[0].contains(r#""code":111"#));
    talk.answer(Answer::Rpc("{}".into()));
    assert_eq!(talk.say(r#"{"id":6,"rpc":{}}"#), ["ask Rpc"]);

    let mut talk = Talk::open();
    let long = format!(r#"{{"id":2,"rpc":{{"data":"{}"}}}}"#, "x".repeat(60_000));
    let started = (0..30).filter(|_| talk.say(&long) == ["ask Rpc"]).count();
    assert_eq!(started, limits::COMMANDS_UNDER_WAY_BYTES_MAX / long.len());
    talk.answer(Answer::Rpc("{}".into()));
    assert_eq!(talk.say(&long), ["ask Rpc"]);
}

#[test]
fn subscriptions_have_a_limit() {
    let settings = SessionSettings { subscriptions_max: 1, ..SessionSettings::default() };
    let mut talk = Talk::open_with(settings);
    talk.subscribe(2);
    talk.answer(subscribed(1));
    let other = format!(r#"{{"id":3,"subscribe":{{"channel":"{}"}}}}"#, crate::talk::OTHER_ROOM);
    assert!(talk.say(&other)[0].contains(r#""code":106"#));
    // A doubled one is told so first.
    assert!(talk.subscribe(4)[0].contains(r#""code":105"#));
    talk.unsubscribe(5);
    assert_eq!(talk.say(&other), ["ask Subscribe"]);
}

#[test]
fn few_commands_wait_for_a_subscribe() {
    let settings = SessionSettings { commands_per_second: 0, ..SessionSettings::default() };
    let mut talk = Talk::open_with(settings);
    talk.subscribe(2);
    for id in 3..19 {
        assert!(talk.unsubscribe(id).is_empty());
    }
    assert!(talk.subscribe(19)[0].contains(r#""code":111"#));
    assert_eq!(talk.unsubscribe(20), ["close 3013 too many requests"]);
}

#[test]
fn held_subscriptions_beyond_the_limit_are_not_passed_on() {
    let mut talk = Talk::new();
    let subs: Vec<String> = (0..1_000).map(|n| format!(r#""c{n}":{{"recover":true}}"#)).collect();
    talk.say(&format!(r#"{{"id":1,"connect":{{"subs":{{{}}}}}}}"#, subs.join(",")));
    let [(_, signaling::chat::session::Ask::Connect { subs, .. })] = talk.asks.as_slice() else {
        panic!("one ask")
    };
    assert_eq!(subs.len(), limits::SUBSCRIPTIONS_MAX);
}

#[test]
fn a_history_page_is_cut_to_its_limit() {
    let mut talk = Talk::open();
    for (asked, given) in [(0, 0), (5, 5), (-1, 200), (-2_147_483_648, 200), (201, 200)] {
        talk.say(&format!(r#"{{"id":2,"history":{{"channel":"{ROOM}","limit":{asked}}}}}"#));
        let (_, ask) = talk.asks.pop().expect("an ask");
        let signaling::chat::session::Ask::History(request) = ask else { panic!("{ask:?}") };
        assert_eq!(request.limit, given);
    }
}

#[test]
fn a_quarter_mebibyte_of_empty_messages_costs_one_message() {
    use signaling::chat::Encoding;
    use signaling::chat::frame;
    let frame = vec![0_u8; limits::FRAME_BYTES_MAX];
    let messages = frame::messages(Encoding::Protobuf, Frame::Binary(&frame)).expect("a frame");
    assert_eq!(messages.count(), limits::FRAME_BYTES_MAX);
    let mut talk = Talk::new();
    talk.session = signaling::chat::session::Session::new(
        SessionSettings::default(),
        Encoding::Protobuf,
        talk.now,
    );
    assert_eq!(
        talk.give(Input::Frame(Frame::Binary(&frame[..limits::FRAME_BEFORE_CONNECT_BYTES_MAX]))),
        ["close 3501 bad request"]
    );
}
