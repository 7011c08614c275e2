//! Reliable packets of the last moments, for those who come back from a lost connection.

use std::collections::VecDeque;

use prost::Message as _;

use super::super::data;
use super::super::limits::{RECENT_BYTES_MAX, RECENT_MS_MAX, RECENT_PACKETS_MAX};
use super::super::plane::{ChannelKind, Order};
use super::super::wire::{DataChannelReceiveState, DataPacket};
use super::{Desk, Room};

/// What a room passed on lately, oldest first.
#[derive(Debug, Default)]
pub(super) struct Recent {
    packets: VecDeque<(u64, DataPacket)>,
    bytes: usize,
}

impl Recent {
    /// Keeps a packet; the oldest go when there are too many.
    pub(super) fn keep(&mut self, packet: &DataPacket, now_ms: u64) {
        self.bytes = self.bytes.saturating_add(packet.encoded_len());
        self.packets.push_back((now_ms, packet.clone()));
        let too_old = now_ms.saturating_sub(RECENT_MS_MAX);
        while let Some((at, _)) = self.packets.front() {
            let full = self.packets.len() > RECENT_PACKETS_MAX || self.bytes > RECENT_BYTES_MAX;
            if !full && *at >= too_old {
                return;
            }
            if let Some((_, gone)) = self.packets.pop_front() {
                self.bytes = self.bytes.saturating_sub(gone.encoded_len());
            }
        }
    }
}

impl Room {
    /// Sends what `identity` says it has not got; a packet that it has it drops by its number.
    pub(super) fn replay(
        &self,
        identity: &str,
        states: &[DataChannelReceiveState],
        desk: &mut Desk,
    ) {
        let Some(participant) = self.participants.get(identity) else { return };
        let too_old = desk.now.monotonic_ms.saturating_sub(RECENT_MS_MAX);
        for (at, packet) in &self.recent.packets {
            let state = states.iter().find(|state| state.publisher_sid == packet.participant_sid);
            let seen = state.map_or(0, |state| state.last_seq);
            let own = packet.participant_sid == participant.sid;
            if *at < too_old
                || own
                || packet.sequence <= seen
                || !data::addressed_to(packet, identity, &participant.sid)
            {
                continue;
            }
            desk.order(Order::Send {
                peer: participant.receiving_peer(),
                channel: ChannelKind::Reliable,
                message: packet.encode_to_vec().into(),
            });
        }
    }
}
