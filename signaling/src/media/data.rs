//! Data packets: what a sender may claim in them and who gets them. Payloads are never read.

use prost::Message as _;

use super::limits::DATA_BYTES_MAX;
use super::plane::ChannelKind;
use super::wire::{DataPacket, data_packet};

/// The true sender of a packet.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    pub identity: &'a str,
    pub sid: &'a str,
    /// Nobody may learn of it.
    pub hidden: bool,
    pub agent: bool,
    /// The highest reliable sequence taken from this session.
    pub last_sequence: u32,
}

/// A packet that goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamped {
    pub packet: DataPacket,
    /// The reliable sequence to remember; `None` where the packet carries none.
    pub sequence: Option<u32>,
}

/// Why a packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DropReason {
    #[error("the packet is too long")]
    TooLong,
    #[error("the packet can not be read")]
    Unreadable,
    #[error("the packet was taken before")]
    Repeated,
    #[error("this sender may not send such a packet")]
    NotForSender,
}

/// Reads one message of a data channel and writes the true sender into it.
#[expect(deprecated, reason = "clients of old versions read these fields")]
pub fn stamp(
    bytes: &[u8],
    channel: ChannelKind,
    sender: Sender<'_>,
) -> Result<Stamped, DropReason> {
    if bytes.len() > DATA_BYTES_MAX {
        return Err(DropReason::TooLong);
    }
    let mut packet = DataPacket::decode(bytes).map_err(|_| DropReason::Unreadable)?;
    let sequence = match channel {
        ChannelKind::Reliable if packet.sequence > 0 => Some(packet.sequence),
        ChannelKind::Reliable | ChannelKind::Lossy => None,
    };
    if sequence.is_some_and(|sequence| sequence <= sender.last_sequence) {
        return Err(DropReason::Repeated);
    }
    packet.kind = match channel {
        ChannelKind::Reliable => data_packet::Kind::Reliable,
        ChannelKind::Lossy => data_packet::Kind::Lossy,
    }
    .into();
    let (identity, sid) = if sender.hidden { ("", "") } else { (sender.identity, sender.sid) };
    identity.clone_into(&mut packet.participant_identity);
    sid.clone_into(&mut packet.participant_sid);
    match &mut packet.value {
        Some(data_packet::Value::User(user)) => {
            identity.clone_into(&mut user.participant_identity);
            sid.clone_into(&mut user.participant_sid);
            if packet.destination_identities.is_empty() {
                packet.destination_identities.clone_from(&user.destination_identities);
            }
            user.destination_identities.clone_from(&packet.destination_identities);
        }
        Some(data_packet::Value::Transcription(_)) if !sender.agent => {
            return Err(DropReason::NotForSender);
        }
        Some(data_packet::Value::Metrics(_) | data_packet::Value::Speaker(_)) | None => {
            return Err(DropReason::NotForSender);
        }
        Some(_) => {}
    }
    Ok(Stamped { packet, sequence })
}

/// Whether a packet goes to the participant `identity` with `sid`.
#[must_use]
#[expect(deprecated, reason = "old clients address by sid")]
pub fn addressed_to(packet: &DataPacket, identity: &str, sid: &str) -> bool {
    let sids = match &packet.value {
        Some(data_packet::Value::User(user)) => user.destination_sids.as_slice(),
        _ => &[],
    };
    (packet.destination_identities.is_empty() && sids.is_empty())
        || packet.destination_identities.iter().any(|wanted| wanted == identity)
        || sids.iter().any(|wanted| wanted == sid)
}

#[cfg(test)]
mod tests {
    use super::super::wire::{Transcription, UserPacket};
    use super::*;

    fn sender() -> Sender<'static> {
        Sender { identity: "li", sid: "PA_1", hidden: false, agent: false, last_sequence: 4 }
    }

    fn packet(value: data_packet::Value, sequence: u32) -> Vec<u8> {
        DataPacket {
            participant_identity: "somebody else".to_owned(),
            sequence,
            value: Some(value),
            ..DataPacket::default()
        }
        .encode_to_vec()
    }

    #[test]
    #[expect(deprecated, reason = "the old fields must be true as well")]
    fn a_packet_names_its_true_sender() {
        let user = UserPacket { participant_identity: "wang".to_owned(), ..UserPacket::default() };
        let bytes = packet(data_packet::Value::User(user), 5);
        let stamped = stamp(&bytes, ChannelKind::Reliable, sender()).expect("goes on");
        assert_eq!(stamped.packet.participant_identity, "li");
        assert_eq!(stamped.sequence, Some(5));
        let Some(data_packet::Value::User(user)) = stamped.packet.value else {
            panic!("user packet");
        };
        assert_eq!(
            (user.participant_identity.as_str(), user.participant_sid.as_str()),
            ("li", "PA_1")
        );
    }

    #[test]
    fn a_packet_sent_again_after_a_resume_is_dropped() {
        let bytes = packet(data_packet::Value::User(UserPacket::default()), 4);
        assert_eq!(stamp(&bytes, ChannelKind::Reliable, sender()), Err(DropReason::Repeated));
        assert!(stamp(&bytes, ChannelKind::Lossy, sender()).is_ok());
    }

    #[test]
    fn transcriptions_come_from_agents_only() {
        let bytes = packet(data_packet::Value::Transcription(Transcription::default()), 9);
        assert_eq!(stamp(&bytes, ChannelKind::Reliable, sender()), Err(DropReason::NotForSender));
        let agent = Sender { agent: true, ..sender() };
        assert!(stamp(&bytes, ChannelKind::Reliable, agent).is_ok());
    }

    #[test]
    fn a_named_destination_excludes_the_others() {
        let all = DataPacket::default();
        assert!(addressed_to(&all, "a", "PA_a"));
        let one = DataPacket { destination_identities: vec!["b".to_owned()], ..all };
        assert!(addressed_to(&one, "b", "PA_b") && !addressed_to(&one, "a", "PA_a"));
    }

    #[test]
    fn rubbish_is_dropped() {
        assert_eq!(stamp(&[255; 9], ChannelKind::Lossy, sender()), Err(DropReason::Unreadable));
        let long = vec![0; DATA_BYTES_MAX + 1];
        assert_eq!(stamp(&long, ChannelKind::Lossy, sender()), Err(DropReason::TooLong));
    }
}
