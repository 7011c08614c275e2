//! Decoders: whatever comes is read or refused, and what was read can be written.

use signaling::chat::Encoding;
use signaling::chat::channel::Channel;
use signaling::chat::frame::{self, Frame};
use signaling::chat::push::{self, Publication};

/// A frame of a JSON connection.
pub fn json_frame(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        frame(Encoding::Json, Frame::Text(text));
    }
}

/// A frame of a protobuf connection.
pub fn protobuf_frame(bytes: &[u8]) {
    frame(Encoding::Protobuf, Frame::Binary(bytes));
}

fn frame(encoding: Encoding, frame: Frame<'_>) {
    let Ok(messages) = frame::messages(encoding, frame) else { return };
    let mut length = 0;
    for message in messages.flatten() {
        length += message.len();
        let Ok(command) = frame::command(encoding, message) else { continue };
        if let Some(rpc) = &command.rpc {
            publish(rpc.data.clone());
        }
        let _ = command.into_request();
    }
    assert!(length <= frame.len(), "more was read than came");
}

/// A payload that was read is written in one line, or not at all.
fn publish(data: bytes::Bytes) {
    let publication = Publication { data, offset: 1, ..Publication::default() };
    let json = push::publication(Encoding::Json, "room:x", &publication);
    assert!(!json.contains(&b'\n'), "a newline ends a message");
    let protobuf = push::publication(Encoding::Protobuf, "room:x", &publication);
    assert!(!protobuf.is_empty());
}

/// The name of a channel.
pub fn channel_name(bytes: &[u8]) {
    let Ok(name) = std::str::from_utf8(bytes) else { return };
    if let Ok(channel) = Channel::parse(name) {
        assert_eq!(channel.to_string(), name, "a channel has one name");
    }
}
