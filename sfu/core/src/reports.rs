//! Reports and requests both ways (RTCP), and what a connection does when its time has come.

use crate::api::event::{Event, PeerStats, Refused, TrackStats};
use crate::arena::Key;
use crate::connection::{Connection, Pending};
use crate::forward::track::{ntp_to_us, us_to_ntp};
use crate::ids::PeerId;
use crate::intake::list;
use crate::sfu::Sfu;
use crate::time::Micros;
use crate::wire::Writer;
use crate::wire::rtcp::{
    self, Packet, REPORTS_MAX, Report, SenderReport, write_nack, write_pli, write_receiver_report,
    write_sender_report,
};

/// Time between two reports.
pub(crate) const INTERVAL_MS: u64 = 1_000;
/// Bytes of one compound, so that it fits everywhere when it is sealed.
const COMPOUND_BYTES_MAX: usize = 1_150;
const NACKS_MAX: usize = 128;
/// Sender reports in one compound.
const SENDER_REPORTS_MAX: usize = 40;
/// Packets that one compound may ask for; a peer that asks for more is not heard further.
const ASKED_MAX: usize = 1_024;

impl Sfu {
    /// Everything of a connection whose time has come.
    pub(crate) fn tick_connection(&mut self, key: Key, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.due.armed = Micros::NEVER;
        if connection.transport.deadline() <= now {
            let Some(settings) = &self.settings else { return };
            let done = connection.transport.tick(settings, now, &mut self.control);
            self.after_handshake(key, done, now);
        }
        if self.is_due(key, now, |connection| connection.due.arrivals) {
            self.send_arrivals(key);
        }
        if self.is_due(key, now, |connection| connection.due.missing) {
            self.send_nacks(key, now);
        }
        if self.is_due(key, now, |connection| connection.due.key_frame) {
            self.send_plis(key, now);
        }
        if self.is_due(key, now, |connection| connection.due.report) {
            self.send_reports(key, now);
            // Who gets nothing tells nothing: what is paused is tried again without being asked.
            self.allocate(key, false, now);
        }
        if self.is_due(key, now, |connection| connection.due.silence) {
            self.send_silence(key, now);
        }
        if self.is_due(key, now, |connection| connection.due.consent) {
            let next = self.check_consent(key, now);
            if let (Some(connection), Some(next)) = (self.connections.get_mut(key), next) {
                connection.due.consent = next;
            }
        }
        self.arm(key);
    }

    fn is_due(&self, key: Key, now: Micros, of: impl Fn(&Connection) -> Micros) -> bool {
        self.connections.get(key).is_some_and(|connection| of(connection) <= now)
    }

    fn send_arrivals(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.due.arrivals = Micros::NEVER;
        let (arrivals, reporter) = (&mut connection.arrivals, connection.reporter);
        let mut more = Some(true);
        while more == Some(true) {
            more = None;
            connection.transport.send_rtcp(&mut self.control, |room| {
                compound(room, |writer| {
                    more = arrivals.write(writer, reporter);
                    more.map(|_| ())
                })
            });
        }
    }

    fn send_nacks(&mut self, key: Key, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let (transport, reporter) = (&mut connection.transport, connection.reporter);
        let mut due = Micros::NEVER;
        for track in &connection.tracks {
            let Some(track) = self.tracks.get_mut(*track) else { continue };
            for incoming in track.layers.iter_mut().flatten() {
                let mut missing = [0; NACKS_MAX];
                let (count, gave_up) = incoming.loss.ask(now, &mut missing);
                if gave_up && incoming.codec.kind() == crate::api::media::Kind::Video {
                    incoming.key_frames.want();
                    connection.due.key_frame =
                        connection.due.key_frame.min(incoming.key_frames.due());
                }
                due = due.min(incoming.loss.due());
                let Some(missing) = missing.get(..count).filter(|missing| !missing.is_empty())
                else {
                    continue;
                };
                transport.send_rtcp(&mut self.control, |room| {
                    compound(room, |writer| write_nack(writer, reporter, incoming.ssrc, missing))
                });
            }
        }
        connection.due.missing = due;
    }

    fn send_plis(&mut self, key: Key, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let (transport, reporter) = (&mut connection.transport, connection.reporter);
        let mut due = Micros::NEVER;
        for track in &connection.tracks {
            let Some(track) = self.tracks.get_mut(*track) else { continue };
            for incoming in track.layers.iter_mut().flatten() {
                if incoming.key_frames.ask(now) {
                    transport.send_rtcp(&mut self.control, |room| {
                        compound(room, |writer| write_pli(writer, reporter, incoming.ssrc))
                    });
                }
                due = due.min(incoming.key_frames.due());
            }
        }
        connection.due.key_frame = due;
    }

    fn send_reports(&mut self, key: Key, now: Micros) {
        let since_1900 = self.since_1900_us(now);
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.due.report = now.plus_millis(INTERVAL_MS);
        let mut reports = [Report::default(); REPORTS_MAX];
        let mut count = 0;
        for track in &connection.tracks {
            let Some(track) = self.tracks.get_mut(*track) else { continue };
            for incoming in track.layers.iter_mut().flatten() {
                if let (Some(report), Some(place)) = (incoming.report(now), reports.get_mut(count))
                {
                    *place = report;
                    count = count.saturating_add(1);
                }
            }
        }
        let reporter = connection.reporter;
        if let Some(reports) = reports.get(..count).filter(|reports| !reports.is_empty()) {
            connection.transport.send_rtcp(&mut self.control, |room| {
                compound(room, |writer| write_receiver_report(writer, reporter, reports))
            });
        }
        self.send_sender_reports(key, since_1900);
    }

    /// Our clock against the timestamps of each stream that goes to this receiver: as the sender
    /// told them, moved to our clock, so that sound and picture stay together.
    fn send_sender_reports(&mut self, key: Key, since_1900: u64) {
        let mut reports = std::mem::take(&mut self.sender_reports);
        reports.clear();
        if let Some(connection) = self.connections.get(key) {
            let told = connection.sends.iter().flatten().filter_map(|send| {
                let track = self.tracks.get(send.track)?;
                let offset = self.connections.get(track.owner)?.clock_offset_us?;
                let incoming = track.layer(send.selector.current()?)?;
                let incoming_now = incoming.timestamp_at(since_1900, offset)?;
                Some(SenderReport {
                    ssrc: send.media.ssrcs.media,
                    ntp: us_to_ntp(since_1900),
                    rtp: incoming_now.wrapping_add(send.timestamp_more()?),
                    packets: low_32(send.counters.packets),
                    octets: low_32(send.counters.bytes),
                })
            });
            reports.extend(told);
        }
        if let Some(connection) = self.connections.get_mut(key) {
            for reports in reports.chunks(SENDER_REPORTS_MAX) {
                connection.transport.send_rtcp(&mut self.control, |room| {
                    compound(room, |writer| {
                        reports.iter().try_for_each(|report| write_sender_report(writer, report))
                    })
                });
            }
        }
        self.sender_reports = reports;
    }

    /// A compound from a verified address.
    pub(crate) fn receive_reports(&mut self, key: Key, datagram: &mut [u8], now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if !connection.transport.is_connected() {
            return;
        }
        let Some(len) = connection.transport.open_rtcp(datagram) else { return };
        let Some(compound) = datagram.get(..len) else { return };
        connection.transport.heard_media();
        self.heard(key, now);
        let mut asked = 0;
        for packet in rtcp::packets(compound) {
            match packet {
                Packet::SenderReport { ssrc, ntp, rtp, reports } => {
                    self.note_clock(key, (ssrc, ntp, rtp), now);
                    self.note_reports(key, reports.iter(), now);
                }
                Packet::ReceiverReport { reports } => self.note_reports(key, reports.iter(), now),
                Packet::Nack { media, missing } => {
                    self.note_nack(key, media, missing.iter(), &mut asked);
                }
                Packet::Pli { media } => self.note_pli(key, media),
                Packet::Fir { entries } => {
                    rtcp::fir_streams(entries).for_each(|media| self.note_pli(key, media));
                }
                Packet::TransportCc(feedback) => {
                    let Some(connection) = self.connections.get_mut(key) else { return };
                    let fell = connection.estimate.feedback(feedback, now);
                    self.allocate(key, fell, now);
                }
                Packet::Remb { bits_per_second } => {
                    let Some(connection) = self.connections.get_mut(key) else { return };
                    connection.estimate.told(bits_per_second);
                    self.allocate(key, false, now);
                }
                Packet::Bye | Packet::Other => {}
            }
        }
    }

    /// A sender told its clocks. The distance to ours is the least one seen lately: what is more is
    /// delay on the way.
    fn note_clock(&mut self, key: Key, (ssrc, ntp, rtp): (u32, u64, u32), now: Micros) {
        const SLOWLY: i64 = 64;
        let since_1900 = self.since_1900_us(now);
        let Some(connection) = self.connections.get_mut(key) else { return };
        let sample = since_1900.wrapping_sub(ntp_to_us(ntp)).cast_signed();
        connection.clock_offset_us = Some(match connection.clock_offset_us {
            Some(before) if sample > before => {
                let more = sample.saturating_sub(before).checked_div(SLOWLY).unwrap_or(0);
                before.saturating_add(more)
            }
            _ => sample,
        });
        let Some(route) = connection.streams.get(&ssrc).and_then(|stream| stream.route) else {
            return;
        };
        if let Some(incoming) =
            self.tracks.get_mut(route.track).and_then(|track| track.layer_mut(route.layer))
        {
            incoming.note_clock(ntp, rtp, now);
        }
    }

    fn note_reports(&mut self, key: Key, reports: impl Iterator<Item = Report>, now: Micros) {
        let since_1900 = self.since_1900_us(now);
        let Some(connection) = self.connections.get_mut(key) else { return };
        for report in reports {
            if let Some(round_trip) = round_trip_us(since_1900, &report) {
                let before = connection.round_trip_us.unwrap_or(round_trip);
                let smoothed = before.saturating_mul(7).saturating_add(round_trip) / 8;
                connection.round_trip_us = Some(smoothed);
            }
            let Some(place) = connection.send_of.get(&report.ssrc).copied() else { continue };
            let Some(send) = connection.send_mut(place) else { continue };
            send.counters.fraction_lost = report.fraction_lost;
            send.counters.lost = u64::try_from(report.lost).unwrap_or(0);
            send.counters.jitter_ticks = report.jitter;
        }
    }

    fn note_nack(
        &mut self,
        key: Key,
        media: u32,
        missing: impl Iterator<Item = u16>,
        asked: &mut usize,
    ) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let Some(place) = connection.send_of.get(&media).copied() else { return };
        for sequence in missing {
            *asked = asked.saturating_add(1);
            if *asked > ASKED_MAX {
                return;
            }
            if let Some(send) = connection.send_mut(place) {
                send.counters.nacks = send.counters.nacks.saturating_add(1);
            }
            list(connection, &mut self.listed, key, Pending::Repair { send: place, sequence });
        }
    }

    fn note_pli(&mut self, key: Key, media: u32) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let Some(place) = connection.send_of.get(&media).copied() else { return };
        let Some(send) = connection.send_mut(place) else { return };
        send.counters.plis = send.counters.plis.saturating_add(1);
        let (track, layer) = (send.track, send.selector.current());
        if let Some(layer) = layer {
            self.want_key_frame(track, layer);
        }
    }

    pub(crate) fn stats(&mut self, peer: PeerId) -> Result<(), Refused> {
        let key = self.connection_key(peer)?;
        let connection = self.connections.get(key).ok_or(Refused::Unknown)?;
        let received = connection.tracks.iter().filter_map(|key| {
            let track = self.tracks.get(*key)?;
            let mut stats = TrackStats { track: Some(track.id), ..TrackStats::default() };
            for incoming in track.layers.iter().flatten() {
                let counters = &incoming.counters;
                stats.packets = stats.packets.saturating_add(counters.packets);
                stats.bytes = stats.bytes.saturating_add(counters.bytes);
                stats.packets_lost = stats.packets_lost.saturating_add(incoming.lost());
                stats.packets_repaired = stats.packets_repaired.saturating_add(counters.repaired);
                stats.nacks = stats.nacks.saturating_add(incoming.loss.asked);
                stats.plis = stats.plis.saturating_add(incoming.key_frames.asked);
                stats.loss = stats.loss.max(f32::from(counters.fraction_lost) / 256.0);
                stats.jitter_us = stats.jitter_us.max(incoming.jitter_us());
            }
            Some(stats)
        });
        let sent = connection.sends.iter().flatten().filter_map(|send| {
            let codec = send.media.formats.first()?.codec;
            Some(send.stats(codec.clock_hz()))
        });
        let stats = PeerStats {
            peer: Some(peer),
            rtt_us: connection.round_trip_us,
            downlink_bits_per_second: connection.estimate.bps(),
            received: received.collect(),
            sent: sent.collect(),
        };
        self.tell(Event::Stats(Box::new(stats)));
        Ok(())
    }
}

/// Lets `write` put packets into the part of `room` that leaves space for the seal.
fn compound(room: &mut [u8], write: impl FnOnce(&mut Writer<'_>) -> Option<()>) -> Option<usize> {
    let mut writer = Writer::new(room.get_mut(..COMPOUND_BYTES_MAX)?);
    write(&mut writer)?;
    Some(writer.len())
}

/// From the echo of our last report's time (RFC 3550 §6.4.1).
fn round_trip_us(since_1900: u64, report: &Report) -> Option<u64> {
    if report.echo == 0 {
        return None;
    }
    let [_, _, a, b, c, d, _, _] = us_to_ntp(since_1900).to_be_bytes();
    let now = u32::from_be_bytes([a, b, c, d]);
    let units = now.wrapping_sub(report.echo).wrapping_sub(report.delay);
    // More than 16 s: the clocks disagree.
    (units < 1 << 20).then(|| u64::from(units).saturating_mul(1_000_000) / 65_536)
}

fn low_32(number: u64) -> u32 {
    let [.., a, b, c, d] = number.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}
