//! News of the media plane: transports connected or lost, data packets.

use bytes::Bytes;
use prost::Message as _;

use super::super::data::{self, Sender};
use super::super::plane::{ChannelKind, Order, PeerRole, Report};
use super::super::wire::{DataPacket, DisconnectReason, participant_info};
use super::{Desk, Room};

impl Room {
    /// Takes news of one transport of `identity`.
    pub(super) fn peer_report(
        &mut self,
        identity: &str,
        role: PeerRole,
        report: Report,
        desk: &mut Desk,
    ) {
        match report {
            Report::Connected { .. } => self.connected(identity, role, desk),
            Report::Lost { .. } => self.lost(identity, role, desk),
            Report::Data { channel, message, .. } => self.data(identity, channel, &message, desk),
            Report::Stream { track, paused, .. } => {
                self.tell_stream(identity, track, paused, desk);
            }
            Report::Speakers { .. } | Report::LayersWanted { .. } => {}
        }
    }

    fn connected(&mut self, identity: &str, role: PeerRole, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        match role {
            PeerRole::Publisher => participant.publisher.connected = true,
            PeerRole::Subscriber => {
                if let Some(subscriber) = &mut participant.subscriber {
                    subscriber.connected = true;
                }
            }
        }
        if participant.state == participant_info::State::Joined {
            participant.state = participant_info::State::Active;
            self.spread(identity, desk);
        }
    }

    /// A lost transport ends a session that has no socket; else the client joins anew.
    fn lost(&mut self, identity: &str, role: PeerRole, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        let transport = match role {
            PeerRole::Publisher => Some(&mut participant.publisher),
            PeerRole::Subscriber => participant.subscriber.as_mut(),
        };
        let Some(transport) = transport else { return };
        if !std::mem::replace(&mut transport.connected, false) {
            return;
        }
        if participant.connection.is_some() {
            self.send_back(identity, DisconnectReason::MediaFailure, desk);
        } else {
            self.remove(identity, DisconnectReason::ConnectionTimeout, desk);
        }
    }

    fn data(&mut self, identity: &str, channel: ChannelKind, message: &[u8], desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if !participant.permission.can_publish_data {
            return;
        }
        let sender = Sender {
            identity: &participant.identity,
            sid: &participant.sid,
            hidden: participant.permission.hidden,
            agent: participant.claims.participant_kind() == participant_info::Kind::Agent,
            last_sequence: participant.last_sequence,
        };
        let Ok(stamped) = data::stamp(message, channel, sender) else { return };
        if let Some(sequence) = stamped.sequence {
            participant.last_sequence = sequence;
            self.recent.keep(&stamped.packet, desk.now.monotonic_ms);
        }
        self.route(&stamped.packet, channel, Some(identity), desk);
    }

    /// Sends a packet to all it is addressed to, encoded once; never back to its sender.
    pub(super) fn route(
        &self,
        packet: &DataPacket,
        channel: ChannelKind,
        sender: Option<&str>,
        desk: &mut Desk,
    ) {
        let message = Bytes::from(packet.encode_to_vec());
        for other in self.participants.values() {
            if sender != Some(other.identity.as_str())
                && data::addressed_to(packet, &other.identity, &other.sid)
            {
                let peer = other.receiving_peer();
                desk.order(Order::Send { peer, channel, message: message.clone() });
            }
        }
    }
}
