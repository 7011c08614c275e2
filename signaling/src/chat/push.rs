//! What the server sends unasked.

use std::collections::BTreeMap;

use bytes::Bytes;
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

fn encoded(encoding: Encoding, push: Push) -> Bytes {
    frame::encode(encoding, &Reply { push: Some(push), ..Reply::default() })
}

/// A publication as it goes to every subscriber of one encoding: made once, shared by all. Empty
/// where the payload can not be written in this encoding (bytes that are no JSON).
#[must_use]
pub fn publication(encoding: Encoding, channel: &str, publication: &Publication) -> Bytes {
    encoded(
        encoding,
        Push {
            channel: channel.to_owned(),
            publication: Some(publication.clone()),
            ..Push::default()
        },
    )
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

/// Data for one connection.
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
