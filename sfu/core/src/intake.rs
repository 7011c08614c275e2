//! A packet of media from a connection: opened, read once, kept in the cache of its stream, and put
//! on the lists of those who get it.

use signaling::limits::STREAMS_PER_PEER_MAX;

use crate::api::event::Event;
use crate::api::media::Codec;
use crate::arena::Key;
use crate::connection::{Connection, Meaning, Pending, Route, Stream};
use crate::forward::cache::Packet;
use crate::forward::loss::Arrived;
use crate::forward::track::{Incoming, Origin, Track};
use crate::peer::srtp::index_of;
use crate::sfu::Sfu;
use crate::time::Micros;
use crate::wire::keyframe::describe;
use crate::wire::rtp::{Header, Seen};
use crate::wire::u16_at;

/// An opened packet, its header and what its extensions say.
struct Opened<'a> {
    header: Header,
    seen: Seen,
    payload: &'a [u8],
    index: u64,
    meaning: Meaning,
}

impl Sfu {
    pub(crate) fn receive_media(&mut self, key: Key, datagram: &mut [u8], now: Micros) {
        let Some((opened, known)) = self.open(key, datagram, now) else { return };
        self.heard(key, now);
        if let Some(connection) = self.connections.get_mut(key) {
            connection.transport.heard_media();
        }
        let route = known.or_else(|| self.resolve(key, &opened));
        let Some(route) = route else { return };
        self.take_in(key, route, &opened, now);
    }

    /// Authenticates and reads. Nothing is written down before the tag is right.
    fn open<'a>(
        &mut self,
        key: Key,
        datagram: &'a mut [u8],
        now: Micros,
    ) -> Option<(Opened<'a>, Option<Route>)> {
        let connection = self.connections.get_mut(key)?;
        if !connection.transport.is_connected() {
            return None;
        }
        let header = Header::parse(datagram)?;
        let known = connection.streams.get(&header.ssrc);
        if known.is_none() && connection.streams.len() >= STREAMS_PER_PEER_MAX {
            return None;
        }
        let mut stream = known.copied().unwrap_or_default();
        let index = index_of(stream.window.highest(), header.sequence)?;
        if !stream.window.admits(index) {
            return None;
        }
        let len = connection.transport.open_rtp(datagram, header.len, header.ssrc, index)?;
        stream.window.mark(index);
        let route = stream.route;
        connection.streams.insert(header.ssrc, stream);
        let packet = datagram.get(..len)?;
        let meaning = connection.meaning(header.payload_type);
        // Of other codecs it would name pictures that are left out on purpose.
        let is_av1 = meaning.is_some_and(|meaning| meaning.codec == Codec::Av1);
        let seen = Seen::read(&header, packet, &connection.extensions, is_av1);
        if let Some(number) = seen.transport_cc {
            let due = connection.arrivals.note(number, header.ssrc, now);
            if due < connection.due.arrivals {
                connection.due.arrivals = due;
                self.arm(key);
            }
        }
        let meaning = meaning?;
        let payload = header.payload(packet)?;
        Some((Opened { header, seen, payload, index, meaning }, route))
    }

    /// Where a stream belongs that was not declared: by its names, else by its payload type when
    /// one track only may have it.
    fn resolve(&mut self, key: Key, opened: &Opened<'_>) -> Option<Route> {
        let connection = self.connections.get(key)?;
        let tracks = || {
            let tracks = &self.tracks;
            connection.tracks.iter().filter_map(move |at| Some((*at, tracks.get(*at)?)))
        };
        let is_repair = opened.meaning.is_repair;
        let rid = if is_repair { opened.seen.repaired_rid } else { opened.seen.rid };
        let carries = |track: &Track| {
            track.media.formats.iter().any(|format| {
                let number = if is_repair { format.rtx } else { Some(format.payload_type) };
                number == Some(opened.header.payload_type)
            })
        };
        let (track, layer) = match (opened.seen.mid, rid) {
            (mid, Some(rid)) => {
                let named = |track: &Track| mid.is_none_or(|mid| track.media.mid == mid);
                tracks()
                    .filter(|(_, track)| named(track))
                    .find_map(|(at, track)| Some((at, track.layer_of(&rid)?)))?
            }
            (Some(mid), None) => {
                let (at, track) = tracks().find(|(_, track)| track.media.mid == mid)?;
                // Without a layer's name only a track of one layer is meant.
                (track.layers.len() == 1).then_some((at, 0))?
            }
            (None, None) => {
                let mut fitting = tracks().filter(|(_, track)| {
                    carries(track) && track.layers.len() == 1 && track.media.ssrcs.is_empty()
                });
                let (at, _) = fitting.next()?;
                fitting.next().is_none().then_some((at, 0))?
            }
        };
        let route = Route { track, layer, is_repair };
        let stream: &mut Stream =
            self.connections.get_mut(key)?.streams.get_mut(&opened.header.ssrc)?;
        stream.route = Some(route);
        Some(route)
    }

    fn take_in(&mut self, key: Key, route: Route, opened: &Opened<'_>, now: Micros) {
        if route.is_repair {
            self.take_in_repair(key, route, opened, now);
            return;
        }
        if opened.meaning.is_repair || !self.ready_layer(route, opened, now) {
            return;
        }
        let packet = Packet {
            index: opened.index,
            timestamp: opened.header.timestamp,
            marker: opened.header.marker,
            codec: opened.meaning.codec,
            descriptor: describe(opened.meaning.codec, opened.payload),
            arrived: now,
        };
        self.route(key, route, (packet, Origin::Sent), (opened.payload, &opened.seen));
    }

    /// A repair carries the number of the packet that it repeats in front of the payload. One
    /// without is a probe: it has counted, and that is all.
    fn take_in_repair(&mut self, key: Key, route: Route, opened: &Opened<'_>, now: Micros) {
        let Some(original) = u16_at(opened.payload, 0) else { return };
        let payload = opened.payload.get(2..).unwrap_or_default();
        let Some(track) = self.tracks.get_mut(route.track) else { return };
        let Some(incoming) = track.layer_mut(route.layer) else { return };
        incoming.repair_ssrc = Some(opened.header.ssrc);
        let Some(index) = index_of(incoming.loss.highest(), original) else { return };
        let codec = incoming.codec;
        let packet = Packet {
            index,
            timestamp: opened.header.timestamp,
            marker: opened.header.marker,
            codec,
            descriptor: describe(codec, payload),
            arrived: now,
        };
        self.route(key, route, (packet, Origin::Repaired), (payload, &opened.seen));
    }

    /// Sees to it that the layer has a stream, and that it is this one.
    fn ready_layer(&mut self, route: Route, opened: &Opened<'_>, now: Micros) -> bool {
        let Some(track) = self.tracks.get_mut(route.track) else { return false };
        let (ssrc, codec) = (opened.header.ssrc, opened.meaning.codec);
        if codec.kind() != track.kind {
            return false;
        }
        let (track_id, rid) = (track.id, track.media.rids.get(usize::from(route.layer)).copied());
        let Some(layer) = track.layers.get_mut(usize::from(route.layer)) else { return false };
        match layer {
            Some(incoming) if incoming.ssrc == ssrc => {
                incoming.codec = codec;
                return true;
            }
            _ => *layer = Some(Box::new(Incoming::new(ssrc, codec, opened.meaning.nack, now))),
        }
        let layer = route.layer;
        self.tell(Event::TrackStarted { track: track_id, layer, rid, ssrc, codec });
        self.review_track(route.track, now);
        true
    }

    /// Keeps a packet and puts it on the lists of those who get it.
    fn route(
        &mut self,
        owner: Key,
        route: Route,
        (packet, origin): (Packet, Origin),
        (payload, seen): (&[u8], &Seen),
    ) {
        let Some(track) = self.tracks.get_mut(route.track) else { return };
        if let Some(level) = seen.audio_level.filter(|_| !track.muted) {
            track.loudness.note(level);
        }
        let muted = track.muted;
        let Some(incoming) = track.layer_mut(route.layer) else { return };
        match incoming.note(&packet, payload.len(), origin) {
            Arrived::Again => return,
            Arrived::Next { skipped: 0 } | Arrived::Late => {}
            Arrived::Next { .. } => self.ask_for_missing(owner, route),
            Arrived::Afresh => self.want_key_frame(route.track, route.layer),
        }
        let Some(track) = self.tracks.get_mut(route.track) else { return };
        let Some(incoming) = track.layer_mut(route.layer) else { return };
        if incoming.cache.put(packet, payload, seen.kept.as_bytes()).is_none() || muted {
            return;
        }
        let bit = 1_u8.checked_shl(route.layer.into()).unwrap_or(0);
        for output in track.outputs.iter().filter(|output| output.layers & bit != 0) {
            if let Some(receiver) = self.connections.get_mut(output.to) {
                let pending =
                    Pending::Media { send: output.send, layer: route.layer, index: packet.index };
                list(receiver, &mut self.listed, output.to, pending);
            }
        }
    }

    fn ask_for_missing(&mut self, owner: Key, route: Route) {
        let due = self
            .tracks
            .get(route.track)
            .and_then(|track| track.layer(route.layer))
            .map_or(Micros::NEVER, |incoming| incoming.loss.due());
        if let Some(owner) = self.connections.get_mut(owner) {
            owner.due.missing = owner.due.missing.min(due);
        }
        self.arm(owner);
    }
}

/// Puts a packet on a receiver's list, and the receiver on the list of those.
pub(crate) fn list(
    receiver: &mut Connection,
    listed: &mut std::collections::VecDeque<Key>,
    key: Key,
    pending: Pending,
) {
    if receiver.push(pending) && !receiver.is_listed {
        receiver.is_listed = true;
        listed.push_back(key);
    }
}
