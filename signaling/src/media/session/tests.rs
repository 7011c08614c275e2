//! Exchanges of whole sessions: what clients say, what they hear, what the media plane is told.

use rand::SeedableRng as _;

use super::super::token::VideoGrant;
use super::super::wire::{
    AddTrackRequest, RoomParticipantIdentity, SessionDescription, SyncState,
    TrackPublishedResponse, TrackSource, TrackType, signal_request,
};
use super::*;

mod sdk;

const OFFER: &str = include_str!("../negotiation/chromium_publisher_offer.sdp");

struct Node {
    rooms: Rooms,
    now: Now,
}

impl Node {
    fn new() -> Self {
        let settings = Settings {
            keys: Keys::from([("devkey".to_owned(), "s".repeat(32))]),
            node_id: "ND_test".to_owned(),
            software: "test".to_owned(),
            candidates: vec![Candidate::Udp("127.0.0.1:7882".parse().expect("address"))],
            fingerprint: ["AB"; 32].join(":"),
            role: DtlsRole::Client,
            ice_servers: Vec::new(),
            auto_create: true,
            simulate: true,
            remote_unmute: false,
        };
        let rooms = Rooms::new(settings, StdRng::seed_from_u64(7));
        Self { rooms, now: Now { monotonic_ms: 1_000, unix_ms: 1_800_000_000_000 } }
    }

    fn claims(identity: &str) -> Claims {
        let grant =
            VideoGrant { room_join: true, room: "hall".to_owned(), ..VideoGrant::default() };
        Claims {
            sub: identity.to_owned(),
            nbf: Some(1_800_000_000),
            video: Some(grant),
            ..Claims::default()
        }
    }

    fn join(&mut self, connection: u64, identity: &str, query: &[(&str, &str)]) -> Vec<Output> {
        let joining = Joining::from_query(query.iter().copied());
        self.rooms
            .join(ConnectionId(connection), Self::claims(identity), joining, self.now)
            .expect("joins");
        self.drain()
    }

    fn say(&mut self, connection: u64, message: signal_request::Message) -> Vec<Output> {
        let request = SignalRequest { message: Some(message) };
        self.rooms.signal(ConnectionId(connection), request, self.now);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.rooms.poll()).collect()
    }

    fn pass(&mut self, ms: u64) -> Vec<Output> {
        self.now.monotonic_ms += ms;
        self.now.unix_ms += i64::try_from(ms).expect("small");
        self.rooms.tick(self.now);
        self.drain()
    }

    fn connect(&mut self, outputs: &[Output]) -> Vec<Output> {
        let peers: Vec<PeerId> = outputs
            .iter()
            .filter_map(|output| match output {
                Output::Media(Order::OpenPeer { peer, .. }) => Some(*peer),
                _ => None,
            })
            .collect();
        for peer in peers {
            self.rooms.report(Report::Connected { peer }, self.now);
        }
        self.drain()
    }
}

fn heard(outputs: &[Output], connection: u64) -> Vec<&signal_response::Message> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Signal { connection: to, message } if to.0 == connection => {
                message.message.as_ref()
            }
            _ => None,
        })
        .collect()
}

fn orders(outputs: &[Output]) -> Vec<&Order> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Media(order) => Some(order),
            _ => None,
        })
        .collect()
}

fn add_camera(cid: &str) -> signal_request::Message {
    signal_request::Message::AddTrack(AddTrackRequest {
        cid: cid.to_owned(),
        r#type: TrackType::Video.into(),
        source: TrackSource::Camera.into(),
        ..AddTrackRequest::default()
    })
}

fn offer(sdp: &str) -> signal_request::Message {
    signal_request::Message::Offer(SessionDescription {
        r#type: "offer".to_owned(),
        sdp: sdp.to_owned(),
        id: 5,
        ..SessionDescription::default()
    })
}

/// A client's answer that takes everything of the offer.
fn answer_to(offer: &SessionDescription, ufrag: &str) -> signal_request::Message {
    let sdp = offer
        .sdp
        .replace("a=sendonly", "a=recvonly")
        .replace("a=setup:actpass", "a=setup:active")
        .lines()
        .map(|line| match line {
            line if line.starts_with("a=ice-ufrag") => format!("a=ice-ufrag:{ufrag}\r\n"),
            line => format!("{line}\r\n"),
        })
        .collect();
    signal_request::Message::Answer(SessionDescription {
        r#type: "answer".to_owned(),
        sdp,
        id: offer.id,
        ..SessionDescription::default()
    })
}

fn offered(outputs: &[Output], connection: u64) -> SessionDescription {
    heard(outputs, connection)
        .into_iter()
        .find_map(|message| match message {
            signal_response::Message::Offer(offer) => Some(offer.clone()),
            _ => None,
        })
        .expect("an offer")
}

#[test]
fn a_join_is_greeted_first_and_offered_data_channels() {
    let mut node = Node::new();
    let outputs = node.join(1, "li", &[]);
    let words = heard(&outputs, 1);
    let signal_response::Message::Join(join) = words[0] else { panic!("join comes first") };
    let own = join.participant.as_ref().expect("own record");
    assert!(own.sid.starts_with("PA_") && join.subscriber_primary);
    assert!(!join.server_info.as_ref().expect("server info").version.is_empty());
    assert!(matches!(words[1], signal_response::Message::RefreshToken(_)));
    assert!(offered(&outputs, 1).sdp.contains("webrtc-datachannel"));
    let opened =
        orders(&outputs).into_iter().filter(|o| matches!(o, Order::OpenPeer { .. })).count();
    assert_eq!(opened, 2);
}

#[test]
fn a_published_track_reaches_the_other_in_its_next_offer() {
    let mut node = Node::new();
    let li = node.join(1, "li", &[]);
    node.connect(&li);
    let wang = node.join(2, "wang", &[]);
    node.connect(&wang);
    node.say(2, answer_to(&offered(&wang, 2), "WANG"));

    let outputs = node.say(1, add_camera("camera-track"));
    assert!(matches!(heard(&outputs, 1)[0], signal_response::Message::TrackPublished(_)));
    let outputs = node.say(1, offer(OFFER));
    assert!(matches!(heard(&outputs, 1)[0], signal_response::Message::Answer(a) if a.id == 5));
    assert!(orders(&outputs).iter().any(|order| matches!(order, Order::Publish { .. })));

    let next = offered(&outputs, 2);
    let sid = next.mid_to_track_id.get("1").expect("section 1 carries the track");
    assert!(next.sdp.contains(&format!(" {sid}\r\n")) && next.sdp.contains("m=video"));
    let outputs = node.say(2, answer_to(&next, "WANG"));
    assert!(orders(&outputs).iter().any(|order| matches!(order, Order::Subscribe { .. })));
    assert!(
        heard(&outputs, 1)
            .iter()
            .any(|word| matches!(word, signal_response::Message::TrackSubscribed(_)))
    );
}

#[test]
fn an_offer_may_come_before_the_announcement() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    let outputs = node.say(1, offer(OFFER));
    assert!(!orders(&outputs).iter().any(|order| matches!(order, Order::Publish { .. })));
    let outputs = node.say(1, add_camera("camera-track"));
    assert!(orders(&outputs).iter().any(|order| matches!(order, Order::Publish { .. })));
}

#[test]
fn a_newcomer_is_offered_existing_tracks_with_its_first_offer() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    node.say(1, add_camera("camera-track"));
    node.say(1, offer(OFFER));
    let outputs = node.join(2, "wang", &[]);
    assert_eq!(offered(&outputs, 2).mid_to_track_id.len(), 1);
    let outputs = node.join(3, "zhao", &[("auto_subscribe", "0")]);
    assert_eq!(offered(&outputs, 3).mid_to_track_id.len(), 0);
}

#[test]
fn one_offer_is_under_way_at_a_time() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    let wang = node.join(2, "wang", &[]);
    node.say(1, add_camera("camera-track"));
    let outputs = node.say(1, offer(OFFER));
    let offers = |outputs: &[Output]| {
        heard(outputs, 2)
            .into_iter()
            .filter(|word| matches!(word, signal_response::Message::Offer(_)))
            .count()
    };
    assert_eq!(offers(&outputs), 0);
    let outputs = node.say(2, answer_to(&offered(&wang, 2), "WANG"));
    assert_eq!(offers(&outputs), 1);
}

#[test]
fn a_second_join_of_an_identity_ends_the_first() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    let outputs = node.join(2, "li", &[]);
    let signal_response::Message::Leave(leave) = heard(&outputs, 1)[0] else { panic!("leave") };
    assert_eq!(leave.reason(), super::super::wire::DisconnectReason::DuplicateIdentity);
    assert!(outputs.contains(&Output::Close { connection: ConnectionId(1) }));
    assert!(node.say(1, signal_request::Message::Ping(1)).is_empty());
}

#[test]
fn a_lost_socket_resumes_with_new_credentials_of_ours() {
    let mut node = Node::new();
    let first = node.join(1, "li", &[]);
    node.connect(&first);
    node.say(1, answer_to(&offered(&first, 1), "LILI"));
    node.rooms.socket_closed(ConnectionId(1), node.now);
    assert!(heard(&node.drain(), 1).is_empty());
    let outputs = node.join(2, "li", &[("reconnect", "1"), ("sid", "PA_x")]);
    assert!(matches!(heard(&outputs, 2)[0], signal_response::Message::Reconnect(_)));
    assert!(orders(&outputs).iter().any(|order| matches!(order, Order::RestartPeer { .. })));
    let ufrag =
        |sdp: &str| sdp.lines().find(|line| line.starts_with("a=ice-ufrag")).map(str::to_owned);
    assert_ne!(ufrag(&offered(&outputs, 2).sdp), ufrag(&offered(&first, 1).sdp));
    let outputs = node.say(2, answer_to(&offered(&outputs, 2), "LIL2"));
    assert!(orders(&outputs).iter().any(|order| matches!(order, Order::ConnectPeer { .. })));
}

#[test]
fn a_resume_of_an_unknown_session_is_sent_back_to_join() {
    let mut node = Node::new();
    let outputs = node.join(1, "li", &[("reconnect", "1")]);
    let signal_response::Message::Leave(leave) = heard(&outputs, 1)[0] else { panic!("leave") };
    assert_eq!(leave.action(), super::super::wire::leave_request::Action::Reconnect);
    assert_eq!(outputs.len(), 2);
}

#[test]
fn a_resumed_client_with_unknown_tracks_joins_anew() {
    let mut node = Node::new();
    let first = node.join(1, "li", &[]);
    node.connect(&first);
    let track = TrackInfo { sid: "TR_lost".to_owned(), ..TrackInfo::default() };
    let state = SyncState {
        publish_tracks: vec![TrackPublishedResponse { cid: String::new(), track: Some(track) }],
        ..SyncState::default()
    };
    let outputs = node.say(1, signal_request::Message::SyncState(state));
    assert!(matches!(heard(&outputs, 1)[0], signal_response::Message::Leave(_)));
}

#[test]
fn a_join_that_never_connects_is_removed_after_a_minute() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    node.say(1, signal_request::Message::Ping(1));
    let outputs = node.pass(14_000);
    assert!(outputs.is_empty(), "{outputs:?}");
    let outputs = node.pass(60_000);
    assert!(orders(&outputs).iter().any(|o| matches!(o, Order::CloseParticipant { .. })));
    let outputs = node.pass(20_000);
    assert!(orders(&outputs).iter().any(|o| matches!(o, Order::CloseRoom { .. })));
}

#[test]
fn pings_are_answered_in_milliseconds() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    let ping = super::super::wire::Ping { timestamp: 77, rtt: 3 };
    let outputs = node.say(1, signal_request::Message::PingReq(ping));
    let signal_response::Message::PongResp(pong) = heard(&outputs, 1)[0] else { panic!("pong") };
    assert_eq!((pong.last_ping_timestamp, pong.timestamp), (77, 1_800_000_000_000));
}

#[test]
fn a_removed_participant_cannot_come_back_with_its_old_token() {
    use super::super::room_service::Call;
    let mut node = Node::new();
    node.join(1, "li", &[]);
    node.now.unix_ms += 5_000;
    let call = Call::RemoveParticipant(RoomParticipantIdentity {
        room: "hall".to_owned(),
        identity: "li".to_owned(),
        revoke_token_ts: 0,
    });
    node.rooms.serve(call, node.now).expect("removed");
    node.drain();
    let joining = Joining::from_query(std::iter::empty());
    let refused = node.rooms.join(ConnectionId(2), Node::claims("li"), joining.clone(), node.now);
    assert_eq!(refused, Err(JoinError::Revoked));
    let fresh = Claims { nbf: Some(1_800_000_006), ..Node::claims("li") };
    assert!(node.rooms.join(ConnectionId(3), fresh, joining, node.now).is_ok());
}

#[test]
fn an_administrator_is_told_what_is_too_long() {
    use super::super::limits::{DATA_BYTES_MAX, METADATA_BYTES_MAX};
    use super::super::room_service::{Call, Failure};
    use super::super::wire::{CreateRoomRequest, SendDataRequest, UpdateRoomMetadataRequest};
    let mut node = Node::new();
    node.join(1, "li", &[]);
    let room = || "hall".to_owned();
    let long = "x".repeat(METADATA_BYTES_MAX + 1);
    let data = |len| SendDataRequest { room: room(), data: vec![7; len], ..Default::default() };
    let metadata = UpdateRoomMetadataRequest { room: room(), metadata: long.clone() };
    let made = CreateRoomRequest { name: "other".to_owned(), metadata: long, ..Default::default() };
    for call in [
        Call::UpdateRoomMetadata(metadata),
        Call::CreateRoom(Box::new(made)),
        Call::SendData(data(DATA_BYTES_MAX)),
    ] {
        let refused = node.rooms.serve(call, node.now);
        assert!(matches!(refused, Err(Failure::Argument(_))), "{refused:?}");
    }
    assert!(node.rooms.serve(Call::SendData(data(DATA_BYTES_MAX - 64)), node.now).is_ok());
}

#[test]
fn a_data_packet_goes_to_all_others_and_not_back() {
    use prost::Message as _;
    let mut node = Node::new();
    let li = node.join(1, "li", &[]);
    let wang = node.join(2, "wang", &[]);
    let peer_of = |outputs: &[Output], wanted: PeerRole| {
        orders(outputs).into_iter().find_map(|order| match order {
            Order::OpenPeer { peer, role, .. } if *role == wanted => Some(*peer),
            _ => None,
        })
    };
    let packet = super::super::wire::DataPacket {
        value: Some(super::super::wire::data_packet::Value::User(
            super::super::wire::UserPacket::default(),
        )),
        ..super::super::wire::DataPacket::default()
    };
    let report = Report::Data {
        peer: peer_of(&li, PeerRole::Publisher).expect("publisher"),
        channel: super::super::plane::ChannelKind::Reliable,
        message: packet.encode_to_vec().into(),
    };
    node.rooms.report(report, node.now);
    let outputs = node.drain();
    let targets: Vec<PeerId> = orders(&outputs)
        .into_iter()
        .filter_map(|order| match order {
            Order::Send { peer, .. } => Some(*peer),
            _ => None,
        })
        .collect();
    assert_eq!(targets, [peer_of(&wang, PeerRole::Subscriber).expect("subscriber")]);
}

/// A reliable packet of the publisher that `joined` opened.
fn reliable(joined: &[Output], sequence: u32) -> Report {
    use prost::Message as _;
    let publisher = orders(joined).into_iter().find_map(|order| match order {
        Order::OpenPeer { peer, role: PeerRole::Publisher, .. } => Some(*peer),
        _ => None,
    });
    let packet = super::super::wire::DataPacket {
        sequence,
        value: Some(super::super::wire::data_packet::Value::User(
            super::super::wire::UserPacket::default(),
        )),
        ..super::super::wire::DataPacket::default()
    };
    Report::Data {
        peer: publisher.expect("publisher"),
        channel: super::super::plane::ChannelKind::Reliable,
        message: packet.encode_to_vec().into(),
    }
}

/// Numbers of the packets that are sent.
fn sent(outputs: &[Output]) -> Vec<u32> {
    use prost::Message as _;
    let number = |order: &&Order| match order {
        Order::Send { message, .. } => {
            Some(super::super::wire::DataPacket::decode(&**message).expect("a packet").sequence)
        }
        _ => None,
    };
    orders(outputs).iter().filter_map(number).collect()
}

#[test]
fn whoever_comes_back_gets_the_packets_that_it_missed() {
    let mut node = Node::new();
    let li = node.join(1, "li", &[]);
    let wang = node.join(2, "wang", &[]);
    node.connect(&li);
    node.connect(&wang);
    let signal_response::Message::Join(join) = heard(&li, 1)[0] else { panic!("join") };
    let of_li = join.participant.as_ref().expect("itself").sid.clone();
    node.rooms.report(reliable(&li, 1), node.now);
    node.drain();
    node.pass(1_000);
    for sequence in [2, 3] {
        node.rooms.report(reliable(&li, sequence), node.now);
    }
    node.drain();
    node.rooms.socket_closed(ConnectionId(2), node.now);
    node.join(3, "wang", &[("reconnect", "1")]);
    let state = |last_seq| {
        let received =
            super::super::wire::DataChannelReceiveState { publisher_sid: of_li.clone(), last_seq };
        let states = vec![received];
        SyncState { datachannel_receive_states: states, ..SyncState::default() }
    };
    let outputs = node.say(3, signal_request::Message::SyncState(state(2)));
    assert_eq!(sent(&outputs), [3]);
    let outputs = node.say(3, signal_request::Message::SyncState(state(0)));
    assert_eq!(sent(&outputs), [1, 2, 3]);
    // What is older than two seconds is gone.
    node.pass(1_500);
    let outputs = node.say(3, signal_request::Message::SyncState(state(0)));
    assert_eq!(sent(&outputs), [2, 3]);
}

#[test]
fn a_sender_that_comes_back_is_told_how_far_it_was_heard() {
    let mut node = Node::new();
    let li = node.join(1, "li", &[]);
    node.connect(&li);
    node.rooms.report(reliable(&li, 7), node.now);
    node.rooms.socket_closed(ConnectionId(1), node.now);
    node.drain();
    let outputs = node.join(2, "li", &[("reconnect", "1")]);
    let order: Vec<&str> = heard(&outputs, 2)
        .into_iter()
        .map(|message| match message {
            signal_response::Message::Reconnect(reconnect) => {
                assert_eq!(reconnect.last_message_seq, 7);
                "reconnect"
            }
            signal_response::Message::Update(_) => "update",
            signal_response::Message::RoomUpdate(_) => "room",
            signal_response::Message::RefreshToken(_) => "token",
            signal_response::Message::Offer(_) => "offer",
            _ => "other",
        })
        .collect();
    assert_eq!(order.get(..4), Some(["reconnect", "update", "room", "token"].as_slice()));
    assert!(order.contains(&"offer"));
}

#[test]
fn whoever_does_not_come_back_is_gone_after_half_a_minute() {
    let mut node = Node::new();
    let li = node.join(1, "li", &[]);
    let wang = node.join(2, "wang", &[]);
    node.connect(&li);
    node.say(2, answer_to(&offered(&wang, 2), "WANG"));
    node.rooms.socket_closed(ConnectionId(1), node.now);
    node.drain();
    assert!(heard(&node.pass(29_000), 2).is_empty());
    let outputs = node.pass(1_500);
    let gone = heard(&outputs, 2).into_iter().any(|message| match message {
        signal_response::Message::Update(update) => update.participants.iter().any(|one| {
            one.identity == "li" && one.state() == participant_info::State::Disconnected
        }),
        _ => false,
    });
    assert!(gone, "{outputs:?}");
}

#[test]
fn a_token_of_somebody_who_never_came_is_void_after_a_removal() {
    let mut node = Node::new();
    node.join(1, "li", &[]);
    let removal = RoomParticipantIdentity {
        room: "hall".to_owned(),
        identity: "wang".to_owned(),
        revoke_token_ts: 1_800_000_001,
    };
    let call = super::super::room_service::Call::RemoveParticipant(removal);
    assert!(node.rooms.serve(call, node.now).is_err(), "wang is not here");
    let joining = Joining::from_query(std::iter::empty());
    let refused = node
        .rooms
        .join(ConnectionId(2), Node::claims("wang"), joining, node.now)
        .expect_err("void");
    assert_eq!(refused, JoinError::Revoked);
}
