//! What a client is told that wants to continue where it stopped.

use bytes::Bytes;
use signaling::chat::push::Publication;
use signaling::chat::reply::SubscribeResult;
use signaling::chat::session::Answer;

use crate::talk::{ROOM, Talk, standing};

fn ask(extra: &str) -> Talk {
    let mut talk = Talk::open();
    talk.say(&format!(r#"{{"id":2,"subscribe":{{"channel":"{ROOM}"{extra}}}}}"#));
    talk
}

/// The hub's answer: the top is 9, and two events were missed where it recovers.
fn answer(recovered: bool) -> Answer {
    let event =
        |offset| Publication { data: Bytes::from_static(b"{}"), offset, ..Publication::default() };
    let publications = if recovered { vec![event(8), event(9)] } else { Vec::new() };
    let result = SubscribeResult { recovered, publications, ..standing(9) };
    Answer::Subscribed { result, next: 10 }
}

#[test]
fn a_fresh_subscribe_hears_the_top_and_nothing_else() {
    assert_eq!(
        ask("").answer(answer(true)),
        [
            r#"{"id":2,"subscribe":{"recoverable":true,"epoch":"e","offset":9,"positioned":true}}"#,
            "started from 10"
        ]
    );
}

#[test]
fn a_recovered_subscribe_hears_what_it_missed_with_the_offset_it_asked_from() {
    assert_eq!(
        ask(r#","recover":true,"epoch":"e","offset":7"#).answer(answer(true)),
        [
            concat!(
                r#"{"id":2,"subscribe":{"recoverable":true,"epoch":"e","publications":"#,
                r#"[{"data":{},"offset":8},{"data":{},"offset":9}],"recovered":true,"#,
                r#""offset":7,"positioned":true,"was_recovering":true}}"#
            ),
            "started from 10"
        ]
    );
}

#[test]
fn a_lost_position_is_told_with_the_top() {
    assert_eq!(
        ask(r#","recover":true,"epoch":"old","offset":7"#).answer(answer(false)),
        [
            concat!(
                r#"{"id":2,"subscribe":{"recoverable":true,"epoch":"e","offset":9,"#,
                r#""positioned":true,"was_recovering":true}}"#
            ),
            "started from 10"
        ]
    );
}

#[test]
fn a_client_that_reads_pages_itself_gets_error_112_and_no_subscription() {
    let mut talk = ask(r#","recover":true,"epoch":"old","offset":7,"flag":3"#);
    assert_eq!(
        talk.answer(answer(false)),
        ["stopped", r#"{"id":2,"error":{"code":112,"message":"unrecoverable position"}}"#]
    );
    assert_eq!(talk.subscribe(3), ["ask Subscribe"]);
}
