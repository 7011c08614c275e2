//! What the server sends unasked.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message as _;
use serde::{Deserialize, Serialize};

use super::reply::Reply;
use super::{Encoding, codes, frame, payload};

/// A push: at most one of the fields besides the channel is set.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Push {
    /// Empty for a push to the connection itself.
    #[prost(string, tag = "2")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    #[prost(message, optional, tag = "4")]
    #[serde(rename = "pub", skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<Presence>,
    #[prost(message, optional, tag = "6")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave: Option<Presence>,
    #[prost(message, optional, tag = "7")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<Unsubscribed>,
    #[prost(message, optional, tag = "8")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    #[prost(message, optional, tag = "9")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<ServerSubscribed>,
    #[prost(message, optional, tag = "11")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnect: Option<Disconnected>,
    #[prost(message, optional, tag = "12")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Prolonged>,
}

/// One event of a channel.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Publication {
    #[prost(bytes = "bytes", tag = "4")]
    #[serde(with = "payload", skip_serializing_if = "Bytes::is_empty")]
    pub data: Bytes,
    /// Who published; only in the conformance mode, the product's envelope names the author.
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<ClientInfo>,
    /// The event's sequence number in its room; 0 where the channel keeps nothing.
    #[prost(uint64, tag = "6")]
    #[serde(skip_serializing_if = "payload::zero")]
    pub offset: u64,
    #[prost(btree_map = "string, string", tag = "7")]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// What may be known of a connection.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientInfo {
    #[prost(string, tag = "1")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    #[prost(string, tag = "2")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client: String,
    #[prost(bytes = "bytes", tag = "3")]
    #[serde(with = "payload", skip_serializing_if = "Bytes::is_empty")]
    pub conn_info: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    #[serde(with = "payload", skip_serializing_if = "Bytes::is_empty")]
    pub chan_info: Bytes,
}

/// A connection came or went.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Presence {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<ClientInfo>,
}

/// The server ended a subscription.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Unsubscribed {
    #[prost(uint32, tag = "2")]
    pub code: u32,
    #[prost(string, tag = "3")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Data for the connection, of no channel.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    #[prost(bytes = "bytes", tag = "1")]
    #[serde(with = "payload", skip_serializing_if = "Bytes::is_empty")]
    pub data: Bytes,
}

/// The server made a subscription; it cannot carry publications.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSubscribed {
    #[prost(bool, tag = "1")]
    #[serde(skip_serializing_if = "payload::zero")]
    pub recoverable: bool,
    #[prost(string, tag = "4")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub epoch: String,
    /// The top of the stream.
    #[prost(uint64, tag = "5")]
    #[serde(skip_serializing_if = "payload::zero")]
    pub offset: u64,
    #[prost(bool, tag = "6")]
    #[serde(skip_serializing_if = "payload::zero")]
    pub positioned: bool,
    #[prost(bytes = "bytes", tag = "7")]
    #[serde(with = "payload", skip_serializing_if = "Bytes::is_empty")]
    pub data: Bytes,
}

/// The close of the socket, announced in band.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Disconnected {
    #[prost(uint32, tag = "1")]
    pub code: u32,
    #[prost(string, tag = "2")]
    pub reason: String,
}

/// The server prolonged the connection by itself.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub struct Prolonged {
    #[prost(bool, tag = "1")]
    #[serde(skip_serializing_if = "payload::zero")]
    pub expires: bool,
    /// Seconds that are left.
    #[prost(uint32, tag = "2")]
    #[serde(skip_serializing_if = "payload::zero")]
    pub ttl: u32,
}

/// A publication as it goes to every subscriber of one encoding: made once, shared by all, in one
/// allocation. Empty where the payload can not be written in this encoding (bytes that are no
/// JSON).
#[must_use]
pub fn publication(encoding: Encoding, channel: &str, publication: &Publication) -> Bytes {
    match encoding {
        Encoding::Json => json_publication(channel, publication),
        Encoding::Protobuf => protobuf_publication(channel, publication),
    }
}

/// The JSON shape of a publication push, over borrowed parts.
#[derive(Serialize)]
struct PublicationReply<'a> {
    push: PublicationPush<'a>,
}

#[derive(Serialize)]
struct PublicationPush<'a> {
    channel: &'a str,
    #[serde(rename = "pub")]
    publication: &'a Publication,
}

fn json_publication(channel: &str, publication: &Publication) -> Bytes {
    /// Names, punctuation and the digits of the offset.
    const AROUND_BYTES: usize = 72;
    let size = AROUND_BYTES.saturating_add(channel.len()).saturating_add(publication.data.len());
    let mut out = Vec::with_capacity(size);
    let reply = PublicationReply { push: PublicationPush { channel, publication } };
    match serde_json::to_writer(&mut out, &reply) {
        Ok(()) => Bytes::from(out),
        Err(_) => Bytes::new(),
    }
}

/// Keys of `Reply.push`, `Push.channel` and `Push.pub`: number × 8 + 2, length-delimited.
const PUSH_KEY: u8 = 0x22;
const CHANNEL_KEY: u8 = 0x12;
const PUBLICATION_KEY: u8 = 0x22;

/// A length-delimited field: key, length, bytes.
fn field_len(bytes: usize) -> usize {
    bytes.saturating_add(prost::length_delimiter_len(bytes)).saturating_add(1)
}

fn protobuf_publication(channel: &str, publication: &Publication) -> Bytes {
    let publication_len = publication.encoded_len();
    let push_len = field_len(channel.len()).saturating_add(field_len(publication_len));
    let reply_len = field_len(push_len);
    let size = reply_len.saturating_add(prost::length_delimiter_len(reply_len));
    let mut out = Vec::with_capacity(size);
    let written = prost::encode_length_delimiter(reply_len, &mut out)
        .and_then(|()| {
            out.push(PUSH_KEY);
            prost::encode_length_delimiter(push_len, &mut out)
        })
        .and_then(|()| {
            out.push(CHANNEL_KEY);
            prost::encode_length_delimiter(channel.len(), &mut out)
        })
        .and_then(|()| {
            out.extend_from_slice(channel.as_bytes());
            out.push(PUBLICATION_KEY);
            publication.encode_length_delimited(&mut out)
        });
    match written {
        Ok(()) => Bytes::from(out),
        Err(_) => Bytes::new(),
    }
}

fn encoded(encoding: Encoding, push: Push) -> Bytes {
    frame::encode(encoding, &Reply { push: Some(push), ..Reply::default() })
}

/// Tells that a subscription ended.
#[must_use]
pub fn unsubscribed(encoding: Encoding, channel: &str, why: codes::Unsubscribe) -> Bytes {
    let unsubscribe = Unsubscribed { code: why.code, reason: why.reason.to_owned() };
    encoded(
        encoding,
        Push { channel: channel.to_owned(), unsubscribe: Some(unsubscribe), ..Push::default() },
    )
}

/// Data for one connection. Empty where the bytes can not be written in this encoding.
#[must_use]
pub fn message(encoding: Encoding, data: Bytes) -> Bytes {
    encoded(encoding, Push { message: Some(Message { data }), ..Push::default() })
}

/// Tells that a connection came to a channel (conformance mode).
#[must_use]
pub fn join(encoding: Encoding, channel: &str, info: ClientInfo) -> Bytes {
    let join = Some(Presence { info: Some(info) });
    encoded(encoding, Push { channel: channel.to_owned(), join, ..Push::default() })
}

/// Tells that a connection left a channel (conformance mode).
#[must_use]
pub fn leave(encoding: Encoding, channel: &str, info: ClientInfo) -> Bytes {
    let leave = Some(Presence { info: Some(info) });
    encoded(encoding, Push { channel: channel.to_owned(), leave, ..Push::default() })
}

/// Tells of a subscription that the server made.
#[must_use]
pub fn subscribed(encoding: Encoding, channel: &str, subscribe: ServerSubscribed) -> Bytes {
    let subscribe = Some(subscribe);
    encoded(encoding, Push { channel: channel.to_owned(), subscribe, ..Push::default() })
}

/// Announces a close in band, for transports that have no close frame.
#[must_use]
pub fn disconnected(encoding: Encoding, why: codes::Disconnect) -> Bytes {
    let disconnect = Disconnected { code: u32::from(why.code), reason: why.reason.to_owned() };
    encoded(encoding, Push { disconnect: Some(disconnect), ..Push::default() })
}

/// Tells how long the connection holds now; `None` is for ever.
#[must_use]
pub fn prolonged(encoding: Encoding, ttl_s: Option<u32>) -> Bytes {
    let refresh = Prolonged { expires: ttl_s.is_some(), ttl: ttl_s.unwrap_or_default() };
    encoded(encoding, Push { refresh: Some(refresh), ..Push::default() })
}
