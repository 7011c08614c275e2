//! The end of sessions: left, removed, lost, or the room closed.

use super::super::limits::RESUME_DELAY_MS_MAX;
use super::super::plane::Order;
use super::super::wire::{DisconnectReason, leave_request, participant_info};
use super::join::leave;
use super::{ConnectionId, Desk, Output, Room};

impl Room {
    /// Ends the session of `identity`, tells it why, and tells the others.
    pub(super) fn remove(&mut self, identity: &str, reason: DisconnectReason, desk: &mut Desk) {
        let tracks: Vec<String> = self
            .participants
            .get(identity)
            .map(|gone| gone.tracks.iter().map(|track| track.info.sid.clone()).collect())
            .unwrap_or_default();
        for track in &tracks {
            self.unpublish(identity, track, desk);
        }
        let Some(mut gone) = self.participants.remove(identity) else { return };
        if let Some(connection) = gone.connection.take() {
            desk.send(connection, leave(reason, leave_request::Action::Disconnect));
            desk.connections.remove(&connection);
            desk.outputs.push_back(Output::Close { connection });
        }
        self.farewell(&gone, reason, desk);
    }

    /// Ends a session without a word to it: its client will come back and join anew.
    pub(super) fn drop_silently(&mut self, identity: &str, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if let Some(connection) = participant.connection.take() {
            desk.connections.remove(&connection);
            desk.outputs.push_back(Output::Close { connection });
        }
        self.remove(identity, DisconnectReason::Migration, desk);
    }

    fn farewell(&mut self, gone: &super::Participant, reason: DisconnectReason, desk: &mut Desk) {
        desk.peers.remove(&gone.publisher.peer);
        desk.peers.remove(&gone.receiving_peer());
        desk.order(Order::CloseParticipant { participant: gone.key });
        let mut info = gone.info();
        info.version += 1;
        info.disconnect_reason = reason.into();
        self.spread_gone(info, gone.permission.hidden, desk);
        if self.participants.is_empty() {
            let wait_ms = u64::from(self.departure_timeout_s) * 1_000;
            self.closes_at_ms = Some(desk.now.monotonic_ms + wait_ms);
        }
    }

    /// Asks the client to join anew; its session ends here.
    pub(super) fn send_back(&mut self, identity: &str, reason: DisconnectReason, desk: &mut Desk) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if let Some(connection) = participant.connection.take() {
            desk.send(connection, leave(reason, leave_request::Action::Reconnect));
            desk.connections.remove(&connection);
            desk.outputs.push_back(Output::Close { connection });
        }
        self.remove(identity, reason, desk);
    }

    /// The socket is gone; media lives on while the client may resume.
    pub(super) fn socket_closed(
        &mut self,
        identity: &str,
        connection: ConnectionId,
        desk: &mut Desk,
    ) {
        let Some(participant) = self.participants.get_mut(identity) else { return };
        if participant.connection != Some(connection) {
            return;
        }
        participant.connection = None;
        if participant.state == participant_info::State::Active {
            participant.timers.resume_by_ms = Some(desk.now.monotonic_ms + RESUME_DELAY_MS_MAX);
        } else {
            self.remove(identity, DisconnectReason::SignalClose, desk);
        }
    }

    /// Ends all sessions of the room.
    pub(super) fn close(&mut self, reason: DisconnectReason, desk: &mut Desk) {
        let everybody: Vec<String> = self.participants.keys().cloned().collect();
        for identity in everybody {
            self.remove(&identity, reason, desk);
        }
        desk.order(Order::CloseRoom { room: self.key });
    }
}
