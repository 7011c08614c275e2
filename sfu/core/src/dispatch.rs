//! From the lists to datagrams: receiver by receiver, so that what goes to one address lies
//! together. Also here: which layer each receiver of a track should get.

use signaling::limits::LAYERS_LOWERED_DELAY_MS;

use crate::api::event::Event;
use crate::api::media::Kind;
use crate::arena::Key;
use crate::connection::{Connection, Pending};
use crate::intake::list;
use crate::send::{Desk, Load, Stamps, Written};
use crate::sfu::Sfu;
use crate::time::Micros;

/// What became of the first entry of a list.
enum Step {
    Done,
    /// It is done, and its stream took over: another layer is of concern from now on.
    Switched {
        track: Key,
        layer: u8,
        index: u64,
    },
    /// There is no room in the batch.
    Full,
}

impl Sfu {
    /// Writes until the batch is full or the lists are empty.
    pub(crate) fn write_pending(&mut self, now: Micros) {
        while let Some(key) = self.listed.front().copied() {
            while let Some(pending) = self.connections.get_mut(key).and_then(Connection::pop) {
                match self.write_one(key, pending, now) {
                    Step::Done => {}
                    Step::Switched { track, layer, index } => {
                        self.after_switch(key, (track, layer), index, now);
                    }
                    Step::Full => {
                        if let Some(connection) = self.connections.get_mut(key) {
                            connection.push_front(pending);
                        }
                        return;
                    }
                }
            }
            self.listed.pop_front();
            if let Some(connection) = self.connections.get_mut(key) {
                connection.is_listed = false;
            }
        }
    }

    fn write_one(&mut self, key: Key, pending: Pending, now: Micros) -> Step {
        if self.media.is_full() && self.media.has_waiting() {
            return Step::Full;
        }
        let since_1900 = self.since_1900_us(now);
        let Some(connection) = self.connections.get_mut(key) else { return Step::Done };
        let (Pending::Media { send: place, .. } | Pending::Repair { send: place, .. }) = pending;
        let takes = [Kind::Audio, Kind::Video].map(|kind| connection.takes(kind, now));
        let (transport, sends) = (&connection.transport, &mut connection.sends);
        let Some(send) = sends.get_mut(usize::from(place)).and_then(Option::as_mut) else {
            return Step::Done;
        };
        let Some(track) = self.tracks.get(send.track) else { return Step::Done };
        let [takes_audio, takes_video] = takes;
        let takes = if track.kind == Kind::Audio { takes_audio } else { takes_video };
        let Some(way) = transport.way().filter(|_| takes) else { return Step::Done };
        let stamps = Stamps {
            transport_cc: connection.transport_cc,
            abs_send_time: abs_send_time(since_1900),
        };
        let desk = Desk { transport, stamps };
        let mut written = Written::Nothing;
        self.media.push_with(way, |room| {
            written = match pending {
                Pending::Media { layer, index, .. } => {
                    let incoming = track.layer(layer)?;
                    let cached = incoming.cache.get(index)?;
                    send.write(Load { layer, incoming, cached }, desk, room)
                }
                Pending::Repair { sequence, .. } => {
                    let incoming = track.layer(send.layer_of(sequence)?)?;
                    Written::Packet(send.write_repair(incoming, sequence, desk, room)?)
                }
            };
            match written {
                Written::Packet(len) | Written::Switched(len) => Some(len),
                Written::Nothing => None,
            }
        });
        let (track, numbered) = (send.track, send.media.extensions.transport_cc);
        if let (Written::Packet(len) | Written::Switched(len), Some(_)) = (written, numbered) {
            let number = connection.transport_cc;
            connection.transport_cc = number.wrapping_add(1);
            connection.estimate.sent(number, len, now);
            let is_repair = matches!(pending, Pending::Repair { .. });
            if is_repair && connection.probe_left > 0 {
                connection.note_probe(number);
            }
        }
        match (written, pending) {
            (Written::Switched(_), Pending::Media { layer, index, .. }) => {
                Step::Switched { track, layer, index }
            }
            _ => Step::Done,
        }
    }

    /// A stream took over: what was of the old one is of no concern any more, and what followed the
    /// first packet and came before it (a late one) goes out too.
    fn after_switch(&mut self, to: Key, (track, layer): (Key, u8), index: u64, now: Micros) {
        self.note_layers(to, track);
        let Some(connection) = self.connections.get_mut(to) else { return };
        let Some(place) = connection.send_of_track(track) else { return };
        let highest = self
            .tracks
            .get(track)
            .and_then(|track| track.layer(layer))
            .and_then(|incoming| incoming.loss.highest())
            .unwrap_or(index);
        for index in index.saturating_add(1)..=highest {
            list(connection, &mut self.listed, to, Pending::Media { send: place, layer, index });
        }
        self.tell_wanted(track, now);
    }

    /// Brings the track's list of receivers up to date with what one of them is concerned with.
    fn note_layers(&mut self, to: Key, track: Key) {
        let Some(connection) = self.connections.get(to) else { return };
        let Some(track) = self.tracks.get_mut(track) else { return };
        for output in track.outputs.iter_mut().filter(|output| output.to == to) {
            if let Some(send) = connection.send(output.send) {
                output.layers = send.selector.layers();
            }
        }
    }

    /// Looks at which layer each receiver of a track should get, and asks for key frames.
    pub(crate) fn review_track(&mut self, key: Key, now: Micros) {
        let Some(track) = self.tracks.get_mut(key) else { return };
        let mut best = [0; 4];
        for (layer_max, best) in (0..).zip(&mut best) {
            *best = track.best_layer(layer_max, now);
        }
        let (muted, kind) = (track.muted, track.kind);
        let mut wanted = 0_u8;
        for output in &mut track.outputs {
            let Some(receiver) = self.connections.get_mut(output.to) else { continue };
            let takes = receiver.takes(kind, now);
            let Some(send) = receiver.send_mut(output.send) else { continue };
            let wish = send.media.wish;
            let layer = best.get(usize::from(wish.layer_max)).or(best.last()).copied();
            let granted = send.granted;
            let layer = layer.zip(granted).map(|(layer, granted)| layer.min(granted));
            let target = layer.filter(|_| takes && !muted && !wish.paused);
            send.selector.aim(target, wish.temporal_max);
            output.layers = send.selector.layers();
            if let Some(layer) = send.selector.waits_for() {
                wanted |= 1_u8.checked_shl(layer.into()).unwrap_or(0);
            }
        }
        for layer in (0..8).filter(|layer| wanted >> layer & 1 == 1) {
            self.want_key_frame(key, layer);
        }
        self.tell_wanted(key, now);
    }

    /// Somebody needs a key frame of that layer.
    pub(crate) fn want_key_frame(&mut self, track: Key, layer: u8) {
        let Some(track) = self.tracks.get_mut(track) else { return };
        let owner = track.owner;
        let Some(incoming) = track.layer_mut(layer) else { return };
        incoming.key_frames.want();
        let due = incoming.key_frames.due();
        if let Some(owner) = self.connections.get_mut(owner) {
            owner.due.key_frame = owner.due.key_frame.min(due);
        }
        self.arm(owner);
    }

    /// Tells the edge the highest layer that is wanted: at once when it rises, after a while when
    /// it falls.
    fn tell_wanted(&mut self, key: Key, now: Micros) {
        let Some(track) = self.tracks.get_mut(key).filter(|track| track.kind == Kind::Video) else {
            return;
        };
        let wanted = track
            .outputs
            .iter()
            .filter_map(|output| self.connections.get(output.to)?.send(output.send))
            .map(|send| send.media.wish)
            .filter(|wish| !wish.paused)
            .map(|wish| wish.layer_max.min(2))
            .max();
        if wanted >= track.told_wanted {
            track.lower_since = None;
            if wanted == track.told_wanted {
                return;
            }
        } else {
            let since = *track.lower_since.get_or_insert(now);
            if now.since(since) < LAYERS_LOWERED_DELAY_MS.saturating_mul(1_000) {
                return;
            }
            track.lower_since = None;
        }
        track.told_wanted = wanted;
        let track = track.id;
        self.tell(Event::LayersWanted { track, layer_max: wanted });
    }
}

/// Seconds in 6.18 fixed point.
pub(crate) fn abs_send_time(us: u64) -> u32 {
    let ticks = (us % 64_000_000).wrapping_shl(18) / 1_000_000;
    u32::try_from(ticks & 0xff_ffff).unwrap_or(0)
}
