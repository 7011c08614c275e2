//! Channel names of the conformance mode.

use signaling::RoomId;
use signaling::chat::codes::ErrorCode;
use uuid::Uuid;

/// Namespace of the ids of rooms behind channel names.
const NAMES: Uuid = Uuid::from_u128(0x8d1c_6b0e_6f2a_4c0b_9a57_1f0e_3d5c_7b21);

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The log behind the name.
    pub room: RoomId,
    /// Events a client may still read; `None`: all.
    pub keep: Option<i64>,
    /// Whether a subscribe needs a token of its own in the profile with tokens.
    pub private: bool,
}

/// Reads a well-formed name. Names without a namespace, and the namespaces `recovery`,
/// `smallhistory` (which keeps two events) and `private` are known.
pub fn channel(name: &str) -> Result<Channel, ErrorCode> {
    let (keep, private) = match name.split_once(':').map(|(namespace, _)| namespace) {
        None | Some("private") => (None, true),
        Some("recovery") => (None, false),
        Some("smallhistory") => (Some(2), false),
        Some(_) => return Err(ErrorCode::UnknownChannel),
    };
    Ok(Channel { room: RoomId(Uuid::new_v5(&NAMES, name.as_bytes())), keep, private })
}

/// The channel that belongs to one user and is subscribed at connect.
#[must_use]
pub fn personal(user: &str) -> String {
    format!("#{user}")
}

/// Whether a name is that of another user's channel.
#[must_use]
pub fn is_anothers(name: &str, user: &str) -> bool {
    name.split_once('#').is_some_and(|(_, users)| users.split(',').all(|one| one != user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_log_each_and_unknown_namespaces_none() {
        let test = channel("test").expect("known");
        assert_eq!(channel("test"), Ok(test));
        assert_ne!(channel("test2").map(|other| other.room), Ok(test.room));
        assert_eq!(channel("smallhistory:a").map(|channel| channel.keep), Ok(Some(2)));
        assert_eq!(channel("test:test"), Err(ErrorCode::UnknownChannel));
    }

    #[test]
    fn a_personal_channel_is_for_its_user_alone() {
        assert!(!is_anothers(&personal("42"), "42"));
        assert!(is_anothers("#42", "43"));
        assert!(!is_anothers("dialog#42,43", "43"));
        assert!(!is_anothers("test", "43"));
    }
}
