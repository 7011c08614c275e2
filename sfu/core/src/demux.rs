//! Whose datagram is it? The source rule: an address belongs to a connection from a check on that
//! address whose integrity holds, and from nothing else. What comes from another address and is no
//! such check is dropped without a word, whatever it carries.

use crate::api::event::PeerState;
use crate::api::transmit::Received;
use crate::arena::Key;
use crate::connection::{GONE_MS, LOST_MS, SILENT_MS};
use crate::ids::Path;
use crate::sfu::Sfu;
use crate::time::Micros;
use crate::wire::stun::Request;

/// What a datagram is by its first bytes (RFC 7983, RFC 5761).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Check,
    Handshake,
    Media,
    Reports,
    Unknown,
}

impl Class {
    fn of(datagram: &[u8]) -> Self {
        match datagram {
            [0..=3, ..] => Self::Check,
            [20..=63, ..] => Self::Handshake,
            [128..=191, 192..=223, ..] => Self::Reports,
            [128..=191, ..] => Self::Media,
            _ => Self::Unknown,
        }
    }
}

impl Sfu {
    pub(crate) fn receive(&mut self, received: &mut Received<'_>, now: Micros) {
        for slot in received.slots {
            let end = slot.start.saturating_add(slot.len);
            let Some(datagram) = received.bytes.get_mut(slot.start..end) else { continue };
            match Class::of(datagram) {
                Class::Check => self.receive_check(slot.path, datagram, now),
                Class::Unknown => self.strangers = self.strangers.saturating_add(1),
                class => match self.by_path.get(&slot.path).copied() {
                    Some(key) => self.receive_from(key, class, datagram, now),
                    None => self.strangers = self.strangers.saturating_add(1),
                },
            }
        }
    }

    /// A datagram from a verified address.
    fn receive_from(&mut self, key: Key, class: Class, datagram: &mut [u8], now: Micros) {
        match class {
            Class::Handshake => {
                let (Some(connection), Some(settings)) =
                    (self.connections.get_mut(key), &self.settings)
                else {
                    return;
                };
                let out = &mut self.control;
                let done = connection.transport.receive_handshake(settings, datagram, now, out);
                self.after_handshake(key, done, now);
            }
            Class::Media => self.receive_media(key, datagram, now),
            Class::Reports => self.receive_reports(key, datagram, now),
            Class::Check | Class::Unknown => {}
        }
    }

    /// A check, from anywhere. There is no answer to one whose integrity does not hold.
    fn receive_check(&mut self, path: Path, datagram: &[u8], now: Micros) {
        let known = Request::parse(datagram)
            .and_then(|request| Some((*self.by_ufrag.get(request.ours)?, request)));
        let checked = known.and_then(|(key, request)| {
            let transport = &mut self.connections.get_mut(key)?.transport;
            Some((key, transport.check(&request, path, &mut self.control)?))
        });
        let Some((key, checked)) = checked else {
            self.strangers = self.strangers.saturating_add(1);
            return;
        };
        if let Some(path) = checked.forgotten_path {
            self.by_path.remove(&path);
        }
        if let Some(ufrag) = checked.forgotten_ufrag {
            self.by_ufrag.remove(ufrag.as_bytes());
        }
        if checked.new_path {
            self.claim(path, key);
        }
        self.heard(key, now);
        self.begin_handshake(key, now);
    }

    /// Writes the table. An address that another connection proved before changes hands: it proves
    /// itself anew.
    fn claim(&mut self, path: Path, key: Key) {
        self.by_path.insert(path, key);
    }

    fn begin_handshake(&mut self, key: Key, now: Micros) {
        let (Some(connection), Some(settings)) = (self.connections.get_mut(key), &self.settings)
        else {
            return;
        };
        let done = connection.transport.start_if_ours(settings, now, &mut self.control);
        self.after_handshake(key, done, now);
    }

    /// Something authenticated came.
    pub(crate) fn heard(&mut self, key: Key, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let first = connection.last_heard.replace(now).is_none();
        if first {
            connection.due.consent = now.plus_millis(SILENT_MS);
            self.tell_state(key, PeerState::Reached);
            self.arm(key);
        } else if matches!(connection.state, Some(PeerState::Silent | PeerState::Lost)) {
            let back = if connection.transport.is_connected() {
                PeerState::Connected
            } else {
                PeerState::Reached
            };
            self.tell_state(key, back);
        }
    }

    /// Looks at how long ago something authenticated came; when to look again. `None`: forgotten.
    pub(crate) fn check_consent(&mut self, key: Key, now: Micros) -> Option<Micros> {
        let heard = self.connections.get(key)?.last_heard?;
        let (state, next_ms) = match now.since(heard) / 1_000 {
            silent if silent >= GONE_MS => {
                self.give_up(key, crate::api::event::GoneReason::Silent, now);
                return None;
            }
            silent if silent >= LOST_MS => (Some(PeerState::Lost), GONE_MS),
            silent if silent >= SILENT_MS => (Some(PeerState::Silent), LOST_MS),
            _ => (None, SILENT_MS),
        };
        if let Some(state) = state {
            self.tell_state(key, state);
        }
        Some(heard.plus_millis(next_ms))
    }

    /// Tells the edge when media can flow.
    pub(crate) fn note_connected(&mut self, key: Key, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if !connection.transport.is_connected()
            || !matches!(connection.state, None | Some(PeerState::Reached))
        {
            return;
        }
        connection.due.report = now.plus_millis(crate::reports::INTERVAL_MS);
        let mut at = 0;
        self.tell_state(key, PeerState::Connected);
        self.begin_silence(key, now);
        // Pictures that waited for this receiver need a key frame now.
        while let Some(track) = self.connections.get(key).and_then(|connection| {
            connection.sends.get(at).map(|send| send.as_ref().map(|send| send.track))
        }) {
            if let Some(track) = track {
                self.review_track(track, now);
            }
            at = at.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_told_apart_by_its_first_bytes() {
        let classes = [
            (&[][..], Class::Unknown),
            (&[0, 1], Class::Check),
            (&[22, 254], Class::Handshake),
            (&[128, 96], Class::Media),
            (&[144, 224], Class::Media),
            (&[128, 200], Class::Reports),
            (&[128, 192], Class::Reports),
            (&[100, 0], Class::Unknown),
            (&[128], Class::Media),
        ];
        for (datagram, class) in classes {
            assert_eq!(Class::of(datagram), class, "{datagram:?}");
        }
    }
}
