//! Random conversations, watched by a model that knows only what the protocol promises.
//!
//! The watcher sees what goes in and what comes out. It holds: every command is answered once and
//! in time, or the socket is closed; a channel is delivered only between the reply that opens it
//! and the one that closes it; what the hub attached is started or stopped; questions come in the
//! order of the commands; nothing follows a close; queues are bounded; time never stands still.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;
use signaling::chat::Encoding;
use signaling::chat::codes::{Disconnect, ErrorCode, Unsubscribe};
use signaling::chat::command::{
    ChannelRequest, Command, ConnectRequest, Empty, HistoryRequest, PublishRequest, RefreshRequest,
    RpcRequest, SendRequest, SubRefreshRequest, SubscribeRequest,
};
use signaling::chat::frame::{self, Frame};
use signaling::chat::reply::{Reply, SubscribeResult};
use signaling::chat::session::{
    Answer, Ask, AskId, Connected, Input, Millis, Output, Session, SessionSettings,
};

use crate::seed::seeded;
use crate::talk::{INBOX, OTHER_ROOM, ROOM, standing};

const CHANNELS: [&str; 4] = [ROOM, OTHER_ROOM, INBOX, "nonsense:x"];

/// What a client may ask next; ids are given when the frame is written.
#[derive(Clone, Copy, Debug)]
enum Wish {
    Subscribe { channel: usize, recover: bool, flag: i64 },
    Unsubscribe { channel: usize },
    Publish { channel: usize },
    History { channel: usize },
    Presence { channel: usize },
    Rpc { bytes: usize },
    Refresh,
    SubRefresh { channel: usize },
    Ping,
    Send,
    Pong,
}

#[derive(Clone, Debug)]
enum Step {
    /// The client speaks, in one frame.
    Say(Vec<Wish>),
    /// The hub answers one of the open questions.
    Answer {
        which: usize,
        how: u8,
    },
    /// Time passes.
    Wait(u64),
    End {
        channel: usize,
    },
    Message,
    Disconnect,
    /// Bytes that are no command.
    Nonsense,
}

fn wish() -> impl Strategy<Value = Wish> {
    let channel = 0..CHANNELS.len();
    prop_oneof![
        6 => (channel.clone(), any::<bool>(), 0..4_i64)
            .prop_map(|(channel, recover, flag)| Wish::Subscribe { channel, recover, flag }),
        5 => channel.clone().prop_map(|channel| Wish::Unsubscribe { channel }),
        1 => channel.clone().prop_map(|channel| Wish::Publish { channel }),
        1 => channel.clone().prop_map(|channel| Wish::History { channel }),
        1 => channel.clone().prop_map(|channel| Wish::Presence { channel }),
        3 => (0..2_000_usize).prop_map(|bytes| Wish::Rpc { bytes }),
        1 => Just(Wish::Refresh),
        1 => channel.prop_map(|channel| Wish::SubRefresh { channel }),
        1 => Just(Wish::Ping),
        1 => Just(Wish::Send),
        1 => Just(Wish::Pong),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![5 => 0..200_u64, 3 => 200..5_000_u64, 1 => 5_000..40_000_u64];
    prop_oneof![
        60 => vec(wish(), 1..6).prop_map(Step::Say),
        80 => (any::<usize>(), 0..20_u8)
            .prop_map(|(which, how)| Step::Answer { which, how }),
        30 => wait.prop_map(Step::Wait),
        4 => (0..CHANNELS.len()).prop_map(|channel| Step::End { channel }),
        2 => Just(Step::Message),
        1 => Just(Step::Disconnect),
        1 => Just(Step::Nonsense),
    ]
}

/// Small limits, so that random conversations reach them.
fn settings() -> SessionSettings {
    SessionSettings {
        subscriptions_max: 3,
        commands_under_way_max: 8,
        under_way_bytes_max: 6_000,
        waiting_bytes_max: 3_000,
        command_bytes_max: 1_500,
        commands_per_second: 20,
        commands_burst: 30,
        ..SessionSettings::default()
    }
}

/// A command the client waits for.
#[derive(Debug)]
struct Awaited {
    since: Millis,
    /// The channel of a subscribe or unsubscribe.
    channel: Option<String>,
}

/// How a subscription stands, from what the hub was told and told itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attached {
    /// Granted, neither started nor stopped.
    Silent,
    Delivered,
}

struct Watch {
    session: Session,
    encoding: Encoding,
    now: Millis,
    next_id: u32,
    awaited: BTreeMap<u32, Awaited>,
    asks: BTreeMap<AskId, Ask>,
    last_ask: AskId,
    last_rpc: u32,
    attached: BTreeMap<String, Attached>,
    /// The channels that the last message opened: a start may follow only there.
    opened: BTreeSet<String>,
    ping_open: bool,
    connected: bool,
    closed: bool,
}

impl Watch {
    fn new(encoding: Encoding) -> Self {
        let now = Millis(7);
        Self {
            session: Session::new(settings(), encoding, now),
            encoding,
            now,
            next_id: 0,
            awaited: BTreeMap::new(),
            asks: BTreeMap::new(),
            last_ask: AskId(0),
            last_rpc: 0,
            attached: BTreeMap::new(),
            opened: BTreeSet::new(),
            ping_open: false,
            connected: false,
            closed: false,
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Say(wishes) => self.say(wishes),
            Step::Answer { which, how } => self.answer(*which, *how),
            Step::Wait(ms) => self.wait(*ms),
            Step::End { channel } => self.give(Input::EndSubscription {
                channel: CHANNELS[*channel].to_owned(),
                why: Unsubscribe::REMOVED,
            }),
            Step::Message => self.give(Input::Message("{}".into())),
            Step::Disconnect => self.give(Input::Disconnect(Disconnect::SHUTDOWN)),
            Step::Nonsense => match self.encoding {
                Encoding::Json => self.give(Input::Frame(Frame::Text("{\"id\":"))),
                Encoding::Protobuf => self.give(Input::Frame(Frame::Binary(&[9, 8, 1]))),
            },
        }
    }

    fn say(&mut self, wishes: &[Wish]) {
        let mut frame = bytes::BytesMut::new();
        if self.next_id == 0 {
            let connect =
                Command { connect: Some(ConnectRequest::default()), ..Command::default() };
            self.write(connect, None, &mut frame);
        }
        for wish in wishes {
            // A client answers the pings it got, and no others.
            if matches!(wish, Wish::Pong) && !std::mem::take(&mut self.ping_open) {
                continue;
            }
            let (command, channel) = command(*wish, self.next_id + 1);
            self.write(command, channel, &mut frame);
        }
        if frame.is_empty() {
            return;
        }
        match self.encoding {
            Encoding::Json => {
                let text = String::from_utf8(frame.to_vec()).unwrap();
                self.give(Input::Frame(Frame::Text(&text)));
            }
            Encoding::Protobuf => self.give(Input::Frame(Frame::Binary(&frame))),
        }
    }

    fn write(&mut self, command: Command, channel: Option<String>, frame: &mut bytes::BytesMut) {
        let mut command = command;
        if command != Command::default() && command.send.is_none() {
            self.next_id += 1;
            command.id = self.next_id;
            self.awaited.insert(self.next_id, Awaited { since: self.now, channel });
        }
        let message = match self.encoding {
            Encoding::Json => serde_json::to_vec(&command).unwrap(),
            Encoding::Protobuf => command.encode_length_delimited_to_vec(),
        };
        frame::join(self.encoding, frame, &message);
    }

    fn answer(&mut self, which: usize, how: u8) {
        if self.asks.is_empty() {
            return;
        }
        let ask = *self.asks.keys().nth(which % self.asks.len()).unwrap();
        let asked = self.asks.remove(&ask).unwrap();
        let answer = answer_to(&asked, how);
        if !self.closed {
            self.attach(&asked, &answer);
        }
        self.give(Input::Answer { ask, answer });
    }

    /// The hub attaches before it answers.
    fn attach(&mut self, asked: &Ask, answer: &Answer) {
        if let (Ask::Subscribe(request), Answer::Subscribed { .. }) = (asked, answer) {
            let before = self.attached.insert(request.channel.clone(), Attached::Silent);
            assert_eq!(before, None, "{} is granted twice", request.channel);
        }
        if let (Ask::Connect { .. }, Answer::Connected(connected)) = (asked, answer) {
            for (channel, _, _) in &connected.subs {
                self.attached.insert(channel.clone(), Attached::Silent);
            }
        }
    }

    /// Time passes, and every deadline on the way is kept.
    fn wait(&mut self, ms: u64) {
        let until = self.now.after(ms);
        while let Some(at) = self.session.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.give(Input::Tick);
            if let Some(next) = self.session.deadline() {
                assert!(next > self.now, "a deadline that has passed is still there");
            }
        }
        self.now = until;
    }

    fn give(&mut self, input: Input<'_>) {
        self.session.handle(input, self.now);
        while let Some(output) = self.session.poll() {
            assert!(!self.closed, "an output after the close: {output:?}");
            self.watch(output);
        }
        let silent = self.attached.iter().find(|(_, attached)| **attached == Attached::Silent);
        assert!(self.closed || silent.is_none(), "neither started nor stopped: {silent:?}");
        assert!(self.session.under_way() <= settings().commands_under_way_max);
        if !self.closed {
            for (id, awaited) in &self.awaited {
                assert!(self.now.since(awaited.since) <= 4_500, "{id} waits since {awaited:?}");
            }
        }
    }

    fn watch(&mut self, output: Output) {
        match output {
            Output::Send(message) => self.hear(&message),
            Output::Ask { id, ask } => {
                assert!(id > self.last_ask);
                self.last_ask = id;
                if let Ask::Rpc { method, .. } = &ask {
                    let rpc: u32 = method.parse().unwrap();
                    assert!(rpc > self.last_rpc, "calls are asked in the order of their commands");
                    self.last_rpc = rpc;
                }
                if !matches!(ask, Ask::Send { .. }) {
                    self.asks.insert(id, ask);
                }
            }
            Output::Started(started) => {
                assert!(
                    self.opened.remove(&started.channel),
                    "a start without its reply before it"
                );
                let before = self.attached.insert(started.channel, Attached::Delivered);
                assert_eq!(before, Some(Attached::Silent), "only what was granted starts");
            }
            Output::Stopped { channel } => {
                assert!(self.attached.remove(&channel).is_some(), "{channel} stops twice");
            }
            Output::Close(why) => {
                assert!(!why.reason.is_empty());
                self.closed = true;
            }
        }
    }

    fn hear(&mut self, message: &[u8]) {
        let reply: Reply = match self.encoding {
            Encoding::Json => serde_json::from_slice(message).unwrap(),
            Encoding::Protobuf => Reply::decode_length_delimited(message).unwrap(),
        };
        self.opened.clear();
        if reply == Reply::default() {
            self.ping_open = true;
            return;
        }
        if let Some(push) = reply.push {
            assert!(self.connected, "a push before the connect reply");
            if push.unsubscribe.is_some() {
                assert!(!self.attached.contains_key(&push.channel), "an end while delivering");
            }
            return;
        }
        let awaited = self.awaited.remove(&reply.id);
        let awaited =
            awaited.unwrap_or_else(|| panic!("{} is answered twice or unasked", reply.id));
        self.replied(&reply, &awaited);
    }

    fn replied(&mut self, reply: &Reply, awaited: &Awaited) {
        if let Some(connect) = &reply.connect {
            self.connected = true;
            self.opened.extend(connect.subs.keys().cloned());
        } else if reply.error.is_some() && !self.connected {
            // A refused connect: what was behind it is dropped, and the client comes again.
            self.awaited.clear();
            self.next_id = 0;
        }
        assert!(self.connected || reply.error.is_some(), "a reply before the connect reply");
        if reply.subscribe.is_some() {
            self.opened.extend(awaited.channel.clone());
        }
        if reply.unsubscribe.is_some() {
            let channel = awaited.channel.as_ref().unwrap();
            let attached = self.attached.get(channel);
            assert_eq!(attached, None, "delivered behind an unsubscribe reply");
        }
    }

    /// In the end everything has an answer.
    fn end(mut self) {
        while !self.closed && !self.asks.is_empty() {
            self.answer(0, 0);
        }
        self.wait(4_600);
        let closed = self.closed;
        let awaited = &self.awaited;
        assert!(closed || awaited.is_empty(), "never answered: {awaited:?}");
        assert!(closed || self.session.under_way() == 0);
    }
}

fn command(wish: Wish, id: u32) -> (Command, Option<String>) {
    let name = |channel: usize| CHANNELS[channel].to_owned();
    let none = Command::default;
    let request = |channel: usize| Some(ChannelRequest { channel: name(channel) });
    let command = match wish {
        Wish::Subscribe { channel, recover, flag } => Command {
            subscribe: Some(SubscribeRequest {
                channel: name(channel),
                recover,
                flag,
                ..SubscribeRequest::default()
            }),
            ..none()
        },
        Wish::Unsubscribe { channel } => Command { unsubscribe: request(channel), ..none() },
        Wish::Publish { channel } => Command {
            publish: Some(PublishRequest { channel: name(channel), data: "1".into(), kind: 0 }),
            ..none()
        },
        Wish::History { channel } => Command {
            history: Some(HistoryRequest { channel: name(channel), ..HistoryRequest::default() }),
            ..none()
        },
        Wish::Presence { channel } => Command { presence: request(channel), ..none() },
        Wish::Rpc { bytes } => Command {
            rpc: Some(RpcRequest {
                method: id.to_string(),
                data: format!("\"{}\"", "x".repeat(bytes)).into(),
            }),
            ..none()
        },
        Wish::Refresh => {
            Command { refresh: Some(RefreshRequest { token: "n".to_owned() }), ..none() }
        }
        Wish::SubRefresh { channel } => Command {
            sub_refresh: Some(SubRefreshRequest {
                channel: name(channel),
                ..SubRefreshRequest::default()
            }),
            ..none()
        },
        Wish::Ping => Command { ping: Some(Empty {}), ..none() },
        Wish::Send => Command { send: Some(SendRequest { data: "{}".into() }), ..none() },
        Wish::Pong => none(),
    };
    let channel = match wish {
        Wish::Subscribe { channel, .. } | Wish::Unsubscribe { channel } => Some(name(channel)),
        _ => None,
    };
    (command, channel)
}

/// What the hub says: mostly what was asked, sometimes no, rarely nonsense or the end.
fn answer_to(ask: &Ask, how: u8) -> Answer {
    match how {
        17 => return Answer::Refused(ErrorCode::PermissionDenied.into()),
        18 => return Answer::Refused(ErrorCode::TooManyRequests.into()),
        19 => return Answer::Published,
        _ => {}
    }
    match ask {
        Ask::Connect { .. } => Answer::Connected(Connected {
            client: "c".to_owned(),
            version: "v".to_owned(),
            ttl_s: (how.is_multiple_of(2)).then_some(3),
            subs: vec![(INBOX.to_owned(), standing(1), 2)],
            ..Connected::default()
        }),
        Ask::Subscribe(_) => {
            let expires = how.is_multiple_of(5);
            let ttl = if expires { 2 } else { 0 };
            let recovered = how.is_multiple_of(3);
            let result = SubscribeResult { recovered, expires, ttl, ..standing(u64::from(how)) };
            Answer::Subscribed { result, next: u64::from(how) + 1 }
        }
        Ask::Publish { .. } | Ask::Send { .. } => Answer::Published,
        Ask::History(_) => Answer::History(signaling::chat::reply::HistoryResult::default()),
        Ask::Presence { .. } => Answer::Presence(BTreeMap::new()),
        Ask::PresenceStats { .. } => {
            Answer::PresenceStats(signaling::chat::reply::PresenceStatsResult::default())
        }
        Ask::Rpc { .. } => Answer::Rpc("{}".into()),
        Ask::Refresh { .. } | Ask::SubRefresh { .. } => {
            Answer::Refreshed { ttl_s: (how.is_multiple_of(2)).then_some(3) }
        }
    }
}

proptest! {
    #![proptest_config(seeded(600))]

    #[test]
    fn every_conversation_keeps_the_promises_of_the_protocol(
        binary in any::<bool>(), steps in vec(step(), 1..150),
    ) {
        let encoding = if binary { Encoding::Protobuf } else { Encoding::Json };
        let mut watch = Watch::new(encoding);
        watch.say(&[]);
        for step in &steps {
            watch.step(step);
        }
        watch.end();
    }
}
