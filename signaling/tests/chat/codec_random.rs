//! What is written is read back as it was, in both encodings; what is random is never more than
//! refused.

use bytes::{Bytes, BytesMut};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use prost::Message as _;
use signaling::chat::Encoding;
use signaling::chat::command::{
    ChannelRequest, Command, ConnectRequest, Empty, HistoryRequest, PublishRequest, RefreshRequest,
    RpcRequest, SendRequest, StreamPosition, SubRefreshRequest, SubscribeRequest,
};
use signaling::chat::frame::{self, Frame};
use signaling::chat::push::{self, ClientInfo, Publication, Push};
use signaling::chat::reply::{ConnectResult, HistoryResult, Reply, SubscribeResult, WireError};

use crate::seed::seeded;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[ -~]{1,12}",
        "\\PC{1,8}",
        "[\\n\\r\\t\"\\\\\u{0}-\u{1f}]{1,4}"
    ]
}

/// JSON in one line, or nothing.
fn payload() -> impl Strategy<Value = Bytes> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i64>().prop_map(|it| it.to_string()),
        text().prop_map(|it| serde_json::to_string(&it).unwrap()),
    ];
    let json = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec((text(), inner), 0..4).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| {
                    format!("{}: {value}", serde_json::to_string(&key).unwrap())
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(" ,"))
            }),
        ]
    });
    prop_oneof![Just(Bytes::new()), json.prop_map(Bytes::from)]
}

fn subscribe() -> impl Strategy<Value = SubscribeRequest> {
    let options = (text(), any::<i64>(), any::<i32>(), option::of(Just(Empty {})));
    (text(), text(), any::<bool>(), text(), any::<u64>(), payload(), any::<bool>(), options)
        .prop_map(|(channel, token, recover, epoch, offset, data, join_leave, options)| {
            let (delta, flag, kind, tf) = options;
            SubscribeRequest {
                channel,
                token,
                recover,
                epoch,
                offset,
                data,
                join_leave,
                delta,
                tf,
                flag,
                kind,
            }
        })
}

fn connect() -> impl Strategy<Value = ConnectRequest> {
    (text(), payload(), btree_map(text(), subscribe(), 0..3), text(), text()).prop_map(
        |(token, data, subs, name, version)| ConnectRequest { token, data, subs, name, version },
    )
}

fn history() -> impl Strategy<Value = HistoryRequest> {
    let since = (any::<u64>(), text()).prop_map(|(offset, epoch)| StreamPosition { offset, epoch });
    (text(), any::<i32>(), option::of(since), any::<bool>()).prop_map(
        |(channel, limit, since, reverse)| HistoryRequest { channel, limit, since, reverse },
    )
}

fn command() -> impl Strategy<Value = Command> {
    let channel = || text().prop_map(|channel| ChannelRequest { channel });
    let publish = (text(), payload(), any::<i32>())
        .prop_map(|(channel, data, kind)| PublishRequest { channel, data, kind });
    let sub_refresh = (text(), text(), any::<i32>())
        .prop_map(|(channel, token, kind)| SubRefreshRequest { channel, token, kind });
    let none = Command::default;
    let request = prop_oneof![
        connect().prop_map(move |it| Command { connect: Some(it), ..none() }),
        subscribe().prop_map(move |it| Command { subscribe: Some(it), ..none() }),
        channel().prop_map(move |it| Command { unsubscribe: Some(it), ..none() }),
        publish.prop_map(move |it| Command { publish: Some(it), ..none() }),
        channel().prop_map(move |it| Command { presence: Some(it), ..none() }),
        channel().prop_map(move |it| Command { presence_stats: Some(it), ..none() }),
        history().prop_map(move |it| Command { history: Some(it), ..none() }),
        Just(Command { ping: Some(Empty {}), ..none() }),
        payload().prop_map(move |data| Command { send: Some(SendRequest { data }), ..none() }),
        (payload(), text()).prop_map(move |(data, method)| Command {
            rpc: Some(RpcRequest { data, method }),
            ..none()
        }),
        text().prop_map(move |token| Command { refresh: Some(RefreshRequest { token }), ..none() }),
        sub_refresh.prop_map(move |it| Command { sub_refresh: Some(it), ..none() }),
        Just(none()),
    ];
    (any::<u32>(), request).prop_map(|(id, command)| Command { id, ..command })
}

fn client_info() -> impl Strategy<Value = ClientInfo> {
    (text(), text(), payload(), payload()).prop_map(|(user, client, conn_info, chan_info)| {
        ClientInfo { user, client, conn_info, chan_info }
    })
}

fn publication() -> impl Strategy<Value = Publication> {
    (payload(), option::of(client_info()), any::<u64>(), btree_map(text(), text(), 0..3))
        .prop_map(|(data, info, offset, tags)| Publication { data, info, offset, tags })
}

fn subscription() -> impl Strategy<Value = SubscribeResult> {
    let flags = any::<[bool; 5]>();
    (flags, any::<u32>(), text(), vec(publication(), 0..4), any::<u64>(), payload()).prop_map(
        |(flags, ttl, epoch, publications, offset, data)| {
            let [expires, recoverable, recovered, positioned, was_recovering] = flags;
            SubscribeResult {
                expires,
                ttl,
                recoverable,
                epoch,
                publications,
                recovered,
                offset,
                positioned,
                data,
                was_recovering,
            }
        },
    )
}

fn reply() -> impl Strategy<Value = Reply> {
    let none = Reply::default;
    let error = (any::<u32>(), text(), any::<bool>())
        .prop_map(|(code, message, temporary)| WireError { code, message, temporary });
    let connect = (text(), payload(), btree_map(text(), subscription(), 0..3)).prop_map(
        |(client, data, subs)| ConnectResult { client, data, subs, ..ConnectResult::default() },
    );
    let page = (vec(publication(), 0..4), text(), any::<u64>())
        .prop_map(|(publications, epoch, offset)| HistoryResult { publications, epoch, offset });
    let push = (text(), publication()).prop_map(|(channel, it)| Push {
        channel,
        publication: Some(it),
        ..Push::default()
    });
    let body = prop_oneof![
        error.prop_map(move |it| Reply { error: Some(it), ..none() }),
        connect.prop_map(move |it| Reply { connect: Some(it), ..none() }),
        subscription().prop_map(move |it| Reply { subscribe: Some(it), ..none() }),
        page.prop_map(move |it| Reply { history: Some(it), ..none() }),
        push.prop_map(move |it| Reply { push: Some(it), ..none() }),
        Just(none()),
    ];
    (any::<u32>(), body).prop_map(|(id, reply)| Reply { id, ..reply })
}

/// A frame of commands, as a client writes it.
fn written(encoding: Encoding, commands: &[Command]) -> BytesMut {
    let mut frame = BytesMut::new();
    for command in commands {
        let message = match encoding {
            Encoding::Json => serde_json::to_vec(command).unwrap(),
            Encoding::Protobuf => command.encode_length_delimited_to_vec(),
        };
        frame::join(encoding, &mut frame, &message);
    }
    frame
}

fn as_frame(encoding: Encoding, bytes: &[u8]) -> Frame<'_> {
    match encoding {
        Encoding::Json => Frame::Text(str::from_utf8(bytes).unwrap()),
        Encoding::Protobuf => Frame::Binary(bytes),
    }
}

proptest! {
    #![proptest_config(seeded(300))]

    #[test]
    fn a_frame_of_commands_is_read_as_it_was_written(commands in vec(command(), 1..6)) {
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            let frame = written(encoding, &commands);
            let messages = frame::messages(encoding, as_frame(encoding, &frame)).unwrap();
            let read: Result<Vec<Command>, _> = messages
                .map(|message| message.and_then(|message| frame::command(encoding, message)))
                .collect();
            prop_assert_eq!(read, Ok(commands.clone()));
        }
    }

    #[test]
    fn a_frame_of_replies_is_read_as_it_was_written(replies in vec(reply(), 1..6)) {
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            let mut joined = BytesMut::new();
            for reply in &replies {
                frame::join(encoding, &mut joined, &frame::encode(encoding, reply));
            }
            let messages = frame::messages(encoding, as_frame(encoding, &joined)).unwrap();
            let read: Vec<Reply> = messages
                .map(|message| match encoding {
                    Encoding::Json => serde_json::from_slice(message.unwrap()).unwrap(),
                    Encoding::Protobuf => Reply::decode(message.unwrap()).unwrap(),
                })
                .collect();
            prop_assert_eq!(read, replies.clone());
        }
    }

    #[test]
    fn a_shared_publication_has_the_bytes_of_a_reply_that_carries_it(
        channel in "[ -~]{1,60}", publication in publication(),
    ) {
        let push = Push {
            channel: channel.clone(),
            publication: Some(publication.clone()),
            ..Push::default()
        };
        let reply = Reply { push: Some(push), ..Reply::default() };
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            prop_assert_eq!(
                push::publication(encoding, &channel, &publication),
                frame::encode(encoding, &reply)
            );
        }
    }

    #[test]
    fn random_bytes_are_refused_or_read(bytes in vec(any::<u8>(), 0..200), text in "\\PC{0,200}") {
        for (encoding, frame) in [
            (Encoding::Protobuf, Frame::Binary(&bytes)),
            (Encoding::Json, Frame::Text(&text)),
        ] {
            if let Ok(messages) = frame::messages(encoding, frame) {
                for message in messages.flatten() {
                    let _ = frame::command(encoding, message);
                }
            }
        }
    }

    #[test]
    fn a_bent_frame_is_refused_or_read(
        commands in vec(command(), 1..4), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            let mut bent = written(encoding, &commands);
            if bent.is_empty() { continue }
            let place = at.index(bent.len());
            bent[place] = byte;
            let frame = match encoding {
                Encoding::Json => str::from_utf8(&bent).map(Frame::Text).ok(),
                Encoding::Protobuf => Some(Frame::Binary(&bent)),
            };
            let messages = frame.and_then(|frame| frame::messages(encoding, frame).ok());
            for message in messages.into_iter().flatten().flatten() {
                let _ = frame::command(encoding, message);
            }
        }
    }
}
