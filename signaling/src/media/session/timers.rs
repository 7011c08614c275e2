//! What happens when nothing happens: joins that never connect, sockets that never come back,
//! unanswered offers, silent sockets, fresh tokens, empty rooms.

use super::super::limits::{REFRESH_INTERVAL_MS, SIGNAL_SILENCE_MS_MAX};
use super::super::wire::{DisconnectReason, participant_info};
use super::{Desk, Now, Output, Participant, Room, Rooms};

/// Interval in which [`Rooms::tick`] wants to be called, milliseconds.
pub const TICK_MS: u64 = 250;

enum Due {
    Remove(DisconnectReason),
    SendBack(DisconnectReason),
    CloseSocket,
    TakeOffer,
}

impl Rooms {
    /// The passing of time; call it every [`TICK_MS`].
    pub fn tick(&mut self, now: Now) {
        self.desk.now = now;
        let desk = &mut self.desk;
        for room in self.rooms.values_mut() {
            room.tick(desk);
        }
        let now_s = now.unix_ms.div_euclid(1_000);
        desk.revoked.retain(|_, revoked| revoked.until >= now_s);
        self.rooms.retain(|_, room| {
            let over = room.closes_at_ms.is_some_and(|at| at <= now.monotonic_ms);
            if over {
                room.close(DisconnectReason::RoomClosed, desk);
            }
            !over
        });
    }

    /// The node stops: every client is told so.
    pub fn shut_down(&mut self, now: Now) {
        self.desk.now = now;
        for (_, mut room) in std::mem::take(&mut self.rooms) {
            room.close(DisconnectReason::ServerShutdown, &mut self.desk);
        }
    }
}

impl Room {
    fn tick(&mut self, desk: &mut Desk) {
        let due: Vec<(String, Due)> = self
            .participants
            .values()
            .filter_map(|participant| {
                Some((participant.identity.clone(), participant.due(desk.now)?))
            })
            .collect();
        for (identity, due) in due {
            match due {
                Due::Remove(reason) => self.remove(&identity, reason, desk),
                Due::SendBack(reason) => self.send_back(&identity, reason, desk),
                Due::TakeOffer => {
                    let waiting = self.participants.get_mut(&identity);
                    if let Some((_, offer)) = waiting.and_then(|one| one.first_offer.take()) {
                        self.publisher_offer(&identity, &offer, desk);
                    }
                }
                Due::CloseSocket => {
                    let connection =
                        self.participants.get(&identity).and_then(|silent| silent.connection);
                    if let Some(connection) = connection {
                        desk.outputs.push_back(Output::Close { connection });
                        desk.connections.remove(&connection);
                        self.socket_closed(&identity, connection, desk);
                    }
                }
            }
        }
        let now_ms = desk.now.monotonic_ms;
        for participant in self.participants.values_mut() {
            if participant.timers.refresh_at_ms <= now_ms {
                participant.timers.refresh_at_ms = now_ms + REFRESH_INTERVAL_MS;
                desk.refresh(participant, &self.name);
            }
        }
    }
}

impl Participant {
    fn due(&self, now: Now) -> Option<Due> {
        let now_ms = now.monotonic_ms;
        let timers = &self.timers;
        let over = |at: Option<u64>| at.is_some_and(|at| at <= now_ms);
        if self.state != participant_info::State::Active && timers.join_by_ms <= now_ms {
            return Some(Due::Remove(DisconnectReason::JoinFailure));
        }
        if over(timers.resume_by_ms) {
            return Some(Due::Remove(DisconnectReason::SignalClose));
        }
        if over(timers.answer_by_ms) && self.connection.is_some() {
            return Some(Due::SendBack(DisconnectReason::ConnectionTimeout));
        }
        if over(self.first_offer.as_ref().map(|(at, _)| *at)) {
            return Some(Due::TakeOffer);
        }
        let silent = timers.heard_ms + SIGNAL_SILENCE_MS_MAX <= now_ms;
        (silent && timers.pings && self.connection.is_some()).then_some(Due::CloseSocket)
    }
}
