//! Names of channels.

use proptest::prelude::*;
use signaling::chat::channel::{Channel, ChannelError};
use signaling::ids::{PersonId, RoomId};
use uuid::Uuid;

use crate::seed::seeded;

const ID: &str = "0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f";

#[test]
fn a_name_is_a_namespace_and_an_id() {
    let id: Uuid = ID.parse().expect("an id");
    for (name, channel) in [
        (format!("room:{ID}"), Channel::Room(RoomId(id))),
        (format!("user:{ID}"), Channel::User(PersonId(id))),
        (format!("live:{ID}"), Channel::Live(RoomId(id))),
    ] {
        assert_eq!(Channel::parse(&name), Ok(channel));
        assert_eq!(channel.to_string(), name);
    }
}

#[test]
fn a_channel_has_one_name() {
    let id: Uuid = ID.parse().expect("an id");
    for other in [
        format!("room:{}", ID.to_uppercase()),
        format!("room:{}", id.simple()),
        format!("room:{}", id.braced()),
        format!("room:{}", id.urn()),
        format!("room: {ID}"),
        format!("Room:{ID}"),
        format!("#room:{ID}"),
        format!("room:{ID}:"),
        "room:".to_owned(),
        ID.to_owned(),
        "test:test".to_owned(),
    ] {
        assert_eq!(Channel::parse(&other), Err(ChannelError::Unknown), "{other}");
    }
}

#[test]
fn a_name_is_short_ascii() {
    for malformed in [String::new(), "头".to_owned(), "x".repeat(256), format!("room:{ID}é")] {
        assert_eq!(Channel::parse(&malformed), Err(ChannelError::Malformed), "{malformed}");
    }
    assert_eq!(Channel::parse(&"x".repeat(255)), Err(ChannelError::Unknown));
}

proptest! {
    #![proptest_config(seeded(500))]

    #[test]
    fn whatever_parses_is_written_back_as_it_was(name in "(room|user|live|x)?:?[0-9a-fA-F-]{0,37}") {
        if let Ok(channel) = Channel::parse(&name) {
            prop_assert_eq!(channel.to_string(), name);
        }
    }

    #[test]
    fn every_id_has_a_name_that_parses(id in any::<u128>()) {
        let channel = Channel::Room(RoomId(Uuid::from_u128(id)));
        prop_assert_eq!(Channel::parse(&channel.to_string()), Ok(channel));
    }
}
