//! Which layer of a track one receiver gets, packet by packet.

use crate::api::media::Kind;
use crate::forward::cache::Packet;

/// What is to be done with a packet for one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It goes on.
    Forward,
    /// Its stream takes over with it.
    Switch,
    /// It is of the receiver's stream, but left out.
    LeaveOut,
    /// It is of no concern.
    Ignore,
}

/// What one receiver gets of one track.
#[derive(Debug)]
pub(crate) struct Selector {
    kind: Kind,
    /// Layer and SSRC of the stream that it gets.
    current: Option<(u8, u32)>,
    /// The layer that it should get.
    target: Option<u8>,
    temporal: u8,
    temporal_target: u8,
}

impl Selector {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, current: None, target: None, temporal: 0, temporal_target: 3 }
    }

    /// The layer that it gets.
    pub(crate) fn current(&self) -> Option<u8> {
        self.current.map(|(layer, _)| layer)
    }

    /// It should get this layer, or nothing. Nothing comes at once, a layer with its next key frame.
    pub(crate) fn aim(&mut self, target: Option<u8>, temporal: u8) {
        self.target = target;
        self.temporal_target = temporal;
        if target.is_none() {
            self.current = None;
        }
    }

    /// The SSRC of the stream that it gets.
    pub(crate) fn stream(&self) -> Option<u32> {
        self.current.map(|(_, ssrc)| ssrc)
    }

    /// The highest temporal layer that it gets now.
    pub(crate) fn temporal(&self) -> u8 {
        self.temporal
    }

    /// Nothing goes out until the key frame of the layer that it should get.
    pub(crate) fn stop(&mut self) {
        self.current = None;
    }

    /// The layer whose key frame it waits for.
    pub(crate) fn waits_for(&self) -> Option<u8> {
        let target = self.target.filter(|_| self.kind == Kind::Video)?;
        (self.current() != Some(target)).then_some(target)
    }

    /// Layers of which packets are of concern, as bits.
    pub(crate) fn layers(&self) -> u8 {
        let bit =
            |layer: Option<u8>| layer.and_then(|layer| 1_u8.checked_shl(layer.into())).unwrap_or(0);
        bit(self.current()) | bit(self.target)
    }

    /// What to do with a packet of this layer and stream; `is_newest`: none later has come.
    pub(crate) fn decide(
        &mut self,
        (layer, stream): (u8, u32),
        packet: &Packet,
        is_newest: bool,
    ) -> Decision {
        if self.current == Some((layer, stream)) {
            return self.within(packet, is_newest);
        }
        let begins = match self.kind {
            Kind::Audio => is_newest,
            Kind::Video => packet.descriptor.key_frame,
        };
        if self.target != Some(layer) || !begins {
            return Decision::Ignore;
        }
        self.current = Some((layer, stream));
        self.temporal = self.temporal_target;
        Decision::Switch
    }

    /// Temporal layers come and go between two pictures that came in order, so that none is cut.
    fn within(&mut self, packet: &Packet, is_newest: bool) -> Decision {
        let seen = &packet.descriptor;
        let between = seen.frame_start && is_newest;
        if between {
            self.temporal = self.temporal.min(self.temporal_target);
        }
        if seen.temporal <= self.temporal {
            return Decision::Forward;
        }
        if seen.temporal <= self.temporal_target && seen.sync && between {
            self.temporal = self.temporal_target;
            return Decision::Forward;
        }
        Decision::LeaveOut
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::media::Codec;
    use crate::time::Micros;
    use crate::wire::vp8::Descriptor;

    fn packet(key_frame: bool, temporal: u8, sync: bool) -> Packet {
        Packet {
            index: 0,
            timestamp: 0,
            marker: false,
            codec: Codec::Vp8,
            descriptor: Descriptor {
                key_frame,
                frame_start: true,
                temporal,
                sync,
                ..Descriptor::default()
            },
            arrived: Micros(0),
        }
    }

    #[test]
    fn a_layer_takes_over_with_a_key_frame_and_the_old_one_goes_on_until_then() {
        let mut chosen = Selector::new(Kind::Video);
        chosen.aim(Some(0), 3);
        assert_eq!(chosen.decide((0, 7), &packet(false, 0, false), true), Decision::Ignore);
        assert_eq!(chosen.waits_for(), Some(0));
        assert_eq!(chosen.decide((0, 7), &packet(true, 0, false), true), Decision::Switch);
        chosen.aim(Some(2), 3);
        assert_eq!((chosen.layers(), chosen.waits_for()), (0b101, Some(2)));
        assert_eq!(chosen.decide((0, 7), &packet(false, 0, false), true), Decision::Forward);
        assert_eq!(chosen.decide((1, 8), &packet(true, 0, false), true), Decision::Ignore);
        assert_eq!(chosen.decide((2, 9), &packet(true, 0, false), true), Decision::Switch);
        assert_eq!(chosen.decide((0, 7), &packet(true, 0, false), true), Decision::Ignore);
        assert_eq!((chosen.layers(), chosen.waits_for()), (0b100, None));
    }

    #[test]
    fn a_stream_that_begins_anew_needs_a_key_frame_again() {
        let mut chosen = Selector::new(Kind::Video);
        chosen.aim(Some(0), 3);
        chosen.decide((0, 7), &packet(true, 0, false), true);
        assert_eq!(chosen.decide((0, 8), &packet(false, 0, false), true), Decision::Ignore);
        assert_eq!(chosen.decide((0, 8), &packet(true, 0, false), true), Decision::Switch);
    }

    #[test]
    fn temporal_layers_go_down_at_once_and_up_where_it_is_possible() {
        let mut chosen = Selector::new(Kind::Video);
        chosen.aim(Some(0), 0);
        chosen.decide((0, 7), &packet(true, 0, false), true);
        assert_eq!(chosen.decide((0, 7), &packet(false, 1, true), true), Decision::LeaveOut);
        chosen.aim(Some(0), 2);
        assert_eq!(chosen.decide((0, 7), &packet(false, 1, false), true), Decision::LeaveOut);
        assert_eq!(chosen.decide((0, 7), &packet(false, 1, true), true), Decision::Forward);
        assert_eq!(chosen.decide((0, 7), &packet(false, 2, false), true), Decision::Forward);
    }

    #[test]
    fn sound_begins_with_any_packet() {
        let mut chosen = Selector::new(Kind::Audio);
        chosen.aim(Some(0), 0);
        assert_eq!(chosen.decide((0, 7), &packet(false, 0, false), true), Decision::Switch);
        assert_eq!(chosen.waits_for(), None);
        chosen.aim(None, 0);
        assert_eq!(chosen.decide((0, 7), &packet(false, 0, false), true), Decision::Ignore);
    }
}
