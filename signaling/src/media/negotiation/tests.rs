//! Golden exchanges with descriptions of real clients.

use super::*;
use crate::media::plane::{CodecKind, Extension, LocalTransport, TrackId};

const CHROMIUM: &str = include_str!("chromium_publisher_offer.sdp");

fn local() -> LocalTransport {
    LocalTransport {
        ufrag: "ourfragment".to_owned(),
        password: "ourpasswordourpasswordour".to_owned(),
        fingerprint: ["AB"; 32].join(":"),
        candidates: vec!["192.0.2.7:7882".parse().expect("address")],
    }
}

fn answered(offer: &str) -> Answered {
    let offer = Sdp::parse(offer).expect("reads");
    answer(&offer, &local(), DtlsRole::Client, (1, 1)).expect("answers")
}

#[test]
fn a_simulcast_offer_of_chromium_is_taken_with_its_layers() {
    let answered = answered(CHROMIUM);
    assert!(answered.data);
    let (incoming, name) = &answered.incoming[0];
    assert_eq!(name.as_deref(), Some("camera-track"));
    assert_eq!(incoming.rids, ["q", "h", "f"]);
    assert_eq!(incoming.payloads[0].codec, CodecKind::Vp8);
    assert_eq!((incoming.payloads[0].number, incoming.payloads[0].rtx), (96, Some(97)));
    assert!(incoming.extensions.contains(&(10, Extension::Rid)));
    assert!(answered.sdp.contains("a=simulcast:recv q;h;f\r\n"));
    assert!(answered.sdp.contains("a=setup:active\r\n"));
    assert!(!answered.sdp.contains("H264"));
}

#[test]
fn an_answer_keeps_the_order_and_number_of_sections() {
    let offer = Sdp::parse(CHROMIUM).expect("reads");
    let answer = Sdp::parse(&answered(CHROMIUM).sdp).expect("reads");
    let mids = |sdp: &Sdp| sdp.sections.iter().map(|s| s.mid().to_owned()).collect::<Vec<_>>();
    assert_eq!(mids(&answer), mids(&offer));
}

#[test]
fn a_section_without_a_codec_of_ours_is_refused_and_left_out_of_the_bundle() {
    let offer = CHROMIUM.replace("VP8/90000", "THEORA/90000");
    let answered = answered(&offer);
    let sdp = Sdp::parse(&answered.sdp).expect("reads");
    assert_eq!(sdp.sections[0].port, 0);
    assert!(answered.incoming.is_empty());
    assert!(answered.sdp.contains("a=group:BUNDLE 1\r\n"));
}

#[test]
fn a_description_without_credentials_or_with_another_hash_is_refused() {
    for (from, to) in [
        ("a=ice-ufrag:", "a=other:"),
        ("a=ice-pwd:", "a=other:"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
    ] {
        let offer = Sdp::parse(&CHROMIUM.replace(from, to)).expect("reads");
        assert!(answer(&offer, &local(), DtlsRole::Client, (1, 1)).is_err(), "{from}");
    }
}

fn sent(number: u64, codec: CodecKind) -> Sent {
    Sent {
        track: TrackId(number),
        track_sid: format!("TR_{number}"),
        participant_sid: "PA_a".to_owned(),
        stream: "camera".to_owned(),
        codec,
        ssrc: 100,
        rtx_ssrc: 101,
    }
}

fn answer_all(offer: &str) -> Sdp {
    let text =
        offer.replace("a=sendonly", "a=recvonly").replace("a=setup:actpass", "a=setup:active");
    Sdp::parse(&text).expect("reads")
}

#[test]
fn the_section_of_an_ended_track_is_used_again() {
    let mut subscriber = Subscriber::new(1, 1);
    subscriber.add(sent(1, CodecKind::Vp8));
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    assert!(offer.contains("a=msid:PA_a|camera TR_1\r\n"), "{offer}");
    let (remote, opened) = subscriber.accept(&answer_all(&offer), id).expect("taken");
    assert_eq!(remote.role, DtlsRole::Server);
    assert_eq!(opened.len(), 1);
    assert!(subscriber.remove(TrackId(1)));
    subscriber.add(sent(2, CodecKind::Opus));
    subscriber.add(sent(3, CodecKind::Vp8));
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    let sections = Sdp::parse(&offer).expect("reads").sections;
    assert_eq!(sections.len(), 3);
    assert_eq!(subscriber.mids().get("1").map(String::as_str), Some("TR_3"));
    assert!(offer.contains("a=msid:PA_a|TR_3 TR_3\r\n"), "a browser keeps the old track id");
    assert!(offer.contains("a=msid:PA_a|camera TR_2\r\n"), "{offer}");
    let (_, opened) = subscriber.accept(&answer_all(&offer), id).expect("taken");
    assert_eq!(opened.len(), 2);
}

#[test]
fn a_late_answer_to_an_earlier_offer_is_not_taken() {
    let mut subscriber = Subscriber::new(1, 1);
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    subscriber.restart();
    let (_, next) = subscriber.offer(&local()).expect("offer");
    assert!(next > id);
    let refused = subscriber.accept(&answer_all(&offer), id);
    assert_eq!(refused, Err(SubscriberError::Stale));
    assert!(subscriber.accept(&answer_all(&offer), 0).is_ok());
}

#[test]
fn a_refused_section_gets_no_media() {
    let mut subscriber = Subscriber::new(1, 1);
    subscriber.add(sent(1, CodecKind::Vp8));
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    let answer = answer_all(&offer.replace("a=sendonly", "a=inactive"));
    let (_, opened) = subscriber.accept(&answer, id).expect("taken");
    assert!(opened.is_empty());
}
