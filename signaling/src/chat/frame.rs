//! Frames: one or more messages each. JSON objects are joined by a newline, protobuf messages
//! carry their length in front.

use bytes::{Buf as _, Bytes, BytesMut};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads the commands of a frame with the size of each in bytes.
pub fn decode(encoding: Encoding, frame: Frame<'_>) -> Result<Vec<(Command, usize)>, Malformed> {
    let commands = match (encoding, frame) {
        (Encoding::Json, Frame::Text(text)) => decode_json(text)?,
        (Encoding::Protobuf, Frame::Binary(bytes)) => decode_protobuf(bytes)?,
        (Encoding::Json, Frame::Binary(_)) | (Encoding::Protobuf, Frame::Text(_)) => {
            return Err(Malformed);
        }
    };
    if commands.is_empty() { Err(Malformed) } else { Ok(commands) }
}

fn decode_json(text: &str) -> Result<Vec<(Command, usize)>, Malformed> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Command>();
    let mut commands = Vec::new();
    let mut start = 0;
    while let Some(command) = stream.next() {
        let end = stream.byte_offset();
        commands.push((command.map_err(|_| Malformed)?, end.saturating_sub(start)));
        start = end;
    }
    Ok(commands)
}

fn decode_protobuf(bytes: &[u8]) -> Result<Vec<(Command, usize)>, Malformed> {
    let mut rest = bytes;
    let mut commands = Vec::new();
    while rest.has_remaining() {
        let before = rest.remaining();
        let command = Command::decode_length_delimited(&mut rest).map_err(|_| Malformed)?;
        commands.push((command, before.saturating_sub(rest.remaining())));
    }
    Ok(commands)
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
