//! Frames: one or more messages each. JSON objects are joined by a newline, protobuf messages
//! carry their length in front.

use bytes::{Bytes, BytesMut};
use prost::Message as _;

use super::Encoding;
use super::command::Command;
use super::reply::Reply;

/// An inbound frame.
#[derive(Clone, Copy, Debug)]
pub enum Frame<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

impl Frame<'_> {
    /// Bytes of the frame.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether the frame has no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The frame can not be read, or is of the wrong sort for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed frame")]
pub struct Malformed;

/// Cuts a frame into its messages without reading them, so that a frame of many small commands
/// costs no more than one of them at a time. A frame without any is malformed.
pub fn messages(encoding: Encoding, frame: Frame<'_>) -> Result<Messages<'_>, Malformed> {
    let messages = match (encoding, frame) {
        (Encoding::Json, Frame::Text(text)) => Messages::Json(text.split('\n')),
        (Encoding::Protobuf, Frame::Binary(bytes)) => Messages::Protobuf(bytes),
        (Encoding::Json, Frame::Binary(_)) | (Encoding::Protobuf, Frame::Text(_)) => {
            return Err(Malformed);
        }
    };
    if messages.clone().next().is_some() { Ok(messages) } else { Err(Malformed) }
}

/// The messages of a frame in their order, each without its newline or length. An error is the
/// last item.
#[derive(Clone, Debug)]
pub enum Messages<'a> {
    /// Lines; blank ones hold no message.
    Json(std::str::Split<'a, char>),
    /// What is left of the frame.
    Protobuf(&'a [u8]),
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<&'a [u8], Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Json(lines) => {
                let line = lines.map(str::trim_ascii).find(|line| !line.is_empty())?;
                Some(Ok(line.as_bytes()))
            }
            Self::Protobuf(rest) => {
                if rest.is_empty() {
                    return None;
                }
                let message = delimited(rest);
                if message.is_err() {
                    *rest = &[];
                }
                Some(message)
            }
        }
    }
}

/// Takes one message with its length off the front.
fn delimited<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let length = prost::decode_length_delimiter(&mut *rest).map_err(|_| Malformed)?;
    let (message, behind) = rest.split_at_checked(length).ok_or(Malformed)?;
    *rest = behind;
    Ok(message)
}

/// Reads one message of a client.
pub fn command(encoding: Encoding, message: &[u8]) -> Result<Command, Malformed> {
    match encoding {
        Encoding::Json => serde_json::from_slice(message).map_err(|_| Malformed),
        Encoding::Protobuf => Command::decode(message).map_err(|_| Malformed),
    }
}

/// Writes one reply: a JSON object, or a protobuf message with its length in front. Empty where
/// a payload is no JSON on a JSON connection; such a connection is closed with 3506.
#[must_use]
pub fn encode(encoding: Encoding, reply: &Reply) -> Bytes {
    match encoding {
        Encoding::Json => serde_json::to_vec(reply).map(Bytes::from).unwrap_or_default(),
        Encoding::Protobuf => Bytes::from(reply.encode_length_delimited_to_vec()),
    }
}

/// Appends an encoded message to a frame under construction.
pub fn join(encoding: Encoding, frame: &mut BytesMut, message: &[u8]) {
    if encoding == Encoding::Json && !frame.is_empty() {
        frame.extend_from_slice(b"\n");
    }
    frame.extend_from_slice(message);
}
