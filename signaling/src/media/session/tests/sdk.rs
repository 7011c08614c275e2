//! What public SDKs do beyond what the design tells; each was found by a suite of theirs.

use super::*;
use crate::media::limits::FIRST_ANSWER_DELAY_MS;
use crate::media::wire::{ClientInfo, SimulcastCodec, client_info};

fn published(outputs: &[Output]) -> usize {
    orders(outputs).into_iter().filter(|order| matches!(order, Order::Publish { .. })).count()
}

fn answered(outputs: &[Output], connection: u64) -> bool {
    let answer =
        |word: &&signal_response::Message| matches!(word, signal_response::Message::Answer(_));
    heard(outputs, connection).iter().any(answer)
}

#[test]
fn a_second_codec_comes_under_the_name_it_was_announced_with() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    let codec = |codec: &str, cid: &str| SimulcastCodec {
        codec: codec.to_owned(),
        cid: cid.to_owned(),
        ..SimulcastCodec::default()
    };
    let camera = AddTrackRequest {
        cid: "camera-track".to_owned(),
        r#type: TrackType::Video.into(),
        source: TrackSource::Camera.into(),
        simulcast_codecs: vec![codec("vp8", "camera-track"), codec("h264", "second")],
        ..AddTrackRequest::default()
    };
    let outputs = node.say(1, signal_request::Message::AddTrack(camera));
    let signal_response::Message::TrackPublished(told) = heard(&outputs, 1)[0] else {
        panic!("the sid")
    };
    let sid = told.track.as_ref().expect("a track").sid.clone();
    assert_eq!(published(&node.say(1, offer(OFFER))), 1);

    // The Go SDK leaves kind and source out.
    let second = AddTrackRequest {
        cid: "second".to_owned(),
        sid: sid.clone(),
        simulcast_codecs: vec![codec("h264", "second")],
        ..AddTrackRequest::default()
    };
    for _ in 0..2 {
        node.say(1, signal_request::Message::AddTrack(second.clone()));
    }
    let section = OFFER.find("m=video").expect("a video section");
    let end = OFFER.find("m=application").expect("a data section");
    let again = OFFER[section..end].replace("camera-track", "second");
    let again = again.replace("a=mid:0", "a=mid:2");
    let both = format!("{OFFER}{again}");
    assert_eq!(published(&node.say(1, offer(&both))), 1, "the second codec is taken");
    let third = format!("{both}{}", again.replace("a=mid:2", "a=mid:3"));
    assert_eq!(published(&node.say(1, offer(&third))), 0, "asked twice, it is taken once");
}

fn single(sdk: client_info::Sdk) -> Joining {
    Joining {
        client: ClientInfo { sdk: sdk.into(), ..ClientInfo::default() },
        single_connection: true,
        publisher_offer: Some(SessionDescription {
            r#type: "offer".to_owned(),
            sdp: OFFER.to_owned(),
            ..SessionDescription::default()
        }),
        ..Joining::from_query(std::iter::empty())
    }
}

#[test]
fn an_offer_in_the_join_is_answered_with_the_join_but_later_to_a_client_that_sets_it_late() {
    let mut node = Node::new();
    for (connection, sdk, at_once) in
        [(1, client_info::Sdk::Js, true), (2, client_info::Sdk::Go, false)]
    {
        let claims = Node::claims(&connection.to_string());
        node.rooms.join(ConnectionId(connection), claims, single(sdk), node.now).expect("joins");
        assert_eq!(answered(&node.drain(), connection), at_once);
    }
    assert!(!answered(&node.pass(FIRST_ANSWER_DELAY_MS - 1), 2));
    assert!(answered(&node.pass(1), 2));
    assert!(!answered(&node.pass(1_000), 2), "once");
}

#[test]
fn no_section_is_asked_for_before_the_first_offer_of_a_single_connection() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    node.say(1, add_camera("camera-track"));
    node.say(1, offer(OFFER));
    let asks = |outputs: &[Output]| {
        let ask = |word: &&signal_response::Message| {
            matches!(word, signal_response::Message::MediaSectionsRequirement(_))
        };
        heard(outputs, 2).iter().any(ask)
    };
    let joining = Joining { publisher_offer: None, ..single(client_info::Sdk::Js) };
    node.rooms.join(ConnectionId(2), Node::claims("wang"), joining, node.now).expect("joins");
    assert!(!asks(&node.drain()));
    assert!(asks(&node.say(2, offer(OFFER))), "it has no section to receive in");
}

#[test]
fn a_resume_with_an_old_token_brings_no_right_back_that_was_taken_away() {
    use crate::media::room_service::Call;
    use crate::media::wire::{ParticipantPermission, UpdateParticipantRequest};
    let mut node = Node::new();
    let first = node.join(1, "li", &[]);
    node.connect(&first);
    let taken = UpdateParticipantRequest {
        room: "hall".to_owned(),
        identity: "li".to_owned(),
        permission: Some(ParticipantPermission {
            can_subscribe: true,
            ..ParticipantPermission::default()
        }),
        ..UpdateParticipantRequest::default()
    };
    node.rooms.serve(Call::UpdateParticipant(Box::new(taken)), node.now).expect("taken away");
    node.drain();
    node.rooms.socket_closed(ConnectionId(1), node.now);
    let outputs = node.join(2, "li", &[("reconnect", "1")]);
    let token = heard(&outputs, 2).into_iter().find_map(|word| match word {
        signal_response::Message::RefreshToken(token) => Some(token.clone()),
        _ => None,
    });
    let keys = &node.rooms.settings().keys;
    let claims = crate::media::token::verify(&token.expect("a token"), keys, 1_800_000_000);
    assert_eq!(claims.expect("valid").video.expect("a grant").can_publish, Some(false));
}
