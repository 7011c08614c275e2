//! What happens with time.

use signaling::chat::codes::ErrorCode;
use signaling::chat::reply::SubscribeResult;
use signaling::chat::session::{Answer, Connected, SessionSettings};

use crate::talk::{INBOX, Talk, connected, standing, subscribed};

#[test]
fn a_silent_socket_is_closed_after_thirty_seconds() {
    let mut talk = Talk::new();
    assert!(talk.after(29_999).is_empty());
    assert_eq!(talk.after(1), ["close 3502 stale"]);
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
fn a_refused_connect_does_not_prolong_the_time_to_connect() {
    let mut talk = Talk::new();
    talk.after(20_000);
    talk.say(r#"{"id":1,"connect":{}}"#);
    talk.answer(Answer::Refused(ErrorCode::TokenExpired.into()));
    assert_eq!(talk.after(10_000), ["close 3502 stale"]);
}

#[test]
fn a_reply_that_is_due_says_try_again() {
    let mut talk = Talk::open();
    talk.say(r#"{"id":2,"rpc":{"method":"m"}}"#);
    assert!(talk.after(4_499).is_empty());
    assert_eq!(
        talk.after(1),
        [r#"{"id":2,"error":{"code":100,"message":"internal server error","temporary":true}}"#]
    );
    assert!(talk.answer(Answer::Rpc("{}".into())).is_empty());
    assert_eq!(talk.session.under_way(), 0);
}

#[test]
fn a_connect_that_is_not_answered_in_time_ends_in_a_reconnect() {
    let mut talk = Talk::new();
    talk.say(r#"{"id":1,"connect":{}}"#);
    let heard = talk.after(4_500);
    assert!(heard[0].contains(r#""code":100"#));
    assert_eq!(heard[1..], ["close 3004 internal server error"]);
}

#[test]
fn commands_behind_a_slow_connect_are_due_from_their_arrival() {
    let mut talk = Talk::new();
    talk.say("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"rpc\":{}}");
    talk.after(4_000);
    talk.answer(Answer::Connected(connected(None)));
    assert!(talk.after(500)[0].contains(r#""code":100"#));
}

#[test]
fn a_subscription_granted_too_late_is_stopped_again() {
    let mut talk = Talk::open();
    talk.subscribe(2);
    assert!(talk.unsubscribe(3).is_empty());
    let heard = talk.after(4_500);
    assert!(heard[0].contains(r#""id":2,"error":{"code":100"#));
    assert_eq!(heard[1..], [r#"{"id":3,"unsubscribe":{}}"#]);
    // Until the hub has answered, the channel can not be subscribed anew.
    assert!(talk.subscribe(4)[0].contains(r#""code":111"#));
    assert_eq!(talk.answer(subscribed(1)), ["stopped"]);
    assert_eq!(talk.subscribe(5), ["ask Subscribe"]);
}

#[test]
fn a_subscription_ends_with_its_token_unless_refreshed() {
    let mut talk = Talk::open_with(SessionSettings {
        ping_interval_ms: 1_000_000,
        ..SessionSettings::default()
    });
    talk.subscribe(2);
    let result = SubscribeResult { expires: true, ttl: 60, ..standing(1) };
    talk.answer(Answer::Subscribed { result, next: 2 });
    talk.say(&format!(
        r#"{{"id":3,"sub_refresh":{{"channel":"{}","token":"n"}}}}"#,
        crate::talk::ROOM
    ));
    talk.answer(Answer::Refreshed { ttl_s: Some(100) });
    // 60 s and 25 s of grace pass, then the 100 s and 25 s of the refresh.
    assert!(talk.after(124_999).is_empty());
    let heard = talk.after(1);
    assert_eq!(heard[0], "stopped");
    assert!(heard[1].contains(r#""unsubscribe":{"code":2501"#));
}

#[test]
fn a_server_side_subscription_that_ends_takes_the_connection_with_it() {
    let mut talk =
        Talk::with(SessionSettings { ping_interval_ms: 1_000_000, ..SessionSettings::default() });
    talk.say(r#"{"id":1,"connect":{}}"#);
    let sub = SubscribeResult { expires: true, ttl: 60, ..standing(1) };
    talk.answer(Answer::Connected(Connected {
        subs: vec![(INBOX.to_owned(), sub, 2)],
        ..connected(None)
    }));
    assert_eq!(talk.after(85_000), ["close 3006 subscription expired"]);
}
