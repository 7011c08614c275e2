//! Golden exchanges with descriptions of real clients.

use super::*;
use crate::media::plane::{Candidate, CodecKind, Extension, LocalTransport, TrackId};

const CHROMIUM: &str = include_str!("chromium_publisher_offer.sdp");

fn local() -> LocalTransport {
    LocalTransport {
        ufrag: "ourfragment".to_owned(),
        password: "ourpasswordourpasswordour".to_owned(),
        fingerprint: ["AB"; 32].join(":"),
        candidates: vec![
            Candidate::Udp("192.0.2.7:7882".parse().expect("address")),
            Candidate::Tcp("192.0.2.7:7881".parse().expect("address")),
        ],
    }
}

fn answered(offer: &str) -> Answered {
    let offer = Sdp::parse(offer).expect("reads");
    answering(&offer, &|_| None).expect("answers")
}

fn answering(
    offer: &Sdp,
    announced: &dyn Fn(&crate::media::sdp::Section) -> Option<CodecKind>,
) -> Result<Answered, SdpError> {
    let with = Answering {
        local: &local(),
        role: DtlsRole::Client,
        origin: (1, 1),
        single: None,
        announced,
    };
    answer(offer, &with)
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
    assert!(answered.sdp.contains("SAVPF 96 97 "), "VP8 stands first");
}

#[test]
fn a_section_names_its_connection_before_any_attribute() {
    let none = ["VP8", "VP9", "AV1", "H264"]
        .iter()
        .fold(CHROMIUM.to_owned(), |text, codec| text.replace(&format!("{codec}/"), "THEORA/"));
    let mut subscriber = Subscriber::new(1, 1);
    subscriber.add(sent(1, CodecKind::Vp8));
    let (offer, _) = subscriber.offer(&local()).expect("offer");
    for description in [answered(CHROMIUM).sdp, answered(&none).sdp, offer] {
        let lines: Vec<&str> = description.lines().collect();
        let sections = lines.iter().enumerate().filter(|(_, line)| line.starts_with("m="));
        for (place, section) in sections {
            assert_eq!(lines[place + 1], "c=IN IP4 0.0.0.0", "after {section}");
        }
        let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
        assert_eq!(count("m="), count("c="), "one each (RFC 8866 §5)");
    }
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
    let offer = ["VP8", "VP9", "AV1", "H264"].iter().fold(CHROMIUM.to_owned(), |text, codec| {
        text.replace(&format!("{codec}/90000"), "THEORA/90000")
    });
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
        assert!(answering(&offer, &|_| None).is_err(), "{from}");
    }
}

fn sent(number: u64, codec: CodecKind) -> Sent {
    Sent {
        track: TrackId(number),
        track_sid: format!("TR_{number}"),
        participant_sid: "PA_a".to_owned(),
        stream: "camera".to_owned(),
        codecs: vec![codec],
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
    let accepted = subscriber.accept(&answer_all(&offer), id).expect("taken");
    assert_eq!(accepted.remote.role, DtlsRole::Server);
    assert_eq!(accepted.opened.len(), 1);
    assert!(subscriber.remove(TrackId(1)));
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    subscriber.accept(&answer_all(&offer), id).expect("taken");
    subscriber.add(sent(2, CodecKind::Opus));
    subscriber.add(sent(3, CodecKind::Vp8));
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    let sections = Sdp::parse(&offer).expect("reads").sections;
    assert_eq!(sections.len(), 3);
    assert_eq!(subscriber.mids().get("1").map(String::as_str), Some("TR_3"));
    assert!(offer.contains("a=msid:PA_a|TR_3 TR_3\r\n"), "a browser keeps the old track id");
    assert!(offer.contains("a=msid:PA_a|camera TR_2\r\n"), "{offer}");
    let accepted = subscriber.accept(&answer_all(&offer), id).expect("taken");
    assert_eq!(accepted.opened.len(), 2);
}

#[test]
fn a_section_is_used_again_only_after_the_client_saw_it_free() {
    let mut subscriber = Subscriber::new(1, 1);
    subscriber.add(sent(1, CodecKind::Vp8));
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    subscriber.accept(&answer_all(&offer), id).expect("taken");
    subscriber.remove(TrackId(1));
    subscriber.add(sent(2, CodecKind::Vp8));
    let (offer, _) = subscriber.offer(&local()).expect("offer");
    let sections = Sdp::parse(&offer).expect("reads").sections;
    assert_eq!(sections.len(), 3, "the new track has a section of its own");
    assert_eq!(subscriber.mids().get("2").map(String::as_str), Some("TR_2"));
}

/// The offer of a client that can take no VP8 answers with H.264 alone.
fn answer_without_vp8(offer: &str) -> Sdp {
    let lines = offer.lines().map(|line| {
        let line = line.replace("UDP/TLS/RTP/SAVPF 96 97 102 103", "UDP/TLS/RTP/SAVPF 102 103");
        format!("{line}\r\n")
    });
    answer_all(&lines.collect::<String>())
}

#[test]
fn a_client_without_the_first_codec_gets_the_second() {
    let mut subscriber = Subscriber::new(1, 1);
    let baseline = CodecKind::H264(crate::media::plane::H264::BASELINE);
    subscriber.add(Sent { codecs: vec![CodecKind::Vp8, baseline], ..sent(1, CodecKind::Vp8) });
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    let accepted = subscriber.accept(&answer_without_vp8(&offer), id).expect("taken");
    assert_eq!(accepted.opened[0].1.payload.codec, baseline);
    assert_eq!(accepted.opened[0].1.payload.number, 102);

    let mut subscriber = Subscriber::new(1, 1);
    subscriber.add(sent(1, CodecKind::Vp8));
    let (offer, id) = subscriber.offer(&local()).expect("offer");
    let offer = offer.replace("UDP/TLS/RTP/SAVPF 96 97", "UDP/TLS/RTP/SAVPF 120");
    let accepted = subscriber.accept(&answer_all(&offer), id).expect("taken");
    assert_eq!(accepted.unplayable, [TrackId(1)]);
}

#[test]
fn a_section_is_answered_in_the_codec_its_track_was_announced_with() {
    let offer = Sdp::parse(CHROMIUM).expect("reads");
    let baseline = CodecKind::H264(crate::media::plane::H264::BASELINE);
    let answered = answering(&offer, &|_| Some(baseline)).expect("answers");
    let codecs: Vec<&str> =
        answered.incoming[0].0.payloads.iter().map(|payload| payload.codec.name()).collect();
    assert_eq!(codecs, ["H264"]);
    let section = &Sdp::parse(&answered.sdp).expect("reads").sections[0];
    let first = answered.incoming[0].0.payloads[0].number.to_string();
    assert_eq!(section.formats.first(), Some(&first), "clients send what stands first");
    assert!(section.formats.contains(&"96".to_owned()), "VP8 stays on offer");
}

/// A client's offer over a single connection: one audio and two video sections to receive in.
const SINGLE: &str = "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
    a=fingerprint:sha-256 AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:\
    AB:AB:AB:AB:AB:AB:AB:AB\r\na=setup:actpass\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 109\r\na=mid:a\r\na=recvonly\r\na=rtpmap:109 opus/48000/2\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 120\r\na=mid:b\r\na=recvonly\r\na=rtpmap:120 VP8/90000\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 120\r\na=mid:c\r\na=recvonly\r\na=rtpmap:120 VP8/90000\r\n";

fn answered_single(single: &Single, offer: &Sdp) -> Sdp {
    let with = Answering {
        local: &local(),
        role: DtlsRole::Client,
        origin: (1, 1),
        single: Some(single),
        announced: &|_| None,
    };
    Sdp::parse(&answer(offer, &with).expect("answers").sdp).expect("reads")
}

#[test]
fn tracks_find_a_receiving_section_each_with_the_clients_numbers() {
    let mut single = Single::default();
    single.add(sent(1, CodecKind::Vp8));
    single.add(sent(2, CodecKind::Opus));
    assert_eq!(single.requirement(), None, "the first offer comes unasked");
    let offer = Sdp::parse(SINGLE).expect("reads");
    let arranged = single.arrange(&offer);
    let numbers: Vec<(u64, &str, u8)> = arranged
        .opened
        .iter()
        .map(|(track, out)| (track.0, out.mid.as_str(), out.payload.number))
        .collect();
    assert_eq!(numbers, [(2, "a", 109), (1, "b", 120)]);
    let answer = answered_single(&single, &offer);
    assert!(answer.sections[1].sends() && !answer.sections[2].sends());
    assert_eq!(answer.sections[1].track_name(), Some("TR_1"));
    assert_eq!(single.mids().get("b").map(String::as_str), Some("TR_1"));
    assert_eq!(single.requirement(), None, "nothing waits");
}

#[test]
fn more_tracks_than_sections_ask_for_more_and_an_ended_one_rests_a_round() {
    let mut single = Single::default();
    let offer = Sdp::parse(SINGLE).expect("reads");
    single.arrange(&offer);
    for number in 1..=3 {
        single.add(sent(number, CodecKind::Vp8));
    }
    assert_eq!(single.requirement(), Some((0, 1)), "two are free");
    assert_eq!(single.requirement(), None, "one question at a time");
    single.arrange(&offer);
    single.remove(TrackId(1));
    assert_eq!(
        single.requirement(),
        Some((0, 1)),
        "the section of the ended track is not free yet"
    );
    assert!(single.arrange(&offer).opened.is_empty());
    let answer = answered_single(&single, &offer);
    assert_eq!(answer.sections[1].direction(), crate::media::sdp::Direction::Inactive);
    assert_eq!(single.requirement(), Some((0, 0)), "an offer alone will do");
    assert_eq!(single.arrange(&offer).opened.len(), 1);
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
    let accepted = subscriber.accept(&answer, id).expect("taken");
    assert!(accepted.opened.is_empty());
}
